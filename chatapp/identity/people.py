"""People: guests who come in with a name, stay by a token, and leave for good.

The token's expiry slides: 30 days after its last use, moved on at most once an hour. Signing out
ends the token and every socket of that person, on every node. The table of users decides; a token
that it does not know, or no longer, is worth nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec

from chatapp.errors import StorageFull, StorageUnavailable, TokenExpired, Unauthorized
from chatapp.identity.tokens import TokenParts, Tokens, new_parts
from chatapp.kernel.ports import Clock

TOUCH_AFTER_MS = 3_600_000

R = TypeVar("R")


class UserRow(Protocol):
    """What the table knows of a person. Times in ms."""

    @property
    def user_id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def token_id(self) -> str: ...

    @property
    def last_used_at(self) -> int: ...

    @property
    def expires_at(self) -> int: ...

    @property
    def revoked_at(self) -> int | None: ...


class UserTable(Protocol):
    """The table of users, on a thread that may block."""

    def create(self, user_id: str, *, name: str, token_id: str) -> UserRow: ...

    def get(self, user_id: str) -> UserRow | None: ...

    def rename(self, user_id: str, name: str) -> None: ...

    def touch(self, user_id: str, now: int) -> None:
        """Move the expiry on, unless the token is dead."""
        ...

    def revoke(self, user_id: str) -> bool: ...


class AskUsers(Protocol):
    """Runs a job where blocking is allowed and waits for it; an outage is a ``ChatError``."""

    def __call__(self, job: Callable[[UserTable], R], /) -> R: ...


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """A person whose token is good, until ``expires_at`` (ms) if it is not used again."""

    user_id: str
    name: str
    expires_at: int


class People:
    def __init__(self, *, tokens: Tokens, ask_users: AskUsers, clock: Clock) -> None:
        self._tokens = tokens
        self._ask = ask_users
        self._clock = clock

    def sign_in(self, name: str) -> tuple[str, Guest]:
        """A new person of this name (already in its normal form), with the token that proves it."""
        parts = new_parts()
        row = self._ask(lambda users: users.create(parts.user_id, name=name, token_id=parts.token_id))
        return self._tokens.issue(parts), _guest(row)

    def user_id_of(self, token: str) -> str:
        """From the token alone, without asking the table. Raises ``Unauthorized``."""
        return self._tokens.parts(token).user_id

    def verify(self, token: str, ask_users: AskUsers | None = None) -> Guest:
        """Who holds this token. Blocks the greenlet; raises ``Unauthorized`` or ``TokenExpired``.

        ``ask_users`` is for whoever has something else to ask at the same time.
        """
        parts = self._tokens.parts(token)
        row = self._good_row(parts, ask_users)
        if self._clock.now_ms() - row.last_used_at > TOUCH_AFTER_MS and self._touch(row.user_id):
            row = self._good_row(parts)
        return _guest(row)

    def find(self, user_id: str, ask_users: AskUsers | None = None) -> Guest:
        """The person of this id, while their token is good; as ``verify`` else."""
        row = self._row(user_id, ask_users)
        self._check_expiry(row)
        return _guest(row)

    def renew(self, user_id: str) -> int:
        """Somebody is still connected, which is a use of their token: when it expires now (ms).

        Blocks the greenlet; raises ``Unauthorized`` or ``TokenExpired``.
        """
        self._check_expiry(self._row(user_id))
        self._touch(user_id)
        return self._row(user_id).expires_at

    def rename(self, guest: Guest, name: str) -> Guest:
        self._ask(lambda users: users.rename(guest.user_id, name))
        return msgspec.structs.replace(guest, name=name)

    def sign_out(self, guest: Guest) -> None:
        """End the token for ever; the nodes close this person's sockets with their next heartbeat."""
        self._ask(lambda users: users.revoke(guest.user_id))

    def _good_row(self, parts: TokenParts, ask_users: AskUsers | None = None) -> UserRow:
        row = self._row(parts.user_id, ask_users)
        if not hmac.compare_digest(row.token_id, parts.token_id):
            raise Unauthorized
        self._check_expiry(row)
        return row

    def _row(self, user_id: str, ask_users: AskUsers | None = None) -> UserRow:
        row = (ask_users or self._ask)(lambda users: users.get(user_id))
        if row is None or row.revoked_at is not None:
            raise Unauthorized
        return row

    def _check_expiry(self, row: UserRow) -> None:
        if row.expires_at <= self._clock.now_ms():
            raise TokenExpired

    def _touch(self, user_id: str) -> bool:
        now = self._clock.now_ms()
        try:
            self._ask(lambda users: users.touch(user_id, now))
        except (StorageFull, StorageUnavailable):
            return False  # a disk that takes no writes must not keep anyone from reading
        return True


def _guest(row: UserRow) -> Guest:
    return Guest(user_id=row.user_id, name=row.name, expires_at=row.expires_at)
