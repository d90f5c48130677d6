"""What has become of a message, out of what is told of it: to clients, and in storage, in the same words."""

from __future__ import annotations

from chatapp.client.wire import Json
from faults.history import State


def state_of(body: Json) -> State:
    return State(
        content=None if "deleted" in body else body["content"],
        reactions={each["emoji"]: each["count"] for each in body.get("reactions", ())},
        mentions=tuple((one["id"], one["name"], one.get("since", 0)) for one in body.get("mentions", ())),
        files=tuple(file["id"] for file in body.get("uploads", ())),
    )
