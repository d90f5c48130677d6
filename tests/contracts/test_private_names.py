"""What we use of the pinned libraries without it being promised: a change shows here first.

Each test names one thing, by whom it is used, and what would break without it.
"""

from __future__ import annotations

import inspect
import socket
from http.client import HTTPMessage
from typing import Any

import pytest
import socketio
from engineio import packet as engineio_packet
from engineio.socket import Socket
from eventlet import greenio, wsgi
from flask import Flask
from flask_socketio import Namespace, SocketIOTestClient

from chatapp.errors import ChatError
from chatapp.gateway.wire.engine import Engine
from chatapp.gateway.wire.packet_dispatch import Ack
from chatapp.limits.held import HeldBytes
from chatapp.limits.rates import Rates
from chatapp.runtime import HubScheduler


class Answers:
    """A handler that answers every event with its name and arguments."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def check(self, eio_sid: str) -> None:
        """Everything is allowed."""

    def handle(self, eio_sid: str, sid: str, name: object, args: list[Any], ack: Ack | None) -> None:
        self.seen.append((eio_sid, sid))
        if ack is not None:
            ack({"name": name, "args": args})

    def refuse(self, eio_sid: str, error: ChatError, ack: Ack | None) -> None:
        if ack is not None:
            ack({"code": error.code})

    def on_caught_up(self, eio_sid: str) -> None:
        """Nobody lags here."""


@pytest.fixture
def handler() -> Answers:
    return Answers()


@pytest.fixture
def engine(handler: Answers) -> Engine:
    engine = Engine(
        Flask(__name__),
        namespace="/chat",
        allowed_origins=(),
        scheduler=HubScheduler(),
        rates=Rates(lambda: 0.0),
        held=HeldBytes(),
        address_of=lambda environ: "",
    )
    engine.install(handler)
    engine.socketio.on_namespace(Namespace("/chat"))
    return engine


def visitor(engine: Engine) -> SocketIOTestClient:
    return engine.socketio.test_client(engine.socketio.sockio_mw.flask_app, namespace="/chat")


# --- python-socketio ----------------------------------------------------------------------


def test_handle_event_is_the_one_hook_that_sees_the_ack_id() -> None:
    """`packet_dispatch.on_event` takes its place; python-socketio calls it with exactly these."""
    names = list(inspect.signature(socketio.Server._handle_event).parameters)

    assert names == ["self", "eio_sid", "namespace", "id", "data"]
    assert "self._handle_event(eio_sid, pkt.namespace, pkt.id, pkt.data)" in inspect.getsource(
        socketio.Server._handle_eio_message
    )


def test_an_event_of_the_test_client_comes_to_the_dispatch_and_its_ack_goes_back(
    engine: Engine, handler: Answers
) -> None:
    """`_send_packet` carries acks to whoever is not on a WebSocket."""
    client = visitor(engine)

    answer = client.emit("hello", {"a": 1}, namespace="/chat", callback=True)

    assert answer == {"name": "hello", "args": [{"a": 1}]}
    assert handler.seen[0][0] == client.eio_sid


def test_an_emit_to_a_room_reaches_the_test_client(engine: Engine, handler: Answers) -> None:
    """`_send_eio_packet` carries broadcasts to whoever is not on a WebSocket."""
    inside, outside = visitor(engine), visitor(engine)
    inside.emit("hello", namespace="/chat")
    engine.listeners.enter_room(handler.seen[0][1], "/chat", "lobby")

    engine.socketio.emit("said", {"text": "hi"}, to="lobby", namespace="/chat")

    assert inside.get_received("/chat") == [{"name": "said", "args": [{"text": "hi"}], "namespace": "/chat"}]
    assert outside.get_received("/chat") == []


def test_an_emit_can_leave_people_out(engine: Engine, handler: Answers) -> None:
    client = visitor(engine)
    client.emit("hello", namespace="/chat")
    _, sid = handler.seen[0]

    engine.socketio.emit("said", 1, to=sid, skip_sid=sid, namespace="/chat")
    engine.socketio.emit("said", 2, to=sid, skip_sid=["x"], namespace="/chat")

    assert [event["args"] for event in client.get_received("/chat")] == [[2]]


def test_the_managers_rooms_are_nested_by_namespace_room_and_sid(engine: Engine, handler: Answers) -> None:
    """`listeners` reads them and keeps an index beside them; both must say the same."""
    client = visitor(engine)
    client.emit("hello", namespace="/chat")
    eio_sid, sid = handler.seen[0]
    engine.listeners.enter_room(sid, "/chat", "lobby")

    assert {room: dict(members) for room, members in engine.listeners.rooms["/chat"].items()} == {
        None: {sid: eio_sid},
        sid: {sid: eio_sid},
        "lobby": {sid: eio_sid},
    }
    assert sorted(engine.listeners.get_rooms(sid, "/chat")) == sorted([sid, "lobby"])

    client.disconnect("/chat")
    assert engine.listeners.rooms == {}
    assert engine.listeners.get_rooms(sid, "/chat") == []
    assert engine.listeners.pending_disconnect == {}


def test_leaving_a_room_leaves_the_index_too(engine: Engine, handler: Answers) -> None:
    visitor(engine).emit("hello", namespace="/chat")
    _, sid = handler.seen[0]
    engine.listeners.enter_room(sid, "/chat", "lobby")
    engine.listeners.enter_room(sid, "/chat", "garden")

    engine.listeners.leave_room(sid, "/chat", "lobby")
    engine.listeners.close_room("garden", "/chat")

    assert engine.listeners.get_rooms(sid, "/chat") == [sid]


def test_nobody_can_name_a_room_like_somebodys_own(engine: Engine, handler: Answers) -> None:
    visitor(engine).emit("hello", namespace="/chat")

    assert len(handler.seen[0][1]) > 64


def test_the_manager_keeps_those_apart_that_are_about_to_come_or_go() -> None:
    """`listeners.basic_disconnect` replaces the original, which walks all rooms, and cleans these up."""
    source = inspect.getsource(socketio.Manager.basic_disconnect)

    assert [name for name in ("callbacks", "pending_connect", "pending_disconnect") if name in source] == [
        "callbacks",
        "pending_connect",
        "pending_disconnect",
    ]


# --- python-engineio ----------------------------------------------------------------------


def test_the_websocket_class_is_looked_up_in_async_at_each_request() -> None:
    """`engine` puts the transport there; the handler it is given belongs to the socket."""
    source = inspect.getsource(Socket._upgrade_websocket)

    assert "self.server._async['websocket'](\n            self._websocket_handler, self.server)" in source
    assert "return ws(environ, start_response)" in source


def test_the_handlers_of_engine_io_are_kept_by_name(engine: Engine) -> None:
    """`engine` takes the three that python-socketio has set, and puts its own before them."""
    server = socketio.Server(async_mode="eventlet")

    assert {name: handler.__name__ for name, handler in server.eio.handlers.items()} == {
        "connect": "_handle_eio_connect",
        "message": "_handle_eio_message",
        "disconnect": "_handle_eio_disconnect",
    }


def test_a_socket_has_what_the_transport_takes_over(engine: Engine) -> None:
    """`transport` replaces the queue, `engine` the ping and the poll, and switches the watch off."""
    socket = Socket(engine.socketio.server.eio, "sid")

    assert (socket.connected, socket.upgrading, socket.upgraded, socket.closed) == (False,) * 4
    assert socket.queue.empty()
    assert socket._websocket_handler.__self__ is socket
    assert "self.schedule_ping()" in inspect.getsource(socket.receive)
    assert "self.poll()" in inspect.getsource(socket.handle_get_request)
    assert "last_ping and" in inspect.getsource(socket.check_ping_timeout)


def test_a_socket_writes_to_its_queue_and_ends_it_with_none(engine: Engine) -> None:
    """`transport.Outlet` stands in for the queue: nothing but `put` is called on it."""
    put: list[Any] = []

    class Outlet:
        def put(self, packet: Any) -> None:
            put.append(packet)

    socket = Socket(engine.socketio.server.eio, "sid")
    socket.queue, socket.last_ping = Outlet(), None
    engine.socketio.server.eio.handlers.clear()

    socket.send(engineio_packet.Packet(engineio_packet.PING))
    socket.close(wait=False, abort=True)

    assert [packet and packet.encode() for packet in put] == ["2", None]


# --- eventlet -----------------------------------------------------------------------------


def test_a_request_gives_its_socket_and_what_was_read_ahead() -> None:
    """`runtime.take_over` needs both."""
    source = inspect.getsource(wsgi.Input.__init__)

    assert "self.rfile = rfile" in source
    assert "self._sock = sock" in source
    assert "env['eventlet.input'] = Input(" in inspect.getsource(wsgi.HttpProtocol.get_environ)


def test_a_request_has_the_headers_that_it_is_given() -> None:
    """`runtime.answering` fills them in; both look into the list."""
    headers = HTTPMessage()
    headers._headers = [("Connection", "close"), ("X-A", "b")]  # type: ignore[attr-defined]

    assert headers.get("connection") == "close"
    assert headers.get_content_type() == "text/plain"
    assert "headers = self.headers._headers" in inspect.getsource(wsgi.HttpProtocol.get_environ)


def test_the_server_sends_nothing_after_a_socket_was_taken_over() -> None:
    source = inspect.getsource(wsgi.HttpProtocol.handle_one_response)

    assert "WSGI_LOCAL.already_handled = False\n                result = self.application(" in source
    assert "if WSGI_LOCAL.already_handled:\n                    self.close_connection = 1" in source


def test_a_green_socket_without_its_descriptor_ends_nothing() -> None:
    """`runtime.take_over` takes it from `fd`; the server shuts down and closes what is left."""
    ours, theirs = socket.socketpair()
    green = greenio.GreenSocket(ours)
    taken = socket.socket(fileno=green.fd.detach())

    greenio.shutdown_safe(green)
    green.close()

    with taken, theirs:
        theirs.send(b"still open")
        assert taken.recv(100) == b"still open"
