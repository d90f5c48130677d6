"""The proxy that the fault suite cuts lines with: what it does to two who talk through it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from faults.proxy import Proxy
from tests.running import until


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that repeats what it hears; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def repeat(connection: socket.socket) -> None:
        with connection:
            try:
                while piece := connection.recv(1000):
                    connection.sendall(piece)
            except OSError:
                pass

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=repeat, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.fixture
def proxy(echo: int) -> Iterator[Proxy]:
    with Proxy(echo) as proxy:
        yield proxy


@pytest.fixture
def line(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as line:
        yield line


def say(line: socket.socket, text: bytes) -> bytes:
    line.sendall(text)
    return line.recv(1000)


def hears_nothing(line: socket.socket) -> bool:
    line.settimeout(0.2)
    try:
        line.recv(1000)
    except TimeoutError:
        return True
    return False


def test_it_passes_on_what_is_said(line: socket.socket) -> None:
    assert say(line, b"hello") == b"hello"


def test_a_cut_is_a_reset(proxy: Proxy, line: socket.socket) -> None:
    say(line, b"hello")

    assert proxy.cut() == 1

    with pytest.raises(ConnectionResetError):
        line.recv(1000)


def test_what_is_swallowed_leaves_both_sides_open_until_it_heals(proxy: Proxy, line: socket.socket) -> None:
    say(line, b"hello")

    proxy.swallow()
    line.sendall(b"anybody?")
    until(lambda: any(each.is_damaged for each in list(proxy._lines)))
    assert hears_nothing(line)

    proxy.heal()
    line.settimeout(5)
    with pytest.raises(ConnectionResetError):
        line.recv(1000)


def test_a_trap_lets_the_last_word_through_and_nothing_back(proxy: Proxy, line: socket.socket) -> None:
    say(line, b"hello")
    seen: list[bytes] = []

    def trap(_line: int, piece: bytes) -> bool:
        seen.append(piece)
        return b"COMMIT" in piece

    proxy.trap = trap

    line.sendall(b"COMMIT")
    until(lambda: seen)

    assert hears_nothing(line)
    assert proxy.open == 1


def test_who_comes_while_it_refuses_is_sent_away(proxy: Proxy) -> None:
    proxy.is_refusing = True

    # The reset may come while it is still connecting.
    with pytest.raises(ConnectionResetError), socket.create_connection(("127.0.0.1", proxy.port), 5) as line:
        line.recv(1000)
