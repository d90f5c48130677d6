"""The cookie that keeps a page's token: one of its own for each chat, and no other site's doing.

Cookies know neither ports nor, for a sibling's host, whose they are. So the name holds a fingerprint of
the chat's secret, and over https it begins with ``__Host-``, which a browser lets nobody set but this
host. Where two different ones of that name are shown, somebody else has set one: neither counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from werkzeug.http import parse_cookie

from chatapp.protocol.rest import COOKIE

OLD_COOKIE_NAME = COOKIE
"""What every chat called it, before each had a name of its own."""

_PURPOSE = b"chatapp.identity.cookie-name"


class SignInCookie:
    """Asked about requests that have arrived (see ``Proxies.arrive``): their scheme is the visitor's."""

    def __init__(self, secret_key: str) -> None:
        fingerprint = hmac.new(secret_key.encode(), _PURPOSE, hashlib.sha256).hexdigest()[:8]
        self._name = f"{COOKIE}_{fingerprint}"

    def name(self, *, is_https: bool) -> str:
        return f"__Host-{self._name}" if is_https else self._name

    def is_shown(self, environ: Mapping[str, Any]) -> bool:
        return bool(self._shown(environ))

    def contested_name(self, environ: Mapping[str, Any]) -> str | None:
        """The name under which somebody else has set one too."""
        shown = parse_cookie(environ.get("HTTP_COOKIE"))
        names = (self._name_at(environ), OLD_COOKIE_NAME)
        return next((name for name in names if len(set(shown.getlist(name))) > 1), None)

    def token(self, environ: Mapping[str, Any]) -> str | None:
        shown = self._shown(environ)
        return shown.pop() if len(shown) == 1 else None

    def is_old(self, environ: Mapping[str, Any], token: str) -> bool:
        """Whether it is shown under the name that every chat used to have."""
        return token in parse_cookie(environ.get("HTTP_COOKIE")).getlist(OLD_COOKIE_NAME)

    def _name_at(self, environ: Mapping[str, Any]) -> str:
        return self.name(is_https=environ.get("wsgi.url_scheme") == "https")

    def _shown(self, environ: Mapping[str, Any]) -> set[str]:
        cookies = parse_cookie(environ.get("HTTP_COOKIE"))
        ours = cookies.getlist(self._name_at(environ))
        # The old name is only read. Nobody renews it, so a browser drops it 30 days after its last visit.
        return set(ours or cookies.getlist(OLD_COOKIE_NAME))
