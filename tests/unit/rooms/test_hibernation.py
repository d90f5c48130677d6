"""A room that sleeps whenever it may looks, to everybody in it, like one that never slept.

Two houses hear the same words. In one the room is put away whenever nothing is left to wait for
and nobody has spoken for one interval of telling (a node waits much longer). Answers, and what
each client believes, must be equal after each step.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.errors import ChatError
from chatapp.rooms.attendance.people import PersonJoined, PersonLeft
from chatapp.rooms.attendance.presence import Presence, PresenceChanged
from chatapp.rooms.attendance.typists import TypingChanged
from chatapp.rooms.changing import DeleteMessage, EditMessage
from chatapp.rooms.commands import Member
from chatapp.rooms.events import Broadcast, RoomEvent
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages.aspect import Messages, PostFiles, PostMentioning, PostReply
from chatapp.rooms.messages.bodies import Mention
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.messages.uploads import Readiness
from chatapp.rooms.reacting import React
from chatapp.rooms.reading import ReadMoved
from tests.unit.rooms.house import (
    House,
    attach,
    call,
    delete,
    disconnect,
    edit,
    edit_calling,
    edit_files,
    files,
    get_presence,
    join,
    kinds,
    leave,
    member,
    post,
    react,
    reaction,
    read,
    reply,
    rules,
    typing,
)
from tests.unit.rooms.screen import Screen

TIGHT = rules(
    retention_ms=20_000,
    page_limit=3,
    recovery_limit=6,
    remembered_ids=2,
    ids_looked_up_after_wake_ms=0,
    presence_names_limit=3,
    typing_names_limit=2,
    emoji_limit=2,
    here_limit=2,
)

PEOPLE = [
    member("ana"),
    member("ana", connection="ana/twin"),
    member("ana", device="phone", name="Anna"),
    member("ben"),
    member("cleo", name="ana"),
    member("dan", lingers=False),
    member("eve", name="Ben", lingers=False),
]

who = st.sampled_from(PEOPLE)
client_ids = st.sampled_from(["c1", "c2", "c3", "c4", "c5", "c6"])
places = st.builds(TargetId, seq=st.integers(0, 9), id=st.just("?"))  # whichever message is there then
bases = st.none() | st.integers(1, 9)
reactions = st.builds(reaction, who, places, st.sampled_from(["👍", "🎉", "❤️"]), on=st.booleans())
UPLOADS = {f"u{n}": owner for n, owner in enumerate(["ana", "ana", "ana", "ben", "cleo", "eve"])}
uploads = st.lists(st.sampled_from([*UPLOADS, "late", "bad"]), min_size=1, max_size=2, unique=True)
sent = st.builds(
    lambda who, client_id, ids, to: files(who, client_id, "", *ids, reply_to=to, is_retry=True),
    who,
    client_ids,
    uploads,
    st.none() | places,
)
mentions = st.sampled_from(
    [
        Mention(id="ana", name="Ana"),
        Mention(id="ana", name="Anna"),
        Mention(id="ben", name="Ben"),
        Mention(id="cleo", name="ana"),
        Mention(id="dan", name="Dan"),
        Mention(id="", name="here"),
    ]
)
CALLING = "@Ana @Anna @Ben @ana @Dan @here"


def _calling(who: Member, client_id: str, called: list[Mention], to: TargetId | None) -> Any:
    return call(who, client_id, CALLING, *called, to=to, is_retry=True)


def _edit_calling(who: Member, client_id: str, to: TargetId, called: list[Mention]) -> Any:
    return edit_calling(who, client_id, to, CALLING, *called, is_retry=True)


called = st.lists(mentions, max_size=3)
changes = st.one_of(
    sent,
    st.builds(_calling, who, client_ids, called, st.none() | places),
    st.builds(_edit_calling, who, client_ids, places, called),
    st.builds(
        edit_files,
        who,
        client_ids,
        places,
        st.sampled_from(["", "a"]),
        st.none() | uploads,
        is_retry=st.just(True),
    ),
    st.builds(reply, who, client_ids, st.just("re"), places, is_retry=st.just(True)),
    st.builds(edit, who, client_ids, places, st.sampled_from("ab"), base=bases, is_retry=st.just(True)),
    st.builds(delete, who, client_ids, places, is_retry=st.just(True)),
    st.lists(reactions, min_size=1, max_size=3).map(lambda each: react(*each)),
)
words = st.one_of(
    st.builds(
        join,
        who,
        since=st.none() | st.integers(0, 12),
        stream=st.sampled_from(["s1", "s1", "s1", "s0"]),
        limit=st.integers(0, 4),
        attachment=st.none() | st.sampled_from(["1", '{"a":1}']),
    ),
    st.builds(leave, who),
    st.builds(disconnect, who),
    # Everybody says that it repeats itself: whoever does not is held by the log's unique key, not the room.
    st.builds(
        post,
        who,
        client_ids,
        st.sampled_from(["x", "x", "y"]),
        is_retry=st.just(True),
    ),
    changes,
    st.builds(typing, who, on=st.booleans()),
    st.builds(read, who, st.integers(0, 12)),
    st.builds(attach, who, st.sampled_from(["2", '{"b":2}', '{"a":null}']), is_merge=st.booleans()),
    st.builds(attach, who, st.just("3"), version=st.integers(0, 3)),
    st.builds(get_presence, who),
)
batches = st.lists(words, min_size=1, max_size=4)
pauses = st.sampled_from([1, 100, 250, 2_000, 6_000, 15_000, 20_001])
steps = st.lists(batches | pauses, max_size=25)


class Client:
    """What one connection makes of all it is told."""

    def __init__(self, joined: Joined) -> None:
        self.log: list[int] = []
        self.screen = Screen()
        self.screen.read(joined.events)
        self.typing: set[str] = set()
        self.typing_until = 0
        self.read = joined.read_seq
        self.lines: list[str] = []
        self.take(joined.presence)

    def take(self, presence: Presence) -> None:
        self.version, self.count = presence.version, presence.count
        self.people = None if presence.people is None else {person.id: person for person in presence.people}

    def hear(self, me: str, word: Broadcast, now_ms: int) -> None:
        match word:
            case RoomEvent(seq=seq):
                self.log.append(seq)
                self.screen.hear(word)
            case PresenceChanged():
                self._change(word)
            case TypingChanged(people=people, ttl_ms=ttl_ms):
                self.typing = {person.id for person in people}
                self.typing_until = now_ms + ttl_ms
            case ReadMoved(user_id=user_id, seq=seq) if user_id == me:
                self.read = seq
            case PersonJoined(person=person) | PersonLeft(person=person):
                self.lines.append(f"{type(word).__name__} {person.id}")

    def _change(self, change: PresenceChanged) -> None:
        epoch, number = self.version
        if change.is_full:
            self.people = {person.id: person for person in change.people or ()}
        elif change.people is None:
            self.people = None
        else:
            assert change.version == (epoch, number + 1), "a hole, and nothing that says so"
            assert self.people is not None
            for person in (*change.joined, *change.changed):
                self.people[person.id] = person
            for person in change.left:
                self.people.pop(person.id, None)
            assert self.people == {person.id: person for person in change.people}
        assert change.version > self.version
        self.version, self.count = change.version, change.count

    def view(self) -> Any:
        return (self.log, self.screen.rows, self.people, self.count, self.typing, self.read, self.lines)


class Watched(House):
    """A house whose clients keep what they believe."""

    def __init__(self, *, sleeps: bool, interval_ms: int) -> None:
        self.sleeps = sleeps
        self.spoken_at = 0
        self.clients: dict[str, Client] = {}
        super().__init__(replace(TIGHT, presence_interval_ms=interval_ms))
        for id_, owner in UPLOADS.items():
            self.storage.upload(id_, owner)
        self.storage.upload("late", "ana", Readiness.WAITING)
        self.storage.upload("bad", "ana", Readiness.REFUSED)

    def say(self, *batch: Any, **more: Any) -> list[Any]:
        batch = tuple(map(self._meant, batch))
        answers = super().say(*batch, **more)
        for connection_id in self.listeners:
            for word in self.said:
                self.clients[connection_id].hear(connection_id.split("/")[0], word, self.now)
        for command, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Joined):
                self._answered(command.member, answer)
        self.clients = {key: client for key, client in self.clients.items() if key in self.audience}
        self.spoken_at = self.now
        self.check_memory()
        self._sleep_if_quiet()
        return answers

    def _meant(self, command: Any) -> Any:
        match command:
            case PostReply() | PostFiles() | PostMentioning() if command.reply_to is not None:
                return msgspec.structs.replace(command, reply_to=self._at(command.reply_to))
            case EditMessage(target=place) | DeleteMessage(target=place):
                return msgspec.structs.replace(command, target=self._at(place))
            case React(changes=changes):
                meant = [msgspec.structs.replace(each, target=self._at(each.target)) for each in changes]
                return msgspec.structs.replace(command, changes=tuple(meant))
            case _:
                return command

    def _at(self, place: TargetId) -> TargetId:
        is_there = 0 < place.seq <= len(self.storage.events)
        return TargetId(seq=place.seq, id=self.storage.events[place.seq - 1].id) if is_there else place

    def check_screens(self) -> None:
        """Whatever somebody has on their screen, they have as it is."""
        cutoff = self.now - self.rules.retention_ms
        told = {e.seq: (e.rev or e.seq, json.loads(e.body)) for e in self.storage.told(cutoff)}
        for client in self.clients.values():
            for seq, held in client.screen.rows.items():
                if seq in told and not told[seq][1].get("quote", {}).get("expired"):
                    assert held == told[seq]

    def check_memory(self) -> None:
        """What the room remembers of its log is what would be read of it."""
        (messages,) = [aspect for aspect in self.room.aspects if isinstance(aspect, Messages)]
        remembered = messages.tail.newest(len(self.storage.events))
        told = self.storage.told(self.spoken_at - self.rules.retention_ms)
        assert remembered == told[len(told) - len(remembered) :]

    def pass_time(self, ms: int) -> list[Any]:
        said = super().pass_time(ms)
        self._sleep_if_quiet()
        return said

    def _sleep_if_quiet(self) -> None:
        is_quiet = self.room.deadline_ms is None
        if self.sleeps and is_quiet and self.now - self.spoken_at >= self.rules.presence_interval_ms:
            self.wake()

    def _answered(self, newcomer: Member, joined: Joined) -> None:
        if newcomer.connection_id in self.clients:
            self.clients[newcomer.connection_id].take(joined.presence)
        else:
            self.clients[newcomer.connection_id] = Client(joined)

    def views(self) -> dict[str, Any]:
        return {connection_id: client.view() for connection_id, client in self.clients.items()}


def seen(answer: Any) -> Any:
    """An answer without the version's numbers, which differ from life to life."""
    match answer:
        case ChatError():
            return (type(answer).__name__, answer.extra)
        case Presence():
            return msgspec.structs.replace(answer, version=(0, 0), people=_sorted(answer.people))
        case Joined():
            return msgspec.structs.replace(answer, presence=seen(answer.presence))
        case _:
            return answer


