"""Signing in as a guest: a name once, a token from then on."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from chatapp.client.wire import Json


class Refused(Exception):
    """The server said no; `code` is its wire code."""

    def __init__(self, error: Json) -> None:
        self.code: str = error["code"]
        self.retryable: bool = error.get("retryable", False)
        self.retry_after_ms: int | None = error.get("retry_after_ms")
        self.field: str | None = error.get("field")
        self.error = error
        super().__init__(f"{error.get('message', 'Refused.')} ({self.code})")


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
    """One REST call; the decoded answer."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ConnectionError(f"{url} is not an http address")
    sent = {"Content-Type": "application/json", **(headers or {})}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    request = Request(
        url.rstrip("/") + path, method=method, headers=sent, data=json.dumps(body).encode() if body else None
    )
    try:
        with urlopen(request, timeout=10) as response:
            return json.loads(response.read() or b"null")
    except HTTPError as error:
        with error:
            raise _refused(error) from None
    except (URLError, TimeoutError) as error:
        raise ConnectionError(f"No answer from {url}: {getattr(error, 'reason', error)}") from None


def _refused(error: HTTPError) -> Exception:
    try:
        return Refused(json.loads(error.read())["error"])
    except (ValueError, KeyError, TypeError):
        return ConnectionError(f"{error.url} answered {error.code}, not as a chat server does")
