"""Which database this is: a random id that lies in it, and so in each of its backups."""

from __future__ import annotations

import secrets

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from chatapp.store.database.engine import Database
from chatapp.store.models import database_id as table

GET = select(table.c.id)
_ROW = {"one": 1, "id": bindparam("made")}


def database_id(database: Database) -> str:
    """22 characters of base64url, made by whoever asks first. Raises what the database raises."""
    with database.reading() as connection:
        found = connection.scalar(GET)
    if found is not None:
        return str(found)
    insert = sqlite_insert if database.is_sqlite else postgresql_insert
    with database.writing() as connection:
        connection.execute(
            insert(table).values(_ROW).on_conflict_do_nothing(), {"made": secrets.token_urlsafe(16)}
        )
        return str(connection.execute(GET).scalar_one())
