"""What both edges of a web node stand on: the store, the kernel, and who listens."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from flask import Flask

from chatapp import places
from chatapp.access import Access
from chatapp.factory.files import make_files
from chatapp.factory.limits import Limits, make_limits
from chatapp.files.threaded import ThreadedFiles
from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.connections import Connections
from chatapp.gateway.delivery.remote_audiences import RemoteAudiences
from chatapp.gateway.talk.joined_rooms import JoinedRooms
from chatapp.gateway.talk.namespace import NAMESPACE
from chatapp.gateway.wire.engine import Engine
from chatapp.gateway.wire.large_answers import LargeAnswers
from chatapp.identity import People, SignInCookie, Tokens
from chatapp.kernel.node import Node
from chatapp.kernel.router import Router
from chatapp.metrics import Metrics
from chatapp.relay.redis_relay import RedisRelay
from chatapp.rooms.commands import Tick
from chatapp.rooms.room import Room
from chatapp.rooms.rules import RoomRules
from chatapp.runtime import HubScheduler, Pump
from chatapp.settings import Settings, SettingsError
from chatapp.store.threaded import ThreadedStore
from chatapp.web import NotBundled, read_page_files
from chatapp.web.page_files import PageFiles


@dataclass(frozen=True, kw_only=True)
class Core:
    """All of them know each other by now."""

    app: Flask
    settings: Settings
    scheduler: HubScheduler
    metrics: Metrics
    limits: Limits
    store: ThreadedStore
    engine: Engine
    connections: Connections
    audience: Audience
    relay: RedisRelay | None
    remote_audiences: RemoteAudiences | None
    node: Node
    router: Router
    joined_rooms: JoinedRooms
    access: Access
    people: People
    files: ThreadedFiles | None
    pump: Pump
    cookie: SignInCookie
    page_files: PageFiles

    def not_ready(self) -> str | None:
        """Why this node should get no traffic now, in a word; None: it may."""
        if self.node.is_draining:
            return "draining"
        if not self.node.is_trusted:
            return "no_lease"
        # An outage is no reason, for it is one at every node: but what Redis refuses, it refuses this one.
        return "relay_refused" if self.relay is not None and self.relay.is_refused else None


def make_core(settings: Settings) -> Core:
    app, scheduler, metrics = _make_app(), HubScheduler(), Metrics()
    limits = make_limits(settings, scheduler, metrics)
    engine = _make_engine(settings, app, scheduler, limits, metrics)
    store = _make_store(settings)
    relay = _make_relay(settings, scheduler)
    remote_audiences = RemoteAudiences(relay, scheduler, lambda: node.node_id) if relay else None
    connections = Connections()
    audience = _make_audience(settings, engine, connections, scheduler, metrics, remote_audiences)
    node = _make_node(settings, store, scheduler, audience, metrics)
    access = Access(store, node.clock, retention_ms=settings.retention_ms)
    audience.gaps.read_log, audience.gaps.count_rows = access.events_after, access.rows_after
    router = Router(node, relay)
    return Core(
        app=app,
        settings=settings,
        scheduler=scheduler,
        metrics=metrics,
        limits=limits,
        store=store,
        engine=engine,
        connections=connections,
        audience=audience,
        relay=relay,
        remote_audiences=remote_audiences,
        node=node,
        router=router,
        joined_rooms=JoinedRooms(
            router=router, audience=audience, connections=connections, rates=limits.rates, scheduler=scheduler
        ),
        access=access,
        people=_make_people(settings, store, node),
        files=make_files(settings),
        pump=Pump("bytes of files"),
        cookie=SignInCookie(settings.secret_key),
        page_files=find_page_files(settings),
    )


def _make_app() -> Flask:
    return Flask("chatapp", template_folder=str(places.TEMPLATES), static_folder=str(places.STATIC))


def find_page_files(settings: Settings) -> PageFiles:
    """Raises ``SettingsError``."""
    try:
        return read_page_files(places.STATIC, places.TEMPLATES, is_bundled=settings.has_bundles)
    except NotBundled as missing:
        raise SettingsError(str(missing)) from None


def _make_engine(
    settings: Settings, app: Flask, scheduler: HubScheduler, limits: Limits, metrics: Metrics
) -> Engine:
    address_of = limits.proxies.address_of
    engine = Engine(
        app,
        namespace=NAMESPACE,
        allowed_origins=settings.allowed_origins,
        scheduler=scheduler,
        rates=limits.rates,
        held=limits.held,
        is_full=limits.memory.refuses,
        address_of=address_of,
    )
    engine.on_refused = metrics.refused
    app.wsgi_app = LargeAnswers(app.wsgi_app, limits.held, address_of)  # type: ignore[method-assign]
    return engine


def _make_store(settings: Settings) -> ThreadedStore:
    return ThreadedStore(
        database_url=settings.database_url,
        lease_ms=int(settings.lease_seconds * 1000),
        must_be_alone=settings.redis_url is None or settings.is_sqlite,
        retention_ms=settings.retention_ms,
        is_fast_detection=settings.fast_detection,
    )


def _make_relay(settings: Settings, scheduler: HubScheduler) -> RedisRelay | None:
    """None on SQLite: there is one node, and Redis only carries the worker's mail."""
    if not settings.redis_url or settings.is_sqlite:
        return None
    return RedisRelay(settings.redis_url, scheduler, settings.deployment_id)


def _make_audience(
    settings: Settings,
    engine: Engine,
    connections: Connections,
    scheduler: HubScheduler,
    metrics: Metrics,
    remote_audiences: RemoteAudiences | None,
) -> Audience:
    audience = Audience(
        listeners=engine.listeners,
        namespace=NAMESPACE,
        connections=connections,
        scheduler=scheduler,
        on_delivered=metrics.delivered,
        remote_audiences=remote_audiences,
        site=settings.public_url or "",
    )
    audience.on_told = metrics.told
    audience.gaps.on_filled = metrics.filled_gap
    return audience


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
        new_node_id=lambda: f"n_{settings.deployment_id}_{secrets.token_hex(8)}",
        lease_seconds=settings.lease_seconds,
        idle_seconds=settings.room_idle_seconds,
    )


def _make_people(settings: Settings, store: ThreadedStore, node: Node) -> People:
    return People(
        tokens=Tokens(settings.secret_key),
        ask_users=lambda job: store.call(lambda thread_store: job(thread_store.users)),
        clock=node.clock,
    )


def _event_ids() -> Callable[[], str]:
    """Ids that nobody else gives: a beginning of this node's own (72 random bits), and a count."""
    beginning, numbers = secrets.token_urlsafe(9), count(1)
    return lambda: f"{beginning}-{next(numbers)}"
