"""A message's row says how many have reacted to it; who has is said by the events that tell it.

Rows of before are counted whenever they are read, and keep their names until they expire.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAMES = """
    UPDATE reactions SET name = COALESCE(
        (SELECT users.name FROM users WHERE users.user_id = reactions.user_id),
        (SELECT MIN(sessions.name) FROM sessions
         WHERE sessions.room_id = reactions.room_id AND sessions.user_id = reactions.user_id),
        '')
    WHERE name = ''
"""


def upgrade() -> None:
    op.add_column("events", sa.Column("counts", sa.Text))
    op.add_column("events", sa.Column("counts_rev", sa.BigInteger))
    op.add_column("reactions", sa.Column("told", sa.BigInteger))
    if op.get_bind().dialect.name == "postgresql":  # no samples of what people write, as elsewhere
        op.execute("ALTER TABLE events ALTER COLUMN counts SET STATISTICS 0")


def downgrade() -> None:
    op.execute(NAMES)
    op.drop_column("reactions", "told")
    op.drop_column("events", "counts_rev")
    op.drop_column("events", "counts")
