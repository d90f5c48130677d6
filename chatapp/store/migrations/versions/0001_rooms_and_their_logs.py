from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    _ownership()
    _logs()
    _people()
    _alarms()


def _ownership() -> None:
    op.create_table(
        "nodes",
        sa.Column("node_id", ID, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("node_id", name="nodes_pkey"),
    )
    op.create_table(
        "room_leases",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("stream_id", ID, nullable=False),
        sa.Column("owner_id", ID),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="room_leases_pkey"),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "rooms",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("topic", sa.Text),
        sa.Column("visibility", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("visited_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="rooms_pkey"),
    )


def _logs() -> None:
    op.create_table(
        "events",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "seq", name="events_pkey"),
        sa.UniqueConstraint("room_id", "user_id", "client_id", name="events_room_id_user_id_client_id_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "read_cursors",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "user_id", name="read_cursors_pkey"),
        sqlite_with_rowid=False,
    )


def _people() -> None:
    op.create_table(
        "sessions",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("device", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("is_present", sa.Boolean, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("attachment", sa.Text),
        sa.Column("attachment_version", sa.Integer, nullable=False),
        sa.Column("lingers", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "user_id", "device", name="sessions_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("sessions_user_id_idx", "sessions", ["user_id"])
    op.create_table(
        "users",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_id", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("user_id", name="users_pkey"),
    )
    op.create_table(
        "revocations",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("user_id", "at", name="revocations_pkey"),
    )
    op.create_index("revocations_at_idx", "revocations", ["at"])


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("name", ID, nullable=False),
        sa.Column("next_due", sa.BigInteger, nullable=False),
        sa.Column("claimed_by", ID),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
        sa.Column("done_cutoff", sa.BigInteger, nullable=False),
        sa.Column("noted_cutoff", sa.BigInteger),
        sa.Column("noted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("name", name="alarms_pkey"),
    )
