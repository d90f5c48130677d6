"""What comes out: a table for eyes, JSON for machines, and the section of docs/faults.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from bench.machine import Machine
from faults.scenario import Outcome, Scenario, faults_of

BEGIN, END = "<!-- written by make faults -->\n", "<!-- end of what make faults writes -->\n"


class Run(msgspec.Struct, kw_only=True):
    """A scenario at a place; ``build`` names what was taken out, and is empty for the product.

    Either ``why_not`` or ``outcome`` is there.
    """

    scenario: Scenario
    place: str
    build: str = ""
    why_not: str | None = None
    outcome: Outcome | None = None
    seconds: float = 0.0

    @property
    def faults(self) -> list[str]:
        return faults_of(self.scenario, self.outcome, self.place) if self.outcome else []

    @property
    def verdict(self) -> str:
        """Of a broken build, red is what is wanted."""
        if self.outcome is None:
            return "not run"
        if self.build:
            return "red, as it must be" if self.faults else "GREEN, and it is broken"
        return "red" if self.faults else "green"

    @property
    def is_as_wanted(self) -> bool:
        return self.outcome is None or bool(self.faults) == bool(self.build)


class Report(msgspec.Struct, kw_only=True):
    machine: Machine
    runs: list[Run]
    took_seconds: float

    @property
    def is_good(self) -> bool:
        return all(run.is_as_wanted for run in self.runs)


def to_json(report: Report) -> bytes:
    whole = {
        "machine": msgspec.structs.asdict(report.machine),
        "took_seconds": report.took_seconds,
        "runs": [_as_dict(run) for run in report.runs],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=1)


def _as_dict(run: Run) -> dict[str, Any]:
    outcome = run.outcome or Outcome()
    return {
        "scenario": run.scenario.name,
        "place": run.place,
        "build": run.build,
        "verdict": run.verdict,
        "why_not": run.why_not,
        "seconds": run.seconds,
        "figures": outcome.figures,
        "bites": outcome.bites,
        "faults": run.faults,
        "invariants": {name: found[:20] for name, found in outcome.broken.items() if found},
    }


def as_text(report: Report) -> str:
    lines = []
    for run in report.runs:
        name = f"{run.scenario.name:<4}{run.build or run.place:<18}{run.verdict:<24}{run.seconds:5.0f} s"
        lines.append(name + (f"  {run.why_not}" if run.why_not else ""))
        lines += [f"      {fault}" for fault in run.faults if not run.build]
    count = sum(run.outcome is not None for run in report.runs)
    lines.append(f"{count} runs in {report.took_seconds:.0f} s, {len(report.runs) - count} not run.")
    return "\n".join(lines)


def as_markdown(report: Report) -> str:
    """What stands between the marks of docs/faults.md."""
    machine = report.machine
    parts = [
        f"{machine.cpu}, {machine.cores} cores, {machine.system}; load before the run {machine.load_before}. "
        f"Python {machine.python}, SQLite {machine.sqlite}. Commit {machine.commit}. "
        f"{report.took_seconds:.0f} s in all.",
        "### The faults",
        _table(("", "fault", "where", "verdict", "how often it bit", "figures"), _fault_rows(report)),
        "### Broken builds",
        _table(("taken out", "noticed by", "verdict", "by what"), _build_rows(report)),
    ]
    absent = [run for run in report.runs if run.outcome is None]
    if absent:
        parts += [
            "### Not run",
            "\n".join(f"* {r.scenario.name}, {r.build or r.place}: {r.why_not}." for r in absent),
        ]
    return "\n\n".join(parts)


def _fault_rows(report: Report) -> Iterator[tuple[str, ...]]:
    for run in report.runs:
        if run.outcome is None or run.build:
            continue
        limited = {
            limit.figure: str(limit) for limit in run.scenario.limits if limit.place in ("", run.place)
        }
        figures = [
            f"{name} {value:.3g}{_bound(limited.get(name, ''))}"
            for name, value in run.outcome.figures.items()
        ]
        bites = [f"{name} {count}" for name, count in run.outcome.bites.items()]
        verdict = run.verdict + ("" if not run.faults else ": " + "; ".join(run.faults))
        yield run.scenario.name, run.scenario.title, run.place, verdict, ", ".join(bites), ", ".join(figures)


def _bound(limit: str) -> str:
    return f" ({limit.partition(' ')[2]})" if limit else ""


def _build_rows(report: Report) -> Iterator[tuple[str, ...]]:
    for run in report.runs:
        if run.outcome is not None and run.build:
            where = f"{run.scenario.name} on {run.place}"
            yield run.build.replace("_", " "), where, run.verdict, "; ".join(run.faults[:3])


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    rule = tuple("---" for _ in head)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))
