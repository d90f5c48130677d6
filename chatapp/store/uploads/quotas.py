"""What people, networks and rooms have uploaded, and how a new upload begins within what they may.

The sums are asked of the table, so they hold over all nodes and over a restart, and what was deleted counts
no more. An upload counts with the size that it announces, from its beginning on; in rooms and in all one that
has stalled takes as much as has come of it. What somebody may have is checked in the transaction that begins
the upload, and those wait for one another; what rooms and the chat as a whole hold is looked up just before
it, because that is many rows: it may be over by what begins at the same moment, and by what goes on after it
has stalled.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from chatapp.store import traces
from chatapp.store.database.engine import DAY_MS, Database, now_ms
from chatapp.store.models import LOOKING, RECEIVING, uploads
from chatapp.store.uploads.uploads import StoredUpload, as_text

FORGOTTEN_AT_ONCE = 200  # addresses: as long as they are, nobody else can write to SQLite
LOOK_WAIT_MS = 5_000  # a guess: nobody knows how long a look takes, nor how many are before it
_BEGIN_KEY = 7_203_557_219  # any number that nobody else uses in this database

_of = uploads.c
_since: BindParameter[int] = bindparam("since")
_whose: BindParameter[str] = bindparam("whose")

Scope = Literal["person", "address", "room", "server"]


class Quota(msgspec.Struct, frozen=True):
    """So many bytes of uploads that began within ``window_ms``."""

    bytes: int
    window_ms: int


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What there may be with the new one; ``at_once`` of one person, without those that have stalled.

    What waits to be looked at is one of those, however long it waits.
    """

    at_once: int
    stalled_ms: int
    person: tuple[Quota, ...]
    address: tuple[Quota, ...]
    room_bytes: int
    total_bytes: int


class Over(msgspec.Struct, frozen=True):
    """Who has too much already, and when (ms) there is room; None: nobody knows, something has to go."""

    scope: Scope
    what: Literal["at once", "bytes"]
    retry_after_ms: int | None


class NewUpload(msgspec.Struct, frozen=True, kw_only=True):
    upload_id: str
    room_id: str
    user_id: str
    size: int
    type: str
    words: dict[str, Any]
    address: str


def _sum(*which: ColumnElement[bool]) -> Any:
    return select(func.coalesce(func.sum(_of.size), 0)).where(*which)


def _missing(*which: ColumnElement[bool]) -> Any:
    """What was announced and does not come."""
    has_stalled = (_of.state == RECEIVING, _of.touched_at <= now_ms() - bindparam("stalled_ms"))
    return select(func.coalesce(func.sum(_of.size - _of.received), 0)).where(*which, *has_stalled)


IN_ROOM = _sum(_of.room_id == _whose)
MISSING_IN_ROOM = _missing(_of.room_id == _whose, _of.message_seq.is_(None))
_known_from = (
    select(_of.upload_id)
    .where(_of.address > "", _of.created_at <= bindparam("before"))
    .limit(FORGOTTEN_AT_ONCE)
)
FORGET_ADDRESSES = update(uploads).where(_of.upload_id.in_(_known_from)).values(address="")
IN_ALL = select(func.coalesce(func.sum(_of.size), 0)).select_from(uploads)
MISSING_IN_ALL = _missing()
AT_ONCE = select(_of.state, _of.touched_at).where(
    _of.user_id == _whose,
    _of.created_at > _since,
    or_(_of.state == LOOKING, and_(_of.state == RECEIVING, _of.touched_at > bindparam("alive"))),
)


def _since_then(whose: ColumnElement[str]) -> tuple[Any, Any]:
    """What somebody began within a window, and by when so much of it had begun."""
    which = (whose == _whose, _of.created_at > _since)
    so_far = func.sum(_of.size).over(order_by=(_of.created_at, _of.upload_id)).label("so_far")
    begun = select(_of.created_at, so_far).where(*which).subquery("begun")
    enough = select(func.min(begun.c.created_at)).where(begun.c.so_far >= bindparam("excess"))
    return _sum(*which), enough


