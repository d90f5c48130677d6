"""What depends on a message follows it, and nobody looks through everything else for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, change_bodies, quotes
from chatapp.rooms.messages.dependents import as_of
from chatapp.rooms.messages.known_targets import target_of
from chatapp.rooms.messages.pages import PAGE_BYTES
from chatapp.rooms.messages.tail import Newest
from chatapp.rooms.messages.targets import Target, TargetId
from chatapp.rooms.messages.told_events import ToldEvents
from tests.unit.rooms.house import ANA, BEN, House

LONG = "é" * 4_000


def event(seq: int, target: int) -> RoomEvent:
    """A message, an answer to one, or an edit of one."""
    named = TargetId(seq=target, id=f"id-{target}") if target else None
    is_edit = target > 0 and seq % 2 == 0
    quote = quotes.expired_quote(target) if target else None
    said = bodies.told(bodies.said(f"text {seq}", named), quote=quote)
    return RoomEvent(
        room_id="lobby",
        seq=seq,
        type="edit" if is_edit else "message",
        id=f"id-{seq}",
        ts=seq,
        user_id="u_ana",
        user_name="Ana",
        client_id=f"c-{seq}",
        body=change_bodies.edit_told(named, None) if is_edit and named else said,
        target=target,
    )


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["follow", "change", "drop"])), max_size=20),
)
def test_it_is_as_if_all_had_been_looked_at(targets: list[int], steps: list[tuple[int, str]]) -> None:
    log = [event(seq, target if target < seq else 0) for seq, target in enumerate(targets, start=1)]
    told = ToldEvents(log)
    for number, (seq, step) in enumerate(steps):
        row = next((each for each in log if each.seq == seq), None)
        target = None if row is None else target_of(row)
        if step == "drop" and log:
            assert told.popleft() == log.pop(0)
        elif target is not None:
            now = _edited(target, number)
            if step == "follow":
                told.follow(now)
                log = as_of(log, now)
            else:
                told.change(now)
                log = [as_of([each], now)[0] if each.seq == seq else each for each in log]

    assert [*told] == log
    assert told.bytes == sum(len(each.body) for each in log)
    assert [told.at(each.seq) for each in log] == log
    assert told.at(99) is None


def _edited(target: Target, number: int) -> Target:
    body = bodies.edited(target.body, f"edited {number}", at=number, seq=100 + number)
    return Target(
        seq=target.seq,
        id=target.id,
        ts=target.ts,
        user_id=target.user_id,
        user_name=target.user_name,
        rev=100 + number,
        edited_seq=100 + number,
        body=body,
        is_deleted=False,
    )


def test_of_long_messages_no_more_are_remembered_than_one_answer_brings(house: House) -> None:
    house.fill(150, content=LONG)
    house.join(ANA)

    before = len(house.asked_for(Newest))
    joined = house.join(BEN)

    held = house.room.aspects[1].tail  # type: ignore[attr-defined]
    assert sum(len(each.body) for each in held.newest(200)) < PAGE_BYTES + 2 * len(LONG.encode()) + 1_000
    assert len(house.asked_for(Newest)) == before, "what is in memory is as much as can be brought"
    assert [each.seq for each in joined.events] == list(range(151 - len(joined.events), 151))
    assert 50 < len(joined.events) < 70
    assert house.join(BEN, since=20, limit=200).has_more


def test_who_has_missed_more_than_is_remembered_misses_nothing(house: House) -> None:
    house.fill(150, content=LONG)
    house.join(ANA)
    seen = 20
    while (joined := house.join(BEN, since=seen, limit=200)).events:
        assert joined.is_recovered
        assert joined.events[0].seq == seen + 1
        seen = joined.events[-1].seq

    assert seen == 150
