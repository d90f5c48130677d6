"""The alarm on real databases: what has expired goes, wholly, and nothing else does."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from chatapp.jobs.claimed import WAL_PAUSE_SECONDS
from chatapp.jobs.cleanup import ALARM, clean_up, overdue
from chatapp.jobs.plan import SECOND_LOOK_MS
from chatapp.jobs.report import Ending, Report
from chatapp.kernel.ports import Outcome
from chatapp.rooms.attendance.names import NameRecord
from chatapp.rooms.attendance.sessions import SessionRecord
from chatapp.rooms.messages.mentions import MentionsSet
from chatapp.rooms.reading import ReadRecord
from chatapp.store.forgetting.space import PAGES_AT_ONCE
from chatapp.store.log.texts import WORDS
from chatapp.store.migrations import upgrade
from chatapp.store.models import (
    EXPIRED,
    LIVING,
    alarms,
    events,
    mentions,
    nodes,
    reactions,
    read_cursors,
    revocations,
    room_leases,
    room_names,
    rooms,
    sessions,
    users,
)
from chatapp.store.nodes.alarms import CLAIM_MS, OVERDUE_MS, Alarm, ClaimLost
from tests.contracts.test_statements import statements_of
from tests.contracts.worlds import DatabaseWorld, event, write
from tests.databases import database_url, postgresql_server, postgresql_url, sqlite_template, sqlite_url

__all__ = ["database_url", "postgresql_server", "postgresql_url", "sqlite_template", "sqlite_url"]

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_800_000_000_000

Json = dict[str, Any]


class House:
    """A database whose time is the test's, with a way to fill it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.world = DatabaseWorld(url)
        self.database = self.world.store.database
        self.now = NOW
        self.node = self.world.node()
        self.pauses: list[float] = []

    def clean(self, retention_ms: int = DAY) -> Report:
        return clean_up(self.database, retention_ms, now=lambda: self.now, pause=self.pauses.append)

    def say(self, room_id: str, *ages_ms: int, content: str = "hi") -> None:
        """One event of each age, oldest first."""
        lease = self.world.acquire(room_id, self.node).lease
        said = [
            event(room_id, lease.last_seq + n, ts=self.now - age, body=f'{{"content":"{content}"}}'.encode())
            for n, age in enumerate(ages_ms, 1)
        ]
        assert self.world.commit([write(lease, *said)]) == [Outcome.COMMITTED]

    def session(self, room_id: str, **more: Any) -> SessionRecord:
        return SessionRecord(
            **{
                "room_id": room_id,
                "user_id": "u_1",
                "device": "d",
                "name": "Ana",
                "node_id": self.node,
                "is_present": True,
                "seen_at": self.now - 1000,
                "attachment": None,
                "attachment_version": 0,
                "lingers": True,
                **more,
            }
        )

    def seqs(self, room_id: str) -> list[int]:
        """Also of rows that have lost their content."""
        with self.database.reading() as connection:
            kept = select(events.c.seq).where(events.c.room_id == room_id)
            return list(connection.scalars(kept.order_by(events.c.seq)))

    def count(self, table: object) -> int:
        with self.database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]

    def fill(self, rows: int, *, rooms_: int = 4) -> None:
        """Rows of a day and more ago, and one of now in each room."""
        for number in range(rooms_):
            self.say(f"room {number}", *([2 * DAY] * (rows // rooms_)), 0)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    house = House(database_url)
    yield house
    house.world.close()


def test_what_is_older_than_the_retention_goes_and_the_rest_stays(house: House) -> None:
    house.say("old", 3 * DAY, 2 * DAY, DAY)
    house.say("mixed", 2 * DAY, DAY + 1, DAY - 1, 0)
    house.say("young", HOUR, 0)

    report = house.clean()

    assert (house.seqs("old"), house.seqs("mixed"), house.seqs("young")) == ([], [3, 4], [1, 2])
    assert (report.ending, report.rows, report.rooms) == (Ending.DONE, 5, 2)
    assert report.oldest_age_ms == DAY - 1
    # The log goes on where it was.
    house.say("old", 0)
    assert house.seqs("old") == [4]


def test_with_a_short_retention_the_content_goes_first_and_the_row_later(house: House) -> None:
    house.say("lobby", 3 * HOUR, HOUR, 0)

    report = house.clean(retention_ms=HOUR // 2)

    with house.database.reading() as connection:
        kept = select(events.c.seq, events.c.gone, events.c.content_hash, WORDS).order_by(events.c.seq)
        left = [(*key, bytes(hash_), words) for *key, hash_, words in connection.execute(kept)]
    assert left == [(2, EXPIRED, b"", None), (3, LIVING, b"sixteen bytes...", 'Ana\n{"content":"hi"}')]
    assert (report.rows, report.emptied) == (1, 1)
    assert report.oldest_age_ms == 0


def test_an_emptied_row_stays_until_its_time_is_up(house: House) -> None:
    """It answers repeated sends: the next run must not take it early because it is empty."""
    house.clean(retention_ms=HOUR // 2)
    house.say("lobby", 0)
    left = []

    for wait in (HOUR, HOUR - 1, HOUR):
        house.now += wait
        report = house.clean(retention_ms=HOUR // 2)
        left.append((report.emptied, report.rows, house.seqs("lobby")))

    assert left == [(1, 0, [1]), (0, 0, [1]), (0, 1, [])]


def test_no_transaction_is_large_and_each_is_followed_by_a_pause(house: House) -> None:
    house.fill(3500, rooms_=2)

    report = house.clean()

    assert report.rows == 3500
    assert len(house.pauses) >= 4
    assert min(house.pauses) >= 0.005


def test_a_doubled_ring_runs_once(house: House) -> None:
    house.say("lobby", 2 * DAY)
    assert house.clean().ending is Ending.DONE
    house.say("lobby", 2 * DAY)

    assert house.clean().ending is Ending.NOT_DUE

    assert house.seqs("lobby") == [2]
    house.now += HOUR
    assert house.clean().rows == 1


def test_while_one_runs_another_waits_and_is_told_for_how_long(house: House) -> None:
    house.fill(3000)
    other = DatabaseWorld(house.url)
    reports: list[Report] = []

    def meanwhile(_seconds: float) -> None:
        if not reports:
            reports.append(clean_up(other.store.database, DAY, now=lambda: house.now, pause=lambda _: None))

    clean_up(house.database, DAY, now=lambda: house.now, pause=meanwhile)

    assert [(r.ending, r.retry_after_ms) for r in reports] == [(Ending.HELD, CLAIM_MS)]
    assert house.count(events) == 4
    other.close()


def test_a_run_that_was_taken_for_dead_stops(house: House) -> None:
    house.fill(3000)

    def taken_over(_seconds: float) -> None:
        with house.world.nodes_database.writing() as connection:
            connection.execute(update(alarms).values(claimed_by="somebody else"))

    with pytest.raises(ClaimLost):
        clean_up(house.database, DAY, now=lambda: house.now, pause=taken_over)

    assert house.count(events) > 2000


KILLED_MIDWAY = """
import os, signal, sys
from chatapp.jobs.cleanup import clean_up
from chatapp.store.database.engine import open_database

transactions = 0

def pause(seconds):
    global transactions
    transactions += 1
    if transactions == 7:
        os.kill(os.getpid(), signal.SIGKILL)

clean_up(open_database(sys.argv[1]), 86_400_000, now=lambda: int(sys.argv[2]), pause=pause)
"""


def test_a_run_killed_midway_is_finished_by_the_next(house: House) -> None:
    house.fill(20_000)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED_MIDWAY, house.url, str(house.now)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        timeout=60,
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert 4 < house.count(events) < 20_004
    assert house.clean().ending is Ending.HELD
    house.now += CLAIM_MS
    report = house.clean()
    assert (report.ending, report.rows) == (Ending.DONE, 13_000)
    assert [house.seqs(f"room {n}") for n in range(4)] == [[5001]] * 4


def test_a_clock_that_jumps_deletes_nothing_until_it_says_so_again(house: House) -> None:
    house.clean()
    house.say("lobby", 0)
    house.now += 2 * DAY

    assert house.clean().ending is Ending.NOTED
    assert house.seqs("lobby") == [1]

    house.now += SECOND_LOOK_MS
    assert house.clean().ending is Ending.DONE
    assert house.seqs("lobby") == []


def test_a_clock_that_comes_back_costs_nothing(house: House) -> None:
    house.clean()
    house.say("lobby", 0)
    house.now += 2 * DAY
    assert house.clean().ending is Ending.NOTED
    house.now -= 2 * DAY - HOUR

    house.now += SECOND_LOOK_MS
    house.clean()

    assert house.seqs("lobby") == [1]


def test_a_slot_that_a_wrong_clock_has_set_far_ahead_is_due_now(house: House) -> None:
    house.clean()
    house.say("lobby", DAY - HOUR, 0)
    house.now += 3 * DAY
    assert house.clean().ending is Ending.NOTED
    house.now -= 3 * DAY - HOUR

    assert overdue(house.database, DAY, now=lambda: house.now)
    assert house.clean().ending is Ending.DONE
    assert house.seqs("lobby") == [2]
    assert not overdue(house.database, DAY, now=lambda: house.now)
    assert house.clean().ending is Ending.NOT_DUE


def test_a_claim_of_a_run_whose_clock_was_wrong_holds_up_nobody(house: House) -> None:
    house.clean()
    Alarm(house.database, ALARM, "three days ahead").claim(house.now + 3 * DAY)
    house.now += HOUR

    assert house.clean().ending is Ending.DONE


def test_a_claim_that_is_renewed_while_another_asks_for_it_stays(house: House) -> None:
    """Who asks waits for the transaction that renews it, and has read the clock before."""
    holder, other = Alarm(house.database, ALARM, "holder"), Alarm(house.database, ALARM, "other")
    holder.ensure(house.now, done_cutoff=0)
    holder.claim(house.now)

    with house.database.writing() as connection:
        holder.renew(connection, house.now + 3000)

    assert other.claim(house.now) is None


def _stay(
    house: House, user: str, *, age: int, is_present: bool = False, node: str | None = None
) -> SessionRecord:
    return SessionRecord(
        room_id="lobby",
        user_id=user,
        device="tab",
        name=user,
        node_id=node or house.node,
        is_present=is_present,
        seen_at=house.now - age,
        attachment="{}",
    )


def test_whom_a_message_calls_is_forgotten_with_the_message(house: House) -> None:
    house.say("lobby", DAY)
    house.say("lobby", 0)
    lease = house.world.acquire("lobby", house.node).lease
    called = [
        MentionsSet(room_id="lobby", target=seq, ts=house.now - age, called=(("u_ben", seq),), no_longer=())
        for seq, age in ((1, DAY), (2, 0))
    ]
    house.world.commit([write(lease, records=called, after=2)])

    house.clean()

    with house.database.reading() as connection:
        assert list(connection.scalars(select(mentions.c.target))) == [2]


def test_what_people_left_goes_when_they_were_not_seen_for_the_retention(house: House) -> None:
    house.say("lobby", 0)
    lease = house.world.acquire("lobby", house.node).lease
    stays = [
        _stay(house, "u_gone", age=DAY),
        _stay(house, "u_back", age=DAY - 1),
        _stay(house, "u_here", age=5 * DAY, is_present=True),
        _stay(house, "u_lost", age=5 * DAY, is_present=True, node="long dead"),
    ]
    reads = [
        ReadRecord(room_id="lobby", user_id=user, seq=1, at=house.now - age)
        for user, age in (("u_gone", DAY), ("u_back", DAY - 1))
    ]
    house.world.commit([write(lease, records=[*stays, *reads])])

    house.clean()

    with house.database.reading() as connection:
        assert sorted(connection.scalars(select(sessions.c.user_id))) == ["u_back", "u_here"]
        assert list(connection.scalars(select(read_cursors.c.user_id))) == ["u_back"]


def test_a_name_goes_when_its_holder_has_and_nothing_is_left_of_what_they_wrote(house: House) -> None:
    lease = house.world.acquire("lobby", house.node).lease
    ages = {"u_gone": (2 * DAY,), "u_wrote": (2 * DAY, HOUR), "u_here": (2 * DAY,)}
    said = sorted((house.now - age, user) for user, times in ages.items() for age in times)
    log = [event("lobby", n, ts=ts, user_id=user) for n, (ts, user) in enumerate(said, 1)]
    names = [
        NameRecord(room_id="lobby", likeness=user, user_id=user, at=house.now - times[0])
        for user, times in ages.items()
    ]
    here = _stay(house, "u_here", age=2 * DAY, is_present=True)
    assert house.world.commit([write(lease, *log, records=[here, *names])]) == [Outcome.COMMITTED]

    house.clean()

    with house.database.reading() as connection:
        assert sorted(connection.scalars(select(room_names.c.user_id))) == ["u_here", "u_wrote"]


def test_dead_nodes_expired_guests_and_old_revocations_go(house: House) -> None:
    def guest(name: str, expires_in: int) -> dict[str, object]:
        times = {"created_at": 0, "last_used_at": 0, "expires_at": house.now + expires_in}
        return {"user_id": name, "name": name, "token_id": "t", **times}

    with house.database.writing() as connection:
        connection.execute(
            insert(nodes),
            [
                {"node_id": "long dead", "beat": 1, "lease_until": house.now - DAY, "state": 3},
                {"node_id": "just dead", "beat": 1, "lease_until": house.now - HOUR, "state": 3},
                {"node_id": "long silent", "beat": 1, "lease_until": house.now - DAY, "state": 1},
            ],
        )
        connection.execute(insert(users), [guest("u_over", 0), guest("u_good", 1)])
        connection.execute(
            insert(revocations),
            [{"user_id": "u_a", "at": house.now - DAY}, {"user_id": "u_a", "at": house.now - HOUR}],
        )

    house.clean()

    with house.database.reading() as connection:
        assert set(connection.scalars(select(nodes.c.node_id))) == {house.node, "just dead", "long silent"}
        assert list(connection.scalars(select(users.c.user_id))) == ["u_good"]
        assert list(connection.scalars(select(revocations.c.at))) == [house.now - HOUR]


def test_a_room_is_forgotten_only_when_it_is_empty_unowned_and_unvisited_for_long(house: House) -> None:
    for room in ("forgotten", "visited", "owned"):
        house.say(room, 2 * DAY)
    house.say("written", 0)
    orphan = house.world.node()
    lease = house.world.acquire("orphaned", orphan).lease
    said = write(lease, event("orphaned", 1, ts=house.now - 2 * DAY))
    assert house.world.commit([said]) == [Outcome.COMMITTED]
    house.world.declare_dead(orphan)
    with house.database.writing() as connection:
        connection.execute(update(rooms).values(visited_at=house.now - 31 * DAY))
        connection.execute(update(rooms).where(rooms.c.room_id == "visited").values(visited_at=house.now))
        connection.execute(
            update(room_leases)
            .where(room_leases.c.room_id.in_(("forgotten", "visited", "written")))
            .values(owner_id=None)
        )

    report = house.clean()

    assert report.forgotten == 2
    for table in (rooms, room_leases):
        with house.database.reading() as connection:
            assert set(connection.scalars(select(table.c.room_id))) == {"visited", "owned", "written"}


def test_a_room_in_which_nothing_was_ever_said_goes_with_its_last_visitor(house: House) -> None:
    """Not while somebody is in it, or it is awake, or holds what a device was promised to find again."""
    dead = house.world.node()
    stays: dict[str, list[Json]] = {
        "left": [{"is_present": False}],
        "orphaned": [{"node_id": dead, "seen_at": house.now - DAY}],
        # Its node may be there again by another name, with the same people.
        "of a node that was declared dead": [{"node_id": dead}],
        "in use": [{}, {"user_id": "u_2", "is_present": False}],
        "attached": [{"is_present": False, "attachment": "{}"}],
        "awake": [],
        "never joined": [],
    }
    for room, records in stays.items():
        lease = house.world.acquire(room, house.node).lease
        sessions_of = [house.session(room, **record) for record in records]
        assert house.world.commit([write(lease, records=sessions_of)]) == [Outcome.COMMITTED]
        if room != "awake":
            house.world.release(lease)
    house.say("spoken in", HOUR)
    house.world.acquire("its owner died", dead)
    house.world.declare_dead(dead)
    with house.database.writing() as connection:
        connection.execute(update(rooms).values(visited_at=house.now))
        read = {"user_id": "u_1", "seq": 0, "at": house.now}
        connection.execute(insert(read_cursors), [{"room_id": room, **read} for room in ("left", "in use")])
        connection.execute(
            update(room_leases).where(room_leases.c.room_id == "spoken in").values(owner_id=None)
        )

    report = house.clean()

    with_people = {"in use", "attached", "of a node that was declared dead"}
    kept = {*with_people, "awake", "spoken in"}
    assert report.forgotten == 4
    with house.database.reading() as connection:
        for table in (rooms, room_leases):
            assert set(connection.scalars(select(table.c.room_id))) == kept
        assert set(connection.scalars(select(sessions.c.room_id))) == with_people
        assert set(connection.scalars(select(read_cursors.c.room_id))) == {"in use"}


def test_pages_that_are_free_go_back_to_the_disk_a_few_at_a_time(sqlite_url: str) -> None:
    house = House(sqlite_url)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    house.clean()
    before = file.stat().st_size
    for number in range(40):
        house.say(f"room {number}", *([2 * DAY] * 100), content="x" * 1_000)
    house.now += HOUR

    report = house.clean()

    assert report.given_back * 4096 > 4_000_000
    assert file.stat().st_size < before + 100_000
    assert report.given_back / len(house.pauses) < PAGES_AT_ONCE
    house.world.close()


def test_a_file_from_before_it_could_shrink_is_rewritten_once_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with closing(sqlite3.connect(file)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("CREATE TABLE something (n)")
    upgrade(f"sqlite:///{file}")

    with closing(sqlite3.connect(file)) as now:
        assert now.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        version = now.execute("PRAGMA schema_version").fetchone()  # a VACUUM changes it
    upgrade(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as later:
        assert later.execute("PRAGMA schema_version").fetchone() == version


def test_a_forgotten_room_begins_a_new_stream(house: House) -> None:
    old = house.world.acquire("lobby", house.node).lease
    assert house.world.commit([write(old, event("lobby", 1, ts=house.now - 2 * DAY))])
    house.world.release(old)
    with house.database.writing() as connection:
        connection.execute(update(rooms).values(visited_at=house.now - 31 * DAY))
    house.clean()

    new = house.world.acquire("lobby", house.node).lease

    assert (new.epoch, new.last_seq) == (1, 0)
    assert new.stream_id != old.stream_id


def test_deleted_text_is_gone_from_the_files(sqlite_url: str) -> None:
    house = House(sqlite_url)
    house.say("lobby", 3 * DAY, content="a very secret sentence")
    house.say("short", 30, content="another secret sentence")
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    assert _holds(folder, b"very secret sentence")

    report = house.clean()

    assert report.ending is Ending.DONE
    assert not _holds(folder, b"very secret sentence")
    assert _holds(folder, b"another secret sentence")

    # A retention that is shortened looks like a clock that jumps, and is believed the second time.
    for wait in (HOUR, SECOND_LOOK_MS):
        house.now += wait
        house.clean(retention_ms=HOUR // 2)
    assert house.seqs("short") == [1]
    assert not _holds(folder, b"another secret sentence")
    house.world.close()


def test_what_is_set_aside_while_a_table_is_written_anew_is_in_no_file(sqlite_url: str) -> None:
    house = House(sqlite_url)
    house.clean()

    with house.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA temp_store").scalar_one() == 2, "in memory"
    house.world.close()


def _holds(folder: Path, text: bytes) -> bool:
    return any(text in file.read_bytes() for file in folder.glob("chat.db*"))


def test_a_reader_in_the_way_of_the_checkpoint_is_waited_for(sqlite_url: str) -> None:
    house = House(sqlite_url)
    house.say("lobby", 3 * DAY)
    reader = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchall()

    waits = []

    def pause(seconds: float) -> None:
        if seconds == WAL_PAUSE_SECONDS:
            waits.append(seconds)
            if len(waits) == 2:
                reader.execute("ROLLBACK")

    report = clean_up(house.database, DAY, now=lambda: house.now, pause=pause)

    assert report.ending is Ending.DONE
    assert len(waits) == 2
    reader.close()
    house.world.close()


def test_a_slot_nobody_served_is_overdue_after_a_quarter_of_an_hour(house: House) -> None:
    assert not overdue(house.database, DAY)
    with house.database.writing() as connection:
        connection.execute(update(alarms).values(next_due=alarms.c.next_due - OVERDUE_MS - 1))

    assert overdue(house.database, DAY)

    clean_up(house.database, DAY, pause=house.pauses.append)
    assert not overdue(house.database, DAY)


@pytest.mark.parametrize("names", [[""], ["", "Ana"]], ids=["of now", "some of the version before"])
def test_reactions_go_with_their_messages(house: House, names: list[str]) -> None:
    """Row by row: nobody waits while all of them are written anew, unless names are among them."""
    house.say("lobby", *([2 * DAY] * 5), *([HOUR] * 5))
    rows = [
        {
            "room_id": "lobby",
            "target": seq,
            "emoji": "👍",
            "user_id": f"u_{number}",
            "name": name,
            "seq": seq,
            "ts": house.now - (2 * DAY if seq <= 5 else HOUR),
        }
        for seq in range(1, 11)
        for number, name in enumerate(names)
    ]
    with house.database.writing() as connection:
        connection.execute(insert(reactions), rows)

    with statements_of(house.world) as seen:
        report = house.clean()

    assert (house.count(reactions), report.swept) == (5 * len(names), 5 * len(names))
    assert any("LIKE reactions" in each or "FROM reactions WHERE false" in each for each in seen) == (
        len(names) > 1
    )
