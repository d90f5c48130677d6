"""A token is genuine to the letter, known to the table, not revoked and not expired, or worth nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from ipaddress import ip_network
from typing import Any

import pytest
from itsdangerous import Signer, URLSafeSerializer

from chatapp.errors import StorageFull, TokenExpired, Unauthorized
from chatapp.identity import People, Proxies, Tokens, is_origin_allowed
from chatapp.identity.tokens import TokenParts, new_parts
from tests.fakes.users import TTL_MS, FakeUsers

KEY = "the key of this chat, which nobody can guess"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture
def users() -> FakeUsers:
    return FakeUsers()


@pytest.fixture
def people(users: FakeUsers) -> People:
    return People(tokens=Tokens(KEY), ask_users=users, clock=users)


# --- tokens ---------------------------------------------------------------------------------


def test_a_guest_is_known_again_by_the_token(people: People) -> None:
    token, guest = people.sign_in("Ana")

    assert people.verify(token) == guest
    assert people.user_id_of(token) == guest.user_id
    assert guest.name == "Ana"
    assert guest.user_id.startswith("u_")


def test_a_token_has_128_random_bits_and_no_two_are_alike() -> None:
    many = [new_parts() for _ in range(200)]

    assert len({parts.token_id for parts in many}) == len({parts.user_id for parts in many}) == 200
    assert all(len(base64.urlsafe_b64decode(parts.token_id + "==")) == 16 for parts in many)


def test_tokens_are_compared_in_constant_time(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but compare_digest says yes: the whole string is put to it, then the random part."""
    token, guest = people.sign_in("Ana")
    compared: list[tuple[str, str]] = []

    def noted(ours: str, theirs: str) -> bool:
        compared.append((ours, theirs))
        return True

    monkeypatch.setattr(hmac, "compare_digest", noted)
    garbled = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert people.verify(garbled) == guest
    assert compared == [(token, garbled), (token.split(".")[1],) * 2]

    monkeypatch.setattr(hmac, "compare_digest", lambda ours, theirs: False)
    with pytest.raises(Unauthorized):
        people.verify(token)


def _unsigned_jwt(user_id: str) -> str:
    parts: list[Any] = [{"alg": "none", "typ": "JWT"}, {"sub": user_id}]
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
    )


def _strangers_tokens() -> dict[str, str]:
    parts = TokenParts(user_id="u_1", token_id="A" * 22)
    genuine = Tokens(KEY).issue(parts)
    head = genuine.rpartition(".")[0]
    return {
        "empty": "",
        "a word": "token",
        "dots": "...",
        "only the head": head,
        "an empty signature": head + ".",
        "no signature at all": head.replace(".", ""),
        "white space": f" {genuine}",
        "a line break": genuine + "\n",
        "twice": genuine + genuine,
        "upper case": genuine.upper(),
        "somebody else's name on it": genuine.replace("u_1", "u_2"),
        "another separator": genuine.replace(".", ":"),
        "another key": Tokens("another key, which nobody can guess either").issue(parts),
        "another purpose": Signer(KEY, salt="cookie", key_derivation="hmac", digest_method=hashlib.sha256)
        .sign(head)
        .decode(),
        "SHA-1": Signer(KEY, salt="chatapp.identity.guest-token", key_derivation="hmac").sign(head).decode(),
        "Flask's kind of cookie": str(URLSafeSerializer(KEY).dumps(["u_1", "A" * 22])),
        "alg none": _unsigned_jwt("u_1"),
        "not ASCII": "ü" + genuine,
        "full-width": genuine.replace("1", "１"),
        "a lone surrogate": genuine + "\ud800",
        "NUL": genuine + "\x00",
        "very long": "u_1." * 100_000,
    }


@pytest.mark.parametrize("token", _strangers_tokens().values(), ids=_strangers_tokens().keys())
def test_what_we_did_not_sign_is_refused_without_asking_the_table(
    people: People, users: FakeUsers, token: str
) -> None:
    users.create("u_1", name="Ana", token_id="A" * 22)

    with pytest.raises(Unauthorized):
        people.verify(token)
    with pytest.raises(Unauthorized):
        people.user_id_of(token)
    assert users.asked == 0


def test_no_letter_of_a_token_can_be_another(people: People) -> None:
    """The last letter too: base64 has four spellings of it."""
    token, _ = people.sign_in("Ana")

    for at, letter in enumerate(token):
        is_last = at == len(token) - 1
        for other in string.ascii_letters + string.digits + "-_." if is_last else "aZ0-_.":
            if other != letter:
                with pytest.raises(Unauthorized):
                    people.verify(token[:at] + other + token[at + 1 :])


