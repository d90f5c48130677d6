"""The guests: who they are, and whether their token still counts.

A token says only which row to look at; the row says whether it is good. So it can be renewed
without a new token, and revoked for good. A revocation deletes nothing: it marks the row and
leaves a note, which every node's heartbeat reads and closes that person's sockets by.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import BindParameter, bindparam, insert, select, update

from chatapp.store import traces
from chatapp.store.database.engine import DAY_MS, Database, now_ms
from chatapp.store.models import revocations, users

TOKEN_TTL_MS = 30 * DAY_MS  # after the last use
TOUCH_RESOLUTION_MS = 3_600_000

_user: BindParameter[str] = bindparam("user")
_now: BindParameter[int] = bindparam("now")

GET = select(users).where(users.c.user_id == _user)
RENAME = (
    update(users)
    .where(users.c.user_id == _user, users.c.revoked_at.is_(None))
    .values(name=bindparam("new_name"))
)
TOUCH = (
    update(users)
    .where(
        users.c.user_id == _user,
        users.c.revoked_at.is_(None),
        users.c.expires_at > _now,
        users.c.last_used_at < _now - TOUCH_RESOLUTION_MS,
    )
    .values(last_used_at=_now, expires_at=_now + TOKEN_TTL_MS)
)
REVOKE = (
    update(users)
    .where(users.c.user_id == _user, users.c.revoked_at.is_(None))
    .values(revoked_at=now_ms(), name="")  # nobody comes back by it
    .returning(users.c.revoked_at)
)
NOTE_REVOCATION = insert(revocations)


class User(msgspec.Struct, frozen=True, kw_only=True):
    user_id: str
    name: str
    token_id: str
    created_at: int
    last_used_at: int
    expires_at: int
    revoked_at: int | None


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, user_id: str, *, name: str, token_id: str) -> User:
        with self._database.writing() as connection:
            now = connection.scalar(select(now_ms())) or 0
            user = User(
                user_id=user_id,
                name=name,
                token_id=token_id,
                created_at=now,
                last_used_at=now,
                expires_at=now + TOKEN_TTL_MS,
                revoked_at=None,
            )
            connection.execute(insert(users), msgspec.structs.asdict(user))
        return user

    def get(self, user_id: str) -> User | None:
        """The row as it is; whether it has expired or was revoked is for the caller to see."""
        with self._database.reading() as connection:
            row = connection.execute(GET, {"user": user_id}).one_or_none()
        return None if row is None else User(**row._mapping)

    def rename(self, user_id: str, name: str) -> None:
        """Whoever has signed out meanwhile has no name."""
        with self._database.writing() as connection:
            if connection.execute(RENAME, {"user": user_id, "new_name": name}).rowcount:
                traces.note(connection, users)

    def touch(self, user_id: str, now: int) -> None:
        """The token was used: its expiry moves on, at most once an hour; a dead one stays dead."""
        with self._database.writing() as connection:
            connection.execute(TOUCH, {"user": user_id, "now": now})

    def revoke(self, user_id: str) -> bool:
        """End the token for ever and tell all nodes; False if there was none to end."""
        with self._database.writing() as connection:
            at = connection.scalar(REVOKE, {"user": user_id})
            if at is not None:
                traces.note(connection, users)
                connection.execute(NOTE_REVOCATION, {"user_id": user_id, "at": at})
        return at is not None
