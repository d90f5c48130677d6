"""A few bytes put, read and deleted, to know at the start what would else be found out by whoever sends."""

from __future__ import annotations

import secrets

from chatapp.errors import StorageFull
from chatapp.files.port import ObjectMissing, Objects, StorageRefused

_BYTES = b"The chat looks if it may write, read and delete here."


def refusal_by_trying(objects: Objects) -> str | None:
    """``Objects.refusal``, as far as it shows in what a store does."""
    name = f"probe/{secrets.token_urlsafe(8)}"
    try:
        objects.put(name, _BYTES)
        is_same = objects.get(name) == _BYTES
        objects.delete([name])
    except StorageFull:
        return None  # it can be emptied; what is sent until then is refused
    except ObjectMissing:
        return "what is written there cannot be read"
    except StorageRefused as refused:
        return refused.why
    return None if is_same else "what is written there is read otherwise"
