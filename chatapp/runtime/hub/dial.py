"""Calling another server: names are looked up and connections made on a real thread.

What comes back is for ``Stream``: a raw socket that never waits, with or without TLS.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol

from eventlet import patcher

_socket = patcher.original("socket")
# An ``ssl`` that was imported over the original ``socket``: once the world is patched, even the
# original one makes its sockets of the hub's, and refuses a plain one.
_ssl = patcher.import_patched("ssl", ("socket", _socket))


class Tls(Protocol):
    """Whom to believe, and who we are: names of PEM files. None: the system's authorities; nobody."""

    @property
    def ca_file(self) -> str | None: ...
    @property
    def certificate(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def is_verified(self) -> bool: ...
    @property
    def is_host_checked(self) -> bool: ...


def dial(address: str | tuple[str, int], *, timeout_seconds: float, tls: Tls | None = None) -> Any:
    """A connected socket; ``address`` is a path or host and port. Blocks: for a job on ``Threads``.

    Raises OSError, also for a certificate that does not convince.
    """
    raw = _connected(address, timeout_seconds)
    try:
        if tls is not None:
            raw = _Tls(_context(tls).wrap_socket(raw, server_hostname=address[0]))
        raw.setblocking(False)
    except BaseException:
        raw.close()
        raise
    return raw


def _connected(address: str | tuple[str, int], timeout_seconds: float) -> Any:
    if not isinstance(address, str):
        raw = _socket.create_connection(address, timeout_seconds)
        raw.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        return raw
    raw = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        raw.settimeout(timeout_seconds)
        raw.connect(address)
    except OSError:
        raw.close()
        raise
    return raw


def _context(tls: Tls) -> Any:
    context = _ssl.create_default_context(cafile=tls.ca_file)
    context.check_hostname = tls.is_host_checked
    context.verify_mode = _ssl.CERT_REQUIRED if tls.is_verified else _ssl.CERT_NONE
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context


class _Tls:
    """A TLS socket that says "not now" like any other, and keeps nothing back that it has decrypted.

    ``ended_by`` is the other side's last word: a certificate of ours that it does not want, say.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.ended_by: str | None = None

    def send(self, data: bytes | memoryview) -> int:
        try:
            sent: int = self._raw.send(data)
        except (_ssl.SSLWantWriteError, _ssl.SSLWantReadError):
            raise BlockingIOError from None
        except OSError:
            with suppress(OSError):
                self.recv(1)  # its last word may have come already
            raise
        return sent

    def recv(self, size: int) -> bytes:
        try:
            received: bytes = self._raw.recv(size)
            while pending := self._raw.pending():
                received += self._raw.recv(pending)
        except (_ssl.SSLWantReadError, _ssl.SSLWantWriteError):
            raise BlockingIOError from None
        except _ssl.SSLError as error:
            self.ended_by = str(error)
            raise
        return received

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)
