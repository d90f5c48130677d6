"""A crowd: many people who write without pause, and a log that must have every word of them.

They are our own client, outbox and all: what a node loses in the middle of it, they send again.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any

from chatapp.client import ChatClient
from tests.running import RunningNode

Json = dict[str, Any]

_A_PAUSE_SECONDS = 0.1


class Crowd:
    """``size`` people in one room. Use as a context, then ``write`` and ``write_through``."""

    def __init__(self, node: RunningNode, room: str, size: int) -> None:
        self.room = room
        self._node = node
        self._people = [ChatClient(node.url, name=f"Person {n}") for n in range(size)]
        self._heard: list[list[int]] = [[] for _ in self._people]
        self._written: list[dict[str, str]] = [{} for _ in self._people]  # client id: content, in order
        self._numbers = itertools.count()

    def __enter__(self) -> Crowd:
        for person, heard in zip(self._people, self._heard, strict=True):
            person.on_event = partial(_note, heard)
            person.connect()
            person.join(self.room)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for person in self._people:
            person.close()

    def write(self, each: int) -> None:
        """Everybody puts so many messages into their outbox, at once."""
        for _ in range(each):
            for person, written in zip(self._people, self._written, strict=True):
                content = f"number {next(self._numbers)}"
                written[person.send(self.room, content)] = content

    def write_through(self, end: Callable[[], object], after: int) -> dict[str, int]:
        """Everybody writes on while the node ends, ``after`` so many acks, and is started again.

        Then all is stored and everybody has heard it. Given is what was acked before it was back.
        """
        with self._writing_on():
            self._wait_acked(after)
            end()
            acked_before = self._acked()
            self._node.start()

        self._settle()
        assert acked_before.items() <= self._acked().items(), "no ack was taken back"
        return acked_before

    @property
    def written(self) -> int:
        return sum(map(len, self._written))

    @contextmanager
    def _writing_on(self) -> Iterator[None]:
        """Everybody goes on writing until the block is left: what happens there is in the middle of it."""
        is_over = threading.Event()

        def write_on() -> None:
            while not is_over.wait(_A_PAUSE_SECONDS):
                self.write(1)

        writer = threading.Thread(target=write_on)
        writer.start()
        try:
            yield
        finally:
            is_over.set()
            writer.join()

    def _acked(self) -> dict[str, int]:
        """The seq of every message that was acked so far, by client id."""
        acked: dict[str, int] = {}
        for person in self._people:
            sent = person.room(self.room).sent
            acked |= person.take_turn(partial(dict[str, int], sent))
        return acked

    def _wait_acked(self, at_least: int, seconds: float = 20) -> dict[str, int]:
        ends_at = time.monotonic() + seconds
        while len(acked := self._acked()) < at_least:
            assert time.monotonic() < ends_at, f"{len(acked)} of {at_least} were acked"
            time.sleep(0.005)
        return acked

    def _settle(self, seconds: float = 40) -> None:
        """Wait until all is stored and everybody has heard it; then the log must be right."""
        total = self.written
        acked = self._wait_acked(total, seconds)
        for person, heard in zip(self._people, self._heard, strict=True):
            person.wait_for(partial(_has, heard, total), seconds)

        log = self._log()
        assert [event["seq"] for event in log] == list(range(1, total + 1)), "gapless, each once"
        by_id = {event["client_id"]: event for event in log}
        assert {client_id: by_id[client_id]["seq"] for client_id in acked} == acked
        assert Counter(event["body"]["content"] for event in log).most_common(1)[0][1] == 1
        for written in self._written:
            stored = [event["body"]["content"] for event in log if event["client_id"] in written]
            assert stored == list(written.values()), "one person's messages in their order"
        for heard in self._heard:
            assert heard == list(range(1, total + 1)), "everybody heard each once, in order"

    def _log(self) -> list[Json]:
        events: list[Json] = []
        headers = {"Authorization": f"Bearer {self._people[0].token}"}
        while True:
            after = events[-1]["seq"] if events else 0
            page = json.loads(
                self._node.get(f"/api/rooms/{self.room}/events?after={after}&limit=200", headers)
            )
            events += page["events"]
            if not page["more_after"]:
                return events


def _note(heard: list[int], event: Json) -> None:
    heard.append(event["seq"])


def _has(heard: list[int], total: int) -> bool:
    return len(heard) >= total
