"""Addresses of files that work without a token, for one person and a few minutes.

For what cannot show one: a browser that a terminal opens, a player, somebody's ``curl``. The signature is
over the file, the person and the time, so that nothing of it can be exchanged.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from itsdangerous import Signer

from chatapp.errors import Unauthorized

ADDRESS_MS = 600_000
_PURPOSE = "chatapp.identity.file-address"  # the key is derived for this use alone
_LONGEST = 256


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """``query`` goes behind the path of the file or of a thumbnail, and works until ``expires_at`` (ms)."""

    query: str
    expires_at: int


class FileAddresses:
    def __init__(self, secret_key: str) -> None:
        self._signer = Signer(secret_key, salt=_PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)

    def sign(self, upload_id: str, user_id: str, now_ms: int) -> Signed:
        expires_at = now_ms + ADDRESS_MS
        shown = {
            "u": user_id,
            "e": str(expires_at),
            "s": self._signature(upload_id, user_id, str(expires_at)),
        }
        return Signed(query=urlencode(shown), expires_at=expires_at)

    def person(self, upload_id: str, query: Mapping[str, str], now_ms: int) -> str | None:
        """The id of whom it was signed for; None: it is no signed address. Raises ``Unauthorized``."""
        if "s" not in query:
            return None
        user_id, expires_at, signature = (query.get(name, "") for name in ("u", "e", "s"))
        if not (expires_at.isascii() and expires_at.isdigit()) or max(map(len, query.values())) > _LONGEST:
            raise Unauthorized
        right = self._signature(upload_id, user_id, expires_at)
        is_right = hmac.compare_digest(right.encode(), signature.encode(errors="replace"))
        if not is_right or int(expires_at) <= now_ms:
            raise Unauthorized("This address of a file works no longer: ask for a new one.")
        return user_id

    def _signature(self, upload_id: str, user_id: str, expires_at: str) -> str:
        return self._signer.get_signature(f"{upload_id}/{user_id}/{expires_at}").decode()
