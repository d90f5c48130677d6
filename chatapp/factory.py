"""The only wiring: who fulfils which port of a web node.

Everything is made here, once, and handed what it needs; nothing below reads a setting or
reaches for a global.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from pathlib import Path

from flask import Flask

from chatapp.gateway.archive import Archive
from chatapp.gateway.audience import Audience
from chatapp.gateway.connections import Connections
from chatapp.gateway.conversation import Conversation
from chatapp.gateway.departures import Departures
from chatapp.gateway.engine import Engine
from chatapp.gateway.namespace import NAMESPACE, ChatNamespace
from chatapp.gateway.original import OriginalDialect
from chatapp.gateway.original_route import make_original_route
from chatapp.gateway.stays import Stays
from chatapp.identity import People, Proxies, Tokens
from chatapp.jobs.catch_up import CatchUp
from chatapp.kernel.node import Node
from chatapp.kernel.router import Router
from chatapp.limits import Rates
from chatapp.metrics import Metrics
from chatapp.rooms.commands import Tick
from chatapp.rooms.room import Room
from chatapp.rooms.rules import RoomRules
from chatapp.runtime import HubScheduler, Promise, sleep
from chatapp.settings import Settings
from chatapp.store.sessions import RoomOf
from chatapp.store.threaded import ThreadedStore
from chatapp.web.site import Site, install

ROOT = Path(__file__).resolve().parent.parent
DRAIN_SECONDS = 6.0  # of the ten that a stop may take
GOODBYE_SECONDS = 0.3  # for the last frames to leave

logger = logging.getLogger(__name__)


class WebNode:
    """One web node, wired. ``app`` is the WSGI application, ``socketio`` its Flask-SocketIO."""

    def __init__(self, core: _Core, departures: Departures, catch_up: CatchUp) -> None:
        self.app = core.app
        self.socketio = core.engine.socketio
        self.node = core.node
        self._store = core.store
        self._departures = departures
        self._catch_up = catch_up

    def start(self) -> None:
        """Register, so that rooms may be owned. Blocks the greenlet; raises ``SecondNodeRefused``."""
        registered: Promise[None] = Promise()
        self.node.start(registered.resolve)
        registered.wait()
        self._departures.start()

    def stop(self) -> None:
        """Finish what was begun, release the rooms, say goodbye. Blocks the greenlet."""
        drained: Promise[None] = Promise()
        self.node.drain(timeout_seconds=DRAIN_SECONDS, done=lambda: drained.resolve(None))
        drained.wait()
        self._departures.drain()
        sleep(GOODBYE_SECONDS)
        self._catch_up.stop()
        self._store.stop()


@dataclass(frozen=True, kw_only=True)
class _Core:
    """What both edges stand on."""

    app: Flask
    settings: Settings
    scheduler: HubScheduler
    metrics: Metrics
    store: ThreadedStore
    engine: Engine
    connections: Connections
    audience: Audience
    node: Node
    router: Router
    stays: Stays
    archive: Archive
    people: People
    rates: Rates
    proxies: Proxies


def create_app(settings: Settings) -> WebNode:
    """A web node over the settings' database, whose schema is in place. Call it on the hub."""
    core = _make_core(settings)
    conversation = Conversation(
        router=core.router,
        stays=core.stays,
        archive=core.archive,
        rates=core.rates,
        clock=core.node.clock,
        metrics=core.metrics,
        history_limit=settings.history_limit,
    )
    departures = Departures(
        connections=core.connections,
        stays=core.stays,
        clock=core.node.clock,
        scheduler=core.scheduler,
        renew=core.people.renew,
        present_in=lambda user_ids, done: core.store.read(lambda s: s.sessions.present_in(user_ids), done),
    )
    core.node.on_lost = departures.owner_moved
    core.node.lease.on_revoked = departures.signed_out
    _open_socket_io(core, conversation)
    _open_original(core, conversation)
    _open_site(core)
    _watch(core)
    catch_up = CatchUp(
        database_url=settings.database_url,
        retention_ms=settings.retention_ms,
        scheduler=core.scheduler,
    )
    return WebNode(core, departures, catch_up)


