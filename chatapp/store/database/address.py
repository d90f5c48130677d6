"""The address of a database, as ``DATABASE_URL`` has it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from chatapp.store.database.postgresql import DRIVER_OPTIONS, POSTGRESQL_OPTIONS, listed


class UnusableUrl(ValueError):
    """What would be usable. Never repeats the URL, which may hold a password."""


def sqlite_path(url: str) -> Path | None:
    """The file that a SQLite URL names; None for another database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("A chat in memory would forget everything: name a file in DATABASE_URL.")
    return Path(parsed.database)


def check_url(url: str) -> None:
    """Raises ``UnusableUrl`` for what SQLAlchemy cannot read, and for what would be dropped in silence."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UnusableUrl(
            "give postgresql://user:password@host/name, with special characters as %.."
        ) from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.query:
            raise UnusableUrl("a SQLite URL takes nothing behind a ?")
        return
    # We would say something else, and one of the two would be dropped in silence.
    options = " ".join(listed(parsed, "options"))
    taken = [name for name in POSTGRESQL_OPTIONS if name in options.replace("-", "_")]
    taken += [name for name in DRIVER_OPTIONS if name in parsed.query]
    if taken:
        raise UnusableUrl(f"the chat itself sets {', '.join(taken)}")
