"""Output to a pipe that nobody reads: what is written never waits, and what is lost is counted."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from select import select

import pytest

from chatapp.output import Outlet
from tests.running import ROOT, until

SECONDS = 5
LINE = "x" * 99 + "\n"
HELD = 10_000


class Pipe:
    """As small as the system allows: one page."""

    def __init__(self) -> None:
        self.reads, self.writes = os.pipe()
        fcntl.fcntl(self.writes, fcntl.F_SETPIPE_SZ, 4096)

    def read(self, lines: int) -> list[str]:
        text = b""
        while text.count(b"\n") < lines:
            assert select([self.reads], [], [], SECONDS)[0], f"only {len(text.splitlines())} lines came"
            text += os.read(self.reads, 4096)
        return text.decode().splitlines()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    os.close(pipe.reads)  # ends the thread that waits, if one does


def test_lines_arrive_whole_and_in_order(pipe: Pipe) -> None:
    outlet = Outlet(pipe.writes)

    print("one", "two", file=outlet)
    outlet.write("three\nfo")
    outlet.write("ur\n")
    print("\ud800", file=outlet)

    assert pipe.read(4) == ["one two", "three", "four", "\\ud800"]
    assert outlet.dropped == 0


def test_nobody_waits_for_a_reader_that_is_not_there(pipe: Pipe) -> None:
    outlet = Outlet(pipe.writes, held_bytes=HELD)

    for _ in range(10_000):
        outlet.write(LINE)

    assert outlet.dropped > 9_000
    left = 10_000 - outlet.dropped
    assert pipe.read(left) == [LINE.strip()] * left, "what was taken comes whole when somebody reads"


def test_after_a_reader_has_come_back_lines_arrive_again(pipe: Pipe) -> None:
    outlet = Outlet(pipe.writes, held_bytes=HELD)
    for _ in range(1_000):
        outlet.write(LINE)
    dropped = outlet.dropped
    pipe.read(1_000 - dropped)

    outlet.write("again\n")

    assert pipe.read(1) == ["again"]
    assert outlet.dropped == dropped


def test_a_reader_that_has_gone_costs_lines_and_nothing_else() -> None:
    pipe = Pipe()
    os.close(pipe.reads)
    outlet = Outlet(pipe.writes)

    outlet.write("nobody\nhears\n")
    outlet.finish(SECONDS)

    assert outlet.dropped == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
def test_a_disk_without_room_costs_lines_and_nothing_else() -> None:
    outlet = Outlet(os.open("/dev/full", os.O_WRONLY))

    outlet.write("lost\n")
    outlet.finish(SECONDS)

    assert outlet.dropped == 1


def test_a_pipe_that_somebody_else_has_set_not_to_block_is_waited_for_by_the_thread(pipe: Pipe) -> None:
    os.set_blocking(pipe.writes, False)
    outlet = Outlet(pipe.writes)

    for _ in range(100):
        outlet.write(LINE)
    outlet.write(LINE * 100)  # of which the pipe takes a part at a time

    assert pipe.read(200) == [LINE.strip()] * 200
    assert outlet.dropped == 0


def test_a_text_without_end_is_not_kept_for_ever(pipe: Pipe) -> None:
    outlet = Outlet(pipe.writes, held_bytes=HELD)

    for _ in range(1_000):
        outlet.write("x" * 1_000)
    outlet.write("\nline\n")

    assert pipe.read(2)[-1] == "line"


CODE = """
import logging, os, sys
from chatapp.output import never_wait_for_readers
from chatapp.logs import configure_logs
never_wait_for_readers()
configure_logs("INFO")
logging.getLogger("x").warning("a line of the log")
print("printed without an end", end="")
if "fork" in sys.argv and os.fork() == 0:
    print()
    print("said by a fork")
raise ValueError("the last words")
"""


@pytest.mark.parametrize("how", ["alone", "fork"])
def test_a_process_ends_with_all_its_words_said(how: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", CODE, how], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )

    assert "a line of the log" in said.stdout
    assert "printed without an end" in said.stdout
    assert "ValueError: the last words\n" in said.stderr
    assert ("said by a fork" in said.stdout) == (how == "fork")


def test_a_process_whose_output_nobody_reads_ends_all_the_same() -> None:
    code = CODE.replace("raise", "for _ in range(99_999): print('x' * 99)\nraise")
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process:
        until(lambda: process.poll() is not None, 30)
        process.stdout.close()  # type: ignore[union-attr]
    assert process.returncode == 1
