"""What storage has of the sessions, and what it shall have at the end of a batch.

The row of a session outlives it, with its attachment. So whoever comes is asked for, and comes back to what
is kept of their device; and a session is stored once a batch, as it is at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.sessions import Session, SessionKey, SessionRecord, Sessions, SessionsOf
from chatapp.rooms.commands import Member


class StoredSessions:
    """``strangers`` are those of the sessions of which storage may have heard nothing."""

    def __init__(self, room_id: str, sessions: Sessions, strangers: Iterable[Session]) -> None:
        self._room_id = room_id
        self._sessions = sessions
        self._unstored: dict[SessionKey, Session] = {session.key: session for session in strangers}
        self._found: dict[SessionKey, SessionRecord] = {}

    @property
    def is_behind(self) -> bool:
        """There is something to store."""
        return bool(self._unstored)

    def begin(self) -> None:
        """What was found mattered to the last batch only."""
        if self._found:
            self._found = {}

    def ask(self, newcomers: Iterable[Member]) -> list[Question]:
        """For those of whom nothing is known here, and for the strangers."""
        keys = ((member.user_id, member.device) for member in newcomers)
        unknown = [*self._unstored, *(key for key in keys if self._sessions.find(key) is None)]
        return [SessionsOf(devices=tuple(dict.fromkeys(unknown)))] if unknown else []

    def learn(self, records: Sequence[SessionRecord]) -> None:
        for record in records:
            key = (record.user_id, record.device)
            self._found[key] = record
            if key in self._unstored:
                self._unstored[key].recall(record)

    def recall(self, session: Session) -> None:
        """Give a session that begins what is kept of its device."""
        earlier = self._unstored.get(session.key) or self._found.get(session.key)
        if earlier is not None:  # one that has ended just now knows it best
            session.recall(earlier)

    def changed(self, session: Session) -> None:
        """Store it with this batch."""
        self._unstored[session.key] = session

    def store(self, turn: Turn) -> None:
        for key, session in self._unstored.items():
            is_present = self._sessions.find(key) is session
            turn.record(session.record(self._room_id, turn.now_ms, is_present=is_present))
        self._unstored.clear()
