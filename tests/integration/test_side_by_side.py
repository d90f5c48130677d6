"""What `make test` and `make check` run their parts with."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.running import until
from tests.side_by_side import Part, carry_out

PYTEST = f"""
{"tests/test_a.py ..F":<70} [ 50%]
{"tests/test_b.py ...":<70} [100%]
the whole story of a failure
========= slowest 20 durations =========
12.50s call     tests/test_b.py::test_that_takes_long
1.50s setup    tests/test_a.py::test_one
(3 durations < 1s hidden.  Use -vv to show these durations.)
FAILED tests/test_a.py::test_two - assert False
= 1 failed, 5 passed in 3.00s =
"""


def program(name: str, code: str) -> Part:
    return Part(name=name, command=[sys.executable, "-c", code])


def prints(name: str, text: str, exit_code: int = 0) -> Part:
    return program(name, f"import sys; print({text!r}); sys.exit({exit_code})")


def meets(folder: Path, own: str, other: str) -> Part:
    """It ends when the other one has begun."""
    code = (
        f"import pathlib, time\nfolder = pathlib.Path({str(folder)!r})\n(folder / {own!r}).touch()\n"
        f"while not (folder / {other!r}).exists(): time.sleep(0.01)"
    )
    return program(own, code)


def test_two_parts_run_at_the_same_time_and_what_comes_then_after_both(tmp_path: Path) -> None:
    two = [meets(tmp_path, "one", "other"), meets(tmp_path, "other", "one")]
    last = program("last", f"import os; print(sorted(os.listdir({str(tmp_path)!r})))")

    told: list[str] = []
    assert carry_out(two, [last], told.append) == 0

    assert "['one', 'other']" in told
    assert [line for line in told if "FAILED" in line] == []


def test_the_last_lines_say_what_failed_and_what_was_slow() -> None:
    told: list[str] = []

    code = carry_out(
        [prints("good", "a part that passed\n" * 50), prints("tests", PYTEST, 1)],
        [prints("lint", "file.py:1: no", 2)],
        told.append,
    )

    assert code == 1
    assert told.count("a part that passed") < 20
    assert "the whole story of a failure" in told
    end = told[told.index("Slowest:") :]
    assert [line.split(maxsplit=2)[-1] for line in end[1:3]] == [
        "tests/test_b.py::test_that_takes_long",
        "tests/test_a.py::test_one",
    ]
    verdicts = [line for line in end if line.startswith("  ")]
    assert [line.split(" after ")[0].strip() for line in verdicts[-3:]] == [
        "good: passed",
        "tests: FAILED",
        "lint: FAILED",
    ]
    because = end[end.index(verdicts[-1]) + 1 :]
    assert [line for line in because if not line.endswith("because:")] == [
        "",
        "FAILED tests/test_a.py::test_two - assert False",
        "= 1 failed, 5 passed in 3.00s =",
        "",
        "file.py:1: no",
    ]


def test_how_far_a_part_has_come_is_told_with_its_name() -> None:
    told: list[str] = []

    carry_out([prints("tests", PYTEST)], [], told.append)

    assert [line.split()[0] for line in told if line.endswith("%]")] == ["tests", "tests"]
    assert [line for line in told if "slowest 20" in line or "hidden" in line] == []


def test_the_processor_time_of_a_part_is_told_with_that_of_what_it_has_started() -> None:
    works = "import time\nwhile time.process_time() < 0.5: pass"
    part = program("works", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {works!r}])")

    carry_out([part, waits := program("waits", "import time; time.sleep(0.5)")], [], lambda _: None)

    assert waits.processor_seconds < 0.5 <= part.processor_seconds


def test_ctrl_c_ends_all_that_runs_and_begins_nothing_more(tmp_path: Path) -> None:
    begins = f"import os, pathlib; pathlib.Path({str(tmp_path)!r}, str(os.getpid())).touch()"
    waits = f"{begins}; import time; time.sleep(600)"
    code = (
        "import sys; from tests.side_by_side import Part, carry_out; "
        f"part = lambda: Part(name='waits', command=[sys.executable, '-c', {waits!r}]); "
        "sys.exit(carry_out([part(), part(), part()], [part()], print, at_once=2))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as runner:
        until(lambda: len(list(tmp_path.iterdir())) == 2)
        pids = [int(path.name) for path in tmp_path.iterdir()]

        runner.send_signal(signal.SIGINT)
        output, _ = runner.communicate(timeout=10)

    assert runner.returncode == 1
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert output.count("was not begun") == 2
