"""Asking for a file together with who asks for it: one journey to the thread that knows the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from chatapp.files.threaded import ThreadedFiles
from chatapp.store.uploads import StoredUpload
from chatapp.store.users import Users

R = TypeVar("R")


class AskedTogether:
    """Whatever is asked of people, the file's row is asked for behind it. ``upload``: as it was then."""

    def __init__(self, files: ThreadedFiles, upload_id: str) -> None:
        self.upload: StoredUpload | None = None
        self._files = files
        self._upload_id = upload_id

    def __call__(self, job: Callable[[Users], R], /) -> R:
        answer, self.upload = self._files.ask(
            lambda store: (job(store.users), store.uploads.get(self._upload_id))
        )
        return answer
