"""Messages can be edited and deleted, answered and reacted to.

Down: code of before knows no row that was deleted in the middle of a log; its tail counts on having no hole.
So a deleted message lives again, as one without content. Changes stay what they are, events of a type that it
hands on unread and that its clients pass over. What was edited stays as it was edited; replies keep that
they are some; reactions are forgotten.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
PERIODS = 8
DELETED = 1
ROWS_AT_ONCE = 1000
EMPTY = json.dumps({"content": ""}, separators=(",", ":"))


def upgrade() -> None:
    op.add_column("events", sa.Column("rev", sa.BigInteger))
    op.add_column("events", sa.Column("target", sa.BigInteger))
    op.create_table(
        "reactions",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("target", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("emoji", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "target", "emoji", "user_id", name="reactions_pkey"),
        sqlite_with_rowid=False,
    )
    if _is_postgresql():  # no samples of what people write, as elsewhere
        for column in ("emoji", "name"):
            op.execute(f"ALTER TABLE reactions ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    for period in range(PERIODS):
        _empty_the_deleted(period)
    op.execute(f"UPDATE events SET gone = 0 WHERE gone = {DELETED}")
    op.execute("DELETE FROM reactions")  # what SQLite drops it keeps in a temporary file for a while
    op.drop_table("reactions")
    op.drop_column("events", "target")
    op.drop_column("events", "rev")


def _empty_the_deleted(period: int) -> None:
    """What says that it was deleted is no secret: it may leave a trace."""
    table = f"texts_{period}"
    after = -1
    while page := _page_of_deleted(table, period, after):
        rows = [{"n": n, "words": f"{words.rpartition(chr(10))[0]}\n{EMPTY}"} for n, words in page]
        op.get_bind().execute(sa.text(f"UPDATE {table} SET words = :words WHERE n = :n"), rows)
        after = page[-1][0]


def _page_of_deleted(table: str, period: int, after: int) -> list[tuple[int, str]]:
    rows = op.get_bind().execute(
        sa.text(
            f"SELECT n, words FROM events JOIN {table} ON n = text_id WHERE period = {period} "
            f"AND gone = {DELETED} AND n > :after ORDER BY n LIMIT {ROWS_AT_ONCE}"
        ),
        {"after": after},
    )
    return [(row.n, row.words) for row in rows]


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
