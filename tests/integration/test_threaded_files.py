"""Threads of files: those who send, those who load and those who only ask do not wait for one another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from eventlet import patcher

from chatapp.files.threaded import FETCHERS, THREADS, ThreadedFiles
from chatapp.runtime import sleep
from chatapp.store.migrations import upgrade
from tests.integration.test_door import until

_threading = patcher.original("threading")


class Stuck:
    """What holds bytes and does not answer, until it is told to."""

    def __init__(self) -> None:
        self.answers = _threading.Event()
        self.asked: list[str] = []

    def get(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        self.asked.append(name)
        if name == "stuck":
            self.answers.wait(30)
        return b"bytes"

    def put(self, name: str, data: bytes) -> None:
        self.asked.append(name)
        self.answers.wait(30)


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    stuck = Stuck()
    yield stuck
    stuck.answers.set()


@pytest.fixture
def files(tmp_path: Path, stuck: Stuck) -> Iterator[ThreadedFiles]:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    upgrade(url)
    files = ThreadedFiles(database_url=url, retention_ms=1_000, open_objects=lambda: cast(Any, stuck))
    yield files
    stuck.answers.set()
    files.stop()


def test_who_sends_files_holds_up_nobody_who_loads_one(files: ThreadedFiles, stuck: Stuck) -> None:
    loaded: list[Any] = []
    for _ in range(3 * THREADS):
        files.submit(lambda state: state.objects.put("piece", b""), lambda _: None)
    until(lambda: stuck.asked.count("piece") == THREADS)

    files.fetch("a/picture", 0, 5, loaded.append)
    until(lambda: loaded)

    assert loaded == [b"bytes"]
    assert files.ask(lambda store: store.uploads.get("nobody's")) is None


def test_who_loads_files_holds_up_nobody_who_sends_one(files: ThreadedFiles, stuck: Stuck) -> None:
    stored: list[Any] = []
    for _ in range(3 * FETCHERS):
        files.fetch("stuck", 0, 5, lambda _: None)
    until(lambda: stuck.asked.count("stuck") == FETCHERS)

    files.submit(lambda state: state.objects.get("a/piece"), stored.append)
    until(lambda: stored)

    assert stored == [b"bytes"]
    assert files.ask(lambda store: store.uploads.get("nobody's")) is None


def test_what_waits_too_long_to_be_fetched_is_refused(tmp_path: Path, stuck: Stuck) -> None:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    upgrade(url)
    files = ThreadedFiles(
        database_url=url, retention_ms=1_000, open_objects=lambda: cast(Any, stuck), begin_seconds=0.1
    )
    told: list[Any] = []
    for _ in range(FETCHERS):
        files.fetch("stuck", 0, 5, lambda _: None)
    files.fetch("a/picture", 0, 5, told.append)
    for _ in range(200):
        if told:
            break
        sleep(0.02)

    assert [type(answer).__name__ for answer in told] == ["StorageUnavailable"]
    stuck.answers.set()
    files.stop()
