"""JSON Schema (2020-12) of every type on the wire, by its name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from inspect import cleandoc
from typing import Any, TypeAlias

import msgspec

from chatapp.limits.table import Scope
from chatapp.protocol.catalogue import REQUESTS, ROUTES, SIGNALS
from chatapp.protocol.messages import LogEvent
from chatapp.protocol.plain import PLAIN_FRAMES, PlainRequest
from chatapp.protocol.refusals import CODES, Refused
from chatapp.rooms.messages.bodies import MessageBody
from chatapp.rooms.messages.change_bodies import DeleteBody, EditBody, ReactBody

Json: TypeAlias = dict[str, Any]


class ConnectRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """The `data` of a `connect_error`."""

    code: str
    message: str
    retryable: bool
    retry_after_ms: int | msgspec.UnsetType = msgspec.UNSET
    scope: Scope | msgspec.UnsetType = msgspec.UNSET


class ConnectAuth(msgspec.Struct, frozen=True, kw_only=True):
    """What a client sends when it connects: flat text only, and nothing that changes while it runs."""

    token: str
    device: str
    client: str
    protocol: str


BODIES = {"message": MessageBody, "edit": EditBody, "delete": DeleteBody, "react": ReactBody}
"""What the body of an event is, by its type."""

REST_TYPES = tuple(
    dict.fromkeys(kind for route in ROUTES for kind in (route.body, route.answer) if kind is not None)
)


def wire_types() -> list[type[msgspec.Struct]]:
    return [
        ConnectAuth,
        ConnectRefusal,
        *REQUESTS.values(),
        *(request.ack for request in REQUESTS.values()),
        Refused,
        *SIGNALS.values(),
        *BODIES.values(),
        PlainRequest,
        *PLAIN_FRAMES,
        *REST_TYPES,
    ]


def components(types: Iterable[type[msgspec.Struct]], at: str = "#/components/schemas") -> Json:
    """Their schemas and those of all they are made of."""
    _schemas, found = msgspec.json.schema_components(
        [*types, *BODIES.values()], ref_template=f"{at}/{{name}}"
    )
    _say_what_bodies_are(found[LogEvent.__name__], at)
    for schema in found.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return dict(sorted(found.items()))


def _say_what_bodies_are(event: Json, at: str) -> None:
    """They are handed on as they were encoded, so that their types say nothing of them."""
    event["allOf"] = [
        {
            "if": {"properties": {"type": {"const": name}}},
            "then": {"properties": {"body": {"$ref": f"{at}/{body.__name__}"}}},
        }
        for name, body in BODIES.items()
    ]


def reference(kind: type[msgspec.Struct]) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


@cache
def json_schemas() -> Json:
    """All types in one document, under `$defs`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Everything that travels",
        "description": "The codes of a refusal: " + ", ".join(CODES),
        "$defs": components(wire_types(), "#/$defs"),
    }
