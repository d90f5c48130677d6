"""Signing in as a guest: a name once, a token from then on."""

from __future__ import annotations

import json
from typing import Any

from chatapp.client.http import Refused, exchange
from chatapp.client.wire import Json

__all__ = ["Refused", "call", "sign_in"]


def sign_in(url: str, name: str, token: str | None = None) -> Json:
    """`{token, expires_at, user}` of a guest of this name; with a token, the holder is renamed.

    Raises `Refused` or `ConnectionError`.
    """
    signed_in: Json = call(url, "POST", "/api/session", body={"name": name}, token=token)
    return signed_in


def call(
    url: str,
    method: str,
    path: str,
    *,
    body: Json | None = None,
    token: str | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    """One REST call; the decoded answer. Raises as `sign_in`."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    data = json.dumps(body).encode() if body else None
    return exchange(url, method, path, body=data, token=token, headers=sent).decoded
