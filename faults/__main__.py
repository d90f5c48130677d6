"""`python -m faults [F1 …]`: break things, read what happened, and write what is asked for."""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.crowd import raise_open_files
from bench.machine import look_around
from bench.progress import Progress
from bench.report import replace_section
from faults.databases import why_alone
from faults.processes import ROOT, DidNotStart, NotSo
from faults.report import BEGIN, END, Report, Run, as_markdown, as_text, to_json
from faults.scenario import CLUSTER, Outcome, Scenario, Stage
from faults.scenarios import SCENARIOS

OPEN_FILES = 8_000
DOCUMENT = ROOT / "docs" / "faults.md"


def main() -> int:
    arguments = _arguments()
    raise_open_files(OPEN_FILES)
    # As where it is installed: else each program that is started again might compile all of it anew.
    for package in ("chatapp", "faults"):
        compileall.compile_dir(ROOT / package, quiet=1)
    chosen = [SCENARIOS[name] for name in arguments.scenarios or SCENARIOS]
    report = run_all(list(_planned(chosen, arguments.builds)))
    sys.stdout.write(as_text(report) + "\n")
    if arguments.json:
        arguments.json.write_bytes(to_json(report))
    if arguments.write_docs:
        DOCUMENT.write_text(replace_section(DOCUMENT.read_text(), as_markdown(report), BEGIN, END))
    return 0 if report.is_good else 1


def run_all(runs: list[Run]) -> Report:
    machine, began_at = look_around(), time.monotonic()
    progress = Progress(len(runs))
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, ExitStack() as stack:
        stage = Stage(Path(folder), stack)
        for run in runs:
            what = f"without {run.build}" if run.build else f"on {run.place}"
            progress.begin(f"{run.scenario.name} {what}: {run.scenario.title}")
            _carry_out(run, stage.broken(run.build) if run.build else stage)
    progress.end()
    return Report(machine=machine, runs=runs, took_seconds=time.monotonic() - began_at)


def _planned(scenarios: list[Scenario], builds: bool) -> Iterator[Run]:
    """Every scenario where it runs; then each broken build where it must be noticed."""
    for scenario in scenarios:
        for place in scenario.places:
            yield Run(scenario=scenario, place=place, why_not=_why_not(scenario, place))
    for scenario in scenarios if builds else ():
        for build, place in scenario.catches.items():
            yield Run(scenario=scenario, place=place, build=build, why_not=_why_not(scenario, place))


def _why_not(scenario: Scenario, place: str) -> str | None:
    return (why_alone() if place == CLUSTER else None) or scenario.why_not()


def _carry_out(run: Run, stage: Stage) -> None:
    if run.why_not is not None:
        return
    began_at = time.monotonic()
    try:
        run.outcome = run.scenario.carry_out(stage, run.place)
    except DidNotStart as error:
        # Of a broken build this proves nothing, and must not pass for red.
        run.why_not = f"a node did not start: {error}"
        run.outcome = None if run.build else Outcome(complaints=[run.why_not])
    except (NotSo, OSError, TimeoutError, EOFError) as error:
        run.outcome = Outcome(complaints=[f"{type(error).__name__}: {error}"])
    run.seconds = time.monotonic() - began_at


def _arguments() -> argparse.Namespace:
    named = "\n".join(f"  {s.name:<4}{s.title}" for s in SCENARIOS.values())
    parser = argparse.ArgumentParser(
        prog="python -m faults",
        description=__doc__,
        epilog=f"faults:\n{named}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenarios", nargs="*", metavar="F", help="all, if none is named")
    parser.add_argument("--json", type=Path, help="write everything here")
    parser.add_argument("--write-docs", action="store_true", help="write docs/faults.md")
    parser.add_argument(
        "--no-builds", dest="builds", action="store_false", help="leave out the builds that must turn red"
    )
    arguments = parser.parse_args()
    for name in arguments.scenarios:
        if name not in SCENARIOS:
            parser.error(f"there is no fault {name}")
    if arguments.write_docs and (arguments.scenarios or not arguments.builds):
        parser.error("--write-docs is for all faults and builds: the document would lose the others")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
