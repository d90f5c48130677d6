"""OpenAPI 3.1 for the REST routes, made from one table of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import msgspec

from chatapp.protocol import rest
from chatapp.protocol.answers import REFUSALS, HistoryAck, MessageAck, Refused
from chatapp.protocol.documents.schemas import REST_TYPES, Json, components, reference
from chatapp.protocol.requests import HistoryRequest, MessageRequest
from chatapp.protocol.signals import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`answer` is the type of a 200; None: text. `refuses` are the statuses of the other answers."""

    method: str
    path: str
    summary: str
    answer: type[msgspec.Struct] | None
    is_list: bool = False
    body: type[msgspec.Struct] | None = None
    needs_token: bool = False
    query: tuple[str, ...] = ()  # fields of HistoryRequest
    headers: tuple[str, ...] = ()
    refuses: tuple[int, ...] = ()
    refuses_with: type[msgspec.Struct] = Refused


ROUTES = (
    Route(
        method="POST",
        path="/api/session",
        summary="Sign in as a guest; with a valid token: take another name. The token stays the same.",
        body=rest.SignInBody,
        answer=rest.SignedIn,
        refuses=(400, 401, 403, 413, 429, 503),
    ),
    Route(
        method="GET",
        path="/api/session",
        summary="Who am I?",
        answer=rest.WhoAmI,
        needs_token=True,
        refuses=(401, 503),
    ),
    Route(
        method="DELETE",
        path="/api/session",
        summary="Sign out: the token is void, all sockets of this person end.",
        answer=rest.SignedOut,
        needs_token=True,
        refuses=(401, 403, 503),
    ),
    Route(
        method="GET",
        path="/api/rooms",
        summary="The rooms one was in, with what is unread; the one visited last first.",
        answer=rest.VisitedRoom,
        is_list=True,
        needs_token=True,
        refuses=(401, 429, 503),
    ),
    Route(
        method="GET",
        path="/api/rooms/{room}/events",
        summary="A page of a room's log; the newest without before, after or around.",
        answer=HistoryAck,
        needs_token=True,
        query=("before", "after", "around", "limit"),
        refuses=(400, 401, 404, 429, 503),
    ),
    Route(
        method="POST",
        path="/api/rooms/{room}/messages",
        summary="Send without a socket. The same key again is answered with the first seq.",
        body=rest.PostBody,
        answer=MessageAck,
        needs_token=True,
        headers=("Idempotency-Key",),
        refuses=(400, 401, 403, 404, 409, 413, 429, 503),
    ),
    Route(method="GET", path="/healthz", summary="The process is alive.", answer=rest.Health),
    Route(
        method="GET",
        path="/readyz",
        summary="It may take traffic: storage answers, and it is not draining.",
        answer=rest.Health,
        refuses=(503,),
        refuses_with=rest.Health,
    ),
    Route(method="GET", path="/metrics", summary="Figures for Prometheus.", answer=None),
)


@cache
def openapi_document() -> Json:
    paths: Json = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chat over HTTP", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": components(
                [*REST_TYPES, HistoryRequest, HistoryAck, MessageRequest, MessageAck, Refused]
            ),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": rest.COOKIE},
            },
        },
    }


def _operation(route: Route) -> Json:
    operation: Json = {"summary": route.summary, "responses": _responses(route)}
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.body:
        operation["requestBody"] = {"required": True, "content": _json(reference(route.body))}
    if route.needs_token:
        operation["security"] = [{"bearer": []}, {"cookie": []}]
    return operation


def _responses(route: Route) -> Json:
    content: Json = {"text/plain": {"schema": {"type": "string"}}}
    if route.answer:
        schema = reference(route.answer)
        content = _json({"type": "array", "items": schema} if route.is_list else schema)
    responses: Json = {"200": {"description": "Done.", "content": content}}
    for status in (*route.refuses, 500):  # a bug of ours is possible everywhere
        codes = ", ".join(refusal.code for refusal in REFUSALS if refusal.http_status == status)
        kind = Refused if status == 500 else route.refuses_with
        responses[str(status)] = {
            "description": codes if kind is Refused else "Not now.",
            "content": _json(reference(kind)),
        }
        if status == 429:
            responses["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return responses


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = []
    if "{room}" in route.path:
        found.append(_parameter("room", "path", _field(MessageRequest, "room"), required=True))
    found += [_parameter(name, "query", _field(HistoryRequest, name), required=False) for name in route.query]
    found += [
        _parameter(name, "header", _field(MessageRequest, "client_id"), required=True)
        for name in route.headers
    ]
    return found


def _parameter(name: str, place: str, schema: Json, *, required: bool) -> Json:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _field(kind: type[msgspec.Struct], name: str) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}/properties/{name}"}


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}
