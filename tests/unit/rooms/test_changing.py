"""Edits, deletions and answers: what a room decides, and what it tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatapp.errors import Conflict, Forbidden, NotJoined, TargetGone
from chatapp.rooms.changing import Changed
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, quotes
from chatapp.rooms.messages.aspect import Messages
from chatapp.rooms.messages.pages import EVENTS_A_ROW
from chatapp.rooms.messages.recovery import RowsAfter
from chatapp.rooms.messages.targets import TargetId, Targets
from tests.unit.rooms.house import (
    ANA,
    BEN,
    HOUR,
    House,
    delete,
    edit,
    http_post,
    join,
    leave,
    only,
    post,
    react,
    reaction,
    reply,
    rules,
    target,
)


@pytest.fixture
def house(house: House) -> House:
    house.join(ANA)
    house.join(BEN)
    return house


def body(event: RoomEvent) -> Any:
    return json.loads(event.body)


def told(house: House) -> list[Any]:
    """What a newcomer gets of the log."""
    return [body(event) for event in house.join(BEN).events]


@pytest.mark.parametrize("sleeps", [False, True])
def test_an_edit_is_an_event_that_everybody_hears_and_stands_in_the_message_from_then_on(
    house: House, sleeps: bool
) -> None:
    message = target(house.post(ANA, "c1", "helo"))
    if sleeps:
        house.wake()
    house.now += 1_000

    changed = house.ask(edit(ANA, "c2", message, "hello"))

    (event,) = only(house.said, RoomEvent)
    assert changed == Changed(seq=2, id=event.id, ts=house.now, is_duplicate=False)
    assert (event.type, event.user_id, event.user_name, event.client_id) == ("edit", "ana", "Ana", "c2")
    now = {"content": "hello", "edited_at": house.now, "edited_seq": 2}
    assert body(event) == {"target": {"seq": 1, "id": message.id}, **now}
    assert body(house.storage.events[1]) == {"target": {"seq": 1, "id": message.id}}, "no words in two rows"
    assert told(house) == [now, body(event)]
    assert house.join(BEN).events[0].rev == 2


def test_a_message_may_be_edited_in_the_batch_that_posts_it(house: House) -> None:
    house.ids = 100
    message = TargetId(seq=1, id="id-101")
    posted, changed, again, gone = house.say(
        post(ANA, "c1", "a"),
        edit(ANA, "c2", message, "b"),
        delete(ANA, "c3", message),
        edit(ANA, "c4", message, "c"),
    )

    assert (posted.seq, changed.seq, again.seq) == (1, 2, 3)
    assert isinstance(gone, TargetGone)
    assert told(house)[0] == {"content": "", "deleted": {"at": house.now, "by": "author"}}
    assert told(house)[1] == {"target": {"seq": 1, "id": message.id}, "gone": True}


def test_a_deletion_leaves_nothing_of_the_words_anywhere(house: House) -> None:
    message = target(house.post(ANA, "c1", "secret"))
    house.ask(reply(BEN, "c2", "what?", message))
    house.ask(edit(ANA, "c3", message, "secret 2"))
    house.ask(react(reaction(BEN, message)))

    house.ask(delete(ANA, "c4", message))

    assert b"secret" not in b"".join(event.body for event in house.join(BEN).events)
    assert b"secret" not in b"".join(event.body for event in house.storage.events)
    deleted, answer, edited, _, deletion = told(house)
    assert deleted == {"content": "", "deleted": {"at": house.now, "by": "author"}}
    assert answer["quote"] == {"seq": 1, "deleted": True}
    assert edited == {"target": {"seq": 1, "id": message.id}, "gone": True}
    assert deletion == {"target": {"seq": 1, "id": message.id}, "by": "author"}
    assert house.storage.reactions == {}


@pytest.mark.parametrize("sleeps", [False, True])
def test_a_repeat_is_judged_before_its_target(house: House, sleeps: bool) -> None:
    """A repeated deletion finds its target deleted, and is answered as the first was."""
    message = target(house.post(ANA, "c1"))
    first = house.ask(delete(ANA, "c2", message))
    if sleeps:
        house.wake()

    again = house.ask(delete(ANA, "c2", message, is_retry=True))

    assert again == Changed(seq=first.seq, id=first.id, ts=first.ts, is_duplicate=True)
    assert len(house.storage.events) == 2


def test_a_repeat_over_the_kernel_says_that_it_is_one() -> None:
    message = TargetId(seq=1, id="m")
    assert edit(ANA, "c", message, "x").repeated().is_retry
    assert delete(ANA, "c", message).repeated().is_retry
    assert reply(ANA, "c", "x", message).repeated().is_retry


def test_an_id_that_names_a_message_is_no_repeat_of_a_change(house: House) -> None:
    message = target(house.post(ANA, "c1"))
    with pytest.raises(Conflict):
        house.ask(delete(ANA, "c1", message))


@pytest.mark.parametrize("sleeps", [False, True])
def test_what_was_sent_first_says_nothing_any_more_once_the_text_is_another(
    house: House, sleeps: bool
) -> None:
    first = house.post(ANA, "c1", "this")
    house.ask(edit(ANA, "c2", target(first), "that"))
    if sleeps:
        house.wake()

    again = house.post(ANA, "c1", "anything", is_retry=True)

    assert (again.seq, again.is_duplicate) == (1, True)


def test_only_the_author_may_change_a_message_and_only_in_the_room(house: House) -> None:
    message = target(house.post(ANA, "c1"))
    for change in (edit(BEN, "c2", message, "x"), delete(BEN, "c3", message)):
        with pytest.raises(Forbidden):
            house.ask(change)
    house.ask(leave(ANA))
    for change in (edit(ANA, "c4", message, "x"), delete(ANA, "c5", message)):
        with pytest.raises(NotJoined):
            house.ask(change)
    assert house.ask(edit(ANA, "c6", message, "x", member=None)).seq == 2, "without a socket"


@pytest.mark.parametrize("sleeps", [False, True])
def test_what_is_not_there_cannot_be_changed_or_answered(house: House, sleeps: bool) -> None:
    deleted = target(house.post(ANA, "c1"))
    house.ask(delete(ANA, "c2", deleted))
    other = TargetId(seq=target(house.post(ANA, "c3")).seq, id="of a log before")
    not_a_message = TargetId(seq=2, id=house.storage.events[1].id)
    if sleeps:
        house.wake()

    for where in (deleted, other, not_a_message, TargetId(seq=9, id="x"), TargetId(seq=0, id="x")):
        for said in (edit(ANA, "c7", where, "x"), delete(ANA, "c8", where), reply(ANA, "c9", "x", where)):
            with pytest.raises(TargetGone):
                house.ask(said)


@pytest.mark.parametrize("sleeps", [False, True])
def test_what_has_expired_cannot_be_changed_even_if_it_was_there_when_the_batch_began(sleeps: bool) -> None:
    house = House(rules(retention_ms=HOUR))
    house.join(ANA)
    message = target(house.post(ANA, "c1"))
    house.now += HOUR - 1
    if sleeps:
        house.wake()

    (answer,) = house.say(edit(ANA, "c2", message, "x"), decided_after_ms=1)

    assert isinstance(answer, TargetGone)


def test_an_edit_says_which_text_it_was_written_on(house: House) -> None:
    message = target(house.post(ANA, "c1", "a"))
    house.ask(edit(ANA, "c2", message, "b", base=1))
    house.ask(react(reaction(BEN, message)))  # no other text

    with pytest.raises(Conflict) as refused:
        house.ask(edit(ANA, "c3", message, "c", base=1))
    assert refused.value.extra == {"rev": 2}
    assert house.ask(edit(ANA, "c4", message, "c", base=2)).seq == 4
    assert house.ask(edit(ANA, "c5", message, "d")).seq == 5


@pytest.mark.parametrize("sleeps", [False, True])
def test_an_answer_quotes_what_its_target_says_now(house: House, sleeps: bool) -> None:
    message = target(house.post(ANA, "c1", "shall we?"))
    house.ask(reply(BEN, "c2", "yes", message))
    if sleeps:
        house.wake()
    said_at = house.storage.events[0].ts
    first = {"seq": 1, "ts": said_at, "user": {"id": "ana", "name": "Ana"}, "excerpt": "shall we?"}
    assert told(house)[1] == {"content": "yes", "reply_to": {"seq": 1, "id": message.id}, "quote": first}
    assert json.loads(house.storage.events[1].body).keys() == {"content", "reply_to"}

    house.ask(edit(ANA, "c3", message, "shall we go?"))

    assert told(house)[1]["quote"] == {**first, "excerpt": "shall we go?", "rev": 3}


@pytest.mark.parametrize("sleeps", [False, True])
def test_nothing_is_told_of_what_has_expired(sleeps: bool) -> None:
    house = House(rules(retention_ms=HOUR))
    house.join(ANA)
    message = target(house.post(ANA, "c1", "secret"))
    house.now += HOUR // 2
    house.ask(edit(ANA, "c2", message, "secret 2"))
    house.ask(reply(ANA, "c3", "yes", message))
    house.now += HOUR // 2
    if sleeps:
        house.wake()

    edited, answer = told(house)

    assert edited == {"target": {"seq": 1, "id": message.id}, "gone": True}
    assert answer["quote"] == {"seq": 1, "expired": True}


def test_a_target_that_is_remembered_is_not_asked_for() -> None:
    house = House(rules(ids_looked_up_after_wake_ms=0, page_limit=2))
    house.join(ANA)
    first, _, newest = (target(house.post(ANA, f"c{n}")) for n in range(3))
    house.post(ANA, "c4")
    house.asked.clear()

    house.ask(edit(ANA, "c5", newest, "x"))
    assert house.asked == []
    house.say(edit(ANA, "c6", first, "x"), reply(ANA, "c7", "x", first), delete(ANA, "c8", first))
    assert [question.seqs for question in house.asked_for(Targets)] == [(1,)]


def test_what_is_stored_holds_nothing_that_is_made_when_it_is_read(house: House) -> None:
    message = target(house.post(ANA, "c1", "a"))
    answer = target(house.ask(reply(ANA, "c2", "b", message)))
    house.ask(react(reaction(BEN, answer)))

    house.ask(edit(ANA, "c3", answer, "c"))

    stored = house.storage.events[answer.seq - 1]
    assert body(stored).keys() == {"content", "reply_to", "edited_at", "edited_seq"}


def test_a_page_and_the_memory_of_a_room_count_rows_and_not_changes() -> None:
    house = House(rules(page_limit=3))
    house.join(ANA)
    message = target(house.post(ANA, "c1"))
    house.fill(4, author="writer")
    for n in range(2):
        house.ask(react(reaction(ANA, message, on=n == 0)))
    house.asked.clear()

    joined = house.join(BEN, limit=3)

    assert [event.seq for event in joined.events] == [3, 4, 5, 6, 7]
    assert house.asked_for(RowsAfter) == []
    assert [e.seq for e in house.join(BEN, since=3, limit=1).events] == [4]
    assert [e.seq for e in house.join(BEN, since=4, limit=2).events] == [5, 6, 7]


@pytest.mark.parametrize(
    ("messages", "reactions", "reason"), [(4, 0, None), (1, 5, None), (5, 0, "too_far"), (2, 15, "too_far")]
)
def test_too_far_is_said_in_rows_and_changes_have_a_bound_of_their_own(
    messages: int, reactions: int, reason: str | None
) -> None:
    """Twenty people with thumbs do not cost everybody their resume."""
    house = House(rules(page_limit=1, recovery_limit=4))
    house.join(ANA)
    message = target(house.ask(http_post("ana", "first")))
    for n in range(reactions):
        house.ask(react(reaction(ANA, message, on=n % 2 == 0)))
    house.fill(messages)

    for is_awake in (True, False):
        if not is_awake:
            house.wake()
        joined = house.join(BEN, since=1)
        assert (joined.is_recovered, joined.reason) == (reason is None, reason)


def test_what_a_newcomer_gets_from_far_back_is_as_of_the_end_of_its_batch() -> None:
    house = House(rules(page_limit=2, recovery_limit=20))
    house.join(ANA)
    message = target(house.post(ANA, "c1", "secret"))
    house.fill(6)
    house.wake()

    joined, _ = house.say(join(BEN, since=0), delete(ANA, "c2", message))

    assert joined.is_recovered
    assert body(joined.events[0]) == {"content": "", "deleted": {"at": house.now, "by": "author"}}


def test_commands_of_one_batch_about_an_old_message_see_each_other_s_effects() -> None:
    house = House(rules(page_limit=1))
    house.join(ANA)
    message = target(house.post(ANA, "c1", "a"))
    house.fill(3)

    first, stale, answer, gone, late = house.say(
        edit(ANA, "c2", message, "b"),
        edit(ANA, "c3", message, "c", base=1),
        reply(ANA, "c4", "yes", message),
        delete(ANA, "c5", message),
        edit(ANA, "c6", message, "d"),
    )

    assert (first.seq, answer.seq, gone.seq) == (5, 6, 7)
    assert isinstance(stale, Conflict)
    assert isinstance(late, TargetGone)


def test_changes_do_not_fill_the_memory_of_a_room() -> None:
    house = House(rules(page_limit=2))
    house.join(ANA)
    message = target(house.post(ANA, "c1"))
    for n in range(20):
        house.ask(react(reaction(ANA, message, on=n % 2 == 0)))
    house.say()

    tail = next(aspect.tail for aspect in house.room.aspects if isinstance(aspect, Messages))
    assert tail.head - tail.first_seq + 1 == 2 * EVENTS_A_ROW


def test_an_old_answer_that_is_changed_behind_what_it_quotes_does_not_bring_its_words_back() -> None:
    """Of what is read once a batch each command finds what those before it have done, its quote too."""
    house = House(rules(page_limit=2, recovery_limit=20))
    house.join(ANA)
    message = target(house.post(ANA, "c1", "secret"))
    answer = target(house.ask(reply(ANA, "c2", "yes", message)))
    house.fill(6)
    house.wake()

    joined, *_ = house.say(join(BEN, since=0), delete(ANA, "c3", message), react(reaction(ANA, answer)))

    assert joined.is_recovered
    assert body(joined.events[1])["quote"] == {"seq": 1, "deleted": True}


def test_however_many_answer_a_message_an_edit_makes_their_quote_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """190 answers to a long text in Cyrillic cost an edit 13 ms, in which nobody else was served."""
    message = target(house.post(ANA, "c1", "helo"))
    for n in range(5):
        house.ask(reply(BEN, f"r{n}", "yes", message))
    made: list[str] = []
    excerpt = quotes.excerpt

    def counted(text: str) -> str:
        made.append(text)
        return excerpt(text)

    monkeypatch.setattr(bodies, "excerpt", counted)

    house.ask(edit(ANA, "c2", message, "hello"))

    assert made == ["hello"]
    monkeypatch.undo()
    assert [answer["quote"]["excerpt"] for answer in told(house)[1:6]] == ["hello"] * 5
