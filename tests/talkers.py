"""Clients of all kinds, led alike: connect, call, emit, and look at what was heard.

Each drives a real client library. None of them resumes, retries or orders anything by itself, so that
a test sees what the server did: what was heard stands in the order in which it came.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import engineio
import requests
import socketio

from chatapp.client import ChatClient

Json = dict[str, Any]
ANSWER_SECONDS = 10
NAMESPACE = "/chat"
SIGNALS = ("hello", "event", "presence", "typing", "read", "resync", "notice", "bye")
SCRIPT = Path(__file__).parent / "integration" / "node" / "talker.mjs"


class Refused(Exception):
    """The server did not let us in; ``data`` is what it said."""

    def __init__(self, data: Json) -> None:
        self.data = data
        super().__init__(str(data))


class Heard:
    """Everything that was heard, in the order in which it came; any thread may add and wait."""

    def __init__(self) -> None:
        self._all: list[tuple[str, Any]] = []
        self._changed = threading.Condition()

    def add(self, name: str, value: Any) -> None:
        with self._changed:
            self._all.append((name, value))
            self._changed.notify_all()

    def of(self, name: str) -> list[Any]:
        with self._changed:
            return [value for heard, value in self._all if heard == name]

    def clear(self) -> None:
        with self._changed:
            self._all.clear()

    def wait(
        self,
        *names: str,
        that: Callable[[Any], bool] = lambda _: True,
        seconds: float = ANSWER_SECONDS,
    ) -> Any:
        """The first of these names that satisfies, be it here already or still to come."""
        ends_at = time.monotonic() + seconds
        with self._changed:
            while True:
                for name, value in self._all:
                    if name in names and that(value):
                        return value
                left = ends_at - time.monotonic()
                assert left > 0, f"no such {' or '.join(names)} among {self._all}"
                self._changed.wait(left)


class Talker(Protocol):
    heard: Heard

    def connect(self) -> Json:
        """The server's hello. Raises ``Refused``."""
        ...

    def call(self, event: str, payload: Any) -> Json:
        """The ack."""
        ...

    def emit(self, event: str, payload: Any) -> None: ...

    def disconnect(self) -> None:
        """End the connection without leaving any room; ``connect`` comes back."""
        ...

    def close(self) -> None: ...


MakeTalker = Callable[[str, str, str], Talker]
"""Makes one from the node's address, a token and the name of the device."""


class InOrder(socketio.Client):
    """By itself it gives each packet a thread of its own, and on a busy machine one overtakes another."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return InOrderEngine


class InOrderEngine(engineio.Client):
    def _trigger_event(self, event: str, *args: Any, run_async: bool = False, **options: Any) -> Any:
        del run_async
        return super()._trigger_event(event, *args, run_async=False, **options)


class PythonTalker:
    """python-socketio's client, which takes packets in their order here."""

    def __init__(
        self,
        url: str,
        token: str | None,
        device: str = "device-1",
        *,
        transports: tuple[str, ...] = ("websocket",),
        headers: dict[str, str] | None = None,
        origin: str | None = None,
        auth: dict[str, str] | None = None,
    ) -> None:
        self.heard = Heard()
        self._url = f"{url}?room=lobby"
        self._auth = {"device": device, "client": "tests", "protocol": "1"} | (auth or {})
        self._auth |= {"token": token} if token is not None else {}
        self._transports = list(transports)
        self._headers = (headers or {}) | ({"Origin": origin} if origin else {})
        self._http = requests.Session()
        self._client = InOrder(
            reconnection=False,
            handle_sigint=False,
            http_session=self._http,
            websocket_extra_options={"suppress_origin": True},  # a program has none, and would get one
        )
        for name in SIGNALS:
            self._client.on(name, self._hearer(name), NAMESPACE)
        self._client.on("connect_error", self._refused, NAMESPACE)
        self._client.on("disconnect", lambda *_: self.heard.add("disconnect", None), NAMESPACE)

    def connect(self) -> Json:
        self._drop_socket()
        self.heard.clear()
        try:
            self._client.connect(
                self._url,
                auth=self._auth,
                headers=self._headers,
                transports=self._transports,
                namespaces=[NAMESPACE],
                wait_timeout=ANSWER_SECONDS,
            )
        except socketio.exceptions.ConnectionError:
            refusals = self.heard.of("connect_error")
            raise Refused((refusals and refusals[0]) or {}) from None
        assert self._client.transport() == self._transports[-1]
        hello: Json = self.heard.wait("hello")
        return hello

    def call(self, event: str, payload: Any) -> Json:
        ack: Json = self._client.call(event, payload, namespace=NAMESPACE, timeout=ANSWER_SECONDS)
        return ack

    def emit(self, event: str, payload: Any) -> None:
        self._client.emit(event, payload, namespace=NAMESPACE)

    def disconnect(self) -> None:
        self._client.disconnect()
        self._drop_socket()

    def close(self) -> None:
        self.disconnect()
        self._http.close()

    def _refused(self, reason: Any = None) -> None:
        self.heard.add("connect_error", reason.get("data") if isinstance(reason, dict) else None)

    def _drop_socket(self) -> None:
        # The library leaves a socket that the server has ended to the garbage collector.
        if self._client.eio.ws is not None:
            self._client.eio.ws.shutdown()

    def _hearer(self, name: str) -> Callable[[Any], None]:
        return lambda value: self.heard.add(name, value)


