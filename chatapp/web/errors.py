"""Errors: every refusal and every failure, as an object to a program and as a page to a person.

What a stranger sees has a code, a sentence and, in JSON or when something failed, a reference; what
went wrong inside stays in the log, under the same reference.
"""

from __future__ import annotations

import logging
from math import ceil

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from chatapp.errors import BadRequest, ChatError, Internal, TooLong, UnknownEvent
from chatapp.metrics import Metrics
from chatapp.protocol import new_ref, refusal
from chatapp.web.bodies import json_answer

logger = logging.getLogger(__name__)

_TITLES = {
    400: "This address does not work",
    404: "This page does not exist",
    410: "This is gone",
    405: "This cannot be done here",
    413: "That was too much",
    429: "That was too fast",
    500: "Something went wrong",
    503: "Not right now",
}


def answer_errors(app: Flask, metrics: Metrics) -> None:
    @app.errorhandler(ChatError)
    def refused(error: ChatError) -> Response:
        return _answer(error, error.http_status, metrics)

    @app.errorhandler(HTTPException)
    def not_routed(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return error.get_response()  # type: ignore[return-value]  # a redirect of the router's
        response = _answer(_as_refusal(error), error.code, metrics)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        return _answer(Internal(), Internal.http_status, metrics, cause=error)


def _as_refusal(error: HTTPException) -> ChatError:
    match error.code:
        case 404:
            return UnknownEvent("There is nothing at this address.")
        case 405:
            return UnknownEvent("This address does not know this method.")
        case 413:
            return TooLong("The body is too long.")
        case code if code is not None and code < 500:
            return BadRequest("The request is not what this address accepts.")
        case _:
            return Internal()


def _answer(error: ChatError, status: int, metrics: Metrics, cause: Exception | None = None) -> Response:
    ref = new_ref()
    metrics.refused(error.code)
    if cause is not None:
        logger.error("a request failed", exc_info=cause, extra={"ref": ref, "route": _route()})
    else:
        # A stranger can cause any number of 4xx: the metrics count them.
        level = logging.DEBUG if status < 500 else logging.INFO
        logger.log(level, "a request was refused", extra={"ref": ref, "code": error.code, "route": _route()})
    if _is_for_programs():
        response = json_answer(refusal(error, ref), status)
    else:
        title = _TITLES.get(status, "This did not work")
        # A reference finds what went wrong in the log; a wrong address is nobody's fault but its own.
        shown_ref = ref if status >= 500 else None
        page = render_template("error.html", status=status, title=title, text=error.message, ref=shown_ref)
        response = Response(page, status)
    if error.retry_after_ms is not None:
        response.headers["Retry-After"] = str(ceil(error.retry_after_ms / 1000))
    return response


def _is_for_programs() -> bool:
    """A file is asked for by scripts as well, and opened by people."""
    if request.path.startswith("/files/"):
        return "text/html" not in request.headers.get("Accept", "")
    return request.path.startswith("/api/") or request.path == "/api"


def _route() -> str:
    """The pattern that matched, never the path itself: a room's address is its key."""
    return "" if request.url_rule is None else request.url_rule.rule