BEGUN: dict[Scope, tuple[Any, Any]] = {
    "person": _since_then(_of.user_id),
    "address": _since_then(_of.address),
}


class UploadQuotas:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, new: NewUpload, allowed: Allowed) -> StoredUpload | Over:
        """A new upload without a byte, or who has too much for it."""
        if over := self._over_what_lies_there(new, allowed):
            return over
        with self._database.writing() as connection:
            if not self._database.is_sqlite:  # SQLite has one writer anyhow
                connection.execute(select(func.pg_advisory_xact_lock(_BEGIN_KEY)))
            now = connection.scalar(select(now_ms())) or 0
            if over := _over_what_one_may(connection, new, allowed, now):
                return over
            begun = StoredUpload(
                **msgspec.structs.asdict(new),
                state=RECEIVING,
                created_at=now,
                touched_at=now,
                received=0,
                parts=(),
            )
            connection.execute(insert(uploads), _columns(begun))
        return begun

    def total_bytes(self) -> int:
        """Of all uploads, as they were announced or are served."""
        with self._database.reading() as connection:
            return int(connection.scalar(IN_ALL) or 0)

    def _over_what_lies_there(self, new: NewUpload, allowed: Allowed) -> Over | None:
        asked = {"whose": new.room_id, "stalled_ms": allowed.stalled_ms}
        with self._database.reading() as connection:
            if _lies(connection, IN_ROOM, MISSING_IN_ROOM, asked) + new.size > allowed.room_bytes:
                return Over("room", "bytes", None)
            if _lies(connection, IN_ALL, MISSING_IN_ALL, asked) + new.size > allowed.total_bytes:
                return Over("server", "bytes", None)
        return None


def _lies(connection: Connection, announced: Any, missing: Any, asked: dict[str, Any]) -> int:
    return int(connection.scalar(announced, asked) or 0) - int(connection.scalar(missing, asked) or 0)


def forget_addresses(connection: Connection, before: int) -> int:
    """From where uploads came that began up to then (ms), of some: nothing asks for that any more.

    How many; 0: there are no more.
    """
    forgotten = connection.execute(FORGET_ADDRESSES, {"before": before}).rowcount
    if forgotten:
        traces.note(connection, uploads)
    return forgotten


def _columns(begun: StoredUpload) -> dict[str, Any]:
    row = msgspec.structs.asdict(begun)
    return {**row, "words": as_text(begun.words), "parts": as_text(begun.parts)}


def _over_what_one_may(connection: Connection, new: NewUpload, allowed: Allowed, now: int) -> Over | None:
    alive = now - allowed.stalled_ms
    asked = {"whose": new.user_id, "since": now - DAY_MS, "alive": alive}
    waits = sorted(
        LOOK_WAIT_MS if state == LOOKING else touched_at - alive
        for state, touched_at in connection.execute(AT_ONCE, asked)
    )
    if len(waits) >= allowed.at_once:
        return Over("person", "at once", waits[len(waits) - allowed.at_once])
    scopes: tuple[tuple[Scope, str, tuple[Quota, ...]], ...] = (
        ("person", new.user_id, allowed.person),
        ("address", new.address, allowed.address),
    )
    for scope, whose, quotas in scopes:
        waits = [_wait(connection, scope, whose, new.size, quota, now) for quota in quotas]
        if (wait := max(waits, default=0)) > 0:
            return Over(scope, "bytes", wait)
    return None


def _wait(connection: Connection, scope: Scope, whose: str, size: int, quota: Quota, now: int) -> int:
    """How long until enough of what somebody has begun is older than the window; 0: it fits now."""
    total, by_when = BEGUN[scope]
    asked = {"whose": whose, "since": now - quota.window_ms}
    excess = int(connection.scalar(total, asked) or 0) + size - quota.bytes
    if excess <= 0:
        return 0
    begun_at = connection.scalar(by_when, {**asked, "excess": excess})
    # None: it is larger than the quota by itself, and never fits.
    return quota.window_ms if begun_at is None else max(1, begun_at + quota.window_ms - now)