def _sorted(people: Any) -> Any:
    return None if people is None else sorted(people, key=lambda person: person.id)


@settings(max_examples=400, deadline=None)
@given(steps, st.sampled_from([0, 250]))
def test_sleeping_whenever_possible_changes_nothing_that_anybody_sees(
    steps: list[Any], interval_ms: int
) -> None:
    _live_twice(steps, interval_ms)


STAYING = [member("ana"), member("ana", device="phone"), member("ben")]
stays = st.sampled_from(STAYING)
new_ids = st.sampled_from([f"n{n}" for n in range(12)])
near = st.builds(TargetId, seq=st.integers(1, 5), id=st.just("?"))
files_sent = st.builds(
    lambda who, client_id, ids, to: files(who, client_id, "", *ids, reply_to=to, is_retry=True),
    stays,
    new_ids,
    st.lists(st.sampled_from(["u0", "u1", "u2", "u3"]), min_size=1, max_size=2, unique=True),
    st.none() | near,
)
spoken = st.one_of(
    files_sent,
    st.builds(
        edit_files,
        stays,
        new_ids,
        near,
        st.sampled_from(["", "a"]),
        st.none() | uploads,
        is_retry=st.just(True),
    ),
    st.builds(post, stays, new_ids, st.sampled_from("xy"), is_retry=st.just(True)),
    st.builds(reply, stays, new_ids, st.just("re"), near, is_retry=st.just(True)),
    st.builds(_calling, stays, new_ids, called, st.none() | near),
    st.builds(_edit_calling, stays, new_ids, near, called),
    st.builds(edit, stays, new_ids, near, st.sampled_from("ab"), base=bases, is_retry=st.just(True)),
    st.builds(edit, stays, new_ids, near, st.sampled_from("ab"), is_retry=st.just(True)),
    st.builds(delete, stays, new_ids, near, is_retry=st.just(True)),
    st.builds(
        reaction, stays, near, st.sampled_from(["👍", "🎉", "❤️"]), on=st.sampled_from([True, True, False])
    ).map(react),
    st.builds(
        join,
        st.sampled_from([member("cleo"), STAYING[1]]),
        since=st.none() | st.integers(0, 12),
        limit=st.integers(0, 4),
    ),
)
conversations = st.lists(
    st.lists(spoken, min_size=1, max_size=4) | st.sampled_from([100, 250, 250, 7_000]), max_size=30
)


