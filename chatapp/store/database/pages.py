"""Long lists of ids, read a page at a time, so that nothing is held while somebody works through them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Executable

from chatapp.store.database.engine import Database


def pages_of_ids(database: Database, statement: Executable, **given: object) -> Iterator[list[str]]:
    """``statement`` selects the next ids behind ``after``, in their order; ``given`` is what else it asks."""
    after = ""
    while True:
        with database.reading() as connection:
            page = list(connection.scalars(statement, {"after": after, **given}))
        if not page:
            return
        yield page
        after = page[-1]
