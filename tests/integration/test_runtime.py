"""The runtime on the real hub, in this very process, without any patching."""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from eventlet.green import socket as green_socket

from chatapp.gateway.wire.fanout import TOGETHER_BYTES, Fanout
from chatapp.runtime import (
    CannotListen,
    HttpServer,
    HubScheduler,
    Promise,
    Stream,
    Threads,
    boottime,
    on_signals,
    sleep,
    spawn,
    take_over,
)


@pytest.fixture
def scheduler() -> HubScheduler:
    return HubScheduler()


@pytest.fixture
def threads() -> Iterator[Threads[list[int]]]:
    threads: Threads[list[int]] = Threads("test", 1, list)
    yield threads
    threads.stop()


def turn() -> None:
    """Let everything run that is due."""
    sleep(0)
    sleep(0)


def until(holds: Callable[[], bool]) -> None:
    """Let everything run until this holds; what comes over a socket takes the hub some turns."""
    ends_at = boottime() + 5
    while not holds():
        assert boottime() < ends_at
        sleep(0.001)


def test_callbacks_run_in_order_and_never_inside_the_caller(scheduler: HubScheduler) -> None:
    ran: list[int] = []
    for n in range(100):
        scheduler.call_soon(ran.append, n)
    assert ran == []

    turn()

    assert ran == list(range(100))


