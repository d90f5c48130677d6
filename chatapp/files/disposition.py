"""Content-Disposition: under which name a browser keeps a file (RFC 6266), and that it does not show it.

The name is a person's. It never ends the header nor the line, and where it is more than plain letters it
comes a second time as RFC 8187 writes it, which every browser of today prefers.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal
from urllib.parse import quote

_FALLBACK = "file"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 !#$&'()+,.;=@\[\]^_`{}~-]")  # no quote, backslash, slash, nor percent
_ATTR_CHARS = "!#$&+-.^_`|~"  # of RFC 8187, besides letters and digits


def disposition(kind: Literal["inline", "attachment"], name: str) -> str:
    """The header's value, in ASCII."""
    plain = _plain(name)
    if plain == name:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(_whole(name), safe=_ATTR_CHARS)}"


def _plain(name: str) -> str:
    """For who reads no other: without accents, and a low line for what has no plain letter."""
    letters = unicodedata.normalize("NFKD", name)
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = re.sub("_{2,}", "_", _NOT_PLAIN.sub("_", letters)).strip(" .")
    return plain if plain.strip("_") else _FALLBACK


def _whole(name: str) -> str:
    """Without what no name holds: controls, and halves of characters."""
    kept = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cs"))
    return kept or _FALLBACK
