"""The transport under real sockets: what clients of all kinds send, and what they get for it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import socketio

from tests.integration.transport_node import Node, node, running, started, wire
from tests.integration.wire import BAD_CHUNKS, KEY, UPGRADE, Wire, masked
from tests.talkers import InOrder

__all__ = ["node", "running", "wire"]

CLOSE, PING, PONG = 0x8, 0x9, 0xA
MIB = 1_048_576


Connect = Callable[..., socketio.Client]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects python-socketio's client, and disconnects it in the end. It takes packets in their order."""
    clients: list[socketio.Client] = []

    def connect(node: Node, *transports: str) -> socketio.Client:
        client = InOrder(reconnection=False)
        clients.append(client)
        client.connect(
            f"http://127.0.0.1:{node.port}?room=r", namespaces=["/chat"], transports=list(transports)
        )
        return client

    yield connect
    for client in clients:
        client.disconnect()


# --- real clients -------------------------------------------------------------------------


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
def test_a_client_talks_over_every_transport(node: Node, connect: Connect, transports: list[str]) -> None:
    chat = connect(node, *transports)
    said: list[str] = []
    chat.on("said", said.append, namespace="/chat")

    assert chat.transport() == transports[-1]
    assert chat.call("join", "r", namespace="/chat")["ok"]
    assert chat.call("say", ("r", "one", "two"), namespace="/chat")["ok"]
    assert chat.call("later", 0.02, namespace="/chat") == {"ok": True, "waited": 0.02}
    assert said == ["one", "two"]


def test_everybody_hears_the_room_whatever_their_transport(node: Node, connect: Connect) -> None:
    clients = [
        connect(node, *transports) for transports in (["websocket"], ["polling"], ["polling", "websocket"])
    ]
    heard: list[list[str]] = [[] for _ in clients]
    for chat, texts in zip(clients, heard, strict=True):
        chat.on("said", texts.append, namespace="/chat")
        chat.call("join", "r", namespace="/chat")
    texts = [f"text {n}" for n in range(100)]

    for text in texts:
        clients[0].emit("say", ("r", text), namespace="/chat")
    for chat in clients:
        chat.call("echo", namespace="/chat")  # comes after what was sent to it before

    assert heard == [texts] * 3


def test_the_room_can_be_told_by_flask_socketio_as_well(node: Node, wire: Wire) -> None:
    wire.join_chat()
    wire.call("join", "r")

    node.get("/emit?room=r&text=hello")

    assert wire.receive_text() == '42/chat,["said",{"text":"hello"}]'


def test_nothing_is_lost_or_out_of_order_while_a_client_upgrades(node: Node, wire: Wire) -> None:
    """The room is told something before the probe, between probe and upgrade, and after."""
    poller = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(wire.request(poller)[2][1:])["sid"]
    wire.request(f"{poller}&sid={sid}", method="POST", body=b'40/chat,{}\x1e42/chat,1["join","r"]')
    wire.request(f"{poller}&sid={sid}")
    node.get("/emit?room=r&text=1")

    with Wire(node.port) as upgraded:
        assert upgraded.upgrade(f"/socket.io/?EIO=4&transport=websocket&sid={sid}") == 101
        node.get("/emit?room=r&text=2")
        upgraded.send_text("2probe")
        assert upgraded.receive_text() == "3probe"
        assert wire.request(f"{poller}&sid={sid}")[2] == b"6"
        node.get("/emit?room=r&text=3")
        upgraded.send_text("5")
        node.get("/emit?room=r&text=4")

        heard: list[str] = []
        while len(heard) < 4:
            text = upgraded.receive_text()
            heard += [text] if text.startswith("42") else []
        assert heard == [f'42/chat,["said",{{"text":"{n}"}}]' for n in (1, 2, 3, 4)]
        assert wire.request(f"{poller}&sid={sid}")[0] == 400


