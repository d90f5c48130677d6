"""The table of nodes: one row a process, renewed by its heartbeat; a room's lease is good as long
as its owner's row is.

A node that is dead stays dead: it registers anew, under another id. Nobody is declared dead by a
clock that jumps: the beat must have stood still for a whole lease by the observer's own clock that
only goes forward, *and* the lease must be over by the database's. A lock that the node would hold if
it lived (``proof``) needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, insert, select, update

from chatapp.kernel.ports import Heartbeat
from chatapp.store.database.engine import Database, now_ms
from chatapp.store.database.failures import Failure, judge
from chatapp.store.forgetting.reserve import Reserve
from chatapp.store.leases import RELEASE_ALL
from chatapp.store.models import DEAD, DRAINING, LIVE, nodes, revocations
from chatapp.store.nodes.proof import ProofOfDeath

SUSPICIOUS = 0.45  # of a lease without a beat: two were missed
REVOCATION_WINDOW_MS = 30_000  # read again and again: one lost heartbeat loses no sign-out

_node = nodes.c
_me: BindParameter[str] = bindparam("me")
_lease_until = now_ms() + bindparam("lease_ms")

REGISTER = insert(nodes).values(node_id=_me, beat=0, lease_until=_lease_until, state=LIVE)
BEAT = (
    update(nodes)
    .where(_node.node_id == _me, _node.state < DEAD)
    .values(beat=_node.beat + 1, lease_until=_lease_until)
)
NOW = select(now_ms())
OTHERS = select(_node.node_id, _node.beat).where(_node.state < DEAD, _node.node_id != _me)
DECLARE = (
    update(nodes)
    .where(
        _node.node_id == bindparam("silent"),
        _node.state != DEAD,
        _node.beat == bindparam("beat_seen"),
        _node.lease_until < now_ms(),
    )
    .values(state=DEAD)
)
DECLARE_PROVEN = update(nodes).where(_node.node_id == bindparam("gone")).values(state=DEAD)
STATE = select(_node.state).where(_node.node_id == bindparam("of"))
DRAIN = update(nodes).where(_node.node_id == _me, _node.state == LIVE).values(state=DRAINING)
REVOKED = select(revocations.c.user_id).distinct().where(revocations.c.at > now_ms() - REVOCATION_WINDOW_MS)


class NodeTable:
    """``elapsed`` gives seconds on a clock that only goes forward, also while the machine sleeps."""

    def __init__(
        self,
        database: Database,
        proof: ProofOfDeath,
        *,
        lease_ms: int,
        elapsed: Callable[[], float],
        is_fast_detection: bool,
    ) -> None:
        self._database = database
        self._reserve = Reserve(database)
        self._proof = proof
        self._lease_ms = lease_ms
        self._elapsed = elapsed
        self._is_fast_detection = is_fast_detection
        self._beats: dict[str, tuple[int, float]] = {}

    def register(self, node_id: str) -> Heartbeat:
        """``INSERT INTO nodes VALUES (:me, 0, now_ms()+:lease, 1)``, after taking the proof of life.

        Whoever can be proven dead is declared so in the same transaction: a node that comes back
        after a crash has its rooms at once. Raises ``SecondNodeRefused``.
        """
        return self._insist(lambda: self._register(node_id))

    def _register(self, node_id: str) -> Heartbeat:
        with self._database.writing() as connection:
            self._proof.hold(connection, node_id)
            dead = self._declare_the_gone(connection, self._others(connection, node_id))
            connection.execute(REGISTER, {"me": node_id, "lease_ms": self._lease_ms})
            return self._good_heartbeat(connection, dead)

    def heartbeat(self, node_id: str) -> Heartbeat:
        """``UPDATE nodes SET beat=beat+1, lease_until=now_ms()+:lease WHERE node_id=:me AND it is not
        dead``; no row: somebody declared this node dead, and whatever it holds is void.
        """
        return self._insist(lambda: self._beat(node_id))

    def _beat(self, node_id: str) -> Heartbeat:
        with self._database.writing() as connection:
            self._proof.hold(connection, node_id)
            beat = connection.execute(BEAT, {"me": node_id, "lease_ms": self._lease_ms})
            if beat.rowcount == 0:
                return Heartbeat(now_ms=connection.scalar(NOW) or 0, alive=False)
            dead = self._declare_the_silent(connection, node_id)
            return self._good_heartbeat(connection, dead)

    def _insist(self, act: Callable[[], Heartbeat]) -> Heartbeat:
        """A full disk ends no node that can still be read: if need be, in the room of the reserve."""
        try:
            return act()
        except Exception as error:
            if judge(error) is not Failure.FULL:
                raise
        with self._reserve.given():
            return act()

    def set_draining(self, node_id: str) -> None:
        """Keep what is owned, acquire nothing more."""
        with self._database.writing() as connection:
            connection.execute(DRAIN, {"me": node_id})

    def declare_dead_if_proven(self, node_id: str) -> bool:
        """Declare another node dead if its lock can be had; True if it is dead, whoever said so."""
        with self._database.writing() as connection:
            state = connection.scalar(STATE, {"of": node_id})
            if state is None or state == DEAD:
                return True
            if not self._is_fast_detection or not self._proof.is_dead(connection, node_id):
                return False
            connection.execute(DECLARE_PROVEN, {"gone": node_id})
            return True

    def resign(self, node_id: str) -> None:
        """Release every room, then be dead; only after the COMMIT may another take the proof."""
        with self._database.writing() as connection:
            connection.execute(RELEASE_ALL, {"me": node_id})
            connection.execute(DECLARE_PROVEN, {"gone": node_id})
        with self._database.reading() as connection:
            self._proof.let_go(connection)

    def _declare_the_gone(self, connection: Connection, suspects: Iterable[str]) -> list[str]:
        if not self._is_fast_detection:
            return []
        gone = [suspect for suspect in suspects if self._proof.is_dead(connection, suspect)]
        for each in gone:
            connection.execute(DECLARE_PROVEN, {"gone": each})
        return gone

    def _declare_the_silent(self, connection: Connection, node_id: str) -> list[str]:
        """``UPDATE nodes SET state=3 WHERE node_id=:n AND state<>3 AND beat=:beat_seen AND
        lease_until<now_ms()``, where ``:beat_seen`` was first seen at least one lease ago. One that
        has missed two beats is asked for its proof, which may tell sooner.
        """
        now = self._elapsed()
        beats = self._others(connection, node_id)
        known = self._beats
        self._beats = {
            other: known[other] if known.get(other, (None,))[0] == beat else (beat, now)
            for other, beat in beats.items()
        }
        vanished = [other for other in known if other not in beats]  # resigned, or another declared them
        ages = {other: now - seen_at for other, (_, seen_at) in self._beats.items()}
        lease_seconds = self._lease_ms / 1000
        missing = (other for other, age in ages.items() if age >= SUSPICIOUS * lease_seconds)
        gone = self._declare_the_gone(connection, missing)
        for other, (beat, _) in self._beats.items():
            if ages[other] >= lease_seconds and other not in gone:
                declared = connection.execute(DECLARE, {"silent": other, "beat_seen": beat})
                gone += [other] * declared.rowcount
        for each in gone:
            self._beats.pop(each, None)
        return vanished + gone

    def _others(self, connection: Connection, node_id: str) -> dict[str, int]:
        return {row.node_id: row.beat for row in connection.execute(OTHERS, {"me": node_id})}

    def _good_heartbeat(self, connection: Connection, dead: Sequence[str]) -> Heartbeat:
        revoked = connection.scalars(REVOKED).all()
        return Heartbeat(
            now_ms=connection.scalar(NOW) or 0,
            alive=True,
            revoked_user_ids=revoked,
            dead_node_ids=dead,
        )
