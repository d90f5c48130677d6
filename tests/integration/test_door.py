"""The way in, on real sockets and the real hub: who is let in, who waits, who is refused."""

from __future__ import annotations

import errno
import json
import re
import resource
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from eventlet.green import socket as green_socket

from chatapp.runtime import AcceptingEnded, HttpServer, Promise, boottime, sleep, spawn
from chatapp.runtime.bounds.bounds import Bounds
from chatapp.runtime.bounds.descriptors import Descriptors, raise_open_files
from chatapp.runtime.server.accepting import ERRORS, OF_ONE_CONNECTION, OUT_OF_RESOURCES
from chatapp.runtime.server.queueing import BEGINNING_SECONDS, BEGUN_A_TURN, Queue

GET = b"GET /path?query HTTP/1.1\r\nHost: chat.example\r\n\r\n"
CROWD, STRANGER = "127.0.0.2", "127.0.0.3"


class Counted:
    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.bugs = 0

    def connection_refused(self, reason: str) -> None:
        self.refused[reason] += 1

    def accept_failed(self, error: str) -> None:
        self.failed[error] += 1

    def request_failed(self) -> None:
        self.bugs += 1


class Door:
    """A server with small bounds, and its visitors."""

    def __init__(self, stack: ExitStack, **bounds: int) -> None:
        self.counted = Counted()
        self.ended: Promise[object] = Promise()
        self.server = HttpServer(
            _echo,
            "127.0.0.1",
            0,
            share_of=lambda address: None if address == "127.0.0.1" else address,
            meter=self.counted,
            bounds=Bounds(**{"each": 5, "total": 10, **bounds}),
        )
        self._stack = stack
        self._visitors: list[Any] = []
        spawn(self._run)

    def _run(self) -> None:
        try:
            self.server.run()
            self.ended.resolve("stopped")
        except AcceptingEnded as error:
            self.ended.resolve(str(error))

    def visitor(self, address: str = STRANGER, says: bytes = b"") -> Any:
        visitor = green_socket.socket()
        self._stack.callback(visitor.close)
        self._visitors.append(visitor)  # whom nobody knows any more is closed
        visitor.settimeout(10)
        visitor.bind((address, 0))
        visitor.connect(("127.0.0.1", self.server.port))
        visitor.sendall(says)
        return visitor

    def crowd(self, count: int, address: str = CROWD, says: bytes = b"") -> list[Any]:
        seen = self.seen
        crowd = [self.visitor(address, says) for _ in range(count)]
        until(lambda: self.seen >= seen + count)
        return crowd

    @property
    def seen(self) -> int:
        return len(self.server.arrivals.waiting) + sum(self.counted.refused.values())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def door(stack: ExitStack) -> Iterator[Door]:
    door = Door(stack)
    yield door
    door.server.stop()


def _echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "CONTENT_LENGTH")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({name: environ.get(name) for name in names} | {"body": body.decode()}).encode()]


def until(holds: Any) -> None:
    ends_at = boottime() + 10
    while not holds():
        assert boottime() < ends_at
        sleep(0.001)


