"""Attendance: who comes, stays, goes, and is told of it.

A *person* is present while one of their sessions is. Persons who come and go are told at once for
the dialect that shows them as lines, and as part of the roster to all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from chatapp.errors import NotJoined
from chatapp.kernel.durable_object import Deferred, Turn
from chatapp.rooms.aspect import Found, Handlers, Question, TurnAspect, Waking, soonest
from chatapp.rooms.attendance.names import HoldersOf, Names
from chatapp.rooms.attendance.people import PersonJoined, PersonLeft
from chatapp.rooms.attendance.presence import Presence, Roster
from chatapp.rooms.attendance.sessions import Session, SessionKey, SessionsOf
from chatapp.rooms.attendance.stored_sessions import StoredSessions
from chatapp.rooms.attendance.typists import TypingChanged, Typists
from chatapp.rooms.attendance.waking import wake_sessions
from chatapp.rooms.commands import Command, Join, Member


class Leave(Command, frozen=True, kw_only=True):
    """Go, at once and on purpose."""

    member: Member


class Disconnect(Command, frozen=True, kw_only=True):
    """The connection was lost; the person may be back within the grace period."""

    member: Member


class SignOut(Command, frozen=True, kw_only=True):
    """The person has signed out: all their sessions end, also those in their grace period."""

    user_id: str


class SetTyping(Command, frozen=True, kw_only=True):
    member: Member
    is_typing: bool


class GetPresence(Command, frozen=True, kw_only=True):
    member: Member


class SyncSessions(Command, frozen=True, kw_only=True, tag="TakeRoll"):  # the version before calls it so
    """A session snapshot: all connections of one node in the room; what the room had for that node is void.

    ``number`` rises with each snapshot of a node. ``joining`` are connections that are about to come, or
    to go: of those the snapshot says nothing. ``presence`` is the version that all of them have heard, None
    if that is not known; ``may_lack_presence`` says that a later one may have been lost.
    """

    node_id: str
    number: int
    members: Sequence[Member]
    joining: Sequence[str] = ()
    presence: tuple[int, int] | None = None
    may_lack_presence: bool = False


class Attendance(TurnAspect):
    asks_about = frozenset({Join, SyncSessions})
    answers = (Presence,)

    def __init__(self, waking: Waking) -> None:
        lease, self._rules = waking.acquired.lease, waking.rules
        self._new_id = waking.new_id
        self.names = Names(lease.room_id, self._rules)
        self.departed: set[str] = set()
        """Who has left in this batch, also those who came back in it."""
        self.parting: set[str] = set()
        """Who has lost a connection in it."""
        self._sessions, strangers = wake_sessions(
            waking.acquired.memory,
            waking.members,
            node_id=lease.node_id,
            now_ms=waking.now_ms,
            grace_ms=self._rules.presence_grace_ms,
        )
        self._stored = StoredSessions(lease.room_id, self._sessions, strangers)
        self._snapshot_numbers: dict[str, int] = {}
        self._roster = Roster(lease.epoch, self._rules)
        self._typists = Typists(self._rules)
        self._wake_roster(was_released=waking.acquired.was_released)

    def _wake_roster(self, *, was_released: bool) -> None:
        people = self._sessions.people()
        for person in people:
            self.names.take(person.name, person.id)
        is_same = not self._stored.is_behind and self._sessions.deadline_ms is None
        self._roster.wake(people, is_news=bool(people) and not (was_released and is_same))

    # --- a batch begins -----------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        self.names.begin(now_ms - self._rules.retention_ms)
        self._stored.begin()
        if self.departed or self.parting:
            self.departed, self.parting = set(), set()

    def ask(self, commands: Sequence[Command]) -> list[Question]:
        """For the sessions of newcomers, at first also of strangers, and whose a newcomer's name is."""
        joins = [command for command in commands if isinstance(command, Join)]
        snapshots = [command for command in commands if isinstance(command, SyncSessions)]
        members = [*(join.member for join in joins), *(member for one in snapshots for member in one.members)]
        names = self.names.ask((join.member.user_id, join.member.name) for join in joins)
        return [*names, *self._stored.ask(members)]

    def learn(self, found: Found) -> None:
        for question, answer in found:
            match question:
                case HoldersOf():
                    self.names.learn(question, answer)
                case SessionsOf():
                    self._stored.learn(answer)

    # --- who is here --------------------------------------------------------------------

    def session_of(self, member: Member) -> Session:
        session = self._sessions.find((member.user_id, member.device))
        if session is None or not session.has(member):
            raise NotJoined
        return session

    @property
    def people_count(self) -> int:
        return self._roster.count

    def name_of(self, user_id: str) -> str | None:
        """By which name somebody is here; None: they are not."""
        person = self._roster.find(user_id)
        return None if person is None else person.name

    def presence(self, asker_id: str) -> Presence:
        return self._roster.answer(asker_id)

    def get_presence(self, command: GetPresence, _turn: Turn) -> Deferred:
        self.session_of(command.member)
        return Deferred(partial(self.presence, command.member.user_id))

    def changed(self, session: Session) -> None:
        """Its attachment did: store it with this batch."""
        self._stored.changed(session)

    # --- coming -------------------------------------------------------------------------

    def arrive(self, member: Member, turn: Turn) -> tuple[Session, PersonJoined]:
        """The session, and the word to the newcomer that they are here."""
        before = self._roster.find(member.user_id)
        # The plain dialect is refused no name, and gets a number behind one that is taken.
        known_as = before.name if before else None
        name = member.name if member.lingers else self.names.shown(member.user_id, member.name, known_as)
        session = self._sessions.find((member.user_id, member.device)) or self._open(member, name)
        self._sessions.regain(session)
        session.connect(member)
        self._stored.changed(session)
        self._name(member.user_id, name, known_as)

        person = self._sessions.person(member.user_id)
        assert person is not None
        self._roster.update(member.user_id, person)
        arrival = PersonJoined(id=self._new_id(), ts=turn.now_ms, person=person)
        if before is None and self._roster.names(person):
            turn.signal(arrival)
        turn.admit(member)
        return session, arrival

    def _open(self, member: Member, name: str) -> Session:
        session = Session(user_id=member.user_id, device=member.device, name=name, node_id=member.node_id)
        self._stored.recall(session)
        self._sessions.add(session)
        return session

    def _name(self, user_id: str, name: str, before: str | None) -> None:
        """A person has one name, on all devices the one given last."""
        if before == name:
            return
        if before is not None:
            self.names.give_back(before, user_id)
        self.names.take(name, user_id)
        for session in self._sessions.of(user_id):
            session.name = name
            self._stored.changed(session)

    # --- going --------------------------------------------------------------------------

    def leave(self, command: Leave, turn: Turn) -> None:
        """Without a session it is done already."""
        member = command.member
        _dismiss(member, turn)
        session = self._sessions.find((member.user_id, member.device))
        if session is None:
            return
        session.disconnect(member)
        if not session.is_connected:
            self._end(session, turn)

    def sign_out(self, command: SignOut, turn: Turn) -> None:
        """Whether connected, here or elsewhere, or in grace: nobody can come back to these sessions."""
        for session in list(self._sessions.of(command.user_id)):
            self._end(session, turn)

    def disconnect(self, command: Disconnect, turn: Turn) -> None:
        """The connection is gone; its person lingers if their dialect does."""
        member = command.member
        self.parting.add(member.user_id)
        _dismiss(member, turn)
        session = self._sessions.find((member.user_id, member.device))
        if session is None or not session.has(member):
            return  # a connection that the device has replaced, or that never joined
        session.disconnect(member)
        if not session.is_connected:
            self._lose(session, turn)

    def _lose(self, session: Session, turn: Turn) -> None:
        if not session.lingers:
            self._end(session, turn)
            return
        self._sessions.lose(session, turn.now_ms, self._rules.presence_grace_ms)
        self._roster.update(session.user_id, self._sessions.person(session.user_id))
        self._typists.stop(session.user_id)  # whichever device it was: another one will say so again

    def sync_sessions(self, snapshot: SyncSessions, turn: Turn) -> None:
        """Who of one node is here is what that node says; an older snapshot than the last is not heard."""
        if snapshot.number <= self._snapshot_numbers.get(snapshot.node_id, 0):
            return
        self._snapshot_numbers[snapshot.node_id] = snapshot.number
        if snapshot.presence is not None:
            self._roster.answer_snapshot(snapshot.presence, may_lack=snapshot.may_lack_presence)
        here: dict[SessionKey, list[Member]] = {}
        for member in snapshot.members:
            here.setdefault((member.user_id, member.device), []).append(member)
        for session in [s for s in self._sessions if s.node_id == snapshot.node_id and s.lost_at is None]:
            members = here.pop(session.key, ())
            session.sync_connections([member.connection_id for member in members], snapshot.joining)
            if not session.is_connected:
                self._lose(session, turn)
        for members in here.values():  # nobody here knew of them
            for member in members:
                self.arrive(member, turn)

    def _end(self, session: Session, turn: Turn) -> None:
        self._sessions.end(session)
        self._stored.changed(session)
        self._typists.stop(session.user_id)
        before = self._roster.find(session.user_id)
        assert before is not None
        is_named = self._roster.names(before)
        now = self._sessions.person(session.user_id)
        self._roster.update(session.user_id, now)
        if now is not None:
            return
        self.names.give_back(before.name, session.user_id)
        self.departed.add(session.user_id)
        if is_named:
            turn.signal(PersonLeft(id=self._new_id(), ts=turn.now_ms, person=before))

    # --- typing -------------------------------------------------------------------------

    def set_typing(self, command: SetTyping, turn: Turn) -> None:
        user_id = self.session_of(command.member).user_id

        if command.is_typing:
            self._typists.start(user_id, turn.now_ms)
        else:
            self._typists.stop(user_id)

    def stop_typing(self, user_id: str) -> None:
        self._typists.stop(user_id)

    # --- a batch ends -------------------------------------------------------------------

    @property
    def deadline_ms(self) -> int | None:
        if self._stored.is_behind:
            return 0
        deadline_ms = soonest(self._sessions.deadline_ms, self._roster.deadline_ms)
        return soonest(deadline_ms, self._typists.deadline_ms)

    def finish(self, turn: Turn, *, is_last: bool) -> None:
        for session in self._sessions.overdue(turn.now_ms):
            self._end(session, turn)
        change = self._roster.take_due(turn.now_ms, is_last=is_last)
        if change is not None:
            turn.signal(change)
        typing = self._typists.take_due(turn.now_ms, is_last=is_last)
        if typing is not None:
            people = [person for user_id in typing if (person := self._roster.find(user_id))]
            turn.signal(TypingChanged(people=people, ttl_ms=self._rules.typing_ttl_ms))
        self._stored.store(turn)

    handles: ClassVar[Handlers] = {
        Leave: leave,
        Disconnect: disconnect,
        SignOut: sign_out,
        SyncSessions: sync_sessions,
        SetTyping: set_typing,
        GetPresence: get_presence,
    }


def _dismiss(member: Member, turn: Turn) -> None:
    if turn.entrances:  # came in this very batch, perhaps more than once, or under another name
        turn.entrances[:] = [m for m in turn.entrances if m.connection_id != member.connection_id]
    turn.dismiss(member)
