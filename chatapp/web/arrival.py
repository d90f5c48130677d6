"""Arrival: what a request is made into before anybody reads it, and which hosts it may ask for.

Behind this door the environ says what the visitor's browser wrote, whatever stands in between. A chat
that listens on its own machine only is known there by the names of that machine: a page whose own name
was made to point here (DNS rebinding) would otherwise be taken for ours.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from flask import Response
from werkzeug.utils import redirect

from chatapp.errors import Forbidden
from chatapp.identity import Proxies
from chatapp.metrics import Metrics
from chatapp.protocol import new_ref, refusal
from chatapp.web.bodies import json_answer

logger = logging.getLogger(__name__)

_WRITTEN_HOST = "chatapp.written_host"
_ASKED_BY_MACHINES = ("/healthz", "/readyz", "/metrics")
_WHAT_TO_SET = (
    "This chat listens on its own machine only and is not known by the name that this request asks for. "
    "Set CHAT_PUBLIC_URL to the address people use, or CHAT_TRUSTED_PROXIES to the proxy in front."
)


class Arrival:
    """Wraps the WSGI application, outermost."""

    def __init__(self, app: Any, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[_WRITTEN_HOST] = environ.get("HTTP_HOST", "")
        self._proxies.arrive(environ)
        # The path that the chat lies under, without the slash at its end. Werkzeug would name a host, too.
        is_bare = environ["SCRIPT_NAME"] and not environ["PATH_INFO"]
        app = redirect(environ["SCRIPT_NAME"] + "/") if is_bare else self._app
        answer: Iterable[bytes] = app(environ, start_response)
        return answer


class OwnNames:
    """Wraps the WSGI application: what asks for a host of another name is refused."""

    def __init__(self, app: Any, proxies: Proxies, metrics: Metrics) -> None:
        self._app = app
        self._proxies = proxies
        self._metrics = metrics
        self._has_warned = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        app = self._app if self._may_ask(environ, environ[_WRITTEN_HOST]) else self._refusal()
        answer: Iterable[bytes] = app(environ, start_response)
        return answer

    def _may_ask(self, environ: dict[str, Any], host: str) -> bool:
        return (
            not host  # no browser leaves it out
            or is_local(host)
            or self._proxies.is_public_name(_name_in(host))
            or self._proxies.is_proxy(environ)
            or environ["PATH_INFO"] in _ASKED_BY_MACHINES
        )

    def _refusal(self) -> Response:
        if not self._has_warned:  # once: whoever sends it can send any number
            logger.warning("a request for a host of another name was refused: %s", _WHAT_TO_SET)
            self._has_warned = True
        self._metrics.refused(Forbidden.code)
        error = Forbidden(_WHAT_TO_SET)
        return json_answer(refusal(error, new_ref()), error.http_status)


def is_local(host: str) -> bool:
    """Whether a Host header names the machine itself."""
    name = _name_in(host)
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _name_in(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    name = host if host.count(":") > 1 else re.sub(r":\d*$", "", host)
    return name.lower().removesuffix(".")
