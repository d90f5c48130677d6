"""What a cleanup is to do, decided from numbers alone.

A clock that is wrong for an hour must not cost a day of messages. So a cutoff that lies far
beyond the last one is only noted at first, and acted upon by a run that comes some time later and
finds the same clock still saying so. The last one is that of the last run which deleted, whether it
could finish or not: what was believed once is not noted anew by each run that tries again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from chatapp.store.database.engine import DAY_MS
from chatapp.store.forgetting.expiry import LogSlice
from chatapp.store.nodes.alarms import LONGEST_WAIT_MS, Past

PERIOD_MS = LONGEST_WAIT_MS
EARLY_MS = 5 * 60_000  # a slot opens a little before it is rung for
ROW_LIFE_MS = 2 * 3_600_000  # a row answers repeated sends for this long, whatever the retention
JUMP_MS = 90 * 60_000  # more than an hour that went by, less than that and a clock an hour ahead
SECOND_LOOK_MS = 10 * 60_000
RETRY_MS = 60_000  # after a run that could not finish
ROOM_LIFE_MS = 30 * DAY_MS
ROWS_PER_TRANSACTION = 1000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Content from up to ``cutoff`` goes, rows from up to ``row_cutoff``; and when to come back.

    In a repetition a run of the same hour has deleted already, and could not finish.
    """

    cutoff: int
    row_cutoff: int
    is_only_noted: bool
    is_repetition: bool
    past: Past
    next_due: int


def decide(past: Past, *, now: int, retention_ms: int) -> Plan:
    cutoff = now - retention_ms
    tried = past.noted_cutoff if past.noted_at is None else None
    reached = past.done_cutoff if tried is None else tried
    is_only_noted = cutoff - reached > JUMP_MS and not _was_noted_before(past, now, cutoff)
    return Plan(
        cutoff=cutoff,
        row_cutoff=now - max(retention_ms, ROW_LIFE_MS),
        is_only_noted=is_only_noted,
        is_repetition=tried is not None and 0 <= cutoff - tried < PERIOD_MS - EARLY_MS,
        past=replace(past, noted_cutoff=cutoff, noted_at=now) if is_only_noted else Past(done_cutoff=cutoff),
        next_due=now + (SECOND_LOOK_MS if is_only_noted else PERIOD_MS - EARLY_MS),
    )


def unfinished(plan: Plan, past: Past, *, now: int) -> Plan:
    """What becomes of a plan, made from ``past``, of which not all could be done."""
    tried = past.noted_cutoff if plan.is_repetition else plan.cutoff
    return replace(
        plan,
        past=Past(done_cutoff=past.done_cutoff, noted_cutoff=tried, unfinished=past.unfinished + 1),
        next_due=now + RETRY_MS,
    )


def _was_noted_before(past: Past, now: int, cutoff: int) -> bool:
    """By the same clock: it has moved on a little since, and has not jumped again."""
    if past.noted_at is None or past.noted_cutoff is None:
        return False
    return now - past.noted_at >= SECOND_LOOK_MS and 0 <= cutoff - past.noted_cutoff <= JUMP_MS


def cut(room_id: str, first: int, last: int) -> Iterator[LogSlice]:
    """A stretch of a log in slices that fit into a transaction."""
    for start in range(first, last + 1, ROWS_PER_TRANSACTION):
        yield LogSlice(room_id=room_id, first=start, last=min(last, start + ROWS_PER_TRANSACTION - 1))


def pack(slices: Iterable[LogSlice]) -> Iterator[list[LogSlice]]:
    """Slices of several rooms' logs, as many as fit into a transaction together, in their order."""
    packed: list[LogSlice] = []
    rows = 0
    for log_slice in slices:
        if packed and rows + log_slice.rows > ROWS_PER_TRANSACTION:
            yield packed
            packed, rows = [], 0
        packed.append(log_slice)
        rows += log_slice.rows
    if packed:
        yield packed


def halve(packed: list[LogSlice]) -> list[list[LogSlice]]:
    """The same rows in two; nothing if it is one row."""
    if len(packed) > 1:
        middle = len(packed) // 2
        return [packed[:middle], packed[middle:]]
    (log_slice,) = packed
    if log_slice.rows == 1:
        return []
    last = log_slice.first + log_slice.rows // 2 - 1
    return [
        [LogSlice(room_id=log_slice.room_id, first=log_slice.first, last=last)],
        [LogSlice(room_id=log_slice.room_id, first=last + 1, last=log_slice.last)],
    ]


def pause_seconds(transaction_seconds: float) -> float:
    """Four times what it took, so that the chat has most of the time, and never nothing."""
    return max(4 * transaction_seconds, 0.005)
