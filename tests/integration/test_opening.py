"""What a room's page brings with it: what one will see first, and nothing that is not one's own to see."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatapp.errors import RateLimited
from chatapp.factory import WebNode
from chatapp.limits.rates import Rates
from tests.e2e.hostile_texts import TAGS
from tests.integration.http_node import COOKIE, Visitor, running_node

OPENING = re.compile(r'<script id="opening" type="application/json">(.*?)</script>', re.DOTALL)
PEOPLE = re.compile(r'<script id="people-here" type="application/json">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def web_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    with running_node(tmp_path_factory.mktemp("node")) as web_node:
        yield web_node


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page brings is the subject here; that it does not wait is one of test_rest_failures.py."""
    monkeypatch.setattr("chatapp.web.opening.WAIT_SECONDS", 10)


@pytest.fixture
def ana(web_node: WebNode) -> Visitor:
    return Visitor(web_node).sign_in("Ana")


def page_of(visitor: Visitor, room: str) -> Any:
    page = visitor.ask("GET", f"/chat/{room}")
    assert page.status_code == 200
    return page


def opening_in(page: Any) -> Any:
    return _brought(OPENING, page)


def people_in(page: Any) -> Any:
    return _brought(PEOPLE, page)


def _brought(pattern: re.Pattern[str], page: Any) -> Any:
    found = pattern.findall(page.data.decode())
    return json.loads(found[0]) if found else None


def test_it_is_the_newest_page_as_history_has_it(ana: Visitor) -> None:
    for n in range(3):
        ana.say("newest", f"text {n}", f"newest-{n}")

    opening = opening_in(page_of(ana, "newest"))

    assert opening["user"] == {"id": ana.user_id, "name": "Ana"}
    assert opening["room"]["history"] == ana.read("newest").json
    assert [event["body"]["content"] for event in opening["room"]["history"]["events"]] == [
        "text 0",
        "text 1",
        "text 2",
    ]
    assert opening["room"]["retention_ms"] == 86_400_000
    assert (opening["room"]["read"], opening["room"]["mentions"]) == (0, 0)
    assert opening["server_time"] >= opening["room"]["history"]["events"][-1]["ts"]


def test_where_nothing_was_said_a_name_with_large_letters_leads_to_the_room_in_small_ones(
    ana: Visitor,
) -> None:
    assert opening_in(page_of(ana, "Twins"))["namesake"] is None
    ana.say("twins", "here we are", "twins-1")

    assert opening_in(page_of(ana, "Twins"))["namesake"] == "twins"
    assert opening_in(page_of(ana, "twins"))["namesake"] is None
    ana.say("TWINS", "here we are, too", "twins-2")
    assert opening_in(page_of(ana, "TWINS"))["namesake"] is None


def test_a_stranger_gets_a_page_without(web_node: WebNode, ana: Visitor) -> None:
    ana.say("strangers", "for those who are in", "strangers-1")
    stranger = Visitor(web_node)
    impostor = Visitor(web_node)
    impostor.http.set_cookie(COOKIE, "not a token", domain="chat.example")

    for nobody in (stranger, impostor):
        page = page_of(nobody, "strangers")
        assert opening_in(page) is None
        assert b"for those who are in" not in page.data
        assert "Set-Cookie" not in page.headers


def test_whoever_signed_out_gets_a_page_without(ana: Visitor) -> None:
    ana.say("signed-out", "not for others", "signed-out-1")
    ana.ask("DELETE", "/api/session", headers=ana.bearer)
    ana.http.set_cookie(COOKIE, ana.token, domain="chat.example")

    page = page_of(ana, "signed-out")

    assert opening_in(page) is None
    assert b"not for others" not in page.data


def test_a_page_moves_the_sign_in_on_as_any_use_of_it(ana: Visitor) -> None:
    (cookie,) = page_of(ana, "lobby").headers.getlist("Set-Cookie")

    assert cookie.startswith(f"{COOKIE}={ana.token};")
    assert "HttpOnly" in cookie


def test_looking_at_a_room_does_not_make_it(ana: Visitor) -> None:
    opening = opening_in(page_of(ana, "nobody-was-here"))

    assert opening["user"]["name"] == "Ana"
    assert opening["room"] is None
    assert ana.read("nobody-was-here").status_code == 404


def test_no_text_can_end_the_element_that_it_stands_in(ana: Visitor) -> None:
    texts = [
        TAGS[0],
        TAGS[5],
        "<!--",
        "line\u2028separator",
        "&lt;/script&gt;",
        "{{ 7 * 7 }}",
        "\\u003c/script>",
    ]
    for n, text in enumerate(texts):
        ana.say("hostile", text, f"hostile-{n}")

    page = page_of(ana, "hostile")

    events = opening_in(page)["room"]["history"]["events"]
    assert [event["body"]["content"] for event in events] == texts
    assert "<" not in OPENING.findall(page.data.decode())[0]


def test_a_page_is_small_on_the_way(ana: Visitor) -> None:
    plain = page_of(ana, "small")
    packed = ana.ask("GET", "/chat/small", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert b"<!doctype html>" in gzip.decompress(packed.data)
    assert len(packed.data) < len(plain.data) / 3
    assert packed.headers["Cache-Control"] == "no-store"


def test_the_landing_page_comes_with_who_comes_back_and_their_rooms(ana: Visitor, web_node: WebNode) -> None:
    page = ana.ask("GET", "/")
    assert b"data-returning" in page.data
    assert b'<strong id="signed-in-name" dir="auto" translate="no">Ana</strong>' in page.data
    (cookie,) = page.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{COOKIE}={ana.token};")

    stranger = Visitor(web_node).ask("GET", "/")
    assert b"data-returning" not in stranger.data
    assert "Set-Cookie" not in stranger.headers


def test_the_landing_page_says_once_for_how_long_messages_live(ana: Visitor, tmp_path: Path) -> None:
    assert ana.ask("GET", "/").data.count(b"removed after 24 hours") == 1

    with running_node(tmp_path, CHAT_RETENTION_HOURS="168") as keeps_long:
        page = Visitor(keeps_long).ask("GET", "/").data
    assert page.count(b"removed after 7 days") == 1
    assert b"24 hours" not in page


def test_whoever_has_no_name_yet_is_told_who_is_in_the_room_and_nothing_else(
    web_node: WebNode, ana: Visitor
) -> None:
    ana.say("told", "for those who are in", "told-1")
    impostor = Visitor(web_node)
    impostor.http.set_cookie(COOKIE, "not a token", domain="chat.example")

    for nobody in (Visitor(web_node), impostor):
        for room in ("told", "nobody-was-here-either"):
            assert people_in(page_of(nobody, room)) == {"names": [], "count": 0}
    assert people_in(page_of(ana, "told")) is None


def test_beyond_the_rate_of_an_address_a_stranger_gets_a_page_without(
    web_node: WebNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_rates: Rates, _ip: str) -> None:
        raise RateLimited

    monkeypatch.setattr(Rates, "check_glance", refuse)
    assert people_in(page_of(Visitor(web_node), "told")) is None


def test_only_on_the_machine_itself_a_page_is_told_its_address_in_the_network(
    web_node: WebNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.web.own_address.own_address", lambda: "192.168.1.5")
    told = re.compile(rb'data-others-at="(.*?)"')

    there = Visitor(web_node, address="127.0.0.1").http.get("/chat/lobby", base_url="http://localhost:8000")
    elsewhere = page_of(Visitor(web_node), "lobby")

    assert told.findall(there.data) == [b"http://192.168.1.5:8000"]
    assert told.findall(elsewhere.data) == []
