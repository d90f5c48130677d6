"""Whatever stands between a browser and us, its person is known, and nobody else is taken for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.factory import WebNode
from tests.integration.http_node import COOKIE, HOST, PAGE, Visitor, running_node

PROXY = "10.0.0.1"


@pytest.fixture(scope="module")
def web_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    """It listens on its own machine only, and has a proxy elsewhere."""
    environment = {"CHAT_TRUSTED_PROXIES": "10.0.0.0/8", "HOST": "127.0.0.1", "CHAT_RATE_LIMITS": "off"}
    with running_node(tmp_path_factory.mktemp("node"), **environment) as web_node:
        yield web_node


@pytest.fixture
def ana(web_node: WebNode) -> Visitor:
    return Visitor(web_node, PROXY).sign_in("Ana")


# --- cookies --------------------------------------------------------------------------------


def cookies_set(answer: object) -> dict[str, str]:
    """The whole header of each, by name."""
    return {str(header).partition("=")[0]: str(header) for header in answer.headers.getlist("Set-Cookie")}  # type: ignore[attr-defined]


def without_a_jar(web_node: WebNode) -> Visitor:
    """It shows the cookies that a test writes."""
    visitor = Visitor(web_node, PROXY)
    visitor.http = web_node.app.test_client(use_cookies=False)
    return visitor


def test_over_https_no_other_host_can_set_the_cookie(web_node: WebNode) -> None:
    """A browser holds the name to it: https, this host alone, every path."""
    headers = {"X-Forwarded-Proto": "https", "Origin": f"https://{HOST}"}
    answer = Visitor(web_node, PROXY).ask("POST", "/api/session", json={"name": "Ana"}, headers=headers)

    [(name, cookie)] = cookies_set(answer).items()
    assert name == f"__Host-{COOKIE}"
    assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_a_sign_in_under_the_old_name_is_taken_over(ana: Visitor) -> None:
    ana.forget_cookie().http.set_cookie("chat_token", ana.token, domain=HOST)
    answer = ana.ask("GET", "/chat/lobby")

    kept = cookies_set(answer)
    assert kept[COOKIE].startswith(f"{COOKIE}={ana.token};")
    assert kept["chat_token"].startswith("chat_token=; Expires=Thu, 01 Jan 1970")
    assert ana.ask("GET", "/api/session").json["user"]["id"] == ana.user_id


def test_what_another_chat_keeps_under_the_old_name_stays(ana: Visitor) -> None:
    ana.http.set_cookie("chat_token", "the token of another chat on this host", domain=HOST)

    for method, path in (("GET", "/"), ("GET", "/api/session"), ("DELETE", "/api/session")):
        assert cookies_set(ana.ask(method, path, headers=PAGE)).keys() == {COOKIE}


def test_signing_out_takes_the_sign_in_under_either_name(ana: Visitor) -> None:
    ana.forget_cookie().http.set_cookie("chat_token", ana.token, domain=HOST)
    dropped = cookies_set(ana.ask("DELETE", "/api/session", headers=PAGE))

    assert dropped[COOKIE].startswith(f"{COOKIE}=;")
    assert dropped["chat_token"].startswith("chat_token=;")


def test_two_different_cookies_sign_nobody_in_and_the_strange_one_is_dropped(
    web_node: WebNode, ana: Visitor
) -> None:
    """A sibling of this host can set one for their parent, and make people its own guest."""
    mallory = Visitor(web_node, PROXY).sign_in("Mallory")
    both = {"Cookie": f"{COOKIE}={mallory.token}; {COOKIE}={ana.token}"}
    browser = without_a_jar(web_node)

    assert browser.ask("GET", "/api/session", headers=both).status_code == 401
    page = browser.ask("GET", "/chat/lobby", headers=both | {"Host": "chat.corp.test"})

    assert b'id="opening"' not in page.data
    dropped = page.headers.getlist("Set-Cookie")
    assert all(f"{COOKIE}=;" in header and "Expires=Thu, 01 Jan 1970" in header for header in dropped)
    places = {tuple(re.findall(r"(?:Domain|Path)=([^;]+)", header)) for header in dropped}
    assert {("corp.test", "/chat"), ("corp.test", "/"), ("chat.corp.test", "/chat/"), ("/chat",)} <= places
    assert ("/",) not in places, "which is where ours is"


def test_the_same_cookie_twice_is_one(ana: Visitor, web_node: WebNode) -> None:
    both = {"Cookie": f"{COOKIE}={ana.token}; {COOKIE}={ana.token}"}

    assert without_a_jar(web_node).ask("GET", "/api/session", headers=both).status_code == 200


# --- hosts ----------------------------------------------------------------------------------

NEAR = "127.0.0.1"


@pytest.mark.parametrize(
    "path", ["/", "/chat/lobby", "/api/session", "/static/js/embed.js", "/socket.io/?EIO=4"]
)
def test_a_name_that_was_made_to_point_at_this_machine_is_refused(web_node: WebNode, path: str) -> None:
    browser = Visitor(web_node, NEAR)
    answer = browser.ask("GET", path, headers={"Host": "rebind.test:8000", "X-Forwarded-Host": "localhost"})

    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "forbidden"
    assert "CHAT_PUBLIC_URL" in answer.json["error"]["message"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_refused_name_is_counted(web_node: WebNode) -> None:
    def refusals() -> float:
        metrics = Visitor(web_node, NEAR).ask("GET", "/metrics").text
        return float(re.findall(r'^chat_refusals_total\{code="forbidden"\} (\S+)', metrics, re.M)[0])

    before = refusals()
    Visitor(web_node, NEAR).ask("GET", "/", headers={"Host": "rebind.test"})

    assert refusals() == before + 1


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "chat.localhost"])
def test_this_machines_own_names_are_served(web_node: WebNode, host: str) -> None:
    assert Visitor(web_node, NEAR).ask("GET", "/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_machines_ask_has_no_name(web_node: WebNode, path: str) -> None:
    assert Visitor(web_node, NEAR).ask("GET", path, headers={"Host": "web-1:8000"}).status_code == 200


def test_a_trusted_proxy_may_pass_any_name_on(web_node: WebNode) -> None:
    assert Visitor(web_node, PROXY).ask("GET", "/", headers={"Host": "any.example"}).status_code == 200


def test_a_chat_that_is_open_to_the_network_has_whatever_name_it_is_called_by(tmp_path: Path) -> None:
    with running_node(tmp_path) as open_node:
        assert Visitor(open_node).ask("GET", "/", headers={"Host": "any.example"}).status_code == 200


# --- under a path ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    environment = {
        "HOST": "127.0.0.1",
        "CHAT_PUBLIC_URL": "https://example.org/talk/",
        "CHAT_TRUSTED_PROXIES": "10.0.0.0/8",
    }
    with running_node(tmp_path_factory.mktemp("talk"), **environment) as web_node:
        yield web_node


PAGES = ["/", "/chat/lobby", "/docs", "/nothing", "/chat/a/b"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_under_a_path_asks_for_nothing_outside_of_it(talk: WebNode, path: str) -> None:
    answer = Visitor(talk, NEAR).ask("GET", f"/talk{path}", headers={"Host": "example.org"})

    addresses = re.findall(r'(?:href|src)="([^"#]+)"', answer.text)
    assert len(addresses) > 3
    assert [address for address in addresses if not address.startswith("/talk/")] == []
    for address in addresses:
        found = Visitor(talk, NEAR).ask("GET", address, headers={"Host": "example.org"})
        assert found.status_code == 200, address


def test_the_same_pages_without_a_path_are_as_they_were(web_node: WebNode) -> None:
    for path in PAGES:
        page = Visitor(web_node, PROXY).ask("GET", path).text
        assert all(address.startswith("/") for address in re.findall(r'(?:href|src)="([^"#]+)"', page))
        assert "//static" not in page


@pytest.mark.parametrize("prefix", ["/talk", ""], ids=["passed on", "taken away"])
@pytest.mark.parametrize(
    ("path", "to"), [("/chat", "/talk/"), ("/chat/", "/talk/"), ("/chat/e%CC%81", "/talk/chat/%C3%A9")]
)
def test_a_redirect_stays_under_the_path(talk: WebNode, prefix: str, path: str, to: str) -> None:
    answer = Visitor(talk, NEAR).ask("GET", prefix + path, headers={"Host": "example.org"})

    assert (answer.status_code, answer.headers["Location"]) == (302, to)


def test_the_path_alone_is_the_landing_page(talk: WebNode) -> None:
    answer = Visitor(talk, NEAR).ask("GET", "/talk", headers={"Host": "example.org"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/talk/")


def test_a_proxys_word_for_the_path_is_enough(web_node: WebNode) -> None:
    page = Visitor(web_node, PROXY).ask("GET", "/chat/lobby", headers={"X-Forwarded-Prefix": "/elsewhere"})

    assert 'href="/elsewhere/"' in page.text
    assert 'src="/elsewhere/static/' in page.text


def test_the_manifest_holds_wherever_the_chat_lies(web_node: WebNode) -> None:
    """Its addresses are relative to its own, and without a path they are what they were."""
    manifest = Visitor(web_node, PROXY).ask("GET", "/static/chat.webmanifest").get_json(force=True)

    assert (manifest["start_url"], manifest["scope"]) == ("../", "../")
    assert "id" not in manifest, "or else two chats of one host would be one app"
    assert not any(icon["src"].startswith("/") for icon in manifest["icons"])


def test_under_a_path_one_signs_in_talks_and_connects(talk: WebNode) -> None:
    """The proxy here has lost the host, and the scheme with it."""
    page = {"Host": "localhost:8000", "Origin": "https://example.org"}
    signed_in = Visitor(talk, NEAR).ask("POST", "/talk/api/session", json={"name": "Ana"}, headers=page)
    opened = Visitor(talk, NEAR).ask("GET", "/talk/socket.io/?EIO=4&transport=polling", headers=page)

    assert signed_in.status_code == opened.status_code == 200
    assert cookies_set(signed_in).keys() == {f"__Host-{COOKIE}"}
    assert opened.data.startswith(b"0{")
