"""A person of the crowd: a ``ChatClient`` with its outbox, its cursor and its reconnect, in one room."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from uuid import uuid4

from chatapp.client import ChatClient, FileToSend, Refused, call
from chatapp.client.mentions import EVERYBODY
from chatapp.client.wire import Event, Json
from chatapp.client.wire_socket import Listener, Socket
from chatapp.rooms.rules import RoomRules
from faults.history import Place, State, Unread
from faults.recorder import Recorder
from faults.remains import MARKER_BYTES, marked
from faults.states import state_of

NAMES_LIMIT = RoomRules(retention_ms=0).presence_names_limit
UNSENT_AT_MOST = 5  # in one person's outbox
IN_SECONDS = 30.0
FILE_BYTES = 50 * MARKER_BYTES


@dataclass(frozen=True, kw_only=True)
class Habits:
    """``calls`` is the share of what people say that calls somebody by name, ``files`` that with a file."""

    calls: float = 0.0
    files: float = 0.0


FEW_FILES = Habits(files=0.025)  # one a second of a crowd that says forty things in it


class Person:
    """``addresses`` are tried in turn. ``show`` is told what comes to the screen, with the name."""

    def __init__(
        self,
        name: str,
        room: str,
        addresses: Sequence[str],
        recorder: Recorder,
        *,
        habits: Habits | None = None,
        show: Callable[[str, Event], None] | None = None,
        token: str | None = None,
    ) -> None:
        self.name, self.room = name, room
        self._addresses = itertools.cycle(addresses)
        self._recorder = recorder
        self._habits = habits or Habits()
        self._numbers = itertools.count(1)
        self._random = Random()
        self.is_here = True
        self.client = ChatClient(
            next(self._addresses),
            name=name,
            token=token,
            device=name,
            on_event=partial(show or recorder.show, name),
            open_socket=self._open_socket,
        )
        self.client.on_change = partial(recorder.see, name)

    def come_in(self) -> None:
        self.client.connect(IN_SECONDS)
        self.client.join(self.room, IN_SECONDS)

    def go_out(self) -> None:
        self.is_here = False
        self.client.close()

    @property
    def id(self) -> str:
        return str(self.client.user["id"])

    def believes(self) -> set[str] | None:
        """The ids of those whom this client shows as present; nobody is asked. None: a crowd has no names."""
        presence = self.client.room(self.room).presence
        return self.client.take_turn(
            lambda: None if presence.count > NAMES_LIMIT else {user["id"] for user in presence.users}
        )

    def sees(self) -> dict[Place, State]:
        """What this client shows of the messages of its room."""
        room = self.client.room(self.room)
        return self.client.take_turn(
            lambda: {(self.room, row["seq"]): state_of(row["body"]) for row in room.messages}
        )

    def reads(self) -> None:
        """What this person has on the screen."""
        room = self.client.room(self.room)
        self.client.emit("read", {"room": self.room, "seq": self.client.take_turn(lambda: room.log.last)})

    def asks_what_is_unread(self) -> Unread:
        told: list[Json] = call(self.client.url, "GET", "/api/rooms", token=self.client.token)
        room = next(each for each in told if each["id"] == self.room)
        return Unread(user=self.id, room=self.room, read=room["read"], mentions=room["mentions"])

    def speak(self, more: str = "") -> str | None:
        """Its client id; None when this person has too much to say already."""
        if len(self.client.room(self.room).outbox.entries) >= UNSENT_AT_MOST:
            return None
        number = next(self._numbers)
        if self._random.random() < self._habits.files:
            return self._bring_file(f"{self.name} brings {number}{more} {self.marked_words(calls=0)}")
        words = f"{self.name} says {number}{more} {self.marked_words()}"
        return self.client.send(self.room, words, mentions=self.mentions_in(words))

    def _bring_file(self, words: str) -> str:
        """A small one, whose name and bytes can be found again."""
        client_id, content = str(uuid4()), marked(FILE_BYTES, self._random).encode()
        self._recorder.history.contents[client_id] = content
        file = FileToSend(source=content, name=f"notes {marked(MARKER_BYTES, self._random)}.txt")
        return self.client.send_file(self.room, file, content=words, client_id=client_id)

    def fetches(self, file_id: str) -> bytes | None:
        """Its bytes; None: there is nothing, or not for this person."""
        try:
            return self.client.fetch(file_id)
        except Refused:
            return None

    def marked_words(self, calls: float | None = None) -> str:
        """Words that can be found again; a share of them calls somebody, as is this person's habit."""
        words = marked(2 * MARKER_BYTES, self._random)
        share = self._habits.calls if calls is None else calls
        return f"{words} {self._call()}" if self._random.random() < share else words

    def mentions_in(self, words: str) -> list[Json]:
        return self.client.mentions_in(self.room, words) if "@" in words else []

    def _call(self) -> str:
        """By the name of somebody who is there, or by that of all."""
        users = self.client.room(self.room).presence.users
        names = self.client.take_turn(lambda: [user["name"] for user in users])
        return f"@{self._random.choice([*names, EVERYBODY['name']])}"

    def knows(self, head: int) -> bool:
        """True when nothing is left to send, and everything up to ``head`` is on the screen."""
        room = self.client.room(self.room)
        return self.client.take_turn(lambda: not room.outbox.entries and room.log.last >= head)

    def _open_socket(self, tell: Listener) -> Socket:
        auth: Json = {
            "token": self.client.token or "",
            "device": self.name,
            "client": "faults",
            "protocol": "1",
        }
        # The next one each time: whoever lost a node tries another.
        url = f"{next(self._addresses)}?room={self.room}"
        return self._recorder.open_socket(self.name, url, auth, tell)
