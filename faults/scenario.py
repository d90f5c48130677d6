"""A scenario: one fault, how it is made, and what counts as surviving it.

What it measured becomes *figures*, held against *limits*; what shows that the fault bit becomes
*bites*, each of which must be above zero; what the checker found is never acceptable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatapp.settings import BROKEN
from faults import forgotten, topology
from faults.broken_crowd import CROWDS
from faults.checker import violations
from faults.databases import PostgreSQL
from faults.history import History
from faults.topology import Topology

SQLITE, POSTGRESQL, CLUSTER = "SQLite", "PostgreSQL", "3 nodes"


class Stage:
    """Hands out topologies, each over an empty folder; PostgreSQL is started when first asked for."""

    def __init__(self, folder: Path, stack: ExitStack, build: str = "") -> None:
        self._folder = folder
        self._stack = stack
        self.crowd = CROWDS.get(build, nullcontext)
        self.settings = {BROKEN: build} if build and build not in CROWDS else {}
        self._postgresql: PostgreSQL | None = None
        self._count = 0
        self._remains: list[str] = []

    def broken(self, build: str) -> Stage:
        """The same stage for a build with something taken out."""
        other = Stage(self._folder / build, self._stack, build)
        other._postgresql = self.postgresql if self._postgresql else None
        return other

    @property
    def postgresql(self) -> PostgreSQL:
        if self._postgresql is None:
            self._postgresql = self._stack.enter_context(PostgreSQL(self._folder))
        return self._postgresql

    def new_folder(self) -> Path:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir(parents=True)
        return folder

    @contextmanager
    def chat(
        self, where: str, settings: Mapping[str, str] | None = None, *, is_proxied: bool = False
    ) -> Iterator[Topology]:
        """``where`` is SQLITE, POSTGRESQL or CLUSTER."""
        chosen = self.settings | dict(settings or {})
        folder = self.new_folder()
        if where == SQLITE:
            with topology.on_sqlite(folder, **chosen) as chat:
                yield chat
            self.search(chat, folder)
            return
        start: Any = topology.cluster if where == CLUSTER else topology.on_postgresql
        with ExitStack() as stack:
            with start(folder, self.postgresql, is_proxied=is_proxied, **chosen) as chat:
                stack.callback(self.postgresql.drop, chat.database_name)
                yield chat
            self.search(chat, folder, self.postgresql.files)

    def search(self, chat: Topology, *folders: Path) -> None:
        """Let what was said there expire, and see whether any of it is left; its nodes have ended."""
        self._remains += forgotten.remains(chat.database_url, folders, self.settings, chat.data_dir)

    def take_remains(self) -> list[str]:
        """What was in the files of the chats so far and should not have been, once."""
        taken, self._remains = self._remains, []
        return taken


@dataclass(kw_only=True)
class Outcome:
    """Of one run. ``complaints`` are criteria that no figure shows."""

    figures: dict[str, float] = field(default_factory=dict)
    bites: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    broken: dict[str, list[str]] = field(default_factory=dict)  # invariants, with what was found

    def check(self, history: History) -> None:
        """Let the checker read it; counts of a scenario with several histories add up."""
        for name, found in violations(history).items():
            self.broken.setdefault(name, []).extend(found)
        for name, count in history.counts().items():
            self.figures[name] = self.figures.get(name, 0) + count

    def expect(self, is_so: bool, sentence: str) -> None:
        if not is_so:
            self.complaints.append(sentence)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a figure must keep to."""

    figure: str
    at_most: float | None = None
    at_least: float | None = None
    place: str = ""  # where it holds; everywhere, if none is named

    def is_kept(self, figures: dict[str, float]) -> bool:
        value = figures.get(self.figure)
        if value is None:
            return False
        return (self.at_most is None or value <= self.at_most) and (
            self.at_least is None or value >= self.at_least
        )

    def __str__(self) -> str:
        bound = f"≥ {self.at_least:g}" if self.at_most is None else f"≤ {self.at_most:g}"
        return f"{self.figure} {bound}"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """``places`` are where it runs; ``catches`` are the broken builds it must notice, each with a place."""

    name: str
    title: str
    criterion: str
    run: Callable[[Stage, str], Outcome]
    places: Sequence[str]
    limits: Sequence[Limit] = ()
    catches: Mapping[str, str] = field(default_factory=dict)
    why_not: Callable[[], str | None] = lambda: None  # what it needs and this machine has not

    def carry_out(self, stage: Stage, place: str) -> Outcome:
        """Run it, and search the files that it leaves."""
        with stage.crowd():
            outcome = self.run(stage, place)
        outcome.broken.setdefault("I16", []).extend(stage.take_remains())
        return outcome


def faults_of(scenario: Scenario, outcome: Outcome, place: str) -> list[str]:
    """Everything for which the run counts as failed."""
    found = [f"{name}: {len(what)}, such as {what[0]}" for name, what in outcome.broken.items() if what]
    found += [f"the fault did not bite: {name} is 0" for name, count in outcome.bites.items() if count <= 0]
    found += [
        f"{limit}, and it was {outcome.figures.get(limit.figure, float('nan')):.3g}"
        for limit in scenario.limits
        if limit.place in ("", place) and not limit.is_kept(outcome.figures)
    ]
    return found + outcome.complaints
