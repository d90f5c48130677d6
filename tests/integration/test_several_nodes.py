"""Several real nodes over one PostgreSQL and one Valkey: nobody can tell at which of them they are."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from urllib.request import Request, urlopen

import pytest

from chatapp.client.presence import Presence
from tests.redis_servers import RedisServer
from tests.running import Nodes, RunningNode, until
from tests.talkers import Json, MakeTalker, OwnTalker, PythonTalker, Talker

pytestmark = pytest.mark.slow

GRACE_SECONDS = 2


class Cluster:
    """Nodes of one chat, and people who are each at one of them."""

    def __init__(self, nodes: Sequence[RunningNode], stack: ExitStack) -> None:
        self.room = f"room-{secrets.token_hex(4)}"
        self.nodes = nodes
        self._stack = stack
        self._numbers = iter(range(10_000))

    def person(self, node: RunningNode, name: str | None = None, *, make: MakeTalker = OwnTalker) -> Person:
        """Signed in, connected, and in the room."""
        person = Person(self, node, name or f"Person {next(self._numbers)}", make)
        self._stack.callback(person.talker.close)
        return person


class Person:
    def __init__(self, cluster: Cluster, node: RunningNode, name: str, make: MakeTalker) -> None:
        self.name, self.room = name, cluster.room
        self.token = node.sign_in(name)["token"]
        self.talker: Talker = make(node.url, self.token, "tab")
        self.talker.connect()
        self.joined = self.ask("join")
        assert self.joined["ok"], self.joined

    def ask(self, event: str, **payload: object) -> Json:
        return self.talker.call(event, {"room": self.room, **payload})

    def say(self, content: str, client_id: str | None = None) -> Json:
        return self.ask("message", client_id=client_id or secrets.token_hex(8), content=content)

    def say_until_stored(self, content: str, seconds: float = 10) -> Json:
        """What an outbox does: again and again under the same id, while it is told to."""
        client_id = secrets.token_hex(8)

        def stored() -> Json | None:
            ack = self.ask("message", client_id=client_id, content=content, retry=True)
            assert ack["ok"] or ack["error"]["retryable"], ack
            return ack if ack["ok"] else None

        ack = until(stored, seconds)
        assert ack is not None
        return ack

    def heard(self) -> list[tuple[int, str]]:
        return [(event["seq"], event["body"]["content"]) for event in self.talker.heard.of("event")]

    def hears(self, content: str, seconds: float = 10) -> Json:
        event: Json = self.talker.heard.wait(
            "event", that=lambda event: event["body"]["content"] == content, seconds=seconds
        )
        return event

    def sees(self) -> set[str]:
        return {user["name"] for user in self.ask("presence")["users"]}


@pytest.fixture(scope="module")
def database_url(postgresql_server: str) -> str:
    return postgresql_server


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def three(nodes: Nodes, database_url: str, redis: RedisServer) -> Iterator[list[RunningNode]]:
    three = [
        nodes.prepared(
            DATABASE_URL=database_url,
            REDIS_URL=redis.url,
            SECRET_KEY="k" * 40,
            CHAT_RATE_LIMITS="off",
            CHAT_PRESENCE_GRACE_SECONDS=str(GRACE_SECONDS),
            CHAT_LEASE_SECONDS="30",  # nobody waits for it
        )
        for _ in range(3)
    ]
    yield three
    for node in three:
        node.end()


@pytest.fixture
def cluster(nodes: Nodes, three: list[RunningNode]) -> Iterator[Cluster]:
    """What an earlier test has stopped or killed is started again, and all have found each other."""
    for node in three:
        if not node.is_running:
            node.start()
        nodes.answer_for(node)
    until(lambda: all(node.metric("chat_relay_up") == 1 for node in three))
    with ExitStack() as stack:
        yield Cluster(three, stack)


def test_everybody_at_every_node_hears_the_same_in_the_same_order_once(cluster: Cluster) -> None:
    people = [cluster.person(node) for node in cluster.nodes]
    for number in range(10):
        for person in people:
            assert person.say(f"{person.name} {number}")["ok"]

    for person in people:
        person.hears(f"{people[-1].name} 9")
    assert people[0].heard() == people[1].heard() == people[2].heard()
    assert [seq for seq, _ in people[0].heard()] == list(range(1, 31))
    everybody = {person.name for person in people}
    for person in people:
        until(partial(_sees, person, everybody))


def test_what_is_not_in_the_log_crosses_nodes_too(cluster: Cluster) -> None:
    ana, bo = cluster.person(cluster.nodes[0], "Ana"), cluster.person(cluster.nodes[1], "Bo")
    at_home = cluster.person(cluster.nodes[2], "Cleo")
    phone = OwnTalker(cluster.nodes[2].url, bo.token, "phone")
    phone.connect()
    phone.call("join", {"room": cluster.room})
    ana.say("hello")

    bo.talker.emit("typing", {"room": cluster.room, "on": True})
    for person in (ana, at_home):
        told = person.talker.heard.wait("typing", that=lambda told: bool(told["users"]))
        assert [user["name"] for user in told["users"]] == ["Bo"]
    assert bo.ask("read", seq=1)["seq"] == 1
    phone.heard.wait("read", that=lambda read: read["seq"] == 1)
    assert ana.talker.heard.of("read") == []
    assert bo.ask("attach", value={"draft": "x"})["version"] == 1
    assert bo.ask("attach", value={}, version=0)["error"]["code"] == "conflict"
    taken = OwnTalker(cluster.nodes[1].url, cluster.nodes[1].sign_in("ana")["token"], "tab")
    taken.connect()
    assert taken.call("join", {"room": cluster.room})["error"]["code"] == "name_taken"
    taken.close()
    phone.close()


def test_changes_cross_nodes_and_come_to_everybody_with_what_they_did(cluster: Cluster) -> None:
    ana, bo = cluster.person(cluster.nodes[0], "Ana"), cluster.person(cluster.nodes[1], "Bo")
    cleo = cluster.person(cluster.nodes[2], "Cleo")
    said = ana.say("helo")
    target = {"seq": said["seq"], "id": said["id"]}

    assert bo.ask("message", client_id="re", content="hi", reply_to=target)["ok"]
    assert bo.ask("react", target=target, emoji="👍", on=True)["ok"]
    assert bo.ask("edit", client_id="e", target=target, content="x")["error"]["code"] == "forbidden"
    conflict = ana.ask("edit", client_id="e", target=target, content="hello", rev=99)["error"]
    assert (conflict["code"], conflict["rev"]) == ("conflict", said["seq"])
    edited = ana.ask("edit", client_id="e", target=target, content="hello")

    def changed(type_: str) -> Json:
        event: Json = cleo.talker.heard.wait("event", that=lambda event: event["type"] == type_)
        body: Json = event["body"]
        return body

    assert changed("react")["changes"][0]["count"] == 1
    assert changed("edit")["content"] == "hello"
    (row,) = cleo.ask("history", before=said["seq"] + 1)["events"]
    assert (row["rev"], row["body"]["reactions"]) == (edited["seq"], [{"emoji": "👍", "count": 1}])
    assert ana.ask("delete", client_id="d", target=target)["ok"]
    assert changed("delete")["target"] == target
    answer = next(each for each in cleo.ask("history")["events"] if each["client_id"] == "re")
    assert answer["body"]["quote"] == {"seq": said["seq"], "deleted": True}


def test_signing_out_at_one_node_ends_the_sockets_at_all(cluster: Cluster) -> None:
    ana, bo = (
        cluster.person(cluster.nodes[0], "Ana"),
        cluster.person(cluster.nodes[1], "Bo", make=PythonTalker),
    )
    _sign_out(cluster.nodes[2], bo.token)

    bye = bo.talker.heard.wait("bye")

    assert (bye["code"], bye["retry"]) == ("unauthorized", False)
    seen: list[Json] = []

    def is_alone() -> bool:
        here = ana.ask("presence")["users"]
        seen.extend(here)
        return {user["name"] for user in here} == {"Ana"}

    until(is_alone)
    assert not [user for user in seen if "lost_at" in user], "nobody waits for a grace to end"


def test_a_connection_that_is_lost_lingers_and_then_its_person_is_gone_everywhere(cluster: Cluster) -> None:
    ana, bo = cluster.person(cluster.nodes[0], "Ana"), cluster.person(cluster.nodes[1], "Bo")
    until(lambda: ana.sees() == {"Ana", "Bo"})

    bo.talker.disconnect()

    assert ana.sees() == {"Ana", "Bo"}
    until(lambda: ana.sees() == {"Ana"}, GRACE_SECONDS + 10)


def test_an_owner_killed_is_replaced_at_once_and_nothing_acked_is_lost(cluster: Cluster) -> None:
    """Three times in a row: who speaks next is not even told to ask again. `make faults` takes the time."""
    for number in range(3):
        owner, *others = cluster.nodes
        cluster.room = f"room-{secrets.token_hex(4)}"
        dead, ana, bo = (cluster.person(node) for node in (owner, *others))
        before = dead.say("before")
        ana.hears("before")
        owner.kill()

        after = ana.say(f"after {number}")

        assert (before["seq"], after.get("seq")) == (1, 2), after
        for person in (ana, bo):
            person.hears(f"after {number}")
        assert bo.heard() == ana.heard() == [(1, "before"), (2, f"after {number}")]
        until(partial(_sees, ana, {ana.name, bo.name}), GRACE_SECONDS + 10)
        owner.start()


@pytest.mark.alone
def test_without_redis_rooms_here_go_on_and_rooms_elsewhere_come_back_complete(
    cluster: Cluster, redis: RedisServer
) -> None:
    owner, bo, cleo = (cluster.person(node) for node in cluster.nodes)
    owner.say("first")
    bo.hears("first")
    redis.stop()
    until(lambda: bo.ask("message", client_id=secrets.token_hex(8), content="x").get("error"))

    refused = bo.ask("message", client_id="c-1", content="while down")["error"]
    assert (refused["code"], refused["retryable"]) == ("owner_unavailable", True)
    for number in range(5):
        assert owner.say(f"down {number}")["ok"]
    bo.hears("down 4", 6.5)  # from the database, at the next reconciliation
    cleo.hears("down 4", 6.5)

    owner.say("just before it is back")
    redis.start()
    began_at = time.monotonic()
    bo.hears("just before it is back", 3)
    assert bo.say_until_stored("while down", 3)["ok"]
    assert time.monotonic() - began_at < 3
    for person in (owner, bo, cleo):
        person.hears("while down")
    assert owner.heard() == bo.heard() == cleo.heard()


def test_who_left_or_came_while_redis_was_away_is_shown_so_without_being_asked_for(
    cluster: Cluster, redis: RedisServer
) -> None:
    """Nothing more is said in the room afterwards: nobody's next word may have to repair it."""
    owner, cy = cluster.person(cluster.nodes[0], "Owner"), cluster.person(cluster.nodes[0], "Cy")
    bo = cluster.person(cluster.nodes[1], "Bo", make=PythonTalker)
    owner.say("mine")
    until(partial(_sees, bo, {"Owner", "Cy", "Bo"}))
    shown = Shown(bo)
    redis.stop()
    until(lambda: all(node.metric("chat_relay_up") == 0 for node in cluster.nodes[:2]))

    assert cy.ask("leave")["ok"]
    cluster.person(cluster.nodes[0], "Di")
    redis.start()

    until(lambda: shown.names() == {"Owner", "Di", "Bo"}, 10)


