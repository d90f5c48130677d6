"""A WebSocket client without manners: it sends exactly the bytes it is told to."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

MASK = b"\x01\x02\x03\x04"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}

# Bodies that say something else than the length of a chunk.
BAD_CHUNKS = [
    b"ZZZ\r\nabc",
    b"-5\r\nabc\r\n0\r\n\r\n",
    b"-1\r\nabc\r\n0\r\n\r\n",
    b"+3\r\nabc\r\n0\r\n\r\n",
    b"0x3\r\nabc\r\n0\r\n\r\n",
    b"\r\nabc\r\n0\r\n\r\n",
    b"FFFFFFFF\r\nabc",
    b"F" * 2_000,
    b"2\r\nabc\r\n0\r\n\r\n",
]


class Wire:
    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:  # before connecting: it decides the window
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self._buffer = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def request(
        self, path: str, headers: dict[str, str] | None = None, *, method: str = "GET", body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Send an HTTP request and give the answer's status, headers (lower case) and body."""
        lines = [f"{method} {path} HTTP/1.1", "Host: chat.example"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body and "Transfer-Encoding" not in (headers or {}):
            lines.append(f"Content-Length: {len(body)}")
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return self.answer()

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return int(status.split()[1]), headers, self._take(int(headers.get("content-length", 0)))

    def upgrade(self, path: str, headers: dict[str, str] | None = None) -> int:
        return self.request(path, {**UPGRADE, **(headers or {})})[0]

    def send(self, opcode: int, payload: bytes = b"", *, final: bool = True) -> None:
        self.socket.sendall(masked(opcode, payload, final=final))

    def send_text(self, text: str) -> None:
        self.send(0x1, text.encode())

    def receive(self) -> tuple[int, bytes]:
        """The next frame of the server: opcode and payload."""
        first, length = self._take(2)
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._take(8))
        assert first & 0xF0 == 0x80, "whole frames without extensions"
        return first & 0x0F, self._take(length)

    def receive_text(self) -> str:
        opcode, payload = self.receive()
        assert opcode == 0x1, (opcode, payload)
        return payload.decode()

    def close_code(self) -> int:
        """Skip what comes before it, answer it, and give the code the server closes with."""
        while True:
            opcode, payload = self.receive()
            if opcode == 0x8:
                self.send(0x8, payload)
                return int.from_bytes(payload[:2], "big")

    def is_cut(self) -> bool:
        """Wait for the server to end the TCP connection."""
        try:
            while self.socket.recv(65_536):
                pass
        except ConnectionError:
            pass
        return True

    # --- Socket.IO by hand ---

    def join_chat(self, auth: dict[str, Any] | None = None, query: str = "") -> str:
        """Connect to the namespace over WebSocket alone; the Engine.IO id."""
        assert self.upgrade(f"/socket.io/?EIO=4&transport=websocket{query}") == 101
        opened: dict[str, Any] = json.loads(self.receive_text()[1:])
        self.send_text("40/chat," + json.dumps(auth or {}))
        assert self.receive_text().startswith('40/chat,{"sid":')
        sid: str = opened["sid"]
        return sid

    def emit(self, *event: object, ack_id: int | str = "") -> None:
        self.send_text(f"42/chat,{ack_id}{json.dumps(list(event))}")

    def call(self, *event: object) -> Any:
        """Emit and wait for the ack; whatever comes before it is dropped."""
        self.emit(*event, ack_id=7)
        return self.ack(7)

    def ack(self, ack_id: int) -> Any:
        while True:
            text = self.receive_text()
            if text.startswith(f"43/chat,{ack_id}["):
                return json.loads(text.removeprefix(f"43/chat,{ack_id}"))[0]

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._more()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _more(self) -> None:
        received = self.socket.recv(65_536)
        if not received:
            raise ConnectionError("the server has closed the connection")
        self._buffer += received


def masked(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    head = bytes((0x80 * final | opcode,))
    if len(payload) < 126:
        head += bytes((0x80 | len(payload),))
    elif len(payload) < 65_536:
        head += b"\xfe" + struct.pack(">H", len(payload))
    else:
        head += b"\xff" + struct.pack(">Q", len(payload))
    key = (MASK * (len(payload) // 4 + 1))[: len(payload)]
    return head + MASK + bytes(a ^ b for a, b in zip(payload, key, strict=True))
