"""A Socket.IO client as bytes, for those who break the rules: it reads only when it is told to."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bench import wire
from bench.wire import FrameReader, Mask

HOST = "127.0.0.1"
IN_SECONDS = 20.0


class PlainSocket:
    """``receive_buffer`` in bytes: what the kernel may take for somebody who does not read.

    ``address`` is the loopback address they come from.
    """

    def __init__(
        self, port: int, token: str, room: str, *, receive_buffer: int = 0, address: str = ""
    ) -> None:
        self.room = room
        self._token = token
        self._mask = Mask()
        self._reader = FrameReader()
        self._heard: list[bytes] = []
        self._acks: dict[int, dict[str, Any]] = {}
        self._calls = 0
        self._socket = socket.socket()
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(IN_SECONDS)
        if address:
            self._socket.bind((address, 0))
        try:
            self._come_in(port)
        except BaseException:
            self._socket.close()
            raise

    def _come_in(self, port: int) -> None:
        self._socket.connect((HOST, port))
        self._socket.sendall(wire.upgrade_request(HOST, port, self.room))
        self._skip_head()
        self._await(lambda payload: payload.startswith(b"0{"))
        auth = {"token": self._token, "device": "plain", "client": "faults", "protocol": "1"}
        self.send(b"40/chat," + json.dumps(auth).encode())
        self._await(lambda payload: payload.startswith(wire.LET_IN))

    def send(self, packet: bytes) -> None:
        self._socket.sendall(self._mask.frame(packet))

    def call(self, event: str, payload: dict[str, Any]) -> int:
        """Send an event; the number of its ack."""
        self._calls += 1
        self.send(wire.call(self._calls, event.encode(), json.dumps(payload).encode()))
        return self._calls

    def answer(self, number: int, seconds: float = IN_SECONDS) -> dict[str, Any]:
        """The ack of that call, in whichever order they come."""
        if number not in self._acks:
            self._await(lambda _: number in self._acks, seconds)
        return self._acks.pop(number)

    def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        return self.answer(self.call(event, payload))

    def join(self, **more: Any) -> dict[str, Any]:
        return self.ask("join", {"room": self.room, **more})

    def read_on(self, seconds: float = 10.0) -> str:
        """Read again after a long silence: ``cut`` if the connection is over, ``lagging`` if told so."""
        try:
            self._await(lambda payload: b'"resync"' in payload and b"lagging" in payload, seconds)
        except EOFError:
            return "cut"
        except TimeoutError:
            return "up to date"
        return "lagging"

    def abandon(self) -> None:
        """Gone, with a reset: nobody says goodbye."""
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._socket.close()

    def _skip_head(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._receive()
        self._heard += self._reader.feed(head.partition(b"\r\n\r\n")[2])

    def _await(self, is_it: Callable[[bytes], bool], seconds: float = IN_SECONDS) -> bytes:
        ends_at = time.monotonic() + seconds
        while True:
            while self._heard:
                payload = bytes(self._heard.pop(0))
                self._take(payload)
                if is_it(payload):
                    return payload
            self._socket.settimeout(max(0.001, ends_at - time.monotonic()))
            self._heard += self._reader.feed(self._receive())

    def _take(self, payload: bytes) -> None:
        if payload == wire.PING:
            self.send(wire.PONG)
        elif payload.startswith(wire.ACK):
            number, argument = wire.ack_id(payload)
            self._acks[number] = json.loads(argument)

    def _receive(self) -> bytes:
        try:
            piece = self._socket.recv(65_536)
        except ConnectionError:
            piece = b""
        if not piece:
            raise EOFError
        return piece
