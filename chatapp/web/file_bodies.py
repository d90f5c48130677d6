"""The bytes of a file, on their way to whoever asked.

They are sent by the pump, beside the hub, which only fetches what is not in memory. What a client does not
take is not held for it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from chatapp.access import Served
from chatapp.files.port import ObjectMissing
from chatapp.files.ranges import Span
from chatapp.files.threaded import ThreadedFiles
from chatapp.files.units import UNIT_BYTES, Done, Unit, Units
from chatapp.runtime import Answer, HubScheduler, Pump, SharedBytes, SharedPiece, Turns

FIRST_BYTES = 16 * 1024  # they leave with the head
SENT_BYTES = 256 * 1024


class FileBodies:
    """Bodies of answers, made of units that all of them share."""

    def __init__(self, files: ThreadedFiles, scheduler: HubScheduler, pump: Pump) -> None:
        self._files = files
        self._pump = pump
        self.turns = Turns()  # of those who have been looked up
        self.units = Units(self._fetch, elapsed=scheduler.elapsed, call_later=scheduler.call_later)

    def first(self, served: Served, span: Span) -> bytes:
        """How the body begins; blocks the greenlet. Raises ``StorageUnavailable`` or ``ObjectMissing``."""
        source = FileSource(self.units, served, Span(span.start, min(span.end, span.start + FIRST_BYTES)))
        self._fetch_for(source)
        return bytes(source.piece() or b"")

    def body(self, served: Served, span: Span, first: bytes, answer: Answer | None) -> Iterator[bytes]:
        """For WSGI, which gets the first piece; the others go past it, if they can. Raises ``OSError``."""
        source = FileSource(self.units, served, Span(span.start + len(first), span.end))
        yield first
        del first
        while not source.is_over:
            try:
                self._fetch_for(source)
            except Exception as error:
                raise OSError("the bytes are not there: the connection ends before its answer") from error
            if answer is not None:
                answer.send_from(source, self._pump)
            elif (piece := source.piece()) is not None:
                source.sent(piece.size)
                yield bytes(piece)

    def _fetch_for(self, source: FileSource) -> None:
        """All who wait for a unit have it at the same moment; then each goes on when it is its turn."""
        if source.fetch():
            self.turns.wait()

    def _fetch(self, unit: Unit, done: Done) -> None:
        self._files.fetch(unit.object, unit.start, unit.start + UNIT_BYTES, done)


class FileSource:
    """Fulfils the pump's ``Source``: so much of a file as is wanted, out of what is in memory."""

    def __init__(self, units: Units, served: Served, span: Span) -> None:
        self._units = units
        self._parts = served.parts
        self._starts = [0, *accumulate(part.size for part in served.parts)][:-1]
        self._place, self._end = span
        self._fetched: tuple[Unit, SharedBytes] | None = None

    @property
    def is_over(self) -> bool:
        return self._place >= self._end

    def fetch(self) -> bool:
        """Have what comes next in memory, and say whether it had to be waited for, by this greenlet.

        Raises ``StorageUnavailable`` or ``ObjectMissing``.
        """
        unit, begin = self._unit_at(self._place)
        kept = self._units.kept(unit)
        data = self._units.get(unit) if kept is None else kept
        if len(data) <= begin:
            raise ObjectMissing(unit.object)
        self._fetched = (unit, data)  # in case it is dropped there before the pump comes to it
        return kept is None

    def piece(self) -> SharedPiece | None:
        """What comes next, in one unit; None: it is not in memory, or nothing does."""
        if self.is_over:
            return None
        unit, begin = self._unit_at(self._place)
        if self._fetched is not None and self._fetched[0] != unit:
            self._fetched = None
        data = self._fetched[1] if self._fetched is not None else self._units.kept(unit)
        if data is None or len(data) <= begin:
            return None
        return SharedPiece(data, begin, min(SENT_BYTES, self._end - self._place, len(data) - begin))

    def sent(self, size: int) -> None:
        self._place += size

    def let_go(self) -> None:
        self._fetched = None

    def _unit_at(self, place: int) -> tuple[Unit, int]:
        """The unit that has this byte, and where in it."""
        at = bisect_right(self._starts, place) - 1
        number, begin = divmod(place - self._starts[at], UNIT_BYTES)
        return Unit(self._parts[at].name, number), begin