def test_an_upgrade_that_fails_leaves_the_polling_client_where_it_is(node: Node, wire: Wire) -> None:
    poller = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(wire.request(poller)[2][1:])["sid"]

    with Wire(node.port) as upgraded:
        upgraded.upgrade(f"/socket.io/?EIO=4&transport=websocket&sid={sid}")
        upgraded.send_text("2wrong")
        assert upgraded.is_cut()

    wire.request(f"{poller}&sid={sid}", method="POST", body=b"40/chat,{}")
    assert wire.request(f"{poller}&sid={sid}")[2].startswith(b'40/chat,{"sid"')
    wire.request(f"{poller}&sid={sid}", method="POST", body=b"1")


# --- the handshake ------------------------------------------------------------------------


def test_the_handshake_is_that_of_the_rfc_and_negotiates_no_extension(node: Node, wire: Wire) -> None:
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}

    status, headers, _ = wire.request("/plain", {**UPGRADE, **offer})

    accept = base64.b64encode(hashlib.sha1(f"{KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
    assert (status, headers["sec-websocket-accept"]) == (101, accept.decode())
    assert "sec-websocket-extensions" not in headers
    wire.send(CLOSE)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 426),
        ({"Upgrade": "websocket", "Connection": "keep-alive"}, 426),
        ({**UPGRADE, "Sec-WebSocket-Version": "8"}, 426),
        ({"Upgrade": "WebSocket", "Connection": "Upgrade", "Sec-WebSocket-Key1": "1", "Origin": "x"}, 426),
        ({**UPGRADE, "Sec-WebSocket-Key": "short"}, 400),
        ({**UPGRADE, "Sec-WebSocket-Key": "x" * 24}, 400),
    ],
)
@pytest.mark.parametrize("path", ["/plain", "/socket.io/?EIO=4&transport=websocket"])
def test_what_is_no_handshake_is_refused(
    node: Node, wire: Wire, path: str, headers: dict[str, str], status: int
) -> None:
    assert wire.request(path, headers)[0] == status


@pytest.mark.parametrize("path", ["/plain", "/socket.io/?EIO=4&transport=websocket"])
def test_of_offered_subprotocols_the_first_is_taken_and_what_is_none_refused(node: Node, path: str) -> None:
    """A browser that offered some ends a connection that chose none."""
    answered = []
    for offer in ("chat.v1, soap", "one", "bad token", "a,,b"):
        with Wire(node.port) as wire:
            status, headers, _ = wire.request(path, {**UPGRADE, "Sec-WebSocket-Protocol": offer})
            answered.append((status, headers.get("sec-websocket-protocol")))

    assert answered == [(101, "chat.v1"), (101, "one"), (400, None), (400, None)]


@pytest.mark.parametrize("path", ["/plain", "/socket.io/?EIO=4&transport=websocket"])
def test_http_1_0_knows_no_upgrade(node: Node, wire: Wire, path: str) -> None:
    lines = [f"GET {path} HTTP/1.0", "Host: x", *(f"{name}: {value}" for name, value in UPGRADE.items())]

    wire.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    assert wire.answer()[0] == 400


