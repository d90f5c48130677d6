"""HTTP as this client speaks it: one request, and its answer or why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from chatapp.client.wire import Json

TIMEOUT_SECONDS = 10


class Refused(Exception):
    """The server said no; `code` is its wire code."""

    def __init__(self, error: Json) -> None:
        self.code: str = error["code"]
        self.retryable: bool = error.get("retryable", False)
        self.retry_after_ms: int | None = error.get("retry_after_ms")
        self.field: str | None = error.get("field")
        self.error = error
        super().__init__(f"{error.get('message', 'Refused.')} ({self.code})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    headers: Mapping[str, str]  # by whatever case
    body: bytes

    @property
    def decoded(self) -> Any:
        return json.loads(self.body or b"null")


def exchange(
    url: str,
    method: str,
    path: str,
    *,
    body: bytes | Iterable[bytes] | None = None,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Answer:
    """Raises `Refused`, or `ConnectionError` where nobody answers as a chat server does.

    A body in pieces needs its `Content-Length`. `timeout` (seconds) is for each step of it.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ConnectionError(f"{url} is not an http address")
    sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
    request = Request(url.rstrip("/") + path, method=method, headers=sent, data=body)
    try:
        with urlopen(request, timeout=timeout) as response:
            return Answer(headers=response.headers, body=response.read())
    except HTTPError as error:
        with error:
            raise _refused(error) from None
    except (OSError, HTTPException) as error:
        raise ConnectionError(f"No answer from {url}: {getattr(error, 'reason', error)}") from None


def _refused(error: HTTPError) -> Exception:
    try:
        return Refused(json.loads(error.read())["error"])
    except (ValueError, KeyError, TypeError):
        return NotOurs(error.code, f"{error.url} answered {error.code}, not as a chat server does")


class NotOurs(ConnectionError):
    """An answer with a status that says no, and not in our words."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)
