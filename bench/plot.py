"""The headline plot: bars beside each other, as SVG written by hand; readable on light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bench.figures import CHAT
from bench.report import Report, number
from bench.stage import FLASK, NODE
from bench.workloads import WORKLOADS

SHOWN = ("W1", "W2", "W3", "W4", "W6")
_NAMES = {CHAT: "this chat, stored with fsync", NODE: "Socket.IO under Node", FLASK: "stock Flask-SocketIO"}
_COLOURS = {CHAT: "#2f9e6e", NODE: "#8a8f98", FLASK: "#c0a35e"}
_WIDTH, _LEFT, _BAR, _GROUP_HEAD = 760, 190, 20, 30
_LONGEST = _WIDTH - _LEFT - 130


def draw(report: Report) -> str:
    """Each workload has a scale of its own; more is better but in W6, which says so."""
    lines: list[str] = []
    y = 10
    for name in SHOWN:
        if name in report.outcomes:
            drawn = list(_group(report, name, y))
            lines += drawn
            y += _GROUP_HEAD + _BAR * len(_bars(report, name)) + 14
    style = (
        "<style>text{font:13px system-ui,sans-serif;fill:#57606a}.h{font-weight:600;fill:#24292f}"
        "@media(prefers-color-scheme:dark){text{fill:#9da7b3}.h{fill:#e6edf3}}</style>"
    )
    title = "<title>Figures of docs/benchmarks.md, one core each</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">'
    return "\n".join([head, title, style, *lines, "</svg>"]) + "\n"


def _bars(report: Report, name: str) -> list[tuple[str, float]]:
    results, figure = report.results(name), WORKLOADS[name].headline
    return [
        (server, results[server][figure].median) for server in _NAMES if figure in results.get(server, {})
    ]


def _group(report: Report, name: str, y: int) -> Iterator[str]:
    workload, bars = WORKLOADS[name], _bars(report, name)
    unit = workload.headline.replace("_", " ") + (
        ", less is better" if workload.headline.endswith("_ms") else ""
    )
    longest = max((value for _, value in bars), default=1.0) or 1.0
    yield f'<text class="h" x="0" y="{y + 14}">{name}: {escape(workload.title)} ({escape(unit)})</text>'
    for at, (server, value) in enumerate(bars):
        top, width = y + 24 + at * _BAR, max(1, round(value / longest * _LONGEST))
        yield f'<text x="{_LEFT - 6}" y="{top + 13}" text-anchor="end">{escape(_NAMES[server])}</text>'
        place = f'x="{_LEFT}" y="{top + 2}" width="{width}" height="{_BAR - 5}"'
        yield f'<rect {place} fill="{_COLOURS[server]}"/>'
        yield f'<text x="{_LEFT + width + 6}" y="{top + 13}">{number(value)}</text>'
