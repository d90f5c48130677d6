"""Somebody who sends files over HTTP, and insists where the node is away."""

from __future__ import annotations

import base64
import io
import json
import time
import urllib.error
import urllib.request
from secrets import token_urlsafe
from typing import Any, NamedTuple

from PIL import Image

from faults.processes import Node, until

PLACE = "Weg-am-Deich-7"
RETRY_SECONDS = 0.2
LONGEST_SECONDS = 90.0  # what a killed look has left is found within a minute
ANSWER_SECONDS = 45.0  # nobody waits longer for one answer
_TUS = {"Tus-Resumable": "1.0.0"}
_BYTES = {**_TUS, "Content-Type": "application/offset+octet-stream"}


def a_photo() -> bytes:
    """With a place in it, and no two alike."""
    exif = Image.Exif()
    exif[0x010F] = PLACE
    written = io.BytesIO()
    picture = Image.effect_noise((800, 600), 60).convert("RGB")
    picture.save(written, "JPEG", exif=exif.tobytes(), comment=token_urlsafe(8))
    return written.getvalue()


class Said(NamedTuple):
    """What came of one request: a status, the code of a refusal, what was answered, and after how long."""

    status: int  # 0: no answer
    code: str
    body: bytes
    seconds: float
    offset: int = 0


class Sender:
    def __init__(self, node: Node, room: str = "pictures", name: str = "Ana") -> None:
        self._node = node
        self._room = room
        said = self._ask("POST", "/api/session", {"name": name}, Origin=node.url)
        self._bearer = {"Authorization": f"Bearer {said['token']}"}

    def upload(self, data: bytes, name: str = "IMG_1.jpg") -> str:
        """The id of a file that has come whole; a picture waits for its look."""
        return self._begin(len(data), name, data, **_BYTES)

    def begin(self, size: int, name: str) -> str:
        """The id of a file of which nothing has come yet."""
        return self._begin(size, name, None, **_TUS)

    def _begin(self, size: int, name: str, data: bytes | None, **headers: str) -> str:
        said = self._ask(
            "POST",
            f"/api/rooms/{self._room}/uploads",
            data,
            **{
                **headers,
                "Upload-Length": str(size),
                "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}",
            },
        )
        return str(said["id"])

    def patch(self, upload_id: str, offset: int, data: bytes) -> Said:
        """Bring a piece, once."""
        headers = {**_BYTES, "Upload-Offset": str(offset)}
        return self.ask_once("PATCH", f"/api/uploads/{upload_id}", data, headers)

    def offset(self, upload_id: str) -> int:
        """How far it has come."""
        return self.ask_once("HEAD", f"/api/uploads/{upload_id}", headers=_TUS).offset

    def fetch(self, path: str) -> Said:
        """A file, or a thumbnail (``<id>/360``), asked for once."""
        return self.ask_once("GET", f"/files/{path}")

    def until_ready(self, upload_id: str) -> None:
        until(lambda: self.state(upload_id) == "ready", LONGEST_SECONDS, "a picture that is ready", 0.1)

    def say(self, *upload_ids: str) -> dict[str, Any]:
        """The ack of a message that has them."""
        body = {"content": "", "uploads": upload_ids}
        return self._insist("POST", f"/api/rooms/{self._room}/messages", body)

    def delete(self, said: dict[str, Any]) -> None:
        self._insist("DELETE", f"/api/rooms/{self._room}/messages/{said['seq']}?id={said['id']}")

    def state(self, upload_id: str) -> str:
        try:
            return str(self._ask("GET", f"/api/uploads/{upload_id}")["state"])
        except OSError:
            return "unknown"  # the node is away for a moment

    def ask_once(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Said:
        """Whatever is answered to it, and if nothing is."""
        began_at = time.monotonic()

        def said(status: int, code: str, body: bytes = b"", offset: int = 0) -> Said:
            return Said(status, code, body, time.monotonic() - began_at, offset)

        request = self._request(method, path, body, headers or {})
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                whole, offset = answer.read(), int(answer.headers.get("Upload-Offset", 0))
                return said(answer.status, "", whole, offset)
        except urllib.error.HTTPError as error:
            return said(error.code, _code_of(error.read()))
        except OSError as error:
            return said(0, type(error).__name__)

    def _insist(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Under one key, until there is an answer."""
        key = token_urlsafe(12)
        ends_at = time.monotonic() + LONGEST_SECONDS
        while True:
            try:
                answer: dict[str, Any] = self._ask(method, path, body, **{"Idempotency-Key": key})
                return answer
            except OSError as error:
                if isinstance(error, urllib.error.HTTPError) and error.code < 500:
                    raise
                if time.monotonic() > ends_at:
                    raise
            time.sleep(RETRY_SECONDS)

    def _ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        with urllib.request.urlopen(self._request(method, path, data, headers), timeout=10) as answer:
            return json.load(answer)

    def _request(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> urllib.request.Request:
        said = {"Content-Type": "application/json", **getattr(self, "_bearer", {}), **headers}
        return urllib.request.Request(self._node.url + path, data, said, method=method)


def _code_of(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "none"
