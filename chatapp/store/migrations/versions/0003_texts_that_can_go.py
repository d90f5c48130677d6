"""Texts go into a ring of tables of their own, from which they can be removed without a trace.

No node of the version before can work beside it: the log has lost two columns.
"""

from __future__ import annotations

from collections.abc import Iterator
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

# PostgreSQL keeps samples of what stands in a column, for its plans: not of these.
UNSAMPLED = [("sessions", "name"), ("sessions", "attachment"), ("users", "name")]

KEPT = "room_id, seq, type, id, user_id, client_id, ts, epoch"


def upgrade() -> None:
    _set_aside("events")
    _make_ring()
    _make_log(
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("period", sa.SmallInteger, nullable=False),
        sa.Column("text_id", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    )
    _fill_ring()
    op.drop_table("events_before")
    op.add_column("alarms", sa.Column("unfinished", sa.Integer, nullable=False, server_default=sa.text("0")))
    _hash_likenesses()
    if _is_postgresql():
        _sample_nothing()


def downgrade() -> None:
    """Whose a name is in a room is forgotten: there is no way back to the names."""
    op.execute("DELETE FROM room_names")
    op.drop_column("alarms", "unfinished")
    _set_aside("events")
    _make_log(
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
    )
    _fill_log()
    op.drop_table("events_before")
    for period in range(PERIODS):
        op.drop_table(f"texts_{period}")
    if _is_postgresql():
        op.execute("DROP SEQUENCE texts_n")


def _set_aside(table: str) -> None:
    op.rename_table(table, f"{table}_before")
    if _is_postgresql():
        for key in ("pkey", "room_id_user_id_client_id_key"):
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
        sa.PrimaryKeyConstraint("room_id", "seq", name="events_pkey"),
        sa.UniqueConstraint("room_id", "user_id", "client_id", name="events_room_id_user_id_client_id_key"),
        sqlite_with_rowid=False,
    )


def _fill_ring() -> None:
    """In the order of the logs, so that each table is only appended to."""
    _run(
        f"INSERT INTO events ({KEPT}, content_hash, period, text_id, gone) "
        f"SELECT {KEPT}, CASE WHEN body = '' THEN :nothing ELSE content_hash END, "
        f"(ts / {PERIOD_MS}) % {PERIODS}, row_number() OVER (ORDER BY room_id, seq), "
        "CASE WHEN body = '' THEN 2 ELSE 0 END FROM events_before ORDER BY room_id, seq",
        nothing=b"",
    )
    for period in range(PERIODS):
        _run(
            f"INSERT INTO texts_{period} (n, ts, words) "
            "SELECT events.text_id, before.ts, before.user_name || :line || before.body "
            "FROM events JOIN events_before AS before "
            "ON before.room_id = events.room_id AND before.seq = events.seq "
            f"WHERE events.period = {period} AND events.gone = 0 ORDER BY events.room_id, events.seq",
            line="\n",
        )
    if _is_postgresql():
        op.execute("SELECT setval('texts_n', (SELECT coalesce(max(text_id), 0) + 1 FROM events))")


def _fill_log() -> None:
    where = "strpos" if _is_postgresql() else "instr"
    for period in range(PERIODS):
        _run(
            f"INSERT INTO events ({KEPT}, user_name, body, content_hash) SELECT {KEPT}, "
            f"coalesce(substr(words, 1, {where}(words, :line) - 1), ''), "
            f"coalesce(substr(words, {where}(words, :line) + 1), ''), content_hash FROM "
            f"(SELECT events_before.*, words FROM events_before LEFT JOIN texts_{period} "
            f"ON n = text_id AND gone = 0 WHERE period = {period}) AS known",
            line="\n",
        )


def _hash_likenesses() -> None:
    """A likeness is a name: whether two are the same is all that is asked."""
    for page in _pages_of_names():
        op.get_bind().execute(
            sa.text(
                "UPDATE room_names SET likeness = :digest "
                "WHERE room_id = :room_id AND likeness = :likeness AND user_id = :user_id"
            ),
            [{**row, "digest": _digest(row["room_id"], row["likeness"])} for row in page],
        )


def _pages_of_names() -> Iterator[list[dict[str, str]]]:
    rows = (
        op.get_bind().execute(sa.text("SELECT room_id, likeness, user_id FROM room_names")).mappings().all()
    )
    for first in range(0, len(rows), NAMES_AT_ONCE):
        yield [dict(row) for row in rows[first : first + NAMES_AT_ONCE]]


def _digest(room_id: str, likeness: str) -> str:
    return blake2b(f"{room_id}\n{likeness}".encode(), digest_size=16).hexdigest()


def _sample_nothing() -> None:
    for table, column in [*UNSAMPLED, *((f"texts_{period}", "words") for period in range(PERIODS))]:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE text")  # drops the samples there are


def _run(statement: str, **parameters: object) -> None:
    op.get_bind().execute(sa.text(statement), parameters)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
