"""Bad input gets its answer, and nobody else notices.

One node and one connection take all of it, while two bystanders talk on in the same room. Behind
every bad event comes a good message in the same burst, which must be stored.
"""

from __future__ import annotations

import itertools
import json
import secrets
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp.protocol.refusals import CODES
from tests.bad_input import HOME, ROWS, VALID, Row
from tests.integration.wire import BAD_CHUNKS, Wire, masked
from tests.running import Nodes, RunningNode, until
from tests.talkers import PythonTalker

pytestmark = pytest.mark.slow

Json = dict[str, Any]
TEXT, BINARY = 0x1, 0x2


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


# --- the bystanders -----------------------------------------------------------------------


class Bystander:
    """Says one thing after the other, each when the one before is acked, until it is stopped."""

    def __init__(self, node: RunningNode, name: str) -> None:
        self.talker = PythonTalker(node.url, node.sign_in(name)["token"], name)
        self.talker.connect()
        assert self.talker.call("join", {"room": HOME})["ok"]
        self.name = name
        self.acks: list[Json] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._talk)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _talk(self) -> None:
        for number in itertools.count():
            said = {"room": HOME, "client_id": f"{self.name}-{number}", "content": f"{self.name} {number}"}
            self.acks.append(self.talker.call("message", said))
            if self._is_over.wait(0.02):
                return


@pytest.fixture(scope="module")
def bystanders(node: RunningNode) -> Iterator[list[Bystander]]:
    bystanders = [Bystander(node, name) for name in ("Cleo", "Dave")]
    yield bystanders
    for bystander in bystanders:
        bystander.stop()
        bystander.talker.close()


def check_unharmed(node: RunningNode, bystander: Bystander) -> None:
    """All they said is stored, in their order, and they never lost their connection."""
    assert all(ack["ok"] and not ack["duplicate"] for ack in bystander.acks)
    seqs = [ack["seq"] for ack in bystander.acks]
    assert seqs == sorted(set(seqs))
    assert bystander.talker.heard.of("disconnect") == []
    heard = sorted({event["seq"] for event in bystander.talker.heard.of("event")})
    assert heard == list(range(heard[0], heard[0] + len(heard))), "and heard everything"


# --- the one who misbehaves ---------------------------------------------------------------


class Vandal:
    """A connection that says what it likes, and something good behind it."""

    def __init__(self, node: RunningNode) -> None:
        self.wire = Wire(node.port)
        self.wire.join_chat({"token": node.sign_in("Vandal")["token"], "device": secrets.token_hex(8)})
        assert self.wire.call("join", {"room": HOME})["ok"]
        self._numbers = itertools.count(100)

    def send(self, *events: str) -> list[Json]:
        """The acks of these events, sent in one burst with a good message behind them."""
        numbers = [next(self._numbers) for _ in events]
        # A digit in front would be one more of the ack's number.
        spaced = (f" {event}" if event[:1].isdigit() else event for event in events)
        packets = [f"42/chat,{number}{event}" for number, event in zip(numbers, spaced, strict=True)]
        good_number, client_id = next(self._numbers), secrets.token_hex(8)
        good = ["message", {"room": HOME, "client_id": client_id, "content": "something good"}]
        packets.append(f"42/chat,{good_number}{json.dumps(good)}")
        burst = b"".join(masked(TEXT, packet.encode()) for packet in packets)
        self.wire.socket.sendall(burst)

        acks = self._acks({*numbers, good_number})
        assert acks[good_number]["ok"], acks[good_number]
        return [acks[number] for number in numbers]

    def _acks(self, wanted: set[int]) -> dict[int, Json]:
        acks: dict[int, Json] = {}
        while acks.keys() != wanted:
            text = self.wire.receive_text()
            if text == "2":
                self.wire.send_text("3")
            elif text.startswith("43/chat,"):
                number, _, answer = text.removeprefix("43/chat,").partition("[")
                acks[int(number)] = json.loads("[" + answer)[0]
        return acks


@pytest.fixture(scope="module")
def vandal(node: RunningNode, bystanders: list[Bystander]) -> Iterator[Vandal]:
    vandal = Vandal(node)
    yield vandal
    vandal.wire.socket.close()


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_bad_event_is_refused_with_its_reason(vandal: Vandal, row: Row) -> None:
    (ack,) = vandal.send(row.text)

    assert ack["ok"] is False
    error = ack["error"]
    assert (error["code"], error.get("field") if row.field else row.field) == (row.code, row.field), error
    assert (error["retryable"], bool(error["message"]), bool(error["ref"])) == (False, True, True)


def test_there_are_enough_of_them() -> None:
    assert len({row.text for row in ROWS}) >= 150


# --- generated ----------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["", " ", "\x00", "\ud800", "\u202e", "../..", "' OR 1=1 --", "<script>", "{{7*7}}", "%s", "/"]
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.integers(-3, 300), st.just(10**30)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)
ANSWERED = sorted(VALID.keys() - {"typing"})  # whose ack nobody waits for
FIELDS = sorted(
    {field for payload in VALID.values() for field in payload} | {"since", "limit", "before", "after"}
)