def test_frames_sent_along_with_the_handshake_are_not_lost(node: Node, wire: Wire) -> None:
    lines = [
        "GET /plain HTTP/1.1",
        "Host: x",
        *(f"{name}: {value}" for name, value in UPGRADE.items()),
        "",
        "",
    ]

    wire.socket.sendall("\r\n".join(lines).encode() + masked(0x1, b"early"))

    assert wire.answer()[0] == 101
    assert wire.receive_text() == "heard early"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://chat.example", 200),
        ("https://chat.example", 200),
        ("https://friend.example", 200),
        ("null", 400),
        ("https://evil.example", 400),
        ("https://chat.example.evil.example", 400),
        ("https://chat.example@evil.example", 400),
        ("https://chat.example:8443", 400),
        ("file://chat.example", 400),
        ("http://[", 400),
    ],
)
def test_only_our_own_pages_and_listed_ones_and_programs_get_in(
    node: Node, wire: Wire, origin: str | None, status: int
) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    answered, _, body = wire.request(path, {"Origin": origin} if origin else {})

    assert answered == status
    if status == 200:
        wire.request(f"{path}&sid={json.loads(body[1:])['sid']}", method="POST", body=b"1")


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (masked(0x1, bytes(65_537)), 1009),
        (masked(0x1, b"4" * 40_000, final=False) + masked(0x0, b"4" * 40_000), 1009),
        (b"\x81\x05Hello", 1002),
        (b"\xc1\x80" + bytes(4), 1002),
        (masked(0x0, b"x"), 1002),
        (masked(PING, b"", final=False), 1002),
        (masked(0x1, b"\xff\xff"), 1007),
        (masked(CLOSE, b"\x03"), 1002),
        (masked(0x2, b"binary"), 1003),
    ],
)
@pytest.mark.parametrize("edge", ["plain", "socket.io"])
def test_what_breaks_the_protocol_is_closed_with_its_code(
    node: Node, wire: Wire, edge: str, sent: bytes, code: int
) -> None:
    if edge == "plain":
        wire.upgrade("/plain")
    else:
        wire.join_chat()

    wire.socket.sendall(sent)

    assert wire.close_code() == code
    assert wire.is_cut()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x", 1002),
        ("2", 1002),
        ("5", 1002),
        ("0{}", 1002),
        ("4", 1003),
        ("4x", 1003),
        ("49", 1003),
        ('451-/chat,1[{"_placeholder":true,"num":0}]', 1003),
        ("7", 1002),
        ("4599999999-/chat,1[]", 1003),
        ("461-/chat,1[]", 1003),
        ("44/chat,{}", 1003),
        ("40/chat,{", 1003),
        ("43/chat,1[", 1003),
        ("bAAAA", 1002),
    ],
)
def test_a_packet_that_is_none_ends_its_connection_and_no_other(
    node: Node, wire: Wire, text: str, code: int
) -> None:
    with Wire(node.port) as neighbour:
        neighbour.join_chat()
        neighbour.call("join", "r")
        wire.join_chat()
        wire.call("join", "r")

        wire.send_text(text)

        assert wire.close_code() == code
        assert wire.is_cut()
        node.until(lambda stats: stats["members"] == 1)
        assert neighbour.call("echo", "still here")["args"] == ["still here"]


@pytest.mark.parametrize(
    "array",
    [
        "",
        "[",
        "{}",
        "[]",
        '"echo"',
        "[" * 100_000,
        '["echo",' + '{"a":' * 32 + "1" + "}" * 32 + "]",
        '["echo",NaN]',
        '["echo",-Infinity]',
        '["echo",1e999]',
        '["echo",' + "1" * 5_000 + "]",
        '["echo",{"a":1,"a":2}]',
        '["echo","\\ud800"]',
        '["echo","\\u0000"]',
        '["echo"]trailing',
    ],
    ids=lambda array: array[:24],
)
def test_json_that_is_refused_costs_the_event_and_not_the_connection(
    node: Node, wire: Wire, array: str
) -> None:
    wire.join_chat()

    wire.send_text(f"42/chat,5{array}"[:65_000])

    assert wire.ack(5) == {"ok": False, "error": {"code": "bad_request"}}
    assert wire.call("echo", 1)["args"] == [1]


@pytest.mark.parametrize(
    "name", ["connect", "disconnect", "", "x" * 10_000, 5, None, {"a": 1}, ["echo"], "__class__"]
)
def test_an_event_that_does_not_exist_is_answered_and_calls_nothing(
    node: Node, wire: Wire, name: object
) -> None:
    wire.join_chat()
    ended = node.stats()["ended"]

    assert wire.call(name, {}) == {"ok": False, "error": {"code": "unknown_event"}}
    assert node.stats()["ended"] == ended


def test_a_bug_in_an_event_is_answered_and_the_connection_stays(node: Node, wire: Wire) -> None:
    wire.join_chat()

    assert wire.call("fail") == {"ok": False, "error": {"code": "internal"}}
    assert wire.call("echo", 1)["ok"]


