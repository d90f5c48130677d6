"""On the wire: the small value that a device keeps in a room."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chatapp import limits
from chatapp.errors import BadRequest
from chatapp.protocol.aspect import Words
from chatapp.protocol.forms import Ack, RoomRequest, Seq
from chatapp.protocol.strict_json import json_text
from chatapp.rooms.attachments import Attached

Attachment: TypeAlias = Annotated[
    Any, Meta(description=f"Any JSON, at most {limits.ATTACHMENT_BYTES} bytes encoded.")
]


class AttachmentView(msgspec.Struct, frozen=True, kw_only=True):
    """A device's attachment; `value` is null and `version` 0 when there is none."""

    version: int
    value: Raw


class AttachAck(Ack, frozen=True, kw_only=True):
    version: int
    value: Raw


class AttachRequest(RoomRequest, frozen=True, kw_only=True):
    """Change the small value that this device keeps in the room.

    `value` replaces it; `merge` sets the given keys and removes those set to null. `version` is
    the one it was read at: a stale one is a `conflict`.
    """

    event: ClassVar[str] = "attach"
    ack: ClassVar[type[Ack]] = AttachAck

    value: Attachment | UnsetType = UNSET
    merge: Annotated[dict[str, Any], Meta(description="Keys to set; null removes.")] | UnsetType = UNSET
    version: Seq | None = None

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        if (self.value is UNSET) == (self.merge is UNSET):
            raise BadRequest("Exactly one of value and merge.", field="value")
        _ = self.text

    @property
    def text(self) -> str:
        """The JSON text of whichever was given."""
        if self.is_merge:
            return json_text(self.merge, field="merge")
        return json_text(self.value, field="value")

    @property
    def is_merge(self) -> bool:
        return self.merge is not UNSET


def attach_ack(attached: Attached) -> AttachAck:
    return AttachAck(version=attached.version, value=raw(attached.value))


def raw(text: str | None) -> Raw:
    return Raw("null" if text is None else text)


WORDS = Words(requests=(AttachRequest,))
