"""Where an invite leads others, that was made on the machine the chat runs on: only to what answers."""

from __future__ import annotations

import platform
import socket
from typing import Any

import pytest

from chatapp.web import own_address
from chatapp.web.own_address import address_for_others


@pytest.fixture(autouse=True)
def in_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_address, "own_address", lambda: "192.168.1.5")


def told(
    *,
    host: str = "localhost:8000",
    peer: str = "127.0.0.1",
    listens_on: str = "0.0.0.0",
    public_url: str | None = None,
) -> str | None:
    environ = {"HTTP_HOST": host, "REMOTE_ADDR": peer, "SERVER_PORT": "8000"}
    return address_for_others(environ, listens_on=listens_on, public_url=public_url)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "chat.localhost"])
@pytest.mark.parametrize("listens_on", ["0.0.0.0", "::"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_who_opens_it_on_the_machine_is_told_its_address_in_the_network(
    host: str, listens_on: str, peer: str
) -> None:
    assert told(host=host, listens_on=listens_on, peer=peer) == "http://192.168.1.5:8000"


def test_behind_a_tunnel_it_is_the_port_that_the_node_listens_on() -> None:
    assert told(host="localhost:9999") == "http://192.168.1.5:8000"


@pytest.mark.parametrize("listens_on", ["127.0.0.1", "localhost", "::1", "192.168.1.5"])
def test_where_the_node_does_not_listen_nothing_is_promised(listens_on: str) -> None:
    assert told(listens_on=listens_on) is None


@pytest.mark.parametrize("peer", ["172.17.0.1", "", "unknown"])
def test_a_container_promises_no_address_that_only_its_host_knows(peer: str) -> None:
    assert told(peer=peer) is None


def test_whoever_came_by_an_address_of_the_chat_finds_others_there() -> None:
    assert told(host="192.168.1.5:8000", peer="192.168.1.9") is None
    assert told(host="chat.example", public_url="https://chat.example") is None


@pytest.mark.parametrize("listens_on", ["127.0.0.1", "0.0.0.0"])
def test_the_address_that_people_open_goes_before_that_of_the_machine(listens_on: str) -> None:
    url = "https://chat.example/talk"
    assert told(listens_on=listens_on, public_url=url) == url


def test_in_no_network_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_address, "own_address", lambda: None)
    assert told() is None


class Probe:
    """A socket whose route leads where the test says, or nowhere."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def __call__(self, *_: object) -> Probe:
        return self

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def connect(self, _: Any) -> None:
        if self._address is None:
            raise OSError("the network is unreachable")

    def getsockname(self) -> tuple[str | None, int]:
        return self._address, 4711


@pytest.mark.parametrize(
    ("kernel", "route", "address"),
    [
        ("6.1.0-18-amd64", "192.168.1.5", "192.168.1.5"),
        ("6.1.0-18-amd64", "127.0.0.1", None),
        ("6.1.0-18-amd64", None, None),
        ("5.15.90.1-microsoft-standard-WSL2", "172.29.3.4", None),
    ],
)
def test_the_address_of_the_machine_is_the_one_that_its_network_knows(
    monkeypatch: pytest.MonkeyPatch, kernel: str, route: str | None, address: str | None
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(platform, "release", lambda: kernel)
    monkeypatch.setattr(socket, "socket", Probe(route))

    assert own_address.own_address() == address
