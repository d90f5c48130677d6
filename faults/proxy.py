"""A TCP proxy of our own: for cuts, black holes and half-open connections.

It stands between two who talk and passes on what they say, until it is told otherwise: to *cut*
(both sides are reset), to *swallow* (both sides stay open and hear nothing more), to *refuse* (who
comes is sent away). A *trap* sees each piece before it is passed on and may spring at what it sees.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

_PIECE = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset, as a vanished peer's kernel would

Trap = Callable[[int, bytes], bool]
"""Sees what a client says, and on which line; True: pass it on, and then nothing more either way."""


class Proxy:
    """Use as a context. ``upstream`` is a port of this machine, or the path of a Unix socket."""

    def __init__(self, upstream: int | Path) -> None:
        self._upstream = upstream
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._lines: set[_Line] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.is_swallowing = False
        self.is_refusing = False
        self.trap: Trap | None = None
        self.connections = 0  # ever
        self.cuts = 0

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def open(self) -> int:
        return len(self._lines)

    def cut(self) -> int:
        """Reset every connection there is; how many they were."""
        count: int = self._call(self._cut())
        return count

    def swallow(self) -> None:
        """A black hole from now on; who comes is let in and hears nothing either."""
        self.is_swallowing = True

    def heal(self) -> None:
        """Pass on again. What was swallowed is lost, so what stood in the hole is cut."""
        self.is_swallowing = self.is_refusing = False
        self.trap = None
        self._call(self._cut(only_damaged=True))

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        while self._lines:
            await asyncio.sleep(0.01)

    async def _cut(self, *, only_damaged: bool = False) -> int:
        lines = [line for line in self._lines if line.is_damaged or not only_damaged]
        for line in lines:
            line.reset()
        self.cuts += len(lines)
        return len(lines)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        line = _Line(self, writer, self.connections)
        if self.is_refusing:
            line.reset()
            return
        self._lines.add(line)
        try:
            with suppress(OSError):
                await line.carry(reader, *await self._reach())
        finally:
            line.reset()
            self._lines.discard(line)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, Path):
            return await asyncio.open_unix_connection(str(self._upstream))
        return await asyncio.open_connection("127.0.0.1", self._upstream)


class _Line:
    """One connection, in both directions."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter, number: int) -> None:
        self._proxy = proxy
        self._number = number
        self._writers = [client]
        self._over = asyncio.Event()
        self.is_damaged = False  # something that was said on it was swallowed

    async def carry(
        self, client: asyncio.StreamReader, server: asyncio.StreamReader, to_server: asyncio.StreamWriter
    ) -> None:
        """Until either side has ended; a half-closed connection is of no use to anybody here."""
        self._writers.append(to_server)
        ways = [
            asyncio.ensure_future(self._pass_on(client, to_server, is_client=True)),
            asyncio.ensure_future(self._pass_on(server, self._writers[0], is_client=False)),
            asyncio.ensure_future(self._over.wait()),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    def reset(self) -> None:
        self._over.set()
        for writer in self._writers:
            ours = writer.get_extra_info("socket")
            if ours is not None and ours.family == socket.AF_INET:
                with suppress(OSError):
                    ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, is_client: bool
    ) -> None:
        while piece := await source.read(_PIECE):
            if self.is_damaged or self._proxy.is_swallowing:
                self.is_damaged = True
                continue
            trap = self._proxy.trap
            self.is_damaged = bool(is_client and trap is not None and trap(self._number, piece))
            target.write(piece)
            await target.drain()
        if self.is_damaged:
            await self._over.wait()  # the other side must not learn of the end
