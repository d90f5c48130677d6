"""Credentials: the token that a request shows, and the cookie that keeps it for the page."""

from __future__ import annotations

from flask import Response, request

from chatapp.errors import Unauthorized
from chatapp.identity import COOKIE_NAME, Guest, People, Proxies

COOKIE_SECONDS = 30 * 86_400


def bearer_token() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def shown_token() -> str | None:
    """What a program shows outweighs what a browser keeps."""
    bearer = bearer_token()
    return request.cookies.get(COOKIE_NAME) if bearer is None else bearer


def guest_of(people: People) -> Guest:
    """Who asks. Raises ``Unauthorized`` or ``TokenExpired``."""
    token = shown_token()
    if token is None:
        raise Unauthorized
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
