"""What survives of one room, in memory: it applies what is stored, and says what is told of it.

Written from the contract, and as plainly as it can be: nothing is kept that could be made from the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import replace

from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.likeness import digests
from chatapp.rooms.attendance.names import HoldersOf, NameGivenUp, NameHolder, NameRecord
from chatapp.rooms.attendance.sessions import SessionRecord, SessionsOf
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, change_bodies, quotes
from chatapp.rooms.messages.changes import MessageChanged, ReactionSet
from chatapp.rooms.messages.known_targets import target_of
from chatapp.rooms.messages.mentions import CalledAs, MentionsSet, are_alike
from chatapp.rooms.messages.pages import first_rows, is_row
from chatapp.rooms.messages.recent_ids import Known, KnownIds
from chatapp.rooms.messages.recovery import Range, RowsAfter
from chatapp.rooms.messages.tail import Floor, Newest
from chatapp.rooms.messages.targets import ReactionKey, Reactions, ReactionsOf, ReactionsOn, Target, Targets
from chatapp.rooms.messages.uploads import Readiness, Sendable, Upload, UploadsBound, UploadsFor, UploadsKept
from chatapp.rooms.reading import ReadRecord, ReadsOf


@dataclass
class Storage:
    retention_ms: int
    events: list[RoomEvent] = field(default_factory=list)  # as they are stored
    reactions: dict[ReactionKey, ReactionSet] = field(default_factory=dict)
    uploads: dict[str, Sendable] = field(default_factory=dict)
    bound: dict[str, int] = field(default_factory=dict)  # to which message each upload
    sessions: dict[tuple[str, str], SessionRecord] = field(default_factory=dict)
    reads: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, str], int] = field(default_factory=dict)  # (likeness, user id): since when
    mentions: dict[tuple[str, int], int] = field(default_factory=dict)  # (user id, seq): the target
    live_nodes: set[str] = field(default_factory=lambda: {"here"})
    readers: dict[type[Question], Callable[[Any], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.readers[CalledAs] = self._called_as
        self.readers |= {
            KnownIds: self._known,
            Range: lambda q: first_rows(q.limit, [e for e in self.told(q.cutoff) if e.seq > q.after]),
            RowsAfter: lambda q: sum(e.seq > q.after and is_row(e) for e in self._younger(q.cutoff)),
            Newest: lambda q: first_rows(q.limit, reversed(self.told(q.cutoff)))[::-1],
            Floor: self._floor,
            Targets: self._targets,
            UploadsFor: lambda q: {id_: self.uploads[id_] for id_ in q.ids if id_ in self.uploads},
            ReactionsOn: self._reactions_on,
            ReactionsOf: self._reactions_of,
            SessionsOf: lambda q: [self.sessions[key] for key in q.devices if key in self.sessions],
            ReadsOf: lambda q: {user: self.reads[user] for user in q.user_ids if user in self.reads},
            HoldersOf: self._holders,
        }

    # --- writing --------------------------------------------------------------------------

    def store(self, turn: Turn) -> None:
        for event in turn.events:
            assert event.seq == len(self.events) + 1
            assert not self.events or event.ts >= self.events[-1].ts
            self.events.append(event)
        keys = []
        for record in turn.records:
            if isinstance(record, SessionRecord):
                keys.append((record.user_id, record.device))
                self.sessions[keys[-1]] = record
            elif isinstance(record, ReadRecord):
                self.reads[record.user_id] = max(record.seq, self.reads.get(record.user_id, 0))
            elif isinstance(record, NameRecord):
                self.names[record.likeness, record.user_id] = record.at
            elif isinstance(record, MessageChanged):
                self._change(record)
            elif isinstance(record, ReactionSet):
                self._set_reaction(record)
            elif isinstance(record, MentionsSet):
                self._set_mentions(record)
            elif isinstance(record, UploadsBound):
                self._bind(record)
            elif isinstance(record, UploadsKept):
                self._keep(record)
            else:
                assert isinstance(record, NameGivenUp)
                del self.names[record.likeness, record.user_id]
        assert len(keys) == len(set(keys)), "one row a session and batch"

    def _bind(self, record: UploadsBound) -> None:
        row = self.events[record.seq - 1]
        assert (row.type, row.user_id, row.ts) == ("message", record.user_id, record.ts)
        for id_ in record.ids:
            held = self.uploads[id_]
            assert held.readiness is Readiness.READY
            assert held.user_id == record.user_id
            assert not held.is_bound, "an upload has one message"
            self.uploads[id_] = replace(held, is_bound=True)
            self.bound[id_] = record.seq

    def _keep(self, record: UploadsKept) -> None:
        gone = {id_ for id_, seq in self.bound.items() if seq == record.seq} - set(record.ids)
        assert gone
        self.uploads = {id_: held for id_, held in self.uploads.items() if id_ not in gone}
        self.bound = {id_: seq for id_, seq in self.bound.items() if id_ not in gone}

    def upload(
        self, id_: str, user_id: str, readiness: Readiness = Readiness.READY, *, why: str = "", **told: Any
    ) -> Upload:
        """A file is there; returns what will be told of it."""
        upload = Upload(id=id_, **{"name": f"{id_}.txt", "type": "text/plain", "size": 3, **told})
        self.uploads[id_] = Sendable(
            user_id=user_id, readiness=readiness, is_bound=False, upload=upload, why=why
        )
        return upload

    def _change(self, record: MessageChanged) -> None:
        row = self.events[record.seq - 1]
        assert (row.id, row.type) == (record.id, "message")
        assert row.user_name == record.user_name
        if row.ts <= record.cutoff or bodies.is_deleted(row.body):
            return
        row = replace(row, body=record.body, content_hash=b"", rev=record.rev)
        if record.is_deleted:
            row = replace(row, target=0, target_ts=0)
            self.reactions = {k: v for k, v in self.reactions.items() if k.target != record.seq}
        self.events[record.seq - 1] = row

    def _set_reaction(self, record: ReactionSet) -> None:
        row = self.events[record.target - 1]
        assert (row.id, row.type, row.ts) == (record.target_id, "message", record.ts)
        if row.ts <= record.cutoff or bodies.is_deleted(row.body):
            return
        key = ReactionKey(record.target, record.emoji, record.user_id)
        if record.on:
            since = min(
                (r.seq for r in self._on(record.target) if r.emoji == record.emoji), default=record.seq
            )
            self.reactions[key] = replace(record, seq=since)
        else:
            self.reactions.pop(key, None)
        self.events[record.target - 1] = replace(row, rev=record.seq)

    def _set_mentions(self, record: MentionsSet) -> None:
        assert self.events[record.target - 1].ts == record.ts
        for row in record.no_longer:
            assert self.mentions.pop(row) == record.target
        for row in record.called:
            assert row not in self.mentions
            self.mentions[row] = record.target

    # --- reading --------------------------------------------------------------------------

    def load(self, questions: Iterable[Question]) -> list[tuple[Question, Any]]:
        return [(question, self.readers[type(question)](question)) for question in questions]

    def told(self, cutoff: int) -> list[RoomEvent]:
        return [self._told(event, cutoff) for event in self._younger(cutoff)]

    def _told(self, event: RoomEvent, cutoff: int) -> RoomEvent:
        target = self.events[event.target - 1] if event.target and event.type != "delete" else None
        if target is not None and target.ts <= cutoff:
            target = None
        body = event.body
        if event.type == "message":
            body = bodies.told(body, quote=self._quote(event, target), reactions=self._counts(event.seq))
        elif event.type == "edit":
            body = change_bodies.edit_told(change_bodies.edit_target(body), target.body if target else None)
        return replace(event, body=body, target_ts=target.ts if target else 0)

    def _quote(self, event: RoomEvent, target: RoomEvent | None) -> quotes.Quote | None:
        if not event.target:
            return None
        if target is None:
            return quotes.expired_quote(event.target)
        return bodies.quote_of(
            target.body, seq=target.seq, ts=target.ts, user_id=target.user_id, user_name=target.user_name
        )

    def _on(self, seq: int) -> list[ReactionSet]:
        return sorted(
            (record for key, record in self.reactions.items() if key.target == seq),
            key=lambda record: (record.seq, record.emoji),
        )

    def _counts(self, seq: int) -> dict[str, int]:
        counts: dict[str, int] = {}
        for record in self._on(seq):
            counts[record.emoji] = counts.get(record.emoji, 0) + 1
        return counts

    def _reactions_on(self, asked: ReactionsOn) -> Reactions:
        return Reactions(
            counts={seq: counts for seq in asked.targets if (counts := self._counts(seq))},
            existing=frozenset(key for key in asked.keys if key in self.reactions),
        )

    def _reactions_of(self, asked: ReactionsOf) -> dict[str, dict[int, list[str]]]:
        found: dict[str, dict[int, list[str]]] = {}
        for record in sorted(self.reactions.values(), key=lambda r: (r.target, r.seq, r.emoji)):
            if record.user_id in asked.user_ids and record.target > asked.after:
                found.setdefault(record.user_id, {}).setdefault(record.target, []).append(record.emoji)
        return found

    def _targets(self, asked: Targets) -> dict[int, Target]:
        told = {event.seq: target_of(event) for event in self.told(asked.cutoff)}
        return {seq: target for seq in asked.seqs if (target := told.get(seq)) is not None}

    def present(self) -> list[SessionRecord]:
        return [
            msgspec.structs.replace(record, node_is_live=record.node_id in self.live_nodes)
            for record in self.sessions.values()
            if record.is_present
        ]

    def _known(self, asked: KnownIds) -> dict[tuple[str, str], Known]:
        known = {(e.user_id, e.client_id): e for e in self.events}
        return {
            key: Known(seq=e.seq, id=e.id, ts=e.ts, content_hash=e.content_hash)
            for key in asked.keys
            if (e := known.get(key))
        }

    def _holders(self, asked: HoldersOf) -> list[NameHolder]:
        return [
            NameHolder(likeness=likeness, user_id=user, at=at, wrote_at=self._wrote_at(user, asked.cutoff))
            for (likeness, user), at in self.names.items()
            if any(likeness in (*w.likenesses, *w.offered()) or user == w.user_id for w in asked.wanted)
        ]

    def _called_as(self, asked: CalledAs) -> set[tuple[str, str]]:
        return {one for one in asked.people if self._is_known_as(*one, asked.cutoff)}

    def _is_known_as(self, user: str, name: str, cutoff: int) -> bool:
        was_here = (s for s in self.sessions.values() if s.is_present or s.seen_at > cutoff)
        return any(s.user_id == user and are_alike("lobby", s.name, name) for s in was_here) or any(
            (likeness, user) in self.names for likeness in digests("lobby", name)
        )

    def _wrote_at(self, user: str, cutoff: int) -> int | None:
        return max((e.ts for e in self._younger(cutoff) if e.user_id == user), default=None)

    def _floor(self, asked: Floor) -> tuple[int, int] | None:
        left = (e for e in self._younger(asked.cutoff) if e.seq >= asked.start)
        return next(((e.seq, e.ts) for e in left), None)

    def _younger(self, cutoff: int) -> Sequence[RoomEvent]:
        return [e for e in self.events if e.ts > cutoff]
