"""Somebody who sends pictures over HTTP, and insists where the node is away."""

from __future__ import annotations

import base64
import io
import json
import time
import urllib.error
import urllib.request
from secrets import token_urlsafe
from typing import Any

from PIL import Image

from faults.processes import Node, until

PLACE = "Weg-am-Deich-7"
RETRY_SECONDS = 0.2
LONGEST_SECONDS = 60.0


def a_photo() -> bytes:
    """With a place in it, and no two alike."""
    exif = Image.Exif()
    exif[0x010F] = PLACE
    written = io.BytesIO()
    picture = Image.effect_noise((800, 600), 60).convert("RGB")
    picture.save(written, "JPEG", exif=exif.tobytes(), comment=token_urlsafe(8))
    return written.getvalue()


class Sender:
    def __init__(self, node: Node, room: str = "pictures") -> None:
        self._node = node
        self._room = room
        said = self._ask("POST", "/api/session", {"name": "Ana"}, Origin=node.url)
        self._bearer = {"Authorization": f"Bearer {said['token']}"}

    def upload(self, data: bytes) -> str:
        """The id of a picture that has come whole and waits for its look."""
        name = base64.b64encode(b"IMG_1.jpg").decode()
        said = self._ask(
            "POST",
            f"/api/rooms/{self._room}/uploads",
            data,
            **{
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(len(data)),
                "Upload-Metadata": f"filename {name}",
                "Content-Type": "application/offset+octet-stream",
            },
        )
        return str(said["id"])

    def until_ready(self, upload_id: str) -> None:
        until(lambda: self._state(upload_id) == "ready", LONGEST_SECONDS, "a picture that is ready", 0.1)

    def say(self, upload_id: str) -> dict[str, Any]:
        """The ack of a message that has it."""
        body = {"content": "", "uploads": [upload_id]}
        return self._insist("POST", f"/api/rooms/{self._room}/messages", body)

    def delete(self, said: dict[str, Any]) -> None:
        self._insist("DELETE", f"/api/rooms/{self._room}/messages/{said['seq']}?id={said['id']}")

    def _state(self, upload_id: str) -> str:
        try:
            return str(self._ask("GET", f"/api/uploads/{upload_id}")["state"])
        except OSError:
            return "unknown"  # the node is away for a moment

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
        said = {"Content-Type": "application/json", **getattr(self, "_bearer", {}), **headers}
        request = urllib.request.Request(self._node.url + path, data, said, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
