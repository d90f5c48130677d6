"""The small words of the wire: room ids, names, message ids, the text of a message, emoji.

Each function takes what a stranger sent and gives the one form in which the system knows it,
or refuses with the field's name. Two spellings that look the same are the same room.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import regex
from msgspec import Meta

from chatapp import limits
from chatapp.errors import BadRequest, Empty, TooLong
from chatapp.protocol.strict_json import check_text
from chatapp.rooms.sight import has_no_meaning, has_unseen, is_readable, shows_nothing

# Lengths count code points after normalisation, so they are checked by the functions below and
# not by the types; the types carry them into the documents.
RoomId: TypeAlias = Annotated[
    str,
    Meta(
        description="The room: any text without controls and `/`, not `.` or `..`; outer spaces cut, NFC.",
        extra_json_schema={
            "minLength": 1,
            "maxLength": limits.ROOM_ID_LENGTH,
            "pattern": "^(?!\\.{1,2}$)[^/\\u0000-\\u001f\\u007f-\\u009f]+$",
        },
    ),
]
PersonName: TypeAlias = Annotated[
    str,
    Meta(
        description="What a person wants to be called, without controls; surrounding spaces are cut, NFC.",
        extra_json_schema={"minLength": 1, "maxLength": limits.NAME_LENGTH},
    ),
]
ClientId: TypeAlias = Annotated[
    str,
    Meta(
        description="The sender's own id of a message, a UUID say; unique together with the user.",
        extra_json_schema={"pattern": f"^[A-Za-z0-9_-]{{1,{limits.CLIENT_ID_LENGTH}}}$"},
    ),
]
Content: TypeAlias = Annotated[
    str,
    Meta(
        description="The text of a message, with something in it that can be seen.",
        extra_json_schema={"minLength": 1, "maxLength": limits.CONTENT_LENGTH, "pattern": "\\S"},
    ),
]

MessageText: TypeAlias = Annotated[
    str,
    Meta(
        description="The text of a message, with something in it that can be seen; empty only beside files.",
        extra_json_schema={"maxLength": limits.CONTENT_LENGTH, "pattern": "^$|\\S"},
    ),
]
UploadId: TypeAlias = Annotated[
    str,
    Meta(
        description="The id of a file in the room, by which it is uploaded, sent and read.",
        extra_json_schema={"pattern": "^[A-Za-z0-9_-]{22}$"},
    ),
]
UploadIds: TypeAlias = Annotated[
    list[UploadId], Meta(max_length=limits.UPLOADS_PER_MESSAGE, extra_json_schema={"uniqueItems": True})
]

Emoji: TypeAlias = Annotated[
    str,
    Meta(
        description="One emoji, as people see it; in its form for a picture.",
        extra_json_schema={"minLength": 1, "maxLength": limits.EMOJI_LENGTH},
    ),
]

# By UTS #51: a flag, a keycap, a flag with tags, or pictures that are joined to one. Which of them fonts
# really have, no list of ours could know for long.
_PICTURE = (
    r"(?:\p{Emoji_Modifier_Base}\uFE0F?\p{Emoji_Modifier}"
    r"|(?!\p{Regional_Indicator})[\p{Extended_Pictographic}\p{Emoji_Presentation}]\uFE0F?)"
)
_EMOJI = regex.compile(
    r"\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F"
    rf"|{_PICTURE}(?:\u200D{_PICTURE})*"
)
# What is a sign of a text by itself, and a picture with U+FE0F behind it.
_SIGN = regex.compile(
    r"(?!\p{Emoji_Presentation})\p{Extended_Pictographic}(?!\p{Emoji_Modifier})|[0-9#*](?=\u20E3)"
)

# Controls in the sense of a reader: C0, C1, line and paragraph separators, and the bidirectional
# overrides and isolates, with which a name could turn its whole line around.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_UPLOAD_ID = re.compile("[A-Za-z0-9_-]{22}")
_CLIENT_ID = re.compile(f"[A-Za-z0-9_-]{{1,{limits.CLIENT_ID_LENGTH}}}")


def normal_room_id(text: str, field: str = "room") -> str:
    room_id = _normal(text, "A room’s name", field, limits.ROOM_ID_LENGTH)
    if "/" in room_id:
        raise BadRequest("A room’s name has no “/”.", field=field)
    if room_id in (".", ".."):  # a browser walks along them instead of opening the page
        raise BadRequest("A room’s name is more than dots.", field=field)
    return room_id


def check_new_room_id(room_id: str, field: str = "room") -> None:
    """A room that is made now is one that can be told from others; what exists stays where it is."""
    if has_unseen(room_id):
        raise BadRequest("A new room’s name has no characters that cannot be seen.", field=field)


def normal_name(text: str, field: str = "name") -> str:
    name = _normal(text, "A name", field, limits.NAME_LENGTH)
    if not is_readable(name):
        raise BadRequest("A name needs something that can be seen.", field=field)
    if has_no_meaning(name):
        raise BadRequest("A name has only characters that everybody reads alike.", field=field)
    return name


def checked_shown_name(text: str, field: str) -> str:
    """A name as it stands in a text: as it was typed there."""
    check_text(text, field)
    if not 1 <= len(text) <= limits.NAME_LENGTH or _CONTROLS.search(text):
        raise BadRequest(
            f"A name has 1 to {limits.NAME_LENGTH} characters, and no control characters.", field=field
        )
    return text


def checked_client_id(text: str, field: str = "client_id") -> str:
    if not _CLIENT_ID.fullmatch(text):
        raise BadRequest(
            f"A client id is 1 to {limits.CLIENT_ID_LENGTH} letters, digits, “-” or “_”.", field=field
        )
    return text


def given_key(idempotency_key: str | None) -> str:
    """The client id of what is sent over HTTP, as its header says it."""
    if not idempotency_key:
        raise BadRequest("The header Idempotency-Key is missing.", field="Idempotency-Key")
    return idempotency_key


def checked_user_id(text: str, field: str = "userId") -> str:
    """A user id as clients of the plain dialect bring it along."""
    if not 1 <= len(text) <= limits.USER_ID_LENGTH or not text.isprintable():
        raise BadRequest(f"A user id is 1 to {limits.USER_ID_LENGTH} printable characters.", field=field)
    return text


def checked_content(text: str, field: str = "content") -> str:
    """The text of a message, kept exactly as it was written."""
    check_text(text, field)
    if len(text) > limits.CONTENT_LENGTH:
        raise TooLong(f"A message has at most {limits.CONTENT_LENGTH:,} characters.", field=field)
    if shows_nothing(text):
        raise Empty(field=field)
    return text


def checked_text(text: str, *, may_have_files: bool) -> str:
    """The text of a message that may be nothing but its files."""
    return "" if may_have_files and not text else checked_content(text)


def checked_upload_ids(ids: Sequence[str], field: str = "uploads") -> None:
    if not all(map(_UPLOAD_ID.fullmatch, ids)):
        raise BadRequest("A file’s id is 22 letters, digits, “-” or “_”.", field=field)
    if len(set(ids)) < len(ids):
        raise BadRequest("A message has each file once.", field=field)


def checked_message_id(text: str, field: str) -> str:
    """An id that the server gave to a message."""
    check_text(text, field)
    if not 1 <= len(text) <= limits.MESSAGE_ID_LENGTH:
        raise BadRequest(f"A message’s id has 1 to {limits.MESSAGE_ID_LENGTH} characters.", field=field)
    return text


def normal_emoji(text: str, field: str = "emoji") -> str:
    """One emoji in the one form in which all its spellings count as the same."""
    if len(text) > limits.EMOJI_LENGTH or not _EMOJI.fullmatch(text):
        raise BadRequest("A reaction is one emoji.", field=field)
    return str(_SIGN.sub("\\g<0>\ufe0f", text.replace("\ufe0f", "")))


def _normal(text: str, what: str, field: str, length: int) -> str:
    if text.isascii() and text.isprintable() and 1 <= len(text) <= length and text == text.strip():
        return text  # as nearly all are
    if _CONTROLS.search(text):
        raise BadRequest("Control characters have no place here.", field=field)
    normal = unicodedata.normalize("NFC", text).strip()
    if not normal:
        raise BadRequest(f"{what} is not empty.", field=field)
    if len(normal) > length:
        raise BadRequest(f"{what} has at most {length} characters. This one has {len(normal)}.", field=field)
    return normal
