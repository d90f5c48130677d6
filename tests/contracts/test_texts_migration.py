"""From texts in the log to texts in the ring, with a database as it was left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select

from chatapp.jobs.cleanup import clean_up
from chatapp.jobs.report import Ending
from chatapp.kernel.ports import Outcome
from chatapp.rooms.attendance.likeness import digests, likenesses
from chatapp.rooms.attendance.names import HoldersOf, WantedName
from chatapp.rooms.events import RoomEvent
from chatapp.store.database.engine import open_database
from chatapp.store.log.history import History
from chatapp.store.log.texts import period_of
from chatapp.store.migrations import upgrade
from chatapp.store.models import EXPIRED, LIVING, events, metadata
from chatapp.store.people.names import RoomNames
from tests.contracts.old_schema import (
    HOUR,
    NOW,
    ROOMS,
    TAKEN,
    empty_postgresql,
    fill,
    go_to,
    logs,
    old_rows,
    store_names,
)
from tests.contracts.worlds import DatabaseWorld, event, write

pytestmark = pytest.mark.slow

DAY = 24 * HOUR


def assert_all_is_there(url: str, expected: list[RoomEvent]) -> None:
    with closing(open_database(url)) as database:
        history = History(database)
        for room_id in ROOMS:
            log = [one for one in expected if one.room_id == room_id]
            kept = log[TAKEN:]
            page = history.page(room_id, limit=100, cutoff=0)
            ids = [(one.user_id, one.client_id) for one in log]
            known = history.lookup(room_id, ids)

            assert list(page.events) == kept
            assert (page.stream_id, page.head, page.floor) == (f"s {room_id}", len(log), TAKEN + 1)
            assert [known[key].seq for key in ids] == [one.seq for one in log]
            assert [known[key].content_hash for key in ids] == [
                b"" if one.seq <= TAKEN else one.content_hash for one in log
            ]


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_everything_is_read_back_as_it_was_said(empty_url: str, revision: str) -> None:
    """Up, down, and up again."""
    expected = logs()
    fill(empty_url, revision, expected)
    before = old_rows(empty_url)

    upgrade(empty_url)
    assert_all_is_there(empty_url, expected)
    go_to(empty_url, command.downgrade, "0002")
    assert old_rows(empty_url) == before
    upgrade(empty_url)
    assert_all_is_there(empty_url, expected)


def test_the_tables_are_those_of_the_models_also_where_there_was_something(empty_url: str) -> None:
    fill(empty_url, "0001", logs())

    upgrade(empty_url)

    with closing(open_database(empty_url)) as database, database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_each_text_is_in_the_table_of_its_time_and_a_taken_one_in_none(empty_url: str) -> None:
    fill(empty_url, "0002", logs())

    upgrade(empty_url)

    with closing(open_database(empty_url)) as database, database.reading() as connection:
        rows = connection.execute(select(events)).all()
        texts = [connection.exec_driver_sql(f"SELECT count(*) FROM texts_{n}").scalar_one() for n in range(8)]
    living = [row for row in rows if row.gone == LIVING]
    assert {row.gone for row in rows if row.seq <= TAKEN} == {EXPIRED}
    assert len(rows) - len(living) == TAKEN * len(ROOMS)
    assert all(row.period == period_of(row.ts, DAY) for row in rows)
    assert texts == [sum(row.period == n for row in living) for n in range(8)]
    assert len({row.text_id for row in living}) == len(living)
    assert {row.text_id for row in rows if row.gone} == {0}


def test_what_was_deleted_in_the_middle_does_not_hide_the_rest_from_older_code(empty_url: str) -> None:
    """It takes the first row with a body for the floor, and looks for it by halving."""
    fill(empty_url, "0002", logs(["lobby"]), taken=0)
    go_to(empty_url, command.upgrade, "0003")
    with closing(open_database(empty_url)) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE events SET gone = 1, content_hash = '' WHERE seq = 20")

    go_to(empty_url, command.downgrade, "0002")

    (deleted,) = [row for row in old_rows(empty_url) if row[1] == 20]
    assert (deleted[5], deleted[9]) == ("", '{"content":""}')


def test_the_chat_goes_on_after_it(empty_url: str) -> None:
    expected = logs()
    fill(empty_url, "0002", expected)
    upgrade(empty_url)
    world = DatabaseWorld(empty_url)
    node = world.node()

    for room_id in ROOMS:
        lease = world.acquire(room_id, node).lease
        last = expected[-1].seq
        new = event(room_id, last + 1, user_id="u_new", client_id="new", ts=NOW + 1)
        assert world.commit([write(lease, new)]) == [Outcome.COMMITTED]
        old = [one for one in expected if one.room_id == room_id]
        for known in (new, old[0], old[-1]):
            again = event(room_id, last + 2, user_id=known.user_id, client_id=known.client_id, ts=NOW + 2)
            assert world.commit([write(lease, again, after=last + 1)]) == [Outcome.DUPLICATE]
        assert [said for _, said in world.log(room_id)][-1] == new
    world.close()


def test_the_cleanup_takes_what_was_there_before(empty_url: str) -> None:
    expected = logs()
    fill(empty_url, "0002", expected)
    upgrade(empty_url)

    with closing(open_database(empty_url)) as database:
        database.be_silent()
        for now in (NOW, NOW + HOUR):  # the first only takes note: nobody has cleaned up for long
            report = clean_up(database, DAY, now=lambda now=now: now, pause=lambda _: None)  # type: ignore[misc]
        assert report.ending is Ending.DONE
        page = History(database).page("lobby", limit=100, cutoff=0)
        with database.reading() as connection:
            oldest = [
                connection.exec_driver_sql(f"SELECT min(ts) FROM texts_{n} WHERE ts > 0").scalar_one()
                for n in range(8)
            ]
    cutoff = NOW + HOUR - DAY
    assert list(page.events) == [e for e in expected if e.room_id == "lobby" and e.ts > cutoff]
    assert min(ts for ts in oldest if ts is not None) > cutoff


def test_a_name_is_still_its_owners(empty_url: str) -> None:
    names = ["Ana", "Illia", "日本", *(f"Guest {number}" for number in range(1_500))]
    owned = [
        (room_id, likeness, f"u_{name}")
        for room_id in ROOMS[:2]
        for name in names
        for likeness in likenesses(name)
    ]
    fill(empty_url, "0002", logs())
    store_names(empty_url, owned)

    upgrade(empty_url)

    with closing(open_database(empty_url)) as database:
        for room_id in ROOMS[:2]:
            asked = [
                WantedName(user_id="u_new", likenesses=digests(room_id, name), offered=lambda: [])
                for name in names
            ]
            found = RoomNames(database).holders(room_id, HoldersOf(wanted=asked, cutoff=0))
            assert {(one.likeness, one.user_id) for one in found} == {
                (digest, f"u_{name}") for name in names for digest in digests(room_id, name)
            }


MARKER = "Schnabeltier"


def marked(length: int = 2_000) -> list[RoomEvent]:
    return [
        event(
            f"room {number % 17}",
            number // 17 + 1,
            user_name=f"{MARKER} {number}",
            body=b'{"content":"%s %s"}' % (MARKER.encode(), b"x" * (number % 300)),
        )
        for number in range(length)
    ]


def test_nothing_of_the_old_tables_is_left_in_the_file(tmp_path: Path) -> None:
    """With what was inserted in any order, as the pages of the old trees hold old copies in their gaps."""
    file = tmp_path / "chat.db"
    url = f"sqlite:///{file}"
    expected = marked()
    fill(url, "0002", sorted(expected, key=lambda e: e.id[::-1]), taken=0)
    store_names(url, [(f"room {n % 17}", f"{MARKER} {n}", f"u_{n}") for n in range(2_000)])

    upgrade(url)

    in_texts = 0
    with closing(sqlite3.connect(file)) as connection:
        for n in range(8):
            in_texts += sum(
                words.count(MARKER) for (words,) in connection.execute(f"SELECT words FROM texts_{n}")
            )
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(f"DELETE FROM texts_{n}")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert in_texts == 2 * len(expected)
    assert MARKER.encode() not in file.read_bytes()


def test_the_log_of_the_upgrade_is_emptied_with_it(tmp_path: Path) -> None:
    """Also while somebody else has the file open: else the last to close it would do so."""
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    fill(url, "0002", logs())

    with closing(sqlite3.connect(tmp_path / "chat.db")) as another:
        another.execute("SELECT count(*) FROM events").fetchone()
        upgrade(url)

        assert (tmp_path / "chat.db-wal").stat().st_size == 0


def test_postgresql_has_no_samples_of_texts_and_takes_none(postgresql_server: str) -> None:
    samples = (
        "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'public' "
        f"AND (most_common_vals::text LIKE '%%{MARKER}%%' OR histogram_bounds::text LIKE '%%{MARKER}%%')"
    )
    file = "SELECT pg_relation_filepath('pg_statistic')"
    with empty_postgresql(postgresql_server) as url, closing(open_database(url)) as database:
        fill(url, "0002", marked(), taken=0)
        store_names(url, [(f"room {n % 17}", f"{MARKER} {n}", f"u_{n}") for n in range(2_000)])
        with database.reading() as connection:
            for n in range(300):
                connection.exec_driver_sql(
                    f"INSERT INTO sessions VALUES ('lobby', '{n}', 'd', '{MARKER} {n}', 'n', true, 1, "
                    f"'{MARKER} {n}', 1, false)"
                )
                connection.exec_driver_sql(
                    f"INSERT INTO users VALUES ('u_{n}', '{MARKER} {n}', '', 1, 1, {NOW})"
                )
            connection.exec_driver_sql("ANALYZE")
            before = {tuple(row) for row in connection.exec_driver_sql(samples)}
            files = [connection.exec_driver_sql(file).scalar_one()]
            upgrade(url)
            files.append(connection.exec_driver_sql(file).scalar_one())
            after = {tuple(row) for row in connection.exec_driver_sql(samples)}
            connection.exec_driver_sql("ANALYZE")
            later = {tuple(row) for row in connection.exec_driver_sql(samples)}
        assert before == {
            ("events", "user_name"),
            ("events", "body"),
            ("room_names", "likeness"),
            ("sessions", "name"),
            ("sessions", "attachment"),
            ("users", "name"),
        }
        assert (after, later) == (set(), set())
        assert files[0] != files[1], "dropped samples are in it until it is written anew"
