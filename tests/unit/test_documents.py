"""The documents say what the code does: every event, every field, every code, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from chatapp import errors, protocol
from chatapp.errors import ChatError
from chatapp.protocol import asyncapi_document, json_schemas, openapi_document
from chatapp.protocol.aspect import Route
from chatapp.protocol.catalogue import NOT_OFFERED, REQUESTS, ROUTES, SIGNALS
from chatapp.protocol.documents.schemas import wire_types
from chatapp.protocol.joining import join_ack
from chatapp.protocol.messages import history_ack
from chatapp.protocol.plain import PLAIN_FRAMES
from chatapp.protocol.refusals import CODES
from chatapp.rooms.attendance.people import Person, PersonJoined
from chatapp.rooms.attendance.presence import Presence
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.joining import Joined

DOCUMENTS = {"AsyncAPI": asyncapi_document(), "OpenAPI": openapi_document(), "JSON Schema": json_schemas()}
PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")


def members(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from members(inner)


def references(document: dict[str, Any]) -> list[str]:
    return [found["$ref"] for found in members(document) if isinstance(found, dict) and "$ref" in found]


def follow(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def codes_in_the_tree() -> set[str]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChatError)]
    return {kind.code for kind in kinds}


def wire_fields(kind: type[msgspec.Struct]) -> set[str]:
    fields = set(kind.__struct_encode_fields__)
    tag_field = kind.__struct_config__.tag_field
    return fields | ({tag_field} if tag_field else set())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_json_and_refers_to_nothing_that_is_not_there(name: str) -> None:
    document = json.loads(json.dumps(DOCUMENTS[name], allow_nan=False))

    assert references(document)
    for reference in references(document):
        follow(document, reference)


def test_asyncapi_has_every_event_of_both_dialects_and_no_other() -> None:
    document = asyncapi_document()
    plain = {str(frame.__struct_config__.tag) for frame in PLAIN_FRAMES}

    assert document["asyncapi"].startswith("3.")
    assert document["operations"].keys() == (
        {f"request.{name}" for name in REQUESTS}
        | {f"signal.{name}" for name in SIGNALS}
        | {f"plain.send.{name}" for name in plain}
        | {"plain.receive.message", "plain.receive.ping"}
    )
    for name in REQUESTS:
        assert "reply" in document["operations"][f"request.{name}"]
    for name in NOT_OFFERED:
        assert f"`{name}`" in document["info"]["description"]


def test_every_message_of_asyncapi_is_used_by_an_operation() -> None:
    document = asyncapi_document()
    declared = {
        f"#/channels/{channel}/messages/{message}"
        for channel, parts in document["channels"].items()
        for message in parts["messages"]
    }

    assert declared <= set(references(document["operations"]))


def test_openapi_has_every_route_of_the_table() -> None:
    document = openapi_document()

    assert document["openapi"].startswith("3.1")
    assert {(method.upper(), path) for path, of in document["paths"].items() for method in of} == {
        (route.method, route.path) for route in ROUTES
    }


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_names_its_parameters_its_refusals_and_its_credentials(
    route: Route,
) -> None:
    operation = openapi_document()["paths"][route.path][route.method.lower()]
    in_path = set(re.findall(r"{(\w+)}", route.path))
    parameters = {(found["in"], found["name"]) for found in operation.get("parameters", ())}

    assert {name for place, name in parameters if place == "path"} == in_path
    assert {name for place, name in parameters if place == "query"} == set(route.query)
    assert operation["responses"].keys() == {str(route.status), "500", *map(str, route.refuses)}
    assert ("security" in operation) == route.needs_token
    assert ("requestBody" in operation) == (route.body is not None)


@pytest.mark.parametrize("kind", wire_types(), ids=lambda kind: kind.__name__)
def test_every_field_is_in_the_schema_and_in_the_document_of_its_dialect(kind: type[msgspec.Struct]) -> None:
    schema = json_schemas()["$defs"][kind.__name__]
    elsewhere = [
        DOCUMENTS[name]["components"]["schemas"].get(kind.__name__) for name in ("AsyncAPI", "OpenAPI")
    ]

    assert schema["properties"].keys() == wire_fields(kind)
    assert any(other and other["properties"].keys() == wire_fields(kind) for other in elsewhere)


@pytest.mark.parametrize("kind", wire_types(), ids=lambda kind: kind.__name__)
def test_the_page_for_people_names_every_field(kind: type[msgspec.Struct]) -> None:
    quoted = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.S))
    words = set(re.findall(r"[\w-]+", " ".join(quoted)))

    assert wire_fields(kind) <= words


def test_the_page_for_people_names_every_event_and_route() -> None:
    for name in (*REQUESTS, *SIGNALS, *NOT_OFFERED):
        assert f"`{name}`" in PAGE, name
    for route in ROUTES:
        assert f"`{route.method} {route.path}`" in PAGE, route


@pytest.mark.parametrize("code", sorted(codes_in_the_tree()))
def test_every_code_is_documented_everywhere(code: str) -> None:
    assert code in CODES
    assert f"`{code}`" in PAGE
    assert f"`{code}`" in asyncapi_document()["info"]["description"]
    assert code in json_schemas()["description"]
    assert code in openapi_document()["components"]["schemas"]["ErrorBody"]["properties"]["code"]["enum"]


def test_the_page_marks_exactly_the_retryable_codes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (yes|) ?\|", PAGE, re.M)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChatError)]

    assert {(code, status, retryable) for code, status, retryable in rows} == {
        (kind.code, str(kind.http_status), "yes" if kind.retryable else "")
        for kind in kinds
        if kind is not ChatError
    }


def test_the_tree_of_refusals_names_them_all_and_last_those_that_may_be_repeated() -> None:
    tree, _ = str(errors.__doc__).split("Raise a ``ChatError``")
    before, last = tree.split("└── not now, ask again")
    retryable = set(re.findall(r"\w+", last))
    kinds = [kind for kind in ChatError.__subclasses__() if kind.__module__ == errors.__name__]

    assert retryable == {kind.__name__ for kind in kinds if kind.retryable}
    assert retryable | set(re.findall(r"\w+", before)) >= {kind.__name__ for kind in kinds}


def validate(name: str, value: object) -> None:
    schema = {**json_schemas(), "$ref": f"#/$defs/{name}"}
    Draft202012Validator(schema).validate(json.loads(msgspec.json.encode(value)))


def test_what_is_sent_satisfies_its_schema() -> None:
    ana = Person(id="u_1", name="Ana")
    row = RoomEvent(
        room_id="lobby",
        seq=1,
        type="message",
        id="m1",
        ts=5,
        user_id="u_1",
        user_name="Ana",
        client_id="c1",
        body=b'{"content":"hi"}',
    )
    joined = Joined(
        room_id="lobby",
        stream_id="s",
        head=1,
        floor=1,
        is_recovered=False,
        reason="too_far",
        events=[row],
        has_more=False,
        presence=Presence(version=(1, 1), people=[ana], count=1),
        read_seq=0,
        attachment="[1]",
        attachment_version=1,
        retention_ms=1,
        arrival=PersonJoined(id="j", ts=1, person=ana),
    )
    page = history_ack(
        [row], covers=(1, 1), stream_id="s", head=1, floor=1, more_before=False, more_after=False
    )

    validate("JoinAck", join_ack(joined))
    validate("HistoryAck", page)
    validate("LogEvent", msgspec.json.decode(protocol.encode_broadcast("lobby", row) or b"")[1])
    validate("Refused", protocol.refusal(errors.RateLimited(retry_after_ms=1), "r"))
    validate("PlainMessage", msgspec.json.decode(protocol.encode_plain_broadcast(row) or b""))


def test_a_schema_refuses_what_the_code_refuses() -> None:
    good = {"room": "lobby", "client_id": "c1", "content": "hi"}
    schema = {**json_schemas(), "$ref": "#/$defs/MessageRequest"}
    validator = Draft202012Validator(schema)

    assert validator.is_valid(good)
    for field, value in (
        ("room", "a/b"),
        ("room", ""),
        ("client_id", "a b"),
        ("content", " "),
        ("content", 4),
    ):
        assert not validator.is_valid({**good, field: value})
    assert not validator.is_valid({"room": "lobby"})
