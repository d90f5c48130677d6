"""Files for tests of serving: a row and its parts, as an upload and a look leave them."""

from __future__ import annotations

import time
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import insert, update

from chatapp.files.objects import Objects
from chatapp.store.database.engine import open_database
from chatapp.store.models import READY, uploads
from chatapp.store.uploads.uploads import as_text

PART_BYTES = 512 * 1024


class ServedFiles:
    """Of a node, by the URL of its database."""

    def __init__(self, database_url: str, objects: Objects) -> None:
        self._database = open_database(database_url)
        self.objects = objects

    def put(
        self,
        data: bytes,
        *,
        user_id: str,
        type: str = "application/pdf",
        words: dict[str, Any] | None = None,
        part_bytes: int = PART_BYTES,
        **columns: Any,
    ) -> str:
        """A file that is sent, and ready. ``columns`` says what is otherwise; the answer is its id."""
        upload_id = token_urlsafe(16)
        parts: list[tuple[str, int]] = []
        for offset in range(0, len(data), part_bytes):
            part = data[offset : offset + part_bytes]
            parts.append((f"{upload_id}/{offset}-x", len(part)))
            self.objects.put(parts[-1][0], part)
        now = int(time.time() * 1000)
        row = {
            "upload_id": upload_id,
            "room_id": "lobby",
            "user_id": user_id,
            "state": READY,
            "created_at": now,
            "touched_at": now,
            "size": len(data),
            "received": len(data),
            "parts": as_text(parts),
            "type": type,
            "words": as_text(words or {"name": "paper.pdf"}),
            "address": "",
            "message_seq": 1,
            "message_ts": now,
            "tries": 0,
        }
        with self._database.writing() as connection:
            connection.execute(insert(uploads), {**row, **columns})
        return upload_id

    def thumbnail(self, upload_id: str, data: bytes) -> dict[str, Any]:
        """What stands in ``words["thumbs"]`` for one that is put by this."""
        name = f"{upload_id}/thumbnail-{token_urlsafe(6)}"
        self.objects.put(name, data)
        return {"object": name, "width": 360, "height": 270, "bytes": len(data)}

    def change(self, upload_id: str, **columns: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(uploads).where(uploads.c.upload_id == upload_id), columns)

    def close(self) -> None:
        self._database.close()
