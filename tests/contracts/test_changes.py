"""What becomes of messages: stored behind the events of a commit, in the order of the turn, and guarded."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select

from chatapp.kernel.ports import Outcome
from chatapp.rooms.messages import bodies
from chatapp.rooms.messages.recovery import RowsAfter
from chatapp.rooms.messages.targets import ReactionKey, ReactionsOf, ReactionsOn
from chatapp.store.forgetting.expiry import LogSlice, empty, remove
from chatapp.store.log.texts import PERIODS
from chatapp.store.models import DELETED, events, texts
from tests.contracts.changed import EDITED_AT, ChangingRoom
from tests.contracts.worlds import DatabaseWorld, write

THUMB, HEART, TADA = "👍", "❤️", "🎉"
TOMBSTONE = msgspec.json.decode(bodies.tombstone(EDITED_AT))


@pytest.fixture
def room(database_world: DatabaseWorld) -> ChangingRoom:
    return ChangingRoom(database_world)


def test_an_edit_changes_the_words_of_its_message_and_of_nothing_else(room: ChangingRoom) -> None:
    before, said, behind = room.say("before", "helo", "behind")

    edit = room.do("edit", said, "hello")

    told = room.told()
    assert (told[before.seq], told[behind.seq]) == (before, behind)
    assert room.body(said.seq) == {"content": "hello", "edited_at": EDITED_AT, "edited_seq": edit.seq}
    assert (told[said.seq].rev, told[said.seq].user_name, told[said.seq].content_hash) == (4, "Ana", b"")
    assert (told[edit.seq].type, told[edit.seq].rev, told[edit.seq].target) == ("edit", 0, said.seq)


def test_a_deletion_leaves_a_place_that_says_so(room: ChangingRoom) -> None:
    said, answer = room.say("a secret", "really?")
    room.do("react", said, THUMB, "Ben")

    room.do("delete", said)

    assert room.body(said.seq) == TOMBSTONE
    assert room.told()[said.seq].rev == 4
    assert room.told()[answer.seq] == answer
    assert room.reactions() == []
    assert rows_of(room, events.c.gone, events.c.target, events.c.content_hash)[0] == (DELETED, None, b"")


@pytest.mark.parametrize("again", ["edit", "delete", "react"])
def test_what_was_deleted_stays_deleted(room: ChangingRoom, again: str) -> None:
    (said,) = room.say("a secret")
    room.do("delete", said)
    before = (room.body(said.seq), room.told()[said.seq].rev, room.reactions())

    room.do(again, said, *{"edit": ["it is back"], "delete": [], "react": [THUMB, "Ben"]}[again])

    assert (room.body(said.seq), room.told()[said.seq].rev, room.reactions()) == before


STORIES = {
    "posted and edited": (["edit"], "hello 1"),
    "edited twice": (["edit", "edit"], "hello 2"),
    "posted and deleted": (["delete"], None),
    "edited and deleted": (["edit", "delete"], None),
    "deleted and edited": (["delete", "edit"], None),
    "reacted to and deleted": (["react", "delete"], None),
    "deleted and reacted to": (["delete", "react"], None),
    "edited, reacted to, edited": (["edit", "react", "edit"], "hello 3"),
    "all of it": (["react", "edit", "react", "edit", "delete", "react", "edit"], None),
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("is_posted_with_it", [True, False], ids=["one batch", "a batch of its own"])
def test_what_happens_in_one_batch_happens_in_its_order(
    room: ChangingRoom, story: str, is_posted_with_it: bool
) -> None:
    steps, content = STORIES[story]
    room.say("before")
    batch = room.batch()
    said = batch.say("helo")
    if not is_posted_with_it:
        room.commit(batch)
        batch = room.batch()
    for number, step in enumerate(steps, start=1):
        given = {"edit": [f"hello {number}"], "delete": [], "react": [THUMB, f"{number}"]}[step]
        getattr(batch, step)(said, *given)
    batch.say("behind")
    room.commit(batch)

    last = room.head - 1 if content is not None else said.seq + 1 + steps.index("delete")
    told = room.told()
    assert sorted(told) == list(range(1, room.head + 1))
    assert told[said.seq].rev == last
    assert (content is None) == ("deleted" in room.body(said.seq))
    assert room.body(said.seq).get("content", "") == (content or "")
    assert [reaction[2] for reaction in room.reactions()] == (
        [f"u_{steps.index('react') + 1}"] if content is not None and "react" in steps else []
    )
    assert [room.body(seq)["content"] for seq in (1, room.head)] == ["before", "behind"]


@pytest.mark.parametrize("step", ["edit", "delete", "react"])
@pytest.mark.parametrize("hindrance", ["it has expired", "another id", "emptied", "removed", "nothing there"])
def test_a_change_of_what_is_not_there_changes_nothing_and_is_no_error(
    room: ChangingRoom, step: str, hindrance: str
) -> None:
    said, _ = room.say("helo", "there")
    target = {"another id": replace(said, id="of another"), "nothing there": replace(said, seq=99)}.get(
        hindrance, said
    )
    log_slice = [LogSlice(room_id="lobby", first=1, last=1)]
    with room.world.store.database.writing() as connection:
        if hindrance in ("emptied", "removed"):
            {"emptied": empty, "removed": remove}[hindrance](connection, log_slice)
    before = (room.words(), rows_of(room, events.c.rev, events.c.gone)[:1], room.reactions())

    given = {"edit": ["hello"], "delete": [], "react": [THUMB, "Ben"]}[step]
    cutoff = said.ts if hindrance == "it has expired" else 0
    room.do(step, target, *given, cutoff=cutoff)

    assert (room.words()[:-1], rows_of(room, events.c.rev, events.c.gone)[:1], room.reactions()) == before


def test_the_old_words_are_in_no_table_any_more(room: ChangingRoom) -> None:
    """Of those that were edited again in the same batch, too; what comes after stands in its own place."""
    batch = room.batch()
    said = [batch.say(f"words {n}") for n in range(5)]
    room.commit(batch)
    batch = room.batch()
    for each in said[:4]:
        batch.edit(each, "in between")
        batch.edit(each, f"new {each.seq}")
    batch.delete(said[4])
    room.commit(batch)
    room.say("later")

    left = [words for words in all_words(room) if words]
    assert not any("words" in each or "in between" in each for each in left)
    assert sum("new" in each for each in left) == 4
    assert [room.body(seq)["content"] for seq in (1, 2, 3, 4, room.head)] == [
        *(f"new {seq}" for seq in (1, 2, 3, 4)),
        "later",
    ]


def test_other_words_stand_in_the_table_of_the_old_ones_and_expire_with_them(room: ChangingRoom) -> None:
    """However much later they are written, and whatever the clock of the room."""
    period_ms = 4 * 3_600_000  # of a day's retention
    said = room.do("say", "words", ts=3 * period_ms)
    room.do("say", "much later", ts=5 * period_ms)

    batch = room.batch()
    batch.edit(said, "other words")
    room.commit(batch)

    [(period, text_id), *_] = rows_of(room, events.c.period, events.c.text_id)
    with room.world.store.database.reading() as connection:
        found = connection.execute(select(texts[3]).where(texts[3].c.n == text_id)).one()
    assert period == 3
    assert (found.ts, "other words" in found.words) == (said.ts, True)


def test_changes_of_many_rooms_are_stored_with_one_commit(database_world: DatabaseWorld) -> None:
    rooms = [ChangingRoom(database_world, f"room {n}") for n in range(9)]
    said = [room.say("one", "two", "three") for room in rooms]
    batches = [room.batch() for room in rooms]
    for batch, (one_, two, three) in zip(batches, said, strict=True):
        batch.edit(two, "TWO")
        batch.delete(three)
        batch.react(one_, THUMB, "Ben", "Cy")

    writes = [
        write(room.lease, *batch.events, after=3, records=batch.records)
        for room, batch in zip(rooms, batches, strict=True)
    ]
    assert database_world.commit(writes) == [Outcome.COMMITTED] * 9

    for room in rooms:
        assert room.body(1) == {"content": "one", "reactions": [{"emoji": THUMB, "count": 2}]}
        assert room.body(2)["content"] == "TWO"
        assert room.body(3) == TOMBSTONE


def test_a_room_that_has_lost_its_lease_changes_nothing(room: ChangingRoom) -> None:
    (said,) = room.say("helo")
    batch = room.batch()
    batch.edit(said, "hello")
    room.world.acquire("lobby", room.lease.node_id)

    lost = write(room.lease, *batch.events, after=1, records=batch.records)

    assert room.world.commit([lost]) == [Outcome.STALE]
    assert room.body(said.seq) == {"content": "helo"}


# --- reactions ----------------------------------------------------------------------------


def test_reactions_are_counted_in_the_order_in_which_they_came(room: ChangingRoom) -> None:
    said, plain = room.say("hello", "plain")
    room.do("react", said, TADA, "Ben")
    room.do("react", said, THUMB, "Cy", "Dora")
    room.do("react", said, HEART, "Ben")
    last = room.do("react", said, TADA, "Dora")

    counts = [(each["emoji"], each["count"]) for each in room.body(said.seq)["reactions"]]
    assert counts == [(TADA, 2), (THUMB, 2), (HEART, 1)]
    assert room.told()[said.seq].rev == last.seq
    assert room.told()[plain.seq] == plain


def test_an_emoji_keeps_its_place_as_long_as_somebody_has_it(room: ChangingRoom) -> None:
    """Whoever heard it come does not see who was the first: it must not move when they take theirs back."""
    (said,) = room.say("hello")
    room.do("react", said, TADA, "Ben")
    room.do("react", said, THUMB, "Ben")
    room.do("react", said, TADA, "Cy")
    room.do("react", said, TADA, "Ben", on=False)
    in_between = room.body(said.seq)["reactions"]
    room.do("react", said, TADA, "Cy", on=False)
    room.do("react", said, TADA, "Cy")

    assert in_between == [{"emoji": TADA, "count": 1}, {"emoji": THUMB, "count": 1}]
    assert room.body(said.seq)["reactions"] == in_between[::-1]


def test_the_same_reaction_again_is_the_same_and_none_is_none(room: ChangingRoom) -> None:
    (said,) = room.say("hello")
    batch = room.batch()
    batch.react(said, THUMB, "Ben")
    batch.react(said, THUMB, "Ben")
    batch.react(said, HEART, "Ben", on=False)
    room.commit(batch)

    assert room.reactions() == [(said.seq, THUMB, "u_Ben", 2, said.ts)]


def test_the_last_of_one_batch_wins(room: ChangingRoom) -> None:
    (said,) = room.say("hello")
    batch = room.batch()
    for on in (True, False, True):
        batch.react(said, THUMB, "Ben", on=on)
    for on in (True, False):
        batch.react(said, HEART, "Ben", on=on)
    room.commit(batch)

    assert [row[1:4] for row in room.reactions()] == [(THUMB, "u_Ben", 4)]


def test_a_room_asks_what_there_is_of_reactions(room: ChangingRoom) -> None:
    said, other, none = room.say("hello", "other", "none")
    room.do("react", said, TADA, "Ben", "Cy")
    room.do("react", said, HEART, "Ben")
    room.do("react", other, THUMB, "Dora")
    keys = [ReactionKey(1, TADA, "u_Ben"), ReactionKey(1, THUMB, "u_Ben"), ReactionKey(2, THUMB, "u_Dora")]

    asked = ReactionsOn(targets=(said.seq, none.seq), keys=tuple(keys))
    ((_, found),) = room.world.store.load(room.lease, [asked])

    assert list(found.counts[said.seq].items()) == [(TADA, 2), (HEART, 1)]
    assert found.counts[none.seq] == {}
    assert found.existing == {keys[0], keys[2]}


def test_who_has_reacted_is_told_of_a_message_that_lives(room: ChangingRoom) -> None:
    (said,) = room.say("hello")
    crowd = [f"{n:03}" for n in range(150)]
    room.do("react", said, TADA, *crowd)
    room.do("react", said, HEART, "Ben")
    people = room.world.store.reactions.people

    found = people("lobby", said.seq, said.id, 0)

    assert found is not None
    assert [(each.emoji, each.count) for each in found] == [(TADA, 150), (HEART, 1)]
    assert found[0].users == [(f"u_{name}", name) for name in crowd[:100]]
    assert people("lobby", said.seq, "another id", 0) is None
    assert people("lobby", said.seq, said.id, said.ts) is None
    room.do("delete", said)
    assert people("lobby", said.seq, said.id, 0) is None


def test_one_s_own_are_found_on_the_messages_of_a_page(room: ChangingRoom) -> None:
    one_, two, three = room.say("one", "two", "three")
    room.do("react", one_, TADA, "Ben", "Cy")
    room.do("react", one_, HEART, "Ben")
    room.do("react", two, THUMB, "Cy")
    room.do("react", three, THUMB, "Ben")
    mine = room.world.store.reactions.mine

    assert mine("u_Ben", "lobby", [1, 2]) == {1: [TADA, HEART]}
    assert mine("u_Ben", "lobby", []) == {}
    assert mine("u_Ben", "elsewhere", [1, 2]) == {}


def test_a_room_asks_what_newcomers_have_set_on_what_they_are_brought(room: ChangingRoom) -> None:
    one_, two, three = room.say("one", "two", "three")
    room.do("react", one_, TADA, "Ben")
    room.do("react", two, TADA, "Cy")
    room.do("react", two, HEART, "Ben", "Cy")
    room.do("react", three, THUMB, "Ben", "Dora")

    asked = ReactionsOf(user_ids=("u_Ben", "u_Cy", "u_Ana"), after=1)
    ((_, found),) = room.world.store.load(room.lease, [asked])

    assert found == {"u_Ben": {2: [HEART], 3: [THUMB]}, "u_Cy": {2: [TADA, HEART]}}


def test_a_room_asks_how_many_rows_somebody_has_missed(room: ChangingRoom) -> None:
    one, two, _ = room.say("one", "two", "three")
    room.do("react", one, THUMB, "Ben")
    room.do("delete", two)
    room.say("four")

    counts = [
        RowsAfter(after=after, cutoff=cutoff) for after, cutoff in ((0, 0), (1, 0), (3, 0), (0, one.ts))
    ]
    found = room.world.store.load(room.lease, counts)

    assert [count for _, count in found] == [4, 3, 1, 3]


# --- targets ------------------------------------------------------------------------------


def test_a_room_asks_how_messages_are_now(room: ChangingRoom) -> None:
    said, edited, deleted, old = room.say("said", "helo", "a secret", "old")[:4]
    edit = room.do("edit", edited, "hello")
    room.do("react", edited, THUMB, "Ben")
    room.do("delete", deleted)

    found = room.targets(1, 2, 3, edit.seq, 99)

    assert sorted(found) == [1, 2, 3]
    assert (found[1].id, found[1].ts, found[1].user_id, found[1].user_name) == (said.id, 1000, "u_ana", "Ana")
    assert [(found[n].rev, found[n].edited_seq, found[n].is_deleted) for n in (1, 2, 3)] == [
        (0, 0, False),
        (6, 5, False),
        (7, 0, True),
    ]
    assert found[2].body == room.told()[2].body
    assert room.targets(1, 2, 3, 4, cutoff=3000).keys() == {old.seq}


# --- what stands in the tables ------------------------------------------------------------


def rows_of(room: ChangingRoom, *columns: object) -> list[tuple[object, ...]]:
    with room.world.store.database.reading() as connection:
        query = select(*columns).where(events.c.room_id == room.room).order_by(events.c.seq)  # type: ignore[call-overload]
        return [tuple(row) for row in connection.execute(query)]


def all_words(room: ChangingRoom) -> list[str]:
    with room.world.store.database.reading() as connection:
        found = [connection.scalars(select(texts[n].c.words)).all() for n in range(PERIODS)]
    return [words for of_one in found for words in of_one if isinstance(words, str)]
