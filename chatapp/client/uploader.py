"""Sends the files of the messages that wait, the oldest first, on a thread of its own.

It goes on by itself, whatever happens to the network, until a file is there or was refused for good, or
nobody wants it any more.
"""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from chatapp.client.http import Refused
from chatapp.client.reconnect import Reconnect
from chatapp.client.turns import Turns
from chatapp.client.uploads import Gone, Transfer
from chatapp.client.wire import Json

OnProgress = Callable[[str, Json, int], object]
"""Takes the client id of a message, one of its files, and how many bytes of that are with the server."""

_OTHER_PLACE = "conflict"  # another piece has come meanwhile: what is there is asked for again
_LOST: Json = {"code": "upload_lost", "message": "The file is not there any more.", "retryable": False}


class Sender(Protocol):
    """Whose files they are. Called in a turn."""

    def is_wanted(self, client_id: str, key: str) -> bool: ...

    def heard_of_file(self, client_id: str, key: str, news: Json) -> None: ...


class _Job(NamedTuple):
    room_id: str
    client_id: str
    file: Json
    sender: Sender


class _NotWanted(Exception):
    pass


class Uploader:
    def __init__(
        self, url: str, turns: Turns, *, token: Callable[[], str | None], on_progress: OnProgress
    ) -> None:
        self._url = url
        self._turns = turns
        self._token = token
        self._on_progress = on_progress
        self._bytes: dict[str, dict[str, bytes]] = {}  # by client id and key, of what has no path
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, client_id: str, key: str, content: bytes) -> None:
        """Of a file that is in memory alone."""
        self._bytes.setdefault(client_id, {})[key] = content

    def forget(self, client_id: str) -> None:
        """Its message is sent, or is not wanted any more."""
        self._bytes.pop(client_id, None)

    def add(self, room_id: str, client_id: str, file: Json, sender: Sender) -> None:
        """Send a file. Call it in a turn; its sender hears what becomes of it."""
        self._jobs.put(_Job(room_id, client_id, file, sender))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="chat uploads", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._is_over.set()

    def _run(self) -> None:
        while not self._is_over.is_set():
            job = self._jobs.get()
            with suppress(_NotWanted):
                self._check(job)
                self._tell(job, self._sent(job))

    def _sent(self, job: _Job) -> Json:
        """The end of it: `{upload, is_there}` or `{refusal}`."""
        source = self._source(job)
        if source is None:
            return {"refusal": _LOST}
        upload, pauses = job.file.get("upload"), Reconnect()
        transfer = self._transfer(job, source, pauses)
        while True:
            try:
                upload = upload or self._begun(job, transfer)
                transfer.go_on(upload)
                transfer.wait_for_look(upload)
            except Gone:
                upload = None
            except Refused as refused:
                if not refused.retryable and refused.code != _OTHER_PLACE:
                    return {"refusal": refused.error}
                self._pause(pauses, refused.retry_after_ms)
            except ConnectionError:
                self._pause(pauses)
            else:
                return {"upload": upload, "is_there": True}

    def _begun(self, job: _Job, transfer: Transfer) -> str:
        upload = transfer.begin()
        self._tell(job, {"upload": upload})
        return upload

    def _source(self, job: _Job) -> Path | bytes | None:
        """None: it is not as it was when it was chosen."""
        file = job.file
        if "path" not in file:
            return self._bytes.get(job.client_id, {}).get(file["key"])
        path = Path(file["path"])
        try:
            return path if path.stat().st_size == file["size"] else None
        except OSError:
            return None

    def _transfer(self, job: _Job, source: Path | bytes, pauses: Reconnect) -> Transfer:
        reached = 0

        def went(sent: int) -> None:
            nonlocal reached
            self._check(job)
            if sent > reached:  # a network that breaks often is still one
                reached = sent
                pauses.online()
            self._on_progress(job.client_id, job.file, sent)

        return Transfer(
            url=self._url,
            token=self._token,
            room_id=job.room_id,
            file=job.file,
            source=source,
            on_progress=went,
        )

    def _check(self, job: _Job) -> None:
        is_wanted = self._turns.take(job.sender.is_wanted, job.client_id, job.file["key"])
        if self._is_over.is_set() or not is_wanted:
            raise _NotWanted

    def _pause(self, pauses: Reconnect, after_ms: int | None = None) -> None:
        (wait,) = pauses.lost(random.random(), after_ms)
        if self._is_over.wait(wait["ms"] / 1000):
            raise _NotWanted

    def _tell(self, job: _Job, news: Json) -> None:
        self._turns.take(job.sender.heard_of_file, job.client_id, job.file["key"], news)
