"""What a scrape finds of a node: all that is kept elsewhere, and read when somebody asks."""

from __future__ import annotations

from chatapp.factory.core import Core
from chatapp.gateway.delivery.gauges import watch_gateway
from chatapp.jobs.catch_up import CatchUp
from chatapp.output import dropped_lines
from chatapp.restarts import restarts_of
from chatapp.runtime import HttpServer


def watch_node(core: Core, catch_up: CatchUp) -> None:
    _watch_rooms(core)
    _watch_readiness(core)
    _watch_cleanup(core, catch_up)
    _watch_machine(core)
    _watch_bounds(core)
    watch_gateway(
        core.metrics,
        connections=core.connections,
        audience=core.audience,
        listeners=core.engine.listeners,
        held_bytes=lambda: core.limits.held.total,
        is_awake=core.node.is_awake,
    )
    core.metrics.watch_hub(core.scheduler)


def _watch_rooms(core: Core) -> None:
    node, watch = core.node, core.metrics.watch
    watch("chat_rooms_awake", "Rooms awake in this node.", lambda: node.awake_rooms)
    watch(
        "chat_commit_running_seconds",
        "For how long the database has been at the transaction under way.",
        lambda: node.commits.stalled_seconds,
    )


def _watch_readiness(core: Core) -> None:
    relay, watch = core.relay, core.metrics.watch
    watch("chat_ready", "1 while this node may take traffic, as /readyz says.", lambda: not core.not_ready())
    watch(
        "chat_relay_up",
        "1 while this node hears the others by Redis, or is alone.",
        lambda: relay is None or relay.is_up,
    )


def _watch_cleanup(core: Core, catch_up: CatchUp) -> None:
    watch = core.metrics.watch
    watch(
        "chat_oldest_message_age_seconds",
        "No stored message is older: the cutoff of the last cleanup that was finished. NaN: not known yet.",
        lambda: catch_up.oldest_age_seconds(core.node.clock.now_ms()),
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
    core.metrics.watch_total(
        "chat_file_orphans",
        "Objects that no file had any more, removed by all cleanups; NaN: not known yet.",
        catch_up.orphans,
    )


def _watch_machine(core: Core) -> None:
    core.metrics.watch_total(
        "chat_output_lines_dropped",
        "Lines of stdout and stderr that nobody took in time, or that found no room on the disk.",
        dropped_lines,
    )
    core.metrics.watch_total(
        "chat_worker_restarts",
        "How often the worker was started again; NaN: a container engine keeps it, and is to be asked.",
        lambda: restarts_of("worker", core.settings.data_dir),
    )


def _watch_bounds(core: Core) -> None:
    memory, watch = core.limits.memory, core.metrics.watch
    watch(
        "chat_addresses_over_limit",
        "Addresses that were refused something by a limit of theirs within five minutes.",
        core.limits.rates.addresses_over,
    )
    watch("chat_memory_max_bytes", "Where the memory bound is; 0: there is none.", lambda: memory.max_bytes)
    watch(
        "chat_memory_refusing",
        "1 while new connections are refused because memory is at its bound.",
        lambda: memory.is_refusing,
    )


def watch_http_server(core: Core, server: HttpServer) -> None:
    arrivals, watch = server.arrivals, core.metrics.watch
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