def test_a_bug_in_hearing_a_message_ends_its_connection_with_a_code(node: Node, wire: Wire) -> None:
    wire.upgrade("/plain")

    wire.send_text("fail")

    assert wire.close_code() == 1011
    assert wire.is_cut()
    node.until(lambda stats: stats["plain"] == 0)


def test_events_for_another_namespace_reach_nobody(node: Node, wire: Wire) -> None:
    wire.join_chat()
    before = node.stats()["handled"]

    wire.send_text('42["echo",1]')
    wire.send_text('42/other,["echo",1]')
    wire.send_text("40")
    assert wire.receive_text().startswith('44{"message":')
    wire.send_text("40/other,{}")

    namespace, refusal = wire.receive_text().split(",", 1)
    assert namespace == "44/other"
    assert "/chat" in json.loads(refusal)["message"]
    assert json.loads(refusal)["data"]["code"] == "unsupported"
    assert node.stats()["handled"] == before


def test_a_second_connect_to_the_namespace_is_refused_and_harmless(node: Node, wire: Wire) -> None:
    wire.join_chat()

    wire.send_text("40/chat,{}")

    refusal = json.loads(wire.receive_text().removeprefix("44/chat,"))
    assert refusal["data"]["code"] == "bad_request"
    assert wire.call("echo", 1)["ok"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"4" * 70_000, 413),
        (b"4\xff", 400),
        (b"x", 400),
        (b"b4", 400),
        (b"d=4", 400),
        (b"40/chat,{}\x1e\x1e", 400),
        (b"2", 400),
    ],
)
def test_a_bad_polling_body_is_refused_and_none_of_it_is_handled(
    node: Node, wire: Wire, body: bytes, status: int
) -> None:
    poller = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(wire.request(poller)[2][1:])["sid"]

    assert wire.request(f"{poller}&sid={sid}", method="POST", body=body)[0] == status

    assert node.stats()["sids"] == 0
    with Wire(node.port) as again:
        assert again.request(f"{poller}&sid={sid}", method="POST", body=b"1")[0] == 200


def test_a_polling_body_in_chunks_has_the_same_limit(node: Node, wire: Wire) -> None:
    poller = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(wire.request(poller)[2][1:])["sid"]
    chunk = b"11170\r\n" + b"4" * 0x11170 + b"\r\n0\r\n\r\n"

    answered = wire.request(
        f"{poller}&sid={sid}", {"Transfer-Encoding": "chunked"}, method="POST", body=chunk
    )

    assert answered[0] == 413
    with Wire(node.port) as again:
        again.request(f"{poller}&sid={sid}", method="POST", body=b"1")


@pytest.mark.parametrize("chunks", BAD_CHUNKS)
def test_a_polling_body_in_bad_chunks_is_refused_at_once(node: Node, chunks: bytes) -> None:
    poller = "/socket.io/?EIO=4&transport=polling"
    chunked = {"Transfer-Encoding": "chunked"}
    with Wire(node.port) as wire, Wire(node.port) as another:
        sid = json.loads(another.request(poller)[2][1:])["sid"]
        wire.socket.settimeout(5)

        assert wire.request(f"{poller}&sid={sid}", chunked, method="POST", body=chunks)[0] == 400

        assert wire.is_cut()
        assert (
            another.request(f"{poller}&sid={sid}", chunked, method="POST", body=b"1\r\n1\r\n0\r\n\r\n")[0]
            == 200
        )


def test_over_the_budget_events_are_refused_unread_and_the_connection_stays() -> None:
    with started(budget=43) as node, Wire(node.port) as wire:
        wire.join_chat()
        wire.socket.sendall(b"".join(masked(0x1, f'42/chat,{n}["echo",{n}]'.encode()) for n in range(1_000)))

        answers = [wire.ack(n) for n in range(1_000)]

        assert [answer["ok"] for answer in answers] == [True] * 42 + [False] * 958
        assert answers[-1]["error"] == {"code": "rate_limited", "retry_after_ms": 50}
        assert node.stats()["handled"] == 42


