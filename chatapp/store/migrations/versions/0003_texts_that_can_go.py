"""Texts go into a ring of tables of their own, from which they can be removed without a trace.

No node of the version before can work beside it: the log has lost two columns. Whatever has held words
or names is written anew and dropped, because a row that is changed or deleted leaves a copy behind.
"""

from __future__ import annotations

import logging
import sqlite3
from hashlib import blake2b

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
needs_older_nodes_stopped = True

ID = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
PERIODS = 8
PERIOD_MS = 4 * 3_600_000
NAMES_AT_ONCE = 1000
MANY_MESSAGES = 100_000
MESSAGES_A_SECOND = 25_000  # on a machine that has other things to do too

# PostgreSQL keeps samples of what stands in a column, for its plans: not of these.
UNSAMPLED = [("sessions", "name"), ("sessions", "attachment"), ("users", "name")]

KEPT = "room_id, seq, type, id, user_id, client_id, ts, epoch"
GONE = "body = ''"

logger = logging.getLogger("chatapp.store.migrations")


def upgrade() -> None:
    _say_how_long()
    _set_aside("events", "pkey", "room_id_user_id_client_id_key")
    _make_ring()
    _make_log(
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("period", sa.SmallInteger, nullable=False),
        sa.Column("text_id", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    )
    _fill_ring()
    _finish_log()
    op.add_column("alarms", sa.Column("unfinished", sa.Integer, nullable=False, server_default=sa.text("0")))
    _hash_likenesses()
    if _is_postgresql():
        _sample(0)


def downgrade() -> None:
    """Whose a name is in a room is forgotten: there is no way back to the names."""
    op.execute("DELETE FROM room_names")
    op.drop_column("alarms", "unfinished")
    _set_aside("events", "pkey", "room_id_user_id_client_id_key")
    _make_log(
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
    )
    _fill_log()
    _finish_log()
    for period in range(PERIODS):
        _drop(f"texts_{period}")
    if _is_postgresql():
        op.execute("DROP SEQUENCE texts_n")
        _sample(-1)


def _say_how_long() -> None:
    messages = op.get_bind().execute(sa.text("SELECT count(*) FROM events")).scalar_one()
    if messages >= MANY_MESSAGES:
        logger.warning(
            "%d messages are moved to other tables: this takes about %d s, once; let it end",
            messages,
            messages // MESSAGES_A_SECOND,
        )


def _set_aside(table: str, *keys: str) -> None:
    op.rename_table(table, f"{table}_before")
    if _is_postgresql():
        for key in keys:
            op.execute(f"ALTER TABLE {table}_before RENAME CONSTRAINT {table}_{key} TO {table}_before_{key}")


def _make_ring() -> None:
    for period in range(PERIODS):
        op.create_table(
            f"texts_{period}",
            sa.Column("n", ROW_ID, nullable=False, autoincrement=False),
            sa.Column("ts", sa.BigInteger, nullable=False),
            sa.Column("words", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("n", name=f"texts_{period}_pkey"),
        )
    if _is_postgresql():
        op.execute("CREATE SEQUENCE texts_n")


def _make_log(*columns: sa.Column[object]) -> None:
    op.create_table(
        "events",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        *columns,
        *([] if _is_postgresql() else _keys()),
        sqlite_with_rowid=False,
    )


def _keys() -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("room_id", "seq", name="events_pkey"),
        sa.UniqueConstraint("room_id", "user_id", "client_id", name="events_room_id_user_id_client_id_key"),
    ]


def _finish_log() -> None:
    _drop("events_before")
    if _is_postgresql():  # faster than row by row
        op.create_primary_key("events_pkey", "events", ["room_id", "seq"])
        op.create_unique_constraint(
            "events_room_id_user_id_client_id_key", "events", ["room_id", "user_id", "client_id"]
        )


def _drop(table: str) -> None:
    """Emptied before: what SQLite drops it keeps in a temporary file for a while, and not what it deletes."""
    if not _is_postgresql():
        op.execute(f"DELETE FROM {table}")
    op.drop_table(table)


def _fill_ring() -> None:
    """In the order of the logs, so that each table is only appended to.

    A text's number is its place in the log, counted on from the end of the log before: numbering rows
    would make SQLite write all of them to a temporary file.
    """
    op.execute(
        "CREATE TEMPORARY TABLE log_starts AS SELECT room_id AS room, "
        "CAST(sum(last_seq) OVER (ORDER BY room_id) - last_seq AS bigint) AS n "
        "FROM (SELECT room_id, max(seq) AS last_seq FROM events_before GROUP BY room_id) AS logs"
    )
    said = f"ts / {PERIOD_MS} % {PERIODS}"
    numbered = "events_before CROSS JOIN log_starts WHERE room = room_id"
    _run(
        f"INSERT INTO events ({KEPT}, content_hash, period, text_id, gone) "
        f"SELECT {KEPT}, CASE WHEN {GONE} THEN :nothing ELSE content_hash END, "
        f"{said}, CASE WHEN {GONE} THEN 0 ELSE n + seq END, "
        f"CASE WHEN {GONE} THEN 2 ELSE 0 END FROM {numbered} ORDER BY room_id, seq",
        nothing=b"",
    )
    for period in range(PERIODS):
        _run(
            f"INSERT INTO texts_{period} (n, ts, words) SELECT n + seq, ts, user_name || :line || body "
            f"FROM {numbered} AND {said} = {period} AND NOT {GONE} ORDER BY room_id, seq",
            line="\n",
        )
    op.execute("DROP TABLE log_starts")
    if _is_postgresql():
        op.execute("SELECT setval('texts_n', (SELECT coalesce(max(text_id), 0) + 1 FROM events))")


def _fill_log() -> None:
    """What was deleted is a message without content there: only the oldest may have no body at all."""
    body = _last_line_of("words")
    for period in range(PERIODS):
        _run(
            f"INSERT INTO events ({KEPT}, user_name, body, content_hash) SELECT {KEPT}, "
            f"coalesce(substr(words, 1, length(words) - length({body}) - 1), ''), "
            f"coalesce({body}, CASE gone WHEN 1 THEN :deleted ELSE '' END), content_hash "
            f"FROM events_before LEFT JOIN (SELECT n, words FROM texts_{period}) AS texts "
            f"ON n = text_id AND gone = 0 WHERE period = {period} ORDER BY room_id, seq",
            deleted='{"content":""}',
        )


def _last_line_of(column: str) -> str:
    """There, because a name might have several, and JSON has one. What SQLite has overwritten is no text."""
    if _is_postgresql():
        return f"split_part({column}, chr(10), -1)"
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.create_function("last_line", 1, _last_line, deterministic=True)
    return f"last_line({column})"


def _last_line(words: str | bytes | None) -> str | None:
    return words.rpartition("\n")[2] if isinstance(words, str) else None


def _hash_likenesses() -> None:
    """A likeness can be read as the name it is of: whether two are the same is all that is asked."""
    _set_aside("room_names", "pkey")
    op.drop_index("room_names_room_id_user_id_idx", "room_names_before")
    op.create_table(
        "room_names",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("likeness", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "likeness", "user_id", name="room_names_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("room_names_room_id_user_id_idx", "room_names", ["room_id", "user_id"])
    place = {"room_id": "", "likeness": "", "user_id": ""}
    while page := _page_of_names(place):
        _run_many(
            "INSERT INTO room_names (room_id, likeness, user_id, at) "
            "VALUES (:room_id, :digest, :user_id, :at)",
            [{**row, "digest": _digest(row["room_id"], row["likeness"])} for row in page],
        )
        place = page[-1]
    _drop("room_names_before")


def _page_of_names(after: dict[str, str]) -> list[dict[str, str]]:
    rows = op.get_bind().execute(
        sa.text(
            "SELECT room_id, likeness, user_id, at FROM room_names_before "
            "WHERE (room_id, likeness, user_id) > (:room_id, :likeness, :user_id) "
            f"ORDER BY room_id, likeness, user_id LIMIT {NAMES_AT_ONCE}"
        ),
        after,
    )
    return [dict(row) for row in rows.mappings()]


def _digest(room_id: str, likeness: str) -> str:
    return blake2b(f"{room_id}\n{likeness}".encode(), digest_size=16).hexdigest()


def _sample(target: int) -> None:
    """To how many samples; -1 is as many as is usual. Naming its type anew drops a column's samples."""
    columns = [*UNSAMPLED]
    if target == 0:
        columns += [(f"texts_{period}", "words") for period in range(PERIODS)]
    for table, column in columns:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {target}")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE text")


def _run(statement: str, **parameters: object) -> None:
    op.get_bind().execute(sa.text(statement), parameters)


def _run_many(statement: str, rows: list[dict[str, str]]) -> None:
    op.get_bind().execute(sa.text(statement), rows)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
