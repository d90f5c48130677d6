"""People who load one picture, as a program beside the crowd: all at once, again and again.

``python -m bench.loaders PORT PATH`` reads a line of tokens, a connection for each, loads until its stdin
ends, and prints as JSON what it was given. With a whole answer one goes on at once, over the same connection.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import threading
import time

_BUFFER_BYTES = 1 << 20
_HEAD_BYTES = 64 * 1024


class Loader:
    """One of them."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setblocking(False)
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
        self._request = "\r\n".join([*lines, "", ""]).encode()
        self._head = b""
        self._missing = 0

    def ask(self) -> None:
        self._head, self._missing = b"", -1
        self.socket.send(self._request)

    def take(self, piece: memoryview) -> tuple[int, bool]:
        """How much of it is of the body, and whether the answer is whole. Raises ``ValueError``."""
        if self._missing >= 0:
            self._missing -= len(piece)
            return len(piece), not self._missing
        self._head += bytes(piece[:_HEAD_BYTES])
        head, end, _ = self._head.partition(b"\r\n\r\n")
        if not end:
            return 0, False
        if not head.startswith(b"HTTP/1.1 200 "):
            raise ValueError(head.partition(b"\r\n")[0].decode())
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        begun = len(self._head) - len(head) - len(end) + max(0, len(piece) - _HEAD_BYTES)
        self._missing = int(fields[b"content-length"]) - begun
        return begun, not self._missing


class Loading:
    def __init__(self, loaders: list[Loader]) -> None:
        self._loaders = {loader.socket.fileno(): loader for loader in loaders}
        self._epoll = select.epoll()
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._is_over = threading.Event()
        self.bytes = self.files = 0
        self.refused: list[str] = []

    def run(self) -> float:
        """Until stdin ends; the seconds it took."""
        for fd, loader in self._loaders.items():
            self._epoll.register(fd, select.EPOLLIN)
            loader.ask()
        threading.Thread(target=self._wait_for_the_end, daemon=True).start()
        began_at = time.monotonic()
        while not self._is_over.is_set() and not self.refused:
            for fd, _ in self._epoll.poll(0.1):
                self._read(self._loaders[fd])
        return time.monotonic() - began_at

    def _read(self, loader: Loader) -> None:
        size = loader.socket.recv_into(self._buffer)
        try:
            taken, is_whole = loader.take(self._buffer[:size]) if size else (0, False)
        except ValueError as error:
            self.refused.append(str(error))
            return
        if not size:
            self.refused.append("the connection ended")
        self.bytes += taken
        if is_whole:
            self.files += 1
            loader.ask()

    def _wait_for_the_end(self) -> None:
        sys.stdin.read()
        self._is_over.set()


def main() -> None:
    os.nice(19)  # on the crowd's core, whose clock shall not wait for it
    port, path = int(sys.argv[1]), sys.argv[2]
    loading = Loading([Loader(port, path, token) for token in sys.stdin.readline().split()])
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for that
    seconds = loading.run()
    figures = {"bytes": loading.bytes, "files": loading.files, "seconds": seconds, "refused": loading.refused}
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
