"""Whatever nodes do to each other, the databases and the fake say the same and keep the same logs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp.errors import ChatError
from chatapp.kernel.ports import Lease, RoomWrite
from tests.contracts.worlds import UNSTORABLE, DatabaseWorld, FakeWorld, World, event, write

pytestmark = pytest.mark.slow

ROOMS = ("a", "b", "c")
runs = count()

# One node's part in a group: which room, how many events, from where in the log, and their kind.
part = st.tuples(
    st.sampled_from(ROOMS), st.integers(0, 3), st.sampled_from([0, 0, 0, 0, 1]), st.sampled_from("fffrd")
)
step = st.one_of(
    st.tuples(st.just("acquire"), st.integers(0, 1), st.sampled_from(ROOMS)),
    st.tuples(st.just("release"), st.integers(0, 1), st.sampled_from(ROOMS)),
    st.tuples(st.just("die"), st.integers(0, 1)),
    st.tuples(
        st.just("commit"), st.integers(0, 1), st.lists(part, min_size=1, max_size=3, unique_by=lambda p: p[0])
    ),
)


class Player:
    """Two nodes that remember the leases they were given, good or not, and write by them."""

    def __init__(self, world: World, run: str) -> None:
        self._world = world
        self._run = run
        self._nodes = [world.node(), world.node()]
        self._leases: dict[tuple[int, str], Lease] = {}
        self._heads: dict[tuple[int, str], int] = {}

    def play(self, action: str, node: int, *what: object) -> object:
        return getattr(self, f"_{action}")(node, *what)

    def logs(self) -> list[object]:
        return [[(epoch, e.seq, e.client_id) for epoch, e in self._world.log(self._room(r))] for r in ROOMS]

    def _room(self, name: str) -> str:
        return f"{self._run} {name}"

    def _acquire(self, node: int, room: str) -> object:
        try:
            lease = self._world.acquire(self._room(room), self._nodes[node]).lease
        except ChatError as refusal:
            return refusal.code
        self._leases[node, room] = lease
        self._heads[node, room] = lease.last_seq
        return lease.epoch, lease.last_seq, lease.last_at

    def _release(self, node: int, room: str) -> None:
        if (node, room) in self._leases:
            self._world.release(self._leases[node, room])

    def _die(self, node: int) -> None:
        self._world.declare_dead(self._nodes[node])
        self._nodes[node] = self._world.node()

    def _commit(self, node: int, parts: Sequence[tuple[str, int, int, str]]) -> object:
        writes = [self._write(node, *p) for p in parts if (node, p[0]) in self._leases]
        outcomes = self._world.commit(writes) if writes else []
        for made, outcome in zip(writes, outcomes, strict=True):
            if outcome.name == "COMMITTED":
                self._heads[node, made.lease.room_id.split()[-1]] = made.last_seq
        return [outcome.name for outcome in outcomes]

    def _write(self, node: int, room: str, size: int, shift: int, kind: str) -> RoomWrite:
        after = self._heads[node, room] + shift
        said = [
            event(
                self._room(room),
                after + n + 1,
                # "d": says again what may be in the log already; "r": what no database takes.
                client_id=f"{n}" if kind == "d" else f"{kind} {node} {after} {n}",
                user_name=UNSTORABLE if kind == "r" else "Ana",
            )
            for n in range(size)
        ]
        return write(self._leases[node, room], *said, after=after)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def real_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseWorld]:
    """One for all examples, each of which has rooms and nodes of its own in it."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_server")
    else:
        file = tmp_path_factory.mktemp("property") / "chat.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        url = f"sqlite:///{file}"
    world = DatabaseWorld(url)
    yield world
    world.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=3, max_size=14))
def test_the_journal_does_what_its_fake_does(real_world: DatabaseWorld, steps: list[tuple[str, int]]) -> None:
    run = f"run {next(runs)}"
    real, fake = Player(real_world, run), Player(FakeWorld(), run)

    for action, *what in steps:
        assert real.play(action, *what) == fake.play(action, *what)

    assert real.logs() == fake.logs()
