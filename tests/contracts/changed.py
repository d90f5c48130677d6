"""A room in which messages are answered, changed and reacted to, as its owner would store it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from chatapp.kernel.ports import Lease, Outcome
from chatapp.rooms.events import Record, RoomEvent
from chatapp.rooms.messages import bodies, change_bodies, quotes
from chatapp.rooms.messages.changes import MessageChanged, ReactionSet
from chatapp.rooms.messages.targets import TargetId, Targets
from chatapp.rooms.messages.uploads import Upload
from chatapp.store.log.texts import WORDS
from chatapp.store.models import events, reactions
from tests.contracts.worlds import DatabaseWorld, event, write

EDITED_AT = 77


class Batch:
    """What becomes of a log at once: each step is an event with the next seq, and its records."""

    def __init__(self, room: str, head: int, ts: int | None = None) -> None:
        """``ts`` of all of it; None: 1000 × seq."""
        self.events: list[RoomEvent] = []
        self.records: list[Record] = []
        self._room = room
        self._head = head
        self._ts = ts

    def say(
        self,
        content: str,
        *,
        answers: RoomEvent | None = None,
        uploads: Sequence[Upload] = (),
        **more: Any,
    ) -> RoomEvent:
        reply_to = None if answers is None else target_of(answers)
        return self._log(
            "message",
            bodies.said(content, reply_to, uploads),
            target=0 if answers is None else answers.seq,
            **more,
        )

    def edit(
        self, target: RoomEvent, content: str, *, cutoff: int = 0, uploads: Sequence[Upload] | None = None
    ) -> RoomEvent:
        said = self._log(
            "edit", change_bodies.edit_stored(target_of(target)), target=target.seq, content_hash=b""
        )
        stored = bodies.stored(target.body)
        body = bodies.edited(stored, content, at=EDITED_AT, seq=said.seq, uploads=uploads)
        self._change(target, said.seq, body, cutoff)
        return said

    def delete(self, target: RoomEvent, *, cutoff: int = 0) -> RoomEvent:
        said = self._log(
            "delete", change_bodies.delete_told(target_of(target)), target=target.seq, content_hash=b""
        )
        self._change(target, said.seq, bodies.tombstone(EDITED_AT), cutoff, is_deleted=True)
        return said

    def react(
        self, target: RoomEvent, emoji: str, *names: str, on: bool = True, cutoff: int = 0, user_id: str = ""
    ) -> RoomEvent:
        """By people of these names; their ids are made of them, unless one is given."""
        told = change_bodies.react_told(
            change_bodies.ReactionChange(
                target=target_of(target),
                emoji=emoji,
                user=quotes.Author(id=user_id or f"u_{name}", name=name),
                on=on,
                count=1,
            )
            for name in names
        )
        said = self._log("react", told, user_id="", user_name="", content_hash=b"")
        self.records += [
            ReactionSet(
                room_id=self._room,
                target=target.seq,
                target_id=target.id,
                emoji=emoji,
                user_id=user_id or f"u_{name}",
                on=on,
                seq=said.seq,
                ts=target.ts,
                cutoff=cutoff,
            )
            for name in names
        ]
        return said

    def _change(
        self, target: RoomEvent, rev: int, body: bytes, cutoff: int, *, is_deleted: bool = False
    ) -> None:
        self.records.append(
            MessageChanged(
                room_id=self._room,
                seq=target.seq,
                id=target.id,
                rev=rev,
                cutoff=cutoff,
                user_name=target.user_name,
                body=body,
                is_deleted=is_deleted,
            )
        )

    def _log(self, type_: str, body: bytes, **more: Any) -> RoomEvent:
        seq = self._head + len(self.events) + 1
        ts = 1000 * seq if self._ts is None else self._ts
        said = event(self._room, seq, **{"type": type_, "body": body, "ts": ts, **more})
        self.events.append(said)
        return said


class ChangingRoom:
    """``ts`` is 1000 × seq."""

    def __init__(self, world: DatabaseWorld, room: str = "lobby") -> None:
        self.world = world
        self.room = room
        self.lease: Lease = world.acquire(room, world.node()).lease
        self.head = 0
        self.history = world.store.history

    def batch(self) -> Batch:
        return Batch(self.room, self.head)

    def commit(self, batch: Batch) -> None:
        stored = write(self.lease, *batch.events, after=self.head, records=batch.records)
        assert self.world.commit([stored]) == [Outcome.COMMITTED]
        self.head += len(batch.events)

    def say(self, *contents: str) -> list[RoomEvent]:
        batch = self.batch()
        said = [batch.say(content) for content in contents]
        self.commit(batch)
        return said

    def do(self, step: str, *given: Any, **more: Any) -> RoomEvent:
        """One step, in a commit of its own."""
        batch = self.batch()
        done: RoomEvent = getattr(batch, step)(*given, **more)
        self.commit(batch)
        return done

    # --- what is read ---------------------------------------------------------------------

    def told(self, cutoff: int = 0) -> dict[int, RoomEvent]:
        """All of the log."""
        return {told.seq: told for told in self.history.tail(self.room, 1000, cutoff)}

    def body(self, seq: int, cutoff: int = 0) -> Any:
        return msgspec.json.decode(self.told(cutoff)[seq].body)

    def targets(self, *seqs: int, cutoff: int = 0) -> dict[int, Any]:
        ((_, found),) = self.world.store.load(self.lease, [Targets(seqs=seqs, cutoff=cutoff)])
        return dict(found)

    def words(self) -> list[str | None]:
        """Of each event, as they are stored."""
        with self.world.store.database.reading() as connection:
            query = select(WORDS).where(events.c.room_id == self.room).order_by(events.c.seq)
            return list(connection.scalars(query))

    def reactions(self) -> list[tuple[Any, ...]]:
        columns = (
            reactions.c.target,
            reactions.c.emoji,
            reactions.c.user_id,
            reactions.c.seq,
            reactions.c.ts,
        )
        with self.world.store.database.reading() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def target_of(said: RoomEvent) -> TargetId:
    return TargetId(seq=said.seq, id=said.id)


def seqs_of(found: Sequence[RoomEvent]) -> list[int]:
    return [each.seq for each in found]
