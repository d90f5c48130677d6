"""Long bodies on real sockets and the real hub: streamed to whom the application names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from eventlet.green import socket as green_socket

from chatapp.runtime import HttpServer, sleep, spawn
from chatapp.runtime.bodies.pieces import PIECE_BYTES
from chatapp.runtime.bounds.bounds import Bounds
from chatapp.runtime.requests.streaming import Whose, streamed_body
from chatapp.runtime.server import receiving
from chatapp.runtime.server.receiving import STORED_AT_ONCE
from tests.integration.test_door import Counted, until

SENDER = "127.0.0.2"
BODY = bytes(range(256)) * 8192  # 2 MiB: four pieces
TYPE = b"Content-Type: application/offset+octet-stream\r\n"


def patch(length: int, *more: bytes, path: bytes = b"/take") -> bytes:
    head = b"PATCH %s HTTP/1.1\r\nHost: chat.example\r\n%sContent-Length: %d\r\n" % (path, TYPE, length)
    return head + b"".join(more) + b"\r\n"


class Taker:
    """Keeps what it is given, and says go on when the test does."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.ended: list[bool] = []
        self.is_patient = True
        self.goes_on: Callable[[bool], None] | None = None

    def take(self, piece: bytes, done: Callable[[bool], None]) -> None:
        assert not self.ended
        self.pieces.append(piece)
        if self.is_patient:
            done(True)
        else:
            self.goes_on = done

    def end(self, is_whole: bool, done: Callable[[], None]) -> None:
        self.ended.append(is_whole)
        done()

    @property
    def received(self) -> bytes:
        return b"".join(self.pieces)


class House:
    """``/take`` gives the body to the taker, everything else is refused as soon as its head is here.

    ``X-Whose`` says for whom it counts: a person, an address and a target.
    """

    def __init__(self, stack: ExitStack, **bounds: int) -> None:
        self.takers: list[Taker] = []
        self.is_patient = True
        self.meanwhile: Callable[[], object] = lambda: None
        self.counted = Counted()
        self._stack = stack
        self._senders: list[Any] = []
        self.server = HttpServer(
            self._app, "127.0.0.1", 0, meter=self.counted, bounds=Bounds(**{"each": 5, "total": 10, **bounds})
        )
        spawn(self.server.run)

    def _app(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = streamed_body(environ)
        assert environ["wsgi.input"].read() == b""
        if body is not None and not body.is_over and (said := environ.get("HTTP_X_WHOSE")):
            if scope := body.count_for(Whose(*said.split())):
                start_response("429 Too Many Requests", [("Content-Type", "application/json")])
                return [json.dumps(scope).encode()]
            self.meanwhile()
        if body is not None and environ["PATH_INFO"] == "/take" and not body.is_over:
            self.takers.append(Taker())
            self.takers[-1].is_patient = self.is_patient
            body.receive_by(self.takers[-1])
            return []
        said = {"length": body.length, "is_over": body.is_over} if body is not None else {}
        status = "200 OK" if environ["PATH_INFO"] == "/take" else "404 Not Found"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(said).encode()]

    @property
    def taker(self) -> Taker:
        until(lambda: self.takers)
        return self.takers[-1]

    def sender(self, says: bytes = b"", address: str = SENDER) -> Any:
        sender = green_socket.socket()
        self._stack.callback(sender.close)
        self._senders.append(sender)  # whom nobody knows any more is closed
        sender.settimeout(10)
        sender.bind((address, 0))
        sender.connect(("127.0.0.1", self.server.port))
        sender.sendall(says)
        return sender


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def house(stack: ExitStack) -> Iterator[House]:
    house = House(stack)
    yield house
    house.server.stop()


