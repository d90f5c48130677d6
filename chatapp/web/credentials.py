"""Credentials: the token that a request shows, and the cookie that keeps it for the page."""

from __future__ import annotations

from itertools import accumulate

from flask import Response, request

from chatapp.errors import Unauthorized
from chatapp.identity import OLD_COOKIE_NAME, Guest, People, SignInCookie
from chatapp.limits.rates import Rates

COOKIE_SECONDS = 30 * 86_400


def bearer_token() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def shown_token(cookie: SignInCookie) -> str | None:
    """What a program shows outweighs what a browser keeps."""
    bearer = bearer_token()
    return cookie.token(request.environ) if bearer is None else bearer


def visitor_of(people: People, rates: Rates, cookie: SignInCookie) -> Guest:
    """Who asks. Raises ``Unauthorized``, ``TokenExpired`` or ``RateLimited``."""
    token = shown_token(cookie)
    if token is None:
        raise Unauthorized
    return guest_of(token, people, rates)


def guest_of(token: str, people: People, rates: Rates) -> Guest:
    """Who holds it, within the rate: all that one person asks over HTTP has the budget of one connection.

    The token alone says whose budget it is, so that whoever has none left costs the table nothing.
    Raises ``Unauthorized``, ``TokenExpired`` or ``RateLimited``.
    """
    rates.check_request(people.user_id_of(token))
    return people.verify(token)


def keep_cookie(response: Response, token: str, cookie: SignInCookie) -> Response:
    response.set_cookie(
        cookie.name(is_https=request.is_secure),
        token,
        max_age=COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return _drop_old(response, token, cookie)


def drop_cookie(response: Response, cookie: SignInCookie) -> Response:
    token = cookie.token(request.environ)
    _drop(response, cookie.name(is_https=request.is_secure))
    return response if token is None else _drop_old(response, token, cookie)


def drop_foreign_cookies(response: Response, cookie: SignInCookie) -> Response:
    """Where somebody else has set one of that name: whichever there can be, but ours, this host's for ``/``.

    A browser tells neither the host nor the path of what it shows, so each that may be meant is named.
    """
    name = cookie.contested_name(request.environ)
    if name is not None:
        for host in (None, *_hosts_above(request.host.rpartition(":")[0] or request.host)):
            for path in _paths_above(request.script_root + request.path):
                if (host, path) != (None, "/"):
                    _drop(response, name, path=path, domain=host)
    return response


def _hosts_above(host: str) -> list[str]:
    """Itself, and those it belongs to; none of an address."""
    labels = host.split(".")
    return [] if labels[-1].isdigit() else [".".join(labels[at:]) for at in range(len(labels) - 1)]


def _paths_above(path: str) -> list[str]:
    whole = list(accumulate(path.strip("/").split("/"), lambda above, part: f"{above}/{part}"))
    return ["/", *(f"/{part}{end}" for part in whole if part for end in ("", "/"))]


def _drop_old(response: Response, token: str, cookie: SignInCookie) -> Response:
    """Another chat on this host may still keep a token of its own under the name that all had."""
    if cookie.is_old(request.environ, token):
        _drop(response, OLD_COOKIE_NAME)
    return response


def _drop(response: Response, name: str, *, path: str = "/", domain: str | None = None) -> None:
    response.delete_cookie(
        name, path=path, domain=domain, secure=request.is_secure, httponly=True, samesite="Lax"
    )
