"""What happened: everything the clients said, were answered and heard, and what is stored at the end.

Times are seconds of one monotonic clock. A message is known by its key: room, sender, client id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

import msgspec

Key = tuple[str, str, str]  # room, user, client id
Place = tuple[str, int]  # room, seq
ReactionKey = tuple[str, int, str, str]  # room, target, emoji, user
FileAt = tuple[str, int, str]  # room, seq of the message, the file's id
Call = tuple[str, str, int, int]  # room, user ("": all who are there), the seq that called them, the message

MESSAGE, EDIT, DELETE, REACT = "message", "edit", "delete", "react"

PATIENCE_SECONDS = 10.0  # an answer may take so long, and being up to date after the healing

Found = Iterator[str]
"""What a check has found: a sentence for each."""

E = TypeVar("E")


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``connection`` numbers the sockets of all clients, in the order in which they were opened."""

    at: float
    client: str
    connection: int


class Ended(Entry, frozen=True, kw_only=True):
    """The client knows that its connection is gone."""


class Sent(Entry, frozen=True, kw_only=True):
    """``kind`` is MESSAGE, or EDIT or DELETE of the message at ``target``; a deletion has no words.

    ``mentions`` are the ids of those whom the words call, ``files`` those of what is sent with them.
    """

    key: Key
    content: str
    is_retry: bool = False
    kind: str = MESSAGE
    target: int = 0
    mentions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Answered(Entry, frozen=True, kw_only=True):
    """To a ``Sent``: a ``seq``, or the ``code`` of a refusal."""

    key: Key
    seq: int | None = None
    is_duplicate: bool = False
    code: str | None = None
    is_retryable: bool = False


class Joined(Entry, frozen=True, kw_only=True):
    """``since`` is the cursor with which the client resumed, None when it came anew."""

    room: str
    since: int | None
    is_recovered: bool


class Resync(Entry, frozen=True, kw_only=True):
    room: str
    reason: str


class GapAsked(Entry, frozen=True, kw_only=True):
    """The client noticed a hole, and asks for what is behind ``after``."""

    room: str
    after: int


class Heard(Entry, frozen=True, kw_only=True):
    """A delivery as it came over the wire: a message with its words, or a change."""

    key: Key
    seq: int
    content: str
    kind: str = MESSAGE


class Brought(Entry, frozen=True, kw_only=True):
    """Words of the message at ``seq``, in the answer to what was asked at ``asked_at``."""

    room: str
    seq: int
    content: str
    asked_at: float


class ReactionSent(Entry, frozen=True, kw_only=True):
    key: ReactionKey
    on: bool


class ReactionAnswered(Entry, frozen=True, kw_only=True):
    """``code`` is None if it is stored."""

    key: ReactionKey
    code: str | None = None


class Shown(Entry, frozen=True, kw_only=True):
    """What the client made of it: a row on the screen."""

    key: Key
    seq: int
    content: str


class Seen(Entry, frozen=True, kw_only=True):
    """What a message says on the client's screen from now on: it was changed, or somebody has scrolled up."""

    room: str
    seq: int
    content: str


AnyEntry = (
    Ended
    | Sent
    | Answered
    | Joined
    | Resync
    | GapAsked
    | Heard
    | Brought
    | ReactionSent
    | ReactionAnswered
    | Shown
    | Seen
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    key: Key
    seq: int
    epoch: int
    content: str
    kind: str = MESSAGE
    target: int = 0


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a message: its words, None when it was deleted, and how many reacted with what.

    ``mentions`` are those whom it calls: an id, a name, and the seq of the edit that called them, if one did;
    ``files`` the ids of its files.
    """

    content: str | None
    reactions: dict[str, int] = msgspec.field(default_factory=dict)
    mentions: tuple[tuple[str, str, int], ...] = ()
    files: tuple[str, ...] = ()


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is told of a room: how far they have read, and how often they are called behind that."""

    user: str
    room: str
    read: int
    mentions: int


class History(msgspec.Struct, kw_only=True):
    """``members`` are those who must be complete in the end, ``present`` the people who are there then and
    ``believed`` those whom each member's client shows; ``freezes`` times at which somebody's node stood
    still, which do not count as waiting for an answer. ``states`` are what has become of the messages in the
    log, ``views`` what each client shows of them, and ``reactions`` and ``mentions`` those that are stored;
    ``unread`` is what those were told who were asked for it. ``contents`` are the bytes that went with a
    client id, ``bound`` the files that hang on messages, and ``fetched`` what others got who asked for a
    file in the end, None where they got nothing.
    """

    entries: list[AnyEntry] = msgspec.field(default_factory=list)
    rows: list[Row] = msgspec.field(default_factory=list)
    last_seqs: dict[str, int] = msgspec.field(default_factory=dict)
    members: dict[str, list[str]] = msgspec.field(default_factory=dict)
    present: dict[str, list[str]] = msgspec.field(default_factory=dict)
    believed: dict[str, list[str]] = msgspec.field(default_factory=dict)
    freezes: list[tuple[float, float]] = msgspec.field(default_factory=list)
    states: dict[Place, State] = msgspec.field(default_factory=dict)
    views: dict[str, dict[Place, State]] = msgspec.field(default_factory=dict)
    reactions: set[ReactionKey] = msgspec.field(default_factory=set)
    mentions: set[Call] = msgspec.field(default_factory=set)
    unread: list[Unread] = msgspec.field(default_factory=list)
    contents: dict[str, bytes] = msgspec.field(default_factory=dict)
    bound: set[FileAt] = msgspec.field(default_factory=set)
    fetched: dict[str, bytes | None] = msgspec.field(default_factory=dict)
    healed_at: float = 0.0
    ended_at: float = 0.0

    def of(self, kind: type[E]) -> Iterator[E]:
        return (entry for entry in self.entries if isinstance(entry, kind))

    def counts(self) -> Counter[str]:
        """What shows whether a fault bit, as far as the clients can tell."""
        counts = Counter(
            {
                "messages": sum(not sent.is_retry and sent.kind == MESSAGE for sent in self.of(Sent)),
                "retries": sum(sent.is_retry for sent in self.of(Sent)),
                "acks": sum(answer.seq is not None for answer in self.of(Answered)),
                "duplicate_acks": sum(answer.is_duplicate for answer in self.of(Answered)),
                "deliveries": sum(1 for _ in self.of(Heard)),
                "resumes": sum(join.since is not None for join in self.of(Joined)),
                "resyncs": sum(1 for _ in self.of(Resync)),
                "gap_fills": sum(1 for _ in self.of(GapAsked)),
                "lost_connections": sum(1 for _ in self.of(Ended)),
            }
        )
        counts.update(f"refused_{answer.code}" for answer in self.of(Answered) if answer.code)
        return counts
