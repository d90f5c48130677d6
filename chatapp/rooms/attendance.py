"""Attendance: who comes, stays, goes, and is told of it.

A *person* is present while one of their sessions is. Persons who come and go are told at once for
the dialect that shows them as lines, and as part of the roster to all others. Sessions are
stored once a batch, as they are at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from chatapp.errors import NotJoined
from chatapp.kernel.durable_object import Turn
from chatapp.kernel.ports import Acquired
from chatapp.rooms.commands import Member, SyncSessions
from chatapp.rooms.events import PersonJoined, PersonLeft, Presence, SessionRecord, TypingChanged
from chatapp.rooms.names import Names
from chatapp.rooms.presence import Roster
from chatapp.rooms.rules import RoomRules
from chatapp.rooms.sessions import Session, SessionKey
from chatapp.rooms.typists import Typists
from chatapp.rooms.waking import wake_sessions


class Attendance:
    def __init__(
        self,
        acquired: Acquired,
        members: Sequence[Member],
        now_ms: int,
        rules: RoomRules,
        names: Names,
        new_id: Callable[[], str],
    ) -> None:
        self._room_id = acquired.lease.room_id
        self._rules = rules
        self._new_id = new_id
        self._sessions, strangers = wake_sessions(
            acquired.memory,
            members,
            node_id=acquired.lease.node_id,
            now_ms=now_ms,
            grace_ms=rules.presence_grace_ms,
        )
        self._unstored: dict[SessionKey, Session] = {session.key: session for session in strangers}
        self._found: dict[SessionKey, SessionRecord] = {}
        self._gone: set[str] = set()
        self._snapshot_numbers: dict[str, int] = {}
        self._names = names
        self._roster = Roster(acquired.lease.epoch, rules)
        self._typists = Typists(rules)
        self._wake_roster(was_released=acquired.was_released)

    def _wake_roster(self, *, was_released: bool) -> None:
        people = self._sessions.people()
        for person in people:
            self._names.take(person.name, person.id)
        is_same = not self._unstored and self._sessions.deadline_ms is None
        self._roster.wake(people, is_news=bool(people) and not (was_released and is_same))

    # --- a batch begins -----------------------------------------------------------------

    def begin(self) -> set[str]:
        """Forget what mattered to the last batch only. Returns the people who left in it."""
        gone, self._gone, self._found = self._gone, set(), {}
        return gone

    @property
    def is_stored(self) -> bool:
        """True when every session here is in storage as it is."""
        return not self._unstored

    def unknown(self, keys: Iterable[SessionKey]) -> tuple[SessionKey, ...]:
        """Sessions to be read: newcomers', and at first those of strangers."""
        return tuple(dict.fromkeys([*self._unstored, *(k for k in keys if self._sessions.find(k) is None)]))

    def learn(self, records: Iterable[SessionRecord]) -> None:
        for record in records:
            key = (record.user_id, record.device)
            self._found[key] = record
            if key in self._unstored:
                self._unstored[key].recall(record)

    # --- who is here --------------------------------------------------------------------

    def session_of(self, member: Member) -> Session:
        session = self._sessions.find((member.user_id, member.device))
        if session is None or not session.has(member):
            raise NotJoined
        return session

    def presence(self, asker_id: str) -> Presence:
        return self._roster.answer(asker_id)

    def changed(self, session: Session) -> None:
        """Its attachment did: store it with this batch."""
        self._unstored[session.key] = session

    # --- coming -------------------------------------------------------------------------

    def arrive(self, member: Member, turn: Turn) -> tuple[Session, PersonJoined]:
        """The session, and the word to the newcomer that they are here."""
        before = self._roster.find(member.user_id)
        # The plain dialect is refused no name, and gets a number behind one that is taken.
        known_as = before.name if before else None
        name = member.name if member.lingers else self._names.shown(member.user_id, member.name, known_as)
        session = self._sessions.find((member.user_id, member.device)) or self._open(member, name)
        self._sessions.regain(session)
        session.connect(member)
        self._unstored[session.key] = session
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
        ended_just_now, record = self._unstored.get(session.key), self._found.get(session.key)
        if ended_just_now is not None:
            session.recall(ended_just_now)
        elif record is not None:
            session.recall(record)
        self._sessions.add(session)
        return session

    def _name(self, user_id: str, name: str, before: str | None) -> None:
        """A person has one name, on all devices the one given last."""
        if before == name:
            return
        if before is not None:
            self._names.give_back(before, user_id)
        self._names.take(name, user_id)
        for session in self._sessions.of(user_id):
            session.name = name
            self._unstored[session.key] = session

    # --- going --------------------------------------------------------------------------

    def leave(self, member: Member, turn: Turn) -> None:
        """On purpose. Without a session it is done already."""
        _dismiss(member, turn)
        session = self._sessions.find((member.user_id, member.device))
        if session is None:
            return
        session.disconnect(member)
        if not session.is_connected:
            self._end(session, turn)

    def sign_out(self, user_id: str, turn: Turn) -> None:
        """Whether connected, here or elsewhere, or in grace: nobody can come back to these sessions."""
        for session in list(self._sessions.of(user_id)):
            self._end(session, turn)

    def lose(self, member: Member, turn: Turn) -> None:
        """The connection is gone; its person lingers if their dialect does."""
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
        self._unstored[session.key] = session
        self._typists.stop(session.user_id)
        before = self._roster.find(session.user_id)
        assert before is not None
        is_named = self._roster.names(before)
        now = self._sessions.person(session.user_id)
        self._roster.update(session.user_id, now)
        if now is not None:
            return
        self._names.give_back(before.name, session.user_id)
        self._gone.add(session.user_id)
        if is_named:
            turn.signal(PersonLeft(id=self._new_id(), ts=turn.now_ms, person=before))

    # --- typing -------------------------------------------------------------------------

    def start_typing(self, user_id: str, now_ms: int) -> None:
        self._typists.start(user_id, now_ms)

    def stop_typing(self, user_id: str) -> None:
        self._typists.stop(user_id)

    # --- a batch ends -------------------------------------------------------------------

    @property
    def deadlines(self) -> tuple[int | None, ...]:
        return (
            0 if self._unstored else None,
            self._sessions.deadline_ms,
            self._roster.deadline_ms,
            self._typists.deadline_ms,
        )

    def finish(self, turn: Turn, *, is_last: bool) -> set[str]:
        """Returns the people who left in this batch, also those who came back in it."""
        for session in self._sessions.overdue(turn.now_ms):
            self._end(session, turn)
        change = self._roster.take_due(turn.now_ms, is_last=is_last)
        if change is not None:
            turn.signal(change)
        typing = self._typists.take_due(turn.now_ms, is_last=is_last)
        if typing is not None:
            people = [person for user_id in typing if (person := self._roster.find(user_id))]
            turn.signal(TypingChanged(people=people, ttl_ms=self._rules.typing_ttl_ms))
        self._store_sessions(turn)
        return self._gone

    def _store_sessions(self, turn: Turn) -> None:
        for key, session in self._unstored.items():
            is_present = self._sessions.find(key) is session
            turn.record(session.record(self._room_id, turn.now_ms, is_present=is_present))
        self._unstored.clear()


def _dismiss(member: Member, turn: Turn) -> None:
    if turn.entrances:  # came in this very batch, perhaps more than once, or under another name
        turn.entrances[:] = [m for m in turn.entrances if m.connection_id != member.connection_id]
    turn.dismiss(member)
