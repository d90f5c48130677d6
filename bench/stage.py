"""The stage of a run: fresh servers on one core, this process on the other, and how long to look."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from bench import servers
from bench.crowd import Crowd
from bench.figures import CHAT, Outcome, Target
from bench.servers import Chat, Server
from cluster.databases import valkey

FLASK, NODE, ON_POSTGRESQL, SENDFILE = "flask-socketio", "node", "chat-postgresql", "sendfile"
PEERS = (CHAT, FLASK, NODE)
FULL_CORE = 0.95


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """``seconds`` is how long a load lasts; ``is_full`` asks for the large versions of some workloads."""

    seconds: float
    is_full: bool
    folder: Path  # on the disk whose fsync is to be measured
    profiles: Path | None = None  # where the chat's profiles go, if they are wanted

    @contextmanager
    def server(
        self, kind: str, past: Callable[[str], object] | None = None, **settings: str
    ) -> Iterator[Server]:
        """A fresh server; ``past`` fills the chat's database before it starts."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=f"{kind}-") as name:
            folder = Path(name)
            if kind == ON_POSTGRESQL:
                with servers.postgresql(folder) as url:
                    if past is not None:
                        past(url)
                    with self._started(kind, folder, settings, url) as server:
                        yield server
                return
            if past is not None:
                past(servers.sqlite_url(folder))
            with self._started(kind, folder, settings) as server:
                yield server

    @contextmanager
    def chat(
        self, past: Callable[[str], object] | None = None, kind: str = CHAT, **settings: str
    ) -> Iterator[Chat]:
        with self.server(kind, past, **settings) as server:
            assert isinstance(server, Chat)
            yield server

    @contextmanager
    def cluster(self, size: int) -> Iterator[Sequence[Chat]]:
        """So many nodes of one chat, over PostgreSQL and Valkey."""
        with ExitStack() as stack:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=self.folder, prefix="cluster-")))
            url = stack.enter_context(servers.postgresql(root))
            common = {"REDIS_URL": stack.enter_context(valkey()), "SECRET_KEY": secrets.token_urlsafe(48)}
            nodes = []
            for number in range(size):
                folder = root / f"node-{number}"
                folder.mkdir()
                node = stack.enter_context(self._started(ON_POSTGRESQL, folder, common, url))
                assert isinstance(node, Chat)
                nodes.append(node)
            yield nodes

    def _profile(self, kind: str) -> Path | None:
        return self.profiles / f"{kind}.json" if self.profiles and kind.startswith(CHAT) else None

    @contextmanager
    def _started(self, kind: str, folder: Path, settings: dict[str, str], url: str = "") -> Iterator[Server]:
        server = servers.start(kind, folder, settings, url)
        try:
            with servers.on_core(servers.CROWD_CORE), server.profiled(self._profile(kind)):
                yield server
        finally:
            server.kill()


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What is done, against whom, and what is wanted of it."""

    name: str
    title: str
    measure: Callable[[Stage, str], Outcome]  # of one server, by its kind
    servers: tuple[str, ...] = (CHAT,)
    targets: tuple[Target, ...] = ()
    headline: str  # the figure a reader looks for first
    is_on_request: bool = False  # too long to be part of everything

    def run(self, stage: Stage, server: str) -> Outcome:
        """Measure; what fails, its preparation too, is a complaint and no end of the other runs."""
        try:
            return self.measure(stage, server)
        except Exception as error:  # noqa: BLE001 - a server, a database or a disk: each has errors of its own
            said = " ".join(str(error).split())
            return Outcome(figures={}, complaints=(f"{type(error).__name__}: {said}",))


def outcome(crowd: Crowd, figures: dict[str, float], *complaints: str) -> Outcome:
    return judged(crowd.cpu_share, figures, *complaints)


def judged(cpu_share: float, figures: dict[str, float], *complaints: str) -> Outcome:
    """A run whose generator was full measured the generator."""
    full = [f"the generator's core was full ({cpu_share:.0%})"] if cpu_share > FULL_CORE else []
    return Outcome(figures={**figures, "generator_cpu": cpu_share}, complaints=(*full, *complaints))
