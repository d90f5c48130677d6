"""The build changes with what a page is made of, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatapp.web.build import build_of
from tests.running import Nodes
from tests.talkers import PythonTalker


@pytest.fixture
def page(tmp_path: Path) -> Callable[[str, dict[str, str]], Path]:
    def make(name: str, files: dict[str, str]) -> Path:
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
        return tmp_path / name

    return make


FILES = {"index.html": "<p>", "css/base.css": "p {}"}


def test_the_same_files_are_the_same_build_wherever_they_lie(
    page: Callable[[str, dict[str, str]], Path],
) -> None:
    assert build_of(page("here", FILES)) == build_of(page("there", FILES))


@pytest.mark.parametrize(
    "changed",
    [
        FILES | {"index.html": "<b>"},
        FILES | {"new.js": ""},
        {"index.html": "<p>"},
        {"index.htm": "l<p>", "css/base.css": "p {}"},
        {"index.html": "<p>", "css/other.css": "p {}"},
    ],
)
def test_any_change_is_another_build(
    page: Callable[[str, dict[str, str]], Path], changed: dict[str, str]
) -> None:
    assert build_of(page("before", FILES)) != build_of(page("after", changed))


def test_a_single_file_counts_as_a_folder_does(page: Callable[[str, dict[str, str]], Path]) -> None:
    one, other = (page(name, {"list.json": text}) / "list.json" for name, text in (("a", "{}"), ("b", "{ }")))

    assert build_of(one) == build_of(page("c", {"list.json": "{}"}) / "list.json") != build_of(other)


def test_a_page_is_of_the_build_that_the_server_greets_with(nodes: Nodes) -> None:
    with nodes.running() as node:
        talker = PythonTalker(node.url, node.sign_in("Ana")["token"])
        build = talker.connect()["build"]
        talker.close()

        assert f'data-build="{build}"' in node.get("/chat/lobby").decode()
