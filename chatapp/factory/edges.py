"""The edges of a web node: both dialects of the sockets, pages and REST, and the server before them."""

from __future__ import annotations

from chatapp.access import FileAccess
from chatapp.factory.core import Core
from chatapp.factory.gauges import watch_http_server
from chatapp.files.uploads import Uploads
from chatapp.gateway.talk.aspect import TalkContext
from chatapp.gateway.talk.conversation import Conversation
from chatapp.gateway.talk.namespace import ChatNamespace
from chatapp.gateway.talk.original import OriginalDialect
from chatapp.gateway.talk.original_route import OriginalEndpoint, make_original_route
from chatapp.identity import FileAddresses
from chatapp.protocol import features
from chatapp.runtime import HttpServer
from chatapp.web import Site, install
from chatapp.web.file_bodies import FileBodies
from chatapp.web.files import FileServer


def open_socket_io(core: Core, conversation: Conversation) -> None:
    namespace = ChatNamespace(
        engine=core.engine,
        connections=core.connections,
        conversation=conversation,
        joined_rooms=core.joined_rooms,
        people=core.people,
        rates=core.limits.rates,
        router=core.router,
        clock=core.node.clock,
        scheduler=core.scheduler,
        metrics=core.metrics,
        build=core.page_files.build,
        address_of=core.limits.proxies.address_of,
        cookie=core.cookie,
        features=features(has_uploads=core.settings.has_uploads),
    )
    core.engine.socketio.on_namespace(namespace)
    core.engine.install(namespace)


def open_original(core: Core, context: TalkContext) -> None:
    """The endpoint of the original's clients, unless it is switched off: then it is not there."""
    if not core.settings.has_plain_dialect:
        return
    dialect = OriginalDialect(
        connections=core.connections,
        context=context,
        held=core.limits.held,
        scheduler=core.scheduler,
        site=core.settings.public_url or "",
    )
    endpoint = OriginalEndpoint(
        dialect=dialect,
        people=core.people,
        is_signed_in_user=lambda user_id: core.store.call(lambda s: s.users.get(user_id)) is not None,
        proxies=core.limits.proxies,
        router=core.router,
        is_full=core.limits.memory.refuses,
        allowed_origins=core.settings.allowed_origins,
        on_refused=core.metrics.refused,
    )
    core.app.register_blueprint(make_original_route(endpoint))


def open_site(core: Core, uploads: Uploads | None) -> None:
    install(
        core.app,
        Site(
            people=core.people,
            send=core.router.send,
            access=core.access,
            not_ready=core.not_ready,
            relay_trouble=lambda: core.relay.trouble if core.relay else None,
            now_ms=core.node.clock.now_ms,
            retention_ms=core.settings.retention_ms,
            upload_max_bytes=core.settings.upload_max_bytes if core.settings.has_uploads else None,
            rates=core.limits.rates,
            proxies=core.limits.proxies,
            cookie=core.cookie,
            listens_on=core.settings.host,
            public_url=core.settings.public_url,
            allowed_origins=core.settings.allowed_origins,
            metrics=core.metrics,
            on_renamed=core.connections.rename,
            page_files=core.page_files,
            has_uploads=core.settings.has_uploads,
            files=_file_server(core),
            uploads=uploads,
        ),
    )


def _file_server(core: Core) -> FileServer | None:
    if core.files is None:
        return None
    return FileServer(
        access=FileAccess(core.files, now_ms=core.node.clock.now_ms, retention_ms=core.settings.retention_ms),
        bodies=FileBodies(core.files, core.scheduler, core.pump),
        people=core.people,
        rates=core.limits.rates,
        cookie=core.cookie,
        addresses=FileAddresses(core.settings.secret_key),
        now_ms=core.node.clock.now_ms,
    )


def open_http_server(core: Core) -> HttpServer:
    settings = core.settings
    server = HttpServer(
        core.app,
        settings.host,
        settings.port,
        share_of=core.limits.proxies.share_of if settings.rates_enabled else lambda _address: None,
        meter=core.metrics,
    )
    watch_http_server(core, server)
    return server
