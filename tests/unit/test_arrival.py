"""What a request is taken for: whose it is, where its visitor thinks it goes, and which pages are ours."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from chatapp.identity import Proxies, SignInCookie, is_origin_allowed
from chatapp.web.arrival import is_local

INNER = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
STRANGER, PROXY = "203.0.113.7", "10.0.0.1"


def environ_of(*, peer: str = STRANGER, path: str = "/", host: str = "upstream:8000", **headers: str) -> Any:
    said = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return {
        "REMOTE_ADDR": peer,
        "wsgi.url_scheme": "http",
        "HTTP_HOST": host,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
    } | said


def arrived(public_url: str | None = None, **request: str) -> dict[str, Any]:
    environ: dict[str, Any] = environ_of(**request)
    Proxies(INNER, public_url).arrive(environ)
    return environ


# --- origins --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://chat.example", "chat.example"),
        ("https://chat.example:443", "chat.example"),
        ("https://chat.example", "chat.example:443"),
        ("wss://chat.example", "chat.example:443"),
        ("wss://chat.example:443", "chat.example"),
        ("ws://chat.example", "chat.example:80"),
        ("http://chat.example:80", "chat.example"),
        ("ws://chat.example:8000", "chat.example:8000"),
        ("HTTPS://Chat.Example", "chat.EXAMPLE"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("https://[2001:db8::443]", "[2001:db8::443]:443"),
    ],
)
def test_the_spellings_of_one_origin_are_one(origin: str, host: str) -> None:
    assert is_origin_allowed(origin, host, ())


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://chat.example:80", "chat.example"),
        ("http://chat.example:443", "chat.example"),
        ("https://chat.example", "chat.example:80"),
        ("https://chat.example:8443", "chat.example"),
        ("https://chat.example", "chat.example:8443"),
        ("https://chat.example4", "chat.example:443"),
        ("capacitor://chat.example", "chat.example"),
        ("wsss://chat.example", "chat.example"),
        ("https://chat.example\\.evil.example", "chat.example"),
    ],
)
def test_another_port_or_scheme_is_another_origin(origin: str, host: str) -> None:
    assert not is_origin_allowed(origin, host, ())


@pytest.mark.parametrize(
    "listed",
    [
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "app://obsidian.md",
        "https://a.example",
    ],
)
def test_an_app_is_allowed_by_its_own_scheme_and_no_other(listed: str) -> None:
    assert is_origin_allowed(listed, "chat.example", (listed,))
    assert not is_origin_allowed(listed + ".evil", "chat.example", (listed,))
    assert not is_origin_allowed("x" + listed, "chat.example", (listed,))


def test_a_listed_site_may_spell_itself_as_its_client_does() -> None:
    for origin in ("wss://friend.example", "https://friend.example:443"):
        assert is_origin_allowed(origin, "chat.example", ("https://friend.example",))


# --- what proxies say -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
        ("[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("[::ffff:198.51.100.1]:80", "198.51.100.1"),
        ("1.1.1.1:1, 198.51.100.1:2, 10.9.9.9:3", "198.51.100.1"),
        ("unknown", PROXY),
        ("", PROXY),
        ("[", PROXY),
        (":80", PROXY),
    ],
)
def test_ports_and_brackets_are_no_part_of_an_address(forwarded: str, address: str) -> None:
    assert Proxies(INNER).address_of(environ_of(peer=PROXY, x_forwarded_for=forwarded)) == address


@pytest.mark.parametrize(
    ("forwarded", "address", "scheme", "host"),
    [
        ("for=198.51.100.1;proto=https;host=chat.example", "198.51.100.1", "https", "chat.example"),
        ('For="[2001:db8:1:2::6]:4711"; Proto=HTTPS', "2001:db8:1:2::", "https", "upstream:8000"),
        ('for="198.51.100.1:80";host="chat.example:8443"', "198.51.100.1", "http", "chat.example:8443"),
        # What the client wrote itself, what our outer proxy saw, what our inner proxy saw.
        (
            "for=1.1.1.1;host=evil.example, for=198.51.100.1;proto=https;host=a.example, for=10.9.9.9",
            "198.51.100.1",
            "https",
            "a.example",
        ),
        ("for=unknown;proto=https", PROXY, "https", "upstream:8000"),
        ('for=", for=198.51.100.1;proto=https', "198.51.100.1", "https", "upstream:8000"),
        ("=;,,;=", PROXY, "http", "upstream:8000"),
    ],
)
def test_forwarded_says_the_same_in_its_own_way(forwarded: str, address: str, scheme: str, host: str) -> None:
    environ = arrived(peer=PROXY, forwarded=forwarded)

    assert Proxies(INNER).address_of(environ) == address
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == (scheme, host)


def test_a_proxy_that_says_it_in_the_one_way_lets_nobody_say_it_in_the_other() -> None:
    environ = arrived(
        peer=PROXY, x_forwarded_for="198.51.100.1", forwarded="for=1.1.1.1;proto=https;host=evil"
    )

    assert Proxies(INNER).address_of(environ) == "198.51.100.1"
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("http", "upstream:8000")


SAID = {
    "x_forwarded_host": "chat.example",
    "x_forwarded_proto": "https",
    "x_forwarded_prefix": "/talk",
    "forwarded": "host=evil.example",
}


def test_what_a_stranger_says_of_host_scheme_and_path_is_nothing() -> None:
    environ = arrived(peer=STRANGER, path="/talk/", **SAID)

    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("http", "upstream:8000")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/talk/")


def test_what_a_proxy_says_of_host_scheme_and_path_counts() -> None:
    environ = arrived(peer=PROXY, path="/chat/lobby", **SAID)

    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("https", "chat.example")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/talk", "/chat/lobby")


@pytest.mark.parametrize("scheme", ["https", "wss", "HTTPS", "http, https"])
def test_a_sockets_scheme_says_the_same(scheme: str) -> None:
    assert arrived(peer=PROXY, x_forwarded_proto=scheme)["wsgi.url_scheme"] == "https"


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ({"x_forwarded_host": "a.example", "x_forwarded_port": "8443"}, "https://a.example:8443"),
        # The port that the proxy listens on may be another than the one outside.
        ({"x_forwarded_host": "a.example", "x_forwarded_port": "8443"}, "https://a.example"),
        ({"x_forwarded_host": "a.example:8443", "x_forwarded_port": "1"}, "https://a.example:8443"),
        ({"host": "a.example", "x_forwarded_port": "8443"}, "https://a.example:8443"),
        ({"host": "[2001:db8::1]", "x_forwarded_port": "8443"}, "https://[2001:db8::1]:8443"),
        ({"x_forwarded_host": "inner.example, a.example"}, "https://a.example"),
    ],
)
def test_our_page_is_known_by_whatever_of_its_address_gets_through(said: dict[str, str], origin: str) -> None:
    environ = arrived(peer=PROXY, x_forwarded_proto="https", origin=origin, **said)

    assert is_origin_allowed(origin, environ["HTTP_HOST"], ())


@pytest.mark.parametrize(
    "name", ["a b", "a/b", "evil.example@a.example", "<script>", 'a"b', "a:999999", "[x]", "\xe9"]
)
def test_a_host_that_is_none_is_not_taken(name: str) -> None:
    assert arrived(peer=PROXY, x_forwarded_host=name)["HTTP_HOST"] == "upstream:8000"


# --- the public address ---------------------------------------------------------------------


@pytest.mark.parametrize("peer", [STRANGER, PROXY])
@pytest.mark.parametrize("page", ["origin", "referer"])
def test_a_proxy_that_loses_everything_is_made_up_for_by_the_public_address(peer: str, page: str) -> None:
    own = {page: "https://example.org" + ("/talk/chat/lobby" if page == "referer" else "")}
    environ = arrived("https://example.org/talk", peer=peer, path="/talk/api/session", **own)

    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("https", "example.org")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/talk", "/api/session")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://example.org.evil", "null"])
def test_the_public_address_makes_nobody_else_ours(origin: str) -> None:
    environ = arrived("https://example.org", origin=origin)

    assert not is_origin_allowed(origin, environ["HTTP_HOST"], ())


def test_whoever_asks_a_node_itself_is_at_home_too() -> None:
    environ = arrived("https://example.org/talk", host="127.0.0.1:8000", origin="http://127.0.0.1:8000")

    assert is_origin_allowed("http://127.0.0.1:8000", environ["HTTP_HOST"], ())


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/talk/chat/a", "/chat/a"),
        ("/chat/a", "/chat/a"),
        ("/talk", ""),
        ("/talk/", "/"),
        ("/talkative", "/talkative"),
    ],
)
def test_a_proxy_may_pass_the_path_on_or_take_it_away(asked: str, path: str) -> None:
    environ = arrived("https://example.org/talk", path=asked)

    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/talk", path)


def test_a_proxy_that_says_what_it_took_away_is_right() -> None:
    """Under the path ``/chat`` a room's address without it would look like one with it."""
    environ = arrived("https://example.org/chat", peer=PROXY, path="/chat/lobby", x_forwarded_prefix="/chat/")

    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/chat", "/chat/lobby")


