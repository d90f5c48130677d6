"""Credentials: the token that a request shows, and the cookie that keeps it for the page."""

from __future__ import annotations

from flask import Response, request

from chatapp.errors import Unauthorized
from chatapp.identity import COOKIE_NAME, Guest, People, Proxies
from chatapp.limits.rates import Rates

COOKIE_SECONDS = 30 * 86_400


def bearer_token() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def shown_token() -> str | None:
    """What a program shows outweighs what a browser keeps."""
    bearer = bearer_token()
    return request.cookies.get(COOKIE_NAME) if bearer is None else bearer


def visitor_of(people: People, rates: Rates) -> Guest:
    """Who asks. Raises ``Unauthorized``, ``TokenExpired`` or ``RateLimited``."""
    token = shown_token()
    if token is None:
        raise Unauthorized
    return guest_of(token, people, rates)


def guest_of(token: str, people: People, rates: Rates) -> Guest:
    """Who holds it, within the rate: all that one person asks over HTTP has the budget of one connection.

    The token alone says whose budget it is, so that whoever has none left costs the table nothing.
    Raises ``Unauthorized``, ``TokenExpired`` or ``RateLimited``.
    """
    rates.check_event(f"http:{people.user_id_of(token)}")
    return people.verify(token)


def keep_cookie(response: Response, token: str, proxies: Proxies) -> Response:
    response.set_cookie(
        COOKIE_NAME,
        token,
        max_age=COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=proxies.is_https(request.environ),
    )
    return response


def drop_cookie(response: Response) -> Response:
    response.delete_cookie(COOKIE_NAME, path="/", httponly=True, samesite="Lax")
    return response