class NodeTalker:
    """The official client, under Node."""

    def __init__(self, url: str, token: str, device: str, *, transports: tuple[str, ...]) -> None:
        self.heard = Heard()
        self._transports = transports
        auth = {"token": token, "device": device, "client": "tests", "protocol": "1"}
        options = json.dumps({"url": url, "auth": auth, "transports": transports})
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._calls = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def connect(self) -> Json:
        self.heard.clear()
        self._order(do="connect")
        outcome = self.heard.wait("settled", "connect_error")
        if isinstance(outcome, dict):
            raise Refused(outcome)
        assert outcome == self._transports[-1]
        hello: Json = self.heard.wait("hello")
        return hello

    def call(self, event: str, payload: Any) -> Json:
        self._calls += 1
        name = f"ack {self._calls}"
        self._order(do="call", n=self._calls, event=event, payload=payload)
        ack: Json = self.heard.wait(name)
        return ack

    def emit(self, event: str, payload: Any) -> None:
        self._order(do="emit", event=event, payload=payload)

    def disconnect(self) -> None:
        self._order(do="disconnect")
        self.heard.wait("disconnect")

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(ANSWER_SECONDS)
        finally:
            self._process.kill()
            self._reader.join()
            self._process.stdout.close()

    def _order(self, **order: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "n" in told:
                self.heard.add(f"ack {told['n']}", told["ack"])
            else:
                self.heard.add(told["event"], told.get("value"))


class OwnTalker:
    """Our Python client, used as a bare connection."""

    def __init__(self, url: str, token: str, device: str) -> None:
        self.heard = Heard()
        self._client = ChatClient(url, token=token, device=device)
        for name in (*SIGNALS, "lost"):
            self._client.on(name, self._hearer(name))

    def connect(self) -> Json:
        self.heard.clear()
        return self._client.connect(ANSWER_SECONDS)

    def call(self, event: str, payload: Any) -> Json:
        return self._client.request(event, payload)

    def emit(self, event: str, payload: Any) -> None:
        self._client.emit(event, payload)

    def disconnect(self) -> None:
        self._client.go_offline()
        self.heard.wait("lost")

    def close(self) -> None:
        self._client.close()

    def _hearer(self, name: str) -> Callable[[Any], None]:
        return lambda value: self.heard.add(name, value)


KINDS: dict[str, MakeTalker] = {
    "python, WebSocket": lambda *who: PythonTalker(*who, transports=("websocket",)),
    "python, polling": lambda *who: PythonTalker(*who, transports=("polling",)),
    # Neither cookie nor Origin, the token in `auth`, polling and then an upgrade: what apps do.
    "mobile": lambda *who: PythonTalker(*who, transports=("polling", "websocket")),
    "node, WebSocket": lambda *who: NodeTalker(*who, transports=("websocket",)),
    "node, polling": lambda *who: NodeTalker(*who, transports=("polling",)),
    "node, upgrade": lambda *who: NodeTalker(*who, transports=("polling", "websocket")),
    "our own": OwnTalker,
}