def answer(visitor: Any) -> tuple[int, Any]:
    """One, and nothing of what comes behind it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += received(visitor, 1)
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)\r\n", head)
    assert length is not None
    body = b""
    while len(body) < int(length[1]):
        body += received(visitor, int(length[1]) - len(body))
    return int(head.split()[1]), json.loads(body)


def received(visitor: Any, most: int) -> bytes:
    piece: bytes = visitor.recv(most)
    assert piece, "the connection has ended"
    return piece


def is_closed(visitor: Any) -> bool:
    try:
        while visitor.recv(65_536):
            pass
    except ConnectionError:
        pass
    return True


# --- whole requests -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (GET, {"PATH_INFO": "/path", "QUERY_STRING": "query", "HTTP_HOST": "chat.example"}),
        (
            b"GET http://other.example/x HTTP/1.1\r\nHost: chat.example\r\n\r\n",
            {"PATH_INFO": "/x", "HTTP_HOST": "other.example"},
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", {"body": "abc"}),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            {"body": "abc", "CONTENT_LENGTH": "3"},
        ),
    ],
)
def test_a_request_reaches_the_application_however_it_was_cut(
    door: Door, text: bytes, shown: dict[str, str]
) -> None:
    visitor = door.visitor()
    for byte in text * 2:  # on one connection, one after the other
        visitor.sendall(bytes((byte,)))

    for _ in range(2):
        status, said = answer(visitor)
        assert (status, said | shown) == (200, said)


@pytest.mark.parametrize(
    ("version", "connection", "is_kept"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: keep-alive\r\n", True),
        ("1.1", "Connection: Close\r\n", False),
        ("1.0", "", False),
        ("1.0", "Connection: keep-alive\r\n", True),
    ],
)
def test_a_connection_is_kept_as_its_client_wishes(
    door: Door, version: str, connection: str, is_kept: bool
) -> None:
    visitor = door.visitor(says=f"GET //other.example HTTP/{version}\r\nHost: a\r\n{connection}\r\n".encode())

    assert answer(visitor)[1]["PATH_INFO"] == "/other.example"
    if not is_kept:
        assert is_closed(visitor)
    else:
        visitor.sendall(GET)
        assert answer(visitor)[0] == 200


def test_requests_that_come_together_are_answered_in_their_order(door: Door) -> None:
    visitor = door.visitor(says=b"".join(GET.replace(b"query", b"%d" % n) for n in range(3)))

    received = b""
    while received.count(b'"body"') < 3:
        received += visitor.recv(65_536)

    assert [part[:1] for part in received.split(b'"QUERY_STRING": "')[1:]] == [b"0", b"1", b"2"]


def test_whoever_asks_before_sending_a_body_is_told_to_go_on(door: Door) -> None:
    visitor = door.visitor(
        says=b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    )
    assert visitor.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"

    visitor.sendall(b"abc")

    assert answer(visitor)[1]["body"] == "abc"


def test_nonsense_is_refused_with_its_reason_and_the_connection_ends(door: Door) -> None:
    visitor = door.visitor(says=b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n" + b"x" * 100_000)

    status, said = answer(visitor)

    assert (status, said["error"]["code"]) == (400, "bad_request")
    assert is_closed(visitor)
    assert door.counted.refused == {"malformed": 1}


def test_a_bug_below_the_application_is_logged_and_counted_and_a_client_who_has_gone_is_not(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[Exception] = [BrokenPipeError("gone"), RuntimeError("a bug")]

    def broken(_environ: object, _start_response: object) -> list[bytes]:
        raise failures.pop()

    door.server._wsgi.app = broken
    for _ in range(2):
        assert door.visitor(STRANGER, GET).recv(100).startswith(b"HTTP/1.1 500 ")

    assert door.counted.bugs == 1
    assert [record.exc_info is not None for record in caplog.records] == [True]


# --- shares -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "says", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"]
)
def test_over_its_share_an_address_is_refused_and_nobody_else(door: Door, says: bytes) -> None:
    crowd = door.crowd(8, says=says)

    refused = [answer(visitor) for visitor in crowd[:3]]

    assert [(status, said["error"]["code"]) for status, said in refused] == [
        (429, "too_many_connections")
    ] * 3
    assert (refused[0][1]["error"]["scope"], refused[0][1]["error"]["retry_after_ms"]) == ("address", 5_000)
    assert door.counted.refused == {"address": 3}
    assert len(door.server.arrivals.waiting) == 5
    assert door.server.arrivals.waiting.addresses_at_their_share == 1
    assert answer(door.visitor(STRANGER, GET))[0] == 200
    assert answer(door.visitor(CROWD, GET))[0] == 200, "who says what they want needs no share"


def test_when_the_node_is_full_a_stranger_gets_the_place_of_the_largest_crowd(door: Door) -> None:
    for number in range(2):
        door.crowd(5, f"127.0.1.{number}")
    visitor = door.visitor(STRANGER, GET[:20])
    until(lambda: door.counted.refused["node"] == 1)

    visitor.sendall(GET[20:])

    assert answer(visitor)[0] == 200
    assert len(door.server.arrivals.waiting) == 9


def test_a_trusted_proxy_has_no_share(door: Door) -> None:
    crowd = door.crowd(9, "127.0.0.1")

    crowd[0].sendall(GET)

    assert answer(crowd[0])[0] == 200
    assert door.counted.refused == {}


def test_idle_connections_over_a_share_are_closed_and_nobody_is_refused(door: Door) -> None:
    crowd = [door.visitor(CROWD, GET) for _ in range(7)]
    assert [answer(visitor)[0] for visitor in crowd] == [200] * 7
    until(lambda: len(door.server.arrivals.idle) == 5)

    assert door.counted.refused == {}
    closed = [visitor for visitor in crowd if visitor.gettimeout() and _is_at_its_end(visitor)]
    assert len(closed) == 2


def _is_at_its_end(visitor: Any) -> bool:
    visitor.settimeout(0.05)
    try:
        return bool(visitor.recv(1) == b"")
    except TimeoutError:
        return False


def test_bytes_of_unfinished_requests_have_a_bound(stack: ExitStack) -> None:
    door = Door(stack, each=10, held_bytes=100_000)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
    small = door.visitor(STRANGER, head + b"x" * 10_000)
    until(lambda: door.seen == 1)

    door.crowd(3, says=head + b"x" * 40_000)
    until(lambda: door.counted.refused["bytes"] == 1)

    small.sendall(b"x" * 50_000)
    assert answer(small)[0] == 200
    assert (door.counted.refused, len(door.server.arrivals.waiting)) == ({"bytes": 1}, 2)
    door.server.stop()


def test_answers_that_nobody_reads_have_a_bound(stack: ExitStack) -> None:
    def large(_environ: object, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [bytes(20_000_000)]

    door = Door(stack, each=2)
    door.server._wsgi.app = large
    for _ in range(3):
        door.visitor(CROWD, GET)

    until(lambda: door.counted.refused["unread"] == 1)

    assert len(door.server.unread) == 2
    door.server.stop()


def test_addresses_take_turns_and_each_is_answered_in_its_order() -> None:
    queue, begun = Queue(), list[str]()
    for number in range(100):
        queue.put(CROWD, partial(begun.append, f"crowd {number}"))
    queue.put(STRANGER, partial(begun.append, "stranger"))

    sleep(0)
    sleep(0)
    begun_in_two_turns = len(begun)
    until(lambda: len(begun) == 101)

    assert begun_in_two_turns <= 2 * BEGUN_A_TURN < 100, "the hub has its turns in between"
    assert begun.index("stranger") <= 1
    begun.remove("stranger")
    assert begun == [f"crowd {number}" for number in range(100)]


def _begin_slowly(begun: list[int], number: int) -> None:
    ends_at = boottime() + BEGINNING_SECONDS / 2
    while boottime() < ends_at:
        pass
    begun.append(number)


def test_where_it_takes_long_to_begin_one_fewer_are_begun_in_a_turn() -> None:
    queue, begun = Queue(), list[int]()
    for number in range(12):
        queue.put(CROWD, partial(_begin_slowly, begun, number))
    sleep(0)
    sleep(0)

    assert 1 <= len(begun) <= 4
    until(lambda: len(begun) == 12)


def test_those_who_come_in_are_begun_together_however_long_it_takes() -> None:
    queue, begun = Queue(), list[int]()
    for number in range(BEGUN_A_TURN):
        queue.put(CROWD, partial(_begin_slowly, begun, number), is_upgrade=True)
    sleep(0)

    assert len(begun) == BEGUN_A_TURN, "what they store is stored together"


def test_one_that_waits_keeps_nobody_from_being_begun() -> None:
    queue, begun = Queue(), list[str]()

    def wait() -> None:
        until(lambda: begun)
        begun.append("who waited")

    queue.put(CROWD, wait)
    queue.put(STRANGER, partial(begun.append, "stranger"))
    until(lambda: len(begun) == 2)

    assert begun == ["stranger", "who waited"]


# --- accept(2) ----------------------------------------------------------------------------


class Failing:
    """A listening socket whose accept fails first, in each of these ways."""

    def __init__(self, listener: Any, errors: list[int]) -> None:
        self._listener = listener
        self._errors = errors

    def accept(self) -> Any:
        if self._errors:
            raise OSError(self._errors.pop(), "made to fail")
        return self._listener.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)


@pytest.mark.parametrize("name", [*OUT_OF_RESOURCES, *OF_ONE_CONNECTION, "EIO"])
def test_every_error_of_accept_is_waited_off(door: Door, name: str) -> None:
    door.server._acceptor._listener = Failing(door.server._socket.fd, [getattr(errno, name)] * 3)

    assert answer(door.visitor(STRANGER, GET))[0] == 200

    assert door.counted.failed == {name if name in ERRORS else "other": 3}


def test_the_server_says_so_when_nobody_can_come_in_any_more(door: Door) -> None:
    door.server._acceptor._listener = Failing(door.server._socket.fd, [errno.EBADF])
    door.visitor(STRANGER)

    assert door.ended.wait(5) == "Accepting connections has ended: made to fail. The node ends with it."


def test_a_third_of_the_descriptors_is_kept_from_those_who_say_nothing() -> None:
    descriptors = Descriptors(300)

    assert descriptors.bound(Bounds()) == Bounds(total=200)
    assert Descriptors(65_536).bound(Bounds()) == Bounds()
    assert [descriptors.are_short(number) for number in (262, 263)] == [False, True]


def test_with_few_descriptors_left_whoever_is_served_least_goes_first(door: Door) -> None:
    door.server._descriptors = Descriptors(8)  # the next connection's number is higher
    first = door.visitor(STRANGER, GET)
    assert answer(first) == (503, answer_of_the_full())

    door.server._descriptors = Descriptors(65_536)
    idle = door.visitor(CROWD, GET)
    assert answer(idle)[0] == 200
    until(lambda: len(door.server.arrivals.idle) == 1)
    door.server._descriptors = Descriptors(8)

    assert answer(door.visitor(STRANGER, GET))[0] == 200
    assert is_closed(idle)


def answer_of_the_full() -> Any:
    return {
        "error": {
            "code": "too_many_connections",
            "message": "There are too many connections.",
            "retryable": True,
            "retry_after_ms": 5_000,
            "scope": "node",
        }
    }


def test_the_soft_limit_of_descriptors_is_raised_to_the_hard_one() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 512), hard))
    try:
        raise_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard, 1_048_576)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_idle_and_waiting_connections_end_when_the_server_stops_accepting(door: Door) -> None:
    waiting = door.crowd(1)[0]
    idle = door.visitor(CROWD, GET)
    assert answer(idle)[0] == 200
    until(lambda: len(door.server.arrivals.idle) == 1)

    door.server.stop_accepting()

    assert is_closed(waiting)
    assert is_closed(idle)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", door.server.port))
