"""A disk that is full, for real: a small tmpfs. Reading goes on, and cleaning up makes it better."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.jobs.cleanup import clean_up
from chatapp.jobs.report import Ending
from chatapp.kernel.ports import Outcome
from chatapp.store.database.engine import open_database
from chatapp.store.forgetting import reserve
from chatapp.store.forgetting.reserve import HEAD_BYTES
from chatapp.store.migrations import DatabaseUnusable, upgrade
from tests.contracts.worlds import DatabaseWorld, event, write

DAY = 86_400_000
BODY = b"x" * 1_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Three megabytes."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


class Chat:
    """Rooms over one SQLite file, without sockets."""

    def __init__(self, disk: Path) -> None:
        self.disk = disk
        self.url = f"sqlite:///{disk / 'chat.db'}"
        upgrade(self.url)
        self.world = DatabaseWorld(self.url)
        self.lease = self.world.acquire("lobby", self.world.node()).lease
        self.seq = 0

    def say(self, *, age_ms: int = 0) -> Outcome:
        said = event("lobby", self.seq + 1, ts=int(time.time() * 1000) - age_ms, body=BODY)
        (outcome,) = self.world.commit([write(self.lease, said, after=self.seq)])
        self.seq += outcome is Outcome.COMMITTED
        return outcome

    def say_until_it_is_full(self, *, age_ms: int = 0) -> None:
        full = 0
        while full < 3:  # the first may find room: whoever is refused makes some
            outcome = self.say(age_ms=age_ms)
            assert outcome in (Outcome.COMMITTED, Outcome.FULL)
            full = full + 1 if outcome is Outcome.FULL else 0

    def clean_up(self) -> Ending:
        database = open_database(self.url)
        try:
            return clean_up(database, DAY, pause=lambda _: None).ending
        finally:
            database.close()

    @property
    def rows(self) -> int:
        database = open_database(self.url)
        with database.reading() as connection:
            count: int = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
        database.close()
        return count

    @property
    def reserve_bytes(self) -> int:
        return (self.disk / "chat.db.reserve").stat().st_size

    @property
    def free_bytes(self) -> int:
        found = os.statvfs(self.disk)
        return found.f_bavail * found.f_frsize

    def fill_the_rest(self) -> None:
        """Another program takes every byte that is left."""
        with (self.disk / "somebody else's").open("ab", buffering=0) as file:
            for size in (65_536, 4_096):
                try:
                    while file.write(b"\1" * size) == size:
                        pass
                except OSError:
                    continue

    def let_go(self, size: int) -> None:
        file = self.disk / "somebody else's"
        os.truncate(file, file.stat().st_size - size)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserve, "LOOK_SECONDS", 0)


@pytest.fixture
def chat(disk: Path) -> Iterator[Chat]:
    chat = Chat(disk)
    yield chat
    chat.world.close()


def test_a_full_disk_is_cleaned_up_and_can_be_written_again(chat: Chat) -> None:
    whole = chat.reserve_bytes
    chat.say_until_it_is_full(age_ms=2 * DAY)
    assert chat.rows == chat.seq > 200
    chat.fill_the_rest()

    assert chat.clean_up() is Ending.DONE

    assert chat.rows == 0
    assert chat.free_bytes > 500_000
    assert chat.reserve_bytes >= whole
    assert chat.say() is Outcome.COMMITTED


def test_without_a_reserve_there_would_be_no_way_back(chat: Chat) -> None:
    """What it is for; without this the tests above might be green for another reason."""
    chat.say_until_it_is_full(age_ms=2 * DAY)
    (chat.disk / "chat.db.reserve").unlink()
    chat.fill_the_rest()

    with pytest.raises(Exception, match="full"):
        chat.clean_up()


def test_what_is_given_for_a_cleanup_nobody_else_takes(chat: Chat) -> None:
    """The cleanup was killed, and left its room to whoever comes first."""
    whole = chat.reserve_bytes
    os.truncate(chat.disk / "chat.db.reserve", HEAD_BYTES)
    chat.fill_the_rest()
    chat.let_go(whole // 2)

    assert chat.say() is Outcome.FULL

    chat.let_go(whole)
    assert chat.say() is Outcome.COMMITTED
    assert chat.reserve_bytes == whole, "it comes first"


def test_a_chat_starts_on_a_full_disk_so_that_it_can_be_read_and_cleaned_up(chat: Chat) -> None:
    chat.say_until_it_is_full(age_ms=2 * DAY)
    chat.world.close()
    chat.fill_the_rest()

    upgrade(chat.url)

    assert chat.rows == chat.seq
    assert chat.clean_up() is Ending.DONE
    assert chat.rows == 0


def test_a_node_registers_and_beats_on_a_full_disk(chat: Chat) -> None:
    """Nothing is in the write-ahead log that could be given back: the last who closed it has emptied it."""
    chat.world.close()
    chat.fill_the_rest()
    world = DatabaseWorld(chat.url)

    node = world.node()

    assert all(world.heartbeat(node).alive for _ in range(20))
    world.close()


def test_a_start_on_a_full_disk_without_a_reserve_says_so(disk: Path) -> None:
    chat = Chat(disk)
    chat.world.close()
    for file in disk.glob("chat.db*"):
        file.unlink()
    chat.fill_the_rest()

    with pytest.raises(DatabaseUnusable, match="The disk is full: make room"):
        upgrade(chat.url)
