"""Who runs what is due, and when it is due again.

A run is claimed for a minute at a time. The claim is renewed with each of the run's transactions
and falls to the next one when its holder is gone; the slot moves on only when a run is completed.
So two that ring at once run once, and a run that was killed is taken up again. A run that did all it could
and could not finish is due again soon, and sooner missed.

A slot or a claim that lies further ahead than either ever does was set by a clock that was wrong: it
counts for nothing.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from chatapp.store.database.engine import Database
from chatapp.store.models import alarms

CLAIM_MS = 60_000
WRONG_CLAIM_MS = 2 * CLAIM_MS  # whoever asks may have read the clock before the claim was last renewed
LONGEST_WAIT_MS = 3_600_000  # from one slot to the next
OVERDUE_MS = 15 * 60_000
MISSED_MS = 2 * 60_000  # overdue, if the run before could not finish

_alarm = alarms.c
_name: BindParameter[str] = bindparam("alarm")
_me: BindParameter[str] = bindparam("me")
_now: BindParameter[int] = bindparam("now")

GET = select(alarms).where(_alarm.name == _name)
CLAIM = (
    update(alarms)
    .where(
        _alarm.name == _name,
        or_(_alarm.next_due <= _now, _alarm.next_due > _now + LONGEST_WAIT_MS),
        or_(
            _alarm.claimed_by.is_(None),
            _alarm.claimed_until <= _now,
            _alarm.claimed_until > _now + WRONG_CLAIM_MS,
        ),
    )
    .values(claimed_by=_me, claimed_until=_now + CLAIM_MS)
    .returning(_alarm.done_cutoff, _alarm.noted_cutoff, _alarm.noted_at, _alarm.unfinished)
)
RENEW = (
    update(alarms).where(_alarm.name == _name, _alarm.claimed_by == _me).values(claimed_until=_now + CLAIM_MS)
)
FINISH = (
    update(alarms)
    .where(_alarm.name == _name, _alarm.claimed_by == _me)
    .values(
        claimed_by=None,
        claimed_until=0,
        next_due=bindparam("due"),
        done_cutoff=bindparam("cutoff"),
        noted_cutoff=bindparam("noted"),
        noted_at=bindparam("at"),
        unfinished=bindparam("in_vain"),
    )
)


SWEPT = (
    update(alarms)
    .where(_alarm.name == _name)
    .values(orphans=_alarm.orphans + bindparam("more"), missing=bindparam("now_missing"))
)


class ClaimLost(Exception):
    """Another run has taken over; this one must not go on."""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What earlier runs left: how far they deleted, and a cutoff that one of them only noted.

    One that is noted without a time is not to be looked at again: a run went by it, and could not finish.
    ``unfinished`` counts such runs in a row.
    """

    done_cutoff: int
    noted_cutoff: int | None = None
    noted_at: int | None = None
    unfinished: int = 0


class Alarm:
    """One alarm, as one would-be runner (``me``) sees it. Times are the caller's, in ms."""

    def __init__(self, database: Database, name: str, me: str) -> None:
        self._database = database
        self._key = {"alarm": name, "me": me}
        insert = sqlite_insert if database.is_sqlite else postgresql_insert
        self._create = insert(alarms).on_conflict_do_nothing()

    def ensure(self, now: int, *, done_cutoff: int) -> None:
        """An alarm that nobody knows yet is due at once."""
        with self._database.reading() as connection:
            if connection.execute(GET, self._key).one_or_none() is not None:
                return
        row = {"name": self._key["alarm"], "next_due": now, "claimed_until": 0, "done_cutoff": done_cutoff}
        with self._database.writing() as connection:
            connection.execute(self._create, row)

    def claim(self, now: int) -> Past | None:
        """None: not due, or somebody else is at it (``free_at`` knows)."""
        with self._database.writing() as connection:
            row = connection.execute(CLAIM, {**self._key, "now": now}).one_or_none()
        return None if row is None else Past(**row._mapping)

    def free_at(self) -> int | None:
        """Until when somebody's claim holds; None: nobody has one."""
        with self._database.reading() as connection:
            row = connection.execute(GET, self._key).one_or_none()
        return None if row is None or row.claimed_by is None else row.claimed_until

    def renew(self, connection: Connection, now: int) -> None:
        """Within the transaction that the claim is for. Raises ``ClaimLost``."""
        if connection.execute(RENEW, {**self._key, "now": now}).rowcount == 0:
            raise ClaimLost

    def finish(self, past: Past, *, next_due: int) -> None:
        """The run is over. Raises ``ClaimLost``."""
        values = {
            "due": next_due,
            "cutoff": past.done_cutoff,
            "noted": past.noted_cutoff,
            "at": past.noted_at,
            "in_vain": past.unfinished,
        }
        with self._database.writing() as connection:
            if connection.execute(FINISH, {**self._key, **values}).rowcount == 0:
                raise ClaimLost

    def swept(self, connection: Connection, *, orphans: int, missing: int) -> int:
        """What a sweep of files has found, for whoever watches."""
        return connection.execute(SWEPT, {**self._key, "more": orphans, "now_missing": missing}).rowcount

    def found(self) -> tuple[int, int]:
        """Orphans removed by all runs, and files that lacked something in the last."""
        with self._database.reading() as connection:
            row = connection.execute(GET, self._key).one_or_none()
        return (0, 0) if row is None else (row.orphans, row.missing)

    def past(self) -> Past | None:
        """None: nobody knows this alarm yet."""
        with self._database.reading() as connection:
            row = connection.execute(GET, self._key).one_or_none()
        return None if row is None else Past(**{name: row._mapping[name] for name in Past.__struct_fields__})

    def is_overdue(self, now: int) -> bool:
        """True if nobody came for long, or a wrong clock has set the slot."""
        with self._database.reading() as connection:
            row = connection.execute(GET, self._key).one_or_none()
        if row is None:
            return False
        late = MISSED_MS if row.unfinished else OVERDUE_MS
        return bool(row.next_due < now - late or row.next_due > now + LONGEST_WAIT_MS)
