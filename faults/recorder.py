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

from chatapp.client.wire import Event, Json
from chatapp.client.wire_socket import Listener, SocketIO
from faults.history import (
    DELETE,
    EDIT,
    MESSAGE,
    Answered,
    Brought,
    Ended,
    GapAsked,
    Heard,
    History,
    Joined,
    Key,
    ReactionAnswered,
    ReactionKey,
    ReactionSent,
    Resync,
    Seen,
    Sent,
    Shown,
)

clock = time.monotonic

OnAck = Callable[[Any], None] | None


class Recorder:
    def __init__(self, *, stutters: bool = False) -> None:
        self.history = History()
        self.stutters = stutters
        self._connections = itertools.count(1)

    def open_socket(self, client: str, url: str, auth: Json, tell: Listener) -> RecordedSocket:
        return RecordedSocket(self, client, next(self._connections), url, auth, tell)

    def show(self, client: str, event: Event) -> None:
        """``ChatClient.on_event`` of this client."""
        self.history.entries.append(
            Shown(
                at=clock(),
                client=client,
                connection=0,
                key=_key(event),
                seq=event["seq"],
                content=event["body"].get("content", ""),
            )
        )

    def see(self, client: str, event: Event) -> None:
        """``ChatClient.on_change``; of whoever comes late ``on_event`` too, because they scroll up."""
        said = {"room": event["room"], "seq": event["seq"], "content": event["body"].get("content", "")}
        self.history.entries.append(Seen(at=clock(), client=client, connection=0, **said))


class RecordedSocket:
    """Fulfils the client's ``Socket``. One that ``stutters`` says each edit and each deletion twice."""

    def __init__(
        self, recorder: Recorder, client: str, number: int, url: str, auth: Json, tell: Listener
    ) -> None:
        self._entries = recorder.history.entries
        self._stutters = recorder.stutters
        self._by: dict[str, Any] = {"client": client, "connection": number}
        self._tell = tell
        self._user = ""
        self._has_ended = False
        self._socket = SocketIO(url, auth=auth, transports=("websocket",), tell=self._hear)

    def emit(self, name: str, payload: Any, answer: OnAck = None) -> None:
        match name:
            case "message" | "edit" | "delete":
                answer = self._sent(name, payload, answer)
            case "react":
                answer = self._reacted(payload, answer)
            case "join":
                answer = partial(self._joined, payload, clock(), answer)
            case "history":
                if "after" in payload:
                    self._note(GapAsked, room=payload["room"], after=payload["after"])
                answer = partial(self._read, clock(), answer)
        self._socket.emit(name, payload, answer)
        if self._stutters and name in (EDIT, DELETE):
            again = payload | {"retry": True}
            self._socket.emit(name, again, self._sent(name, again, None))

    def _sent(self, kind: str, payload: Json, answer: OnAck) -> OnAck:
        key = payload["room"], self._user, payload["client_id"]
        self._note(
            Sent,
            key=key,
            content=payload.get("content", ""),
            is_retry=payload.get("retry", False),
            kind=kind,
            target=payload["target"]["seq"] if kind != MESSAGE else 0,
            mentions=tuple(one["id"] for one in payload.get("mentions", ())),
            files=tuple(payload.get("uploads", ())) if kind == MESSAGE else (),
        )
        return partial(self._answered, key, answer)

    def _reacted(self, payload: Json, answer: OnAck) -> OnAck:
        key = payload["room"], payload["target"]["seq"], payload["emoji"], self._user
        self._note(ReactionSent, key=key, on=payload["on"])
        return partial(self._reaction_answered, key, answer)

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
                words = value["body"].get("content", "")
                self._note(Heard, key=_key(value), seq=value["seq"], content=words, kind=value["type"])
            case "resync":
                self._note(Resync, room=value["room"], reason=value["reason"])
            case "disconnect" | "connect_error":
                self._end()
        self._tell(name, value)

    def _answered(self, key: Key, answer: OnAck, ack: Json) -> None:
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

    def _reaction_answered(self, key: ReactionKey, answer: OnAck, ack: Json) -> None:
        self._note(ReactionAnswered, key=key, code=ack.get("error", {}).get("code"))
        if answer is not None:
            answer(ack)

    def _joined(self, payload: Json, asked_at: float, answer: OnAck, ack: Json) -> None:
        if ack["ok"]:
            since = payload.get("since", {}).get("seq")
            self._note(Joined, room=payload["room"], since=since, is_recovered=ack["recovered"])
        self._read(asked_at, answer, ack)

    def _read(self, asked_at: float, answer: OnAck, ack: Json) -> None:
        for event in ack["events"] if ack["ok"] else ():
            if event["type"] == MESSAGE and (words := event["body"].get("content")):
                place = {"room": event["room"], "seq": event["seq"]}
                self._note(Brought, **place, content=words, asked_at=asked_at)
        if answer is not None:
            answer(ack)

    def _end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._note(Ended)

    def _note(self, entry: Callable[..., Any], **values: Any) -> None:
        self._entries.append(entry(at=clock(), **self._by, **values))


def _key(event: Json) -> tuple[str, str, str]:
    return event["room"], event["user"]["id"], event["client_id"]
