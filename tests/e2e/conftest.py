"""Two people in a real browser, each with everything of their own, against real nodes.

The browser is the one that is installed; Chromium without its windows, where that is installed too: a
page is the same in it and costs a third less. Whatever a test asks for: no page may raise an error, open
a dialog or run into the Content-Security-Policy while it runs. What a failed test saw is kept in
.cache/e2e/: a picture of each page, and what the nodes printed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, sync_playwright

from chatapp.limits import ROOM_ID_LENGTH
from tests.e2e.people import AT_HOME, DESKTOP, LAUNCH_ARGUMENTS, People
from tests.e2e.person import Person
from tests.running import ROOT, Nodes, RunningNode
from tests.running_fixtures import no_complaints, pytest_runtest_makereport

__all__ = ["no_complaints", "pytest_runtest_makereport"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
WITHOUT_WINDOWS = "chromium-headless-shell"
KEPT_IN = ROOT / ".cache" / "e2e"
FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Nodes:
    return Nodes(lambda: tmp_path_factory.mktemp("node"), "tests.e2e.patient_node")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of Chromium; a test that asks for it is skipped, with a sentence, where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        # Somebody meant this one: that it is missing is a failure, not a reason to skip.
        assert shutil.which(named), f"CHROMIUM names {named!r}, which cannot be run"
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium found: install one or name it with CHROMIUM=/path/to/it")
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def browser(chromium: BrowserType, chromium_path: str) -> Iterator[Browser]:
    without_windows = None if os.environ.get("CHROMIUM") else shutil.which(WITHOUT_WINDOWS)
    browser = chromium.launch(executable_path=without_windows or chromium_path, args=LAUNCH_ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def browser_with(
    chromium: BrowserType, chromium_path: str, people: People, tmp_path: Path
) -> Callable[..., Person]:
    """Somebody whose browser is set up in another way, by preferences, which only the whole Chromium has."""

    def start(name: str, preferences: dict[str, Any], looks: dict[str, Any] = DESKTOP) -> Person:
        profile = tmp_path / name / "Default"
        profile.mkdir(parents=True)
        (profile / "Preferences").write_text(json.dumps(preferences))
        context = chromium.launch_persistent_context(
            profile.parent, executable_path=chromium_path, args=LAUNCH_ARGUMENTS, **looks, **AT_HOME
        )
        return people.at(context, name, looks)

    return start


@pytest.fixture
def people(browser: Browser, request: pytest.FixtureRequest) -> Iterator[People]:
    people = People(browser)
    yield people
    complaints = people.complaints()
    if complaints:
        people.photograph(_kept(request.node))
    people.leave()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    """One for all tests that need no settings of their own, and rooms of their own keep apart."""
    with nodes.running(CHAT_RATE_LIMITS="off", CHAT_PRESENCE_GRACE_SECONDS="1") as node:
        yield node


@pytest.fixture(scope="session")
def unknown_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    """Nobody else finds it: it listens on this machine only, and no address was set that people open."""
    with nodes.running(CHAT_RATE_LIMITS="off", CHAT_PUBLIC_URL="") as node:
        yield node


@pytest.fixture
def room(request: pytest.FixtureRequest) -> str:
    """A room for this test alone, also where the end of a long name, its parameters, has to go."""
    slug = _slug(request.node.name)
    if len(slug) <= ROOM_ID_LENGTH:
        return slug
    digest = hashlib.sha256(request.node.name.encode()).hexdigest()[:8]
    return f"{slug[: ROOM_ID_LENGTH - 9].rstrip('-')}-{digest}"


@pytest.fixture
def note_figure(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """What was measured is read at the end of the run."""
    return pytestconfig.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures = terminalreporter.config.stash.get(FIGURES, [])
    if figures:
        terminalreporter.section("figures of the page")
        for figure in figures:
            terminalreporter.write_line(figure)


def pytest_exception_interact(node: pytest.Item) -> None:
    """A test has failed, and its pages are still open."""
    arguments = getattr(node, "funcargs", {})
    if isinstance(people := arguments.get("people"), People):
        people.photograph(_kept(node))
    if isinstance(nodes := arguments.get("nodes"), Nodes):
        for name, output in nodes.outputs():
            (_kept(node) / f"{name}.log").write_text(output)


def _kept(item: pytest.Item) -> Path:
    folder = KEPT_IN / _slug(item.name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.removeprefix("test_").replace("_", "-"))
