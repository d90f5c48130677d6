"""Files can be sent: where their bytes lie, whose they are and which message they hang on.

Down: the rows go, and with them whoever knew where the bytes are. What then lies in the folder or the
bucket is nobody's, and is for whoever runs the chat to remove; messages keep what they say of their files,
which code of before passes over.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    _uploads()
    _database_id()
    _alarms()
    if op.get_bind().dialect.name == "postgresql":  # no samples of what people write, as elsewhere
        op.execute("ALTER TABLE uploads ALTER COLUMN words SET STATISTICS 0")


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("touched_at", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("address", ID, nullable=False),
        sa.Column("message_seq", sa.BigInteger),
        sa.Column("message_ts", sa.BigInteger),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("tries", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("gone_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("upload_id", name="uploads_pkey"),
        sqlite_with_rowid=False,
    )
    for columns in (
        ("room_id", "message_seq", "size"),
        ("user_id", "created_at"),
        ("address", "created_at"),
        ("state", "size"),
    ):
        op.create_index(f"uploads_{'_'.join(columns)}_idx", "uploads", list(columns))
    claimed = sa.text("claimed_until IS NOT NULL")
    op.create_index(
        "uploads_claimed_idx", "uploads", ["claimed_until"], sqlite_where=claimed, postgresql_where=claimed
    )


def _database_id() -> None:
    op.create_table(
        "database_id",
        sa.Column("one", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.PrimaryKeyConstraint("one", name="database_id_pkey"),
        sqlite_with_rowid=False,
    )


def _alarms() -> None:
    op.add_column("alarms", sa.Column("orphans", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("alarms", sa.Column("missing", sa.Integer, nullable=False, server_default=sa.text("0")))
    # What was taken from users until now nobody has noted: the first alarm writes them anew.
    op.execute(
        "INSERT INTO alarms (name, next_due, claimed_until, done_cutoff) VALUES ('traces in users', 0, 0, 0) "
        "ON CONFLICT (name) DO NOTHING"
    )


def downgrade() -> None:
    op.execute("DELETE FROM uploads")  # what SQLite drops it keeps in a temporary file for a while
    op.drop_table("uploads")
    op.drop_table("database_id")
    op.drop_column("alarms", "missing")
    op.drop_column("alarms", "orphans")
