"""Large answers over HTTP count among what is held, for as long as they are on their way."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from typing import Any, cast

import pytest
from werkzeug.wrappers import Response

from chatapp.gateway.wire.large_answers import LARGE_BYTES, LargeAnswers
from chatapp.limits.held import HeldBytes


class Client:
    """A connection whose request is being answered."""

    def __init__(self, *, method: str = "GET") -> None:
        ours, self.theirs = socket.socketpair()
        self.theirs.settimeout(5)
        self.fd = ours
        self.environ: dict[str, Any] = {"eventlet.input": self, "REQUEST_METHOD": method}

    def get_socket(self) -> Client:
        return self

    def close(self) -> None:
        self.fd.close()
        self.theirs.close()


def as_list(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", environ["type"])])
    return [b"x" * environ["size"]]


def as_response(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    return Response(b"x" * environ["size"], content_type=environ["type"])(environ, start_response)


@pytest.fixture(params=[as_list, as_response])
def app(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()


def ask(
    app: Any, held: HeldBytes, client: Client, size: int, kind: str = "application/json"
) -> Iterable[bytes]:
    answers = LargeAnswers(app, held, lambda environ: str(environ.get("address", "::1")))
    return answers(client.environ | {"size": size, "type": kind}, lambda *_: None)


def test_a_large_answer_is_held_until_it_has_left_or_failed(app: Any, client: Client) -> None:
    held = HeldBytes()

    answer = ask(app, held, client, LARGE_BYTES)

    assert held.total == LARGE_BYTES
    assert b"".join(answer) == b"x" * LARGE_BYTES
    cast(Any, answer).close()
    assert held.total == 0


def test_what_the_systems_buffers_take_is_not_counted(app: Any, client: Client) -> None:
    held = HeldBytes()

    ask(app, held, client, LARGE_BYTES - 1)

    assert held.total == 0


def test_the_files_of_the_pages_are_not_counted(app: Any, client: Client) -> None:
    """Five hundred people of one address may open the page at once."""
    held = HeldBytes()

    ask(app, held, client, 100 * LARGE_BYTES, "text/css; charset=utf-8")

    assert held.total == 0


def test_an_answer_without_a_body_is_not_counted(app: Any) -> None:
    held = HeldBytes()
    client = Client(method="HEAD")

    ask(app, held, client, LARGE_BYTES)

    assert held.total == 0
    client.close()


def test_each_counts_for_its_own_address(app: Any, client: Client) -> None:
    held = HeldBytes(per_address=LARGE_BYTES)
    for address in ("::1", "::2"):
        client.environ["address"] = address
        ask(app, held, client, LARGE_BYTES)

    assert held.total == 2 * LARGE_BYTES


def test_one_that_is_cut_loses_its_connection(app: Any, client: Client) -> None:
    held = HeldBytes(per_address=LARGE_BYTES)

    ask(app, held, client, LARGE_BYTES + 1)

    assert client.theirs.recv(1) == b""
    assert held.total == 0
