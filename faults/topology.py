"""What runs during a scenario: nodes, one database, and what may stand between them.

Addresses are those that clients use. ``database_url`` is the suite's own way to the database, which
no fault touches; the nodes' may lead through a proxy.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faults.databases import PostgreSQL, Valkey
from faults.processes import Node
from faults.proxy import Proxy


@dataclass(kw_only=True)
class Topology:
    """``proxies`` stand between each node and PostgreSQL, where they were asked for."""

    nodes: list[Node]
    database_url: str
    postgresql: PostgreSQL | None = None
    valkey: Valkey | None = None
    proxies: list[Proxy] = field(default_factory=list)

    @property
    def node(self) -> Node:
        """The first, or the only one."""
        return self.nodes[0]

    @property
    def addresses(self) -> list[str]:
        return [node.url for node in self.nodes]

    @property
    def proxy(self) -> Proxy:
        return self.proxies[0]

    def drops(self, reason: str) -> int:
        return sum(node.drops(reason) for node in self.nodes if node.is_running)


@contextmanager
def on_sqlite(folder: Path, **settings: str) -> Iterator[Topology]:
    """One node over a file."""
    node = Node(folder, settings)
    try:
        node.start()
        yield Topology(nodes=[node], database_url=f"sqlite:///{folder / 'chat.db'}")
    finally:
        node.end()


@contextmanager
def on_postgresql(
    folder: Path, postgresql: PostgreSQL, *, is_proxied: bool = False, **settings: str
) -> Iterator[Topology]:
    """One node over PostgreSQL."""
    with _over_postgresql(folder, postgresql, nodes=1, is_proxied=is_proxied, settings=settings) as topology:
        yield topology


@contextmanager
def cluster(
    folder: Path, postgresql: PostgreSQL, *, nodes: int = 3, is_proxied: bool = False, **settings: str
) -> Iterator[Topology]:
    """Several nodes over PostgreSQL, with Valkey between them."""
    with (
        Valkey(folder) as valkey,
        _over_postgresql(
            folder,
            postgresql,
            nodes=nodes,
            is_proxied=is_proxied,
            settings={"REDIS_URL": valkey.url} | settings,
        ) as topology,
    ):
        topology.valkey = valkey
        yield topology


@contextmanager
def _over_postgresql(
    folder: Path, postgresql: PostgreSQL, *, nodes: int, is_proxied: bool, settings: dict[str, str]
) -> Iterator[Topology]:
    name = postgresql.new_database()
    settings = {"SECRET_KEY": secrets.token_urlsafe(48)} | settings
    with ExitStack() as stack:
        proxies = [stack.enter_context(Proxy(postgresql.socket)) for _ in range(nodes * is_proxied)]
        urls = [f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}" for proxy in proxies]
        urls = urls or [postgresql.url(name)] * nodes
        running = []
        for number, url in enumerate(urls):
            node = Node(folder / f"node-{number}", {"DATABASE_URL": url} | settings)
            stack.callback(node.end)
            node.start()
            running.append(node)
        yield Topology(
            nodes=running, database_url=postgresql.url(name), postgresql=postgresql, proxies=proxies
        )
