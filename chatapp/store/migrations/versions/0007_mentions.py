"""Messages call people by name, who are told how often they were.

Down: what calls somebody is counted no more; the names stand in the words of the messages, where code of
before leaves them unread.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("target", sa.BigInteger, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "user_id", "seq", name="mentions_pkey"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("mentions")
