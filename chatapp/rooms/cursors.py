"""Read cursors: how far each person has read, on all of their devices together.

They move often and matter little, so they are stored together and a moment later; a room
does not sleep before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatapp.rooms.events import ReadRecord


class Cursors:
    def __init__(self, room_id: str, flush_ms: int) -> None:
        self._room_id = room_id
        self._flush_ms = flush_ms
        self._seqs: dict[str, int] = {}
        self._moved_at: dict[str, int] = {}  # those that are not stored yet
        self.deadline_ms: int | None = None

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._seqs

    def of(self, user_id: str) -> int:
        return self._seqs.get(user_id, 0)

    def learn(self, seqs: Mapping[str, int]) -> None:
        self._seqs.update(seqs)

    def move(self, user_id: str, seq: int, now_ms: int) -> bool:
        """The highest wins; False if it did not move."""
        if seq <= self.of(user_id):
            return False
        self._seqs[user_id] = seq
        self._moved_at[user_id] = now_ms
        if self.deadline_ms is None:
            self.deadline_ms = now_ms + self._flush_ms
        return True

    def hasten(self, user_ids: Iterable[str]) -> None:
        """These people have gone, or are about to: store theirs now."""
        if any(user_id in self._moved_at for user_id in user_ids):
            self.deadline_ms = 0

    def forget(self, user_ids: Iterable[str]) -> None:
        for user_id in user_ids:
            self._seqs.pop(user_id, None)

    def take_due(self, now_ms: int, *, is_last: bool) -> list[ReadRecord]:
        if self.deadline_ms is None or not (is_last or now_ms >= self.deadline_ms):
            return []
        due = [
            ReadRecord(room_id=self._room_id, user_id=user_id, seq=self._seqs[user_id], at=at)
            for user_id, at in self._moved_at.items()
        ]
        self._moved_at.clear()
        self.deadline_ms = None
        return due
