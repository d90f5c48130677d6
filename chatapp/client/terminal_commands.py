"""What one can do in a terminal, by its first word; whatever is none is refused with words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from chatapp.client.chat import ChatClient
from chatapp.client.room import ClientRoom
from chatapp.client.sign_in import Refused
from chatapp.client.terminal_lines import line_of, printable
from chatapp.client.wire import Event, Json

HELP = """/who             who is here
/more            what was said before
/search WORDS    what was said with these words, or with a “phrase”
/reply N TEXT    answer the message #N
/send PATH TEXT  send a file, with a text or without; quotes around a path with spaces
/open N          where a browser opens the files of the message #N, for ten minutes
/edit TEXT       give your last message another text
/delete [N]      take your last message back, or your message #N
/undo            no, keep it: within five seconds
/react EMOJI [N] react to the last message of somebody else, or to #N; again takes it back
@NAME            in a text calls somebody, @here all who are here
/help            this list
/quit            leave (so does Ctrl-D)"""


FOUND_LINES = 20


class NotUnderstood(Exception):
    """What would have been, for the person who typed."""


class Commands:
    def __init__(self, chat: ChatClient, room_id: str, say: Callable[[str], None]) -> None:
        self._chat = chat
        self._room_id = room_id
        self._say = say
        self._sent: str | None = None  # the client id of what was said last
        self._deletion: str | None = None  # the client id of the last one

    def talk(self, text: str) -> None:
        self._sent = self._chat.send(self._room_id, text, mentions=self._called(text))

    def _called(self, text: str) -> list[Json]:
        return self._chat.mentions_in(self._room_id, text)

    def carry_out(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        command = _COMMANDS.get(name)
        try:
            if command is None:
                raise NotUnderstood(f"There is no {printable(name)}. /help lists the commands.")
            command(self, rest.strip())
        except NotUnderstood as error:
            self._say(f"* {error}")
        except Refused as refused:
            self._say(f"* {refused}")

    @property
    def _room(self) -> ClientRoom:
        return self._chat.room(self._room_id)

    def who(self, _rest: str) -> None:
        presence = self._room.presence
        names = sorted(printable(user["name"]) for user in presence.users)
        self._say(f"* {presence.count} here: {', '.join(names)}")

    def more(self, _rest: str) -> None:
        if self._room.log.start == "more":
            self._chat.take_turn(self._room.older)
        else:
            self._say("* There is nothing before.")

    def search(self, words: str) -> None:
        """The newest stand last, as everything in a terminal."""
        if not words:
            raise NotUnderstood("Say /search, and the words to look for.")
        found = [*islice(self._chat.search(self._room_id, words), FOUND_LINES + 1)]
        for event in reversed(found[:FOUND_LINES]):
            self._say(line_of(event, self._chat.url, self._chat.user["id"]))
        if len(found) > FOUND_LINES:
            self._say(f"* These are the newest {FOUND_LINES}. With more words there are fewer.")
        elif not found:
            self._say("* Nothing was found.")

    def help(self, _rest: str) -> None:
        self._say(HELP)

    def reply(self, rest: str) -> None:
        number, _, text = rest.partition(" ")
        if not text.strip():
            raise NotUnderstood("Say /reply, the number of a message, and your answer.")
        text = text.strip()
        called = self._called(text)
        self._sent = self._chat.send(self._room_id, text, reply_to=_seq(number), mentions=called)

    def send(self, rest: str) -> None:
        path, text = _path_and_rest(rest)
        if not path:
            raise NotUnderstood("Say /send, the path of a file, and perhaps a text.")
        try:
            self._sent = self._chat.send_file(self._room_id, Path(path).expanduser(), content=text)
        except OSError as error:
            raise NotUnderstood(f"{printable(path)}: {error.strerror}.") from None

    def open(self, number: str) -> None:
        held = self._chat.take_turn(lambda: self._room.log.message_at(_seq(number)))
        uploads = held.event["body"].get("uploads", []) if held else []
        if not uploads:
            raise NotUnderstood("There are no files there.")
        try:
            for upload in uploads:
                self._say(f"* {printable(upload['name'])}: {self._chat.file_address(upload['id'])}")
        except ConnectionError as error:
            raise NotUnderstood(str(error)) from None

    def edit(self, text: str) -> None:
        if not text:
            raise NotUnderstood("Say /edit, and the text as it should be.")
        self._chat.edit(self._room_id, self._own(), text, mentions=self._called(text))

    def delete(self, number: str) -> None:
        self._deletion = self._chat.delete(self._room_id, _seq(number) if number else self._own())
        self._say("* It goes in five seconds. /undo keeps it." if self._deletion else "* It was not sent.")

    def undo(self, _rest: str) -> None:
        if self._deletion is None or not self._chat.undo(self._room_id, self._deletion):
            raise NotUnderstood("There is nothing to undo.")
        self._say("* It stays.")

    def react(self, rest: str) -> None:
        emoji, _, number = rest.partition(" ")
        if not emoji:
            raise NotUnderstood("Say /react, an emoji, and the number of a message if it is not the last.")
        seq = _seq(number) if number.strip() else self._last(is_own=False)
        if seq is None:
            raise NotUnderstood("There is no message of somebody else here.")
        has_it = emoji in self._chat.take_turn(lambda: self._room.mine(seq))
        self._chat.react(self._room_id, seq, emoji, on=not has_it)

    def _own(self) -> int | str:
        """One's last message: its seq, or the client id of one whose event is not here."""
        if self._sent is not None and self._chat.take_turn(self._is_on_its_way):
            return self._sent
        seq = self._last(is_own=True)
        if seq is None:
            raise NotUnderstood("There is no message of yours here.")
        return seq

    def _is_on_its_way(self) -> bool:
        room, client_id = self._room, self._sent or ""
        if client_id in room.sent:
            return room.log.message_at(room.sent[client_id]) is None
        return room.outbox.find(client_id) is not None

    def _last(self, *, is_own: bool) -> int | None:
        me = self._chat.user["id"]

        def is_meant(event: Event) -> bool:
            return (event["user"]["id"] == me) == is_own and "deleted" not in event["body"]

        messages = self._chat.take_turn(lambda: self._room.messages)
        return next((event["seq"] for event in reversed(messages) if is_meant(event)), None)


def _path_and_rest(text: str) -> tuple[str, str]:
    """A path in quotation marks may have spaces."""
    if text[:1] in ('"', "'") and (end := text.find(text[0], 1)) > 0:
        return text[1:end], text[end + 1 :].strip()
    path, _, rest = text.partition(" ")
    return path, rest.strip()


def _seq(text: str) -> int:
    digits = text.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise NotUnderstood(
            f"{printable(text)!r} is no number of a message: each has its own behind the time."
        )
    return int(digits)


_COMMANDS: dict[str, Callable[[Commands, str], None]] = {
    "/who": Commands.who,
    "/more": Commands.more,
    "/search": Commands.search,
    "/reply": Commands.reply,
    "/send": Commands.send,
    "/open": Commands.open,
    "/edit": Commands.edit,
    "/delete": Commands.delete,
    "/undo": Commands.undo,
    "/react": Commands.react,
    "/help": Commands.help,
}
