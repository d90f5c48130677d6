"""The messages that a batch is about, as they are now: those of the tail, and older ones as storage has them.

What one command of the batch does to a message, the next one finds done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from chatapp.errors import TargetGone
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies
from chatapp.rooms.messages.dependents import quote_of
from chatapp.rooms.messages.recovery import Recovery
from chatapp.rooms.messages.tail import Tail
from chatapp.rooms.messages.targets import Target, TargetId, Targets


class KnownTargets:
    def __init__(self, tail: Tail, recovery: Recovery, retention_ms: int) -> None:
        self._tail = tail
        self._recovery = recovery
        self._retention_ms = retention_ms
        self._read: dict[int, Target] = {}
        self._answers: dict[int, list[int]] = {}  # of those that were read, by the seq of what they answer
        self._asked: set[int] = set()

    def begin(self) -> None:
        if self._asked:
            self._read, self._answers, self._asked = {}, {}, set()

    def ask(self, wanted: Iterable[TargetId], cutoff: int) -> Sequence[Targets]:
        """What storage must say before these can be found; once a batch for each."""
        first, known = self._tail.first_seq, self._asked
        unknown = sorted({each.seq for each in wanted if 0 < each.seq < first} - known)
        known.update(unknown)
        return [Targets(seqs=tuple(unknown), cutoff=cutoff)] if unknown else ()

    def learn(self, found: dict[int, Target]) -> None:
        self._read |= found
        for seq, answer in found.items():
            if (reply_to := bodies.reply_of(answer.body)) is not None:
                self._answers.setdefault(reply_to.seq, []).append(seq)

    def find(self, wanted: TargetId, now_ms: int, *, field: str = "target") -> Target:
        """Raises ``TargetGone`` for what was deleted, has expired, never was, or is not this one."""
        row = self._tail.at(wanted.seq)
        target = self._read.get(wanted.seq) if row is None else target_of(row)
        if target is None or target.id != wanted.id or target.is_deleted:
            raise TargetGone(field=field)
        if target.ts <= now_ms - self._retention_ms:
            raise TargetGone(field=field)
        return target

    def rewritten(self, target: Target) -> None:
        """It says something else from now on, or nothing: so does whatever is told with its words."""
        self._keep(target)
        for seq in self._answers.get(target.seq, ()):
            answer = self._read[seq]
            self._read[seq] = replace(answer, body=bodies.with_quote(answer.body, quote_of(target)))
        self._tail.follow(target)
        self._recovery.follow(target)

    def reacted(self, target: Target) -> None:
        """Others think of it, which is told with its own row alone."""
        self._keep(target)
        self._tail.change(target)
        self._recovery.change(target)

    def _keep(self, target: Target) -> None:
        if target.seq in self._read:
            self._read[target.seq] = target


def target_of(row: RoomEvent) -> Target | None:
    """None: it is no message."""
    if row.type != "message":
        return None
    return Target(
        seq=row.seq,
        id=row.id,
        ts=row.ts,
        user_id=row.user_id,
        user_name=row.user_name,
        rev=row.rev,
        edited_seq=bodies.edited_seq_of(row.body),
        body=row.body,
        is_deleted=bodies.is_deleted(row.body),
    )
