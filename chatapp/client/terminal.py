"""A chat in a terminal: what others say scrolls by, what one types goes out with Enter.

It says in words what the connection does, and needs no attention when it breaks: what was typed
meanwhile is sent, and what was missed is shown, once it is back.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO
from urllib.parse import unquote, urlsplit

from chatapp.client.chat import ChatClient
from chatapp.client.outbox import Outbox
from chatapp.client.outgoing_files import lacks_files
from chatapp.client.sign_in import Refused
from chatapp.client.terminal_commands import HELP, Commands
from chatapp.client.terminal_lines import change_of, line_of, printable, size_of
from chatapp.client.wire import Event, Json

_LARGE = 1_000_000

_WORDS = {
    "connecting": "connecting …",
    "waiting": "connection lost; trying again",
    "signed_out": "signed out",
    "refused": "the server does not let us in",
}


class Terminal:
    def __init__(self, chat: ChatClient, room_id: str, out: TextIO) -> None:
        self._chat = chat
        self._room_id = room_id
        self._out = out
        self._was_lost = False
        self._bodies: dict[int, Json] = {}  # as they were told last
        self._tenths: dict[str, int] = {}  # of each file on its way, how far one has been told
        self._commands = Commands(chat, room_id, self._say)
        chat.on_event = self._show
        chat.on_change = self._changed
        chat.on_refused = self._refused
        chat.on_progress = self.progressed
        chat.on("status", self._status)
        chat.on("notice", lambda notice: self._say(f"* {printable(notice['text'])}"))

    def run(self, typed: TextIO) -> int:
        """Until the input ends or says so; the exit code."""
        room = self._chat.join(self._room_id)
        name = self._chat.user["name"]
        self._say(
            f"* You are {name} in {room.id}, with {room.presence.count} here. /help lists the commands."
        )
        for line in typed:
            text = line.rstrip("\n")
            if text == "/quit":
                break
            if text.startswith("/"):
                self._commands.carry_out(text)
            elif text.strip():
                self._commands.talk(text)
        self._finish()
        return 0

    def _finish(self) -> None:
        """What was typed last is given a moment to arrive."""
        room = self._chat.room(self._room_id)
        self._chat.take_turn(room.flush)
        with suppress(TimeoutError):
            seconds = 600 if any(map(lacks_files, room.outbox.entries)) else 5
            self._chat.wait_for(lambda: not room.outbox.reactions and _is_settled(room.outbox), seconds)
        for entry in room.outbox.entries:
            names = ", ".join(file["name"] for file in entry.files or ())
            self._say(f"! not sent: {entry.content or printable(names) or entry.kind}")
        if self._chat.status == "online":
            self._chat.leave(self._room_id)  # on purpose, so the others need not wait whether we come back

    def _show(self, event: Event) -> None:
        self._bodies[event["seq"]] = event["body"]
        self._say(line_of(event, self._chat.url, self._chat.user["id"]))

    def _changed(self, event: Event) -> None:
        before = self._bodies.get(event["seq"], {})
        self._bodies[event["seq"]] = event["body"]
        if line := change_of(event, before, self._chat.url, self._chat.user["id"]):
            self._say(line)

    def _refused(self, _client_id: str, refusal: Json) -> None:
        self._say(f"! not stored: {printable(refusal.get('message') or refusal['code'])}")

    def progressed(self, _client_id: str, file: Json, sent: int) -> None:
        """So much of a file is with the server: told of a large one at every fifth, of others at the end."""
        tenths = 10 * sent // file["size"] if file["size"] else 10
        step = 2 if file["size"] > _LARGE else 10
        if tenths // step > self._tenths.get(file["key"], 0) // step:
            self._tenths[file["key"]] = tenths
            done = f"{10 * tenths} % of {size_of(file['size'])}" if tenths < 10 else size_of(file["size"])
            self._say(f"* {printable(file['name'])}: {done} sent")

    def _status(self, status: str) -> None:
        if status == "waiting" and not self._was_lost:
            self._was_lost = True
            self._say(f"* {_WORDS[status]}")
        elif status == "online" and self._was_lost:
            self._was_lost = False
            self._say("* connected again")
        elif status in {"signed_out", "refused"}:
            self._say(f"* {_WORDS[status]}")

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)


def _is_settled(outbox: Outbox) -> bool:
    return all(entry.state in {"failed", "conflict", "old", "paused"} for entry in outbox.entries)


def main(
    arguments: Sequence[str] | None = None,
    typed: TextIO = sys.stdin,
    out: TextIO = sys.stdout,
    *,
    prog: str = "python -m chatapp.client",
) -> int:
    options = _options(arguments, prog)
    url, room_id = _address(options.address)
    if room_id is None:
        print(f"{options.address} names no room: it ends in /chat/<room>.", file=sys.stderr)
        return 2
    with ChatClient(url, name=options.name, token=options.token, transports=options.transports) as chat:
        try:
            return Terminal(chat, room_id, out).run(typed)
        except Refused as refused:
            free = refused.error.get("suggestion")
            print(f"Not connected: {refused}{f' Free is: {free}' if free else ''}", file=sys.stderr)
        except ConnectionError as error:
            print(f"Not connected: {error}", file=sys.stderr)
        except TimeoutError:
            print(f"Not connected: {url} does not answer.", file=sys.stderr)
        except KeyboardInterrupt:
            return 130
    return 1


def _options(arguments: Sequence[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Chat in a terminal.",
        epilog=f"commands:\n{HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "address", help="the room's address, as a browser has it: http://127.0.0.1:8000/chat/lobby"
    )
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--name", help="the name to be known by")
    who.add_argument("--token", help="the token of a former sign-in, instead of a name")
    parser.add_argument(
        "--polling",
        dest="transports",
        action="store_const",
        const=("polling",),
        default=("websocket",),
        help="where WebSockets are blocked",
    )
    return parser.parse_args(arguments)


def _address(address: str) -> tuple[str, str | None]:
    """The server, and the room if there is one."""
    parts = urlsplit(address)
    server, is_room, room = parts.path.rpartition("/chat/")
    if not is_room:
        server, room = room.rstrip("/"), ""
    return f"{parts.scheme}://{parts.netloc}{server}", unquote(room.strip("/")) or None
