"""The table of users as a dictionary, with the database's clock in the test's hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from chatapp.errors import ChatError
from chatapp.identity import UserTable

R = TypeVar("R")

TTL_MS = 30 * 86_400_000


@dataclass(frozen=True, kw_only=True)
class FakeUserRow:
    user_id: str
    name: str
    token_id: str
    last_used_at: int
    expires_at: int
    revoked_at: int | None = None


class FakeUsers:
    """Fulfils ``UserTable``, ``AskUsers`` (called) and the kernel's ``Clock``."""

    def __init__(self) -> None:
        self.rows: dict[str, FakeUserRow] = {}
        self.now = 1_700_000_000_000
        self.asked = 0
        self.touches = 0
        self.read_fails: ChatError | None = None
        self.write_fails: ChatError | None = None

    def __call__(self, job: Callable[[UserTable], R]) -> R:
        self.asked += 1
        return job(self)

    def now_ms(self) -> int:
        return self.now

    def create(self, user_id: str, *, name: str, token_id: str) -> FakeUserRow:
        row = FakeUserRow(
            user_id=user_id,
            name=name,
            token_id=token_id,
            last_used_at=self.now,
            expires_at=self.now + TTL_MS,
        )
        self.rows[user_id] = row
        return row

    def get(self, user_id: str) -> FakeUserRow | None:
        if self.read_fails is not None:
            raise self.read_fails
        return self.rows.get(user_id)

    def rename(self, user_id: str, name: str) -> None:
        self.rows[user_id] = replace(self.rows[user_id], name=name)

    def touch(self, user_id: str, now: int) -> None:
        if self.write_fails is not None:
            raise self.write_fails
        self.touches += 1
        self.rows[user_id] = replace(self.rows[user_id], last_used_at=now, expires_at=now + TTL_MS)

    def revoke(self, user_id: str) -> bool:
        self.rows[user_id] = replace(self.rows[user_id], revoked_at=self.now)
        return True