def test_a_callback_that_fails_is_logged_and_stops_nothing(
    scheduler: HubScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[int] = []
    scheduler.call_soon(lambda: 1 / 0)
    scheduler.call_later(0, lambda: 1 / 0)
    scheduler.call_soon(ran.append, 1)
    spawn(lambda: 1 / 0)

    turn()
    scheduler.call_soon(ran.append, 2)
    turn()

    assert ran == [1, 2]
    assert [record.exc_info is not None for record in caplog.records] == [True] * 3


def test_a_callback_that_calls_itself_leaves_the_hub_its_turn(scheduler: HubScheduler) -> None:
    calls: list[None] = []

    def again() -> None:
        if len(calls) < 100_000:
            calls.append(None)
            scheduler.call_soon(again)

    scheduler.call_soon(again)
    turn()

    assert 0 < len(calls) < 10
    calls.extend([None] * 100_000)
    turn()


def test_a_cancelled_timer_does_not_fire(scheduler: HubScheduler) -> None:
    ran: list[str] = []
    scheduler.call_later(0.001, ran.append, "never").cancel()
    scheduler.call_later(0.002, ran.append, "later")

    sleep(0.01)

    assert ran == ["later"]


def test_jobs_run_in_order_on_a_thread_of_their_own_and_come_back_to_this_one(
    threads: Threads[list[int]],
) -> None:
    back: Promise[None] = Promise()
    came: list[tuple[object, int]] = []
    here = threading.get_ident()

    def job(n: int, state: list[int]) -> int:
        state.append(n)
        assert threading.get_ident() != here
        return sum(state)

    def done(result: int | BaseException) -> None:
        came.append((result, threading.get_ident()))
        if len(came) == 100:
            back.resolve(None)

    for n in range(100):
        threads.submit(partial(job, n), done)
    back.wait(5)

    assert came == [(n * (n + 1) // 2, here) for n in range(100)]


def test_a_greenlet_waits_for_a_job_and_the_others_go_on(threads: Threads[list[int]]) -> None:
    gate = threading.Event()
    ran: list[str] = []

    def others() -> None:
        ran.append("others")
        gate.set()

    spawn(others)

    assert threads.call(lambda _state: gate.wait(5)) is True
    assert ran == ["others"]


def test_what_a_job_raises_is_raised_where_it_was_asked_for(threads: Threads[list[int]]) -> None:
    with pytest.raises(ZeroDivisionError):
        threads.call(lambda _state: 1 / 0)

    assert threads.call(lambda state: state) == []


def test_a_state_that_cannot_be_made_fails_its_job_and_is_tried_again() -> None:
    failures = [OSError("no database")]

    def make() -> str:
        if failures:
            raise failures.pop()
        return "an engine"

    closed: list[str] = []
    threads: Threads[str] = Threads("test", 1, make, closed.append)
    with pytest.raises(OSError, match="no database"):
        threads.call(str)

    assert threads.call(str) == "an engine"
    threads.stop()
    assert closed == ["an engine"]


def test_a_promise_keeps_the_first_value_and_gives_up_in_time() -> None:
    kept: Promise[int] = Promise()
    kept.resolve(1)
    kept.resolve(2)
    assert kept.wait() == 1

    with pytest.raises(TimeoutError):
        Promise[int]().wait(0.001)


def test_a_taken_port_is_one_sentence() -> None:
    first = HttpServer(lambda *_: [b""], "127.0.0.1", 0)

    with pytest.raises(
        CannotListen, match=rf"^Cannot listen on 127.0.0.1 port {first.port}: Address already in use\.$"
    ):
        HttpServer(lambda *_: [b""], "127.0.0.1", first.port)
    first.stop()


def test_accepted_sockets_do_not_wait_to_send() -> None:
    seen: Promise[int] = Promise()

    def app(environ: dict[str, object], start_response: object) -> list[bytes]:
        accepted = environ["eventlet.input"].get_socket()  # type: ignore[attr-defined]
        seen.resolve(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        start_response("200 OK", [])  # type: ignore[operator]
        return [b""]

    server = HttpServer(app, "127.0.0.1", 0)
    spawn(server.run)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert seen.wait(5) == 1
    server.stop()


@pytest.fixture
def taken() -> Iterator[tuple[Stream, socket.socket, int]]:
    """A connection that was taken over, whose request is done: its stream, its client, its descriptor."""
    streams: Promise[tuple[Stream, int]] = Promise()

    def app(environ: dict[str, Any], _start_response: object) -> list[bytes]:
        descriptor = environ["eventlet.input"].get_socket().fileno()
        stream, early = take_over(environ)
        stream.send(b"early: " + early)
        streams.resolve((stream, descriptor))
        return []

    server = HttpServer(app, "127.0.0.1", 0)
    spawn(server.run)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nhello")
        stream, descriptor = streams.wait(5)
        turn()
        assert client.recv(100) == b"early: hello"
        yield stream, client, descriptor
        stream.close()
    server.stop()


def test_a_connection_that_was_taken_over_outlives_its_request(
    taken: tuple[Stream, socket.socket, int],
) -> None:
    stream, client, _ = taken
    received: list[bytes] = []
    stream.on_received = received.append
    stream.resume()

    client.sendall(b"still here")
    until(lambda: received == [b"still here"])
    stream.send(b"so am I")
    assert client.recv(100) == b"so am I"

    client.close()
    until(lambda: received == [b"still here", b""])


def test_nothing_comes_in_while_a_stream_is_paused_and_all_of_it_later(
    taken: tuple[Stream, socket.socket, int],
) -> None:
    stream, client, _ = taken
    received: list[bytes] = []
    stream.on_received = received.append
    stream.resume()
    stream.pause()

    client.sendall(b"waits")
    client.shutdown(socket.SHUT_WR)
    turn()
    assert received == []

    stream.resume()
    until(lambda: received == [b"waits", b""])


def test_a_stream_that_is_shut_down_says_so_once_and_gives_its_descriptor_back(
    taken: tuple[Stream, socket.socket, int],
) -> None:
    stream, client, descriptor = taken
    received: list[bytes] = []
    stream.on_received = received.append
    stream.resume()

    stream.shut_down()
    until(lambda: received == [b""])
    assert client.recv(100) == b""

    stream.close()
    turn()
    assert received == [b""]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_stream_that_stops_listening_hears_nothing_of_the_same_turn(
    taken: tuple[Stream, socket.socket, int],
) -> None:
    """A reset makes it readable and writable at once, and the hub calls both, in any order."""
    stream, client, _ = taken
    called: list[str] = []

    def on_received(_received: bytes) -> None:
        called.append("readable")
        stream.shut_down()

    def on_writable() -> None:
        called.append("writable")
        stream.pause()

    stream.on_received = on_received
    while stream.send(bytes(65_536)):
        pass
    stream.when_writable(on_writable)
    stream.resume()

    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    until(lambda: called != [])
    turn()

    assert len(called) == 1


def test_the_server_stops_taking_connections_and_returns() -> None:
    server = HttpServer(lambda *_: [b""], "127.0.0.1", 0)
    returned: Promise[bool] = Promise()

    def run() -> None:
        server.run()
        returned.resolve(True)

    spawn(run)
    turn()

    server.stop_accepting()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", server.port)):
        pass
    server.stop()

    assert returned.wait(5)


def test_a_bug_in_the_application_shows_nothing_of_itself_to_the_client() -> None:
    """Below Flask's own handler: debug, which eventlet has on unless it is told, sends the traceback."""

    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise RuntimeError("a secret of the inside")

    server = HttpServer(broken, "127.0.0.1", 0)
    spawn(server.run)
    answer = bytearray()
    with green_socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while received := client.recv(65_536):
            answer += received
    server.stop()

    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ")
    assert body == b""
    assert b"secret" not in head


def test_a_server_stopped_before_it_ran_does_not_run(capfd: pytest.CaptureFixture[str]) -> None:
    server = HttpServer(lambda *_: [b""], "127.0.0.1", 0)
    server.stop()

    server.run()
    turn()

    assert capfd.readouterr().err == ""


def test_a_signal_is_answered_at_once() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    asked: Promise[bool] = Promise()
    try:
        on_signals(lambda: asked.resolve(True))
        begins_at = boottime()
        # From a thread, so that it finds the hub asleep, with nothing to wake for but the timer below.
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert asked.wait(60)
        assert boottime() - begins_at < 30, "it does not wait for the timer"
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_large_audience_is_told_in_slices_and_the_next_thing_waits(scheduler: HubScheduler) -> None:
    told: list[str] = []
    fanout = Fanout(scheduler)
    time_runs = iter(range(10_000))
    scheduler.elapsed = lambda: next(time_runs) * 0.0015  # type: ignore[method-assign]

    fanout.push("room", range(1_000), b"a", lambda n, payload: told.append(f"{payload.decode()}{n}"))
    assert 0 < len(told) < 1_000
    fanout.push("room", range(3), b"b", lambda n, payload: told.append(f"{payload.decode()}{n}"))
    fanout.push("other", range(1), b"", lambda n, payload: told.append("other"))
    assert told[-1] == "other"
    while "b2" not in told:
        turn()

    told.remove("other")
    assert told == [f"a{n}" for n in range(1_000)] + ["b0", "b1", "b2"]


@pytest.fixture
def slow_fanout(scheduler: HubScheduler) -> Fanout:
    """Every look at its clock finds that the slice is over."""
    time_runs = iter(range(100_000))
    scheduler.elapsed = lambda: next(time_runs) * 0.01  # type: ignore[method-assign]
    return Fanout(scheduler)


def test_what_waits_for_the_same_people_reaches_each_in_one_write(slow_fanout: Fanout) -> None:
    told: list[tuple[int, bytes]] = []
    people, generation = range(200), object()

    for payload in (b"a", b"b", b"c"):
        slow_fanout.push("room", people, payload, lambda *both: told.append(both), generation=generation)
    while len(told) < 400:
        turn()

    assert told == [(n, b"a") for n in people] + [(n, b"bc") for n in people]


def test_what_waits_does_not_reach_somebody_who_came_later(slow_fanout: Fanout) -> None:
    told: list[tuple[int, bytes]] = []
    people, before, after = range(200), object(), object()

    slow_fanout.push("room", people, b"a", lambda *both: told.append(both), generation=before)
    slow_fanout.push("room", people, b"b", lambda *both: told.append(both), generation=before)
    slow_fanout.push("room", range(201), b"c", lambda *both: told.append(both), generation=after)
    while len(told) < 601:
        turn()

    assert told[-201:] == [(n, b"c") for n in range(201)]
    assert told[200:400] == [(n, b"b") for n in people]


def test_what_waits_too_long_becomes_several_writes(slow_fanout: Fanout) -> None:
    told: list[int] = []
    people, generation, large = range(100), object(), b"x" * (TOGETHER_BYTES // 2 + 1)

    for _ in range(4):
        slow_fanout.push(
            "room", people, large, lambda _n, sent: told.append(len(sent)), generation=generation
        )
    while len(told) < 400:
        turn()

    assert set(told) == {len(large)}


def test_a_recipient_that_fails_hinders_nobody(
    scheduler: HubScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[int] = []

    def write(n: int, payload: bytes) -> None:
        if n == 1:
            raise RuntimeError("broken")
        told.append(n)

    Fanout(scheduler).push("room", range(4), b"", write)

    assert told == [0, 2, 3]
    assert len(caplog.records) == 1
