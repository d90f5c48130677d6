"""Real processes, kept by the supervisor: small shell scripts, and `make run` as a whole."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from chatapp import supervisor
from chatapp.supervisor import Program, Supervisor, run
from cluster.databases import free_port
from tests.clusters import is_ready
from tests.running import ROOT, START_SECONDS, until

# Eventlet was imported by other tests of this process, and warns of forks; a supervisor never imports it.
pytestmark = pytest.mark.filterwarnings("ignore:Using fork:DeprecationWarning")


def script(name: str, text: str, folder: Path, *, is_essential: bool = False) -> Program:
    return Program(name=name, command=("sh", "-c", text), folder=folder, is_essential=is_essential)


async def soon(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not ask():
            await asyncio.sleep(0.01)


def numbers(file: Path) -> list[int]:
    """The lines of a file that perhaps is not there yet."""
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def is_alive(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)


def test_who_is_killed_is_started_again_without_what_it_left_behind(tmp_path: Path) -> None:
    told: list[str] = []
    pids, children = tmp_path / "pids", tmp_path / "children"

    async def start(supervisor: Supervisor) -> None:
        supervisor.keep(
            script("worker", "sleep 60 & echo $! >> children; echo $$ >> pids; wait", tmp_path),
            script("web", "echo $$ >> web; exec sleep 60", tmp_path),
        )
        await soon(lambda: len(numbers(pids)) == 1 and len(numbers(tmp_path / "web")) == 1)
        os.kill(numbers(pids)[0], signal.SIGKILL)
        await soon(lambda: len(numbers(pids)) == 2)
        await soon(lambda: not is_alive(numbers(children)[0]))
        supervisor.end(0)

    assert run(start, on_restart=told.append) == 0

    assert told == ["worker"]
    assert len(numbers(tmp_path / "web")) == 1, "the other one is not touched"
    # What was killed is gone a moment later: nobody waits for the children of a dead one.
    until(lambda: not any(map(is_alive, numbers(pids) + numbers(children) + numbers(tmp_path / "web"))))


def test_a_program_that_cannot_even_be_started_does_not_end_the_others(tmp_path: Path) -> None:
    told: list[str] = []

    async def start(supervisor: Supervisor) -> None:
        supervisor.keep(
            Program(name="worker", command=(str(tmp_path / "nothing"),)),
            script("web", "echo $$ > web; exec sleep 60", tmp_path, is_essential=True),
        )
        await soon(lambda: len(told) > 1 and bool(numbers(tmp_path / "web")))
        assert is_alive(numbers(tmp_path / "web")[0])
        supervisor.end(0)

    assert run(start, on_restart=told.append) == 0


def test_what_refuses_to_start_and_is_essential_ends_everything_with_its_code(tmp_path: Path) -> None:
    async def start(supervisor: Supervisor) -> None:
        supervisor.keep(script("worker", "echo $$ > worker; exec sleep 60", tmp_path))
        await soon(lambda: bool(numbers(tmp_path / "worker")))
        supervisor.keep(script("web", "exit 3", tmp_path, is_essential=True))

    assert run(start) == 3

    assert not is_alive(numbers(tmp_path / "worker")[0])


def test_an_essential_program_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async def start(supervisor: Supervisor) -> None:
        supervisor.keep(script("web", "echo $$ >> web; exec sleep 60", tmp_path, is_essential=True))
        await soon(lambda: len(numbers(tmp_path / "web")) == 1)
        os.kill(numbers(tmp_path / "web")[0], signal.SIGKILL)
        await soon(lambda: len(numbers(tmp_path / "web")) == 2)
        supervisor.end(0)

    assert run(start) == 0


def test_who_does_not_want_to_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)

    async def start(supervisor: Supervisor) -> None:
        supervisor.keep(script("deaf", "trap '' TERM; echo $$ > deaf; while :; do sleep 1; done", tmp_path))
        await soon(lambda: bool(numbers(tmp_path / "deaf")))
        supervisor.end(0)

    assert run(start) == 0

    assert not is_alive(numbers(tmp_path / "deaf")[0])


def test_what_was_started_first_is_stopped_last(tmp_path: Path) -> None:
    note = "trap 'echo {0} >> ends; exit' TERM; echo $$ > {0}; while :; do sleep 0.05; done"

    async def start(supervisor: Supervisor) -> None:
        for name in ("database", "web"):
            supervisor.keep(script(name, note.format(name), tmp_path))
            await soon(lambda name=name: bool(numbers(tmp_path / name)))  # type: ignore[misc]
        supervisor.end(0)

    run(start)

    assert (tmp_path / "ends").read_text().split() == ["web", "database"]


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere nobody tells a process that its parent is gone"
)
def test_nobody_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = (
        "from chatapp.supervisor import Program, run\n"
        "async def start(it):\n"
        "    it.keep(Program(name='web', command=('sh', '-c', 'echo $$ > web; exec sleep 9')))\n"
        "run(start)"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    with killed:
        until(lambda: numbers(tmp_path / "web"), 10)
        killed.kill()

    until(lambda: not is_alive(numbers(tmp_path / "web")[0]), 5)


@contextmanager
def as_in_a_terminal() -> Iterator[None]:
    """Whoever runs the tests with nohup would have it ignore the end of its terminal too, on purpose."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


