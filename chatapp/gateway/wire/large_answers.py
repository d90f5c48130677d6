"""Large answers over HTTP, while they are on their way: they count among the held bytes.

A page of history can be asked for by HTTP as well, and not be read as well. What fits the buffers of
the system is not worth counting, and neither are the files that pages are made of: they are streamed, or
in memory once for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from werkzeug.wsgi import ClosingIterator

from chatapp.limits.held import HeldBytes
from chatapp.runtime import hang_up

LARGE_BYTES = 65_536
_MADE_FOR_ONE = ("application/json", "text/html", "text/plain")

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LargeAnswers:
    """Wraps the WSGI application; whoever is cut loses the connection in the middle of the answer."""

    def __init__(self, app: WsgiApp, held: HeldBytes, address_of: Callable[[dict[str, Any]], str]) -> None:
        self._app = app
        self._held = held
        self._address_of = address_of

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        told: int | None = None  # what is made for this client alone

        def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal told
            told = _size_told(headers)
            return start_response(status, headers, exc_info)

        answer = self._app(environ, listen)
        size = sum(map(len, answer)) if isinstance(answer, list) and told is not None else told or 0
        if size < LARGE_BYTES or environ["REQUEST_METHOD"] == "HEAD":
            return answer
        holder = self._held.holder(self._address_of(environ), partial(hang_up, environ))
        holder.change(size)
        release = partial(holder.change, -size)
        return _Counted(answer, release) if isinstance(answer, list) else ClosingIterator(answer, [release])


def _size_told(headers: list[tuple[str, str]]) -> int | None:
    """None: it is one of the files. What people have sent can be had in ranges, and is not held either."""
    known = {name.lower(): value for name, value in headers}
    if "accept-ranges" in known or not known.get("content-type", "").startswith(_MADE_FOR_ONE):
        return None
    return int(known.get("content-length", 0))


class _Counted(list[bytes]):
    """A list still: the server takes the answer's length from it."""

    def __init__(self, answer: list[bytes], release: Callable[[], object]) -> None:
        super().__init__(answer)
        self.close = release
