"""Eviction: a device comes back while its dead connections still count.

A network that goes without a word leaves connections that seem open until a ping of theirs has been
unanswered for its time. Who is over the count of connections then would be locked out by nobody but
oneself. So somebody who is over it takes the place of the longest silent of one's own; where none has
been silent for long all are asked whether they live, and the next attempt knows.
"""

from __future__ import annotations

from chatapp import limits
from chatapp.gateway.delivery.connections import Connections
from chatapp.limits.rates import Rates

SILENT_SECONDS = 2.0  # less than a refused one is asked to wait


def evict_silent(user_id: str, connections: Connections, rates: Rates) -> None:
    """Before ``rates.open_connection``, which refuses where no place became free."""
    if rates.people.count(user_id) < limits.CONNECTIONS_PER_USER:
        return
    mine = [each for each in connections.of_user(user_id) if each.is_counted]
    longest = max(mine, key=lambda each: each.recipient.unanswered_seconds, default=None)
    if longest is not None and longest.recipient.unanswered_seconds >= SILENT_SECONDS:
        # Its end takes a turn of the hub, and this one must not wait for it.
        longest.is_counted = False
        rates.close_connection(user_id)
        longest.recipient.cut()
        return
    for each in mine:
        each.recipient.ask()
