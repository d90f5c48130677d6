"""Health: is the process alive, should it get traffic, what has it counted."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from chatapp.metrics import CONTENT_TYPE, Metrics
from chatapp.protocol.rest import Health
from chatapp.web.bodies import json_answer


def make_health(
    *, not_ready: Callable[[], str | None], relay_trouble: Callable[[], str | None], metrics: Metrics
) -> Blueprint:
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def alive() -> Response:
        return json_answer(Health(status="ok"))

    @health.get("/readyz")
    def ready() -> Response:
        reason = not_ready()
        return json_answer(Health(status=reason or "ok", relay=relay_trouble()), 503 if reason else 200)

    @health.get("/metrics")
    def counted() -> Response:
        return Response(metrics.as_text(), content_type=CONTENT_TYPE)

    return health
