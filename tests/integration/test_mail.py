"""The worker's mail in a folder: nothing that lies there ends whoever looks, nor does a full disk."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.exceptions import ChannelError, OperationalError

from chatapp.jobs import beat, mail
from chatapp.jobs.broker import broker_settings

QUEUE = Queue("celery", exchange="celery", routing_key="celery")


def half_written(place: Path) -> None:
    place.write_text('{"body": "W1tdLCB7fSwgeyJjYWxsYm')


def fifo(place: Path) -> None:
    os.mkfifo(place)


def folder(place: Path) -> None:
    (place / "in it").mkdir(parents=True)


def loop(place: Path) -> None:
    place.symlink_to(place)


def huge(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(mail.LARGEST_BYTES + 1)


def holding(content: bytes) -> Callable[[Path], None]:
    def put(place: Path) -> None:
        place.write_bytes(content)

    return put


SPOILED = [
    pytest.param(Path.touch, id="empty"),
    pytest.param(half_written, id="half written"),
    pytest.param(holding(os.urandom(100)), id="random"),
    pytest.param(holding(b"null"), id="null"),
    pytest.param(holding(b"{}"), id="no message"),
    pytest.param(holding(b'[["a"]]'), id="too short"),
    pytest.param(holding(b"[[1, 2, 3]]"), id="numbers"),
    pytest.param(holding(b'{"properties": {"delivery_tag": []}, "headers": {}}'), id="a tag that is none"),
    pytest.param(holding(b'{"properties": {"delivery_tag": "t"}, "headers": 5}'), id="headers that are none"),
    pytest.param(holding(b"[" * 100_000), id="deep"),
    pytest.param(folder, id="a folder"),
    pytest.param(fifo, id="a pipe"),
    pytest.param(loop, id="a link to itself"),
    pytest.param(huge, id="huge"),
]
PLACES = ["control/celery.exchange", f"{0:020}_a.celery.msg", f"{9:9>20}_a.celery.msg", "control", "."]


@contextmanager
def connected(data_dir: Path) -> Iterator[Connection]:
    settings = broker_settings("filesystem://localhost", data_dir=data_dir, deployment_id="")
    mail.Transport.global_state.clear()
    mail.Channel._bound.clear()
    mail.Channel._hopeless.clear()
    options = settings["broker_transport_options"] | {"polling_interval": 0.01}
    with Connection(settings["broker_url"], transport_options=options) as connection:
        yield connection


def said(connection: Connection, word: str) -> str:
    """What comes out when this was put in."""
    with connection.SimpleQueue(QUEUE) as queue:
        queue.put(word)
        message = queue.get(timeout=5)
        message.ack()
        return str(message.payload)


def queue_is_empty(connection: Connection) -> bool:
    with connection.SimpleQueue(QUEUE) as queue, pytest.raises(queue.Empty):
        queue.get(block=False)
    return True


@pytest.mark.parametrize("spoil", SPOILED)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_in_the_folder_is_worth_an_end(
    tmp_path: Path, place: str, spoil: Callable[[Path], None]
) -> None:
    spoiled = tmp_path / "broker" / place
    spoiled.parent.mkdir(parents=True, exist_ok=True)
    spoil(spoiled)

    with connected(tmp_path) as connection:
        assert said(connection, "first") == "first"
        assert said(connection, "second") == "second"
        assert queue_is_empty(connection)

    names = [file.name for file in (tmp_path / "broker").iterdir()]
    assert "control" in names
    assert not [name for name in names if ".msg" in name], "neither messages nor drafts are left"


def test_a_folder_that_is_taken_away_meanwhile_comes_back(tmp_path: Path) -> None:
    with connected(tmp_path) as connection:
        assert said(connection, "first") == "first"
        for file in sorted((tmp_path / "broker").rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        (tmp_path / "broker").rmdir()

        assert said(connection, "second") == "second"


def test_what_was_put_by_one_process_is_read_by_another_and_by_nobody_twice(tmp_path: Path) -> None:
    with connected(tmp_path) as one, connected(tmp_path) as other:
        with one.SimpleQueue(QUEUE) as queue:
            queue.put("word")
        with other.SimpleQueue(QUEUE) as queue:
            assert queue.get(timeout=5).payload == "word"
        with one.SimpleQueue(QUEUE) as queue, pytest.raises(queue.Empty):
            queue.get_nowait()


@contextmanager
def full_disk() -> Iterator[None]:
    """As far as a process can be told so: not a byte may be written to any file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_a_ring_is_refused_and_no_half_file_stays(tmp_path: Path) -> None:
    with connected(tmp_path) as connection, connection.SimpleQueue(QUEUE) as queue:
        with full_disk(), pytest.raises((ChannelError, OperationalError)):
            queue.put("lost")
        assert [file.name for file in (tmp_path / "broker").iterdir()] == ["control"]

        queue.put("kept")
        assert queue.get(timeout=5).payload == "kept"


def test_a_worker_that_starts_on_a_full_disk_hears_what_comes_later(tmp_path: Path) -> None:
    with connected(tmp_path) as connection, connected(tmp_path) as other:
        with full_disk():
            queue = connection.SimpleQueue(QUEUE)  # its table cannot be written
        with queue:
            assert said(other, "from elsewhere") == "from elsewhere"
            queue.put("word")
            assert queue.get(timeout=5).payload == "word"


@pytest.mark.parametrize("spoil", SPOILED)
def test_beat_begins_whatever_its_file_is(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    for suffix in beat.Scheduler.known_suffixes:
        spoil(tmp_path / f"beat-schedule{suffix}")

    scheduler = a_scheduler(tmp_path)

    assert "cleanup" in scheduler.schedule
    scheduler.close()


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the shelf tries again as it goes
def test_beat_begins_and_goes_on_with_a_full_disk(tmp_path: Path) -> None:
    with full_disk():
        scheduler = a_scheduler(tmp_path)
        scheduler.sync()

        assert "cleanup" in scheduler.schedule
        scheduler.close()


def test_beat_remembers_over_a_restart_when_it_rang(tmp_path: Path) -> None:
    first = a_scheduler(tmp_path)
    rung_at = first.reserve(first.schedule["cleanup"]).last_run_at
    first.close()

    assert a_scheduler(tmp_path).schedule["cleanup"].last_run_at == rung_at


def a_scheduler(data_dir: Path) -> beat.Scheduler:
    app = Celery("test", broker=f"{mail.SCHEME}://")
    app.conf.beat_schedule = {"cleanup": {"task": "t", "schedule": 3600}}
    return beat.Scheduler(app=app, schedule_filename=str(data_dir / "beat-schedule"))


def test_the_library_has_no_question_about_our_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(tmp_path) as connection:
        connection.info()

    assert caplog.messages == []
