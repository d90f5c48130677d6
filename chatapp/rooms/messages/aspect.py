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
from chatapp.rooms.commands import Authored, Command, Cursor, Join
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies
from chatapp.rooms.messages.bodies import Mention
from chatapp.rooms.messages.dependents import quote_of
from chatapp.rooms.messages.known_targets import KnownTargets
from chatapp.rooms.messages.mentions import CalledAs, Mentions
from chatapp.rooms.messages.recent_ids import Known, KnownIds, RecentIds
from chatapp.rooms.messages.recovery import Range, Recovered, Recovery, RowsAfter
from chatapp.rooms.messages.tail import Floor, Newest, Tail
from chatapp.rooms.messages.targets import Target, TargetId, Targets
from chatapp.rooms.messages.uploads import KnownUploads, Upload, UploadsBound, UploadsFor

_encode = msgspec.json.Encoder().encode


class PostMessage(Authored, frozen=True, kw_only=True, gc=False):
    """Say something."""

    author_name: str
    content: str
    may_create: bool = True

    @property
    def creates(self) -> bool:
        return self.may_create


class PostReply(PostMessage, frozen=True, kw_only=True):
    """Say something in answer to a message.

    A command of its own: an owner of the version before must not take it for a message that answers nothing.
    """

    reply_to: TargetId


class PostMentioning(PostMessage, frozen=True, kw_only=True):
    """Say something that calls people, perhaps in answer to a message. Of its own for the same reason."""

    mentions: tuple[Mention, ...]
    reply_to: TargetId | None = None


class PostFiles(PostMessage, frozen=True, kw_only=True):
    """Say something with files, or files alone: then the text is empty. Of its own for the same reason."""

    uploads: tuple[str, ...]
    reply_to: TargetId | None = None
    mentions: tuple[Mention, ...] = ()


