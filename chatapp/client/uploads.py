"""A file on its way to the server, by the tus protocol 1.0.0.

It is announced with its length and its name, sent in one piece, and after a break from where the server says
that it has got to. A picture is looked at there before it can be sent.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from chatapp.client.http import Answer, NotOurs, Refused, exchange
from chatapp.client.wire import Json

_TUS = {"Tus-Resumable": "1.0.0"}
_BEGIN_ANEW = ("upload_unknown", "upload_in_pieces")
_PIECE = 64 * 1024
_LOOK_SECONDS = (0.1, 2.0)  # from one question whether it has been looked at to the next: at first, at last
_TIMEOUT_SECONDS = 60  # the disk of the server may be slow


class Gone(Exception):
    """The server does not have the upload any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What is sent, and to whom. `on_progress` is told how many bytes are there, and may raise to stop."""

    url: str
    token: Callable[[], str | None]
    room_id: str
    file: Json
    source: Path | bytes
    on_progress: Callable[[int], object]

    def begin(self) -> str:
        """The id of a new upload. This and the others raise `Refused` and `ConnectionError`."""
        said = {"filename": self.file["name"], "filetype": self.file.get("type"), "alt": self.file.get("alt")}
        words = ",".join(f"{k} {b64encode(v.encode()).decode()}" for k, v in said.items() if v)
        path = f"/api/rooms/{quote(self.room_id, safe='')}/uploads"
        answer = self._ask("POST", path, {"Upload-Length": str(self.file["size"]), "Upload-Metadata": words})
        return answer.headers["Location"].rpartition("/")[2]

    def go_on(self, upload: str) -> None:
        """Send what the server has not got. Raises `Gone`."""
        offset = int(self._of(upload, "HEAD").headers["Upload-Offset"])
        while offset < self.file["size"]:
            headers = {
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
                "Content-Length": str(self.file["size"] - offset),
            }
            answer = self._of(upload, "PATCH", headers, self._pieces(offset))
            offset = int(answer.headers["Upload-Offset"])
        self.on_progress(offset)

    def wait_for_look(self, upload: str) -> None:
        """Until it can be sent. Raises `Gone`, and `Refused` for what cannot."""
        seconds, longest = _LOOK_SECONDS
        while True:
            told = self._of(upload, "GET").decoded
            if told["state"] == "refused":
                raise Refused(_refusal(told))
            if told["state"] != "looking":
                return
            self.on_progress(self.file["size"])
            time.sleep(seconds)
            seconds = min(2 * seconds, longest)

    def _pieces(self, offset: int) -> Iterator[bytes]:
        if isinstance(self.source, bytes):
            for start in range(offset, len(self.source), _PIECE):
                self.on_progress(start)
                yield self.source[start : start + _PIECE]
            return
        with self.source.open("rb") as file:
            file.seek(offset)
            while piece := file.read(_PIECE):
                self.on_progress(file.tell() - len(piece))
                yield piece

    def _of(
        self, upload: str, method: str, headers: Json | None = None, body: Iterator[bytes] | None = None
    ) -> Answer:
        try:
            return self._ask(method, f"/api/uploads/{upload}", headers or {}, body)
        except NotOurs as error:  # an answer to HEAD has no words
            raise (Gone() if error.status in (404, 410) else error) from None
        except Refused as refused:
            raise (Gone() if refused.code in _BEGIN_ANEW else refused) from None

    def _ask(self, method: str, path: str, headers: Json, body: Iterator[bytes] | None = None) -> Answer:
        return exchange(
            self.url,
            method,
            path,
            body=body,
            token=self.token(),
            headers={**_TUS, **headers},
            timeout=_TIMEOUT_SECONDS,
        )


def _refusal(told: Json) -> Json:
    why = {"why": told["why"]} if told.get("why") else {}
    return {"code": "upload_refused", "message": "This file cannot be sent.", "retryable": False, **why}