class MakeRun:
    """`make run` in a terminal of its own, as a person has it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "log"
        self.data = folder / "data"
        environment = {**os.environ, "CHAT_DATA_DIR": str(self.data), "PORT": str(self.port)}
        self.terminal, inside = pty.openpty()
        with self._log.open("wb") as output, as_in_a_terminal():
            self.process = subprocess.Popen(
                ["make", "--silent", "--old-file=setup", "run"],
                cwd=ROOT,
                env=environment,
                stdin=inside,
                stdout=output,
                stderr=output,
                start_new_session=True,
                umask=0o022,
            )
        os.close(inside)

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def pids(self, name: str) -> list[int]:
        words = [line.split() for line in self.output.splitlines() if f"{name} | started as process" in line]
        return [int(line[-1]) for line in words]

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def make_run(tmp_path: Path) -> Iterator[MakeRun]:
    # As a version that let others read has left them.
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data" / "chat.db").touch(mode=0o644)
    running = MakeRun(tmp_path)
    family: list[psutil.Process] = []
    try:
        until(lambda: is_ready(running.url), START_SECONDS)
        family = running.family()
        yield running
    finally:
        with suppress(psutil.NoSuchProcess):
            family += running.family()  # a beat comes later than the first answer
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        running.process.kill()
        running.process.wait()
        os.close(running.terminal)
        sys.stderr.write(running.output)


def is_open_to_others(file: Path) -> bool:
    with suppress(FileNotFoundError):  # the queue's mail comes and goes
        return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)
    return False


@pytest.mark.slow
def test_make_run_survives_its_worker_and_ends_with_its_terminal(make_run: MakeRun) -> None:
    web = make_run.pids("web")
    os.kill(make_run.pids("worker")[-1], signal.SIGKILL)
    until(lambda: len(make_run.pids("worker")) == 2, START_SECONDS)
    until(lambda: "cleanup" in make_run.output.rpartition("worker | started")[2], START_SECONDS)
    assert is_ready(make_run.url)
    assert make_run.pids("web") == web
    kept = [make_run.data, *make_run.data.rglob("*")]
    assert {"chat.db", "chat.db-wal", "secret", "broker"} <= {file.name for file in kept}
    assert [file.name for file in kept if is_open_to_others(file)] == []
    family = make_run.family()
    assert len(family) >= 4, "the supervisor, the node, the worker, its beat"

    os.killpg(make_run.process.pid, signal.SIGHUP)

    make_run.process.wait(20)
    until(lambda: not [process for process in family if is_alive(process.pid)])
    with socket.create_server(("127.0.0.1", make_run.port)):
        pass


@pytest.mark.slow
def test_make_run_passes_on_a_sigterm_that_only_make_was_sent(make_run: MakeRun) -> None:
    family = make_run.family()

    make_run.process.terminate()

    make_run.process.wait(20)
    until(lambda: not [process for process in family if is_alive(process.pid)])
