"""Accepting connections, whatever accept(2) says.

Most of its errors belong to one connection that went away in the queue, or to a network that did, and
the next call may succeed at once. Without descriptors or memory it fails until somebody gives
some back: then it is asked again a little later. Only when the listening socket itself is gone it is
over, and that is told.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from typing import Any

from eventlet import hubs

from chatapp.runtime.hub.hub import run_logged

log = logging.getLogger(__name__)

ACCEPTED_A_TURN = 64
PAUSE_SECONDS = 0.05
# By the name under which it is counted.
OUT_OF_RESOURCES = ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")
OF_ONE_CONNECTION = (
    *("ECONNABORTED", "ECONNRESET", "EPROTO", "EPERM", "ENETDOWN", "ENOPROTOOPT", "EHOSTDOWN", "ENONET"),
    *("EHOSTUNREACH", "EOPNOTSUPP", "ENETUNREACH", "ETIMEDOUT"),
)
OTHER = "other"
ERRORS = (*OUT_OF_RESOURCES, *OF_ONE_CONNECTION, OTHER)
_NAMES = {getattr(errno, name): name for name in ERRORS if hasattr(errno, name)}
_OVER = (errno.EBADF, errno.ENOTSOCK, errno.EINVAL)


class Acceptor:
    """``on_accepted`` gets each connection with its peer's address; ``on_failed`` the name of an error.

    ``on_over`` is called once, when nobody can come in any more and ``stop`` was not asked for.
    """

    def __init__(
        self,
        listener: Any,
        on_accepted: Callable[[Any, Any], object],
        on_failed: Callable[[str], object],
        on_over: Callable[[OSError], object],
    ) -> None:
        self._listener = listener
        self._on_accepted = on_accepted
        self._on_failed = on_failed
        self._on_over = on_over
        self._listening: Any = None
        self._pause: Any = None

    def start(self) -> None:
        hub = hubs.get_hub()
        self._pause = None
        self._listening = hub.add(hub.READ, self._listener.fileno(), self._on_readable, _ignore, None)

    def stop(self) -> None:
        """Let nobody in any more. The listening socket stays the caller's."""
        if self._listening is not None:
            hubs.get_hub().remove(self._listening)
            self._listening = None
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    def _on_readable(self, _fd: int) -> None:
        for _ in range(ACCEPTED_A_TURN):
            if self._listening is None:  # the hub still calls what was removed in the same turn
                return
            try:
                accepted, peer = self._accept()
            except BlockingIOError:
                return
            except OSError as error:
                if not self._goes_on_after(error):
                    return
            else:
                run_logged(self._on_accepted, accepted, peer)

    def _accept(self) -> tuple[Any, Any]:
        accepted, peer = self._listener.accept()
        hubs.notify_opened(accepted.fileno())
        accepted.setblocking(False)
        return accepted, peer

    def _goes_on_after(self, error: OSError) -> bool:
        if error.errno in _OVER:
            self.stop()
            self._on_over(error)
            return False
        name = _NAMES.get(error.errno or 0, OTHER)
        log.warning("a connection could not be accepted: %s", error.strerror or error)
        run_logged(self._on_failed, name)
        if name in OF_ONE_CONNECTION:
            return True
        self.stop()
        self._pause = hubs.get_hub().schedule_call_global(PAUSE_SECONDS, self.start)
        return False


def _ignore(*_: object) -> None:
    """The hub wants somebody to tell that a descriptor was closed; nobody waits here."""
