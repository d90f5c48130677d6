"""What a room says: events, signals, records and answers.

An *event* has a place in the log, is stored, and reaches everybody exactly once. A *signal* is
told to whoever listens now; the last one wins. A *record* is stored beside the log, under the
same fence. An *answer* goes to the one who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec


class RoomEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of a room's log.

    ``body`` is JSON, encoded once here and handed unread to storage and to the wire. ``ts`` is
    in ms and never falls along ``seq``. ``content_hash`` (16 bytes) is of the original content.
    """

    room_id: str
    seq: int
    type: str
    id: str
    ts: int
    user_id: str
    user_name: str
    client_id: str
    body: bytes
    content_hash: bytes = b""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person in the room. ``lost_at`` (ms) is set while only lost connections keep them here.

    ``is_visitor``: here by the plain dialect alone, which knows no sign-in.
    """

    id: str
    name: str
    devices: int = 1
    lost_at: int | None = None
    is_visitor: bool = False


# --- signals ------------------------------------------------------------------------------

Version = tuple[int, int]  # (epoch, n), compared in order


class PresenceChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A coalesced change of who is here.

    ``people`` is everybody who is named: above 200 people only those who have signed in, and None when
    they are too many as well. ``is_full`` says that ``people`` replaces whatever the listener has (the
    first change of an epoch, and when others are named than before); the lists of differences are
    empty then.
    """

    version: Version
    joined: Sequence[Person]
    left: Sequence[Person]
    changed: Sequence[Person]
    count: int
    people: Sequence[Person] | None
    is_full: bool = False


class PersonJoined(msgspec.Struct, frozen=True, kw_only=True):
    """For the plain dialect: somebody came, told at once (not above 200 people)."""

    id: str
    ts: int
    person: Person


class PersonLeft(msgspec.Struct, frozen=True, kw_only=True):
    """For the plain dialect: somebody went, told at once (not above 200 people)."""

    id: str
    ts: int
    person: Person


class TypingChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who is typing, so that nothing can stick; void after ``ttl_ms``."""

    people: Sequence[Person]
    ttl_ms: int


class ReadMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A person's read cursor moved; for that person's own connections only."""

    user_id: str
    seq: int


Signal = PresenceChanged | PersonJoined | PersonLeft | TypingChanged | ReadMoved
Broadcast = RoomEvent | Signal


# --- records ------------------------------------------------------------------------------


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A client's stay in a room, with its attachment (JSON text) and the attachment's version.

    The row outlives the stay (``is_present`` False), so that a device that comes back within the
    retention finds its attachment. ``node_is_live`` is filled in by a read, never stored.
    """

    room_id: str
    user_id: str
    device: str
    name: str
    node_id: str
    is_present: bool
    seen_at: int
    attachment: str | None = None
    attachment_version: int = 0
    lingers: bool = True
    node_is_live: bool = False


class ReadRecord(msgspec.Struct, frozen=True, kw_only=True):
    room_id: str
    user_id: str
    seq: int
    at: int


class NameRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who spoke under a name since the room woke; ``at`` is when first.

    ``likeness`` is a digest of what the name looks like, here and below: what is stored can go only with
    its row, which leaves a trace, and so is no name.
    """

    room_id: str
    likeness: str
    user_id: str
    at: int


class NameGivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has taken so many names that the one they took first is theirs no longer."""

    room_id: str
    likeness: str
    user_id: str


Record = SessionRecord | ReadRecord | NameRecord | NameGivenUp


# --- what a room asks storage for ---------------------------------------------------------


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Events with ``after < seq``, oldest first, at most ``limit``."""

    after: int
    limit: int


class NameQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Whose is a name that somebody wants? What ``offered`` gives is looked up too where it is another's."""

    user_id: str
    likenesses: Sequence[str]
    offered: Callable[[], Sequence[str]] = tuple


class NameHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A ``NameRecord`` as it is stored.

    ``wrote_at`` is the time of the holder's newest message; None where nothing of theirs is left, or where
    they are the one who asks.
    """

    likeness: str
    user_id: str
    at: int
    wrote_at: int | None = None


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What a room must read before it can decide. Empty fields ask for nothing.

    ``tail`` is how many of the newest events are wanted. ``cutoff`` (ms) with ``floor_from``
    asks for the floor: the first seq at or above ``floor_from`` with ``ts > cutoff``; with ``names``
    it says which messages are left. ``client_ids`` are (user_id, client_id), ``sessions``
    (user_id, device), ``readers`` user ids.
    """

    client_ids: Sequence[tuple[str, str]] = ()
    ranges: Sequence[Range] = ()
    tail: int = 0
    floor_from: int | None = None
    cutoff: int = 0
    sessions: Sequence[tuple[str, str]] = ()
    readers: Sequence[str] = ()
    names: Sequence[NameQuestion] = ()


class Known(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A client id that the log has already, with what it stands for.

    Without ``content_hash`` its content has changed or gone, and nothing that is sent with it can contradict.
    """

    seq: int
    id: str
    ts: int
    content_hash: bytes


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a ``Need``. ``floor`` is (seq, ts of that event), or None: nothing is left."""

    known: Mapping[tuple[str, str], Known] = {}
    ranges: Mapping[Range, Sequence[RoomEvent]] = {}
    tail: Sequence[RoomEvent] = ()
    floor: tuple[int, int] | None = None
    sessions: Sequence[SessionRecord] = ()
    reads: Mapping[str, int] = {}
    names: Sequence[NameHolder] = ()


# --- answers ------------------------------------------------------------------------------


class Presence(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Who is here. ``people`` is None above 200, when only the count is told."""

    version: Version
    people: Sequence[Person] | None
    count: int


FRESH_STARTS = ("truncated", "stream_changed", "ahead", "too_far")
"""Why a newcomer's cursor is of no use, so that they get the newest page."""


class Joined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The answer to ``Join``: the newcomer's whole view at the end of the batch it joined in.

    ``reason`` is None, or one of ``FRESH_STARTS``. ``arrival`` is the newcomer's own
    ``PersonJoined``, for the plain dialect.
    """

    room_id: str
    stream_id: str
    head: int
    floor: int
    is_recovered: bool
    reason: str | None
    events: Sequence[RoomEvent]
    has_more: bool
    presence: Presence
    read_seq: int
    attachment: str | None
    attachment_version: int
    retention_ms: int
    arrival: PersonJoined


class Posted(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    seq: int
    id: str
    ts: int
    is_duplicate: bool


class Attached(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    version: int
    value: str | None


class ReadAt(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    seq: int
