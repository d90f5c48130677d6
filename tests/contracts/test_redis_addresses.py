"""Every way to write down where Redis is, tried by both who dial it: the relay, and the worker's kombu."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from kombu import pools
from kombu.exceptions import OperationalError

from chatapp.files.folder import FolderObjects
from chatapp.jobs.app import make_celery
from chatapp.jobs.ring import ring_for
from chatapp.jobs.tasks import CLEANUP_TASK, LOOK_TASK
from chatapp.relay.peer_messages import Head, Heads
from chatapp.relay.redis_relay import RedisRelay
from chatapp.runtime import HubScheduler, boottime, sleep
from tests.redis_servers import RedisServer
from tests.tls import Authority

DEPLOYMENT = "d3p1oy"
HELLO = Heads(sender="a", heads=[Head(room_id="lobby", epoch=1, head=1)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("r")  # a socket's path may not be long


@pytest.fixture(scope="module")
def redis(folder: Path) -> Iterator[RedisServer]:
    ours = f"chat:{DEPLOYMENT}:*"
    server = RedisServer(
        *("--unixsocket", str(folder / "s")),
        *("--user", "ours", "on", ">pw", f"~{ours}", "resetchannels", f"&{ours}", "&chat:node:*", "+@all"),
        *("--user", "deaf", "on", ">pw", "~*", "resetchannels", "+@all"),
        *("--user", "mute", "on", ">pw", "~*", "allchannels", "+@all", "-publish"),
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder)


@pytest.fixture(scope="module")
def tls_port(redis: RedisServer, authority: Authority) -> Iterator[int]:
    with authority.tls_before(redis.port) as port:
        yield port


@pytest.fixture(scope="module")
def strict_port(redis: RedisServer, authority: Authority) -> Iterator[int]:
    with authority.tls_before(redis.port, asks_for_certificate=True) as port:
        yield port


@pytest.fixture
def relay_to() -> Iterator[Callable[[str], RedisRelay]]:
    made: list[RedisRelay] = []

    def relay_to(url: str, deployment_id: str = DEPLOYMENT) -> RedisRelay:
        relay = RedisRelay(url, HubScheduler(), deployment_id)
        made.append(relay)
        relay.listen(f"n{len(made)}")
        relay.start()
        return relay

    yield relay_to
    for relay in made:
        relay.stop()


def until(holds: Callable[[], object]) -> None:
    ends_at = boottime() + 10
    while not holds():
        assert boottime() < ends_at, "in vain"
        sleep(0.002)


def ring(url: str, folder: Path, redis: RedisServer) -> bytes:
    """What a worker's task is on its way in: the key of the list, as the server has it."""
    celery = make_celery(
        database_url=f"sqlite:///{folder / 'chat.db'}",
        retention_ms=1,
        broker_url=url,
        data_dir=folder,
        deployment_id=DEPLOYMENT,
        open_objects=lambda: FolderObjects(folder / "uploads"),
    )
    redis.ask("FLUSHALL")
    pools.reset()  # type: ignore[no-untyped-call]  # one connection a host and port, whatever certificate it was made with
    celery.tasks[CLEANUP_TASK].apply_async(retry=False)
    return redis.ask("KEYS", "*celery", database=3 if "db=3" in url else 0)


# --- it works -----------------------------------------------------------------------------------


@pytest.fixture(params=["tcp", "limited user", "socket", "tls", "tls, certified", "tls, unverified"])
def url(request: pytest.FixtureRequest, redis: RedisServer, authority: Authority, folder: Path) -> str:
    def port(name: str) -> int:
        return int(request.getfixturevalue(name))

    match request.param:
        case "tcp":
            return redis.url
        case "limited user":
            return redis.url.replace("//", "//ours:pw@")
        case "socket":
            return f"unix://{folder}/s?db=3&username=ours&password=pw"
        case "tls":
            return f"rediss://localhost:{port('tls_port')}/0?ssl_ca_certs={authority.ca_file}"
        case "tls, unverified":
            return f"rediss://localhost:{port('tls_port')}/0?ssl_cert_reqs=none"
    certificate, key = authority.certificate("node")
    return (
        f"rediss://localhost:{port('strict_port')}/0?ssl_ca_certs={authority.ca_file}"
        f"&ssl_certfile={certificate}&ssl_keyfile={key}"
    )


def test_the_relay_speaks_over_it(url: str, relay_to: Callable[[str], RedisRelay]) -> None:
    relay = relay_to(url)
    heard: list[Any] = []
    relay.on_peer_message = heard.append
    until(lambda: relay.is_up)
    relay.send(["n1"], HELLO)
    relay.send_to_all(HELLO)

    until(lambda: len(heard) == 2)
    assert (relay.trouble, relay.is_refused) == (None, False)


