"""Bodies of files, for those who read slowly: what they hold while they wait."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from chatapp.files.ranges import Span
from chatapp.files.units import UNIT_BYTES
from chatapp.store.uploads import UploadPart
from chatapp.web.file_bodies import FIRST_BYTES, FileBodies

SIZE = 2 * UNIT_BYTES


class Fetched(bytearray):
    """A unit that can be seen to go."""


class Client:
    """Takes all that it is sent; before that it is seen what is held for it."""

    def __init__(self, held: Callable[[], int]) -> None:
        self._held = held
        self.held_while_waiting: list[int] = []
        self.received = 0

    def wait_for_room(self) -> None:
        self.held_while_waiting.append(self._held())

    def send_some(self, data: memoryview) -> int:
        self.received += len(data)
        return len(data)


def test_who_waits_for_a_slow_client_holds_no_unit() -> None:
    """What is kept for all is bounded; of what a body held beside it there would be one for each client."""
    fetched: list[weakref.ref[Fetched]] = []

    def submit(_job: object, done: Callable[[Any], None]) -> None:
        unit = Fetched(UNIT_BYTES)
        fetched.append(weakref.ref(unit))
        done(unit)

    scheduler = SimpleNamespace(elapsed=lambda: 0.0, call_later=lambda _seconds, _call: None)
    bodies = FileBodies(cast(Any, SimpleNamespace(submit=submit)), cast(Any, scheduler))
    served = cast(Any, SimpleNamespace(parts=(UploadPart("a/0", SIZE),)))

    def held() -> int:
        bodies.units._kept.clear()  # as after a few seconds
        return sum(unit() is not None for unit in fetched)

    client = Client(held)
    first = bodies.first(served, Span(0, SIZE))
    assert list(bodies.body(served, Span(0, SIZE), first, cast(Any, client))) == [bytes(FIRST_BYTES)]

    assert client.received == SIZE - FIRST_BYTES
    assert not any(client.held_while_waiting)
    assert len(fetched) > 2
