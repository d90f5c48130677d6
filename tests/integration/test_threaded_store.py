"""The store from the hub: real threads, real databases, and a network that can fall silent."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import make_url

from chatapp.errors import RoomNotFound, StorageUnavailable
from chatapp.kernel.ports import Outcome
from chatapp.runtime import Promise
from chatapp.store.database.deadline import Deadline
from chatapp.store.database.engine import DAY_MS
from chatapp.store.database.sqlite import SQLITE_PRAGMAS
from chatapp.store.threaded import ThreadedStore
from tests.contracts.worlds import event, write
from tests.databases import database_url, postgresql_server, postgresql_url, sqlite_template, sqlite_url

__all__ = ["database_url", "postgresql_server", "postgresql_url", "sqlite_template", "sqlite_url"]


def ask(operation: Callable[..., None], *args: Any, **more: Any) -> Any:
    promise: Promise[Any] = Promise()
    operation(*args, done=promise.resolve, **more)
    return promise.wait()


@pytest.fixture
def store(database_url: str) -> Iterator[ThreadedStore]:
    store = ThreadedStore(
        database_url=database_url, lease_ms=5000, must_be_alone=True, retention_ms=DAY_MS, readers=2
    )
    yield store
    store.stop()


def test_a_room_lives_its_whole_life_through_the_threads(store: ThreadedStore) -> None:
    assert ask(store.register, "me").alive
    with pytest.raises(RoomNotFound):
        ask(store.acquire, "lobby", node_id="me", create=False)
    lease = ask(store.acquire, "lobby", node_id="me", create=True).lease

    assert ask(store.commit, [write(lease, event("lobby", 1))]) == [Outcome.COMMITTED]

    assert [e.seq for e in store.call(lambda s: s.history.page("lobby", limit=5, cutoff=0)).events] == [1]
    assert ask(store.heartbeat, "me").alive
    ask(store.release, lease)
    ask(store.set_draining, "me")
    ask(store.resign, "me")
    assert not ask(store.heartbeat, "me").alive


def test_an_outage_has_a_name_that_a_client_understands(tmp_path: Any) -> None:
    store = ThreadedStore(
        database_url=f"sqlite:///{tmp_path}/no/such/folder/chat.db",
        lease_ms=5000,
        must_be_alone=True,
        retention_ms=DAY_MS,
    )

    with pytest.raises(StorageUnavailable):
        ask(store.acquire, "lobby", node_id="me", create=True)

    store.stop()


class SilentNetwork:
    """A way to the database that carries everything, until it carries nothing and says nothing."""

    def __init__(self, url: str) -> None:
        self._server = f"{make_url(url).query['host']}/.s.PGSQL.5432"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._is_silent = threading.Event()
        self._sockets: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()
        port = self._listener.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{port}/{make_url(url).database}"

    @property
    def is_silent(self) -> bool:
        return self._is_silent.is_set()

    def fall_silent(self) -> None:
        self._is_silent.set()

    def close(self) -> None:
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._server)
            self._sockets += [near, far]
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        while True:
            try:
                for ready in select.select([near, far], [], [])[0]:
                    carried = ready.recv(65536)
                    if not carried or self._is_silent.is_set():
                        return
                    (far if ready is near else near).sendall(carried)
            except (OSError, ValueError):
                return


def test_a_call_that_never_comes_back_is_cut(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = SilentNetwork(postgresql_url)
    enforce = Deadline.enforce

    def enforce_once_silent(deadline: Deadline) -> None:
        """Before, a busy machine may take longer for a call that comes back."""
        if network.is_silent:
            enforce(deadline)

    monkeypatch.setattr(Deadline, "enforce", enforce_once_silent)
    store = ThreadedStore(
        database_url=network.url,
        lease_ms=5000,
        must_be_alone=True,
        retention_ms=DAY_MS,
        readers=1,
        call_deadline_seconds=0.4,
    )
    ask(store.register, "me")
    lease = ask(store.acquire, "lobby", node_id="me", create=True).lease
    assert ask(store.commit, [write(lease, event("lobby", 1))]) == [Outcome.COMMITTED]

    network.fall_silent()

    assert ask(store.commit, [write(lease, event("lobby", 2), after=1)]) == [Outcome.UNAVAILABLE]
    with pytest.raises(StorageUnavailable):
        ask(store.heartbeat, "me")
    with pytest.raises(StorageUnavailable):
        store.call(lambda s: s.history.heads(["lobby"]))
    network.close()
    store.stop()


def test_a_connection_to_sqlite_is_durable_and_leaves_no_deleted_text(sqlite_url: str) -> None:
    store = ThreadedStore(
        database_url=sqlite_url, lease_ms=5000, must_be_alone=True, retention_ms=DAY_MS, readers=1
    )

    def pragma(name: str) -> Any:
        def read(s: Any) -> Any:
            with s.database.reading() as connection:
                return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

        return store.call(read)

    names = ("auto_vacuum", "journal_mode", "synchronous", "secure_delete", "foreign_keys")
    found = {name: pragma(name) for name in names}

    assert found == {
        "auto_vacuum": 2,
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
    }
    assert len(SQLITE_PRAGMAS) == len(found), "the first is how long a lock is waited for"
    store.stop()
