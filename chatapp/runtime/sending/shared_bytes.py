"""Bytes that many are sent at the same time, without a copy for each.

On Linux they lie in a file in memory (``memfd_create``), which the system sends from by itself
(``sendfile``): the processor copies nothing, and the interpreter is free meanwhile. Elsewhere, or where no
descriptor is to be had, they are ordinary bytes.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from chatapp.runtime.bounds.descriptors import Descriptors


class SharedBytes:
    """They go with the last who holds them. Any thread may use them."""

    __slots__ = ("_data", "_file", "_size")

    def __init__(self, data: bytes) -> None:
        self._size = len(data)
        self._file = _in_memory(data)
        self._data = data if self._file is None else b""

    def __len__(self) -> int:
        return self._size

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)

    def __bytes__(self) -> bytes:
        return self.read(0, self._size)

    def read(self, begin: int, end: int) -> bytes:
        """A copy."""
        end = min(end, self._size)
        if self._file is None:
            return self._data[begin:end]
        return os.pread(self._file, max(end - begin, 0), begin)

    def send(self, socket: Any, begin: int, size: int) -> int:
        """How much of it the system has taken. Raises ``BlockingIOError`` where it has no room."""
        if self._file is None:
            sent: int = socket.send(memoryview(self._data)[begin : begin + size])
            return sent
        return os.sendfile(socket.fileno(), self._file, begin, size)


class SharedPiece(NamedTuple):
    """A part of them."""

    of: SharedBytes
    begin: int
    size: int

    def __bytes__(self) -> bytes:
        return self.of.read(self.begin, self.begin + self.size)

    def send(self, socket: Any) -> int:
        return self.of.send(socket, self.begin, self.size)


def _in_memory(data: bytes) -> int | None:
    if not hasattr(os, "memfd_create") or not data:
        return None
    try:
        file = os.memfd_create("chat-file", os.MFD_CLOEXEC)
    except OSError:  # no descriptor is left, or no memory
        return None
    try:
        # The last descriptors are for the database and the disk.
        if not Descriptors.of_this_process().are_short(file) and os.write(file, data) == len(data):
            return file
    except OSError:
        pass
    os.close(file)
    return None
