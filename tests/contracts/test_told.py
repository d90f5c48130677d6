"""What is told of a log in which messages answer and change each other: as it is when it is read."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import EVENTS_A_ROW, PAGE_BYTES, bytes_of
from chatapp.rooms.messages.recovery import Range
from chatapp.store.log.history import Page
from chatapp.store.log.log import NO_END
from tests.contracts.changed import EDITED_AT, ChangingRoom, seqs_of, target_of
from tests.contracts.worlds import DatabaseWorld

THUMB = "👍"


@pytest.fixture
def room(database_world: DatabaseWorld) -> ChangingRoom:
    return ChangingRoom(database_world)


# --- quotes -------------------------------------------------------------------------------


def test_a_reply_quotes_what_it_answers_as_it_is_now(room: ChangingRoom) -> None:
    (said,) = room.say("helo " + "x" * 300)
    reply = room.do("say", "yes", answers=said)
    before = room.body(reply.seq)
    edit = room.do("edit", said, "hello " + "x" * 300)

    after, told = room.body(reply.seq), room.told()[reply.seq]

    author = {"id": "u_ana", "name": "Ana"}
    quote = {"seq": 1, "ts": said.ts, "user": author, "excerpt": ("helo " + "x" * 300)[:140]}
    reply_to = {"seq": said.seq, "id": said.id}
    assert before == {"content": "yes", "reply_to": reply_to, "quote": quote}
    now = {**quote, "excerpt": ("hello " + "x" * 300)[:140], "rev": edit.seq}
    assert after == {**before, "quote": now}
    assert (told.rev, told.target, told.target_ts) == (0, said.seq, said.ts)


@pytest.mark.parametrize(
    ("what", "quote"),
    [("deleted", {"seq": 1, "deleted": True}), ("expired", {"seq": 1, "expired": True})],
)
def test_of_what_is_not_there_any_more_a_reply_quotes_nothing(
    room: ChangingRoom, what: str, quote: dict[str, Any]
) -> None:
    (said,) = room.say("a secret")
    reply = room.do("say", "yes", answers=said)
    if what == "deleted":
        room.do("delete", said)

    cutoff = said.ts if what == "expired" else 0

    assert room.body(reply.seq, cutoff)["quote"] == quote
    assert "secret" not in str(room.told(cutoff))


def test_a_reply_to_what_stood_here_before_a_restore_quotes_nothing(room: ChangingRoom) -> None:
    (said,) = room.say("of another stream")
    reply = room.do("say", "yes", answers=replace(said, id="what was there before"))

    assert room.body(reply.seq)["quote"] == {"seq": 1, "expired": True}
    assert room.told()[reply.seq].target_ts == 0


def test_a_reply_can_be_edited_quoted_and_deleted_itself(room: ChangingRoom) -> None:
    (said,) = room.say("one")
    two = room.do("say", "two", answers=said)
    three = room.do("say", "three", answers=two)
    edit = room.do("edit", two, "TWO")
    edited = room.body(two.seq)
    room.do("delete", two)

    assert (edited["content"], edited["edited_seq"], edited["quote"]["excerpt"]) == ("TWO", edit.seq, "one")
    assert room.body(two.seq)["deleted"] == {"at": EDITED_AT, "by": "author"}
    assert room.told()[two.seq].target == 0
    assert room.body(three.seq)["quote"] == {"seq": two.seq, "deleted": True}


# --- edits --------------------------------------------------------------------------------


def test_an_edit_is_told_with_what_its_message_says_now(room: ChangingRoom) -> None:
    (said,) = room.say("helo")
    first = room.do("edit", said, "hallo")
    second = room.do("edit", said, "hello")

    target = {"seq": said.seq, "id": said.id}
    now = {"target": target, "content": "hello", "edited_at": EDITED_AT, "edited_seq": second.seq}
    assert room.body(first.seq) == room.body(second.seq) == now
    assert room.told()[first.seq].target_ts == said.ts


@pytest.mark.parametrize("what", ["deleted", "expired"])
def test_an_edit_of_what_is_gone_says_that(room: ChangingRoom, what: str) -> None:
    (said,) = room.say("a secret")
    edit = room.do("edit", said, "another secret")
    room.say("later")
    if what == "deleted":
        room.do("delete", said)

    cutoff = said.ts if what == "expired" else 0

    assert room.body(edit.seq, cutoff) == {"target": {"seq": 1, "id": said.id}, "gone": True}
    assert "secret" not in str(room.told(cutoff))


# --- pages --------------------------------------------------------------------------------


def talk_with_changes(room: ChangingRoom) -> list[RoomEvent]:
    """1 a row, 2 a change, 3 a row, … 20; then 21–25 changes; the head is 25."""
    said = []
    for number in range(10):
        batch = room.batch()
        said.append(batch.say(f"row {number}"))
        batch.react(said[-1], THUMB, "Ben")
        room.commit(batch)
    batch = room.batch()
    for row in said[:5]:
        batch.react(row, THUMB, "Cy")
    room.commit(batch)
    return said


def span(page: Page) -> tuple[list[int], int | None, int | None, bool, bool]:
    return seqs_of(page.events), page.first, page.last, page.more_before, page.more_after


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"limit": 3}, (list(range(15, 26)), 15, 25, True, False)),
        ({"limit": 100}, (list(range(1, 26)), 1, 25, False, False)),
        ({"limit": 3, "after": 3}, ([4, 5, 6, 7, 8, 9], 4, 9, True, True)),
        ({"limit": 3, "after": 17}, (list(range(18, 26)), 18, 25, True, False)),
        ({"limit": 1, "after": 19}, ([20, 21, 22, 23], 20, 23, True, True)),  # four for a row
        ({"limit": 3, "before": 10}, ([5, 7, 9], 5, 9, True, True)),
        ({"limit": 3, "before": 25}, ([15, 17, 19], 15, 24, True, True)),
        ({"limit": 3, "before": 99}, ([15, 17, 19], 15, 25, True, False)),
        ({"limit": 3, "before": 6}, ([1, 3, 5], 1, 5, False, True)),
        ({"limit": 5, "before": 6}, ([1, 3, 5], 1, 5, False, True)),
        ({"limit": 1, "before": 1}, ([], None, None, False, False)),
        ({"limit": 4, "around": 8}, ([5, 7, 9, 11], 5, 11, True, True)),
        ({"limit": 1, "around": 9}, ([9], 9, 9, True, True)),
        ({"limit": 1, "around": 10}, ([9], 9, 10, True, True)),
        ({"limit": 8, "around": 24}, ([13, 15, 17, 19], 13, 25, True, False)),
        ({"limit": 4, "around": 1}, ([1, 3, 5, 7], 1, 7, False, True)),
    ],
    ids=str,
)
def test_a_page_counts_rows_and_brings_changes_to_whoever_follows_the_log(
    room: ChangingRoom, asked: dict[str, int], found: object
) -> None:
    talk_with_changes(room)

    page = room.history.page("lobby", cutoff=0, **asked)

    assert span(page) == found


def test_a_page_of_which_only_changes_are_left_covers_them(room: ChangingRoom) -> None:
    """Their messages have expired, and nobody need ask for them again."""
    talk_with_changes(room)

    page = room.history.page("lobby", limit=5, cutoff=21_000, before=25)

    assert span(page) == ([], 22, 24, False, True)


@pytest.mark.parametrize("limit", [1, 3, 5, 10])
def test_who_follows_the_log_gets_so_many_rows_and_misses_nothing(room: ChangingRoom, limit: int) -> None:
    talk_with_changes(room)
    after, heard = 0, []

    while found := room.history.range("lobby", Range(after=after, limit=limit, cutoff=0)):
        assert seqs_of(found) == list(range(after + 1, after + 1 + len(found)))
        assert len(found) <= EVENTS_A_ROW * limit
        assert sum(event.type == "message" for event in found) <= limit
        after = found[-1].seq
        heard += found

    assert [event.seq for event in heard] == list(range(1, 26))
    newest = room.history.tail("lobby", limit, 0)
    assert newest[-1].seq == 25
    assert seqs_of(newest) == list(range(newest[0].seq, 26))


def test_a_page_is_bounded_in_bytes_with_what_others_say_of_its_events(room: ChangingRoom) -> None:
    """An edit is stored with its target alone, and told with all the words of it."""
    (said,) = room.say("short")
    batch = room.batch()
    for _ in range(100):
        batch.edit(said, "\U0001f600" * 4_000)
    room.commit(batch)

    page = room.history.page("lobby", limit=100, cutoff=0, after=0)

    assert 1 < len(page.events) < 100
    assert sum(map(bytes_of, page.events)) <= PAGE_BYTES
    assert seqs_of(page.events) == list(range(1, len(page.events) + 1))
    assert page.more_after


def test_of_changes_without_end_a_page_looks_at_four_for_a_row(room: ChangingRoom) -> None:
    (said,) = room.say("hello")
    batch = room.batch()
    for _ in range(500):
        batch.react(said, THUMB, "Ben")
    room.commit(batch)

    assert len(room.history.page("lobby", limit=20, cutoff=0).events) == 20 * EVENTS_A_ROW
    assert len(room.history.page("lobby", limit=20, cutoff=0, after=1).events) == 20 * EVENTS_A_ROW
    assert span(room.history.page("lobby", limit=20, cutoff=0, before=NO_END)) == ([1], 1, 501, False, False)


def test_what_is_told_names_its_target(room: ChangingRoom) -> None:
    (said,) = room.say("one")
    deletion = room.do("delete", said)

    target = target_of(said)
    assert room.body(deletion.seq) == {"target": {"seq": target.seq, "id": target.id}, "by": "author"}