class Shown:
    """Who is here as a client makes it out of the ack of its join and what it is told since."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._presence = Presence()
        whole = person.ask("presence")
        self._presence.join_ack(whole)

    def names(self) -> set[str]:
        for told in self._person.talker.heard.of("presence"):
            assert self._presence.event(told) == [], "it needs to ask for nothing"
        return {user["name"] for user in self._presence.users}


@pytest.mark.alone
def test_a_node_that_stops_hands_its_rooms_over_without_a_failed_send(cluster: Cluster) -> None:
    leaving = cluster.person(cluster.nodes[0], make=PythonTalker)
    ana, bo = (cluster.person(node) for node in cluster.nodes[1:])
    leaving.say("before")

    stopping = cluster.nodes[0]
    began_at = time.monotonic()
    stopping.signal(15)
    acks = [ana.say(f"during {number}") for number in range(20)]
    silent = time.monotonic() - began_at
    assert stopping.exit_code() == 0

    assert all(ack["ok"] for ack in acks), acks
    assert silent < 1.5
    bye = leaving.talker.heard.wait("bye")
    assert (bye["code"], bye["retry"]) == ("draining", True)
    assert 0 <= bye["after_ms"] < 2000
    bo.hears("during 19")
    assert [seq for seq, _ in bo.heard()] == list(range(1, 22))
    until(lambda: bo.sees() == {ana.name, bo.name}, GRACE_SECONDS + 10)


def test_a_node_without_redis_beside_others_is_refused_with_a_sentence(
    cluster: Cluster, nodes: Nodes, database_url: str
) -> None:
    deaf = nodes.prepared(DATABASE_URL=database_url, SECRET_KEY="k" * 40)

    code, printed = deaf.start_in_vain()

    assert code == 1
    assert "Another web node is already running" in printed
    assert "REDIS_URL" in printed


def _sees(person: Person, names: set[str]) -> bool:
    return person.sees() == names


def _sign_out(node: RunningNode, token: str) -> None:
    request = Request(
        node.url + "/api/session", method="DELETE", headers={"Authorization": f"Bearer {token}"}
    )
    with urlopen(request, timeout=10) as response:
        json.load(response)
