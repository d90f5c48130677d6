"""Sessions: the clients that stay in a room, by person and device.

A session holds the connections of its device (a tab that was duplicated shares it). One whose
last connection is lost lingers for the grace period; then it ends. The attachment outlives it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.people import Person
from chatapp.rooms.commands import Member
from chatapp.rooms.events import Record

SessionKey = tuple[str, str]  # (user_id, device)


class SessionRecord(Record, frozen=True, kw_only=True):
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


class SessionsOf(Question, frozen=True, kw_only=True):
    """The stored sessions of these, present or not: a sequence of ``SessionRecord``."""

    devices: Sequence[SessionKey]


@dataclass(slots=True, eq=False, kw_only=True)
class Session:
    user_id: str
    device: str
    name: str
    node_id: str
    lingers: bool = True
    connections: set[str] = field(default_factory=set)
    is_elsewhere: bool = False  # on another node; its connections are not known here
    lost_at: int | None = None
    attachment: str | None = None
    attachment_version: int = 0

    @property
    def key(self) -> SessionKey:
        return (self.user_id, self.device)

    def has(self, member: Member) -> bool:
        if self.is_elsewhere and member.node_id == self.node_id:
            return True
        return member.connection_id in self.connections

    def connect(self, member: Member) -> None:
        if member.node_id != self.node_id:
            self.is_elsewhere = False
        self.node_id, self.lingers = member.node_id, member.lingers
        self.connections.add(member.connection_id)

    def disconnect(self, member: Member) -> None:
        if member.node_id == self.node_id:
            self.is_elsewhere = False
        self.connections.discard(member.connection_id)

    def sync_connections(self, connections: Collection[str], joining: Collection[str]) -> None:
        """These and no others are on its node; of those that are just joining nobody knows yet."""
        self.is_elsewhere = False
        self.connections = set(connections) | (self.connections & set(joining))

    @property
    def is_connected(self) -> bool:
        return self.is_elsewhere or bool(self.connections)

    def attach(self, value: str) -> None:
        """The value it has already is no change, so that a repeated join counts once."""
        if value != self.attachment:
            self.attachment = value
            self.attachment_version += 1

    def recall(self, earlier: SessionRecord | Session) -> None:
        self.attachment, self.attachment_version = earlier.attachment, earlier.attachment_version

    def record(self, room_id: str, now_ms: int, *, is_present: bool = True) -> SessionRecord:
        """Who is lost was seen when it happened, not when their grace ends."""
        return SessionRecord(
            room_id=room_id,
            user_id=self.user_id,
            device=self.device,
            name=self.name,
            node_id=self.node_id,
            is_present=is_present,
            seen_at=now_ms if self.lost_at is None else self.lost_at,
            attachment=self.attachment,
            attachment_version=self.attachment_version,
            lingers=self.lingers,
        )


class Sessions:
    def __init__(self) -> None:
        self._by_user: dict[str, dict[str, Session]] = {}
        self._ends: dict[Session, int] = {}  # the lost ones: when their grace ends, the soonest first

    def __iter__(self) -> Iterator[Session]:
        return (session for devices in self._by_user.values() for session in devices.values())

    def find(self, key: SessionKey) -> Session | None:
        return self._by_user.get(key[0], {}).get(key[1])

    def of(self, user_id: str) -> Collection[Session]:
        return self._by_user.get(user_id, {}).values()

    def person(self, user_id: str) -> Person | None:
        """The person as the others see them; None when no session of theirs is left."""
        sessions = self.of(user_id)
        if not sessions:
            return None
        lost = [session.lost_at for session in sessions if session.lost_at is not None]
        live = len(sessions) - len(lost)
        name = next(iter(sessions)).name
        return Person(
            id=user_id,
            name=name,
            devices=live,
            lost_at=None if live else max(lost),
            is_visitor=not any(session.lingers for session in sessions),
        )

    def people(self) -> list[Person]:
        return [person for user_id in self._by_user if (person := self.person(user_id))]

    def add(self, session: Session) -> None:
        self._by_user.setdefault(session.user_id, {})[session.device] = session

    def end(self, session: Session) -> None:
        self._ends.pop(session, None)
        devices = self._by_user[session.user_id]
        del devices[session.device]
        if not devices:
            del self._by_user[session.user_id]

    def lose(self, session: Session, now_ms: int, grace_ms: int) -> None:
        session.lost_at = now_ms
        self._ends[session] = now_ms + grace_ms

    def regain(self, session: Session) -> None:
        session.lost_at = None
        self._ends.pop(session, None)

    @property
    def deadline_ms(self) -> int | None:
        return next(iter(self._ends.values()), None)

    def overdue(self, now_ms: int) -> list[Session]:
        overdue = []
        for session, ends_at in self._ends.items():
            if ends_at > now_ms:
                break
            overdue.append(session)
        return overdue
