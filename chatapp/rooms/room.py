"""The room: what is said in it, in which order, and who is there to hear.

Commands go in; events, signals, records and answers come out. Everything else (storage, sockets,
clocks) is somebody else's. A command is checked whole before it changes anything, so a refusal
leaves nothing to undo. What time demands, and what is told once a batch, happens in ``finish``;
a ``Tick`` therefore only has to make a batch happen.

A room can be put away after any batch and woken from what is stored: nobody outside can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

import msgspec

from chatapp.errors import Conflict
from chatapp.kernel.durable_object import Deferred, Turn
from chatapp.kernel.ports import Acquired
from chatapp.rooms.attachments import merged, refuse_too_long
from chatapp.rooms.attendance import Attendance
from chatapp.rooms.commands import (
    Attach,
    Disconnect,
    GetPresence,
    Join,
    Leave,
    MarkRead,
    Member,
    PostMessage,
    SetTyping,
    SignOut,
    SyncSessions,
    Tick,
    named,
    newcomers,
)
from chatapp.rooms.cursors import Cursors
from chatapp.rooms.events import (
    Attached,
    Found,
    Joined,
    Known,
    Need,
    PersonJoined,
    Posted,
    ReadAt,
    ReadMoved,
    RoomEvent,
)
from chatapp.rooms.names import Names
from chatapp.rooms.recent_ids import MessageKey, RecentIds
from chatapp.rooms.recovery import Recovery
from chatapp.rooms.rules import RoomRules
from chatapp.rooms.sessions import Session
from chatapp.rooms.tail import Tail

_NOTHING = Need()
_encode = msgspec.json.Encoder().encode


class Room:
    """A ``DurableObject``. It remembers the newest events, the sessions, and the recent ids."""

    def __init__(
        self,
        acquired: Acquired,
        members: Sequence[Member],
        now_ms: int,
        rules: RoomRules,
        new_id: Callable[[], str],
    ) -> None:
        lease = acquired.lease
        self._room_id = lease.room_id
        self._stream_id = lease.stream_id
        self._rules = rules
        self._new_id = new_id
        # In a room whose log was empty, whatever was said was said to this very memory.
        has_past = lease.last_seq > 0
        self._ids_looked_up_until = now_ms + rules.ids_looked_up_after_wake_ms if has_past else now_ms
        self._names = Names(lease.room_id, rules)
        self._attendance = Attendance(acquired, members, now_ms, rules, self._names, new_id)
        self._cursors = Cursors(lease.room_id, rules.read_flush_ms)
        self._recent = RecentIds(rules.remembered_ids, is_complete=lease.last_seq == 0)
        self._tail = Tail(head=lease.last_seq, last_at=lease.last_at, limit=rules.page_limit)
        self._recovery = Recovery(self._tail, lease.stream_id, rules)
        self._asked = _NOTHING
        self._found = Found()
        self._is_last = False

    @property
    def deadline_ms(self) -> int | None:
        deadlines = (*self._attendance.deadlines, self._cursors.deadline_ms)
        return min((at for at in deadlines if at is not None), default=None)

    # --- a batch begins -----------------------------------------------------------------

    def need(self, commands: Sequence[Any], now_ms: int) -> Need | None:
        self._begin(now_ms)
        client_ids = self._ids_to_look_up(commands, now_ms)
        names = self._names.questions(named(commands))
        self._asked = _NOTHING
        is_known = not client_ids and not names and self._attendance.is_stored
        if is_known and all(type(c) is PostMessage for c in commands):
            return None  # the usual case, said quickly
        joins = [command for command in commands if isinstance(command, Join)]
        floor_from = self._tail.floor_unknown_from if joins else None
        readers = [c.member.user_id for c in commands if isinstance(c, Join | MarkRead)]
        ranges = (self._recovery.range_for(join.since, join.limit) for join in joins)
        self._asked = Need(
            client_ids=client_ids,
            ranges=tuple(dict.fromkeys(wanted for wanted in ranges if wanted is not None)),
            tail=max((self._recovery.tail_for(join.since, join.limit) for join in joins), default=0),
            floor_from=floor_from,
            cutoff=self._cutoff(now_ms) if floor_from is not None or names else 0,
            sessions=self._attendance.unknown((m.user_id, m.device) for m in newcomers(commands)),
            readers=tuple(dict.fromkeys(reader for reader in readers if reader not in self._cursors)),
            names=names,
        )
        return None if self._asked == _NOTHING else self._asked

    def _begin(self, now_ms: int) -> None:
        self._cursors.forget(self._attendance.begin())
        self._tail.trim()
        self._tail.expire(self._cutoff(now_ms))
        self._names.begin(self._cutoff(now_ms))
        self._found = Found()

    def _ids_to_look_up(self, commands: Sequence[Any], now_ms: int) -> tuple[MessageKey, ...]:
        if self._recent.is_complete:
            return ()
        is_fresh = now_ms < self._ids_looked_up_until
        posts = (c for c in commands if isinstance(c, PostMessage) and (is_fresh or c.is_retry))
        keys = dict.fromkeys((post.author_id, post.client_id) for post in posts)
        return tuple(key for key in keys if key not in self._recent)

    def _cutoff(self, now_ms: int) -> int:
        """Events of this time (ms) and older have expired."""
        return now_ms - self._rules.retention_ms

    def learn(self, found: Found) -> None:
        self._found = found
        self._recent.look_at(found.known)
        if self._asked.floor_from is not None:
            self._tail.learn_floor(found.floor)
        self._tail.load(found.tail)
        self._attendance.learn(found.sessions)
        self._names.learn(self._asked.names, found.names)
        self._cursors.learn({user_id: found.reads.get(user_id, 0) for user_id in self._asked.readers})

    # --- a batch ends -------------------------------------------------------------------

    def finish(self, turn: Turn) -> None:
        self._tail.expire(self._cutoff(turn.now_ms))  # answers that are still to be made read it
        gone = self._attendance.finish(turn, is_last=self._is_last)
        self._cursors.hasten(gone)
        for record in self._cursors.take_due(turn.now_ms, is_last=self._is_last):
            turn.record(record)
        self._is_last = False

    # --- commands -----------------------------------------------------------------------

    def handle(self, command: Any, turn: Turn) -> Any:
        match command:
            case PostMessage():
                return self._post_message(command, turn)
            case Join():
                return self._join(command, turn)
            case Leave():
                self._attendance.leave(command.member, turn)
            case Disconnect():
                self._attendance.lose(command.member, turn)
                self._cursors.hasten((command.member.user_id,))
            case SignOut():
                self._attendance.sign_out(command.user_id, turn)
            case SetTyping():
                self._set_typing(command, turn)
            case MarkRead():
                return self._mark_read(command, turn)
            case Attach():
                return self._attach(command)
            case GetPresence():
                return self._get_presence(command)
            case SyncSessions():
                self._attendance.sync_sessions(command, turn)
            case Tick():
                self._is_last = self._is_last or command.is_last
            case _:
                raise TypeError(f"a room is not told {type(command).__name__}")
        return None

    def _post_message(self, command: PostMessage, turn: Turn) -> Posted:
        content_hash = blake2b(command.content.encode(), digest_size=16).digest()
        key = (command.author_id, command.client_id)
        known = self._recent.get(key)
        if known is not None and known.content_hash not in (b"", content_hash):
            raise Conflict
        if known is not None:  # also to somebody who is not here any more: it is in the log
            return Posted(seq=known.seq, id=known.id, ts=known.ts, is_duplicate=True)
        name = self._author_name(command)

        event = self._message(command, name, content_hash, max(turn.now_ms, self._tail.last_at))
        self._tail.append(event)
        self._recent.remember(key, Known(seq=event.seq, id=event.id, ts=event.ts, content_hash=content_hash))
        self._attendance.stop_typing(command.author_id)
        turn.log(event)
        self._names.wrote(command.author_id, name, turn, event.ts)
        return Posted(seq=event.seq, id=event.id, ts=event.ts, is_duplicate=False)

    def _author_name(self, command: PostMessage) -> str:
        if command.member is not None:
            return self._attendance.session_of(command.member).name
        # Nobody has checked the name at a door.
        self._names.refuse_taken(command.author_id, command.author_name)
        return command.author_name

    def _message(self, command: PostMessage, name: str, content_hash: bytes, ts: int) -> RoomEvent:
        return RoomEvent(
            room_id=self._room_id,
            seq=self._tail.head + 1,
            type="message",
            id=self._new_id(),
            ts=ts,
            user_id=command.author_id,
            user_name=name,
            client_id=command.client_id,
            body=_encode({"content": command.content}),
            content_hash=content_hash,
        )

    def _join(self, command: Join, turn: Turn) -> Deferred:
        if command.member.lingers:  # the plain dialect is refused no name
            self._names.refuse_taken(command.member.user_id, command.member.name)
        if command.attachment is not None:
            self._check_size(command.attachment, field="attachment")

        session, arrival = self._attendance.arrive(command.member, turn)
        if command.attachment is not None:
            session.attach(command.attachment)
        return Deferred(partial(self._joined, command, session, arrival))

    def _joined(self, command: Join, session: Session, arrival: PersonJoined) -> Joined:
        """Made at the end of the batch: what comes behind it, the newcomer hears itself."""
        since, limit = command.since, command.limit
        wanted = self._recovery.range_for(since, limit)
        stored = self._found.ranges.get(wanted, ()) if wanted else ()
        recovered = self._recovery.answer(since, limit, stored)
        return Joined(
            room_id=self._room_id,
            stream_id=self._stream_id,
            head=self._tail.head,
            floor=self._tail.floor,
            is_recovered=recovered.is_recovered,
            reason=recovered.reason,
            events=recovered.events,
            has_more=recovered.has_more,
            presence=self._attendance.presence(command.member.user_id),
            read_seq=self._cursors.of(command.member.user_id),
            attachment=session.attachment,
            attachment_version=session.attachment_version,
            retention_ms=self._rules.retention_ms,
            arrival=arrival,
        )

    def _set_typing(self, command: SetTyping, turn: Turn) -> None:
        session = self._attendance.session_of(command.member)

        if command.is_typing:
            self._attendance.start_typing(session.user_id, turn.now_ms)
        else:
            self._attendance.stop_typing(session.user_id)

    def _mark_read(self, command: MarkRead, turn: Turn) -> ReadAt:
        user_id = self._attendance.session_of(command.member).user_id

        if self._cursors.move(user_id, min(command.seq, self._tail.head), turn.now_ms):
            turn.signal(ReadMoved(user_id=user_id, seq=self._cursors.of(user_id)))
        return ReadAt(seq=self._cursors.of(user_id))

    def _attach(self, command: Attach) -> Attached:
        session = self._attendance.session_of(command.member)
        if command.version is not None and command.version != session.attachment_version:
            raise Conflict("The attachment has changed meanwhile.", version=session.attachment_version)
        value = merged(session.attachment, command.value) if command.is_merge else command.value
        self._check_size(value, field="merge" if command.is_merge else "value")

        session.attach(value)
        self._attendance.changed(session)
        return Attached(version=session.attachment_version, value=session.attachment)

    def _check_size(self, attachment: str, *, field: str) -> None:
        refuse_too_long(attachment, self._rules.attachment_limit_bytes, field=field)

    def _get_presence(self, command: GetPresence) -> Deferred:
        self._attendance.session_of(command.member)
        return Deferred(partial(self._attendance.presence, command.member.user_id))
