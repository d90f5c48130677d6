"""What every answer tells the browser, and who may change anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from chatapp.factory import WebNode
from chatapp.protocol.catalogue import ROUTES
from tests.integration.http_node import HOST, Visitor, running_node

FRIEND = "https://friend.example"
OURS = f"http://{HOST}"
TEMPLATES = sorted((Path(__file__).parents[2] / "templates").glob("*.html"))


@pytest.fixture(scope="module")
def web_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    environment = {
        "CHAT_TRUSTED_PROXIES": "10.0.0.0/8",
        "CHAT_ALLOWED_ORIGINS": FRIEND,
        "CHAT_RATE_LIMITS": "off",
    }
    with running_node(tmp_path_factory.mktemp("node"), **environment) as web_node:
        yield web_node


@pytest.fixture
def ana(web_node: WebNode) -> Visitor:
    return Visitor(web_node).sign_in("Ana")


ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/chat", 302),
    ("GET", "/chat/lobby", 200),
    ("GET", "/chat/%00", 400),
    ("GET", "/nothing", 404),
    ("GET", "/docs", 200),
    ("GET", "/docs/openapi.json", 200),
    ("GET", "/static/nothing", 404),
    ("GET", "/healthz", 200),
    ("GET", "/metrics", 200),
    ("GET", "/api/session", 200),
    ("GET", "/api/rooms", 200),
    ("GET", "/api/rooms/nowhere/events", 404),
    ("POST", "/api/rooms/lobby/messages", 403),
    ("GET", "/api/nothing", 404),
    ("GET", "/socket.io/?EIO=4&transport=polling", 200),
    ("GET", "/socket.io/?EIO=4&transport=polling&sid=unknown", 400),
    ("GET", "/socket.io/?EIO=4&transport=polling&j=0", 400),
    ("GET", "/socket.io/?EIO=4&transport=polling&j=", 400),
    ("POST", "/socket.io/?EIO=4&transport=polling&sid=unknown&j=1", 400),
    ("POST", "/socket.io/?EIO=4&transport=polling&sid=unknown", 400),
    ("GET", "/socket.io/?EIO=4&transport=websocket", 426),
    ("GET", "/socket.io/?EIO=3&transport=polling", 400),
    ("PUT", "/socket.io/?EIO=4&transport=polling", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_says_what_a_browser_may_do_with_it(
    ana: Visitor, method: str, path: str, status: int
) -> None:
    answer = ana.ask(method, path)

    assert answer.status_code == status
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not re.search("unsafe|\\*|http", answer.headers["Content-Security-Policy"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "microphone=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers
    assert len(answer.headers.getlist("Content-Security-Policy")) == 1


def test_a_file_that_documents_are_made_of_says_nothing_of_documents(ana: Visitor) -> None:
    page = ana.ask("GET", "/").text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)

    assert len(addresses) > 5
    for address in addresses:
        answer = ana.ask("GET", address)
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        of_documents = ("Content-Security-Policy", "Referrer-Policy", "Permissions-Policy")
        assert not [name for name in of_documents if name in answer.headers]


@pytest.mark.parametrize(
    ("peer", "forwarded", "is_promised"),
    [("10.0.0.1", "https", True), ("10.0.0.1", "http", False), ("203.0.113.5", "https", False)],
)
def test_https_is_promised_only_over_https(
    web_node: WebNode, peer: str, forwarded: str, is_promised: bool
) -> None:
    answer = Visitor(web_node, peer).ask("GET", "/", headers={"X-Forwarded-Proto": forwarded})

    assert ("Strict-Transport-Security" in answer.headers) == is_promised


@pytest.mark.parametrize(
    ("host", "forwarded", "is_said"),
    [
        ("chat.example", "https", True),
        ("chat.example", "http", False),
        ("192.168.1.7:8000", "http", False),
        ("localhost.example", "http", False),
        ("localhost:8000", "http", True),
        ("127.0.0.1:8000", "http", True),
        ("[::1]:8000", "http", True),
    ],
)
def test_openers_are_refused_where_a_browser_listens(
    web_node: WebNode, host: str, forwarded: str, is_said: bool
) -> None:
    headers = {"Host": host, "X-Forwarded-Proto": forwarded}
    answer = Visitor(web_node, "10.0.0.1").ask("GET", "/", headers=headers)

    assert ("Cross-Origin-Opener-Policy" in answer.headers) == is_said


@pytest.mark.parametrize("path", ["/", "/chat/lobby"])
def test_a_page_knows_whether_the_browser_is_known(web_node: WebNode, ana: Visitor, path: str) -> None:
    assert b"data-shows-cookie" in ana.ask("GET", path).data
    assert b"data-shows-cookie" not in Visitor(web_node).ask("GET", path).data


@pytest.mark.parametrize("path", ["/api/session", "/api/rooms", "/", "/chat/lobby"])
def test_what_belongs_to_one_person_is_kept_in_no_cache(ana: Visitor, path: str) -> None:
    assert ana.ask("GET", path).headers["Cache-Control"] == "no-store"


def test_a_file_is_sent_again_only_if_it_changed(ana: Visitor) -> None:
    first = ana.ask("GET", "/static/css/base.css")
    second = ana.ask("GET", "/static/css/base.css", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (second.status_code, second.data) == (304, b"")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text("utf-8")

    is_file_or_data = r"""[^>]*\s(src=|type="application/json")"""
    assert not re.search(rf"<script(?!{is_file_or_data})", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"\|\s*safe|autoescape", text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)


# --- who may change anything ----------------------------------------------------------------

FROM_OUTSIDE: list[dict[str, str]] = [
    {"Origin": "http://evil.example"},
    {"Origin": f"http://{HOST}.evil.example"},
    {"Origin": f"http://evil{HOST}"},
    {"Origin": f"http://{HOST}:8080"},
    {"Origin": f"http://{HOST}@evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": FRIEND},  # may bring a token, but not use our cookie
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {},
]
CHANGES = [
    ("POST", "/api/session", {"name": "Eve"}),
    ("DELETE", "/api/session", None),
    ("POST", "/api/rooms/lobby/messages", {"content": "hi"}),
]


@pytest.mark.parametrize("headers", FROM_OUTSIDE, ids=str)
@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_another_site_changes_nothing_with_our_cookie(
    ana: Visitor, method: str, path: str, body: object, headers: dict[str, str]
) -> None:
    answer = ana.ask(method, path, json=body, headers=headers | {"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert ana.ask("GET", "/api/session").json["user"]["name"] == "Ana"


@pytest.mark.parametrize(
    "headers", [{"Origin": OURS}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": f"https://{HOST}"}], ids=str
)
def test_our_own_page_changes_things_with_its_cookie(ana: Visitor, headers: dict[str, str]) -> None:
    assert ana.ask("POST", "/api/session", json={"name": "Anna"}, headers=headers).status_code == 200


@pytest.mark.parametrize("headers", FROM_OUTSIDE, ids=str)
def test_a_token_in_a_header_is_proof_enough(ana: Visitor, headers: dict[str, str]) -> None:
    answer = ana.ask("POST", "/api/session", json={"name": "Anna"}, headers=headers | ana.bearer)

    assert answer.json["user"] == {"id": ana.user_id, "name": "Anna"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": FRIEND}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
    ids=str,
)
def test_signing_in_needs_no_cookie_but_no_stranger_s_page_either(
    web_node: WebNode, headers: dict[str, str], status: int
) -> None:
    answer = Visitor(web_node).ask("POST", "/api/session", json={"name": "Ana"}, headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("origin", "may_read"), [(FRIEND, True), ("http://evil.example", False), ("null", False)]
)
def test_only_listed_sites_may_read_the_api(ana: Visitor, origin: str, may_read: bool) -> None:
    for method in ("OPTIONS", "GET"):
        answer = ana.ask(method, "/api/rooms", headers=ana.bearer | {"Origin": origin})
        assert answer.status_code == 200
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may_read else None)
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("origin", "may_read"), [(FRIEND, True), ("http://evil.example", False), ("null", False)]
)
def test_only_listed_sites_may_load_our_scripts(web_node: WebNode, origin: str, may_read: bool) -> None:
    answer = Visitor(web_node).ask("GET", "/static/js/embed.js", headers={"Origin": origin})

    assert answer.status_code == 200
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may_read else None)
    assert "Access-Control-Allow-Headers" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


# --- the documents --------------------------------------------------------------------------


def test_every_route_is_documented_and_every_documented_route_is_there(web_node: WebNode) -> None:
    parts = {"{room}": "<path_part>", "{seq}": "<int:seq>", "{emoji}": "<emoji>", "{upload}": "<upload_id>"}
    parts["{side}"] = "<any('360', '1080'):thumbnail>"
    rule_of = partial(re.sub, r"\{\w+\}", lambda part: parts[part[0]])
    documented = {(route.method, rule_of(route.path)) for route in ROUTES if route.method != "HEAD"}
    pages = {"/", "/chat", "/chat/", "/chat/<path_part>", "/chat/<path:path>"}
    served = {
        (method, rule.rule)
        for rule in web_node.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
        and not rule.endpoint.startswith("files.")
        and rule.rule not in pages
        and not rule.rule.startswith(("/docs", "/api/chat"))
    }

    in_other_words = {("POST", "/api/uploads/<upload_id>")}  # of PATCH, for those who cannot say it
    assert served - in_other_words == documented


@pytest.mark.parametrize("name", ["asyncapi", "openapi", "schemas"])
def test_the_documents_are_served(ana: Visitor, name: str) -> None:
    answer = ana.ask("GET", f"/docs/{name}.json")

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert f"/docs/{name}.json" in ana.ask("GET", "/docs").text
    assert answer.json


def test_the_page_of_documents_names_every_event_route_and_code(ana: Visitor) -> None:
    text = ana.ask("GET", "/docs").text

    for word in ("join", "message", "presence", "resync", "bye", "/api/rooms/{room}/events", "room_busy"):
        assert f">{word}<" in text or f" {word}<" in text
    assert "<code>heads</code>" in text
    assert "`" not in text