def answer(sender: Any) -> tuple[int, str, Any]:
    """The next one: its status, its head and its body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read(sender, 1)
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return int(head.split()[1]), head.decode(), json.loads(read(sender, length))


def read(sender: Any, count: int) -> bytes:
    received = b""
    while len(received) < count:
        more: bytes = sender.recv(count - len(received))
        assert more, "it has ended"
        received += more
    return received


def is_over(sender: Any) -> bool:
    try:
        return not sender.recv(65_536)
    except ConnectionError:
        return True


# --- it comes -----------------------------------------------------------------------------


def test_a_long_body_comes_in_pieces_and_the_connection_goes_on(house: House) -> None:
    sender = house.sender()

    for _ in range(2):
        sender.sendall(patch(len(BODY)) + BODY)
        assert answer(sender)[::2] == (200, {"length": len(BODY), "is_over": True})
        assert house.taker.received == BODY
        assert [len(piece) for piece in house.taker.pieces] == [PIECE_BYTES] * 4
        assert house.taker.ended == [True]
    assert len(house.server.receptions) == 0


def test_so_does_one_in_chunks(house: House) -> None:
    head = b"PATCH /take HTTP/1.1\r\nHost: chat.example\r\n" + TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
    chunks = [b"%x\r\n%s\r\n" % (300_000, BODY[:300_000]), b"7\r\n1234567\r\n", b"0\r\n\r\n"]
    sender = house.sender(head + b"".join(chunks) + patch(3) + b"abc")

    assert answer(sender)[::2] == (200, {"length": None, "is_over": True})
    assert house.takers[0].received == BODY[:300_000] + b"1234567"
    assert answer(sender)[0] == 200
    assert house.takers[1].received == b"abc"


def test_a_small_body_that_came_with_its_head_is_one_piece(house: House) -> None:
    sender = house.sender(patch(3) + b"abc" + b"GET /take HTTP/1.1\r\nHost: chat.example\r\n\r\n")

    assert answer(sender)[::2] == (200, {"length": 3, "is_over": True})
    assert answer(sender)[::2] == (200, {})
    assert house.taker.pieces == [b"abc"]


def test_who_asks_first_is_asked_for_the_body(house: House) -> None:
    sender = house.sender(patch(3, b"Expect: 100-continue\r\n"))
    assert sender.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"

    sender.sendall(b"abc")
    assert answer(sender)[0] == 200


def test_while_a_piece_is_stored_nothing_is_read(house: House) -> None:
    """So TCP holds the sender back: what the system's buffers do not take is not sent."""
    house.is_patient = False
    sender = house.sender(patch(16 << 20))
    spawn(send_until_it_ends, sender, 16 << 20)
    taker = house.taker
    until(lambda: taker.goes_on)

    sleep(0.05)
    assert len(taker.received) == PIECE_BYTES
    (reception,) = house.server.receptions._admissions.everything()
    assert reception.pieces.held_bytes == 0

    taker.is_patient = True
    assert taker.goes_on is not None
    taker.goes_on(True)
    until(lambda: len(taker.received) == 16 << 20)


