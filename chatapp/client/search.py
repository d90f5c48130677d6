"""Searching: one answer after the other, asked for while somebody still wants to know."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from chatapp.client.sign_in import Refused
from chatapp.client.wire import Event, Json


def found(request: Callable[[str, Json], Json], room_id: str, query: str) -> Iterator[Event]:
    """What matches in a room, the newest first. Raises `Refused`; over a rate it waits as it is told."""
    asked: Json = {"room": room_id, "q": query}
    while True:
        ack = request("search", asked)
        if ack["ok"]:
            yield from ack["events"]
            if not ack["more_before"]:
                return
            asked = {**asked, "before": ack["searched_to"]}
        elif "retry_after_ms" in ack["error"]:
            time.sleep(ack["error"]["retry_after_ms"] / 1000)
        else:
            raise Refused(ack["error"])
