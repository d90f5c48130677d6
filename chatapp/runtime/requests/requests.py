"""What can be seen and done about a request's own connection while it is being answered."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from eventlet import patcher

_socket = patcher.original("socket")


def has_hung_up(environ: dict[str, Any]) -> bool:
    """Whether the client has already ended its side: nobody would read the answer."""
    try:
        return not _raw(environ).recv(1, _socket.MSG_PEEK | _socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def hang_up(environ: dict[str, Any]) -> None:
    """End the connection now: whoever writes the answer fails, and gives it up."""
    with suppress(OSError):  # the client may have been faster
        _raw(environ).shutdown(_socket.SHUT_RDWR)


def _raw(environ: dict[str, Any]) -> Any:
    return environ["eventlet.input"].get_socket().fd