def send_until_it_ends(sender: Any, length: int) -> None:
    sender.settimeout(None)
    try:
        for _ in range(length // len(BODY)):
            sender.sendall(BODY)
    except OSError:
        pass


def test_only_so_many_pieces_are_stored_at_once_and_the_others_wait_their_turn(house: House) -> None:
    house.is_patient = False
    for _ in range(STORED_AT_ONCE + 2):
        before = len(house.takers)
        house.sender(patch(3) + b"abc")
        until(lambda before=before: len(house.takers) > before)
    takers = house.takers
    until(lambda: takers[STORED_AT_ONCE - 1].pieces)
    sleep(2 * receiving.PAUSE_SECONDS)
    assert [bool(taker.pieces) for taker in takers] == [True] * STORED_AT_ONCE + [False] * 2

    for taker in takers:
        until(lambda taker=taker: taker.goes_on is not None)
        assert taker.goes_on is not None
        taker.goes_on(True)
    until(lambda: all(taker.ended == [True] for taker in takers))


# --- it is refused ------------------------------------------------------------------------


def test_a_refusal_comes_before_the_body_and_ends_the_connection(house: House) -> None:
    sender = house.sender(patch(1 << 30, path=b"/no"))
    status, head, said = answer(sender)

    assert (status, said) == (404, {"length": 1 << 30, "is_over": False})
    assert "Connection: close" in head
    sender.sendall(BODY)  # somebody who goes on for a while does not lose the answer by a reset
    assert is_over(sender)
    assert len(house.server.receptions) == 0


def test_nor_is_anybody_asked_for_a_body_that_is_refused(house: House) -> None:
    sender = house.sender(patch(1 << 30, b"Expect: 100-continue\r\n", path=b"/no"))

    assert answer(sender)[0] == 404


def test_behind_a_refused_body_that_had_come_the_connection_goes_on(house: House) -> None:
    sender = house.sender(patch(3, path=b"/no") + b"abc" + patch(3) + b"def")

    assert answer(sender)[0] == 404
    assert answer(sender)[0] == 200
    assert house.taker.received == b"def"


def test_a_refusal_in_the_middle_is_answered_at_once(house: House) -> None:
    house.is_patient = False
    sender = house.sender(patch(len(BODY)) + BODY[: PIECE_BYTES + 10])
    until(lambda: house.taker.goes_on)
    assert house.taker.goes_on is not None
    house.taker.goes_on(False)

    status, head, said = answer(sender)
    assert (status, said["is_over"]) == (200, True)
    assert "Connection: close" in head
    assert house.taker.ended == []
    assert is_over(sender)


def test_what_is_no_body_is_answered_and_what_came_before_is_kept(house: House) -> None:
    head = b"PATCH /take HTTP/1.1\r\nHost: chat.example\r\n" + TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
    sender = house.sender(head + b"3\r\nabc\r\n")
    assert house.taker.received == b""
    sender.sendall(b"no length\r\n")

    assert answer(sender)[0] == 400
    until(lambda: house.taker.ended)
    assert (house.taker.received, house.taker.ended) == (b"abc", [False])


def test_only_so_many_are_received_at_once(stack: ExitStack) -> None:
    house = House(stack, bodies_each=2, bodies=3)
    first = [house.sender(patch(10)) for _ in range(2)]
    until(lambda: len(house.takers) == 2)

    status, _, said = answer(house.sender(patch(10)))
    assert (status, said["error"]["code"], said["error"]["scope"]) == (429, "too_many_connections", "address")
    house.sender(patch(10), "127.0.0.3")
    until(lambda: len(house.takers) == 3)
    status, _, said = answer(house.sender(patch(10), "127.0.0.3"))
    assert (status, said["error"]["scope"]) == (503, "node")

    first[0].sendall(b"0123456789")
    assert answer(first[0])[0] == 200
    house.sender(patch(10))
    until(lambda: len(house.takers) == 4)
    assert len(house.server.receptions) == 3
    house.server.stop()


def test_one_more_address_always_gets_in_at_the_cost_of_that_which_has_most(stack: ExitStack) -> None:
    house = House(stack, bodies_each=4, bodies=6)
    most = [house.sender(patch(10)) for _ in range(4)]
    until(lambda: len(house.takers) == 4)
    most[0].sendall(b"012")
    most[1].sendall(b"0123456789")
    assert answer(most[1])[0] == 200, "what is whole has no place any more"
    most[1] = house.sender(patch(10))
    house.sender(patch(10), "127.0.0.3")
    house.sender(patch(10), "127.0.0.4")
    until(lambda: len(house.takers) == 7)

    house.sender(patch(10), "127.0.0.5")
    until(lambda: len(house.takers) == 8)

    status, head, said = answer(most[0])
    assert (status, said["error"]["code"], said["error"]["scope"]) == (429, "too_many_connections", "address")
    assert said["error"]["retry_after_ms"] == 5_000
    assert "Retry-After: 5" in head
    until(lambda: house.takers[0].ended)
    assert (house.takers[0].received, house.takers[0].ended) == (b"012", [False])
    assert answer(house.sender(patch(10), "127.0.0.2"))[0] == 503, (
        "it has as many as it would take from itself"
    )
    assert len(house.server.receptions) == 6
    house.server.stop()


def of(whose: str, length: int = 10) -> bytes:
    return patch(length, f"X-Whose: {whose}\r\n".encode())


def test_a_person_and_an_address_send_so_many_whoever_brings_them(stack: ExitStack) -> None:
    """Behind a proxy all of them come from one peer, which has no share."""
    house = House(stack, bodies_person=1, bodies_each=2)
    house.server.arrivals._share_of = lambda _peer: None
    first = house.sender(of("ana one a"))
    house.sender(of("ben one b"))
    until(lambda: len(house.takers) == 2)

    assert answer(house.sender(of("ana two c")))[::2] == (429, "person")
    assert answer(house.sender(of("eva one d")))[::2] == (429, "address")
    assert len(house.server.receptions) == 2

    first.sendall(b"0123456789")
    assert answer(first)[0] == 200
    house.sender(of("eva one d"))
    until(lambda: len(house.takers) == 3)
    house.server.stop()


def test_behind_a_proxy_one_more_address_gets_in_too(stack: ExitStack) -> None:
    """Whose it is, is known once the application has read its head."""
    house = House(stack, bodies_person=9, bodies_each=4, bodies=4)
    house.server.arrivals._share_of = lambda _peer: None
    most = []
    for count, whose in enumerate(("ana one a", "ana one b", "ana one c", "ben two d"), 1):
        most.append(house.sender(of(whose)))
        until(lambda count=count: len(house.takers) == count)

    house.sender(of("ben two e"))
    until(lambda: len(house.takers) == 5)  # behind Eva he would have as many as Ana
    house.sender(of("eva three f"))
    until(lambda: len(house.takers) == 6)

    assert [answer(sender)[0] for sender in most[:2]] == [429, 429]
    until(lambda: house.takers[0].ended and house.takers[1].ended)
    assert answer(house.sender(of("eva three g")))[::2] == (429, "node"), "nobody has more than that"
    assert len(house.server.receptions) == 4
    house.server.stop()


def test_a_body_gives_way_to_the_next_one_to_its_target(house: House) -> None:
    """Which brings again what has come of it and is not stored."""
    first = house.sender(of("ana one file") + b"012")
    until(lambda: house.takers)
    other = house.sender(of("ana one other"))
    until(lambda: len(house.takers) == 2)
    second = house.sender(of("ana one file") + b"0123456789")

    status, head, said = answer(first)
    assert (status, said["error"]["code"]) == (409, "conflict")
    assert "Connection: close" in head
    assert answer(second)[0] == 200
    other.sendall(b"0123456789")
    assert answer(other)[0] == 200
    assert [taker.received for taker in house.takers] == [b"", b"0123456789", b"0123456789"]
    assert [taker.ended for taker in house.takers] == [[False], [True], [True]]
    assert not house.server.receptions._admissions._under_way._counted


def test_what_gives_way_holds_nothing_while_others_are_stored(house: House) -> None:
    house.is_patient = False
    for _ in range(STORED_AT_ONCE):
        house.sender(patch(3) + b"abc")
    until(lambda: len([taker for taker in house.takers if taker.goes_on]) == STORED_AT_ONCE)
    first = house.sender(of("ana one file", len(BODY)) + BODY[:PIECE_BYTES])
    until(lambda: house.server.receptions._full)
    second = house.sender(of("ana one file", len(BODY)))

    assert answer(first)[0] == 409
    assert not house.server.receptions._full
    assert house.takers[STORED_AT_ONCE].ended == [False]
    for taker in house.takers[:STORED_AT_ONCE]:
        assert taker.goes_on is not None
        taker.goes_on(True)
    house.takers[-1].is_patient = True
    second.sendall(BODY)
    assert answer(second)[0] == 200
    assert house.takers[STORED_AT_ONCE].pieces == []


def test_of_two_that_come_at_once_the_later_is_received(house: House) -> None:
    def come_meanwhile() -> None:
        house.meanwhile = lambda: None
        senders.append(house.sender(of("ana one file")))
        until(lambda: house.takers)

    senders: list[Any] = []
    house.meanwhile = come_meanwhile
    first = house.sender(of("ana one file") + b"0123456789")

    assert answer(first)[0] == 409
    senders[0].sendall(b"9876543210")
    assert answer(senders[0])[0] == 200
    assert sorted(taker.received for taker in house.takers) == [b"", b"9876543210"]


# --- it breaks off ------------------------------------------------------------------------


def test_what_came_before_a_break_is_given_on(house: House) -> None:
    sender = house.sender(patch(len(BODY)) + BODY[: PIECE_BYTES + 12_345])
    until(lambda: len(house.taker.received) == PIECE_BYTES)
    sender.close()

    until(lambda: house.taker.ended)
    assert house.taker.received == BODY[: PIECE_BYTES + 12_345]
    assert house.taker.ended == [False]
    assert len(house.server.receptions) == 0


def test_a_break_while_a_piece_is_stored_waits_for_that(house: House) -> None:
    house.is_patient = False
    house.sender(patch(len(BODY)) + BODY[:PIECE_BYTES])
    until(lambda: house.taker.goes_on)
    house.server.stop_accepting()

    assert house.taker.ended == []
    assert house.taker.goes_on is not None
    house.taker.goes_on(True)
    assert house.taker.ended == [False]


def test_who_is_too_slow_is_told_so_and_keeps_what_came(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "PIECE_SECONDS", 0.1)
    sender = house.sender(patch(len(BODY)) + b"x")
    spawn(trickle, sender)

    status, _, said = answer(sender)
    assert (status, said["error"]["code"]) == (408, "bad_request")
    until(lambda: house.taker.ended)
    assert 1 <= len(house.taker.received) < 200
    assert house.taker.ended == [False]


def trickle(sender: Any) -> None:
    try:
        while True:
            sender.sendall(b"x")
            sleep(0.005)
    except OSError:
        pass


def test_a_body_that_is_handed_over_while_the_node_stops_is_broken_off_too(house: House) -> None:
    app = house.server._wsgi.app

    def stop_meanwhile(*asked: Any) -> Any:
        house.server.stop_accepting()
        return app(*asked)

    house.server._wsgi.app = stop_meanwhile
    sender = house.sender(patch(len(BODY)) + b"abc")

    until(lambda: house.taker.ended)
    assert (house.taker.received, house.taker.ended) == (b"abc", [False])
    assert is_over(sender)


def test_a_node_that_stops_breaks_off_what_is_under_way(house: House) -> None:
    sender = house.sender(patch(len(BODY)) + b"abc")
    until(lambda: house.takers)
    sleep(0.01)
    house.server.stop_accepting()

    until(lambda: house.taker.ended)
    assert (house.taker.received, house.taker.ended) == (b"abc", [False])
    assert is_over(sender)
