"""Something that is done again and again, beside whatever else happens, for as long as a context lasts."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Repeated(ABC):
    """Use as a context. It is done in a thread of its own, where nothing else runs."""

    def __init__(self, name: str, *, pause_seconds: float) -> None:
        """The pause is before each time; ``name`` is the thread's."""
        self._pause_seconds = pause_seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    @abstractmethod
    def do(self) -> None:
        """Do it once."""

    def _go_on(self) -> None:
        while not self._is_over.wait(self._pause_seconds):
            self.do()