class Posted(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    seq: int
    id: str
    ts: int
    is_duplicate: bool


class Messages(TurnAspect):
    """It remembers the newest events and the recent ids."""

    answers = (Posted,)
    asks_about = frozenset({PostMessage, PostReply, PostMentioning, PostFiles, Join})

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
        self.recent = RecentIds(
            rules.remembered_ids,
            is_complete=not has_past,
            looked_up_until=waking.now_ms + (rules.ids_looked_up_after_wake_ms if has_past else 0),
        )
        self._recovery = Recovery(self.tail, lease.stream_id, rules)
        self.targets = KnownTargets(self.tail, self._recovery, rules.retention_ms)
        self.mentions = Mentions(lease.room_id, attendance, rules)
        self._uploads = KnownUploads()
        self.now_ms = self.cutoff = 0
        """When this batch began, and what had expired by then."""

    # --- a batch begins -----------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        self.now_ms, self.cutoff = now_ms, now_ms - self._retention_ms
        self.recent.trim()
        self.tail.trim()
        self.tail.expire(self.cutoff)
        self.targets.begin()
        self.mentions.begin()
        self._uploads.begin()
        self._recovery.begin()

    def ask(self, commands: Sequence[Command]) -> list[Question]:
        posts = [command for command in commands if isinstance(command, PostMessage)]
        questions: list[Question] = [*self.recent.ask(posts, self.now_ms)]
        # Without a session nobody has checked the name at a door.
        if strangers := [(c.author_id, c.author_name) for c in posts if c.member is None]:
            questions += self._names.ask(strangers)
        if others := [command for command in posts if type(command) is not PostMessage]:
            questions += self.targets.ask(filter(None, map(_reply_to, others)), self.cutoff)
            questions += self.mentions.ask((one for c in others for one in _mentions(c)), self.cutoff)
            questions += self._uploads.ask(c.uploads for c in others if isinstance(c, PostFiles))
        if len(posts) < len(commands):
            questions += self._ask_for_log([command for command in commands if isinstance(command, Join)])
        return questions

    def _ask_for_log(self, joins: Sequence[Join]) -> Sequence[Question]:
        if not joins:
            return ()
        start = self.tail.floor_unknown_from
        return [
            *self._recovery.ask(joins, self.cutoff),
            *([Floor(start=start, cutoff=self.cutoff)] if start is not None else ()),
        ]

    def learn(self, found: Found) -> None:
        self.recent.look_at(answer for question, answer in found if isinstance(question, KnownIds))
        for question, answer in found:
            match question:
                case Range() | RowsAfter():
                    self._recovery.learn(question, answer)
                case Newest():
                    self.tail.load(answer)
                case Floor():
                    self.tail.learn_floor(answer)
                case Targets():
                    self.targets.learn(answer)
                case CalledAs():
                    self.mentions.learn(answer)
                case UploadsFor():
                    self._uploads.learn(answer)

    # --- a batch ends -------------------------------------------------------------------

    def finish(self, turn: Turn, *, is_last: bool) -> None:
        self.tail.expire(turn.now_ms - self._retention_ms)  # answers that are still to be made read it

    # --- what was missed ----------------------------------------------------------------

    def missed(self, since: Cursor | None, limit: int) -> Recovered:
        """What somebody who came in this batch gets to see of the log, as of its end."""
        return self._recovery.answer(since, limit, self.cutoff)

    def changed_after(self, joins: Sequence[Join]) -> int | None:
        """Behind which seq stands what these will get to see; None: nothing of it was changed."""
        return self._recovery.changed_after(joins) if joins else None

    # --- commands -----------------------------------------------------------------------

    def post(self, command: PostMessage, turn: Turn) -> Posted:
        content_hash = blake2b(command.content.encode(), digest_size=16).digest()
        key = (command.author_id, command.client_id)
        known = self.recent.get(key)
        if known is not None and known.content_hash not in (b"", content_hash):
            raise Conflict
        if known is not None:  # also to somebody who is not here any more: it is in the log
            return Posted(seq=known.seq, id=known.id, ts=known.ts, is_duplicate=True)
        name = self._author_name(command)

        told: RoomEvent | None = None
        uploads: Sequence[Upload] = ()
        if type(command) is PostMessage:  # as nearly all are
            event = self._words(command, name, content_hash, turn)
        else:
            uploads = self._brought(command)
            event, told = self._more_than_words(command, name, content_hash, uploads, turn)
        self.tail.append(told or event)
        self.recent.remember(key, Known(seq=event.seq, id=event.id, ts=event.ts, content_hash=content_hash))
        self._attendance.stop_typing(command.author_id)
        turn.log(event, told)
        if uploads:
            self._bind(event, uploads, turn)
        self._names.wrote(command.author_id, name, turn, event.ts)
        return Posted(seq=event.seq, id=event.id, ts=event.ts, is_duplicate=False)

    def _author_name(self, command: PostMessage) -> str:
        if command.member is not None:
            return self._attendance.session_of(command.member).name
        self._names.refuse_taken(command.author_id, command.author_name)
        return command.author_name

    def _brought(self, command: PostMessage) -> Sequence[Upload]:
        if not isinstance(command, PostFiles):
            return ()
        return self._uploads.find(command.uploads, command.author_id)

    def _bind(self, event: RoomEvent, uploads: Sequence[Upload], turn: Turn) -> None:
        ids = tuple(upload.id for upload in uploads)
        self._uploads.bind(ids)
        turn.record(
            UploadsBound(room_id=self._room_id, seq=event.seq, ts=event.ts, user_id=event.user_id, ids=ids)
        )

    def _words(self, command: PostMessage, name: str, content_hash: bytes, turn: Turn) -> RoomEvent:
        return RoomEvent(
            room_id=self._room_id,
            seq=self.tail.head + 1,
            type="message",
            id=self._new_id(),
            ts=max(turn.now_ms, self.tail.last_at),
            user_id=command.author_id,
            user_name=name,
            client_id=command.client_id,
            body=_encode({"content": command.content}),
            content_hash=content_hash,
        )

    def _more_than_words(
        self, command: PostMessage, name: str, content_hash: bytes, uploads: Sequence[Upload], turn: Turn
    ) -> tuple[RoomEvent, RoomEvent | None]:
        """As it is stored; and as it is told, where that is more."""
        target = self._answered(command, turn)
        event = self._words(command, name, content_hash, turn)
        mentions = self._called(command, event, turn)
        if target is not None:
            return _answering(event, target, command.content, uploads, mentions)
        if uploads or mentions:
            body = bodies.said(command.content, None, uploads, mentions)
            event = msgspec.structs.replace(event, body=body)
        return event, None

    def _called(self, command: PostMessage, event: RoomEvent, turn: Turn) -> Sequence[Mention]:
        """Those of its mentions that are kept."""
        if not (wanted := _mentions(command)):
            return ()
        kept = self.mentions.kept(wanted, command.content)
        self.mentions.call(turn, event.seq, event.ts, author_id=event.user_id, before=(), now=kept)
        return kept

    def _answered(self, command: PostMessage, turn: Turn) -> Target | None:
        reply_to = _reply_to(command)
        return None if reply_to is None else self.targets.find(reply_to, turn.now_ms, field="reply_to")

    handles: ClassVar[Handlers] = {
        PostMessage: post,
        PostReply: post,
        PostMentioning: post,
        PostFiles: post,
    }


def _reply_to(command: PostMessage) -> TargetId | None:
    return command.reply_to if isinstance(command, PostReply | PostMentioning | PostFiles) else None


def _mentions(command: PostMessage) -> Sequence[Mention]:
    return command.mentions if isinstance(command, PostMentioning | PostFiles) else ()


def _answering(
    event: RoomEvent,
    target: Target,
    content: str,
    uploads: Sequence[Upload],
    mentions: Sequence[Mention],
) -> tuple[RoomEvent, RoomEvent]:
    stored = msgspec.structs.replace(
        event,
        body=bodies.said(content, TargetId(seq=target.seq, id=target.id), uploads, mentions),
        target=target.seq,
        target_ts=target.ts,
    )
    told = bodies.told(stored.body, quote=quote_of(target))
    return stored, msgspec.structs.replace(stored, body=told)
