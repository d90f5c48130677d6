"""The HTTP server, with the defaults and the bounds that a chat needs.

It listens from the moment it is built, so that a taken port is known before anything else is
started. ``run`` returns when ``stop`` is called, whatever connections are still open: ending those
politely is the work of whoever calls ``stop``. A connection passes through ``Acceptor`` and
``Arrivals`` on the hub; a greenlet, and the application, it costs for each whole request.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.green import socket
from eventlet.greenio import GreenSocket

from chatapp.runtime.bodies.reception import Reception
from chatapp.runtime.bounds.bounds import Bounds, Meter
from chatapp.runtime.bounds.descriptors import Descriptors
from chatapp.runtime.bounds.shares import Shares
from chatapp.runtime.hub.interpreter import tune_interpreter
from chatapp.runtime.hub.scheduler import Promise
from chatapp.runtime.requests.gathering import Request
from chatapp.runtime.server.accepting import OUT_OF_RESOURCES, Acceptor
from chatapp.runtime.server.answering import Answer, Answering
from chatapp.runtime.server.arrivals import KEEPALIVE_SECONDS, Arrival, Arrivals
from chatapp.runtime.server.queueing import Queue
from chatapp.runtime.server.receiving import Receptions

log = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

BACKLOG = 4096
SEND_BUFFER_BYTES = 128 * 1024  # Linux makes it twice as much, for its own bookkeeping
MADE_ROOM_FOR = 16  # others, each time that the system has no descriptor left


class CannotListen(Exception):
    """The address cannot be had; the message is a sentence for the person who started the node."""


class AcceptingEnded(Exception):
    """Nobody can come in any more; the message is a sentence for whoever keeps the node running."""


class Unmetered:
    """For a server whose refusals nobody counts."""

    def connection_refused(self, reason: str) -> None: ...

    def accept_failed(self, error: str) -> None: ...

    def request_failed(self) -> None: ...


class Complaints:
    """What eventlet has to say of requests: of all of it only that the application has failed."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def info(self, _traceback: str) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):  # that is a client who has gone
            log.error("a request failed below the application", exc_info=error)
            self._meter.request_failed()

    def debug(self, *_: object) -> None: ...

    def error(self, *_: object) -> None: ...


class HttpServer:
    """``share_of`` says for which address a peer's connections count, None for those without a share."""

    def __init__(
        self,
        app: WsgiApp,
        host: str,
        port: int,
        *,
        share_of: Callable[[str], str | None] = lambda address: address,
        meter: Meter | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self._socket = _listen(host, port)
        self._descriptors = Descriptors.of_this_process()
        self._meter: Meter = meter or Unmetered()
        bounds = self._descriptors.bound(bounds or Bounds())
        self.arrivals = Arrivals(self._on_request, share_of, self._meter, bounds)
        self.receptions = Receptions(
            self._on_received,
            self.arrivals.leave,
            of_person=bounds.bodies_person,
            of_address=bounds.bodies_each,
            of_all=bounds.bodies,
        )
        self.unread: Shares[Answer] = Shares(each=bounds.each, total=bounds.total, evict=self._cut)
        self._acceptor = Acceptor(self._socket.fd, self._on_accepted, self._on_failed, self._on_over)
        self._wsgi = _wsgi_server(self._socket, app)
        self._wsgi.log = Complaints(self._meter)
        self._queue = Queue()
        self._is_accepting = True
        self._stopped: Promise[None] = Promise()
        # Also when it was left to the system (port 0).
        self.port: int = self._socket.getsockname()[1]

    def run(self) -> None:
        """Serve, until ``stop``; not at all if that came first. Raises ``AcceptingEnded``."""
        if self._is_accepting:
            tune_interpreter()
            self._acceptor.start()
        self._stopped.wait()

    def stop_receiving(self) -> None:
        """Break off the long bodies that are under way, and take no others; what has come is stored."""
        self.receptions.close()

    def stop_accepting(self) -> None:
        """Refuse new connections and close idle ones; requests that have begun are answered."""
        if self._is_accepting:
            self._is_accepting = False
            self._acceptor.stop()
            self.arrivals.close()
            self.stop_receiving()
            self._socket.close()

    def stop(self) -> None:
        """Let ``run`` return."""
        self.stop_accepting()
        self._stopped.resolve(None)

    # --- a connection's way ---

    def _on_accepted(self, raw: Any, peer: Any) -> None:
        if self._descriptors.are_short(raw.fileno()) and not self.arrivals.make_room():
            self.arrivals.refuse(raw, "descriptors")
            return
        self.arrivals.receive(raw, peer)

    def _on_request(self, arrival: Arrival, request: Request) -> None:
        if request.body is not None and (reason := self.receptions.admit(arrival, request)):
            self.arrivals.refuse_body(arrival, reason)
            return
        begin = partial(self._answer, arrival, request)
        self._queue.put(arrival.share, begin, is_upgrade=request.is_upgrade)

    def _on_received(self, reception: Reception) -> None:
        """Its body is with whom the application has named: now it answers."""
        request = replace(reception.request, rest=reception.pieces.rest)
        self._queue.put(reception.connection.share, partial(self._answer, reception.connection, request))

    def _answer(self, arrival: Arrival, request: Request) -> None:
        answered: Answering | None = None
        try:
            if arrival.green is None:
                arrival.green = GreenSocket(arrival.raw, set_nonblocking=False)
            answered = Answering(arrival, request, self._wsgi, self.unread)
            self._go_on(arrival, answered)
        except OSError:
            pass  # the client is gone, and nobody needs to know
        finally:
            if answered is None:
                self.receptions.release(arrival)

    def _go_on(self, arrival: Arrival, answered: Answering) -> None:
        if answered.is_received:
            self.receptions.begin(arrival, answered.rest)
            return
        self.receptions.release(arrival)  # before its next request may have a body as well
        if answered.is_left:
            self.arrivals.leave(arrival)
        elif answered.is_kept and self._is_accepting:
            self.arrivals.take_back(arrival, answered.rest)
        elif answered.is_kept:
            arrival.raw.close()

    def _cut(self, answer: Answer, _reason: str) -> None:
        self._meter.connection_refused("unread")
        answer.cut()

    def _on_failed(self, error: str) -> None:
        self._meter.accept_failed(error)
        if error in OUT_OF_RESOURCES:
            for _ in range(MADE_ROOM_FOR):
                self.arrivals.make_room()

    def _on_over(self, error: OSError) -> None:
        self._stopped.resolve(
            AcceptingEnded(f"Accepting connections has ended: {error.strerror}. The node ends with it.")
        )


def _listen(host: str, port: int) -> Any:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Not reuse_port, eventlet's default: a second node would share the port in silence.
        listener = eventlet.listen((host, port), family=family, backlog=BACKLOG, reuse_port=False)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise CannotListen(f"Cannot listen on {host} port {port}: {reason}.") from error
    # Accepted sockets inherit it. Without it an answer waits up to 40 ms for the peer's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # By itself the system holds megabytes for each who does not read, where nobody counts them.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listener


def _wsgi_server(listener: Any, app: WsgiApp) -> wsgi.Server:
    return wsgi.Server(
        listener,
        listener.getsockname(),
        app,
        keepalive=KEEPALIVE_SECONDS,
        debug=False,  # or else clients are sent tracebacks
        log_output=False,
    )
