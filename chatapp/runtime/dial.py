"""Calling another server: names are looked up and connections made on a real thread.

What comes back is for ``Stream``: a raw socket that never waits, with or without TLS.
"""

from __future__ import annotations

from typing import Any

from eventlet import patcher

_socket = patcher.original("socket")
_ssl = patcher.original("ssl")


def dial(address: str | tuple[str, int], *, timeout_seconds: float, is_tls: bool = False) -> Any:
    """A connected socket; ``address`` is a path or host and port. Blocks: for a job on ``Threads``.

    Raises OSError.
    """
    if isinstance(address, str):
        raw = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        raw.settimeout(timeout_seconds)
        raw.connect(address)
    else:
        raw = _socket.create_connection(address, timeout_seconds)
        raw.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    if is_tls:
        raw = _Tls(_ssl.create_default_context().wrap_socket(raw, server_hostname=address[0]))
    raw.setblocking(False)
    return raw


class _Tls:
    """A TLS socket that says "not now" like any other, and keeps nothing back that it has decrypted."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def send(self, data: bytes | memoryview) -> int:
        try:
            sent: int = self._raw.send(data)
        except (_ssl.SSLWantWriteError, _ssl.SSLWantReadError):
            raise BlockingIOError from None
        return sent

    def recv(self, size: int) -> bytes:
        try:
            received: bytes = self._raw.recv(size)
            while pending := self._raw.pending():
                received += self._raw.recv(pending)
        except (_ssl.SSLWantReadError, _ssl.SSLWantWriteError):
            raise BlockingIOError from None
        return received

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)
