"""Tokens: the string that proves a guest's id.

``<user id>.<128 random bits>.<signature>``. The string never changes and says nothing about time:
whether it still counts is a question to the table of users. What the signature settles without
asking anybody is that the string is ours, so that strangers' inventions cost no query.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import msgspec
from itsdangerous import Signer

from chatapp.errors import Unauthorized

_PURPOSE = "chatapp.identity.guest-token"  # the key is derived for this use alone
_LONGEST = 256
_SEPARATOR = "."


class TokenParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a genuine token says."""

    user_id: str
    token_id: str


class Tokens:
    def __init__(self, secret_key: str) -> None:
        self._signer = Signer(
            secret_key, salt=_PURPOSE, sep=_SEPARATOR, key_derivation="hmac", digest_method=hashlib.sha256
        )

    def issue(self, parts: TokenParts) -> str:
        return self._signer.sign(f"{parts.user_id}{_SEPARATOR}{parts.token_id}").decode()

    def parts(self, token: str) -> TokenParts:
        """Raises ``Unauthorized`` for everything that is not, to the letter, a token we issued."""
        if not token.isascii() or len(token) > _LONGEST:
            raise Unauthorized
        user_id, _, rest = token.partition(_SEPARATOR)
        parts = TokenParts(user_id=user_id, token_id=rest.partition(_SEPARATOR)[0])
        # The whole string is made anew and compared: base64 has several spellings of one signature.
        if not hmac.compare_digest(self.issue(parts), token):
            raise Unauthorized
        return parts


def new_parts() -> TokenParts:
    return TokenParts(user_id=f"u_{secrets.token_hex(10)}", token_id=secrets.token_urlsafe(16))