def _make_core(settings: Settings) -> _Core:
    app = Flask(
        "chatapp",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    scheduler, metrics, connections = HubScheduler(), Metrics(), Connections()
    store = ThreadedStore(
        database_url=settings.database_url,
        lease_ms=int(settings.lease_seconds * 1000),
        must_be_alone=settings.redis_url is None or settings.is_sqlite,
        is_fast_detection=settings.fast_detection,
    )
    rates, proxies = Rates(scheduler.elapsed, is_on=settings.rates_enabled), Proxies(settings.trusted_proxies)
    engine = Engine(
        app,
        namespace=NAMESPACE,
        allowed_origins=settings.allowed_origins,
        scheduler=scheduler,
        rates=rates,
        address_of=proxies.address_of,
    )
    audience = Audience(
        listeners=engine.listeners,
        namespace=NAMESPACE,
        connections=connections,
        scheduler=scheduler,
        on_delivered=metrics.delivered,
    )
    node = _make_node(settings, store, scheduler, audience, metrics)
    router = Router(node)
    return _Core(
        app=app,
        settings=settings,
        scheduler=scheduler,
        metrics=metrics,
        store=store,
        engine=engine,
        connections=connections,
        audience=audience,
        node=node,
        router=router,
        stays=Stays(router=router, audience=audience, rates=rates, scheduler=scheduler),
        archive=Archive(store, node.clock, retention_ms=settings.retention_ms),
        people=People(
            tokens=Tokens(settings.secret_key),
            ask_users=lambda job: store.call(lambda thread_store: job(thread_store.users)),
            clock=node.clock,
        ),
        rates=rates,
        proxies=proxies,
    )


def _make_node(
    settings: Settings, store: ThreadedStore, scheduler: HubScheduler, audience: Audience, metrics: Metrics
) -> Node:
    rules = RoomRules(
        retention_ms=settings.retention_ms,
        presence_grace_ms=int(settings.presence_grace_seconds * 1000),
    )
    return Node(
        storage=store,
        nodes=store,
        scheduler=scheduler,
        audience=audience,
        meter=metrics,
        awaken=partial(Room, rules=rules, new_id=_event_ids()),
        tick=lambda room_id, *, is_last: Tick(room_id=room_id, is_last=is_last),
        new_node_id=lambda: "n_" + secrets.token_hex(8),
        lease_seconds=settings.lease_seconds,
        idle_seconds=settings.room_idle_seconds,
    )


def _open_socket_io(core: _Core, conversation: Conversation) -> None:
    namespace = ChatNamespace(
        engine=core.engine,
        connections=core.connections,
        conversation=conversation,
        stays=core.stays,
        people=core.people,
        rates=core.rates,
        router=core.router,
        clock=core.node.clock,
        scheduler=core.scheduler,
        metrics=core.metrics,
        build=_build(),
        address_of=core.proxies.address_of,
    )
    core.engine.socketio.on_namespace(namespace)
    core.engine.install(namespace)


def _open_original(core: _Core, conversation: Conversation) -> None:
    dialect = OriginalDialect(
        connections=core.connections,
        conversation=conversation,
        stays=core.stays,
        rates=core.rates,
        router=core.router,
        scheduler=core.scheduler,
    )
    core.app.register_blueprint(
        make_original_route(
            dialect=dialect,
            people=core.people,
            is_signed_in_user=lambda user_id: core.store.call(lambda s: s.users.get(user_id)) is not None,
            proxies=core.proxies,
            router=core.router,
            allowed_origins=core.settings.allowed_origins,
        )
    )


def _open_site(core: _Core) -> None:
    node, store = core.node, core.store

    def rooms_of(user_id: str) -> list[RoomOf]:
        cutoff = node.clock.now_ms() - core.settings.retention_ms
        return store.call(lambda thread_store: thread_store.sessions.rooms_of(user_id, cutoff))

    def not_ready() -> str | None:
        return "draining" if node.is_draining else None if node.is_trusted else "no_lease"

    install(
        core.app,
        Site(
            people=core.people,
            send=core.router.send,
            archive=core.archive,
            rooms_of=rooms_of,
            not_ready=not_ready,
            rates=core.rates,
            proxies=core.proxies,
            allowed_origins=core.settings.allowed_origins,
            metrics=core.metrics,
            on_renamed=core.connections.rename,
        ),
    )


def _watch(core: _Core) -> None:
    watch = core.metrics.watch
    watch("chat_rooms_awake", "Rooms awake in this node.", lambda: core.node.awake_rooms)
    watch("chat_connections", "Open connections of both dialects.", lambda: len(core.connections))
    watch("chat_rooms_heard", "Rooms with connections here, awake or not.", lambda: len(core.audience))
    watch(
        "chat_connections_asleep",
        "Open connections all of whose rooms are asleep.",
        lambda: sum(not any(map(core.node.is_awake, each.rooms)) for each in core.connections),
    )
    core.metrics.watch_hub(core.scheduler)


def _event_ids() -> Callable[[], str]:
    """Ids that nobody else gives: a beginning of this node's own (72 random bits), and a count."""
    beginning, numbers = secrets.token_urlsafe(9), count(1)
    return lambda: f"{beginning}-{next(numbers)}"


def _build() -> str:
    try:
        return version("chatapp")
    except PackageNotFoundError:  # run from a checkout
        return "dev"
