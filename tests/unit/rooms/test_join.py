"""Joining: the newcomer's view is whole, or says that it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.rooms.attendance.people import PersonJoined
from chatapp.rooms.attendance.presence import PresenceChanged
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import PAGE_BYTES, bytes_of
from chatapp.rooms.messages.recovery import Range
from chatapp.rooms.messages.tail import Floor, Newest, Tail
from tests.unit.rooms.house import (
    ANA,
    BEN,
    HOUR,
    House,
    disconnect,
    http_post,
    ids_of,
    join,
    kinds,
    leave,
    member,
    only,
    rules,
)


def seqs(events: object) -> list[int]:
    return [event.seq for event in events]  # type: ignore[attr-defined]


def test_the_first_join_finds_an_empty_room(house: House) -> None:
    joined = house.join(ANA)

    assert (joined.head, joined.floor, joined.events) == (0, 1, [])
    assert (joined.is_recovered, joined.reason, joined.has_more) == (False, None, False)
    assert (joined.room_id, joined.stream_id, joined.retention_ms) == ("lobby", "s1", 24 * HOUR)
    assert (joined.read_seq, joined.attachment, joined.attachment_version) == (0, None, 0)
    assert ids_of(joined.presence.people) == {"ana"}
    assert joined.arrival.person.name == "Ana"


def test_a_newcomer_gets_the_newest_page(house: House) -> None:
    house.fill(500)

    assert seqs(house.join(ANA).events) == list(range(401, 501))
    assert seqs(house.join(BEN, limit=10_000).events) == list(range(301, 501))


def test_a_page_of_the_longest_messages_is_bounded_in_bytes_and_nothing_is_left_out(house: House) -> None:
    house.fill(150, content="\U0001f600" * 4_000)

    new = house.join(ANA, limit=200)
    back = house.join(BEN, limit=200, since=100)

    for joined in (new, back):
        assert len(joined.events) > 1
        assert sum(map(bytes_of, joined.events)) <= PAGE_BYTES
    assert seqs(new.events) == list(range(151 - len(new.events), 151))
    assert (back.is_recovered, back.has_more) == (True, True)
    assert seqs(back.events) == list(range(101, 101 + len(back.events)))


def test_a_limit_of_nothing_brings_nothing_and_reads_nothing(house: House) -> None:
    """Somebody who wants only the head, and to hear what comes."""
    house.fill(300)
    house.wake()

    new = house.join(ANA, limit=0)
    back = [house.join(ANA, limit=0, since=since) for since in (299, 50, 300)]

    assert (seqs(new.events), new.is_recovered, new.has_more, new.head, new.floor) == (
        [],
        False,
        False,
        300,
        1,
    )
    assert [(seqs(j.events), j.is_recovered, j.has_more) for j in back] == [
        ([], True, True),
        ([], True, True),
        ([], True, False),
    ]
    assert house.asked_for(Newest, Range) == []
    house.say(http_post("x", "c1"))
    assert seqs(only(house.heard["ana/tab"], RoomEvent)) == [301]


def test_audience_and_tail_are_of_one_moment(house: House) -> None:
    """What the batch says is in the answer; what comes behind it is heard."""
    house.join(ANA)
    _, joined, _ = house.say(http_post("x", "c1"), join(BEN), http_post("x", "c2"))
    house.say(http_post("x", "c3"))

    assert (joined.head, seqs(joined.events)) == (2, [1, 2])
    assert seqs(only(house.heard["ben/tab"], RoomEvent)) == [3]
    assert ids_of(joined.presence.people) == {"ana", "ben"}


def test_the_log_is_read_once_for_a_warm_room(house: House) -> None:
    house.fill(300)
    house.wake()
    house.join(ANA)
    house.asked.clear()
    house.join(member("cleo"), since=250)
    house.fill(50)
    house.join(BEN, since=300)

    assert house.asked_for(Newest, Range, Floor) == []


@pytest.mark.parametrize("sleeps", [False, True])
@pytest.mark.parametrize("since", [0, 1, 299, 300, 799, 800, 999, 1000])
def test_who_comes_back_gets_exactly_what_was_missed(house: House, since: int, sleeps: bool) -> None:
    house.fill(1_000)
    if sleeps:
        house.wake()

    joined = house.join(ANA, since=since, limit=150)

    assert (joined.is_recovered, joined.reason) == (True, None)
    assert seqs(joined.events) == list(range(since + 1, min(since + 150, 1_000) + 1))
    assert joined.has_more == (since + 150 < 1_000)


@pytest.mark.parametrize(
    ("since", "stream", "reason"),
    [(5, "other", "stream_changed"), (2_501, "s1", "ahead"), (499, "s1", "too_far")],
)
def test_what_cannot_be_recovered_says_why_and_brings_the_newest_page(
    house: House, since: int, stream: str, reason: str
) -> None:
    house.fill(2_500)
    house.wake()

    joined = house.join(ANA, since=since, stream=stream, limit=7)

    assert (joined.is_recovered, joined.reason, joined.has_more) == (False, reason, False)
    assert seqs(joined.events) == list(range(2_494, 2_501))
    assert house.join(BEN, since=500).is_recovered


def test_equal_questions_are_read_once(house: House) -> None:
    house.fill(1_000)
    house.wake()

    house.say(join(ANA, since=300), join(BEN, since=300), join(member("cleo"), since=301))

    assert [(q.after, q.limit) for q in house.asked_for(Range)] == [(300, 100), (301, 100)]


def test_a_batch_that_pushes_out_what_a_newcomer_needs_waits_for_the_answer(house: House) -> None:
    house.fill(400)
    house.wake()
    house.join(BEN, limit=200)

    joined, *_ = house.say(join(ANA, since=201, limit=200), *(http_post("x", f"p{n}") for n in range(199)))

    assert (joined.is_recovered, joined.has_more) == (True, True)
    assert seqs(joined.events) == list(range(202, 402))


def test_memory_holds_one_page_of_the_log(house: House) -> None:
    house.fill(500)

    house.join(ANA, since=200)

    assert [(q.after, q.limit) for q in house.asked_for(Range)] == [(200, 100)]


# --- what has expired -----------------------------------------------------------------------


@pytest.mark.parametrize("sleeps", [False, True])
def test_nothing_expired_is_served_and_the_floor_says_where_the_log_begins(sleeps: bool) -> None:
    house = House(rules(retention_ms=100))
    house.fill(150, every_ms=1)  # seq n is of START + n
    if sleeps:
        house.wake()

    joined = house.join(ANA)
    assert (joined.floor, seqs(joined.events)) == (51, list(range(51, 151)))
    assert house.join(BEN, since=50).is_recovered
    late = house.join(BEN, since=49)
    assert (late.is_recovered, late.reason, seqs(late.events)) == (False, "truncated", list(range(51, 151)))

    house.now += 10
    assert house.join(BEN).floor == 61
    house.now += 1_000
    nothing = house.join(BEN, since=150)
    assert (nothing.floor, nothing.events, nothing.is_recovered) == (151, [], True)
    assert house.join(BEN, since=149).reason == "truncated"


def test_what_expires_while_it_is_being_read_is_not_served() -> None:
    house = House(rules(retention_ms=100))
    house.fill(150, every_ms=1)
    house.wake()

    (joined,) = house.say(join(ANA, since=60), decided_after_ms=20)

    assert (joined.reason, joined.floor) == ("truncated", 71)
    assert seqs(joined.events) == list(range(71, 151))


def test_a_sleeper_s_last_event_expired_long_ago_and_is_not_even_read() -> None:
    house = House(rules(retention_ms=100))
    house.fill(10)
    house.now += 200
    house.wake()

    joined = house.join(ANA, since=3)

    assert (joined.floor, joined.reason, joined.events) == (11, "truncated", [])
    assert house.asked_for(Newest, Floor) == []


def test_a_known_floor_is_not_searched_again_until_it_expires() -> None:
    house = House(rules(retention_ms=1_000))
    house.fill(500, every_ms=1)
    house.wake()
    house.join(ANA)
    house.join(BEN)
    assert [question.start for question in house.asked_for(Floor)] == [1]

    house.now += 700
    assert house.join(BEN).floor == 201
    assert [question.start for question in house.asked_for(Floor)] == [1, 2]


@given(st.lists(st.sampled_from(["append", "pass", "floor", "load", "trim"]), max_size=60), st.integers(1, 8))
def test_the_tail_never_promises_more_than_there_is(steps: list[str], limit: int) -> None:
    """Against the plain list: no expired event, no hole, no floor below the true one."""
    log: list[RoomEvent] = []
    tail, now, lifetime = Tail(head=0, last_at=0, limit=limit), 1_000, 5
    for step in steps:
        cutoff = now - lifetime
        if step == "append":
            log.append(_event(len(log) + 1, now))
            tail.append(log[-1])
        elif step == "pass":
            now += 2
        elif step == "floor" and tail.floor_unknown_from is not None:
            left = [e for e in log if e.ts > cutoff and e.seq >= tail.floor_unknown_from]
            tail.learn_floor((left[0].seq, left[0].ts) if left else None)
        elif step == "load":
            tail = Tail(head=tail.head, last_at=tail.last_at, limit=limit)
            tail.load(log[-limit:])
        elif step == "trim":
            tail.trim()
        tail.expire(now - lifetime)

        alive = [e.seq for e in log if e.ts > now - lifetime]
        true_floor = alive[0] if alive else len(log) + 1
        newest = seqs(tail.newest(100))
        assert newest == alive[len(alive) - len(newest) :]
        assert tail.floor >= true_floor
        if tail.floor_unknown_from is None:
            assert tail.floor == true_floor
        if tail.covers(limit):
            assert len(newest) >= min(limit, len(alive))


def _event(seq: int, ts: int) -> RoomEvent:
    return RoomEvent(
        room_id="r",
        seq=seq,
        type="message",
        id=str(seq),
        ts=ts,
        user_id="u",
        user_name="U",
        client_id=str(seq),
        body=b"{}",
    )


# --- coming and going -----------------------------------------------------------------------


def test_the_others_hear_of_a_newcomer_and_the_newcomer_finds_itself_in_the_answer(house: House) -> None:
    house.join(ANA)
    house.pass_time(250)

    joined = house.join(BEN)

    assert kinds(house.heard["ana/tab"]) == ["PersonJoined", "PresenceChanged"]
    assert house.heard["ana/tab"][0] == joined.arrival
    assert "ben/tab" not in house.heard
    assert joined.presence.version == (1, 2)


def test_a_second_device_gets_its_own_arrival_and_the_others_hear_nothing_of_it(house: House) -> None:
    house.join(ANA)
    house.join(BEN)
    phone = member("ben", device="phone")

    joined = house.join(phone)

    assert only(house.said, PersonJoined) == []
    assert (joined.arrival.person.id, joined.arrival.person.devices) == ("ben", 2)
    assert joined.presence.count == 2


def test_joining_again_is_the_same_stay(house: House) -> None:
    house.join(ANA)
    house.pass_time(1_000)

    joined = house.join(ANA)

    assert house.said == []
    assert (joined.presence.count, joined.arrival.person.devices) == (1, 1)


def test_a_duplicated_tab_shares_the_session_until_both_are_gone(house: House) -> None:
    twin = member("ana", connection="second")
    house.join(ANA)
    house.join(twin)
    house.pass_time(1_000)

    house.say(leave(ANA))
    assert house.said == []
    assert house.post(twin, "c1").seq == 1
    house.say(disconnect(twin))

    assert house.said[-1].changed[0].lost_at == house.now


def test_who_comes_and_goes_in_one_batch_is_not_admitted(house: House) -> None:
    house.join(BEN)
    joined, _ = house.say(join(ANA, attachment="1"), leave(ANA))

    assert list(house.audience) == ["ben/tab"]
    assert joined.attachment == "1"
    assert house.storage.sessions["ana", "tab"].is_present is False
    assert only(house.said, PresenceChanged) == []


def test_who_leaves_is_gone_whatever_name_they_came_under(house: House) -> None:
    """The connection counts, not what was known of it when it said so."""
    house.say(join(ANA), join(member("ana", name="Anna")), leave(ANA))

    assert house.audience == {}


def test_who_goes_and_comes_in_one_batch_stays(house: House) -> None:
    house.join(ANA, attachment='{"a":1}')
    _, joined = house.say(leave(ANA), join(ANA))

    assert list(house.audience) == ["ana/tab"]
    assert (joined.attachment, joined.attachment_version) == ('{"a":1}', 1)
    assert house.storage.sessions["ana", "tab"].is_present


def test_leaving_a_room_one_is_not_in_is_fine(house: House) -> None:
    assert house.ask(leave(ANA)) is None
    assert house.ask(disconnect(ANA)) is None
    assert house.said == []


def test_the_lost_connection_of_a_device_that_is_back_costs_nothing(house: House) -> None:
    house.join(ANA)
    house.join(member("ana", connection="new"))
    house.say(disconnect(ANA))
    house.say(disconnect(ANA))

    assert house.join(BEN).presence.people[0].lost_at is None  # type: ignore[index]
