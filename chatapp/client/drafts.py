"""Where an outbox survives the end of the program.

Whatever goes out is written down before it is first sent; after a restart the outbox looks up which of
them arrived, and sends the others with the ids they had.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Protocol

from chatapp.client.wire import Json


class Drafts(Protocol):
    """A draft is `{client_id, put_at, author?, …}`, the author being who wrote it: `{id, name}`.

    What else it has depends on its `kind` (see `Entry`). Without a kind it is a message, which has its
    `content`: so have versions before written them.
    """

    def load(self, room_id: str) -> list[Json]:
        """Oldest first."""
        ...

    def put(self, room_id: str, draft: Json) -> None: ...

    def remove(self, room_id: str, client_id: str) -> None: ...


class DraftsInMemory:
    def __init__(self) -> None:
        self.rooms: dict[str, dict[str, Json]] = {}

    def load(self, room_id: str) -> list[Json]:
        return list(self.rooms.get(room_id, {}).values())

    def put(self, room_id: str, draft: Json) -> None:
        self.rooms.setdefault(room_id, {})[draft["client_id"]] = draft
        self._changed()

    def remove(self, room_id: str, client_id: str) -> None:
        if self.rooms.get(room_id, {}).pop(client_id, None):
            self._changed()

    def _changed(self) -> None:
        """For those who keep it elsewhere as well."""


class DraftsInFile(DraftsInMemory):
    """One small JSON file, replaced as a whole: a crash leaves the old one or the new one."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        if path.exists():
            self.rooms = json.loads(path.read_text("utf-8"))

    def _changed(self) -> None:
        fresh = self._path.with_name(self._path.name + ".new")
        with os.fdopen(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(self.rooms, file)
        os.replace(fresh, self._path)
