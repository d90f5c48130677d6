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
from typing import Any

from sqlalchemy import Select, make_url, select

from chatapp.store.database.engine import open_database
from chatapp.store.models import LIVE, nodes, room_leases
from faults.databases import PostgreSQL, Valkey
from faults.processes import Node, until
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
    def database_name(self) -> str:
        """PostgreSQL's."""
        return make_url(self.database_url).database or ""

    @property
    def node(self) -> Node:
        """The first, or the only one."""
        return self.nodes[0]

    @property
    def data_dir(self) -> Path | None:
        """Where what people send lies: several nodes share one folder. None: in a bucket."""
        settings = self.node.settings
        if "CHAT_UPLOADS_URL" in settings:
            return None
        return Path(settings.get("CHAT_DATA_DIR", self.node.folder))

    @property
    def addresses(self) -> list[str]:
        return [node.url for node in self.nodes]

    def owners(self) -> dict[str, str | None]:
        """Which node id owns which room, as the database has it."""
        return dict(self._ask(select(room_leases.c.room_id, room_leases.c.owner_id)))

    def live_ids(self) -> set[str]:
        return {node_id for (node_id,) in self._ask(select(nodes.c.node_id).where(nodes.c.state == LIVE))}

    def identify(self, node: Node) -> str:
        """The id of a node that has just started: the one that nobody else has."""
        others = {other.node_id for other in self.nodes if other is not node}
        node.node_id = until(lambda: max(self.live_ids() - others, default=""), 10, "a node's row")
        return node.node_id

    def owner_of(self, room: str) -> Node:
        """The process that owns a room now; of several that do not, it waits for one."""

        def owner() -> Node | None:
            owner_id = self.owners().get(room)
            return next((node for node in self.nodes if node.node_id == owner_id), None)

        return until(owner, 10, f"an owner of {room}") or self.node

    def owned_by(self, node: Node) -> list[str]:
        return [room for room, owner in self.owners().items() if owner == node.node_id]

    def epochs(self) -> int:
        """All together: how often rooms have changed hands, or woken."""
        return sum(epoch for (epoch,) in self._ask(select(room_leases.c.epoch)))

    def _ask(self, query: Select[Any]) -> list[Any]:
        database = open_database(self.database_url)
        try:
            with database.reading() as connection:
                return [tuple(row) for row in connection.execute(query)]
        finally:
            database.close()

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
    """Several nodes over PostgreSQL, with Valkey between them, and one folder for what people send."""
    shared = folder / "shared"
    shared.mkdir()
    files = {"CHAT_DATA_DIR": str(shared), "CHAT_UPLOADS_SHARED": "yes"}
    with (
        Valkey(folder) as valkey,
        _over_postgresql(
            folder,
            postgresql,
            nodes=nodes,
            is_proxied=is_proxied,
            settings={"REDIS_URL": valkey.url} | files | settings,
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
        topology = Topology(
            nodes=[], database_url=postgresql.url(name), postgresql=postgresql, proxies=proxies
        )
        for number, url in enumerate(urls):
            node = Node(folder / f"node-{number}", {"DATABASE_URL": url} | settings)
            stack.callback(node.end)
            node.start()
            topology.nodes.append(node)
            topology.identify(node)
        yield topology
