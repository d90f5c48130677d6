"""What a file may be called, and what may be said of a picture for those who do not see it.

A name is shown beside what other people say, and becomes that of a file on their disks. So it has no path, no
controls, and nothing that turns the rest of its line around.
"""

from __future__ import annotations

import re
import unicodedata

from chatapp.errors import BadRequest, TooLong
from chatapp.protocol.strict_json import check_text

NAME_BYTES = 255  # what file systems take
ALT_LENGTH = 1_000  # characters
UNNAMED = "file"

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_CONTROLS_OF_TEXTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def normal_file_name(text: str, field: str = "filename") -> str:
    """In the one form in which it is kept; what a name cannot be is refused, not mended."""
    check_text(text, field)
    if _CONTROLS.search(text):
        raise BadRequest("A file’s name has no control characters.", field=field)
    name = unicodedata.normalize("NFC", text).strip()
    if "/" in name or "\\" in name or name in (".", ".."):
        raise BadRequest("A file’s name is no path.", field=field)
    if len(name.encode()) > NAME_BYTES:
        raise TooLong(f"A file’s name has at most {NAME_BYTES} bytes.", field=field)
    if not name:
        raise BadRequest("A file’s name is not empty.", field=field)
    return name


def normal_alt(text: str, field: str = "alt") -> str:
    """What is said of a picture; may be empty, and have lines."""
    check_text(text, field)
    if _CONTROLS_OF_TEXTS.search(text):
        raise BadRequest("A description has no control characters.", field=field)
    alt = unicodedata.normalize("NFC", text).strip()
    if len(alt) > ALT_LENGTH:
        raise TooLong(f"A description has at most {ALT_LENGTH:,} characters.", field=field)
    return alt
