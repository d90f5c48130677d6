"""The edges of a web node: both dialects of the sockets, pages and REST, and what a scrape finds."""

from __future__ import annotations

from chatapp.factory.core import Core
from chatapp.files.uploads import Uploads
from chatapp.gateway.delivery.gauges import watch_gateway
from chatapp.gateway.talk.aspect import TalkContext
from chatapp.gateway.talk.conversation import Conversation
from chatapp.gateway.talk.namespace import ChatNamespace
from chatapp.gateway.talk.original import OriginalDialect
from chatapp.gateway.talk.original_route import make_original_route
from chatapp.identity import FileAddresses
from chatapp.jobs.catch_up import CatchUp
from chatapp.output import dropped_lines
from chatapp.protocol import features
from chatapp.restarts import restarts_of
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
        rates=core.rates,
        router=core.router,
        clock=core.node.clock,
        scheduler=core.scheduler,
        metrics=core.metrics,
        build=core.page_files.build,
        address_of=core.proxies.address_of,
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
        held=core.held,
        scheduler=core.scheduler,
        site=core.settings.public_url or "",
    )
    core.app.register_blueprint(
        make_original_route(
            dialect=dialect,
            people=core.people,
            is_signed_in_user=lambda user_id: core.store.call(lambda s: s.users.get(user_id)) is not None,
            proxies=core.proxies,
            router=core.router,
            is_full=core.memory.refuses,
            allowed_origins=core.settings.allowed_origins,
            on_refused=core.metrics.refused,
        )
    )


def open_site(core: Core, uploads: Uploads | None) -> None:
    install(
        core.app,
        Site(
            people=core.people,
            send=core.router.send,
            access=core.access,
            not_ready=lambda: _not_ready(core),
            relay_trouble=lambda: core.relay.trouble if core.relay else None,
            now_ms=core.node.clock.now_ms,
            retention_ms=core.settings.retention_ms,
            upload_max_bytes=core.settings.upload_max_bytes if core.settings.has_uploads else None,
            rates=core.rates,
            proxies=core.proxies,
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
        files=core.files,
        bodies=FileBodies(core.files, core.scheduler),
        people=core.people,
        rates=core.rates,
        cookie=core.cookie,
        addresses=FileAddresses(core.settings.secret_key),
        now_ms=core.node.clock.now_ms,
        retention_ms=core.settings.retention_ms,
    )


def open_http_server(core: Core) -> HttpServer:
    settings, watch = core.settings, core.metrics.watch
    server = HttpServer(
        core.app,
        settings.host,
        settings.port,
        share_of=core.proxies.share_of if settings.rates_enabled else lambda _address: None,
        meter=core.metrics,
    )
    arrivals = server.arrivals
    watch(
        "chat_http_waiting",
        "Connections whose next request has not come as a whole.",
        lambda: len(arrivals.waiting),
    )
    watch(
        "chat_http_receiving",
        "Connections of which a long body is being received.",
        lambda: len(server.receptions),
    )
    watch("chat_http_idle", "Connections kept for another request.", lambda: len(arrivals.idle))
    watch("chat_http_unread", "Answers that their client does not take.", lambda: len(server.unread))
    watch(
        "chat_addresses_at_their_share",
        "Addresses that have as many connections without a request as one may.",
        lambda: arrivals.waiting.addresses_at_their_share,
    )
    return server


def watch_node(core: Core, catch_up: CatchUp) -> None:
    node, relay, watch = core.node, core.relay, core.metrics.watch
    watch("chat_ready", "1 while this node may take traffic, as /readyz says.", lambda: not _not_ready(core))
    watch("chat_rooms_awake", "Rooms awake in this node.", lambda: node.awake_rooms)
    watch(
        "chat_commit_running_seconds",
        "For how long the database has been at the transaction under way.",
        lambda: node.commits.stalled_seconds,
    )
    watch(
        "chat_oldest_message_age_seconds",
        "No stored message is older: the cutoff of the last cleanup that was finished. NaN: not known yet.",
        lambda: catch_up.oldest_age_seconds(node.clock.now_ms()),
    )
    watch(
        "chat_cleanup_unfinished_runs",
        "Runs of the cleanup in a row that could not finish; 0: the last one did. NaN: not known yet.",
        catch_up.unfinished_runs,
    )
    watch(
        "chat_files_incomplete",
        "Files of which the last cleanup found some bytes missing; NaN: not known yet.",
        catch_up.incomplete_files,
    )
    watch(
        "chat_relay_up",
        "1 while this node hears the others by Redis, or is alone.",
        lambda: relay is None or relay.is_up,
    )
    watch(
        "chat_addresses_over_limit",
        "Addresses that were refused something by a limit of theirs within five minutes.",
        core.rates.addresses_over,
    )
    watch_total = core.metrics.watch_total
    watch_total(
        "chat_output_lines_dropped",
        "Lines of stdout and stderr that nobody took in time, or that found no room on the disk.",
        dropped_lines,
    )
    watch_total(
        "chat_file_orphans",
        "Objects that no file had any more, removed by all cleanups; NaN: not known yet.",
        catch_up.orphans,
    )
    watch_total(
        "chat_worker_restarts",
        "How often the worker was started again; NaN: a container engine keeps it, and is to be asked.",
        lambda: restarts_of("worker", core.settings.data_dir),
    )
    watch_gateway(
        core.metrics,
        connections=core.connections,
        audience=core.audience,
        listeners=core.engine.listeners,
        held_bytes=lambda: core.held.total,
        is_awake=node.is_awake,
    )
    memory = core.memory
    watch("chat_memory_max_bytes", "Where the memory bound is; 0: there is none.", lambda: memory.max_bytes)
    watch(
        "chat_memory_refusing",
        "1 while new connections are refused because memory is at its bound.",
        lambda: memory.is_refusing,
    )
    memory.start()
    core.metrics.watch_hub(core.scheduler)


def _not_ready(core: Core) -> str | None:
    if core.node.is_draining:
        return "draining"
    if not core.node.is_trusted:
        return "no_lease"
    # An outage is no reason, for it is one at every node: but what Redis refuses, it refuses this one.
    return "relay_refused" if core.relay is not None and core.relay.is_refused else None
