"""A chat in a terminal: what others say scrolls by, what one types goes out with Enter.

It says in words what the connection does, and needs no attention when it breaks: what was typed
meanwhile is sent, and what was missed is shown, once it is back.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

from chatapp.client.chat import ChatClient
from chatapp.client.sign_in import Refused
from chatapp.client.wire import Event

HELP = """/who        who is here
/more       what was said before
/help       this list
/quit       leave (so does Ctrl-D)"""

_WORDS = {
    "connecting": "connecting …",
    "waiting": "connection lost; trying again",
    "signed_out": "signed out",
    "refused": "the server does not let us in",
}

# As wide as the time at the head of a line: nobody forges a line by breaking their own.
_CONTINUED = "\n      "


class Terminal:
    def __init__(self, chat: ChatClient, room_id: str, out: TextIO) -> None:
        self._chat = chat
        self._room_id = room_id
        self._out = out
        self._was_lost = False
        chat.on_event = self._show
        chat.on("status", self._status)
        chat.on("notice", lambda notice: self._say(f"* {_printable(notice['text'])}"))

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
                self._command(text)
            elif text.strip():
                self._chat.send(self._room_id, text)
        self._finish()
        return 0

    def _finish(self) -> None:
        """What was typed last is given a moment to arrive."""
        outbox = self._chat.room(self._room_id).outbox
        with suppress(TimeoutError):
            self._chat.wait_for(
                lambda: all(e.state in {"failed", "old", "paused"} for e in outbox.entries), timeout=5
            )
        for entry in outbox.entries:
            self._say(f"! not sent: {entry.content}")
        if self._chat.status == "online":
            self._chat.leave(self._room_id)  # on purpose, so the others need not wait whether we come back

    def _command(self, command: str) -> None:
        room = self._chat.room(self._room_id)
        match command:
            case "/who":
                names = sorted(_printable(user["name"]) for user in room.presence.users)
                self._say(f"* {room.presence.count} here: {', '.join(names)}")
            case "/more":
                if room.log.start == "more":
                    self._chat.take_turn(room.older)
                else:
                    self._say("* There is nothing before.")
            case "/help":
                self._say(HELP)
            case _:
                self._say(f"* There is no {command.split(maxsplit=1)[0]}. /help lists the commands.")

    def _show(self, event: Event) -> None:
        at = time.strftime("%H:%M", time.localtime(event["ts"] / 1000))
        name, content = event["user"]["name"], event["body"]["content"]
        self._say(f"{at} {_printable(name)}: {_printable(content)}".replace("\n", _CONTINUED))

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


def _printable(text: Any) -> str:
    """Without escape sequences: nobody repaints somebody else's terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in str(text))
