"""What comes out: a table for eyes, JSON for machines, and the section of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from bench.figures import CHAT, Outcome, Results, Summary, Target, summarise
from bench.machine import Machine
from bench.stage import FLASK, NODE, ON_POSTGRESQL
from bench.workloads import WORKLOADS

BEGIN, END = "<!-- written by make bench -->\n", "<!-- end of what make bench writes -->\n"
_COLUMNS = (CHAT, ON_POSTGRESQL, FLASK, NODE)
_HEAD = ("", "figure", "chat", "on PostgreSQL", "Flask-SocketIO", "Node", "× Flask-SocketIO", "× Node")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured. ``outcomes``: workload, server, runs."""

    machine: Machine
    seconds: float
    runs: int
    took_seconds: float
    outcomes: dict[str, dict[str, list[Outcome]]]

    @property
    def is_whole(self) -> bool:
        """Whether every run came to its end."""
        return all(
            run.figures for servers in self.outcomes.values() for runs in servers.values() for run in runs
        )

    def results(self, workload: str) -> Results:
        return {server: summarise(runs) for server, runs in self.outcomes[workload].items()}


def to_json(report: Report) -> bytes:
    summaries = {name: report.results(name) for name in report.outcomes}
    targets = {
        name: [
            {
                "target": describe(target),
                "value": target.value(summaries[name]),
                "met": target.is_met(summaries[name]),
            }
            for target in WORKLOADS[name].targets
        ]
        for name in report.outcomes
    }
    whole = {"summaries": summaries, "targets": targets, **msgspec.structs.asdict(report)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1)


def as_text(report: Report) -> str:
    """The figures, the targets and the complaints."""
    parts = [_aligned([_HEAD, *_rows(report)]), _aligned([("", "target", "is", ""), *target_rows(report)])]
    complaints = list(_complaints(report))
    if complaints:
        parts.append("Runs that do not count:\n" + "\n".join(f"  {line}" for line in complaints))
    return "\n\n".join(parts)


def as_markdown(report: Report) -> str:
    """What stands between the marks of docs/benchmarks.md."""
    parts = [_machine_line(report), _markdown([_HEAD, *_rows(report)])]
    parts.append(_markdown([("", "target", "measured", "met"), *target_rows(report)]))
    parts += [f"Not counted: {line}" for line in _complaints(report)]
    return "\n\n".join(parts) + "\n"


def describe(target: Target) -> str:
    bound = (
        f"≥ {number(target.at_least)}" if target.at_least is not None else f"≤ {number(target.at_most or 0)}"
    )
    whose = "" if target.server == CHAT else f" ({target.server})"
    return f"{target.figure}{whose} {bound}" + (f" × {target.to}" if target.to else "")


def number(value: float) -> str:
    """Three places that mean something, thousands apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.{2 if abs(value) < 10 else 1}f}"


def target_rows(report: Report) -> Iterator[tuple[str, ...]]:
    for name in report.outcomes:
        results = report.results(name)
        for target in WORKLOADS[name].targets:
            value, is_met = target.value(results), target.is_met(results)
            said = "not measured" if is_met is None else "yes" if is_met else "NO"
            yield (name, describe(target), "–" if value is None else number(value), said)


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for name in report.outcomes:
        results = report.results(name)
        figures = dict.fromkeys(figure for server in results.values() for figure in server)
        for at, figure in enumerate(figures):
            cells = [_cell(results.get(server, {}).get(figure)) for server in _COLUMNS]
            ratios = [_ratio(results, figure, peer) for peer in (FLASK, NODE)]
            yield ("" if at else name, figure, *cells, *ratios)


def _cell(summary: Summary | None) -> str:
    if summary is None:
        return ""
    if summary.runs == 1:
        return number(summary.median)
    return f"{number(summary.median)} ±{summary.spread / 2:.0%}"


def _ratio(results: Results, figure: str, peer: str) -> str:
    value = Target(figure=figure, to=peer).value(results)
    return "" if value is None else f"{number(value)}"


def _complaints(report: Report) -> Iterator[str]:
    for name, servers in report.outcomes.items():
        for server, runs in servers.items():
            for at, run in enumerate(runs, 1):
                for complaint in run.complaints:
                    yield f"{name} {server}, run {at}: {complaint}"


def _machine_line(report: Report) -> str:
    m = report.machine
    libraries = ", ".join(f"{name} {version}" for name, version in m.libraries.items())
    pinned = "server on core 0, generator on core 1" if m.is_pinned else "not pinned"
    return (
        f"{m.cpu}, {m.cores} cores, {m.memory_gb} GB, {m.system}; {pinned}; "
        f"load before the run {m.load_before}. "
        f"Python {m.python}, SQLite {m.sqlite}, {libraries}; Node {m.node}, Socket.IO {m.socket_io}. "
        f"Commit {m.commit}. Median of {report.runs} run(s) of {report.seconds:g} s; ± is half the distance "
        f"of the extremes."
    )


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _markdown(rows: list[tuple[str, ...]]) -> str:
    head, *body = rows
    rule = tuple("---" if at < 2 else "--:" for at in range(len(head)))
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))


def replace_section(document: str, section: str, begin: str = BEGIN, end: str = END) -> str:
    """The document with what is between its marks replaced."""
    before, _, rest = document.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{section}\n{end}{after}"
