from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_table("room_names")