@st.composite
def bad_events(draw: st.DrawFn) -> str:
    """An event that was good before a field or two of it were replaced; or none at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(TEXTS, VALUES.map(json.dumps)))
    name = draw(st.sampled_from(ANSWERED) | TEXTS)
    # Not the room where the good message goes: a good `leave` would be refused nothing.
    payload: Json = {**VALID.get(name, {}), "room": draw(st.sampled_from(["r1", "r2"]))}
    for field in draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=2)):
        payload[field] = draw(VALUES)
    return json.dumps([name, payload, *draw(st.lists(VALUES, max_size=draw(st.sampled_from([0, 0, 0, 2]))))])


@settings(
    max_examples=130, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(events=st.lists(bad_events(), min_size=18, max_size=24))
def test_whatever_is_sent_is_answered_and_the_node_stays_up(vandal: Vandal, events: list[str]) -> None:
    """18 and more in each of 130 examples are over 2,000."""
    acks = vandal.send(*(event.encode(errors="replace").decode() for event in events))

    for event, ack in zip(events, acks, strict=True):
        assert ack["ok"] or ack["error"]["code"] in set(CODES) - {"internal"}, (event, ack)


# --- packets that are none ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("opcode", "payload", "code"),
    [
        (TEXT, b"9", 1002),
        (TEXT, b"", 1002),
        (TEXT, b"49", 1003),
        (TEXT, b"4", 1003),
        (TEXT, b"4" + b'51-/chat,["x",{"_placeholder":true,"num":0}]', 1003),
        (TEXT, b"4" + b'599999999-/chat,["x"]', 1003),
        (TEXT, b"4" + b'61-/chat,1["x"]', 1003),
        (TEXT, b"\xff\xfe", 1007),
        (TEXT, b'42/chat,["ping",{"t":"\xff"}]', 1007),
        (BINARY, b"\x00", 1003),
        (TEXT, b"x" * 70_000, 1009),
        (0x3, b"x", 1002),
        (0x9, b"x" * 126, 1002),
    ],
)
def test_a_packet_that_is_none_ends_the_connection_that_sent_it(
    node: RunningNode, bystanders: list[Bystander], opcode: int, payload: bytes, code: int
) -> None:
    with Wire(node.port) as wire:
        wire.join_chat({"token": node.sign_in("Vandal")["token"]})

        wire.send(opcode, payload)

        assert wire.close_code() == code


def test_events_of_the_connections_own_life_run_nothing(
    vandal: Vandal, bystanders: list[Bystander], node: RunningNode
) -> None:
    connections = len(bystanders) + 1
    until(lambda: node.metric("chat_connections") == connections)  # those of other tests have ended

    acks = vandal.send('["connect",{}]', '["disconnect","client disconnect"]', '["disconnect"]')

    assert [ack["error"]["code"] for ack in acks] == ["unknown_event"] * 3
    assert node.metric("chat_connections") == connections


# --- polling, REST ------------------------------------------------------------------------


def request(
    node: RunningNode,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", node.port, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"4" + b"x" * 80_000, 413),
        (b"4\xff", 400),
        (b"", 400),
        (b"9", 400),
        (b"\x1e\x1e", 400),
        (b"d=4%32", 400),
    ],
)
def test_a_poll_that_makes_no_sense_is_refused_whole(
    node: RunningNode, bystanders: list[Bystander], body: bytes, status: int
) -> None:
    _, opened = request(node, "GET", "/socket.io/?EIO=4&transport=polling")
    sid = json.loads(opened[1:])["sid"]
    path = f"/socket.io/?EIO=4&transport=polling&sid={sid}"

    assert request(node, "POST", path, body=body)[0] == status


POST = "/api/rooms/lobby/messages"
KEY = {"Idempotency-Key": "k-1"}
JSON = {"Content-Type": "application/json"}
# method, path, body, headers; status, code and field of the refusal
RestRow = tuple[str, str, bytes | None, dict[str, str], int, str, str | None]
REST: tuple[RestRow, ...] = (
    ("POST", POST, b'{"content":"x"}', JSON, 400, "bad_request", "Idempotency-Key"),
    ("POST", POST, b'{"content":"x"}', {**JSON, "Idempotency-Key": "a b"}, 400, "bad_request", "client_id"),
    ("POST", POST, b'{"content":"x"}', {**KEY, "Content-Type": "text/plain"}, 400, "bad_request", None),
    ("POST", POST, b'{"content":"x"}', KEY, 400, "bad_request", None),
    *(
        ("POST", POST, body, {**JSON, **KEY}, status, code, field)
        for body, status, code, field in (
            (b"", 400, "bad_request", None),
            (b"{", 400, "bad_request", None),
            (b"[]", 400, "bad_request", None),
            (b"null", 400, "bad_request", None),
            (b"\xff", 400, "bad_request", None),
            (b'{"content":NaN}', 400, "bad_request", None),
            (b'{"content":"\\u0000"}', 400, "bad_request", None),
            (b'{"content":"\\ud800"}', 400, "bad_request", None),
            (b'{"content":"a","content":"b"}', 400, "bad_request", None),
            (b"[" * 50_000, 400, "bad_request", None),
            (b"{}", 400, "bad_request", "content"),
            (b'{"content":7}', 400, "bad_request", "content"),
            (b'{"content":null}', 400, "bad_request", "content"),
            (b'{"content":""}', 400, "empty", "content"),
            (b'{"content":" "}', 400, "empty", "content"),
            (b'{"content":"' + b"x" * 4_001 + b'"}', 413, "too_long", "content"),
            (b'{"content":"x","uploads":[1]}', 400, "bad_request", "uploads"),
            (b'{"content":"","uploads":["abcdefghijklmnopqrstuv"]}', 404, "upload_unknown", "uploads"),
            (b'{"content":"x","reply_to":1}', 400, "bad_request", "reply_to"),
        )
    ),
    *(
        ("GET", f"/api/rooms/lobby/events?{query}", None, {}, 400, "bad_request", field)
        for query, field in (
            ("before=x", "before"),
            ("before=-1", "before"),
            ("before=1.5", "before"),
            ("before=", "before"),
            ("before=1;DROP%20TABLE%20events", "before"),
            ("after=1%20OR%201=1", "after"),
            ("after=%00", "after"),
            ("around=99999999999999999999999", "around"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=all", "limit"),
            ("before=1&after=1", "after"),
        )
    ),
    ("GET", "/api/rooms/a%00b/events", None, {}, 400, "bad_request", "room"),
    ("GET", "/api/rooms/%ff/events", None, {}, 400, "bad_request", "room"),
    ("GET", "/api/rooms/" + "x" * 65 + "/events", None, {}, 400, "bad_request", "room"),
    ("POST", "/api/session", b'{"name":7}', JSON, 400, "bad_request", "name"),
    ("POST", "/api/session", b'{"name":""}', JSON, 400, "bad_request", "name"),
    ("POST", "/api/session", b'{"name":"a\\nb"}', JSON, 400, "bad_request", "name"),
    ("POST", "/api/session", b'{"name":"' + b"x" * 33 + b'"}', JSON, 400, "bad_request", "name"),
    ("POST", "/api/session", b'{"name":"\\u202eabc"}', JSON, 400, "bad_request", "name"),
    ("PUT", POST, b"{}", JSON, 405, "unknown_event", None),
    ("GET", "/api/nothing", None, {}, 404, "unknown_event", None),
)


@pytest.mark.parametrize("row", REST, ids=lambda row: f"{row[0]} {row[1][:50]} {(row[2] or b'')[:30]!r}")
def test_a_bad_request_over_rest_is_refused_with_its_reason(
    node: RunningNode, rest_token: str, row: RestRow
) -> None:
    method, path, body, headers, status, code, field = row
    shown = {"Authorization": f"Bearer {rest_token}"} | headers

    answered, text = request(node, method, path, body=body, headers=shown)

    error = json.loads(text)["error"]
    assert (answered, error["code"], error.get("field")) == (status, code, field)


@pytest.fixture(scope="module")
def rest_token(node: RunningNode, bystanders: list[Bystander]) -> str:
    token: str = node.sign_in("Rest")["token"]
    return token


# --- what is left of it -------------------------------------------------------------------


def test_logs_have_one_object_a_line_and_nothing_that_people_said(
    node: RunningNode, vandal: Vandal, rest_token: str
) -> None:
    secret_words = f"words-{secrets.token_hex(4)}"
    vandal.send(
        json.dumps(
            ["message", {"room": f'{secret_words}\n{{"level":"error"}}', "client_id": "c", "content": "x"}]
        ),
        json.dumps(["message", {"room": HOME, "client_id": "c-log", "content": secret_words}]),
    )
    injected = {"Authorization": "Bearer a.b.c", "User-Agent": f"x {secret_words}"}
    request(node, "GET", f"/api/rooms/{secret_words}%0a%7B%22level%22/events", headers=injected)

    printed = node.output
    assert secret_words not in printed
    assert rest_token not in printed
    greeting = ("The chat is open:", "For others on your network:")
    for line in printed.splitlines():
        assert line.startswith(greeting) or isinstance(json.loads(line), dict), line


def test_the_bystanders_have_noticed_nothing(
    node: RunningNode, vandal: Vandal, bystanders: list[Bystander]
) -> None:
    vandal.send('["no_such_event",{}]')

    for bystander in bystanders:
        bystander.stop()
        check_unharmed(node, bystander)
    assert node.is_running


@pytest.mark.parametrize("chunks", BAD_CHUNKS)
def test_a_body_in_bad_chunks_is_refused_at_once_over_rest_too(node: RunningNode, chunks: bytes) -> None:
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    with Wire(node.port) as wire:
        wire.socket.settimeout(5)

        status, _, body = wire.request("/api/session", headers, method="POST", body=chunks)

        assert (status, json.loads(body)["error"]["code"]) == (400, "bad_request")
        assert wire.is_cut()