# --- its time -------------------------------------------------------------------------------


def test_a_token_ends_thirty_days_after_its_last_use(people: People, users: FakeUsers) -> None:
    token, guest = people.sign_in("Ana")

    users.now = guest.expires_at - 1
    assert people.verify(token).expires_at == users.now + TTL_MS
    users.now += TTL_MS
    with pytest.raises(TokenExpired):
        people.verify(token)


def test_use_moves_the_expiry_on_at_most_once_an_hour(people: People, users: FakeUsers) -> None:
    token, _ = people.sign_in("Ana")

    for _ in range(6):
        users.now += HOUR_MS // 2 + 1
        people.verify(token)

    assert users.touches == 3


def test_a_disk_that_is_full_locks_nobody_out(people: People, users: FakeUsers) -> None:
    token, guest = people.sign_in("Ana")
    users.now += DAY_MS
    users.write_fails = StorageFull()

    assert people.verify(token) == guest


def test_the_token_stays_the_same_through_a_change_of_name(people: People) -> None:
    token, guest = people.sign_in("Ana")

    renamed = people.rename(guest, "Anna")

    assert people.verify(token) == renamed
    assert (renamed.user_id, renamed.name) == (guest.user_id, "Anna")


def test_who_signed_out_is_out_for_good(people: People, users: FakeUsers) -> None:
    token, guest = people.sign_in("Ana")

    people.sign_out(guest)

    for _ in range(2):
        with pytest.raises(Unauthorized):
            people.verify(token)
        users.now += DAY_MS


# --- where a request comes from -------------------------------------------------------------

INNER = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # a stranger's word
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the client put the first one there
        ("10.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"),  # two proxies of ours
        ("10.0.0.1", "10.1.1.1", "10.1.1.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("", "198.51.100.1", ""),
    ],
)
def test_a_forwarded_address_counts_only_from_a_trusted_proxy(
    peer: str, forwarded: str | None, address: str
) -> None:
    environ = {"REMOTE_ADDR": peer} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})

    assert Proxies(INNER).address_of(environ) == address


@pytest.mark.parametrize(
    ("peer", "scheme", "forwarded", "is_https"),
    [
        ("203.0.113.7", "http", "https", False),
        ("10.0.0.1", "http", "https", True),
        ("10.0.0.1", "http", "http, https", True),
        ("10.0.0.1", "http", "https, http", False),
        ("10.0.0.1", "https", "", True),
        ("203.0.113.7", "https", "http", True),
    ],
)
def test_a_forwarded_scheme_counts_only_from_a_trusted_proxy(
    peer: str, scheme: str, forwarded: str, is_https: bool
) -> None:
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": scheme, "HTTP_X_FORWARDED_PROTO": forwarded}

    assert Proxies(INNER).is_https(environ) == is_https


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("http://chat.example:8000", True),
        ("https://chat.example:8000", True),  # TLS ended before us
        ("http://CHAT.example:8000", True),
        ("https://friend.example", True),
        ("http://friend.example", False),
        ("http://chat.example", False),
        ("http://chat.example:8001", False),
        ("http://chat.example:8000.evil.example", False),
        ("http://chat.example:8000@evil.example", False),
        ("http://evil.example/chat.example:8000", False),
        ("http://sub.chat.example:8000", False),
        ("http://chat.example:8000/path", False),
        ("ftp://chat.example:8000", False),
        ("chrome-extension://chat.example:8000", False),
        ("null", False),
        ("", False),
        ("http://[", False),
        ("*", False),
    ],
)
def test_only_our_own_page_and_listed_ones_are_allowed(origin: str, is_allowed: bool) -> None:
    assert is_origin_allowed(origin, "chat.example:8000", ("https://friend.example",)) == is_allowed


def test_without_a_host_nobody_is_at_home() -> None:
    assert not is_origin_allowed("http://", "", ())


def test_to_stay_connected_moves_the_expiry_on(people: People, users: FakeUsers) -> None:
    _, ana = people.sign_in("Ana")
    users.now += 29 * 86_400_000

    assert people.renew(ana.user_id) == users.now + TTL_MS


def test_a_sign_in_that_has_run_out_is_not_renewed(people: People, users: FakeUsers) -> None:
    _, ana = people.sign_in("Ana")
    users.now += TTL_MS

    with pytest.raises(TokenExpired):
        people.renew(ana.user_id)


def test_one_who_has_signed_out_is_not_renewed(people: People) -> None:
    _, ana = people.sign_in("Ana")
    people.sign_out(ana)

    with pytest.raises(Unauthorized):
        people.renew(ana.user_id)