def test_one_that_floods_keeps_nobody_waiting(node: Node, wire: Wire) -> None:
    wire.join_chat()
    with Wire(node.port) as neighbour:
        neighbour.join_chat()
        before = node.stats()["handled"]
        with node.standing_still():  # or else it would go on with the flood while the neighbour asks
            wire.socket.sendall(masked(0x1, b'42/chat,["echo"]') * 5_000)
            for number in range(3):
                neighbour.emit("echo", ack_id=number)

        answers = [neighbour.ack(number) for number in range(3)]

        assert answers[-1]["handled"] - before < 1_000


# --- slow and dead readers ----------------------------------------------------------------


def test_a_reader_that_stops_costs_a_bounded_backlog_and_gets_one_resync(node: Node) -> None:
    with Wire(node.port, receive_buffer=4_096) as slow, Wire(node.port) as quick:
        for wire in (slow, quick):
            wire.join_chat()
            wire.call("join", "r")
        text = "x" * 30_000

        for _ in range(200):
            quick.emit("say", "r", text)
            assert quick.receive_text().endswith('xxx"]')
        assert node.stats()["lagging"] == 1
        assert node.stats()["held"] <= MIB

        heard = 0
        while '"resync"' not in slow.receive_text():
            heard += 1
        assert 0 < heard < 200
        quick.emit("say", "r", "after")
        assert slow.receive_text() == '42/chat,["said","after"]'


def test_time_alone_makes_a_reader_lag() -> None:
    with (
        started(backlog=0.2) as node,
        Wire(node.port, receive_buffer=4_096) as slow,
        Wire(node.port) as quick,
    ):
        for wire in (slow, quick):
            wire.join_chat()
            wire.call("join", "r")

        while not node.stats()["held"]:
            quick.call("say", "r", "x" * 60_000)

        def lags(stats: dict[str, Any]) -> bool:
            quick.call("say", "r", "a little")
            return bool(stats["lagging"])

        assert node.until(lags)["held"] < MIB


def test_pongs_that_nobody_asked_for_and_pings_unread_cost_nothing(node: Node) -> None:
    with Wire(node.port, receive_buffer=4_096) as slow, Wire(node.port) as quick:
        for wire in (slow, quick):
            wire.join_chat()
            wire.call("join", "r")
        for _ in range(200):
            quick.call("say", "r", "x" * 30_000)

        for _ in range(500):
            slow.send(PONG, b"hello")
            slow.send_text("3")
            slow.send(PING, b"x" * 125)

        assert node.stats()["held"] <= MIB


def test_a_plain_reader_that_lags_is_closed_with_1013(node: Node) -> None:
    with Wire(node.port, receive_buffer=4_096) as slow:
        slow.upgrade("/plain")
        node.until(lambda stats: stats["plain"] == 1)
        for _ in range(100):
            node.get("/plain-say?size=60000")

        assert slow.close_code() == 1013
        assert slow.is_cut()


def test_one_that_answers_no_ping_is_gone_and_one_that_does_stays(connect: Connect) -> None:
    with started() as node, Wire(node.port) as dead, Wire(node.port) as plain:
        alive = connect(node, "websocket")
        dead.join_chat()
        dead.call("join", "r")
        plain.upgrade("/plain")
        node.until(lambda stats: stats["plain"] == 1)
        asked_at = time.monotonic()
        node.get("/ask?timeout=3")  # so long a machine does not keep one from answering who is there

        node.until(lambda stats: stats["connections"] == 1 and stats["members"] == 0 and stats["plain"] == 0)

        assert alive.call("echo", 1, namespace="/chat")["ok"]
        assert node.stats()["quiet_for"][0] <= time.monotonic() - asked_at, "it has answered since"


def test_a_polling_client_that_stops_asking_is_gone() -> None:
    with started() as node, Wire(node.port) as wire:
        poller = "/socket.io/?EIO=4&transport=polling"
        sid = json.loads(wire.request(poller)[2][1:])["sid"]
        wire.request(f"{poller}&sid={sid}", method="POST", body=b'40/chat,{}\x1e42/chat,1["join","r"]')
        node.until(lambda stats: stats["members"] == 1)
        node.get("/ask?timeout=0.2")

        node.nobody_left()
        assert node.stats()["ended"] == ["ping timeout"]


