"""The client as one uses it: sign in, join rooms, send, listen, wait.

    with ChatClient("http://127.0.0.1:8000", name="Ana") as chat:
        chat.join("lobby")
        chat.send("lobby", "Hello")
        chat.wait_for(lambda: chat.room("lobby").messages)

What is sent is stored once, however often the network fails in between; what is received comes
once, in order, without a hole. Callbacks run in a turn (see `turns`) and must not wait.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin

from chatapp.client.connection import ANSWER_MS, Connection
from chatapp.client.drafts import Drafts, DraftsInMemory
from chatapp.client.http import exchange
from chatapp.client.joined_rooms import JoinedRooms
from chatapp.client.listeners import Listeners
from chatapp.client.outgoing_files import FileToSend
from chatapp.client.room import ClientRoom
from chatapp.client.search import found
from chatapp.client.sign_in import Refused, call, sign_in
from chatapp.client.turns import Turns
from chatapp.client.uploader import Uploader
from chatapp.client.wire import Event, Json
from chatapp.client.wire_socket import Listener, Socket, SocketIO

T = TypeVar("T")


class ChatClient:
    """`name` signs a guest in unless there is a `token`; `device` names this place over restarts.

    `open_socket` replaces the real socket where a test owns the network.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str | None = None,
        token: str | None = None,
        device: str | None = None,
        transports: Sequence[str] = ("websocket",),
        drafts: Drafts | None = None,
        on_event: Callable[[Event], None] | None = None,
        open_socket: Callable[[Listener], Socket] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.name = name
        self.token = token
        self.device = device or str(uuid.uuid4())
        self.on_event = on_event  # each row, in order; older ones when they are asked for
        self.on_change: Callable[[Event], None] | None = None  # a row that is another now: as it is
        self.on_refused: Callable[[str, Json], None] | None = None  # a client id, and why it is not stored
        # On a thread of its own: a client id, a file of its message, how many bytes of it the server has.
        self.on_progress: Callable[[str, Json, int], None] | None = None
        self._transports = tuple(transports)
        self._drafts = drafts or DraftsInMemory()
        self._turns = Turns()
        self._uploader = Uploader(
            self.url,
            self._turns,
            token=lambda: self.token,
            on_progress=lambda *progress: self._tell(self.on_progress, *progress),
        )
        self._listeners = Listeners(
            shown=lambda event: self._tell(self.on_event, event),
            changed=lambda event: self._tell(self.on_change, event),
            refused=lambda client_id, refusal: self._tell(self.on_refused, client_id, refusal),
        )
        self.connection = Connection(self._turns, open_socket or self._open_socket)
        self._rooms = JoinedRooms(self.connection, self._turns)

    def __enter__(self) -> ChatClient:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def status(self) -> str:
        return self.connection.status

    @property
    def user(self) -> Json:
        """`{id, name}`, as the server greeted us."""
        if self.connection.hello is None:
            raise RuntimeError("not connected yet")
        user: Json = self.connection.hello["user"]
        return user

    def on(self, name: str, listener: Callable[[Any], None]) -> None:
        """Hear the server's events as they come, also `online`, `lost` and `status`."""
        self._turns.take(self.connection.on, name, listener)

    def connect(self, timeout: float = 15) -> Json:
        """Sign in if need be, connect, and give the server's `hello`.

        Raises `Refused`, `ConnectionError` or `TimeoutError`. The client goes on trying after
        a timeout, until it is closed.
        """
        if self.token is None and self.name is not None:
            self.token = sign_in(self.url, self.name)["token"]
        self._turns.take(self.connection.start)
        over = {"online", "signed_out", "refused"}
        self.wait_for(lambda: self.status in over, timeout)
        if self.status != "online":
            raise Refused(self.connection.refusal or {"code": self.status})
        assert self.connection.hello is not None
        return self.connection.hello

    def join(self, room_id: str, timeout: float = 15) -> ClientRoom:
        """Enter a room and stay in it over every reconnect; raises `Refused` or `TimeoutError`."""
        room = self._rooms.find(room_id)
        if room is None or room.status in {"refused", "left"}:
            room = ClientRoom(
                room_id, self.connection, self._turns, self._drafts, self._listeners, self._uploader
            )
            self._turns.take(self._rooms.add, room)
            if self.status == "online":
                self._turns.take(room.open)
        if self.status == "idle":
            self.connect(timeout)
        self.wait_for(lambda: room.status in {"joined", "refused"}, timeout)
        if room.refusal is not None:
            raise Refused(room.refusal)
        return room

    def leave(self, room_id: str) -> Json:
        self._turns.take(self._rooms.take_out(room_id).leave)
        return self.request("leave", {"room": room_id})

    def room(self, room_id: str) -> ClientRoom:
        return self._rooms[room_id]

    # Each of these gives the client id of what is now in the room's outbox. What the server does not
    # offer, and what is of a message that is not here, raises `Refused`. More of them: `ClientRoom`.

    def send(
        self,
        room_id: str,
        content: str,
        client_id: str | None = None,
        *,
        reply_to: int | None = None,
        mentions: Sequence[Json] = (),
    ) -> str:
        """Say something; `reply_to` is the seq of the message that it answers.

        `mentions` are those whom it calls, each with `id` and the `name` that stands in it behind an `@`:
        `mentions_in` finds those whom one knows.
        """
        room = self._rooms[room_id]
        return self._turns.take(lambda: room.send(content, client_id, reply_to=reply_to, mentions=mentions))

    def mentions_in(self, room_id: str, content: str) -> list[Json]:
        """Whom a text calls by `@name`, of those who are in the room or have spoken there; `@here` is all."""
        room = self._rooms[room_id]
        return self._turns.take(lambda: room.mentions_in(content))

    def send_file(
        self,
        room_id: str,
        *files: str | Path | FileToSend,
        content: str = "",
        client_id: str | None = None,
        reply_to: int | None = None,
    ) -> str:
        """Send files with a text, or without one: by their paths, or as `FileToSend`, which also takes bytes.

        They go to the server by themselves, over lost connections too, and the message behind them, once.
        What has a path survives the end of the program with its draft. Raises `OSError` for what cannot be
        read.
        """
        room = self._rooms[room_id]
        chosen = [each if isinstance(each, FileToSend) else FileToSend(source=each) for each in files]
        return self._turns.take(lambda: room.send(content, client_id, reply_to=reply_to, files=chosen))

    def file_address(self, upload_id: str) -> str:
        """Where anybody can read a file for the next ten minutes, as this person may. Raises as `fetch`."""
        told: Json = call(self.url, "GET", f"/api/files/{upload_id}/address", token=self.token)
        return urljoin(f"{self.url}/", str(told["address"]))

    def fetch(self, upload_id: str, thumb: int | None = None) -> bytes:
        """The bytes of a file, or of the smaller picture of it with this longest side.

        Raises `Refused` or `ConnectionError`.
        """
        path = f"/files/{upload_id}" + (f"/{thumb}" if thumb else "")
        return exchange(self.url, "GET", path, token=self.token).body

    def edit(
        self,
        room_id: str,
        message: int | str,
        content: str,
        *,
        base: int | None = None,
        uploads: list[str] | None = None,
        mentions: Sequence[Json] = (),
    ) -> str:
        """Give a message of one's own another text: the one at this seq, or sent with this client id.

        `uploads` are the ids of those of its files that stay; left out, all do. `mentions` are those whom it
        calls from now on.
        """
        room = self._rooms[room_id]
        more: Any = {"base": base, "uploads": uploads, "mentions": mentions}
        return self._turns.take(lambda: room.edit(message, content, **more))

    def delete(self, room_id: str, message: int | str) -> str | None:
        """Take a message of one's own back, in five seconds. None: it had not left, and is discarded."""
        return self._turns.take(self._rooms[room_id].delete, message)

    def undo(self, room_id: str, client_id: str) -> bool:
        """Keep what was to be deleted; False: too late."""
        return self._turns.take(self._rooms[room_id].undo, client_id)

    def react(self, room_id: str, seq: int, emoji: str, *, on: bool = True) -> str:
        """Set a reaction to a message, or take it back."""
        room = self._rooms[room_id]
        return self._turns.take(lambda: room.react(seq, emoji, on=on))

    def reactions(self, room_id: str, seq: int) -> list[Json]:
        """Who has reacted to a message: `[{emoji, count, users: [{id, name}]}]`; raises `Refused`."""
        room = self._rooms[room_id]
        self._turns.take(room.want, "reactions")
        target = self._turns.take(room.target_at, seq)
        ack = self.request("reactions", {"room": room_id, "target": target})
        if not ack["ok"]:
            raise Refused(ack["error"])
        found: list[Json] = ack["reactions"]
        return found

    def wait_sent(self, room_id: str, client_id: str, timeout: float = 15) -> int:
        """The seq of a message or a change once it is stored; raises `Refused` if it never will be."""
        room = self._rooms[room_id]

        def outcome() -> Json | None:
            if client_id in room.sent:
                return {"seq": room.sent[client_id]}
            if client_id in room.refused:
                return {"error": room.refused[client_id]}
            entry = room.outbox.find(client_id)
            return {"error": entry.refusal} if entry and entry.state in {"failed", "conflict"} else None

        known = self.wait_for(outcome, timeout)
        if known is not None and "seq" in known:
            seq: int = known["seq"]
            return seq
        raise Refused((known or {})["error"])

    def search(self, room_id: str, query: str) -> Iterator[Event]:
        """What was said with these words, the newest first, from as far back as one goes on asking.

        Raises `Refused`.
        """
        return found(self.request, room_id, query)

    def request(self, name: str, payload: Json, timeout: float = ANSWER_MS / 1000) -> Json:
        """Any event of the protocol, and its ack as it came."""
        acks: list[Json] = []
        self._turns.take(self.connection.request, name, payload, acks.append, timeout * 1000)
        self.wait_for(lambda: acks, timeout + 1)
        return acks[0]

    def emit(self, name: str, payload: Json) -> None:
        """Any event, without asking for an ack."""
        self._turns.take(self.connection.emit, name, payload)

    def take_turn(self, callback: Callable[[], T]) -> T:
        """Call it while nothing else happens in this client: for what a room offers itself."""
        return self._turns.take(callback)

    def wait_for(self, predicate: Callable[[], T], timeout: float = 15) -> T:
        """What the predicate gives, once that is true; raises `TimeoutError`.

        It is asked after each turn, so it should be about this client.
        """
        return self._turns.wait_for(predicate, timeout)

    def go_offline(self) -> None:
        """Be gone without a word, as when the network fails, until `go_online`."""
        self._turns.take(self.connection.cut)

    def go_online(self, timeout: float = 15) -> Json:
        return self.connect(timeout)

    def check(self) -> None:
        """Am I up to date? Asked by itself every 25 s; ask after a machine has slept."""
        self._turns.take(self._rooms.check)

    def close(self) -> None:
        """Say goodbye. What is in an outbox stays in its drafts; a deletion goes without its five seconds."""
        self._turns.take(self._rooms.flush)
        self._uploader.stop()
        self._turns.take(self.connection.stop)
        self._turns.end()

    def _open_socket(self, tell: Listener) -> Socket:
        # One of the rooms in the address lets a load balancer bring a room's people together.
        first = self._rooms.first_id
        rooms = "" if first is None else urlencode({"room": first})
        auth = {"token": self.token or "", "device": self.device, "client": "python", "protocol": "1"}
        return SocketIO(f"{self.url}?{rooms}", auth=auth, transports=self._transports, tell=tell)

    def _tell(self, listener: Callable[..., None] | None, *values: object) -> None:
        if listener:
            listener(*values)
