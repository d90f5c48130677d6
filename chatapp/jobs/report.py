"""What a run of the cleanup tells, and how it ended."""

from __future__ import annotations

from enum import Enum

import msgspec

WAL_IN_USE = (
    "something keeps reading the database, so that its write-ahead log still holds what was deleted: "
    "a backup, or a program with an open transaction; let it end, or end it (fuser -v chat.db says who)"
)
TABLE_IN_USE = (
    "a table that has to be written anew is held by somebody else's transaction: let it end, or end it "
    "(pg_stat_activity says who)"
)

FILES_AWAY = (
    "what holds the bytes of files cannot be reached or refuses to delete them, so that files which are over "
    "lie there still: see to the folder or the bucket (CHAT_UPLOADS_URL)"
)


class Ending(Enum):
    DONE = "done"
    UNFINISHED = "unfinished"  # something stood in the way: due again in a minute
    NOTED = "noted"  # the clock seems to have jumped: the next run decides
    NOT_DUE = "not_due"
    HELD = "held"  # somebody else is at it


class Report(msgspec.Struct, kw_only=True):
    """What a run did. ``oldest_age_ms`` is of the oldest message that is left, None if none is."""

    ending: Ending
    rows: int = 0  # of logs, removed
    emptied: int = 0  # rows that stay for a while without their content
    texts: int = 0  # rows of theirs, overwritten or removed
    rooms: int = 0  # whose logs were shortened or emptied
    swept: int = 0  # sessions, read cursors, names, guests, reactions, mentions, nodes, revocations
    forgotten: int = 0  # rooms that are no more
    files: int = 0  # with their bytes
    orphans: int = 0  # objects that no file had any more
    missing: list[str] = []  # files of whose bytes some are not there
    is_place_taken: bool = False  # where files lie belongs to another database: nothing there was swept
    given_back: int = 0  # pages of SQLite's file
    oldest_age_ms: int | None = None
    rooms_ahead: int = 0  # with messages of more than an hour to come: from when the clock was ahead
    ahead_ms: int = 0  # how far the furthest of these lies ahead
    is_wal_truncated: bool = True
    hindrances: list[str] = []  # what stood in the way and what to do, as sentences: the run is unfinished
    unfinished_before: int = 0  # runs in a row that could not finish, before this one
    retry_after_ms: int | None = None  # when HELD: how long the other's claim holds without renewal

    def hinder(self, hindrance: str) -> None:
        if hindrance not in self.hindrances:
            self.hindrances.append(hindrance)
