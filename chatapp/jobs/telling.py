"""What is said of a run: what it did, and what stood in its way, once an hour if that lasts."""

from __future__ import annotations

import logging
from functools import cache

from chatapp.files.looking import Looked
from chatapp.jobs.report import Ending, Report

SAID_FILES = 5
SAID_EVERY = 60  # runs in a row, a minute apart

LOG_KEPT = (
    "PostgreSQL's write-ahead log may hold what was removed until its files are used again: the chat's role "
    "has no right to switch it (docs/operations.md, PostgreSQL's write-ahead log)"
)

PLACE_TAKEN = (
    "what lies where files are kept was left alone, orphans too: it belongs to another database (its object "
    "owner/id; docs/operations.md, The bytes of files)"
)

logger = logging.getLogger(__name__)


def tell(report: Report) -> None:
    if report.ending is Ending.UNFINISHED and report.unfinished_before % SAID_EVERY:
        return
    _tell_hindrances(report)
    _tell_findings(report)
    _tell_counts(report)


def _tell_hindrances(report: Report) -> None:
    if report.ending is Ending.UNFINISHED:
        why = "; ".join(report.hindrances)
        logger.warning("the cleanup could not finish, and tries again each minute: %s", why)
    elif report.ending is Ending.DONE and report.unfinished_before:
        logger.warning("the cleanup has finished, after %d runs that could not", report.unfinished_before)
    if report.ending is Ending.DONE and not report.is_wal_truncated:
        _tell_once(LOG_KEPT)


def _tell_findings(report: Report) -> None:
    if report.rooms_ahead:
        logger.warning(
            "the clock was ahead: %d rooms have messages of up to %.1f hours to come, which go as much later",
            report.rooms_ahead,
            report.ahead_ms / 3_600_000,
        )
    if report.is_place_taken:
        logger.warning(PLACE_TAKEN)
    if report.missing:
        logger.warning(
            "%d files lack some of their bytes, which somebody else has removed: %s",
            len(report.missing),
            ", ".join(f"{upload_id[:6]}…" for upload_id in report.missing[:SAID_FILES]),
        )


def _tell_counts(report: Report) -> None:
    logger.log(
        logging.WARNING if report.ending is Ending.NOTED else logging.INFO,
        "cleanup %s: %d rows removed and %d emptied in %d rooms, %d other rows, %d rooms forgotten, "
        "%d texts taken out, %d files and %d orphaned objects removed, %d pages given back, %s, "
        "write-ahead log truncated: %s",
        report.ending.value,
        report.rows,
        report.emptied,
        report.rooms,
        report.swept,
        report.forgotten,
        report.texts,
        report.files,
        report.orphans,
        report.given_back,
        _left(report),
        report.is_wal_truncated,
    )


def tell_look(looked: Looked) -> None:
    """Of a picture that is as it should be nobody needs to hear."""
    if looked.outcome not in ("ready", "overtaken"):
        logger.log(
            logging.WARNING if looked.outcome in ("lost", "storage") else logging.INFO,
            "a picture was looked at in vain (%s, %s…, %.1f s): %s",
            looked.outcome,
            looked.upload_id[:6],
            looked.seconds,
            looked.detail,
        )


def _left(report: Report) -> str:
    if report.oldest_age_ms is None:
        return "no message left"
    return f"oldest message left {report.oldest_age_ms} ms old"


@cache
def _tell_once(what: str) -> None:
    """It is so for as long as the process lives."""
    logger.warning(what)
