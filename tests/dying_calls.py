"""A port that lets its user die at one of their calls, before it or after it was done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Killed(BaseException):
    """As SIGKILL would end them: nothing of theirs catches it."""


class Life:
    """Of whoever uses what it wraps: they die at call number ``last``; odd ones are done before."""

    def __init__(self, last: int | None) -> None:
        self._left = last

    def wrap(self, port: Any) -> Any:
        return _Dying(port, self)

    def step(self) -> None:
        if self._left is not None:
            if self._left == 0:
                raise Killed
            self._left -= 1


class _Dying:
    def __init__(self, port: Any, life: Life) -> None:
        self._port = port
        self._life = life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **more: Any) -> Any:
            self._life.step()
            result = found(*args, **more)
            if isinstance(result, Iterator):
                result = iter(list(result))
            self._life.step()
            return result

        return call
