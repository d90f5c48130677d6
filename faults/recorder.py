"""The recorder: a client's socket that writes down everything that goes through it.

It stands where the client's own socket would, so that the client underneath is the one that people
use, unchanged. Entries are appended by many threads; appending is what the interpreter makes safe.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from chatapp.client.wire import Event, Json
from chatapp.client.wire_socket import Listener, SocketIO
from chatapp.store.engine import open_database
from chatapp.store.models import events, room_leases
from chatapp.store.texts import WORDS, unpacked
from faults.history import (
    Answered,
    Ended,
    GapAsked,
    Heard,
    History,
    Joined,
    Resync,
    Row,
    Sent,
    Shown,
)

clock = time.monotonic

_log = events.c
_STORED = select(_log.room_id, _log.user_id, _log.client_id, _log.seq, _log.epoch, WORDS).where(
    _log.room_id.in_(bindparam("rooms", expanding=True))
)


class Recorder:
    def __init__(self) -> None:
        self.history = History()
        self._connections = itertools.count(1)

    def open_socket(self, client: str, url: str, auth: Json, tell: Listener) -> RecordedSocket:
        return RecordedSocket(self.history, client, next(self._connections), url, auth, tell)

    def show(self, client: str, event: Event) -> None:
        """``ChatClient.on_event`` of this client."""
        self.history.entries.append(
            Shown(
                at=clock(),
                client=client,
                connection=0,
                key=_key(event),
                seq=event["seq"],
                content=event["body"]["content"],
            )
        )

    def read_database(self, url: str, rooms: list[str]) -> None:
        """What is stored, at the end of the run."""
        database = open_database(url)
        try:
            with database.reading() as connection:
                found = connection.execute(_STORED, {"rooms": rooms}).all()
                leases = connection.execute(
                    select(room_leases.c.room_id, room_leases.c.last_seq).where(
                        room_leases.c.room_id.in_(rooms)
                    )
                ).all()
        finally:
            database.close()
        self.history.rows = [
            Row(
                key=(row.room_id, row.user_id, row.client_id),
                seq=row.seq,
                epoch=row.epoch,
                content=_content(row.words),
            )
            for row in found
        ]
        self.history.last_seqs = {lease.room_id: lease.last_seq for lease in leases}


class RecordedSocket:
    """Fulfils the client's ``Socket``."""

    def __init__(
        self, history: History, client: str, number: int, url: str, auth: Json, tell: Listener
    ) -> None:
        self._entries = history.entries
        self._by: dict[str, Any] = {"client": client, "connection": number}
        self._tell = tell
        self._user = ""
        self._has_ended = False
        self._socket = SocketIO(url, auth=auth, transports=("websocket",), tell=self._hear)

    def emit(self, name: str, payload: Any, answer: Callable[[Any], None] | None = None) -> None:
        if name == "message":
            key = payload["room"], self._user, payload["client_id"]
            self._note(Sent, key=key, content=payload["content"], is_retry=payload.get("retry", False))
            answer = partial(self._answered, key, answer)
        elif name == "join":
            answer = partial(self._joined, payload, answer)
        elif name == "history" and "after" in payload:
            self._note(GapAsked, room=payload["room"], after=payload["after"])
        self._socket.emit(name, payload, answer)

    def close(self) -> None:
        self._end()
        self._socket.close()

    def cut(self) -> None:
        self._end()
        self._socket.cut()

    def _hear(self, name: str, value: Any) -> None:
        match name:
            case "hello":
                self._user = value["user"]["id"]
            case "event":
                self._note(Heard, key=_key(value), seq=value["seq"], content=value["body"]["content"])
            case "resync":
                self._note(Resync, room=value["room"], reason=value["reason"])
            case "disconnect" | "connect_error":
                self._end()
        self._tell(name, value)

    def _answered(self, key: Any, answer: Callable[[Any], None] | None, ack: Json) -> None:
        error = ack.get("error", {})
        self._note(
            Answered,
            key=key,
            seq=ack.get("seq"),
            is_duplicate=ack.get("duplicate", False),
            code=error.get("code"),
            is_retryable=error.get("retryable", False),
        )
        if answer is not None:
            answer(ack)

    def _joined(self, payload: Json, answer: Callable[[Any], None] | None, ack: Json) -> None:
        if ack["ok"]:
            since = payload.get("since", {}).get("seq")
            self._note(Joined, room=payload["room"], since=since, is_recovered=ack["recovered"])
        if answer is not None:
            answer(ack)

    def _end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._note(Ended)

    def _note(self, kind: Callable[..., Any], **values: Any) -> None:
        self._entries.append(kind(at=clock(), **self._by, **values))


def _key(event: Json) -> tuple[str, str, str]:
    return event["room"], event["user"]["id"], event["client_id"]


def _content(words: object) -> str:
    """Nothing, where they are missing: nobody can have said that."""
    if not isinstance(words, str):
        return ""
    _, body = unpacked(words)
    content: str = msgspec.json.decode(body)["content"]
    return content
