"""`python -m faults.hostile PORT ROOM CONNECTIONS`: one address that holds everything and gives nothing back.

Says ``ready`` when all are there, which may take some seconds, and goes on until its stdin ends. A process of
its own, so that what it costs is not taken for the node's.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

from faults.crowds import HOSTILE, BareCrowd
from faults.plain_socket import PlainSocket

PAGES_EACH = 12  # half a megabyte each: more than the system holds for them
OF_A_PERSON = 8  # their connections
POLL = "/socket.io/?EIO=4&transport=polling"
# What part of them does what; the rest are bare.
HALF_OPEN, DRIPPING, UNREAD, DEAF, PONGING, POLLING = 0.2, 0.15, 0.1, 0.15, 0.1, 0.1
_TICK_SECONDS = 1.0


class Hostile:
    """All of them. ``go_on`` does what has to be done every second so that they stay."""

    def __init__(self, port: int, room: str, connections: int) -> None:
        self._port = port
        self._room = room
        self._tokens = self._guests()
        self._ponging: list[PlainSocket] = []
        self._kept: list[object] = []
        head = f"GET /chat/{room} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ".encode()
        shares = (HALF_OPEN, DRIPPING, UNREAD, DEAF, PONGING, POLLING)
        half, drip, unread, deaf, ponging, polling = (int(connections * share) for share in shares)
        bare = connections - half - drip - unread - deaf - ponging - polling
        self._crowds = [self._crowd(bare), self._crowd(half, head)]
        self._dripping = self._crowd(drip, head)
        asks = f"GET /api/rooms/{room}/events?limit=200 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self._crowds.append(self._crowd(unread, asks * PAGES_EACH, receive_buffer=4_096))
        for number in range(deaf + ponging):
            with suppress(OSError, EOFError, KeyError):
                self._go_deaf(keeps_ponging=number < ponging)
        self._poll(polling)

    def go_on(self) -> None:
        self._dripping.say(b"x")
        for one in self._ponging:
            with suppress(OSError):
                one.send(b"3")

    def _crowd(self, size: int, says: bytes = b"", receive_buffer: int = 0) -> BareCrowd:
        return BareCrowd(self._port, size, says=says, receive_buffer=receive_buffer).__enter__()

    def _guests(self) -> Iterator[str]:
        for number in count():
            answer = self._ask("POST", "/api/session", json.dumps({"name": f"Hostile {number}"}))
            token = json.loads(answer)["token"]
            for _ in range(OF_A_PERSON):
                yield token

    def _go_deaf(self, *, keeps_ponging: bool) -> None:
        one = PlainSocket(self._port, next(self._tokens), self._room, receive_buffer=4_096, address=HOSTILE)
        self._kept.append(one)
        one.join(limit=0)
        for _ in range(PAGES_EACH):
            one.call("history", {"room": self._room, "limit": 200})
        if keeps_ponging:
            self._ponging.append(one)

    def _poll(self, polls: int) -> None:
        """All of one session, which may have one."""
        sid = json.loads(self._ask("GET", POLL)[1:])["sid"]
        text = f"GET {POLL}&sid={sid} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self._crowds.append(self._crowd(polls, text))

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=20, source_address=(HOSTILE, 0)
        )
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse().read()
        connection.close()
        return answer


def main() -> None:
    port, room, connections = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    socket.setdefaulttimeout(20)
    hostile = Hostile(port, room, connections)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not select.select((sys.stdin,), (), (), _TICK_SECONDS)[0]:
        hostile.go_on()


if __name__ == "__main__":
    main()
