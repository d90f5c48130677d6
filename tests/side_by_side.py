"""Parts of the tests side by side: ``python -m tests.side_by_side PART… --then PART…``.

A part is a target of the Makefile. Three run at a time, in the order in which they are named: the longest
first, and a third of what tests do is waiting. What comes after ``--then`` runs alone at the end, because it
measures time. While parts run, one sees how far each has come, and when one ends, what it printed: all of
it if it failed. The last lines of the whole say which parts failed and of what, what was slowest, and how
much processor time each took: of that a machine has but so much, whatever else it does.

Each part leads a group of processes of its own, which Ctrl-C ends here, all of them.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

AT_ONCE = 3
SLOWEST = 20
LAST_LINES = 15
ENDING_SECONDS = 20.0  # what an interrupted part may take to stop the servers it has started
_PROGRESS = re.compile(r".*\[ *\d+%\]$")
_DURATION = re.compile(r"(\d+\.\d+)s (?:call|setup|teardown) +(\S.*)")
_AROUND_DURATIONS = re.compile(r"=+ slowest \d+ durations =+|\(\d+ durations < .*\)")
_CULPRIT = re.compile(r"(?:FAILED|ERROR) |=+ .*\d+ (?:failed|errors?)\b.* in [\d.]+s")
# Make hands itself on in these; a part is to be made as if somebody had asked for it.
_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")

Tell = Callable[[str], None]


@dataclass(kw_only=True)
class Part:
    """``code`` is None while it runs, and of one that was not begun."""

    name: str
    command: Sequence[str]
    code: int | None = None
    seconds: float = 0.0
    processor_seconds: float = 0.0
    """Of all processes that it has started and waited for."""
    lines: list[str] = field(default_factory=list)
    """What it has printed and nobody has been shown yet."""
    durations: list[tuple[float, str]] = field(default_factory=list)

    def hear(self, line: str) -> bool:
        """True for a line that says how far it has come."""
        if _PROGRESS.fullmatch(line):
            return True
        if duration := _DURATION.fullmatch(line):
            self.durations.append((float(duration[1]), duration[2]))
        elif not _AROUND_DURATIONS.fullmatch(line):
            self.lines.append(line)
        return False

    @property
    def verdict(self) -> str:
        if self.code is None:
            return "was not begun"
        took = f"{self.seconds:.0f} s, {self.processor_seconds:.0f} s of processor time"
        return f"{'passed' if self.code == 0 else 'FAILED'} after {took}"

    @property
    def culprits(self) -> list[str]:
        """Of what it failed, in a few lines."""
        named = [line for line in self.lines if _CULPRIT.match(line)]
        return named or [line for line in self.lines if line][-LAST_LINES:]


class Runner:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._speaking = threading.Lock()
        self._running: dict[int, subprocess.Popen[str]] = {}
        self._is_ending = threading.Event()

    def run(self, parts: Sequence[Part], at_once: int) -> None:
        with ThreadPoolExecutor(at_once) as hands:
            done = [hands.submit(self._carry_out, part) for part in parts]
        for each in done:
            each.result()

    def end(self, *_: object) -> None:
        """A signal has come: what runs is interrupted, what does not run is not begun."""
        if self._is_ending.is_set():
            return
        self._is_ending.set()
        self._signal(signal.SIGINT)
        killer = threading.Timer(ENDING_SECONDS, self._signal, [signal.SIGKILL])
        killer.daemon = True
        killer.start()

    def _signal(self, number: int) -> None:
        for pid in list(self._running):
            with suppress(ProcessLookupError):
                os.killpg(pid, number)

    def _carry_out(self, part: Part) -> None:
        if self._is_ending.is_set():
            return
        began_at = time.monotonic()
        environment = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
        with subprocess.Popen(
            part.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            process_group=0,
        ) as process:
            self._running[process.pid] = process
            if self._is_ending.is_set():  # in between
                self._signal(signal.SIGINT)
            assert process.stdout is not None
            for line in process.stdout:
                if part.hear(line.rstrip("\n")):
                    self._say(f"{part.name} | {line.rstrip()}")
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        del self._running[process.pid]
        part.code, part.seconds = process.returncode, time.monotonic() - began_at
        part.processor_seconds = usage.ru_utime + usage.ru_stime
        shown = part.lines if part.code else part.lines[-LAST_LINES:]
        self._say(f"---- {part.name}: {part.verdict} ----", *shown, "")

    def _say(self, *lines: str) -> None:
        with self._speaking:
            for line in lines:
                self._tell(line)


@contextmanager
def heeding_signals(end: Callable[..., None]) -> Iterator[None]:
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def summary(parts: Sequence[Part]) -> list[str]:
    """The end of the whole: what was slowest, what was run, and of what it failed."""
    durations = sorted((one for part in parts for one in part.durations), reverse=True)[:SLOWEST]
    slowest = [f"{seconds:8.2f} s  {name}" for seconds, name in durations]
    verdicts = [f"  {part.name}: {part.verdict}" for part in parts]
    failed = [part for part in parts if part.code]
    culprits = [
        line for part in failed for line in ("", f"{part.name} {part.verdict}, because:", *part.culprits)
    ]
    return [*(["Slowest:", *slowest, ""] if slowest else []), "All parts:", *verdicts, *culprits]


def carry_out(side_by_side: Sequence[Part], then: Sequence[Part], tell: Tell, at_once: int = AT_ONCE) -> int:
    """The exit code."""
    runner, parts = Runner(tell), [*side_by_side, *then]
    with heeding_signals(runner.end):
        runner.run(side_by_side, at_once)
        runner.run(then, 1)
    for line in summary(parts):
        tell(line)
    return 0 if all(part.code == 0 for part in parts) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes targets of the Makefile side by side.")
    parser.add_argument("parts", nargs="+", help="three of them at a time")
    parser.add_argument("--then", nargs="*", default=[], help="afterwards, one by one")
    arguments = parser.parse_args()
    make = os.environ.get("MAKE", "make"), "--no-print-directory"
    side_by_side, then = (
        [Part(name=name, command=[*make, name]) for name in names]
        for names in (arguments.parts, arguments.then)
    )
    return carry_out(side_by_side, then, lambda line: print(line, flush=True))


if __name__ == "__main__":
    sys.exit(main())
