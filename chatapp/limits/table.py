"""The rates by name: whose budget each is, and whether the nodes tell each other what was used of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from chatapp import limits
from chatapp.limits import Rate

Scope = Literal["connection", "person", "address", "room", "server"]
"""Who is over a limit, as a refusal says it."""


class Limit(NamedTuple):
    name: str  # as nodes and metrics call it
    scope: Scope
    rate: Rate
    is_shared: bool = True
    words: str | None = None  # where they say more than the scope's


LIMITS = (
    Limit("event:connection", "connection", limits.EVENTS_PER_CONNECTION, is_shared=False),
    Limit("request:user", "person", limits.REQUESTS_PER_USER, is_shared=False),
    Limit("file:user", "person", limits.FILES_PER_USER, is_shared=False),
    Limit("typing:user", "person", limits.TYPING, is_shared=False),
    Limit("message:user", "person", limits.MESSAGES_PER_USER),
    Limit("message:ip", "address", limits.MESSAGES_PER_IP),
    Limit("message:room", "room", limits.MESSAGES_PER_ROOM),
    Limit("reaction:user", "person", limits.REACTIONS_PER_USER),
    Limit("reaction:room", "room", limits.REACTIONS_PER_ROOM),
    Limit("message:outside", "room", limits.MESSAGES_FROM_OUTSIDE),
    Limit("join:user", "person", limits.JOINS_PER_USER),
    Limit("join:ip", "address", limits.JOINS_PER_IP),
    Limit(
        "room:user", "person", limits.NEW_ROOMS_PER_USER, words="You have opened several new rooms just now."
    ),
    Limit("room:ip", "address", limits.NEW_ROOMS_PER_IP),
    Limit("sign-in:ip", "address", limits.SIGN_INS_PER_IP),
    Limit("guest:ip", "address", limits.NEW_GUESTS_PER_IP),
    Limit("look:user", "person", limits.LOOKS_PER_USER, is_shared=False),
    Limit("look:ip", "address", limits.LOOKS_PER_IP, is_shared=False),
    Limit("search:user", "person", limits.SEARCHES_PER_USER, is_shared=False),
    Limit("search:ip", "address", limits.SEARCHES_PER_IP, is_shared=False),
    Limit("upload:ip", "address", limits.UPLOADS_PER_IP),
    Limit("bytes:ip", "address", limits.BYTES_PER_IP),
)

OPEN_CONNECTIONS_OF_PERSON, OPEN_CONNECTIONS_OF_ADDRESS = "connection:user", "connection:ip"

NAMES = (*(limit.name for limit in LIMITS), OPEN_CONNECTIONS_OF_PERSON, OPEN_CONNECTIONS_OF_ADDRESS)

WORDS: dict[Scope, str] = {
    "server": "Too much happens on this server at once.",
    "connection": "This connection asks too much at once.",
    "person": "That was too fast.",
    "address": "Too much comes from this network address at once.",
    "room": "Too much is said in this room at once.",
}
