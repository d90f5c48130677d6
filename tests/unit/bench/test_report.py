from __future__ import annotations

import io
from xml.etree import ElementTree

import msgspec
import pytest

from bench.figures import Outcome, Target
from bench.machine import Machine
from bench.plot import draw
from bench.progress import Progress
from bench.report import BEGIN, END, Report, as_markdown, as_text, describe, number, replace_section, to_json

MACHINE = Machine(
    cpu="a processor",
    cores=2,
    memory_gb=8.0,
    system="Linux",
    python="3.11",
    sqlite="3.45",
    node="v20",
    socket_io="4.8",
    libraries={},
    commit="abc",
    is_pinned=True,
    load_before=0.1,
)


@pytest.fixture
def report() -> Report:
    return Report(
        machine=MACHINE,
        seconds=4,
        runs=1,
        took_seconds=9,
        outcomes={
            "W2": {
                "chat": [Outcome(figures={"deliveries_per_second": 300_000.0})],
                "node": [Outcome(figures={"deliveries_per_second": 100_000.0})],
                "flask-socketio": [Outcome(figures={}, complaints=("the last answers took too long",))],
            }
        },
    )


def test_the_table_has_figures_ratios_targets_and_what_does_not_count(report: Report) -> None:
    text = as_text(report)

    assert "300 000" in text
    assert "3.00" in text
    assert "deliveries_per_second ≥ 1.30 × node" in text
    assert "yes" in text
    assert "W2 flask-socketio, run 1: the last answers took too long" in text


def test_json_has_every_run_and_whether_targets_are_met(report: Report) -> None:
    whole = msgspec.json.decode(to_json(report))

    assert whole["outcomes"]["W2"]["chat"][0]["figures"] == {"deliveries_per_second": 300_000.0}
    assert [target["met"] for target in whole["targets"]["W2"]] == [True, True, None]


def test_a_document_keeps_what_stands_around_its_figures(report: Report) -> None:
    document = f"# Before\n{BEGIN}old figures\n{END}after\n"

    written = replace_section(document, as_markdown(report))

    assert written.startswith("# Before\n")
    assert written.endswith(f"{END}after\n")
    assert "old figures" not in written
    assert replace_section(written, as_markdown(report)) == written


def test_the_plot_is_svg_with_a_bar_for_each_server_that_was_measured(report: Report) -> None:
    drawing = ElementTree.fromstring(draw(report))

    bars = drawing.findall("{http://www.w3.org/2000/svg}rect")
    widths = [int(bar.attrib["width"]) for bar in bars]
    assert len(widths) == 2
    assert widths[0] == pytest.approx(3 * widths[1], abs=3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.123, "0.12"),
        (12.34, "12.3"),
        (999.6, "1 000"),
        (2_792_000, "2 792 000"),
        (-0.031, "-0.03"),
    ],
)
def test_a_number_has_the_places_that_mean_something(value: float, text: str) -> None:
    assert number(value) == text


def test_a_target_says_what_it_wants() -> None:
    assert describe(Target(figure="speed", at_least=0.7, server="chat-postgresql", to="chat")) == (
        "speed (chat-postgresql) ≥ 0.70 × chat"
    )


def test_progress_is_a_line_a_step_where_nobody_watches() -> None:
    out = io.StringIO()
    progress = Progress(2, out)

    progress.begin("first")
    progress.begin("second")
    progress.end()

    first, second = out.getvalue().splitlines()
    assert "0/2" in first
    assert "1/2" in second
    assert second.endswith("second")
