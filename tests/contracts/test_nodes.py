"""Who lives: by its heartbeat, by two clocks, and by a lock that ends with its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, update

from chatapp.store.database.engine import Database, open_database
from chatapp.store.models import nodes
from chatapp.store.nodes.nodes import NodeTable
from chatapp.store.nodes.proof import SecondNodeRefused, proof_of_death
from chatapp.store.people.users import Users
from tests.contracts.worlds import DatabaseWorld, NoProof

LEASE_MS = 5000


class Processes:
    """Node tables of one database, each with a connection and a clock of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.databases: list[Database] = []
        self.elapsed = 0.0

    def start(
        self, *, is_proven: bool = False, must_be_alone: bool = False, is_fast_detection: bool = True
    ) -> NodeTable:
        database = open_database(self.url)
        self.databases.append(database)
        return NodeTable(
            database,
            proof_of_death(database, self.url, must_be_alone=must_be_alone) if is_proven else NoProof(),
            lease_ms=LEASE_MS,
            elapsed=lambda: self.elapsed,
            is_fast_detection=is_fast_detection,
        )

    def state(self, node_id: str) -> int:
        with self.databases[0].reading() as connection:
            return int(
                connection.execute(select(nodes.c.state).where(nodes.c.node_id == node_id)).scalar_one()
            )

    def let_lease_end(self, node_id: str) -> None:
        with self.databases[0].writing() as connection:
            connection.execute(update(nodes).where(nodes.c.node_id == node_id).values(lease_until=1))


@pytest.fixture
def processes(database_url: str) -> Iterator[Processes]:
    yield from _processes(database_url)


@pytest.fixture
def on_postgresql(postgresql_url: str) -> Iterator[Processes]:
    yield from _processes(postgresql_url)


def _processes(url: str) -> Iterator[Processes]:
    processes = Processes(url)
    yield processes
    for database in processes.databases:
        database.close()


def test_a_heartbeat_brings_the_databases_time_and_renews_the_lease(processes: Processes) -> None:
    node = processes.start()
    first = node.register("a")
    processes.let_lease_end("a")

    second = node.heartbeat("a")

    assert second.alive
    assert 0 <= second.now_ms - first.now_ms < 60_000
    with processes.databases[0].reading() as connection:
        row = connection.execute(select(nodes)).one()
    assert row.beat == 1
    assert row.lease_until - second.now_ms == pytest.approx(LEASE_MS, abs=1000)


def test_a_silent_node_is_declared_dead_after_a_lease_by_both_clocks(processes: Processes) -> None:
    silent, watching = processes.start(), processes.start()
    silent.register("silent")
    watching.register("watching")
    watching.heartbeat("watching")
    silent.heartbeat("silent")  # its last
    watching.heartbeat("watching")
    processes.let_lease_end("silent")

    processes.elapsed += LEASE_MS / 1000 - 0.1
    watching.heartbeat("watching")
    assert processes.state("silent") == 1

    processes.elapsed += 0.1
    watching.heartbeat("watching")
    assert processes.state("silent") == 3
    assert not silent.heartbeat("silent").alive


def test_a_database_clock_that_jumps_kills_nobody(processes: Processes) -> None:
    """All leases are over at once, but everybody's heart still beats."""
    beating, watching = processes.start(), processes.start()
    beating.register("beating")
    watching.register("watching")
    for _ in range(3):
        processes.elapsed += LEASE_MS / 1000 / 2
        beating.heartbeat("beating")
        processes.let_lease_end("beating")
        watching.heartbeat("watching")

    assert processes.state("beating") == 1


def test_an_observer_that_was_frozen_kills_nobody(processes: Processes) -> None:
    """Its own clock says that a lease has passed, the database's that the lease is good."""
    beating, watching = processes.start(), processes.start()
    beating.register("beating")
    watching.register("watching")
    watching.heartbeat("watching")

    processes.elapsed += 100
    watching.heartbeat("watching")

    assert processes.state("beating") == 1


def test_sign_outs_reach_every_node_again_and_again_for_half_a_minute(processes: Processes) -> None:
    nodes_ = [processes.start() for _ in range(2)]
    users = Users(processes.databases[0])
    users.create("u_ana", name="Ana", token_id="t")
    for number, node in enumerate(nodes_):
        node.register(str(number))

    users.revoke("u_ana")

    for _ in range(2):
        assert [list(n.heartbeat(str(i)).revoked_user_ids) for i, n in enumerate(nodes_)] == [["u_ana"]] * 2


