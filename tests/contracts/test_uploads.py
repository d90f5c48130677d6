"""Rows of uploads, on both databases: how they begin, grow, and what they count for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import update

from chatapp.jobs.cleanup import clean_up
from chatapp.store.database.engine import DAY_MS, open_database
from chatapp.store.models import uploads
from chatapp.store.uploads.quotas import LOOK_WAIT_MS, Allowed, NewUpload, Over, Quota, UploadQuotas
from chatapp.store.uploads.uploads import (
    GONE,
    LOOKING,
    READY,
    RECEIVING,
    REFUSED,
    StoredUpload,
    UploadPart,
    Uploads,
)
from tests.contracts.uploaded import allowed, new_upload
from tests.contracts.worlds import DatabaseWorld

HOUR = 3_600_000
MIB = 1 << 20


@pytest.fixture
def quotas(database_world: DatabaseWorld) -> UploadQuotas:
    return UploadQuotas(database_world.store.database)


@pytest.fixture
def table(database_world: DatabaseWorld) -> Uploads:
    return database_world.store.uploads


def begin(quotas: UploadQuotas, **more: Any) -> StoredUpload:
    begun = quotas.begin(new_upload(**more), allowed())
    assert isinstance(begun, StoredUpload)
    return begun


def make_older(world: DatabaseWorld, upload: StoredUpload, by_ms: int) -> None:
    """As if it had begun, and been touched for the last time, so much earlier."""
    earlier = upload.created_at - by_ms
    with world.store.database.writing() as connection:
        this = uploads.c.upload_id == upload.upload_id
        connection.execute(update(uploads).where(this).values(created_at=earlier, touched_at=earlier))


def change(world: DatabaseWorld, upload: StoredUpload, **columns: Any) -> None:
    with world.store.database.writing() as connection:
        connection.execute(update(uploads).where(uploads.c.upload_id == upload.upload_id).values(**columns))


def over(quotas: UploadQuotas, new: NewUpload, what: Allowed) -> Over:
    refused = quotas.begin(new, what)
    assert isinstance(refused, Over), refused
    return refused


# --- it grows -----------------------------------------------------------------------------


def test_what_begins_is_read_as_it_was_announced(quotas: UploadQuotas, table: Uploads) -> None:
    begun = begin(quotas, words={"name": "a “b”.png", "alt": "two\nlines"}, size=25 * MIB)

    assert table.get(begun.upload_id) == begun
    assert (begun.state, begun.received, begun.parts, begun.size) == (RECEIVING, 0, (), 25 * MIB)
    assert begun.words == {"name": "a “b”.png", "alt": "two\nlines"}
    assert table.get("somebody else's") is None


def test_parts_come_behind_one_another(quotas: UploadQuotas, table: Uploads) -> None:
    begun = begin(quotas, size=5)

    first = table.append(begun, UploadPart("a/0", 3), type="image/png")
    assert first is not None
    last = table.append(first, UploadPart("a/3", 2), state=READY)

    found = table.get(begun.upload_id)
    assert found is not None
    assert last is not None
    assert found.parts == last.parts == (UploadPart("a/0", 3), UploadPart("a/3", 2))
    assert (found.received, found.state, found.type) == (5, READY, "image/png")
    assert found.touched_at >= begun.touched_at


def test_of_two_who_bring_the_same_piece_one_wins(quotas: UploadQuotas, table: Uploads) -> None:
    begun = begin(quotas, size=5)

    won = table.append(begun, UploadPart("a/0-one", 3))
    lost = table.append(begun, UploadPart("a/0-two", 3))

    found = table.get(begun.upload_id)
    assert found is not None
    assert (lost, found.parts) == (None, (UploadPart("a/0-one", 3),))
    assert won is not None


def test_of_many_at_once_each_part_is_counted_once(database_url: str) -> None:
    """Eight connections bring the same ten parts; nobody waits for another."""
    with closing(open_database(database_url)) as database:
        begun = begin(UploadQuotas(database), size=10)

    def bring(who: int) -> None:
        with closing(open_database(database_url)) as database:
            table = Uploads(database)
            while (at := table.get(begun.upload_id)) is not None and at.received < 10:
                table.append(at, UploadPart(f"a/{at.received}-{who}", 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(bring, range(8)))

    with closing(open_database(database_url)) as database:
        found = Uploads(database).get(begun.upload_id)
    assert found is not None
    assert [part.name.partition("-")[0] for part in found.parts] == [f"a/{n}" for n in range(10)]


def test_what_is_whole_or_given_up_takes_no_more(quotas: UploadQuotas, table: Uploads) -> None:
    whole, given_up = begin(quotas, size=3), begin(quotas, size=3)
    table.append(whole, UploadPart("a/0", 3), state=READY)
    assert table.give_up(given_up.upload_id)

    assert table.append(given_up, UploadPart("b/0", 3)) is None
    assert table.append(whole, UploadPart("a/0", 3)) is None
    assert not table.give_up(given_up.upload_id)
    found = table.get(given_up.upload_id)
    assert found is not None
    assert found.state == GONE
    assert found.gone_at is not None


def test_what_a_message_has_is_not_given_up(
    database_world: DatabaseWorld, quotas: UploadQuotas, table: Uploads
) -> None:
    bound = begin(quotas)
    change(database_world, bound, state=READY, message_seq=7, message_ts=1)

    assert not table.give_up(bound.upload_id)


# --- who may begin ------------------------------------------------------------------------


def test_a_person_sends_so_many_at_once(
    database_world: DatabaseWorld, quotas: UploadQuotas, table: Uploads
) -> None:
    three = allowed(at_once=3, stalled_ms=HOUR)
    first, second, _ = [begin(quotas) for _ in range(3)]
    make_older(database_world, first, HOUR // 2)

    refused = over(quotas, new_upload(), three)
    assert (refused.scope, refused.what) == ("person", "at once")
    assert refused.retry_after_ms == pytest.approx(HOUR // 2, abs=60_000)

    assert isinstance(quotas.begin(new_upload(user_id="u_ben"), three), StoredUpload)
    table.append(second, UploadPart("a/0", 10), state=READY)
    assert isinstance(quotas.begin(new_upload(), three), StoredUpload)


def test_what_waits_to_be_looked_at_is_still_one_of_them(
    database_world: DatabaseWorld, quotas: UploadQuotas, table: Uploads
) -> None:
    """However long it waits: each costs seconds of the one who looks, and little of who sends."""
    three = allowed(at_once=3, stalled_ms=HOUR)
    waiting = [begin(quotas) for _ in range(3)]
    for upload in waiting:
        table.append(upload, UploadPart("a/0", 10), state=LOOKING)
        make_older(database_world, upload, 2 * HOUR)

    assert over(quotas, new_upload(), three) == Over("person", "at once", LOOK_WAIT_MS)
    change(database_world, waiting[0], state=REFUSED)
    assert isinstance(quotas.begin(new_upload(), three), StoredUpload)


def test_an_upload_that_has_stalled_is_none_that_is_sent(
    database_world: DatabaseWorld, quotas: UploadQuotas
) -> None:
    make_older(database_world, begin(quotas), 2 * HOUR)

    one = allowed(at_once=1, stalled_ms=HOUR)
    assert isinstance(quotas.begin(new_upload(), one), StoredUpload)
    assert over(quotas, new_upload(), one).what == "at once"


@pytest.mark.parametrize("scope", ["person", "address"])
def test_what_somebody_sends_within_a_time_is_bounded(
    database_world: DatabaseWorld, quotas: UploadQuotas, scope: Any
) -> None:
    """Refused until enough of it is old: here the first, which is as large as what is too much."""
    bounded = allowed(**{scope: (Quota(100, DAY_MS),)})
    for hours in (20, 10, 0):
        make_older(database_world, begin(quotas, size=30), hours * HOUR)

    refused = over(quotas, new_upload(size=40), bounded)
    assert (refused.scope, refused.what) == (scope, "bytes")
    assert refused.retry_after_ms == pytest.approx(4 * HOUR, abs=60_000)
    assert over(quotas, new_upload(size=41), bounded).retry_after_ms == pytest.approx(14 * HOUR, abs=60_000)
    assert over(quotas, new_upload(size=101), bounded).retry_after_ms == DAY_MS

    somebody_else = {"user_id": "u_ben"} if scope == "person" else {"address": "192.0.2.2"}
    assert isinstance(quotas.begin(new_upload(size=40, **somebody_else), bounded), StoredUpload)
    assert isinstance(quotas.begin(new_upload(size=10), bounded), StoredUpload)


def test_the_longest_wait_of_several_counts(quotas: UploadQuotas) -> None:
    begin(quotas, size=60)
    bounded = allowed(address=(Quota(100, HOUR), Quota(100, DAY_MS)))

    assert over(quotas, new_upload(size=60), bounded).retry_after_ms == pytest.approx(DAY_MS, abs=60_000)


def test_a_room_and_the_whole_hold_so_much(quotas: UploadQuotas) -> None:
    begin(quotas, size=60)

    in_room = over(quotas, new_upload(size=41), allowed(room_bytes=100))
    in_all = over(quotas, new_upload(size=41, room_id="hall"), allowed(room_bytes=100, total_bytes=100))

    assert in_room == Over("room", "bytes", None)
    assert in_all == Over("server", "bytes", None)
    assert isinstance(quotas.begin(new_upload(size=40), allowed(room_bytes=100)), StoredUpload)


@pytest.mark.parametrize("scope", ["room", "server"])
def test_what_was_announced_and_does_not_come_takes_no_space(
    database_world: DatabaseWorld, quotas: UploadQuotas, table: Uploads, scope: str
) -> None:
    """Or else a room, or all of the chat, could be filled for an hour without a byte."""
    bounded = allowed(**{"room_bytes" if scope == "room" else "total_bytes": 100}, stalled_ms=HOUR)
    stalled, sent, whole = (begin(quotas, size=30) for _ in range(3))
    table.append(stalled, UploadPart("a/0", 10))
    table.append(sent, UploadPart("a/0", 10))
    table.append(whole, UploadPart("a/0", 30), state=READY)
    assert over(quotas, new_upload(size=11), bounded) == Over(scope, "bytes", None)  # type: ignore[arg-type]

    make_older(database_world, stalled, 2 * HOUR)
    make_older(database_world, whole, 2 * HOUR)
    assert over(quotas, new_upload(size=31), bounded) == Over(scope, "bytes", None)  # type: ignore[arg-type]
    assert isinstance(quotas.begin(new_upload(size=30), bounded), StoredUpload)


def test_of_many_who_begin_at_once_only_as_many_get_in_as_may(database_url: str) -> None:
    """Eight connections, as of several nodes; SQLite's and PostgreSQL's own locks keep them in a row."""
    one_each = allowed(at_once=3, person=(Quota(1000, DAY_MS),))

    def try_it(_: int) -> bool:
        with closing(open_database(database_url)) as database:
            return isinstance(UploadQuotas(database).begin(new_upload(), one_each), StoredUpload)

    with ThreadPoolExecutor(8) as pool:
        begun = sum(pool.map(try_it, range(16)))

    assert begun == 3


def test_where_an_upload_came_from_is_forgotten_after_a_day(
    database_world: DatabaseWorld, quotas: UploadQuotas, table: Uploads
) -> None:
    """Also where messages live longer."""
    old, young = begin(quotas, address="198.51.100.7"), begin(quotas)
    for upload in (old, young):
        change(database_world, upload, state=READY, message_seq=1, message_ts=upload.created_at)
    make_older(database_world, old, DAY_MS + 60_000)

    clean_up(database_world.store.database, 10 * DAY_MS, pause=lambda _: None)

    found = [table.get(upload.upload_id) for upload in (old, young)]
    assert [upload.address for upload in found if upload is not None] == ["", "192.0.2.1"]


def test_how_much_lies_in_which_state_is_known(quotas: UploadQuotas, table: Uploads) -> None:
    whole = begin(quotas, size=3)
    begin(quotas, size=4)
    begin(quotas, size=5)
    table.append(whole, UploadPart("a/0", 3), state=READY)

    assert table.by_state() == {RECEIVING: (2, 9), READY: (1, 3)}
    assert quotas.total_bytes() == 12
