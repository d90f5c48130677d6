"""A file that somebody asks for: its row is looked up each time, and says what they get of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from chatapp.access.serving import Served, served
from chatapp.files.threaded import ThreadedFiles
from chatapp.store.people.users import Users
from chatapp.store.uploads.uploads import StoredUpload

R = TypeVar("R")


class FileAccess:
    """``now_ms`` is the database's clock. What blocks, blocks the greenlet only."""

    def __init__(self, files: ThreadedFiles, *, now_ms: Callable[[], int], retention_ms: int) -> None:
        self._files = files
        self._now_ms = now_ms
        self._retention_ms = retention_ms

    def find(self, upload_id: str, user_id: str, thumbnail: str | None) -> Served:
        """Blocks. Raises what ``served`` does."""
        upload = self._files.ask(lambda store: store.uploads.get(upload_id))
        return self.served(upload, user_id, thumbnail)

    def ask_for(self, upload_id: str) -> AskedFile:
        """For somebody who has to be looked up as well."""
        return AskedFile(self, self._files, upload_id)

    def served(self, upload: StoredUpload | None, user_id: str, thumbnail: str | None) -> Served:
        return served(
            upload,
            user_id=user_id,
            thumbnail=thumbnail,
            now_ms=self._now_ms(),
            retention_ms=self._retention_ms,
        )


class AskedFile:
    """Whatever is asked of people, its row is asked for behind it: one journey to the thread that knows both.

    Call it for that; it blocks.
    """

    def __init__(self, access: FileAccess, files: ThreadedFiles, upload_id: str) -> None:
        self._access = access
        self._files = files
        self._upload_id = upload_id
        self._upload: StoredUpload | None = None

    def __call__(self, job: Callable[[Users], R], /) -> R:
        answer, self._upload = self._files.ask(
            lambda store: (job(store.users), store.uploads.get(self._upload_id))
        )
        return answer

    def served(self, user_id: str, thumbnail: str | None) -> Served:
        """Raises what ``served`` does; by the row as it was when people were asked for."""
        return self._access.served(self._upload, user_id, thumbnail)
