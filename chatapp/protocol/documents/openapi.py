"""OpenAPI 3.1 for the REST routes, made from one table of them."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from chatapp.protocol.aspect import Route
from chatapp.protocol.catalogue import ROUTES
from chatapp.protocol.connection import VERSION
from chatapp.protocol.documents.schemas import REST_TYPES, Json, components, reference
from chatapp.protocol.forms import Target
from chatapp.protocol.refusals import REFUSALS, Refused
from chatapp.protocol.rest import COOKIE


@cache
def openapi_document() -> Json:
    paths: Json = {}
    requests = [route.request for route in ROUTES if route.request]
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chat over HTTP", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": components([*REST_TYPES, *requests, Refused]),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
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
    done: Json = (
        {"description": "Done."} if route.status == 204 else {"description": "Done.", "content": content}
    )
    responses: Json = {str(route.status): done}
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
    request = route.request
    if request is None:
        return []
    in_path = [_parameter(request, name, "path", name) for name in re.findall(r"{(\w+)}", route.path)]
    in_query = [_parameter(request, name, "query", name) for name in route.query]
    in_headers = [_parameter(request, name, "header", field) for name, field in route.headers.items()]
    return in_path + in_query + in_headers


def _parameter(request: type[msgspec.Struct], name: str, place: str, field: str) -> Json:
    """What is no field of the request is one of its target."""
    kind = request if field in request.__struct_fields__ else Target
    is_required = {one.name: one.required for one in msgspec.structs.fields(kind)}
    return {
        "name": name,
        "in": place,
        "required": is_required[field],
        "schema": {"$ref": f"#/components/schemas/{kind.__name__}/properties/{field}"},
    }


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}
