"""A whole web node in this process, asked over WSGI: real wiring, real SQLite, no socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from chatapp.factory import WebNode, create_app
from chatapp.identity import SignInCookie
from chatapp.settings import Settings
from chatapp.store.migrations import upgrade

HOST = "chat.example"
SECRET = "the secret of a node that is asked without a socket"
COOKIE = SignInCookie(SECRET).name(is_https=False)
PAGE = {"Origin": f"http://{HOST}"}


@contextmanager
def running_node(folder: Path, **environment: str) -> Iterator[WebNode]:
    # Asked without a socket, by a name that is not this machine's. While nobody asks, its hub stands still,
    # and its heartbeat with it.
    own = {"CHAT_DATA_DIR": str(folder), "HOST": "0.0.0.0", "SECRET_KEY": SECRET, "CHAT_LEASE_SECONDS": "60"}
    settings = Settings.from_environment(own | environment)
    upgrade(settings.database_url)
    web_node = create_app(settings)
    web_node.start()
    try:
        yield web_node
    finally:
        web_node.stop()


class Visitor:
    """Somebody at an address of their own; the cookie is kept as a browser would."""

    def __init__(self, web_node: WebNode, address: str = "203.0.113.1") -> None:
        self.http: FlaskClient = web_node.app.test_client()
        self._address = address
        self.token = ""
        self.user_id = ""

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self.http.open(
            path,
            method=method,
            base_url=f"http://{HOST}",
            headers=headers,
            environ_base={"REMOTE_ADDR": self._address},
            buffered=True,  # closes the files it was sent
            **more,
        )

    def sign_in(self, name: str = "Ana") -> Visitor:
        answer = self.ask("POST", "/api/session", json={"name": name}, headers=PAGE)
        assert answer.status_code == 200, answer.data
        self.token, self.user_id = answer.json["token"], answer.json["user"]["id"]
        return self

    def forget_cookie(self) -> Visitor:
        self.http.delete_cookie(COOKIE, domain=HOST)
        return self

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def say(self, room: str, content: str, key: str) -> Any:
        return self.ask(
            "POST",
            f"/api/rooms/{room}/messages",
            json={"content": content},
            headers=self.bearer | {"Idempotency-Key": key},
        )

    def read(self, room: str, query: str = "") -> Any:
        return self.ask("GET", f"/api/rooms/{room}/events{query}", headers=self.bearer)
