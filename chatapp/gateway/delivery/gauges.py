"""What a scrape finds at the socket edge: who is connected, who sleeps, who does not keep up.

Everything is looked up when somebody asks, in one walk over the connections at most for each
figure, so that a quiet node pays nothing for being watched.
"""

from __future__ import annotations

from collections.abc import Callable

from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.connections import Connections
from chatapp.gateway.wire.listeners import Listeners
from chatapp.metrics import Metrics


def watch_gateway(
    metrics: Metrics,
    *,
    connections: Connections,
    audience: Audience,
    listeners: Listeners,
    held_bytes: Callable[[], int],
    is_awake: Callable[[str], bool],
) -> None:
    """``is_awake`` knows the rooms of this node."""

    def asleep() -> int:
        return sum(not any(map(is_awake, each.rooms)) for each in connections)

    def rooms_asleep() -> int:
        return sum(not is_awake(room_id) for room_id in audience)

    def lagging() -> int:
        return sum(socket.is_lagging for socket in listeners.sockets.values())

    watch = metrics.watch
    watch("chat_connections", "Open connections of both dialects.", lambda: len(connections))
    watch("chat_connections_asleep", "Open connections all of whose rooms are asleep.", asleep)
    watch("chat_connections_lagging", "Connections that lose broadcasts until they have caught up.", lagging)
    watch("chat_rooms_heard", "Rooms with connections here, awake or not.", lambda: len(audience))
    watch("chat_rooms_asleep", "Rooms with connections here that are not awake in this node.", rooms_asleep)
    watch("chat_backlog_bytes", "Sent, and not yet taken by slow readers.", held_bytes)
