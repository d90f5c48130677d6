"""Uploads for tests: what they announce, and what there may be."""

from __future__ import annotations

from itertools import count
from typing import Any

from chatapp.store.engine import DAY_MS
from chatapp.store.upload_quotas import Allowed, NewUpload

_numbers = count(1)


def new_upload(**more: Any) -> NewUpload:
    return NewUpload(
        **{
            "upload_id": f"upload {next(_numbers)}",
            "room_id": "lobby",
            "user_id": "u_ana",
            "size": 10,
            "type": "text/plain",
            "words": {"name": "notes.txt"},
            "address": "192.0.2.1",
            **more,
        }
    )


def allowed(**more: Any) -> Allowed:
    plenty: dict[str, Any] = {
        "at_once": 1000,
        "stalled_ms": DAY_MS,
        "person": (),
        "address": (),
        "room_bytes": 1 << 30,
        "total_bytes": 1 << 40,
    }
    return Allowed(**{**plenty, **more})
