"""The bytes of a file, on their way to whoever asked.

What a client does not take is not held for it: the answer waits until the client has room, and only then
looks for the next piece. A thousand who are sent a file at once have a moment of each turn of the hub between
them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from chatapp.files.port import ObjectMissing
from chatapp.files.ranges import Span
from chatapp.files.serving import Served
from chatapp.files.threaded import ThreadedFiles
from chatapp.files.units import UNIT_BYTES, Done, Unit, Units
from chatapp.runtime import Answer, HubScheduler, Turns

FIRST_BYTES = 16 * 1024  # they leave with the head
SENT_BYTES = 64 * 1024


class FileBodies:
    """Bodies of answers, made of units that all of them share."""

    def __init__(self, files: ThreadedFiles, scheduler: HubScheduler) -> None:
        self._files = files
        self._turns = Turns()
        self.units = Units(self._fetch, elapsed=scheduler.elapsed, call_later=scheduler.call_later)

    def first(self, served: Served, span: Span) -> bytes:
        """How the body begins; blocks the greenlet, and comes when it is its turn to be answered.

        Raises ``StorageUnavailable`` or ``ObjectMissing``.
        """
        piece = bytes(self._piece(_Places(served), span.start, min(span.end, span.start + FIRST_BYTES)))
        self._turns.wait()
        return piece

    def body(self, served: Served, span: Span, first: bytes, answer: Answer | None) -> Iterator[bytes]:
        """For WSGI, which gets the first piece; the others go past it, if they can. Raises ``OSError``."""
        places, place = _Places(served), span.start + len(first)
        yield first
        del first
        while place < span.end:
            if answer is not None:
                answer.wait_for_room()
            try:
                piece = self._piece(places, place, min(span.end, place + SENT_BYTES))
            except Exception as error:
                raise OSError("the bytes are not there: the connection ends before its answer") from error
            self._turns.wait()
            if answer is not None:
                place += answer.send_some(piece)
            else:
                place += len(piece)
                yield bytes(piece)
            del piece  # or its whole unit would be held for each client, until that has room

    def _piece(self, places: _Places, start: int, end: int) -> memoryview:
        """What there is from ``start`` on, in one unit, up to ``end``."""
        unit, begin = places.unit_at(start)
        piece = memoryview(self.units.get(unit))[begin : begin + end - start]
        if not piece:
            raise ObjectMissing(unit.object)
        return piece

    def _fetch(self, unit: Unit, done: Done) -> None:
        self._files.submit(
            lambda state: state.objects.get(unit.object, unit.start, unit.start + UNIT_BYTES), done
        )


class _Places:
    """Where each byte of a file is."""

    def __init__(self, served: Served) -> None:
        self._parts = served.parts
        self._starts = [0, *accumulate(part.size for part in served.parts)][:-1]

    def unit_at(self, place: int) -> tuple[Unit, int]:
        """The unit that has this byte, and where in it."""
        at = bisect_right(self._starts, place) - 1
        number, begin = divmod(place - self._starts[at], UNIT_BYTES)
        return Unit(self._parts[at].name, number), begin
