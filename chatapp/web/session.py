"""Signing in and out: ``/api/session``.

A name makes a guest. Programs keep the token themselves; a browser keeps it in a cookie that no
script can read and that moves on with the token's expiry.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from chatapp.errors import ChatError
from chatapp.identity import Guest, People, Proxies, SignInCookie
from chatapp.limits import weights
from chatapp.limits.rates import Rates
from chatapp.protocol import User
from chatapp.protocol.rest import SignedIn, SignedOut, WhoAmI, parse_sign_in
from chatapp.web.bodies import json_answer, json_body
from chatapp.web.credentials import bearer_token, drop_cookie, keep_cookie, shown_token, visitor_of


def make_session(
    *,
    people: People,
    rates: Rates,
    proxies: Proxies,
    cookie: SignInCookie,
    on_renamed: Callable[[str, str], None],
) -> Blueprint:
    """``on_renamed`` is told the user id and the new name of whoever has one."""
    session = Blueprint("session", __name__, url_prefix="/api/session")

    @session.post("")
    def sign_in() -> Response:
        rates.check_sign_in(proxies.address_of(request.environ))
        name = parse_sign_in(json_body()).name
        known = _known(people, cookie)
        if known is None:
            rates.check_new_guest(ip=proxies.address_of(request.environ), weight=weights.of_guest(name))
            token, guest = people.sign_in(name)
        else:
            token, guest = known[0], people.rename(known[1], name)
            on_renamed(guest.user_id, name)
        answer = SignedIn(token=token, expires_at=guest.expires_at, user=_user(guest))
        return keep_cookie(json_answer(answer), token, cookie)

    @session.get("")
    def who_am_i() -> Response:
        guest = visitor_of(people, rates, cookie)
        response = json_answer(WhoAmI(expires_at=guest.expires_at, user=_user(guest)))
        token = shown_token(cookie) if bearer_token() is None else None
        return response if token is None else keep_cookie(response, token, cookie)

    @session.delete("")
    def sign_out() -> Response:
        people.sign_out(visitor_of(people, rates, cookie))
        return drop_cookie(json_answer(SignedOut()), cookie)

    return session


def _known(people: People, cookie: SignInCookie) -> tuple[str, Guest] | None:
    """Who is renamed, with their token; None: somebody new.

    A program that shows a bad token is told. A browser cannot help what its cookie says: a cookie
    that no longer counts makes way for a new one.
    """
    token = shown_token(cookie)
    if token is None:
        return None
    try:
        return token, people.verify(token)
    except ChatError as refusal:
        if refusal.retryable or bearer_token() is not None:
            raise
        return None


def _user(guest: Guest) -> User:
    return User(id=guest.user_id, name=guest.name)