# --- coming and going ---------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\x03\xe8", b"\x03\xe9going away"])
def test_a_close_is_answered_with_what_it_said(node: Node, wire: Wire, content: bytes) -> None:
    wire.upgrade("/plain")

    wire.send(CLOSE, content)

    assert wire.receive() == (CLOSE, content)
    assert wire.is_cut()


def test_a_ping_is_answered_with_its_content(node: Node, wire: Wire) -> None:
    wire.upgrade("/plain")

    wire.send(PING, b"are you there?")

    assert wire.receive() == (PONG, b"are you there?")


def test_one_that_never_joins_the_namespace_is_closed(connect: Connect) -> None:
    with started() as node, Wire(node.port) as idle, Wire(node.port) as left:
        staying = connect(node, "websocket")
        left.join_chat()
        node.get("/authenticate?seconds=0.2")
        assert idle.upgrade("/socket.io/?EIO=4&transport=websocket") == 101
        left.send_text("41/chat,")

        assert idle.close_code() == 1008
        assert left.close_code() == 1008
        node.until(lambda stats: stats["connections"] == 1)
        assert staying.call("echo", 1, namespace="/chat")["ok"]


def test_one_that_never_joins_the_namespace_by_polling_is_closed() -> None:
    poller = "/socket.io/?EIO=4&transport=polling"
    with started(authenticate=0.2) as node, Wire(node.port) as wire:
        sid = json.loads(wire.request(poller)[2][1:])["sid"]

        node.until(lambda stats: stats["connections"] == stats["eio_sockets"] == 0)

        assert wire.request(f"{poller}&sid={sid}")[0] == 400


def test_one_address_has_so_many_connections_whether_they_join_or_not() -> None:
    """Counted before a session is made, on both transports, until each has ended."""
    first = "/socket.io/?EIO=4&transport="
    with started(per_address=3) as node, ExitStack() as stack:
        poller, *wires = [stack.enter_context(Wire(node.port)) for _ in range(5)]
        sid = json.loads(poller.request(first + "polling")[2][1:])["sid"]
        assert [wire.upgrade(first + "websocket") for wire in wires] == [101, 101, 429, 429]
        status, headers, _ = poller.request(first + "polling")
        assert (status, headers["retry-after"]) == (429, "5")
        assert node.stats()["connections"] == 3

        poller.request(f"{first}polling&sid={sid}", method="POST", body=b"1")

        last = stack.enter_context(Wire(node.port))
        assert last.upgrade(first + "websocket") == 101


def test_one_that_is_kicked_gets_what_was_sent_before_and_may_come_back(node: Node, wire: Wire) -> None:
    eio_sid = wire.join_chat()
    wire.call("join", "r")
    node.get("/emit?room=r&text=last")
    node.get(f"/kick?eio_sid={eio_sid}")

    assert wire.receive_text() == '42/chat,["said",{"text":"last"}]'
    assert wire.close_code() == 1000
    assert wire.is_cut()
    node.nobody_left()


def test_one_that_is_kicked_while_it_does_not_read_is_cut(node: Node) -> None:
    with Wire(node.port, receive_buffer=4_096) as slow, Wire(node.port) as quick:
        eio_sid = slow.join_chat()
        slow.call("join", "r")
        quick.join_chat()
        for _ in range(200):
            quick.call("say", "r", "x" * 30_000)

        node.get(f"/kick?eio_sid={eio_sid}")

        node.until(lambda stats: stats["members"] == 0)


def test_nobody_stays_in_a_room_after_a_bug_in_connect(node: Node, wire: Wire) -> None:
    assert wire.upgrade("/socket.io/?EIO=4&transport=websocket") == 101
    wire.receive_text()

    wire.send_text('40/chat,{"fail":true}')

    assert wire.close_code() == 1011


