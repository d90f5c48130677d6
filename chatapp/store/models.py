"""The tables: what survives.

``room_leases`` is narrow and hot (every commit updates one row of it), so whatever else is known
about a room lives in ``rooms``. ``events`` is the log, ``texts_0`` to ``texts_7`` are what is said in
it; ``type`` and the body of a text are open, so that new kinds of events need no new columns. What
becomes of a message is written into its own row. Times are ms since 1970 by the database's clock.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

# Identifiers are compared byte by byte, never by the rules of a language.
Id = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

# SQLite takes 64 bits for either, but only INTEGER may be its row id.
Millis = BigInteger
RowId = BigInteger().with_variant(Integer, "sqlite")

LIVE, DRAINING, DEAD = 1, 2, 3

# What an event's text has become. A row in the middle may be DELETED; EXPIRED are only the oldest.
LIVING, DELETED, EXPIRED = 0, 1, 2

nodes = Table(
    "nodes",
    metadata,
    Column("node_id", Id, primary_key=True),
    Column("beat", BigInteger, nullable=False),
    Column("lease_until", Millis, nullable=False),
    Column("state", SmallInteger, nullable=False),
)

room_leases = Table(
    "room_leases",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("stream_id", Id, nullable=False),
    Column("owner_id", Id),
    Column("epoch", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_at", Millis, nullable=False),
    # Room on each page for the next version of a row: a commit then touches no index.
    postgresql_with={"fillfactor": 70},
)

rooms = Table(
    "rooms",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("title", Text),
    Column("topic", Text),
    Column("visibility", SmallInteger, nullable=False, server_default=text("0")),
    Column("created_at", Millis, nullable=False),
    Column("visited_at", Millis, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("id", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("client_id", Id, nullable=False),
    Column("ts", Millis, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    # Of the content; empty as soon as the text has changed or gone.
    Column("content_hash", LargeBinary, nullable=False),
    Column("period", SmallInteger, nullable=False),
    Column("text_id", BigInteger, nullable=False),
    Column("gone", SmallInteger, nullable=False, server_default=text("0")),
    # The seq of the last change that touched this row; none has.
    Column("rev", BigInteger),
    # The seq of the message that this one answers, edits or deletes.
    Column("target", BigInteger),
    # How many have reacted with what, in JSON as it is told, as of the change ``counts_rev``: as long as
    # that is ``rev``. Whoever changes the row and knows nothing of it leaves it behind.
    Column("counts", Text),
    Column("counts_rev", BigInteger),
    UniqueConstraint("room_id", "user_id", "client_id"),
    sqlite_with_rowid=False,
)

# The ring of texts: see ``chatapp.store.log.texts``, which alone knows these tables.
texts = tuple(
    Table(
        f"texts_{period}",
        metadata,
        Column("n", RowId, primary_key=True, autoincrement=False),
        Column("ts", Millis, nullable=False),
        Column("words", Text, nullable=False),
    )
    for period in range(8)
)
# PostgreSQL numbers the texts of all tables with it; on SQLite there is one writer, who counts.
texts_n = Sequence("texts_n", metadata=metadata)

# ``ts`` is the message's, with which they expire; ``seq`` is when the emoji came to the message, the same
# for all who have set it since; ``told`` is the event that says who set this one, and under which name.
# ``name`` is of the version before, which knew no ``told``.
reactions = Table(
    "reactions",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("target", BigInteger, primary_key=True, autoincrement=False),
    Column("emoji", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ts", Millis, nullable=False),
    Column("told", BigInteger),
    sqlite_with_rowid=False,
)

# Who is called by the message ``target``, with whose ``ts`` it expires; ``seq`` is of the event that did,
# ``user_id`` "" is everybody who is here. Ids alone: names stand in the message.
mentions = Table(
    "mentions",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("target", BigInteger, nullable=False),
    Column("ts", Millis, nullable=False),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("device", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("node_id", Id, nullable=False),
    Column("is_present", Boolean(create_constraint=False), nullable=False),
    Column("seen_at", Millis, nullable=False),
    Column("attachment", Text),
    Column("attachment_version", Integer, nullable=False),
    Column("lingers", Boolean(create_constraint=False), nullable=False),
    Index(None, "user_id"),
    sqlite_with_rowid=False,
)

# What an upload has become. LOOKING: whole, and a picture that nobody has looked at yet.
RECEIVING, LOOKING, READY, REFUSED, GONE = 1, 2, 3, 4, 5

# A file in a room, from before its first byte on; ``parts`` is where its bytes lie, ``words`` what is told
# of it. The indexes hold the sizes, so that what a room or all of them hold is summed without reading a row.
uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Id, primary_key=True),
    Column("room_id", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("created_at", Millis, nullable=False),
    # When the last byte came; whoever stops in the middle does not count for ever as one who sends.
    Column("touched_at", Millis, nullable=False),
    # As it was announced; once it was looked at, of what is served.
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("parts", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("words", Text, nullable=False),
    # The network that it came from.
    Column("address", Id, nullable=False),
    Column("message_seq", BigInteger),
    Column("message_ts", Millis),
    # Somebody looks at it until then; so many have tried.
    Column("claimed_until", Millis),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("gone_at", Millis),
    Index(None, "room_id", "message_seq", "size"),
    Index(None, "user_id", "created_at"),
    Index(None, "address", "created_at"),
    Index(None, "state", "size"),
    Index(
        "uploads_claimed_idx",
        "claimed_until",
        sqlite_where=text("claimed_until IS NOT NULL"),
        postgresql_where=text("claimed_until IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

# One row: which database this is, for a place of files to say whose it is.
database_id = Table(
    "database_id",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    sqlite_with_rowid=False,
)

# Who has spoken under a name that looks like this; with the holder's messages it is over.
room_names = Table(
    "room_names",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("likeness", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("at", Millis, nullable=False),
    Index(None, "room_id", "user_id"),
    sqlite_with_rowid=False,
)

read_cursors = Table(
    "read_cursors",
    metadata,
    Column("room_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", Millis, nullable=False),
    sqlite_with_rowid=False,
)

users = Table(
    "users",
    metadata,
    Column("user_id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("token_id", Id, nullable=False),
    Column("created_at", Millis, nullable=False),
    Column("last_used_at", Millis, nullable=False),
    Column("expires_at", Millis, nullable=False),
    Column("revoked_at", Millis),
)

revocations = Table(
    "revocations",
    metadata,
    Column("user_id", Id, primary_key=True),
    Column("at", Millis, primary_key=True, autoincrement=False),
    Index(None, "at"),
)

# With notes among them that never ring: see ``traces``.
alarms = Table(
    "alarms",
    metadata,
    Column("name", Id, primary_key=True),
    Column("next_due", Millis, nullable=False),
    Column("claimed_by", Id),
    Column("claimed_until", Millis, nullable=False),
    # How far the last finished run deleted; a cutoff far beyond it is only noted at first. Noted without a
    # time: how far the last run deleted that could not finish.
    Column("done_cutoff", Millis, nullable=False),
    Column("noted_cutoff", Millis),
    Column("noted_at", Millis),
    # Runs in a row that did all they could and could not finish.
    Column("unfinished", Integer, nullable=False, server_default=text("0")),
    # Objects of files that nobody knew any more, removed by all runs; files that lacked one in the last.
    Column("orphans", BigInteger, nullable=False, server_default=text("0")),
    Column("missing", Integer, nullable=False, server_default=text("0")),
)
