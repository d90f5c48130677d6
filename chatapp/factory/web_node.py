"""A web node, made from its settings, with its start and its stop."""

from __future__ import annotations

from chatapp.factory.core import Core, make_core
from chatapp.factory.edges import open_http_server, open_original, open_site, open_socket_io
from chatapp.factory.gauges import watch_node
from chatapp.factory.others import Others, meet_the_other_nodes
from chatapp.factory.upkeep import FileUpkeep
from chatapp.factory.uploads import make_uploads
from chatapp.files.objects import open_objects
from chatapp.gateway.talk.aspect import TalkContext
from chatapp.gateway.talk.conversation import Conversation
from chatapp.gateway.talk.forced_disconnects import ForcedDisconnects
from chatapp.jobs.catch_up import CatchUp
from chatapp.runtime import HttpServer, Promise, sleep
from chatapp.settings import Settings

DRAIN_SECONDS = 6.0  # of the ten that a stop may take
GOODBYE_SECONDS = 0.3  # for the last frames to leave


class WebNode:
    """One web node, wired. ``app`` is the WSGI application, ``socketio`` its Flask-SocketIO."""

    def __init__(
        self,
        core: Core,
        forced_disconnects: ForcedDisconnects,
        others: Others | None,
        catch_up: CatchUp,
        upkeep: FileUpkeep,
    ) -> None:
        self.app = core.app
        self.socketio = core.engine.socketio
        self.node = core.node
        self._core = core
        self._store = core.store
        self._others = others
        self._forced_disconnects = forced_disconnects
        self._catch_up = catch_up
        self._upkeep = upkeep

    def listen(self) -> HttpServer:
        """The server before the application, on the address of the settings. Raises ``CannotListen``."""
        return open_http_server(self._core)

    def start(self) -> None:
        """Register, so that rooms may be owned. Blocks the greenlet; raises ``SecondNodeRefused``."""
        if self._others is not None:
            self._others.start()
        registered: Promise[None] = Promise()
        self.node.start(registered.resolve)
        registered.wait()
        self._forced_disconnects.start()

    def stop(self) -> None:
        """Finish what was begun, release the rooms, say goodbye. Blocks the greenlet."""
        drained: Promise[None] = Promise()
        self.node.drain(timeout_seconds=DRAIN_SECONDS, done=lambda: drained.resolve(None))
        drained.wait()
        if self._others is not None:
            self._others.say_goodbye()
        self._forced_disconnects.drain()
        sleep(GOODBYE_SECONDS)
        self._catch_up.stop()
        self._upkeep.stop()
        if self._others is not None:
            self._others.stop()
        if self._core.files is not None:
            self._core.files.stop()
        self._core.pump.stop()
        self._store.stop()


def create_app(settings: Settings) -> WebNode:
    """A web node over the settings' database, whose schema is in place. Call it on the hub."""
    core = make_core(settings)
    forced_disconnects = _make_forced_disconnects(core)
    others = meet_the_other_nodes(core)
    _follow_lease(core, forced_disconnects, others)
    context = _make_talk_context(core)
    open_socket_io(core, Conversation(context))
    open_original(core, context)
    uploads = make_uploads(core)
    open_site(core, uploads)
    catch_up = _make_catch_up(core)
    watch_node(core, catch_up)
    core.limits.memory.start()
    return WebNode(core, forced_disconnects, others, catch_up, FileUpkeep(core, uploads))


def _make_forced_disconnects(core: Core) -> ForcedDisconnects:
    return ForcedDisconnects(
        connections=core.connections,
        joined_rooms=core.joined_rooms,
        clock=core.node.clock,
        scheduler=core.scheduler,
        renew=core.people.renew,
        present_in=lambda user_ids, done: core.store.read(lambda s: s.sessions.present_in(user_ids), done),
    )


def _follow_lease(core: Core, forced_disconnects: ForcedDisconnects, others: Others | None) -> None:
    """What follows when the node begins anew under another name, and when people have signed out."""

    def begin_anew() -> None:
        if others is not None:
            others.renamed()
        forced_disconnects.owner_moved()

    core.node.on_lost = begin_anew
    core.node.lease.on_revoked = forced_disconnects.signed_out


def _make_talk_context(core: Core) -> TalkContext:
    return TalkContext(
        router=core.router,
        joined_rooms=core.joined_rooms,
        access=core.access,
        rates=core.limits.rates,
        clock=core.node.clock,
        scheduler=core.scheduler,
        metrics=core.metrics,
        history_limit=core.settings.history_limit,
        has_uploads=core.settings.has_uploads,
    )


def _make_catch_up(core: Core) -> CatchUp:
    settings = core.settings
    return CatchUp(
        database_url=settings.database_url,
        retention_ms=settings.retention_ms,
        scheduler=core.scheduler,
        objects=open_objects(settings.uploads_url, settings.data_dir),
    )
