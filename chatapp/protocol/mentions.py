"""On the wire: whom a message calls by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from chatapp import limits
from chatapp.errors import BadRequest, TooMany
from chatapp.protocol.words import checked_shown_name
from chatapp.rooms.messages import bodies
from chatapp.rooms.messages.mentions import EVERYBODY

FEATURE = "message.mentions"


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is called: `@` and this `name` stand in the text as they are.

    An empty `id`, under the name `here`: all who are in the room, where that may be said.
    """

    id: Annotated[str, Meta(extra_json_schema={"maxLength": limits.USER_ID_LENGTH})]
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": limits.NAME_LENGTH})]

    def __post_init__(self) -> None:
        if self.id != EVERYBODY and not (len(self.id) <= limits.USER_ID_LENGTH and self.id.isprintable()):
            raise BadRequest("This is nobody’s id.", field="mentions.id")
        checked_shown_name(self.name, "mentions.name")


Mentions: TypeAlias = Annotated[
    list[Mention],
    Meta(
        description="Whom the text calls by name; those that do not hold are left out.",
        extra_json_schema={"maxItems": limits.MENTIONS},
    ),
]


def check_mentions(mentions: Sequence[Mention] | None) -> None:
    """Raises ``TooMany``."""
    if mentions is not None and len(mentions) > limits.MENTIONS:
        raise TooMany(f"A message calls at most {limits.MENTIONS} people.", field="mentions")


def as_called(mentions: Sequence[Mention] | None) -> tuple[bodies.Mention, ...]:
    return tuple(bodies.Mention(id=one.id, name=one.name) for one in mentions or ())
