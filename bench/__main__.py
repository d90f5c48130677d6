"""`python -m bench [W1 …]`: measure, print, and write what is asked for."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import msgspec

from bench.crowd import raise_open_files
from bench.figures import Outcome
from bench.machine import look_around
from bench.plot import draw
from bench.progress import Progress
from bench.report import Report, as_markdown, as_text, replace_section, to_json
from bench.servers import ROOT
from bench.sizing import sized
from bench.stage import Stage
from bench.workloads import WORKLOADS

OPEN_FILES = 20_000
DOCUMENT = ROOT / "docs" / "benchmarks.md"
OPERATIONS = ROOT / "docs" / "operations.md"
PLOT = ROOT / "docs" / "images" / "benchmark.svg"


def main() -> int:
    arguments = _arguments()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    raise_open_files(OPEN_FILES)
    report = measure(arguments)
    _print(as_text(report))
    if arguments.json:
        arguments.json.write_bytes(to_json(report))
    if arguments.write_docs:
        DOCUMENT.write_text(replace_section(DOCUMENT.read_text(), as_markdown(report)))
        PLOT.write_text(draw(report))
        OPERATIONS.write_text(sized(OPERATIONS.read_text(), DOCUMENT.read_text()))
    return 0 if report.is_whole else 1


def measure(arguments: argparse.Namespace) -> Report:
    """Run by run, so that a bad minute of the machine spoils one run and not one server."""
    stage = Stage(seconds=arguments.seconds, is_full=arguments.full, folder=arguments.folder.resolve())
    usual = [name for name, workload in WORKLOADS.items() if not workload.is_on_request]
    chosen = [WORKLOADS[name] for name in arguments.workloads or usual]
    steps = [(w, server, run) for run in range(arguments.runs) for w in chosen for server in w.servers]
    outcomes: dict[str, dict[str, list[Outcome]]] = {
        w.name: {server: [] for server in w.servers} for w in chosen
    }
    machine, began_at = look_around(), time.monotonic()
    progress = Progress(len(steps))
    for workload, server, run in steps:
        progress.begin(f"{workload.name} {server}, run {run + 1} of {arguments.runs}: {workload.title}")
        result = workload.run(_with_profiles(stage, arguments.profiles, workload.name), server)
        outcomes[workload.name][server].append(result)
    progress.end()
    return Report(
        machine=machine,
        seconds=arguments.seconds,
        runs=arguments.runs,
        took_seconds=time.monotonic() - began_at,
        outcomes=outcomes,
    )


def _with_profiles(stage: Stage, folder: Path | None, workload: str) -> Stage:
    return stage if folder is None else msgspec.structs.replace(stage, profiles=folder / workload)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _arguments() -> argparse.Namespace:
    named = "\n".join(f"  {w.name:<4}{w.title}" for w in WORKLOADS.values())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"workloads:\n{named}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("workloads", nargs="*", metavar="W", help="all, if none is named")
    parser.add_argument("--seconds", type=float, default=4, help="of each load (4)")
    parser.add_argument(
        "--runs", type=int, default=1, help="whose median is shown (1); figures to quote need 3"
    )
    parser.add_argument("--full", action="store_true", help="a million rows in W11")
    parser.add_argument("--json", type=Path, help="write everything here")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md and its plot")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".cache" / "bench", help="on the disk to be measured"
    )
    parser.add_argument(
        "--profiles", type=Path, metavar="FOLDER", help="write profiles of the chat here (speedscope)"
    )
    arguments = parser.parse_args()
    for name in arguments.workloads:
        if name not in WORKLOADS:
            parser.error(f"there is no workload {name}")
    if arguments.write_docs and arguments.workloads:
        parser.error("--write-docs is for all workloads: the documents would lose the figures of the others")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