@pytest.mark.parametrize(
    "path", ["//evil.example", "/a/../b", "/.", "talk", '/"><script>', "/a b", "/%2e", "/ä"]
)
def test_a_path_that_is_none_is_not_taken(path: str) -> None:
    assert arrived(peer=PROXY, x_forwarded_prefix=path)["SCRIPT_NAME"] == ""


# --- this machine ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("localhost.:8000", True),
        ("chat.localhost:8000", True),
        ("127.0.0.1", True),
        ("127.8.9.1:80", True),
        ("[::1]:8000", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.7:8000", False),
        ("rebind.test", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example:127", False),
        ("[", False),
        ("", False),
    ],
)
def test_which_names_are_this_machines(host: str, is_it: bool) -> None:
    assert is_local(host) == is_it


# --- the cookie -----------------------------------------------------------------------------

COOKIE = SignInCookie("the secret of one chat, which nobody can guess")
NAME, SECURE_NAME = COOKIE.name(is_https=False), COOKIE.name(is_https=True)


def token_shown(cookies: str, scheme: str = "http") -> str | None:
    return COOKIE.token({"HTTP_COOKIE": cookies, "wsgi.url_scheme": scheme})


def test_each_chat_has_a_cookie_of_its_own() -> None:
    assert SignInCookie("the secret of another chat").name(is_https=False) != NAME
    assert NAME.startswith("chat_token_")
    assert len(NAME) == len("chat_token_") + 8
    assert f"__Host-{NAME}" == SECURE_NAME


