"""Messages: what is said, in one order, each once; and the log that it is said into.

Whoever speaks is in the room under a name of theirs, or has shown a name that is nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import ClassVar

import msgspec

from chatapp.errors import Conflict
from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Found, Handlers, Question, TurnAspect, Waking
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.commands import Command, Cursor, Join, Member
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.recent_ids import Known, KnownIds, RecentIds
from chatapp.rooms.messages.recovery import Range, Recovered, Recovery
from chatapp.rooms.messages.tail import Floor, Newest, Tail

_encode = msgspec.json.Encoder().encode


class PostMessage(Command, frozen=True, kw_only=True, gc=False):
    """Say something. ``member`` is None for a send without a socket, which needs no session.

    ``is_retry`` says that the client has sent this ``client_id`` before.
    """

    author_id: str
    author_name: str
    client_id: str
    content: str
    is_retry: bool = False
    member: Member | None = None
    may_create: bool = True

    @property
    def creates(self) -> bool:
        return self.may_create

    def repeated(self) -> PostMessage:
        return msgspec.structs.replace(self, is_retry=True)


class Posted(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    seq: int
    id: str
    ts: int
    is_duplicate: bool


class Messages(TurnAspect):
    """It remembers the newest events and the recent ids."""

    answers = (Posted,)
    asks_about = frozenset({PostMessage, Join})

    def __init__(self, waking: Waking, attendance: Attendance) -> None:
        lease, rules = waking.acquired.lease, waking.rules
        self.stream_id = lease.stream_id
        self.tail = Tail(head=lease.last_seq, last_at=lease.last_at, limit=rules.page_limit)
        self._attendance = attendance
        self._names = attendance.names
        self._room_id = lease.room_id
        self._new_id = waking.new_id
        self._retention_ms = rules.retention_ms
        # In a room whose log was empty, whatever was said was said to this very memory.
        has_past = lease.last_seq > 0
        self._ids_looked_up_until = waking.now_ms + (rules.ids_looked_up_after_wake_ms if has_past else 0)
        self._recent = RecentIds(rules.remembered_ids, is_complete=not has_past)
        self._recovery = Recovery(self.tail, lease.stream_id, rules)
        self._ranges: dict[Range, Sequence[RoomEvent]] = {}
        self._now_ms = self._cutoff = 0

    # --- a batch begins -----------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        self._now_ms, self._cutoff = now_ms, now_ms - self._retention_ms
        self.tail.trim()
        self.tail.expire(self._cutoff)
        if self._ranges:
            self._ranges = {}

    def ask(self, commands: Sequence[Command]) -> list[Question]:
        posts = [command for command in commands if isinstance(command, PostMessage)]
        questions: list[Question] = []
        if not self._recent.is_complete:
            questions += self._ask_for_ids(posts)
        # Without a session nobody has checked the name at a door.
        if strangers := [(c.author_id, c.author_name) for c in posts if c.member is None]:
            questions += self._names.ask(strangers)
        if len(posts) < len(commands):
            questions += self._ask_for_log([command for command in commands if isinstance(command, Join)])
        return questions

    def _ask_for_ids(self, posts: Sequence[PostMessage]) -> Sequence[Question]:
        is_fresh = self._now_ms < self._ids_looked_up_until
        doubtful = posts if is_fresh else [c for c in posts if c.is_retry]
        if not doubtful:
            return ()
        keys = dict.fromkeys([(c.author_id, c.client_id) for c in doubtful])
        unknown = tuple([key for key in keys if key not in self._recent])
        return [KnownIds(keys=unknown)] if unknown else ()

    def _ask_for_log(self, joins: Sequence[Join]) -> Sequence[Question]:
        if not joins:
            return ()
        ranges = (self._range_for(join.since, join.limit) for join in joins)
        newest = max(self._recovery.tail_for(join.since, join.limit) for join in joins)
        start = self.tail.floor_unknown_from
        return [
            *dict.fromkeys(wanted for wanted in ranges if wanted is not None),
            *([Newest(limit=newest, cutoff=self._cutoff)] if newest else ()),
            *([Floor(start=start, cutoff=self._cutoff)] if start is not None else ()),
        ]

    def _range_for(self, since: Cursor | None, limit: int) -> Range | None:
        return self._recovery.range_for(since, limit, self._cutoff)

    def learn(self, found: Found) -> None:
        self._recent.look_at({})
        for question, answer in found:
            match question:
                case KnownIds():
                    self._recent.look_at(answer)
                case Range():
                    self._ranges[question] = answer
                case Newest():
                    self.tail.load(answer)
                case Floor():
                    self.tail.learn_floor(answer)

    # --- a batch ends -------------------------------------------------------------------

    def finish(self, turn: Turn, *, is_last: bool) -> None:
        self.tail.expire(turn.now_ms - self._retention_ms)  # answers that are still to be made read it

    # --- what was missed ----------------------------------------------------------------

    def missed(self, since: Cursor | None, limit: int) -> Recovered:
        """What somebody who came in this batch gets to see of the log, as of its end."""
        wanted = self._range_for(since, limit)
        return self._recovery.answer(since, limit, self._ranges.get(wanted, ()) if wanted else ())

    # --- commands -----------------------------------------------------------------------

    def post(self, command: PostMessage, turn: Turn) -> Posted:
        content_hash = blake2b(command.content.encode(), digest_size=16).digest()
        key = (command.author_id, command.client_id)
        known = self._recent.get(key)
        if known is not None and known.content_hash not in (b"", content_hash):
            raise Conflict
        if known is not None:  # also to somebody who is not here any more: it is in the log
            return Posted(seq=known.seq, id=known.id, ts=known.ts, is_duplicate=True)
        name = self._author_name(command)

        event = self._message(command, name, content_hash, max(turn.now_ms, self.tail.last_at))
        self.tail.append(event)
        self._recent.remember(key, Known(seq=event.seq, id=event.id, ts=event.ts, content_hash=content_hash))
        self._attendance.stop_typing(command.author_id)
        turn.log(event)
        self._names.wrote(command.author_id, name, turn, event.ts)
        return Posted(seq=event.seq, id=event.id, ts=event.ts, is_duplicate=False)

    def _author_name(self, command: PostMessage) -> str:
        if command.member is not None:
            return self._attendance.session_of(command.member).name
        self._names.refuse_taken(command.author_id, command.author_name)
        return command.author_name

    def _message(self, command: PostMessage, name: str, content_hash: bytes, ts: int) -> RoomEvent:
        return RoomEvent(
            room_id=self._room_id,
            seq=self.tail.head + 1,
            type="message",
            id=self._new_id(),
            ts=ts,
            user_id=command.author_id,
            user_name=name,
            client_id=command.client_id,
            body=_encode({"content": command.content}),
            content_hash=content_hash,
        )

    handles: ClassVar[Handlers] = {PostMessage: post}
