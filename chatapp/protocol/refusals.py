"""The refusal: every ack that is a no, whatever was asked for, and however it came."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chatapp import errors
from chatapp.errors import ChatError
from chatapp.limits.table import Scope
from chatapp.protocol.forms import Ms

REFUSALS: tuple[type[ChatError], ...] = tuple(
    sorted(
        {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChatError)}
        - {ChatError},
        key=lambda kind: kind.code,
    )
)
CODES = [kind.code for kind in REFUSALS]


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why not. Only what is `retryable` may be repeated by a machine.

    `ref` finds the refusal in the server's log; `suggestion` is a free name, `wrote_at` when somebody who
    is not here wrote last under the name that was asked for, `version` the attachment's present one,
    `rev` what the message's text is as of, `upload` which file is meant and `why` what is wrong with it,
    `scope` who is over the limit, until `retry_after_ms` have passed.
    """

    code: Annotated[str, Meta(extra_json_schema={"enum": CODES})]
    message: str
    retryable: bool
    retry_after_ms: int | UnsetType = UNSET
    scope: Scope | UnsetType = UNSET
    field: str | UnsetType = UNSET
    suggestion: str | UnsetType = UNSET
    wrote_at: Ms | UnsetType = UNSET
    version: int | UnsetType = UNSET
    rev: int | UnsetType = UNSET
    upload: str | UnsetType = UNSET
    why: str | UnsetType = UNSET
    ref: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    ok: Literal[False] = False
    error: ErrorBody


def refusal(error: ChatError, ref: str) -> Refused:
    """The answer to a refused request; `ref` is a `new_ref()` that also went to the log."""
    return Refused(
        error=ErrorBody(
            code=error.code,
            message=error.message,
            retryable=error.retryable,
            retry_after_ms=UNSET if error.retry_after_ms is None else error.retry_after_ms,
            scope=error.extra.get("scope", UNSET),
            field=error.field or UNSET,
            suggestion=error.extra.get("suggestion", UNSET),
            wrote_at=error.extra.get("wrote_at", UNSET),
            version=error.extra.get("version", UNSET),
            rev=error.extra.get("rev", UNSET),
            upload=error.extra.get("upload", UNSET),
            why=error.extra.get("why") or UNSET,
            ref=ref,
        )
    )


def connect_refusal(error: ChatError) -> dict[str, Any]:
    """The `data` of a `connect_error`."""
    refused: dict[str, Any] = {"code": error.code, "message": error.message, "retryable": error.retryable}
    if error.retry_after_ms is not None:
        refused["retry_after_ms"] = error.retry_after_ms
    if "scope" in error.extra:
        refused["scope"] = error.extra["scope"]
    return refused


def new_ref() -> str:
    return secrets.token_hex(4)