def test_nobody_stays_in_a_room_after_a_bug_in_disconnect(node: Node, wire: Wire) -> None:
    wire.join_chat(query="&fail_end=1")
    wire.call("join", "r")

    wire.socket.close()

    node.until(lambda stats: stats["members"] == 0)


def test_what_is_said_while_one_is_let_in_waits_and_keeps_its_order(node: Node, wire: Wire) -> None:
    """Connecting takes time; what the client sent behind it would otherwise be said by a stranger."""
    wire.upgrade("/socket.io/?EIO=4&transport=websocket")
    wire.receive_text()
    said = [f'42/chat,{n}["echo",{n}]' for n in range(100)]

    wire.socket.sendall(b"".join(masked(0x1, text.encode()) for text in ['40/chat,{"slow":0.2}', *said[:50]]))
    node.until(lambda stats: stats["sids"] == 1)
    wire.socket.sendall(b"".join(masked(0x1, text.encode()) for text in said[50:]))

    assert wire.receive_text().startswith('40/chat,{"sid":')
    answers = [wire.receive_text() for _ in said]
    assert [answer[: answer.index("[")] for answer in answers] == [f"43/chat,{n}" for n in range(100)]


def test_a_websocket_that_is_gone_before_it_is_let_in_leaves_nothing_behind(node: Node) -> None:
    ended = len(node.stats()["ended"])
    with Wire(node.port) as wire:
        wire.upgrade("/socket.io/?EIO=4&transport=websocket")
        wire.send_text('40/chat,{"slow":0.2}')
        node.until(lambda stats: stats["sids"] == 1)

    node.until(lambda stats: len(stats["ended"]) == ended + 1)


def test_one_that_goes_while_it_is_let_in_leaves_nothing_behind(node: Node, wire: Wire) -> None:
    """A polling client's close overtakes its own slow connect."""
    poller = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(wire.request(poller)[2][1:])["sid"]
    ended = len(node.stats()["ended"])
    with Wire(node.port) as slow:
        body = b'40/chat,{"slow":0.2}'
        head = f"POST {poller}&sid={sid} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        slow.socket.sendall(head.encode() + body)
        node.until(lambda stats: stats["sids"] == 1)

        wire.request(f"{poller}&sid={sid}", method="POST", body=b"1")

        slow.answer()
        node.until(lambda stats: len(stats["ended"]) == ended + 1)


def test_a_refused_connection_gets_its_answer_and_no_room(node: Node, wire: Wire) -> None:
    wire.upgrade("/socket.io/?EIO=4&transport=websocket")
    wire.receive_text()

    wire.send_text('40/chat,{"refuse":true}')

    assert wire.receive_text().startswith("44/chat,")
    assert node.stats()["sids"] == 0


def test_a_signal_ends_the_server_at_once_although_sockets_are_open() -> None:
    with started() as node, Wire(node.port) as wire:
        wire.join_chat()

        node.process.terminate()

        assert node.process.wait(timeout=10) == 0, "it would wait for the socket for ever"


def test_strangers_cause_no_traceback_and_one_line_a_second_at_most() -> None:
    with started() as node:
        began_at = time.monotonic()
        for sent in (b"\xff" * 50, masked(0x1, b"4"), masked(0x2, b"x"), b"GET / nonsense\r\n\r\n"):
            for _ in range(20):
                with Wire(node.port) as wire:
                    wire.upgrade("/socket.io/?EIO=4&transport=websocket")
                    wire.socket.sendall(sent)
                with Wire(node.port) as wire:
                    wire.socket.sendall(sent)
        for _ in range(20):
            with Wire(node.port) as wire:
                wire.request("/socket.io/?EIO=3&transport=polling", {"Origin": "null"})
        node.nobody_left()
        seconds = time.monotonic() - began_at
        node.process.terminate()
        assert node.process.stderr is not None
        lines = node.process.stderr.read().splitlines()

    assert "Traceback" not in "".join(lines)
    assert len(lines) <= 3 + seconds, lines