@pytest.mark.parametrize(
    ("cookies", "scheme", "token"),
    [
        (f"{NAME}=a", "http", "a"),
        (f"{SECURE_NAME}=a", "https", "a"),
        (f"{NAME}=a", "https", None),  # anybody between may have set it
        (f"{SECURE_NAME}=a; {NAME}=b", "https", "a"),
        (f"{NAME}=a; {NAME}=b", "http", None),
        (f"{NAME}=a; {NAME}=a", "http", "a"),
        (f"{NAME}=a; {NAME}=b; chat_token=c", "http", None),
        ("chat_token=old", "http", "old"),
        ("chat_token=old", "https", "old"),
        ("chat_token=old; chat_token=other", "http", None),
        (f"chat_token=old; {NAME}=a", "http", "a"),
        ("chat_token_00000000=a", "http", None),
        ("", "http", None),
    ],
)
def test_one_cookie_is_a_sign_in_and_two_different_ones_are_none(
    cookies: str, scheme: str, token: str | None
) -> None:
    assert token_shown(cookies, scheme) == token


def test_behind_a_second_proxy_that_says_http_of_itself_the_public_url_still_says_https() -> None:
    environ = {
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "chat.example",
        "HTTP_X_FORWARDED_FOR": "1.2.3.4, 127.0.0.1",
        "HTTP_X_FORWARDED_PROTO": "http",
    }
    assert Proxies((ip_network("127.0.0.0/8"),), "https://chat.example").is_https(environ)
