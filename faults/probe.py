"""A probe: one person without a socket, who asks again at once, to see when a room can be written."""

from __future__ import annotations

import time
from random import Random
from uuid import uuid4

from chatapp.client.sign_in import Refused, call, sign_in
from chatapp.client.wire import Json
from faults.processes import NotSo
from faults.remains import MARKER_BYTES, marked

ROOM = "probe"
PAUSE_SECONDS = 0.05


class Probe:
    """Over REST. Its room is not the crowd's, so it is in nobody's history."""

    def __init__(self, url: str, *, room: str = ROOM, token: str = "") -> None:
        self._url = url
        self._room = room
        self._token: str = token or sign_in(url, f"Probe {uuid4().hex[:8]}")["token"]

    def at(self, url: str) -> Probe:
        """The same person in the same room, by another node."""
        return Probe(url, room=self._room, token=self._token)

    def write(self, client_id: str = "") -> Json:
        """The ack. Raises ``Refused`` or ``ConnectionError``."""
        ack: Json = call(
            self._url,
            "POST",
            f"/api/rooms/{self._room}/messages",
            # What is repeated has to be the same.
            body={"content": f"Does it work? {marked(2 * MARKER_BYTES, Random(client_id or None))}"},
            token=self._token,
            headers={"Idempotency-Key": client_id or str(uuid4())},
        )
        return ack

    def insist(self, client_id: str, at_most: float = 10.0) -> Json:
        """Write, and again while it is refused for now; the ack."""
        ends_at = time.monotonic() + at_most
        while True:
            try:
                return self.write(client_id)
            except (Refused, ConnectionError) as error:
                if time.monotonic() > ends_at:
                    raise NotSo(f"{client_id} could not be written for {at_most:g} s: {error}") from error
                time.sleep(PAUSE_SECONDS)

    def seconds_until_writable(self, at_most: float = 30.0) -> float:
        began_at = time.monotonic()
        while True:
            try:
                self.write()
            except (Refused, ConnectionError) as error:
                if time.monotonic() - began_at > at_most:
                    raise NotSo(f"nothing could be written for {at_most:g} s") from error
                time.sleep(PAUSE_SECONDS)
            else:
                return time.monotonic() - began_at