@settings(max_examples=200, deadline=None)
@given(conversations)
def test_a_room_that_sleeps_between_changes_looks_like_one_that_never_slept(steps: list[Any]) -> None:
    """Those who stay edit, take back, answer and react; somebody comes in at any place of the log."""
    first = TargetId(seq=1, id="?")
    opening = [[files(STAYING[0], "o1", "x", "u0")], [reply(STAYING[1], "o2", "re", first)]]
    _live_twice([[join(person) for person in STAYING], *opening, 250, *steps], interval_ms=250)


def _live_twice(steps: list[Any], interval_ms: int) -> None:
    awake = Watched(sleeps=False, interval_ms=interval_ms)
    sleepy = Watched(sleeps=True, interval_ms=interval_ms)
    for step in [*steps, 30_000, [get_presence(person) for person in PEOPLE]]:
        if isinstance(step, int):
            assert sorted(kinds(awake.pass_time(step))) == sorted(kinds(sleepy.pass_time(step)))
        else:
            answers = [list(map(seen, house.say(*step))) for house in (awake, sleepy)]
            assert answers[0] == answers[1]
        assert awake.views() == sleepy.views()
        awake.check_screens()
    assert awake.storage.events == sleepy.storage.events
    assert awake.storage.reactions == sleepy.storage.reactions
    assert awake.storage.mentions == sleepy.storage.mentions
    assert awake.storage.bound == sleepy.storage.bound
    assert awake.storage.reads == sleepy.storage.reads
    assert sleepy.epoch > 1
    assert awake.epoch == 1


@settings(max_examples=300, deadline=None)
@given(st.lists(batches | pauses | st.sampled_from(["drop", "fail"]), max_size=25))
def test_after_drops_and_failed_commits_everybody_s_view_becomes_true(steps: list[Any]) -> None:
    house = Watched(sleeps=False, interval_ms=250)
    for step in steps:
        if isinstance(step, int):
            house.pass_time(step)
        elif step == "drop":
            house.wake(was_released=False)
        elif step == "fail":
            House.say(house, leave(PEOPLE[0]), join(PEOPLE[3]), store=False)  # nobody hears of it
            house.wake(was_released=False)
        else:
            house.say(*step)
            house.check_screens()
    house.pass_time(60_000)

    for connection_id, client in house.clients.items():
        truth = house.ask(get_presence(house.audience[connection_id]))
        people = None if truth.people is None else {person.id: person for person in truth.people}
        assert (client.people, client.count) == (people, truth.count)
        assert not client.typing or client.typing_until <= house.now
        assert all(person.lost_at is None for person in truth.people or ())
        everybody = {listener.user_id for listener in house.audience.values()}
        signed_in = {listener.user_id for listener in house.audience.values() if listener.lingers}
        assert set(people or {}) in (set(), signed_in, everybody)