def test_the_workers_mail_goes_over_it_under_the_deployments_name(
    url: str, folder: Path, redis: RedisServer
) -> None:
    assert f"chat:{DEPLOYMENT}:celery".encode() in ring(url, folder, redis)


def test_what_a_web_node_rings_lands_where_the_workers_mail_is(
    url: str, folder: Path, redis: RedisServer
) -> None:
    redis.ask("FLUSHALL")

    ring_for(LOOK_TASK, expires_seconds=60, broker_url=url, data_dir=folder, deployment_id=DEPLOYMENT)()

    database = 3 if "db=3" in url else 0
    assert redis.ask("LLEN", f"chat:{DEPLOYMENT}:celery", database=database).endswith(b":1\r\n")


# --- it does not, and says so -------------------------------------------------------------------

REFUSED = {
    "nobody's authority": ("tls_port", "", "CERTIFICATE_VERIFY_FAILED"),
    "another's name": ("tls_port", "?ssl_ca_certs={ca}", "CERTIFICATE_VERIFY_FAILED"),
    "no certificate of ours": ("strict_port", "?ssl_ca_certs={ca}", "ENDED_THE_CONNECTION"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_certificate_that_does_not_convince_is_refused(
    name: str,
    request: pytest.FixtureRequest,
    authority: Authority,
    relay_to: Callable[[str], RedisRelay],
) -> None:
    front, query, words = REFUSED[name]
    host = "127.0.0.1" if name == "another's name" else "localhost"
    url = f"rediss://{host}:{request.getfixturevalue(front)}/0{query.format(ca=authority.ca_file)}"

    relay = relay_to(url)
    until(lambda: words in (relay.trouble or "").upper().replace(" ", "_"))
    assert not relay.is_up


def test_the_worker_verifies_too(
    tls_port: int, authority: Authority, folder: Path, redis: RedisServer
) -> None:
    """The name is another's: that shows whether it believes the authority, and whom it takes it for."""
    with pytest.raises(OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        ring(f"rediss://127.0.0.1:{tls_port}/0?ssl_ca_certs={authority.ca_file}", folder, redis)


def test_the_last_word_of_a_server_that_wants_a_certificate_is_told(
    authority: Authority, relay_to: Callable[[str], RedisRelay]
) -> None:
    """The front above hangs up without one; OpenSSL, as in a real Redis, says what it misses."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.ca_file)
    context.load_cert_chain(*authority.certificate("localhost"))
    context.verify_mode = ssl.CERT_REQUIRED

    def refuse_one(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(ssl.SSLError):
            context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=refuse_one, args=(server,), daemon=True).start()
        relay = relay_to(f"rediss://localhost:{server.getsockname()[1]}?ssl_ca_certs={authority.ca_file}")
        until(lambda: "certificate required" in (relay.trouble or ""))


@pytest.mark.parametrize(("user", "words"), [("deaf", "channel"), ("mute", "'publish'")])
def test_what_redis_refuses_is_logged_once_in_its_own_words(
    redis: RedisServer,
    relay_to: Callable[[str], RedisRelay],
    caplog: pytest.LogCaptureFixture,
    user: str,
    words: str,
) -> None:
    caplog.set_level(logging.INFO, "chatapp.relay.link")
    relay = relay_to(redis.url.replace("//", f"//{user}:pw@"))

    until(lambda: relay.is_refused)
    refused_at = boottime()
    until(lambda: boottime() > refused_at + 1.2)  # it has tried again by now
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("Redis cannot be used: NOPERM ")
    assert words in line
    assert relay.trouble is not None
    assert "NOPERM" in relay.trouble
    assert not relay.is_up


def test_once_redis_lets_us_in_that_is_said_too(
    redis: RedisServer, relay_to: Callable[[str], RedisRelay], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "chatapp.relay.link")
    redis.ask("ACL", "SETUSER", "late", "on", ">pw", "resetchannels", "+@all")
    relay = relay_to(redis.url.replace("//", "//late:pw@"))
    until(lambda: relay.is_refused)

    redis.ask("ACL", "SETUSER", "late", "allchannels")

    until(lambda: relay.is_up)
    assert not relay.is_refused
    assert [record.getMessage().partition(" after")[0] for record in caplog.records][1:] == ["Redis is back"]


def test_two_chats_on_one_redis_do_not_hear_each_other(
    redis: RedisServer, relay_to: Callable[..., RedisRelay]
) -> None:
    ours, theirs = relay_to(redis.url), relay_to(redis.url, "another")
    heard: list[Any] = []
    theirs.on_peer_message = heard.append
    until(lambda: ours.is_up and theirs.is_up)

    ours.send_to_all(HELLO)
    counts: list[int] = []
    ours.send(["n2"], HELLO, counts.append)  # a message for it alone, behind the other

    until(lambda: counts == [1] and heard)
    assert heard == [HELLO]
