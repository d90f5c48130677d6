"""Changing: another text for a message of one's own, fewer of its files, or nothing at all.

A change is an event of the log, with a place in its order, and holds no words: those stand in the message's
row alone, whose present ones are taken out in the same commit. So a text that was taken back is nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from chatapp.errors import Conflict, Empty, Forbidden, UploadUnknown
from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Handlers, Question, TurnAspect, Waking
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.commands import Authored, Command
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, change_bodies
from chatapp.rooms.messages.aspect import Messages
from chatapp.rooms.messages.bodies import Mention
from chatapp.rooms.messages.changes import MessageChanged
from chatapp.rooms.messages.recent_ids import Known
from chatapp.rooms.messages.targets import Target, TargetId
from chatapp.rooms.messages.uploads import Upload, UploadsKept


class EditMessage(Authored, frozen=True, kw_only=True):
    """``base`` is the seq of the edit (or of the message) whose text this was written on; None: whichever."""

    target: TargetId
    content: str
    base: int | None = None


class EditMentioning(EditMessage, frozen=True, kw_only=True):
    """Another text that calls people. Of its own, as ``PostMentioning`` is."""

    mentions: tuple[Mention, ...]


class EditFiles(EditMessage, frozen=True, kw_only=True):
    """The text may be empty while a file is left. Of its own, as ``PostFiles`` is.

    ``uploads`` are those of its files that stay; None: all.
    """

    uploads: tuple[str, ...] | None
    mentions: tuple[Mention, ...] = ()


class DeleteMessage(Authored, frozen=True, kw_only=True):
    target: TargetId


class Changed(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    seq: int
    id: str
    ts: int
    is_duplicate: bool


class Changing(TurnAspect):
    answers = (Changed,)
    asks_about = frozenset({EditMessage, EditMentioning, EditFiles, DeleteMessage})

    def __init__(self, waking: Waking, attendance: Attendance, messages: Messages) -> None:
        self._room_id = waking.room_id
        self._new_id = waking.new_id
        self._retention_ms = waking.rules.retention_ms
        self._attendance = attendance
        self._messages = messages

    def ask(self, commands: Sequence[Command]) -> list[Question]:
        changes = [c for c in commands if isinstance(c, EditMessage | DeleteMessage)]
        called = (mention for change in changes for mention in _mentions(change))
        return [
            *self._messages.recent.ask(changes, self._messages.now_ms),
            *self._messages.targets.ask([c.target for c in changes], self._messages.cutoff),
            *self._messages.mentions.ask(called, self._messages.cutoff),
        ]

    def edit(self, command: EditMessage, turn: Turn) -> Changed:
        if (known := self._known(command)) is not None:
            return known
        target = self._own(command, turn)
        written_on = target.edited_seq or target.seq
        if command.base is not None and command.base != written_on:
            raise Conflict("The message was edited meanwhile.", rev=written_on)
        uploads = bodies.uploads_of(target.body)
        left = _left(command, uploads)

        event = self._event("edit", command, target, change_bodies.edit_stored(command.target), turn)
        mentions = self._called(command, target, event.seq, turn)
        body = bodies.edited(target.body, command.content, mentions, at=event.ts, seq=event.seq, uploads=left)
        now = replace(target, body=body, rev=event.seq, edited_seq=event.seq)
        if len(left) < len(uploads):
            self._keep(left, event, turn)
        return self._change(
            event, replace(event, body=change_bodies.edit_told(command.target, body)), now, turn
        )

    def delete(self, command: DeleteMessage, turn: Turn) -> Changed:
        if (known := self._known(command)) is not None:
            return known
        target = self._own(command, turn)

        event = self._event("delete", command, target, change_bodies.delete_told(command.target), turn)
        body = bodies.tombstone(event.ts)
        self._call(target, (), turn)
        if bodies.uploads_of(target.body):
            self._keep((), event, turn)
        return self._change(event, event, replace(target, body=body, rev=event.seq, is_deleted=True), turn)

    def _called(self, command: EditMessage, target: Target, seq: int, turn: Turn) -> Sequence[Mention]:
        """Whom its text calls from now on: those of before since then, the others since the edit ``seq``."""
        before = bodies.mentions_of(target.body)
        kept = self._messages.mentions.kept(_mentions(command), command.content, before=before, seq=seq)
        self._call(target, kept, turn)
        return kept

    def _call(self, target: Target, now: Sequence[Mention], turn: Turn) -> None:
        before = bodies.mentions_of(target.body)
        self._messages.mentions.call(
            turn, target.seq, target.ts, author_id=target.user_id, before=before, now=now
        )

    def _known(self, command: Authored) -> Changed | None:
        """Before anything else: what a repeated deletion was of is deleted."""
        known = self._messages.recent.get((command.author_id, command.client_id))
        if known is None:
            return None
        if known.content_hash:  # it names a message
            raise Conflict
        return Changed(seq=known.seq, id=known.id, ts=known.ts, is_duplicate=True)

    def _own(self, command: EditMessage | DeleteMessage, turn: Turn) -> Target:
        if command.member is not None:
            self._attendance.session_of(command.member)
        target = self._messages.targets.find(command.target, turn.now_ms)
        if target.user_id != command.author_id:
            raise Forbidden("Only its author may change a message.", field="target")
        return target

    def _event(
        self, kind: str, command: EditMessage | DeleteMessage, target: Target, body: bytes, turn: Turn
    ) -> RoomEvent:
        """Under the name that its target was said under: nobody comes by another through a change."""
        tail = self._messages.tail
        return RoomEvent(
            room_id=self._room_id,
            seq=tail.head + 1,
            type=kind,
            id=self._new_id(),
            ts=max(turn.now_ms, tail.last_at),
            user_id=command.author_id,
            user_name=target.user_name,
            client_id=command.client_id,
            body=body,
            target=target.seq,
            target_ts=target.ts if kind == "edit" else 0,  # a deletion is told with nothing of it
        )

    def _keep(self, uploads: Sequence[Upload], change: RoomEvent, turn: Turn) -> None:
        ids = tuple(upload.id for upload in uploads)
        turn.record(UploadsKept(room_id=self._room_id, seq=change.target, at=change.ts, ids=ids))

    def _change(self, event: RoomEvent, told: RoomEvent, now: Target, turn: Turn) -> Changed:
        messages = self._messages
        messages.targets.rewritten(now)
        messages.recent.forget_content(now.seq)
        messages.tail.append(told)
        messages.recent.remember(
            (event.user_id, event.client_id), Known(seq=event.seq, id=event.id, ts=event.ts, content_hash=b"")
        )
        turn.log(event, told)
        turn.record(
            MessageChanged(
                room_id=self._room_id,
                seq=now.seq,
                id=now.id,
                rev=now.rev,
                cutoff=turn.now_ms - self._retention_ms,
                user_name=now.user_name,
                body=bodies.stored(now.body),
                is_deleted=now.is_deleted,
            )
        )
        return Changed(seq=event.seq, id=event.id, ts=event.ts, is_duplicate=False)

    handles: ClassVar[Handlers] = {
        EditMessage: edit,
        EditMentioning: edit,
        EditFiles: edit,
        DeleteMessage: delete,
    }


def _mentions(command: EditMessage | DeleteMessage) -> Sequence[Mention]:
    return command.mentions if isinstance(command, EditMentioning | EditFiles) else ()


def _left(command: EditMessage, uploads: Sequence[Upload]) -> Sequence[Upload]:
    """Which of its files a message has after this edit. Raises ``UploadUnknown`` or ``Empty``."""
    if not isinstance(command, EditFiles):
        return uploads
    stay = {upload.id for upload in uploads} if command.uploads is None else set(command.uploads)
    left = [upload for upload in uploads if upload.id in stay]
    if unknown := stay - {upload.id for upload in left}:
        raise UploadUnknown("The message has no such file.", field="uploads", upload=min(unknown))
    if not left and not command.content:
        raise Empty(field="content")
    return left
