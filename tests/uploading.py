"""People who upload, by plain HTTP: what a client of tus does, and what none would."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tests.running import RunningNode

STREAM = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes
    json: Any = field(init=False)

    def __post_init__(self) -> None:
        self.json = json.loads(self.body) if self.body[:1] == b"{" else None

    @property
    def code(self) -> str:
        """Of a refusal."""
        return str(self.json["error"]["code"])

    @property
    def offset(self) -> int:
        return int(self.headers["upload-offset"])


def metadata(**said: str) -> dict[str, str]:
    pairs = [f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items()]
    return {"Upload-Metadata": ",".join(pairs)}


class Uploader:
    """``token`` is of whoever uploads; ``url`` the node that is asked."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.bearer = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        """A header's name has _ for -; without a value it is left out."""
        return self.send(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    def send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answered:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        try:
            said = {**self.bearer, **TUS, **headers}
            connection.request(method, path, body, {name: value for name, value in said.items() if value})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, found, answer.read())
        finally:
            connection.close()

    def begin(self, size: int, body: Any = None, room: str = "lobby", **headers: str) -> Answered:
        said = {"Upload-Length": str(size), **({"Content-Type": STREAM} if body is not None else {})}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", f"/api/rooms/{quote(room)}/uploads", body, said)

    def patch(self, path: str, offset: int, body: Any, **headers: str) -> Answered:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("PATCH", path, body, {"Upload-Offset": str(offset), "Content-Type": STREAM, **more})

    def offset(self, path: str) -> int:
        return self.ask("HEAD", path).offset

    def status(self, path: str) -> Any:
        return self.ask("GET", path).json

    def break_off(self, path: str, offset: int, announced: int, sent: bytes) -> None:
        """A PATCH of which only so much is sent before the connection goes."""
        with self.raw() as connection:
            connection.sendall(self.head(path, offset, f"Content-Length: {announced}") + sent)

    def raw(self) -> socket.socket:
        parts = urlsplit(self.url)
        return socket.create_connection((parts.hostname, parts.port or 80), timeout=20)

    def head(self, path: str, offset: int, *lines: str) -> bytes:
        headers = {**self.bearer, **TUS, "Upload-Offset": str(offset), "Content-Type": STREAM}
        said = [f"{name}: {value}" for name, value in headers.items()]
        head = [f"PATCH {path} HTTP/1.1", f"Host: {urlsplit(self.url).netloc}", *said, *lines, "", ""]
        return "\r\n".join(head).encode()


def lying(node: RunningNode, path: str) -> list[Path]:
    """What there is of an upload in the node's folder, which may go at any moment."""
    try:
        return sorted((node.folder / "uploads" / path.rpartition("/")[2]).iterdir())
    except FileNotFoundError:
        return []