@pytest.mark.parametrize("must_be_alone", [True, False])
def test_a_second_node_is_refused_where_it_must_not_be(processes: Processes, must_be_alone: bool) -> None:
    first = processes.start(is_proven=True, must_be_alone=must_be_alone)
    first.register("first")
    second = processes.start(is_proven=True, must_be_alone=True)

    with pytest.raises(SecondNodeRefused, match="REDIS_URL"):
        second.register("second")

    assert processes.state("first") == 1
    first.resign("first")
    assert second.register("second").alive


def test_several_nodes_may_share_postgresql(on_postgresql: Processes) -> None:
    for name in ("a", "b"):
        on_postgresql.start(is_proven=True).register(name)

    assert [on_postgresql.state(name) for name in ("a", "b")] == [1, 1]


HELD_TILL_KILLED = """
import sys, time
from chatapp.store.database.engine import open_database
from chatapp.store.nodes.nodes import NodeTable
from chatapp.store.nodes.proof import proof_of_death
from chatapp.store.store import Store

url, alone = sys.argv[1], sys.argv[2] == "True"
database = open_database(url)
proof = proof_of_death(database, url, must_be_alone=alone)
NodeTable(database, proof, lease_ms=60000, elapsed=time.monotonic, is_fast_detection=True).register("victim")
Store(open_database(url), retention_ms=1000).acquire("lobby", node_id="victim", create=True)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("must_be_alone", [True, False])
def test_after_kill_9_the_next_start_takes_the_rooms_back_at_once(
    processes: Processes, must_be_alone: bool
) -> None:
    victim = subprocess.Popen(
        [sys.executable, "-c", HELD_TILL_KILLED, processes.url, str(must_be_alone)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        text=True,
    )
    with victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        victim.send_signal(signal.SIGKILL)
    restarted = processes.start(is_proven=True, must_be_alone=must_be_alone)
    if not must_be_alone:
        _until_the_server_noticed(processes)  # who must be alone waits by itself

    restarted.register("restarted")

    assert processes.state("victim") == 3
    world = DatabaseWorld(processes.url)
    assert world.acquire("lobby", "restarted").lease.epoch == 2
    world.close()


def _until_the_server_noticed(processes: Processes) -> None:
    """The operating system closes the victim's socket at once; PostgreSQL's process has to read it."""
    database = processes.databases[0]
    if database.is_sqlite:
        return
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    _wait_for(lambda: _scalar(database, locks) == 0)


def _scalar(database: Database, query: str) -> object:
    with database.reading() as connection:
        return connection.exec_driver_sql(query).scalar()


def _wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(100_000):
        if condition():
            return
    raise AssertionError("waited in vain")


def test_a_node_whose_heartbeat_connection_was_cut_holds_its_proof_again(on_postgresql: Processes) -> None:
    cut, other = (on_postgresql.start(is_proven=True) for _ in range(2))
    cut.register("cut")
    on_postgresql.databases[0].close()
    _until_let_go(on_postgresql, 0)

    assert cut.heartbeat("cut").alive
    other.register("other")

    assert on_postgresql.state("cut") == 1


def test_who_is_suspected_is_declared_dead_only_on_proof(on_postgresql: Processes) -> None:
    alive, gone, asking = (on_postgresql.start(is_proven=True) for _ in range(3))
    for name, node in (("alive", alive), ("gone", gone), ("asking", asking)):
        node.register(name)
    on_postgresql.databases[1].close()
    _until_let_go(on_postgresql, 2)

    declare = asking.declare_dead_if_proven
    assert [declare(name) for name in ("alive", "gone", "gone", "nobody")] == [False, True, True, True]

    assert [on_postgresql.state(name) for name in ("alive", "gone")] == [1, 3]


def test_one_that_has_missed_two_beats_is_asked_for_its_proof_and_named(on_postgresql: Processes) -> None:
    watching, gone = (on_postgresql.start(is_proven=True) for _ in range(2))
    watching.register("watching")
    gone.register("gone")
    assert watching.heartbeat("watching").dead_node_ids == []
    on_postgresql.databases[1].close()
    _until_let_go(on_postgresql, 1)

    on_postgresql.elapsed += LEASE_MS / 1000 * 0.4
    assert watching.heartbeat("watching").dead_node_ids == []
    on_postgresql.elapsed += LEASE_MS / 1000 * 0.1

    assert watching.heartbeat("watching").dead_node_ids == ["gone"]
    assert watching.heartbeat("watching").dead_node_ids == []


def _until_let_go(processes: Processes, left: int) -> None:
    """Until only so many nodes hold their own lock."""
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
    _wait_for(lambda: _scalar(processes.databases[0], locks) == left)


def test_without_fast_detection_only_time_tells(processes: Processes) -> None:
    first = processes.start()
    first.register("gone")

    processes.start(is_proven=True, is_fast_detection=False).register("next")

    assert processes.state("gone") == 1
