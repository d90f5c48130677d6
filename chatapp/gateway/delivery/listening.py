"""One room with members here: who they are, how far they have heard it, and what waits meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.gateway.delivery.recipients import PlainRecipient, SocketIoRecipient
from chatapp.relay.peer_messages import EncodedUpdate
from chatapp.rooms.commands import Member

WAITING_LIMIT = 1_000  # deliveries kept behind a gap; what is beyond is in the log


class Listening:
    """``head`` is the newest event that all members have been sent, except those who are ``ahead``.

    By connection: one that joins again, under another name perhaps, is not there twice. ``owner_id``
    is the other node that spoke last for the room, None while the room was only heard here.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.head = 0
        self.owner_id: str | None = None
        self.presence: tuple[int, int] | None = None  # the version that all members have heard
        self.may_lack_presence = False  # since the relay was away
        self.asked_presence = (0, 0)
        self.generation = object()  # another one whenever somebody has come
        self.members: dict[str, Member] = {}
        self.recipients: dict[str, SocketIoRecipient | PlainRecipient] = {}
        self.plain: dict[str, PlainRecipient] = {}
        self.by_user: dict[str, dict[str, SocketIoRecipient]] = {}
        self.ahead: dict[str, int] = {}  # those who came with more than the others had heard
        self.pending_joins: list[PendingJoin] = []
        self.wanted = 0  # up to here the log is being read
        self.waiting: list[tuple[float, int, Sequence[EncodedUpdate]]] = []
        """Behind a gap: since when, of which epoch, and what."""

    @property
    def is_filling(self) -> bool:
        return self.wanted > 0

    @property
    def is_deserted(self) -> bool:
        return not self.recipients and not self.pending_joins

    def wait(self, came_at: float, epoch: int, updates: Sequence[EncodedUpdate]) -> None:
        if len(self.waiting) < WAITING_LIMIT:
            self.waiting.append((came_at, epoch, updates))

    def met(self, presence: tuple[int, int]) -> None:
        """Somebody has come and knows who was here at this version; the others may not."""
        self.presence = presence if self.presence is None else min(self.presence, presence)

    def lacks(self, presence: tuple[int, int]) -> bool:
        """True once for each version that should have been heard by now."""
        if self.presence is None or self.is_filling or presence <= max(self.presence, self.asked_presence):
            return False
        self.asked_presence = presence
        return True

    def add(self, member: Member, recipient: SocketIoRecipient | PlainRecipient) -> None:
        self.generation = object()
        self.members[member.connection_id], self.recipients[member.connection_id] = member, recipient
        if isinstance(recipient, SocketIoRecipient):
            self.by_user.setdefault(member.user_id, {})[member.connection_id] = recipient
        else:
            self.plain[member.connection_id] = recipient

    def remove(self, member: Member) -> SocketIoRecipient | PlainRecipient | None:
        recipient = self.recipients.pop(member.connection_id, None)
        if recipient is None:
            return None
        del self.members[member.connection_id]
        self.ahead.pop(member.connection_id, None)
        self.plain.pop(member.connection_id, None)
        if isinstance(recipient, SocketIoRecipient):
            mine = self.by_user[member.user_id]
            del mine[member.connection_id]
            if not mine:
                del self.by_user[member.user_id]
        return recipient


class PendingJoin:
    """Somebody who is asking to be let in; what the others are sent meanwhile is kept.

    The owner's answer may take longer than what the log already told us: without this the newcomer
    would miss the events between its answer and the moment at which it is heard here.
    """

    __slots__ = ("connection_id", "head", "is_new", "kept")

    def __init__(self, connection_id: str) -> None:
        self.connection_id = connection_id
        self.head = 0
        self.is_new = False
        self.kept: list[EncodedUpdate] = []

    def keep(self, updates: Sequence[EncodedUpdate]) -> None:
        self.kept += [update for update in updates if update.seq is not None]
