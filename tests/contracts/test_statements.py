"""What the database is asked: counted, and looked at, because a log may have a million rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest

from chatapp.kernel.durable_object import Turn
from chatapp.kernel.ports import Lease, Outcome
from chatapp.rooms.attendance.names import HoldersOf, NameGivenUp, NameRecord, WantedName
from chatapp.rooms.attendance.sessions import SessionRecord, SessionsOf
from chatapp.rooms.commands import Join, Member
from chatapp.rooms.messages.aspect import PostMessage
from chatapp.rooms.messages.recent_ids import KnownIds
from chatapp.rooms.messages.recovery import Range
from chatapp.rooms.messages.tail import Floor, Newest
from chatapp.rooms.messages.targets import ReactionKey, ReactionsOf, ReactionsOn
from chatapp.rooms.messages.uploads import UploadsBound, UploadsFor, UploadsKept
from chatapp.rooms.reading import ReadRecord, ReadsOf
from chatapp.rooms.room import Room
from chatapp.store.forgetting.expiry import UNHELD_NAMES
from chatapp.store.uploads.quotas import Over, Quota, UploadQuotas
from chatapp.store.uploads.uploads import READY, StoredUpload, UploadPart
from tests.contracts.changed import ChangingRoom
from tests.contracts.uploaded import allowed, new_upload
from tests.contracts.worlds import DatabaseWorld, event, write
from tests.room_rules import RULES

ANA = Member(user_id="u_ana", name="Ana", device="tab", connection_id="ana/tab", node_id="here")
_numbers = count(1)

LARGE = (
    "events",
    r"texts_\d",
    "sessions",
    "read_cursors",
    "room_leases",
    "rooms",
    "users",
    "room_names",
    "reactions",
    "mentions",
    "uploads",
)
# All sizes are summed in an index, which is a hundredth of the table.
SUMMED = " USING COVERING INDEX uploads_state_size_idx"
LOOKED_THROUGH = re.compile(rf"SCAN ({'|'.join(LARGE)})\b(?!{SUMMED})")


@contextmanager
def statements_of(world: DatabaseWorld) -> Iterator[list[str]]:
    """What the database itself, or its driver, sees meanwhile; with SQLite values stand in it."""
    seen: list[str] = []

    class Counting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *more: Any, **options: Any) -> Any:
            seen.append(query)
            return super().execute(query, *more, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
            seen.extend([query] * len(params_seq))
            super().executemany(query, params_seq, **options)

    with world.store.database.reading() as connection:
        driver: Any = connection.connection.dbapi_connection
    if world.store.database.is_sqlite:
        driver.set_trace_callback(seen.append)
    else:
        driver.cursor_factory = Counting
    try:
        yield seen
    finally:
        if world.store.database.is_sqlite:
            driver.set_trace_callback(None)


def commit_of_many_rooms(world: DatabaseWorld, rooms: int) -> list[str]:
    """The statements of one commit with two events for each room."""
    node = world.node()
    leases = [world.acquire(f"room {n}", node).lease for n in range(rooms)]
    with statements_of(world) as seen:
        world.commit([write(lease, event(lease.room_id, 1), event(lease.room_id, 2)) for lease in leases])
    return seen


def test_on_postgresql_a_commit_is_one_statement_for_all_fences_and_one_for_all_events(
    postgresql_world: DatabaseWorld,
) -> None:
    statements = commit_of_many_rooms(postgresql_world, 50)

    assert [statement.split()[0] for statement in statements] == ["UPDATE", "WITH"]


def test_on_sqlite_a_commit_takes_no_statement_a_row(sqlite_world: DatabaseWorld) -> None:
    """50 fences are 32 + 16 + 2, 100 texts 64 + 32 + 4, as many events."""
    statements = commit_of_many_rooms(sqlite_world, 50)

    how_to_wait = "PRAGMA busy_timeout = "
    assert statements[:3] == [f"{how_to_wait}1", "BEGIN IMMEDIATE", f"{how_to_wait}3000"]
    assert statements[-1] == "COMMIT"
    fences, said = statements[3:6], statements[6:-1]
    assert [statement.count("('room ") for statement in fences] == [32, 16, 2]
    assert [statement.count("Ana\n") for statement in said] == [64, 32, 4, 0, 0, 0]
    assert [statement.count("('room ") for statement in said] == [0, 0, 0, 64, 32, 4]


def test_whose_a_name_is_takes_one_statement_and_two_more_where_it_is_somebody_s(
    sqlite_world: DatabaseWorld,
) -> None:
    """With all the names that could be offered instead, in one of them."""
    lease = sqlite_world.acquire("lobby", sqlite_world.node()).lease
    ben = NameRecord(room_id="lobby", likeness="ben", user_id="u_ben", at=5)
    sqlite_world.commit([write(lease, event("lobby", 1, user_id="u_ben"), records=[ben])])
    offered = [f"{stem} {n}" for stem in ("ben", "bem") for n in range(2, 41)]

    counts = []
    for name in ("ana", "ben"):
        wanted = WantedName(user_id="u_ana", likenesses=[name], offered=lambda: offered)
        with statements_of(sqlite_world) as seen:
            sqlite_world.store.load(lease, [HoldersOf(wanted=[wanted], cutoff=1)])
        counts.append(len(seen))

    assert counts == [1, 3]


@pytest.mark.parametrize("number", [1, 2])
def test_the_first_message_under_a_name_costs_one_statement_more_and_the_next_none(
    sqlite_world: DatabaseWorld, number: int
) -> None:
    """Said to the room itself: what it hands to storage is what is counted."""
    room, lease = a_room_with_ana_on(sqlite_world)
    for n in range(1, number):
        commit_a_message(sqlite_world, room, lease, n)

    with statements_of(sqlite_world) as seen:
        commit_a_message(sqlite_world, room, lease, number)

    how_to_wait = ["PRAGMA", "BEGIN", "PRAGMA"]
    first = ["INSERT"] if number == 1 else []
    said = ["WITH", "WITH", "WITH"]  # the fence, the text, the event
    assert [statement.split()[0] for statement in seen] == [*how_to_wait, *said, *first, "COMMIT"]


def a_room_with_ana_on(world: DatabaseWorld) -> tuple[Room, Lease]:
    acquired = world.acquire("lobby", world.node())
    room = Room(acquired, [], 1_000, RULES, lambda: f"id {next(_numbers)}")
    turn = say(world, room, acquired.lease, Join(room_id="lobby", member=ANA))
    world.commit([write(acquired.lease, records=turn.records)])
    return room, acquired.lease


def commit_a_message(world: DatabaseWorld, room: Room, lease: Lease, number: int) -> None:
    post = PostMessage(
        room_id="lobby",
        author_id=ANA.user_id,
        author_name="Ana",
        client_id=f"c{number}",
        content="hi",
        member=ANA,
    )
    turn = say(world, room, lease, post)
    assert len(turn.events) == 1
    world.commit([write(lease, *turn.events, after=number - 1, records=turn.records)])


def say(world: DatabaseWorld, room: Room, lease: Lease, command: Join | PostMessage) -> Turn:
    questions, turn = room.need([command], 2_000), Turn(2_000)
    assert questions is None or isinstance(command, Join), "a message reads nothing"
    if questions is not None:
        room.learn(world.store.load(lease, questions))
    room.handle(command, turn)
    room.finish(turn)
    return turn


def test_the_rooms_one_was_in_are_one_statement(sqlite_world: DatabaseWorld) -> None:
    node = sqlite_world.node()
    for n in range(20):
        lease = sqlite_world.acquire(f"room {n}", node).lease
        stay = SessionRecord(
            room_id=lease.room_id,
            user_id="u_ana",
            device="tab",
            name="Ana",
            node_id=node,
            is_present=True,
            seen_at=5,
        )
        sqlite_world.commit([write(lease, event(lease.room_id, 1), records=[stay])])

    with statements_of(sqlite_world) as seen:
        rooms = sqlite_world.store.sessions.rooms_of("u_ana", 1)

    assert len(rooms) == 20
    assert [statement.split()[0] for statement in seen] == ["SELECT"]


def test_no_statement_looks_through_a_table(sqlite_world: DatabaseWorld) -> None:
    with statements_of(sqlite_world) as seen:
        go_through_everything(sqlite_world)

    plans = {statement: plan_of(sqlite_world, statement) for statement in seen}
    assert len(plans) > 15
    assert {statement: plan for statement, plan in plans.items() if LOOKED_THROUGH.search(plan)} == {}


def test_what_is_left_of_somebodys_words_is_looked_for_among_theirs(sqlite_world: DatabaseWorld) -> None:
    """Not in the whole log of the room, whose key begins with the room too: SQLite would take that one."""
    with statements_of(sqlite_world) as seen:
        go_through_everything(sqlite_world)
        node = sqlite_world.node()
        names = [NameRecord(room_id="hall", likeness="cy", user_id="u_cy", at=5)]
        sqlite_world.commit([write(sqlite_world.acquire("hall", node).lease, records=names)])
        database = sqlite_world.store.database
        (keys,) = UNHELD_NAMES.pages(database, before=6)
        with database.writing() as connection:
            assert UNHELD_NAMES.remove(connection, keys, before=6) == len(keys)

    plans = [plan_of(sqlite_world, statement) for statement in seen if "u_" in statement]
    of_the_log = [line for plan in plans for line in plan.splitlines() if line.startswith("SEARCH events")]
    assert sum("user_id=?" in line for line in of_the_log) >= 3
    assert [line for line in of_the_log if line.endswith("(room_id=?)")] == []


def test_a_page_without_changes_is_one_statement_and_one_with_targets_takes_two(
    sqlite_world: DatabaseWorld,
) -> None:
    """And one more to find where the log begins; reactions are counted by the statement that reads."""
    room = ChangingRoom(sqlite_world)
    said = room.say(*map(str, range(30)))
    asked: list[dict[str, int]] = [{}, {"before": 15}, {"after": 5}]

    def counts() -> list[int]:
        return [len(statements_of_page(sqlite_world, limit=5, **each)) for each in asked]

    plain = counts()
    for row in (said[-1], said[12], said[8]):
        row_with_reactions = room.batch()
        row_with_reactions.react(row, "👍", "Ben", "Cy")
        room.commit(row_with_reactions)
    with_changes = counts()
    room.do("say", "yes", answers=said[-1])
    with_a_reply = counts()

    assert plain == [2, 2, 2]
    assert with_changes == [3, 2, 2], "at the head there are changes, between which it reads on"
    assert with_a_reply == [4, 2, 2]


def test_reactions_are_counted_where_a_change_has_left_no_counts_and_nowhere_else(
    sqlite_world: DatabaseWorld,
) -> None:
    room = ChangingRoom(sqlite_world)
    room.say("one", "two")
    [_, page] = statements_of_page(sqlite_world, limit=5)
    plan = plan_of(sqlite_world, page)

    assert "SEARCH reactions USING PRIMARY KEY (room_id=? AND target=?)" in plan
    assert "WHEN (events.rev IS NOT NULL AND events.counts_rev IS NOT events.rev) THEN (SELECT" in page


def statements_of_page(world: DatabaseWorld, **asked: int) -> list[str]:
    with statements_of(world) as seen:
        world.store.history.page("lobby", cutoff=0, **asked)
    return seen


def change_something(world: DatabaseWorld) -> None:
    room = ChangingRoom(world, "where things change")
    said, other = room.say("one", "two")
    reply = room.do("say", "yes", answers=said)
    batch = room.batch()
    batch.react(said, "👍", "Ben")
    batch.react(other, "👍", "Ben", on=False)
    batch.edit(said, "ONE")
    batch.delete(other)
    room.commit(batch)
    room.told()
    room.targets(said.seq, reply.seq)
    key = ReactionKey(said.seq, "👍", "u_Ben")
    newcomers = ReactionsOf(user_ids=("u_Ben",), after=0)
    world.store.load(room.lease, [ReactionsOn(targets=(said.seq,), keys=(key,)), newcomers])
    world.store.reactions.people(room.room, said.seq, said.id, 0)
    world.store.reactions.mine("u_Ben", room.room, [said.seq])


def go_through_everything(world: DatabaseWorld) -> None:
    node = world.node()
    lease = world.acquire("lobby", node).lease
    session = SessionRecord(
        room_id="lobby",
        user_id="u_ana",
        device="tab",
        name="Ana",
        node_id=node,
        is_present=True,
        seen_at=5,
    )
    read = ReadRecord(room_id="lobby", user_id="u_ana", seq=1, at=5)
    names = [NameRecord(room_id="lobby", likeness=name, user_id="u_ana", at=5) for name in ("ana", "anna")]
    given_up = NameGivenUp(room_id="lobby", likeness="anna", user_id="u_ana")
    world.commit([write(lease, event("lobby", 1, client_id="c1"), records=[session, read, *names, given_up])])
    world.commit([write(lease, event("lobby", 2, client_id="c1"), after=1)])  # repeats an id
    change_something(world)
    wanted = WantedName(user_id="u_ben", likenesses=["ana"], offered=lambda: ["ana 2", "ana 3"])
    questions = [
        KnownIds(keys=[("u_ana", "c1"), ("u_ben", "c2")]),
        Range(after=0, limit=10, cutoff=1),
        Newest(limit=10, cutoff=1),
        Floor(start=1, cutoff=1),
        SessionsOf(devices=[("u_ana", "tab")]),
        ReadsOf(user_ids=["u_ana"]),
        HoldersOf(wanted=[wanted], cutoff=1),
    ]
    world.store.load(lease, questions)
    for place in ({}, {"before": 2}, {"after": 0}, {"around": 1}):
        world.store.history.page("lobby", limit=10, cutoff=1, **place)
    world.store.history.heads(["lobby"])
    world.store.sessions.rooms_of("u_ana", 1)
    world.store.sessions.people_in("lobby", named=3)
    world.store.users.get("u_ana")
    send_a_file(world)
    world.release(lease)
    world.acquire("lobby", node)


def send_a_file(world: DatabaseWorld) -> None:
    quotas = UploadQuotas(world.store.database)
    upload = quotas.begin(new_upload(size=3), allowed(person=(Quota(5, 1000),), address=(Quota(5, 1000),)))
    assert isinstance(upload, StoredUpload)
    assert isinstance(quotas.begin(new_upload(size=3), allowed(person=(Quota(5, 1000),))), Over)
    world.store.uploads.append(upload, UploadPart("a/0", 3))
    world.store.uploads.get(upload.upload_id)
    lease = world.acquire("where files are sent", world.node()).lease
    world.store.load(lease, [UploadsFor(ids=(upload.upload_id, "another"))])
    sent = new_upload(room_id="where files are sent", size=3)
    whole = quotas.begin(sent, allowed())
    assert isinstance(whole, StoredUpload)
    world.store.uploads.append(whole, UploadPart("a/0", 3), state=READY)
    bound = UploadsBound(
        room_id="where files are sent", seq=1, ts=9, user_id=sent.user_id, ids=(sent.upload_id,)
    )
    kept = UploadsKept(room_id="where files are sent", seq=1, at=9, ids=())
    assert world.commit([write(lease, event("where files are sent", 1), records=[bound, kept])]) == [
        Outcome.COMMITTED
    ]
    world.store.uploads.give_up(upload.upload_id)


def test_what_all_rooms_hold_is_summed_in_an_index(sqlite_world: DatabaseWorld) -> None:
    with statements_of(sqlite_world) as seen:
        UploadQuotas(sqlite_world.store.database).total_bytes()
        sqlite_world.store.uploads.by_state()

    plans = [plan_of(sqlite_world, statement) for statement in seen]
    assert plans == [f"SCAN uploads{SUMMED}"] * 2


def plan_of(world: DatabaseWorld, statement: str) -> str:
    if statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
        return ""
    with world.store.database.reading() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
        return "\n".join(row.detail for row in rows)
