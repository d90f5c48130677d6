"""What is read: pages that say where they stand, and never an expired message."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from chatapp.errors import RoomNotFound
from chatapp.kernel.ports import Lease
from chatapp.rooms.attendance.sessions import SessionRecord, SessionsOf
from chatapp.rooms.messages.pages import PAGE_BYTES, bytes_of
from chatapp.rooms.messages.recent_ids import KnownIds
from chatapp.rooms.messages.recovery import Range
from chatapp.rooms.messages.tail import Floor, Newest
from chatapp.rooms.reading import ReadRecord, ReadsOf
from chatapp.store.forgetting.expiry import LogSlice, empty
from chatapp.store.log.history import History, Page
from chatapp.store.models import DELETED, events
from chatapp.store.people.sessions import PEOPLE_COUNTED, PeopleIn
from tests.contracts.worlds import DatabaseWorld, event, write


@pytest.fixture
def lease(database_world: DatabaseWorld) -> Lease:
    """A room with ten events, whose ts is 1000 × seq."""
    node = database_world.node()
    lease = database_world.acquire("lobby", node).lease
    said = [event("lobby", seq, ts=1000 * seq, client_id=f"c{seq}") for seq in range(1, 11)]
    database_world.commit([write(lease, *said)])
    return lease


@pytest.fixture
def history(database_world: DatabaseWorld, lease: Lease) -> History:
    return database_world.store.history


def seqs(page: Page) -> list[int]:
    return [e.seq for e in page.events]


@pytest.mark.parametrize(
    ("asked", "seqs_found", "more_before", "more_after"),
    [
        ({"limit": 3}, [8, 9, 10], True, False),
        ({"limit": 50}, [4, 5, 6, 7, 8, 9, 10], False, False),
        ({"limit": 3, "before": 7}, [4, 5, 6], False, True),
        ({"limit": 2, "before": 7}, [5, 6], True, True),
        ({"limit": 3, "after": 6}, [7, 8, 9], True, True),
        ({"limit": 3, "after": 0}, [4, 5, 6], False, True),
        ({"limit": 4, "around": 7}, [6, 7, 8, 9], True, True),
        ({"limit": 4, "around": 2}, [4, 5, 6, 7], False, True),
        ({"limit": 4, "around": 10}, [9, 10], True, False),
    ],
)
def test_a_page_never_reaches_below_the_floor(
    history: History, asked: dict[str, int], seqs_found: list[int], more_before: bool, more_after: bool
) -> None:
    page = history.page("lobby", cutoff=3000, **asked)

    assert seqs(page) == seqs_found
    assert (page.first, page.last) == (seqs_found[0], seqs_found[-1])
    assert (page.head, page.floor) == (10, 4)
    assert (page.more_before, page.more_after) == (more_before, more_after)


@pytest.mark.parametrize(
    ("asked", "more_before", "more_after"),
    [
        ({}, True, False),
        ({"before": 90}, True, True),
        ({"after": 10}, True, True),
        ({"around": 50}, True, True),
    ],
    ids=str,
)
def test_a_page_of_the_longest_messages_is_bounded_in_bytes_and_says_that_there_is_more(
    database_world: DatabaseWorld, asked: dict[str, int], more_before: bool, more_after: bool
) -> None:
    lease = database_world.acquire("long", database_world.node()).lease
    longest = b'{"content":"%s"}' % ("\U0001f600" * 4_000).encode()
    said = [event("long", seq, body=longest, client_id=f"c{seq}") for seq in range(1, 101)]
    database_world.commit([write(lease, *said)])

    page = database_world.store.history.page("long", cutoff=0, limit=100, **asked)

    assert len(page.events) > 1
    assert sum(map(bytes_of, page.events)) <= PAGE_BYTES
    assert page.first is not None
    assert page.last is not None
    assert seqs(page) == list(range(page.first, page.last + 1))
    holds = {
        (): page.last == 100,
        ("before",): page.last == 89,
        ("after",): page.first == 11,
        ("around",): page.first < 50 < page.last,
    }
    assert holds[tuple(asked)]
    assert (page.more_before, page.more_after) == (more_before, more_after)


@pytest.mark.parametrize("asked", [{"before": 4}, {"after": 10}, {"before": 1}, {"after": 99}])
def test_where_nothing_is_the_page_says_where_the_log_is(history: History, asked: dict[str, int]) -> None:
    page = history.page("lobby", limit=5, cutoff=3000, **asked)

    assert (seqs(page), page.first, page.last, page.head, page.floor) == ([], None, None, 10, 4)


def test_a_log_that_has_expired_wholly_has_its_floor_behind_its_head(history: History) -> None:
    page = history.page("lobby", limit=5, cutoff=10_000)

    assert (seqs(page), page.head, page.floor) == ([], 10, 11)
    assert history.tail("lobby", 5, 10_000) == []


def test_a_room_that_does_not_exist_has_no_history(history: History) -> None:
    with pytest.raises(RoomNotFound):
        history.page("nowhere", limit=5, cutoff=0)
    assert history.heads(["nowhere", "lobby"]) == {"lobby": 10}


@pytest.mark.parametrize("removed", [0, 1, 5, 9, 10])
@pytest.mark.parametrize("expired", [0, 1, 4, 9, 10])
def test_the_floor_is_the_first_row_that_is_neither_removed_nor_expired(
    database_world: DatabaseWorld, history: History, removed: int, expired: int
) -> None:
    with database_world.store.database.writing() as connection:
        connection.exec_driver_sql(f"DELETE FROM events WHERE seq <= {removed}")

    for start in (1, max(removed, expired) + 1):
        bounds = history.bounds("lobby", 1000 * expired, start=start)
        assert bounds is not None
        assert bounds.floor == max(removed, expired) + 1
        assert bounds.floor_ts == (1000 * bounds.floor if bounds.floor <= 10 else None)


def test_a_client_id_is_found_even_when_its_message_has_expired(history: History) -> None:
    found = history.lookup("lobby", [("u_ana", "c2"), ("u_ben", "c2"), ("u_ana", "nothing")])

    assert {key: (known.seq, known.ts) for key, known in found.items()} == {("u_ana", "c2"): (2, 2000)}
    assert found["u_ana", "c2"].content_hash == b"sixteen bytes..."


def test_a_room_finds_what_it_needs_to_decide(database_world: DatabaseWorld, lease: Lease) -> None:
    session = SessionRecord(
        room_id="lobby",
        user_id="u_ana",
        device="tab",
        name="Ana",
        node_id=lease.node_id,
        is_present=False,
        seen_at=5,
    )
    read = ReadRecord(room_id="lobby", user_id="u_ana", seq=4, at=5)
    database_world.commit([write(lease, records=[session, read], after=10)])
    questions = [
        KnownIds(keys=[("u_ana", "c1")]),
        Range(after=7, limit=2, cutoff=5000),
        Newest(limit=2, cutoff=5000),
        Floor(start=2, cutoff=5000),
        SessionsOf(devices=[("u_ana", "tab")]),
        ReadsOf(user_ids=["u_ana", "u_ben"]),
    ]

    found = database_world.store.load(lease, questions)

    assert [question for question, _ in found] == questions
    known, page, newest, floor, sessions, reads = [answer for _, answer in found]
    assert known["u_ana", "c1"].seq == 1
    assert [e.seq for e in page] == [8, 9]
    assert [e.seq for e in newest] == [9, 10]
    assert floor == (6, 6000)
    assert [s.device for s in sessions] == ["tab"]
    assert reads == {"u_ana": 4}
    ((_, nothing),) = database_world.store.load(lease, [Floor(start=1, cutoff=10_000)])
    assert nothing is None


def stay(
    lease: Lease,
    user_id: str,
    *,
    device: str = "tab",
    seen_at: int = 5,
    name: str = "Ben",
    node_id: str = "",
    is_present: bool = True,
) -> SessionRecord:
    return SessionRecord(
        room_id=lease.room_id,
        user_id=user_id,
        device=device,
        name=name,
        node_id=node_id or lease.node_id,
        is_present=is_present,
        seen_at=seen_at,
    )


def test_who_is_in_a_room_is_told_once_each_and_of_many_by_the_first_names(
    database_world: DatabaseWorld, lease: Lease
) -> None:
    people_in = database_world.store.sessions.people_in
    assert people_in("lobby", named=3) == PeopleIn(names=(), count=0)
    elsewhere, dead = database_world.node(), database_world.node()
    database_world.declare_dead(dead)
    devices = [stay(lease, "u_ana", device=device, name="Ana") for device in ("tab", "phone")]
    ben = stay(lease, "u_ben", name="Ben", node_id=elsewhere)
    gone = stay(lease, "u_cleo", name="Cleo", is_present=False)
    lost = stay(lease, "u_dora", name="Dora", node_id=dead)
    database_world.commit([write(lease, records=[*devices, ben, gone, lost], after=10)])

    assert people_in("lobby", named=3) == PeopleIn(names=("Ana", "Ben"), count=2)

    crowd = [stay(lease, f"u_{n}", name=f"Guest {n}") for n in range(9)]
    database_world.commit([write(lease, records=crowd, after=10)])

    assert people_in("lobby", named=3) == PeopleIn(names=("Ana", "Ben", "Guest 0"), count=11)
    assert people_in("another room", named=3) == PeopleIn(names=(), count=0)

    many = [stay(lease, f"v_{n}", name=f"Visitor {n}") for n in range(PEOPLE_COUNTED)]
    database_world.commit([write(lease, records=many, after=10)])

    assert people_in("lobby", named=3).count == PEOPLE_COUNTED


def test_rooms_one_was_in_come_with_what_is_unread(database_world: DatabaseWorld, lease: Lease) -> None:
    quiet = database_world.acquire("quiet", lease.node_id).lease
    database_world.commit([write(quiet, records=[stay(quiet, "u_ben", seen_at=9)])])
    sessions = [stay(lease, "u_ben", device=device) for device in ("tab", "phone")]
    database_world.commit([write(lease, records=sessions, after=10)])
    rooms_of = database_world.store.sessions.rooms_of

    assert [(r.room_id, r.head, r.read_seq, r.unread) for r in rooms_of("u_ben", 0)] == [
        ("quiet", 0, 0, 0),  # visited last
        ("lobby", 10, 0, 10),
    ]
    assert rooms_of("u_cy", 0) == []

    read = ReadRecord(room_id="lobby", user_id="u_ben", seq=4, at=5)
    database_world.commit([write(lease, records=[read], after=10)])

    assert [(r.read_seq, r.unread) for r in rooms_of("u_ben", 0)] == [(0, 0), (4, 6)]


@pytest.mark.parametrize(("cutoff", "unread"), [(4000, 6), (5000, 5), (9000, 1), (10_000, 0)])
def test_what_has_expired_is_not_unread(
    database_world: DatabaseWorld, lease: Lease, cutoff: int, unread: int
) -> None:
    read = ReadRecord(room_id="lobby", user_id="u_ben", seq=4, at=5)
    database_world.commit([write(lease, records=[stay(lease, "u_ben"), read], after=10)])

    [room] = database_world.store.sessions.rooms_of("u_ben", cutoff)

    assert room.unread == unread


def test_what_was_deleted_is_not_unread(database_world: DatabaseWorld, lease: Lease) -> None:
    database_world.commit([write(lease, records=[stay(lease, "u_ben")], after=10)])
    with database_world.store.database.writing() as connection:
        connection.execute(update(events).where(events.c.seq.in_([2, 10])).values(gone=DELETED))

    [room] = database_world.store.sessions.rooms_of("u_ben", 0)

    assert room.unread == 8


def test_changes_are_not_unread_and_do_not_hide_what_is(database_world: DatabaseWorld, lease: Lease) -> None:
    """Nor are they counted among the newest that are looked at."""
    kinds = ("edit", "delete", "react")
    changes = [event("lobby", seq, type=kinds[seq % 3], ts=1000 * seq) for seq in range(11, 131)]
    database_world.commit([write(lease, *changes, records=[stay(lease, "u_ben")], after=10)])

    [room] = database_world.store.sessions.rooms_of("u_ben", 0)

    assert (room.head, room.unread) == (130, 10)


def test_what_one_has_said_oneself_is_not_unread(database_world: DatabaseWorld, lease: Lease) -> None:
    said = event("lobby", 11, ts=11_000, client_id="c11", user_id="u_ben")
    stays = [stay(lease, "u_ben"), stay(lease, "u_ana")]
    database_world.commit([write(lease, said, records=stays, after=10)])
    rooms_of = database_world.store.sessions.rooms_of

    assert [room.unread for user_id in ("u_ben", "u_ana") for room in rooms_of(user_id, 0)] == [10, 1]


def test_of_many_unread_messages_only_the_newest_are_counted(
    database_world: DatabaseWorld, lease: Lease
) -> None:
    said = [event("lobby", seq, ts=1000 * seq, client_id=f"c{seq}") for seq in range(11, 131)]
    database_world.commit([write(lease, *said, records=[stay(lease, "u_ben")], after=10)])

    [room] = database_world.store.sessions.rooms_of("u_ben", 0)

    assert (room.head, room.unread) == (130, 100)


@pytest.mark.parametrize("emptied", [1, 4, 10])
@pytest.mark.parametrize("cutoff", [0, 3000])
def test_a_row_without_its_content_has_expired_whatever_the_cutoff(
    database_world: DatabaseWorld, history: History, emptied: int, cutoff: int
) -> None:
    """A retention that was short once has taken it; a longer one must not show what is left."""
    floor = max(emptied, cutoff // 1000) + 1
    left = list(range(floor, 11))
    with database_world.store.database.writing() as connection:
        connection.execute(update(events).where(events.c.seq == emptied).values(gone=DELETED))
        empty(connection, [LogSlice(room_id="lobby", first=1, last=emptied)])

    page = history.page("lobby", limit=50, cutoff=cutoff)
    bounds = history.bounds("lobby", cutoff)

    assert (seqs(page), page.floor) == (left, floor)
    assert seqs(history.page("lobby", limit=50, cutoff=cutoff, before=11)) == left
    assert seqs(history.page("lobby", limit=50, cutoff=cutoff, after=0)) == left
    assert seqs(history.page("lobby", limit=50, cutoff=cutoff, around=2)) == left
    assert [e.seq for e in history.tail("lobby", 50, cutoff)] == left
    assert [e.seq for e in history.range("lobby", Range(after=0, limit=50, cutoff=cutoff))] == left
    assert bounds is not None
    assert (bounds.floor, bounds.floor_ts) == (floor, 1000 * floor if left else None)


@pytest.mark.parametrize("deleted", [{1}, {5}, {1, 2, 3}, {2, 4, 6, 8, 10}, set(range(1, 11))])
def test_a_message_that_was_deleted_keeps_its_place_and_hides_no_other(
    database_world: DatabaseWorld, history: History, deleted: set[int]
) -> None:
    """It may stand in the middle of the log, where the search for the floor must not take it for old."""
    everything = list(range(1, 11))
    with database_world.store.database.writing() as connection:
        connection.execute(update(events).where(events.c.seq.in_(deleted)).values(gone=DELETED))

    page = history.page("lobby", limit=50, cutoff=0)

    assert (seqs(page), page.floor) == (everything, 1)
    assert seqs(history.page("lobby", limit=50, cutoff=0, after=0)) == everything
    assert seqs(history.page("lobby", limit=50, cutoff=0, around=2)) == everything
    assert [e.seq for e in history.tail("lobby", 50, 0)] == everything
    assert [e.seq for e in history.range("lobby", Range(after=0, limit=50, cutoff=0))] == everything


def test_rooms_in_which_people_are_present_are_those_where_a_session_of_theirs_has_not_ended(
    database_world: DatabaseWorld, lease: Lease
) -> None:
    stays = [
        SessionRecord(
            room_id="lobby",
            user_id=user,
            device=device,
            name=user,
            node_id=lease.node_id,
            is_present=is_present,
            seen_at=5,
        )
        for user, device, is_present in [
            ("u_ana", "tab", True),
            ("u_ana", "phone", True),
            ("u_ben", "tab", False),
            ("u_cleo", "tab", True),
        ]
    ]
    database_world.commit([write(lease, records=stays, after=10)])

    assert database_world.store.sessions.present_in(["u_ana", "u_ben"]) == [("lobby", "u_ana")]
