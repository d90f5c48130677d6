"""Who is let in by a socket, as whom, and for how long."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.request import Request, urlopen

import pytest

from chatapp.identity import SignInCookie
from chatapp.identity.tokens import Tokens, new_parts
from tests.running import Nodes, RunningNode, until
from tests.talkers import KINDS, Json, MakeTalker, PythonTalker, Refused

pytestmark = pytest.mark.slow

SIGN_OUT_SECONDS = 2
LEFT_MS = 4_000  # of a sign-in; it is read when its socket comes in, which takes a busy machine a while
SECRET = "k" * 40
COOKIE = SignInCookie(SECRET).name(is_https=False)


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    """Where whoever is lost lingers for longer than any test waits."""
    with nodes.running(CHAT_RATE_LIMITS="off", SECRET_KEY=SECRET, CHAT_PRESENCE_GRACE_SECONDS="120") as node:
        yield node


@pytest.fixture
def room() -> str:
    return f"room-{secrets.token_hex(4)}"


@pytest.fixture
def bystander(node: RunningNode, room: str) -> Iterator[PythonTalker]:
    """Somebody in the room, who would notice a stranger."""
    talker = PythonTalker(node.url, node.sign_in("Bystander")["token"])
    talker.connect()
    assert talker.call("join", {"room": room})["ok"]
    yield talker
    talker.close()


def refusal_of(talker: PythonTalker) -> Json:
    with pytest.raises(Refused) as refused:
        talker.connect()
    talker.close()
    return refused.value.data


def set_expiry(node: RunningNode, guest: Json, expires_at: int) -> None:
    with closing(sqlite3.connect(node.database, isolation_level=None)) as database:
        database.execute(
            "UPDATE users SET expires_at = ? WHERE user_id = ?", (expires_at, guest["user"]["id"])
        )


def call_session(node: RunningNode, token: str, method: str, name: str | None = None) -> Json:
    request = Request(
        node.url + "/api/session",
        method=method,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        data=json.dumps({"name": name}).encode() if name else None,
    )
    with urlopen(request, timeout=10) as response:
        answer: Json = json.load(response)
    return answer


# --- strangers ----------------------------------------------------------------------------


def garbled(token: str) -> str:
    user_id, token_id, signature = token.split(".")
    return f"{user_id}.{token_id}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def of_another_person(token: str) -> str:
    return ".".join([new_parts().user_id, *token.split(".")[1:]])


STRANGERS = {
    "no token": lambda _: None,
    "an empty one": lambda _: "",
    "garbled": garbled,
    "cut short": lambda token: token[:-1],
    "with something behind it": lambda token: token + ".x",
    "of another person": of_another_person,
    "by another key": lambda _: Tokens("another key of enough length").issue(new_parts()),
    "genuine, of nobody": lambda _: Tokens("k" * 40).issue(new_parts()),
    "alg none": lambda _: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1XzEifQ.",
    "not ASCII": lambda _: "tökén",
    "long": lambda _: "x" * 60_000,
}


@pytest.mark.parametrize("make_token", STRANGERS.values(), ids=list(STRANGERS))
@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_stranger_is_refused_and_nobody_notices(
    node: RunningNode, room: str, bystander: PythonTalker, make_token: object, transport: str
) -> None:
    assert callable(make_token)
    token = make_token(node.sign_in("Ana")["token"])

    refusal = refusal_of(PythonTalker(node.url, token, transports=(transport,)))

    assert (refusal["code"], refusal["retryable"]) == ("unauthorized", False)
    assert bystander.call("presence", {"room": room})["count"] == 1
    assert bystander.heard.of("presence") == []


@pytest.mark.parametrize("make", [KINDS["node, WebSocket"], KINDS["node, polling"]], ids=["ws", "polling"])
def test_the_official_client_is_told_why(node: RunningNode, make: MakeTalker) -> None:
    talker = make(node.url, "nonsense", "device-1")

    with pytest.raises(Refused) as refused:
        talker.connect()

    assert (refused.value.data["code"], refused.value.data["retryable"]) == ("unauthorized", False)
    talker.close()


def test_an_expired_token_is_refused_as_such(node: RunningNode) -> None:
    guest = node.sign_in("Ana")
    with closing(sqlite3.connect(node.database, isolation_level=None)) as database:
        database.execute("UPDATE users SET expires_at = 1 WHERE user_id = ?", (guest["user"]["id"],))

    refusal = refusal_of(PythonTalker(node.url, guest["token"]))

    assert (refusal["code"], refusal["retryable"]) == ("token_expired", False)


def test_a_token_that_was_signed_out_is_refused(node: RunningNode) -> None:
    token = node.sign_in("Ana")["token"]
    call_session(node, token, "DELETE")

    assert refusal_of(PythonTalker(node.url, token))["code"] == "unauthorized"


def test_a_later_protocol_is_refused(node: RunningNode) -> None:
    token = node.sign_in("Ana")["token"]

    refusal = refusal_of(PythonTalker(node.url, token, auth={"protocol": "2"}))

    assert (refusal["code"], refusal["retryable"]) == ("protocol_unsupported", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("device", "x" * 65), ("device", ""), ("client", "x" * 129), ("protocol", "")],
)
def test_auth_that_makes_no_sense_is_refused(node: RunningNode, name: str, value: str) -> None:
    token = node.sign_in("Ana")["token"]

    refusal = refusal_of(PythonTalker(node.url, token, auth={name: value}))

    assert refusal["code"] == ("protocol_unsupported" if name == "protocol" else "bad_request")


# --- pages --------------------------------------------------------------------------------

FORBIDDEN = 'chat_refusals_total{code="forbidden"}'
TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling"])


@TRANSPORTS
def test_the_cookie_counts_on_our_own_page(node: RunningNode, transport: str) -> None:
    guest = node.sign_in("Ana")
    cookie = {"Cookie": f"{COOKIE}={guest['token']}"}
    page = PythonTalker(node.url, None, transports=(transport,), headers=cookie, origin=node.url)

    assert page.connect()["user"] == guest["user"]
    page.close()


@TRANSPORTS
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://user@{host}",
        "http://{host}.evil.example",
        "http://{host}/path",
        "ftp://{host}",
    ],
)
def test_a_page_of_another_site_is_refused_whatever_it_shows(
    node: RunningNode, transport: str, origin: str
) -> None:
    token = node.sign_in("Ana")["token"]
    origin = origin.format(host=f"127.0.0.1:{node.port}")

    page = PythonTalker(
        node.url, token, transports=(transport,), headers={"Cookie": f"{COOKIE}={token}"}, origin=origin
    )

    counted = node.metric(FORBIDDEN)
    with pytest.raises(Refused):
        page.connect()
    page.close()
    assert node.metric(FORBIDDEN) > counted


@TRANSPORTS
def test_a_cookie_without_an_origin_is_nothing(node: RunningNode, transport: str) -> None:
    """Not every request of another site carries an Origin; ours says where it comes from."""
    cookie = {"Cookie": f"{COOKIE}={node.sign_in('Ana')['token']}"}

    refusal = refusal_of(PythonTalker(node.url, None, transports=(transport,), headers=cookie))

    assert refusal["code"] == "unauthorized"


# --- as whom ------------------------------------------------------------------------------


def test_the_author_is_whoever_signed_in_whatever_the_payload_says(
    node: RunningNode, room: str, bystander: PythonTalker
) -> None:
    ana, other = node.sign_in("Ana"), node.sign_in("Other")
    claims = {
        "user": other["user"],
        "user_id": other["user"]["id"],
        "userId": other["user"]["id"],
        "username": "Other",
        "sender": other["user"]["id"],
        "author": other["user"],
        "role": "creator",
        "seq": 77,
        "ts": 1,
        "id": "mine",
    }
    talker = PythonTalker(node.url, ana["token"], auth={"userId": other["user"]["id"], "username": "Other"})
    assert talker.connect()["user"] == ana["user"]

    joined = talker.call("join", {"room": room, **claims})
    assert joined["role"] == "member"
    talker.call("message", {"room": room, "client_id": "c-1", "content": "It was Other", **claims})
    talker.emit("typing", {"room": room, "on": True, **claims})

    event = bystander.heard.wait("event")
    assert event["user"] == ana["user"]
    assert event["seq"] == 1
    assert event["ts"] > 1
    assert event["id"] != "mine"
    assert bystander.heard.wait("typing")["users"] == [ana["user"]]
    arrived = bystander.heard.wait("presence")
    assert [user["name"] for user in arrived.get("joined") or arrived["full"]][-1] == "Ana"
    talker.close()


def test_a_taken_name_is_refused_and_a_free_one_offered(
    node: RunningNode, room: str, bystander: PythonTalker
) -> None:
    guest = node.sign_in("bystander")
    talker = PythonTalker(node.url, guest["token"])
    talker.connect()

    error = talker.call("join", {"room": room})["error"]
    assert (error["code"], error["retryable"]) == ("name_taken", False)
    suggestion = error["suggestion"]
    assert suggestion != "bystander"
    assert bystander.heard.of("presence") == []

    call_session(node, guest["token"], "POST", suggestion)
    talker.disconnect()
    assert talker.connect()["user"] == {"id": guest["user"]["id"], "name": suggestion}
    joined = talker.call("join", {"room": room})
    assert {user["name"] for user in joined["presence"]["users"]} == {"Bystander", suggestion}
    talker.close()


# --- for how long -------------------------------------------------------------------------


@pytest.mark.alone
def test_signing_out_ends_all_sockets_of_that_person_at_once(
    node: RunningNode, room: str, bystander: PythonTalker
) -> None:
    token = node.sign_in("Ana")["token"]
    devices = [
        PythonTalker(node.url, token, f"device-{n}", transports=(transport,))
        for n, transport in enumerate(["websocket", "polling", "websocket"])
    ]
    for device in devices:
        device.connect()
        assert device.call("join", {"room": room})["ok"]
    # Or else coming and going may fall into one interval, of which nothing is left to tell.
    bystander.heard.wait("presence", that=lambda told: [u["name"] for u in told.get("joined", [])] == ["Ana"])

    signed_out_at = time.monotonic()
    call_session(node, token, "DELETE")

    for device in devices:
        bye = device.heard.wait("bye", seconds=SIGN_OUT_SECONDS + 2)
        assert (bye["code"], bye["retry"]) == ("unauthorized", False)
        device.heard.wait("disconnect")
    assert time.monotonic() - signed_out_at < SIGN_OUT_SECONDS
    bystander.heard.wait("presence", that=lambda told: [u["name"] for u in told.get("left", [])] == ["Ana"])
    for device in devices:
        device.close()


def test_signing_out_ends_also_the_grace_of_those_who_have_left_already(
    node: RunningNode, room: str, bystander: PythonTalker
) -> None:
    token = node.sign_in("Ana")["token"]
    ana = PythonTalker(node.url, token)
    ana.connect()
    assert ana.call("join", {"room": room})["ok"]
    ana.close()

    def count() -> int:
        told: int = bystander.call("presence", {"room": room})["count"]
        return told

    until(lambda: node.metric("chat_connections") == 1)  # the bystander's
    until(lambda: count() == 2)  # who has come is told a moment later
    call_session(node, token, "DELETE")

    until(lambda: count() == 1)
    other = PythonTalker(node.url, node.sign_in("Ana")["token"])
    other.connect()
    assert other.call("join", {"room": room})["ok"]
    other.close()


def test_a_sign_in_that_runs_out_ends_its_sockets(nodes: Nodes, room: str) -> None:
    """The node looks every 30 s whose time is over; this one looks every second."""
    with nodes.running(program="tests.integration.hasty_node") as hasty:
        guest = hasty.sign_in("Ana")
        expires_at = int(time.time() * 1000) + LEFT_MS
        set_expiry(hasty, guest, expires_at)
        talker = PythonTalker(hasty.url, guest["token"])
        talker.connect()
        assert talker.call("join", {"room": room})["ok"]

        bye = talker.heard.wait("bye")

        assert bye == {"code": "token_expired", "retry": False, "after_ms": 0}
        assert time.time() * 1000 >= expires_at
        talker.heard.wait("disconnect")
        talker.close()


def test_a_sign_in_that_was_used_elsewhere_does_not_end_its_sockets(nodes: Nodes, room: str) -> None:
    """What the socket remembers of the expiry is only when to ask again."""
    with nodes.running(program="tests.integration.hasty_node") as hasty:
        ana, ben = hasty.sign_in("Ana"), hasty.sign_in("Ben")
        talkers = [PythonTalker(hasty.url, guest["token"]) for guest in (ana, ben)]
        runs_out_at = int(time.time() * 1000) + LEFT_MS
        for guest, talker in zip((ana, ben), talkers, strict=True):
            set_expiry(hasty, guest, runs_out_at)
            talker.connect()
        set_expiry(hasty, ana, runs_out_at + 86_400_000)

        talkers[1].heard.wait("bye")  # by now the node has looked at both

        assert talkers[0].call("join", {"room": room})["ok"]
        assert talkers[0].heard.of("bye") == []
        for talker in talkers:
            talker.close()
