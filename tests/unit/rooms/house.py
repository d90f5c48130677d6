"""A room with everything around it in memory: storage that applies writes, and clients that listen.

Time stands still until a test moves it. ``House.say`` is one batch; its broadcasts reach those
who were in the audience, and entrances follow, as the kernel does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from chatapp.errors import ChatError
from chatapp.kernel.durable_object import Deferred, Turn
from chatapp.kernel.ports import Acquired, Lease
from chatapp.rooms.aspect import Question
from chatapp.rooms.attachments import Attach
from chatapp.rooms.attendance.aspect import Disconnect, GetPresence, Leave, SetTyping, SignOut, SyncSessions
from chatapp.rooms.attendance.people import Person
from chatapp.rooms.changing import DeleteMessage, EditFiles, EditMentioning, EditMessage
from chatapp.rooms.commands import Cursor, Join, Member, Tick
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages.aspect import Posted, PostFiles, PostMentioning, PostMessage, PostReply
from chatapp.rooms.messages.bodies import Mention
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.reacting import React, Reaction
from chatapp.rooms.reading import MarkRead
from chatapp.rooms.room import ANSWERS, Room
from chatapp.rooms.rules import RoomRules
from tests.room_rules import RULES
from tests.unit.rooms.storage import Storage

START = 1_000_000_000
HOUR = 3_600_000


def member(user: str, *, device: str = "tab", connection: str | None = None, **more: Any) -> Member:
    return Member(
        user_id=user,
        name=more.pop("name", user.title()),
        device=device,
        connection_id=connection or f"{user}/{device}",
        node_id=more.pop("node", "here"),
        **more,
    )


class House:
    def __init__(self, rules: RoomRules | None = None) -> None:
        self.rules = rules or RULES
        self.storage = Storage(self.rules.retention_ms)
        self.now = START
        self.epoch = 0
        self.ids = 0
        self.asked: list[Question] = []
        self.audience: dict[str, Member] = {}
        self.heard: dict[str, list[Any]] = {}
        self.said: list[Any] = []  # the broadcasts of the last batch,
        self.listeners: list[str] = []  # and the connections that heard them
        self.wake()

    # --- waking ---------------------------------------------------------------------------

    def wake(self, *, was_released: bool = True) -> None:
        self.epoch += 1
        last = self.storage.events[-1] if self.storage.events else None
        lease = Lease(
            room_id="lobby",
            stream_id="s1",
            node_id="here",
            epoch=self.epoch,
            last_seq=last.seq if last else 0,
            last_at=last.ts if last else 0,
        )
        acquired = Acquired(lease=lease, memory=self.storage.present(), was_released=was_released)
        self.room = Room(acquired, list(self.audience.values()), self.now, self.rules, self._new_id)

    def restart(self) -> None:
        """The node was killed: connections are gone, and what it owned belongs to a dead one."""
        self.audience.clear()
        for key, record in self.storage.sessions.items():
            self.storage.sessions[key] = msgspec.structs.replace(record, node_id="dead")
        self.wake(was_released=False)

    def _new_id(self) -> str:
        self.ids += 1
        return f"id-{self.ids}"

    # --- batches --------------------------------------------------------------------------

    def say(self, *batch: Any, store: bool = True, decided_after_ms: int = 0) -> list[Any]:
        """One batch. With ``store`` False its commit fails: nothing of it was ever there."""
        questions = self.room.need(batch, self.now)
        if questions is not None:
            self.asked += questions
            self.room.learn(self.storage.load(questions))
        self.now += decided_after_ms
        turn = Turn(self.now)
        answers = [self._handle(command, turn) for command in batch]
        self.room.finish(turn)
        answers = [answer.make() if isinstance(answer, Deferred) else answer for answer in answers]
        for answer in answers:  # from another node nothing else can be read
            assert answer is None or isinstance(answer, (ChatError, *ANSWERS)), f"undeclared: {answer}"
        if store:
            self.storage.store(turn)
            self._tell(turn)
        return answers

    def ask(self, command: Any) -> Any:
        """One command alone; a refusal is raised."""
        (answer,) = self.say(command)
        if isinstance(answer, ChatError):
            raise answer
        return answer

    def asked_for(self, *kinds: type[Question]) -> list[Any]:
        """What the room has asked storage, of these kinds."""
        return [question for question in self.asked if isinstance(question, kinds)]

    def _handle(self, command: Any, turn: Turn) -> Any:
        try:
            return self.room.handle(command, turn)
        except ChatError as refusal:
            return refusal

    def _tell(self, turn: Turn) -> None:
        for gone in turn.exits:
            self.audience.pop(gone.connection_id, None)
        self.said = turn.broadcasts
        self.listeners = list(self.audience)
        for connection_id in self.listeners:
            self.heard.setdefault(connection_id, []).extend(turn.broadcasts)
        for newcomer in turn.entrances:
            self.audience[newcomer.connection_id] = newcomer

    def pass_time(self, ms: int) -> list[Any]:
        """Let time pass, with a tick at each deadline. Returns what was said meanwhile."""
        until, said = self.now + ms, []
        while (due := self.room.deadline_ms) is not None and due <= until:
            self.now = max(self.now, due)
            self.say(Tick(room_id="lobby"))
            said += self.said
        self.now = until
        return said

    def is_quiet(self) -> bool:
        """Whether the room may sleep."""
        return self.room.deadline_ms is None

    # --- what is said most ----------------------------------------------------------------

    def join(self, who: Member, **more: Any) -> Joined:
        joined: Joined = self.ask(join(who, **more))
        return joined

    def post(self, who: Member, client_id: str, content: str = "hi", **more: Any) -> Posted:
        posted: Posted = self.ask(post(who, client_id, content, **more))
        return posted

    def fill(self, count: int, *, author: str = "writer", every_ms: int = 0, content: str = "hi") -> None:
        """So many messages, in batches as the kernel makes them."""
        first = len(self.storage.events)
        for start in range(first, first + count, 200 if not every_ms else 1):
            size = min(200 if not every_ms else 1, first + count - start)
            self.now += every_ms
            self.say(*(http_post(author, f"fill-{start + n}", content) for n in range(size)))


def join(who: Member, *, since: int | None = None, stream: str = "s1", **more: Any) -> Join:
    cursor = None if since is None else Cursor(stream_id=stream, seq=since)
    return Join(room_id="lobby", member=who, since=cursor, **more)


def post(who: Member, client_id: str, content: str = "hi", *, is_retry: bool = False) -> PostMessage:
    return PostMessage(
        room_id="lobby",
        author_id=who.user_id,
        author_name=who.name,
        client_id=client_id,
        content=content,
        is_retry=is_retry,
        member=who,
    )


def reply(who: Member, client_id: str, content: str, to: TargetId, *, is_retry: bool = False) -> PostReply:
    return PostReply(
        room_id="lobby",
        author_id=who.user_id,
        author_name=who.name,
        client_id=client_id,
        content=content,
        reply_to=to,
        is_retry=is_retry,
        member=who,
    )


def files(
    who: Member, client_id: str, content: str, *uploads: str, reply_to: TargetId | None = None, **more: Any
) -> PostFiles:
    return PostFiles(
        room_id="lobby",
        author_id=who.user_id,
        author_name=who.name,
        client_id=client_id,
        content=content,
        uploads=uploads,
        reply_to=reply_to,
        member=more.pop("member", who),
        **more,
    )


def call(
    who: Member, client_id: str, content: str, *mentions: Mention, to: TargetId | None = None, **more: Any
) -> PostMentioning:
    """Say something that mentions these, perhaps in answer to a message."""
    return PostMentioning(
        room_id="lobby",
        author_id=who.user_id,
        author_name=who.name,
        client_id=client_id,
        content=content,
        mentions=mentions,
        reply_to=to,
        member=more.pop("member", who),
        **more,
    )


def edit_calling(
    who: Member, client_id: str, target: TargetId, content: str, *mentions: Mention, **more: Any
) -> EditMentioning:
    return EditMentioning(
        room_id="lobby",
        author_id=who.user_id,
        client_id=client_id,
        target=target,
        content=content,
        mentions=mentions,
        member=who,
        **more,
    )


def edit(who: Member, client_id: str, target: TargetId, content: str, **more: Any) -> EditMessage:
    return EditMessage(
        room_id="lobby",
        author_id=who.user_id,
        client_id=client_id,
        target=target,
        content=content,
        member=more.pop("member", who),
        **more,
    )


def edit_files(
    who: Member, client_id: str, target: TargetId, content: str, uploads: Sequence[str] | None, **more: Any
) -> EditFiles:
    return EditFiles(
        room_id="lobby",
        author_id=who.user_id,
        client_id=client_id,
        target=target,
        content=content,
        uploads=None if uploads is None else tuple(uploads),
        member=who,
        **more,
    )


def delete(who: Member, client_id: str, target: TargetId, **more: Any) -> DeleteMessage:
    return DeleteMessage(
        room_id="lobby",
        author_id=who.user_id,
        client_id=client_id,
        target=target,
        member=more.pop("member", who),
        **more,
    )


def reaction(who: Member, target: TargetId, emoji: str = "👍", *, on: bool = True, **more: Any) -> Reaction:
    return Reaction(
        user_id=who.user_id,
        name=who.name,
        target=target,
        emoji=emoji,
        on=on,
        member=more.pop("member", who),
    )


def react(*changes: Reaction) -> React:
    return React(room_id="lobby", changes=changes)


def target(posted: Posted) -> TargetId:
    return TargetId(seq=posted.seq, id=posted.id)


def http_post(author: str, client_id: str, content: str = "hi", *, is_retry: bool = False) -> PostMessage:
    return PostMessage(
        room_id="lobby",
        author_id=author,
        author_name=author,
        client_id=client_id,
        content=content,
        is_retry=is_retry,
    )


def leave(who: Member) -> Leave:
    return Leave(room_id="lobby", member=who)


def sign_out(who: Member) -> SignOut:
    return SignOut(room_id="lobby", user_id=who.user_id)


def disconnect(who: Member) -> Disconnect:
    return Disconnect(room_id="lobby", member=who)


def typing(who: Member, *, on: bool = True) -> SetTyping:
    return SetTyping(room_id="lobby", member=who, is_typing=on)


def read(who: Member, seq: int) -> MarkRead:
    return MarkRead(room_id="lobby", member=who, seq=seq)


def attach(who: Member, value: str, **more: Any) -> Attach:
    return Attach(room_id="lobby", member=who, value=value, **more)


def get_presence(who: Member) -> GetPresence:
    return GetPresence(room_id="lobby", member=who)


def snapshot(
    node_id: str, *members: Member, number: int = 1, joining: Sequence[str] = (), **more: Any
) -> SyncSessions:
    return SyncSessions(
        room_id="lobby", node_id=node_id, number=number, members=members, joining=joining, **more
    )


def kinds(said: Iterable[Any]) -> list[str]:
    return [type(word).__name__ for word in said]


def only(said: Iterable[Any], kind: type) -> list[Any]:
    return [word for word in said if isinstance(word, kind)]


def ids_of(people: Sequence[Person] | None) -> set[str]:
    return {person.id for person in people or ()}


def rules(**changes: Any) -> RoomRules:
    return replace(RULES, **changes)


ANA, BEN = member("ana"), member("ben")
