"""Edits, deletions, answers and reactions over HTTP, without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatapp.factory import WebNode
from tests.integration.http_node import Visitor, running_node
from tests.integration.test_rest import refused

ROOM = "changes"


@pytest.fixture
def web_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    with running_node(tmp_path_factory.mktemp("node")) as web_node:
        yield web_node


@pytest.fixture
def ana(web_node: WebNode) -> Visitor:
    return Visitor(web_node).sign_in("Ana")


def change(who: Visitor, method: str, path: str, key: str = "", **more: Any) -> Any:
    headers = who.bearer | ({"Idempotency-Key": key} if key else {})
    return who.ask(method, f"/api/rooms/{ROOM}/messages/{path}", headers=headers, **more)


def first_of(who: Visitor) -> Any:
    return who.read(ROOM, "?before=2").json["events"][0]


def test_a_message_is_edited_answered_reacted_to_and_taken_back(ana: Visitor) -> None:
    posted = ana.say(ROOM, "helo", "k1").json
    message_id = posted["id"]

    edit = {"id": message_id, "content": "hello", "rev": 1}
    edited = change(ana, "PATCH", "1", "k2", json=edit)
    again = change(ana, "PATCH", "1", "k2", json=edit)
    assert [(edited.json["seq"], edited.json["duplicate"]), (again.json["seq"], again.json["duplicate"])] == [
        (2, False),
        (2, True),
    ]
    stale = refused(change(ana, "PATCH", "1", "k3", json=edit), 409, "conflict")
    assert stale["rev"] == 2

    answer = ana.ask(
        "POST",
        f"/api/rooms/{ROOM}/messages",
        json={"content": "yes", "reply_to": {"seq": 1, "id": message_id}},
        headers=ana.bearer | {"Idempotency-Key": "k4"},
    )
    assert answer.json["seq"] == 3

    assert change(ana, "PUT", f"1/reactions/❤?id={message_id}").json == {"ok": True, "seq": 4}
    assert change(ana, "PUT", f"1/reactions/❤️?id={message_id}").json == {"ok": True}
    assert first_of(ana)["body"]["reactions"] == [{"emoji": "❤️", "count": 1}]
    page = ana.read(ROOM).json
    assert page["mine"] == {"1": ["❤️"]}
    assert page["events"][2]["body"]["quote"]["excerpt"] == "hello"
    (who,) = change(ana, "GET", f"1/reactions?id={message_id}").json["reactions"]
    assert (who["emoji"], who["count"], [user["name"] for user in who["users"]]) == ("❤️", 1, ["Ana"])
    assert change(ana, "DELETE", f"1/reactions/❤️?id={message_id}").json == {"ok": True, "seq": 5}
    assert "mine" not in ana.read(ROOM).json

    deleted = change(ana, "DELETE", f"1?id={message_id}", "k5")
    assert (deleted.status_code, deleted.json["seq"]) == (200, 6)
    assert first_of(ana)["body"] == {"content": "", "deleted": {"at": deleted.json["ts"], "by": "author"}}
    assert "hello" not in ana.read(ROOM).text
    refused(change(ana, "PUT", f"1/reactions/❤?id={message_id}"), 404, "target_gone", "target")
    refused(change(ana, "GET", f"1/reactions?id={message_id}"), 404, "target_gone", "target")


def test_people_are_called_over_http_too(ana: Visitor, web_node: WebNode) -> None:
    """Who has spoken may be called, also where nobody is in the room."""
    ben = Visitor(web_node).sign_in("Ben")
    ben.say(ROOM, "hi", "k1")
    called = [{"id": ben.user_id, "name": "Ben"}]

    posted = ana.ask(
        "POST",
        f"/api/rooms/{ROOM}/messages",
        json={"content": "@Ben", "mentions": [*called, {"id": "u_nobody", "name": "Ben"}]},
        headers=ana.bearer | {"Idempotency-Key": "k2"},
    ).json
    assert ana.read(ROOM, "?after=1").json["events"][0]["body"] == {"content": "@Ben", "mentions": called}

    edit = {"id": posted["id"], "content": "@Ana @Ben", "mentions": [{"id": ana.user_id, "name": "Ana"}]}
    change(ana, "PATCH", "2", "k3", json=edit)
    row, told = ana.read(ROOM, "?after=1").json["events"]
    assert (
        row["body"]["mentions"]
        == told["body"]["mentions"]
        == [{"id": ana.user_id, "name": "Ana", "since": 3}]
    )

    many = {"id": posted["id"], "content": "@Ben", "mentions": called * 21}
    refused(change(ana, "PATCH", "2", "k4", json=many), 409, "too_many", "mentions")


def test_what_is_not_one_s_own_or_not_there_is_refused(web_node: WebNode, ana: Visitor) -> None:
    message_id = ana.say(ROOM, "mine", "k1").json["id"]
    seq = ana.say(ROOM, "mine", "k1").json["seq"]
    edit = {"id": message_id, "content": "x"}

    refused(change(ana, "PATCH", str(seq), json=edit), 400, "bad_request", "Idempotency-Key")
    refused(change(ana, "PATCH", str(seq), "k2", json={"content": "x"}), 400, "bad_request", "id")
    refused(change(ana, "DELETE", str(seq), "k2"), 400, "bad_request", "id")
    refused(change(ana, "PUT", f"{seq}/reactions/x?id={message_id}"), 400, "bad_request", "emoji")
    refused(change(ana, "PATCH", "99", "k2", json=edit), 404, "target_gone", "target")
    refused(change(ana, "PATCH", str(seq), "k2", json={**edit, "id": "other"}), 404, "target_gone", "target")
    refused(change(ana, "PATCH", str(seq), "k2", json={**edit, "content": " "}), 400, "empty", "content")
    bo = Visitor(web_node, "203.0.113.2").sign_in("Bo")
    refused(change(bo, "PATCH", str(seq), "k2", json=edit), 403, "forbidden", "target")
    refused(change(bo, "DELETE", f"{seq}?id={message_id}", "k3"), 403, "forbidden", "target")
