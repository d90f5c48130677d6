"""Silent rooms: those in which nothing was ever said, and that are forgotten with their last visitor.

Anybody makes a room by coming to it, so a room costs nothing, and must leave nothing. There is no
log that a cursor could want to continue. What keeps one is somebody who is in it, an owner that is
awake, or an attachment: that is promised to its device for as long as a message is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, delete, exists, not_, or_, select

from chatapp.store.database.engine import Database
from chatapp.store.database.pages import pages_of_ids
from chatapp.store.forgetting.expiry import UNSEEN_SESSION
from chatapp.store.leases import OWNER_LIVES
from chatapp.store.models import read_cursors, room_leases, rooms, sessions

PAGE_ROWS = 200

_these: BindParameter[Sequence[str]] = bindparam("these", expanding=True)

_is_kept = exists().where(
    sessions.c.room_id == room_leases.c.room_id,
    # Also where its node has died: those who were there may have come back to it by another name.
    or_(sessions.c.is_present, sessions.c.attachment.is_not(None)),
    not_(UNSEEN_SESSION),
)
_is_silent = (room_leases.c.last_seq == 0) & or_(room_leases.c.owner_id.is_(None), ~OWNER_LIVES) & ~_is_kept
SILENT = (
    select(room_leases.c.room_id)
    .where(room_leases.c.room_id > bindparam("after"), _is_silent)
    .order_by(room_leases.c.room_id)
    .limit(PAGE_ROWS)
)
FORGET_LEASES = delete(room_leases).where(room_leases.c.room_id.in_(_these), _is_silent)
# Without its lease a room is no more, and what hung on it goes.
FORGET_THE_REST = [
    delete(table).where(
        table.c.room_id.in_(_these), ~exists().where(room_leases.c.room_id == table.c.room_id)
    )
    for table in (rooms, sessions, read_cursors)
]


def silent_rooms(database: Database, before: int) -> Iterator[list[str]]:
    """Pages of ids, of which ``forget_silent`` keeps those that somebody has come to since.

    Sessions that were last seen up to ``before`` keep no room, unless somebody is in it.
    """
    return pages_of_ids(database, SILENT, before=before)


def forget_silent(connection: Connection, room_ids: list[str], before: int = 0) -> int:
    forgotten = connection.execute(FORGET_LEASES, {"these": room_ids, "before": before}).rowcount
    if forgotten:
        for statement in FORGET_THE_REST:
            connection.execute(statement, {"these": room_ids})
    return forgotten
