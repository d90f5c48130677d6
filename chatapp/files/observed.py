"""Objects of which is known how it went, by whoever is to tell of an outage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.files.port import CHUNK, Objects, StorageRefused, Stored, in_pieces


class ObservedObjects:
    """Fulfils ``Objects`` by another."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._seen: list[str | None] = []

    def seen(self) -> list[str | None]:
        """Since it was last asked, in order and each only where it changed: a trouble, or None: it worked."""
        seen, self._seen = self._seen, []
        return seen

    def put(self, name: str, data: bytes) -> None:
        with self._watched():
            self._objects.put(name, data)

    def put_alone(self, name: str, data: bytes) -> bool:
        with self._watched():
            return self._objects.put_alone(name, data)

    def get(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        with self._watched():
            return self._objects.get(name, start, end)

    def read(self, name: str, start: int, end: int, chunk: int = CHUNK) -> Iterator[bytes]:
        return in_pieces(self, name, start, end, chunk)

    def delete(self, names: Iterable[str]) -> None:
        with self._watched():
            self._objects.delete(names)

    def names(self, prefix: str = "") -> Iterator[Stored]:
        with self._watched():
            yield from self._objects.names(prefix)

    def refusal(self) -> str | None:
        with self._watched():
            return self._objects.refusal()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except (StorageFull, StorageUnavailable) as error:
            self._note(_words(error))
            raise
        self._note(None)

    def _note(self, trouble: str | None) -> None:
        if not self._seen or self._seen[-1] != trouble:
            self._seen.append(trouble)


def _words(error: StorageFull | StorageUnavailable) -> str:
    """What the store said, in one line."""
    if isinstance(error, StorageRefused):
        return error.why
    lines = [line for line in str(error.__cause__ or error).splitlines() if line.strip()]
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
