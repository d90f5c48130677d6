"""The supervisor: starts programs, starts again whichever ends, and ends all of them together.

What a container engine does with ``restart: unless-stopped``, for processes of one machine. Each program
leads a session of its own: a Ctrl-C or a closed terminal reaches the supervisor alone, which ends
the programs in an order that lets them finish. Nothing it has started outlives it: what a dead
program leaves behind is killed before it is started again, and on Linux a program whose
supervisor was killed is told to end.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
STEADY_SECONDS = 60.0  # who has run for so long has not failed at its start
START_SECONDS = 30.0
STOP_SECONDS = 12.0  # a node may take ten to drain
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, kw_only=True)
class Program:
    """``environment`` is added to the supervisor's own.

    An *essential* one that refuses to start at first (it ends by itself, and not with 0) has said why,
    and starting it again would say it again: then everything ends, with its exit code.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None  # where it runs
    is_essential: bool = False
    ends_by: signal.Signals = signal.SIGTERM


class BackOff:
    """How long to wait before the next start: twice as long each time, until a run was steady."""

    def __init__(self) -> None:
        self._next = FIRST_PAUSE_SECONDS

    def seconds(self, lived_seconds: float) -> float:
        """``lived_seconds`` is how long the run lasted that has just ended."""
        pause = FIRST_PAUSE_SECONDS if lived_seconds >= STEADY_SECONDS else self._next
        self._next = min(2 * pause, LONGEST_PAUSE_SECONDS)
        return pause


class Supervisor:
    """Made by ``run``. Programs that are kept by one call of ``keep`` are also stopped together."""

    def __init__(self, on_restart: Callable[[str], object]) -> None:
        self._on_restart = on_restart
        self._stages: list[list[_Kept]] = []
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def keep(self, *programs: Program) -> None:
        """Start them, and again whenever they end."""
        self._stages.append([_Kept(program, self.end, self._on_restart) for program in programs])

    def end(self, code: int) -> None:
        """Everything is to end; the second time, at once."""
        if not self._ended.done():
            self._ended.set_result(code)
            return
        for stage in self._stages:
            for kept in stage:
                kept.kill()

    async def until_ended(self, starting: Awaitable[None]) -> int:
        """Start, and wait for the end; the exit code. What was started last is stopped first."""
        start = asyncio.ensure_future(starting)
        either: set[asyncio.Future[Any]] = {start, self._ended}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                start.result()
                return await self._ended
            start.cancel()
            return self._ended.result()
        finally:
            for stage in reversed(self._stages):
                await asyncio.gather(*(kept.stop() for kept in stage))


def run(
    start: Callable[[Supervisor], Awaitable[None]], *, on_restart: Callable[[str], object] = lambda _: None
) -> int:
    """Supervise what ``start`` keeps, until SIGINT, SIGTERM or SIGHUP; 0, or why it could not start.

    ``on_restart`` is told the name of each program that is started again. Raises what ``start`` raises.
    """
    return asyncio.run(_run(start, on_restart))


async def _run(start: Callable[[Supervisor], Awaitable[None]], on_restart: Callable[[str], object]) -> int:
    supervisor = Supervisor(on_restart)
    for number in ENDING_SIGNALS:
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # nohup: it is to outlive its terminal
        asyncio.get_running_loop().add_signal_handler(number, supervisor.end, 0)
    return await supervisor.until_ended(start(supervisor))


class _Kept:
    """One program, as it is kept running."""

    def __init__(
        self, program: Program, give_up: Callable[[int], object], on_restart: Callable[[str], object]
    ) -> None:
        self._program = program
        self._give_up = give_up
        self._on_restart = on_restart
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ask it to end, and see to it."""
        self._stopping.set()
        self._signal(self._program.ends_by)
        await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        self.kill()
        await self._task

    def kill(self) -> None:
        """It, and whatever it has started."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _keep(self) -> None:
        clock, back_off, is_first = asyncio.get_running_loop().time, BackOff(), True
        while not self._stopping.is_set():
            began_at = clock()
            code = await self._run_once()
            lived = clock() - began_at
            if self._stopping.is_set():
                return
            if is_first and code > 0 and lived < START_SECONDS and self._program.is_essential:
                self._give_up(code)
                return
            pause, is_first = back_off.seconds(lived), False
            self._say(f"ended with {code}; started again in {pause:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            if not self._stopping.is_set():
                self._on_restart(self._program.name)

    async def _run_once(self) -> int:
        """The exit code, as a shell has it for what could not be started at all."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._program.command,
                env={**os.environ, **self._program.environment},
                cwd=self._program.folder,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_the_supervisor,
            )
        except OSError as error:
            self._say(f"cannot be started: {error}")
            return 127
        self._say(f"started as process {self._process.pid}")
        if self._stopping.is_set():  # while it was started
            self._signal(self._program.ends_by)
        code = await self._process.wait()
        self.kill()  # a worker's beat is a process of its own, and would outlive it
        self._process = None
        return code

    def _signal(self, number: int) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _say(self, what: str) -> None:
        sys.stdout.write(f"{self._program.name} | {what}\n")
        sys.stdout.flush()


def _end_with_the_supervisor() -> None:
    """Runs in the child, before its program."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
