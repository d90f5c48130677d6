"""How many have reacted is kept in the message's row; who has, in the events that told it, nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, change_bodies, quotes
from chatapp.rooms.messages.pages import PAGE_BYTES
from chatapp.store.models import events, reactions, texts
from tests.contracts.changed import ChangingRoom, target_of
from tests.contracts.worlds import DatabaseWorld

THUMB, HEART = "👍", "❤️"


@pytest.fixture
def room(database_world: DatabaseWorld) -> ChangingRoom:
    return ChangingRoom(database_world)


def counts(room: ChangingRoom, said: RoomEvent) -> list[tuple[str, int]]:
    return [(each["emoji"], each["count"]) for each in room.body(said.seq).get("reactions", ())]


def execute(room: ChangingRoom, statement: Any) -> None:
    with room.world.store.database.writing() as connection:
        connection.execute(statement)


def lose_the_reactions(room: ChangingRoom) -> None:
    """What is told of them from now on has been kept."""
    execute(room, delete(reactions))


def people(room: ChangingRoom, said: RoomEvent) -> list[tuple[str, int, list[str]]]:
    found = room.world.store.reactions.people(room.room, said.seq, said.id, 0)
    assert found is not None
    return [(each.emoji, each.count, [name for _, name in each.users]) for each in found]


STORIES: dict[str, Sequence[Sequence[Any]]] = {
    "set": [("react", HEART, "Ben")],
    "set by two": [("react", HEART, "Ben", "Cy"), ("react", THUMB, "Ben")],
    "set and taken back": [("react", HEART, "Ben", "Cy"), ("off", HEART, "Ben")],
    "edited before and after": [("edit", "hello"), ("react", HEART, "Ben"), ("edit", "hello again")],
    "none left": [("react", HEART, "Ben"), ("off", HEART, "Ben")],
    "only edited": [("edit", "hello")],
}


@pytest.mark.parametrize("story", STORIES)
def test_a_message_s_row_says_itself_what_is_told_of_its_reactions(room: ChangingRoom, story: str) -> None:
    (said,) = room.say("helo")
    for step, *given in STORIES[story]:
        more = {"on": False} if step == "off" else {}
        room.do("react" if step == "off" else step, said, *given, **more)
    told = room.told()[said.seq]

    lose_the_reactions(room)

    assert room.told()[said.seq] == told
    assert told.body == bodies.with_reactions(bodies.stored(told.body), dict(counts(room, said)))


def test_what_a_version_has_changed_that_knows_no_counts_is_counted(room: ChangingRoom) -> None:
    """It leaves those of before behind, and says by which change: they are of no use any more."""
    (said,) = room.say("helo")
    room.do("react", said, HEART, "Ben", "Cy")
    execute(room, delete(reactions).where(reactions.c.user_id == "u_Cy"))
    execute(room, update(events).where(events.c.seq == said.seq).values(rev=99))

    assert counts(room, said) == [(HEART, 1)]
    room.do("edit", said, "hello")
    assert counts(room, said) == [(HEART, 1)]
    room.do("react", said, THUMB, "Cy")
    assert counts(room, said) == [(HEART, 1), (THUMB, 1)]
    lose_the_reactions(room)
    assert counts(room, said) == [(HEART, 1), (THUMB, 1)]


def test_no_name_stands_beside_a_reaction(room: ChangingRoom) -> None:
    (said,) = room.say("helo")
    room.do("react", said, HEART, "Ben")

    with room.world.store.database.reading() as connection:
        assert list(connection.scalars(select(reactions.c.name))) == [""]
    assert people(room, said) == [(HEART, 1, ["Ben"])]


def test_people_are_named_in_the_order_in_which_they_reacted(room: ChangingRoom) -> None:
    """Under the name that each had then, by their ids where they came at once."""
    said, _ = room.say("helo", "there")
    for name in ("Zoe", "Ben", "Cy"):
        room.do("react", said, HEART, name)
    room.do("react", said, HEART, "Zoe", on=False)
    room.do("react", said, HEART, "Zoe the second", user_id="u_Zoe")
    room.do("react", said, HEART, "Fay", "Eli")

    assert people(room, said) == [(HEART, 5, ["Ben", "Cy", "Zoe the second", "Eli", "Fay"])]


def test_who_reacted_before_this_version_is_named_by_the_row(room: ChangingRoom) -> None:
    (said,) = room.say("helo")
    room.do("react", said, HEART, "Ben", "Cy")
    execute(room, update(reactions).where(reactions.c.user_id == "u_Cy").values(name="Cyril", told=None))

    assert people(room, said) == [(HEART, 2, ["Cyril", "Ben"])]


def test_of_very_many_some_are_named_and_all_are_counted(room: ChangingRoom) -> None:
    """Their names stand in many events, of which no more are read than a page holds."""
    (said,) = room.say("helo")
    for n in range(3):
        room.do("react", said, HEART, f"{n}")
        told = change_bodies.react_told(
            change_bodies.ReactionChange(
                target=target_of(said),
                emoji=HEART,
                user=quotes.Author(id=f"u_{n}", name=f"{n}" + "x" * (PAGE_BYTES // 2)),
                on=True,
                count=1,
            )
            for _ in range(1)
        )
        _say_instead(room, told)

    [(emoji, count, names)] = people(room, said)
    assert (emoji, count) == (HEART, 3)
    assert 1 <= len(names) < 3


def _say_instead(room: ChangingRoom, body: bytes) -> None:
    """The last event has said this."""
    for table in texts:
        last = select(events.c.text_id).where(events.c.seq == room.head).scalar_subquery()
        execute(room, update(table).where(table.c.n == last).values(words=f"\n{body.decode()}"))
