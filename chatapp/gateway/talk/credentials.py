"""Credentials: what a client shows on connecting, and whether it may show it.

A program shows its token in ``auth``. The page shows the cookie that the browser keeps for it,
and that counts only if the page is ours: a browser says so by the Origin, or, for the
requests of a page to its own host that carry none, by Sec-Fetch-Site or the Referer.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from chatapp.errors import ProtocolUnsupported, Unauthorized
from chatapp.identity import SignInCookie, is_origin_allowed, origin_of
from chatapp.limits import USER_ID_LENGTH
from chatapp.protocol import VERSION, parse_as
from chatapp.protocol.strict_json import check_text

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=USER_ID_LENGTH)]


class Auth(msgspec.Struct, frozen=True, kw_only=True):
    """The ``auth`` of a CONNECT packet: flat strings only."""

    token: str | None = None
    device: Short | None = None
    client: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    protocol: str | None = None


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    token: str
    device: str


def credentials(auth: Any, environ: Mapping[str, Any], cookie: SignInCookie) -> Credentials:
    """Raises ``BadRequest``, ``ProtocolUnsupported`` or ``Unauthorized``."""
    shown = Auth() if auth is None else parse_as(Auth, auth)
    if shown.protocol is not None and shown.protocol != VERSION:
        raise ProtocolUnsupported
    token = shown.token or (cookie.token(environ) if is_own_page(environ) else None)
    if token is None:
        raise Unauthorized
    if shown.device is not None:
        check_text(shown.device, "device")
    return Credentials(token=token, device=shown.device or "d_" + secrets.token_hex(8))


def is_own_page(environ: Mapping[str, Any]) -> bool:
    host = environ.get("HTTP_HOST", "")
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        return is_origin_allowed(origin, host, ())
    if "HTTP_SEC_FETCH_SITE" in environ:
        return bool(environ["HTTP_SEC_FETCH_SITE"] == "same-origin")
    return is_origin_allowed(origin_of(environ.get("HTTP_REFERER", "")), host, ())
