"""A room as one person's client has it: its log, what is on its way, who is here, who writes.

It joins whenever the connection is up, and resumes by joining again. The machines decide; this is
the hands of the log and of presence: it sends what they ask for and brings them the answers.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from chatapp.client.connection import NOT_CONNECTED, Connection
from chatapp.client.drafts import Drafts
from chatapp.client.log import RoomLog
from chatapp.client.outbox import Outbox
from chatapp.client.outbox_driver import OutboxDriver
from chatapp.client.presence import Presence
from chatapp.client.ranges import Row
from chatapp.client.turns import NamedTimers, Turns
from chatapp.client.wire import Action, Event, Json

_PAGE = 100
_LONGEST_JOIN_WAIT_MS = 10_000


class ClientRoom:
    """Read its attributes inside a turn, or through `ChatClient`."""

    def __init__(
        self,
        room_id: str,
        connection: Connection,
        turns: Turns,
        drafts: Drafts,
        on_event: Callable[[Event], None],
    ) -> None:
        self.id = room_id
        self.status = "closed"  # then "joining", "joined"; or "refused", "left"
        self.refusal: Json | None = None
        self.last_join: Json | None = None  # the newest join ack
        self.log = RoomLog()
        self.presence = Presence()
        self.typing: list[Json] = []
        self.read_seq = 0
        self._unshown: dict[int, Event] = {}
        self._connection = connection
        self._timers = NamedTimers(turns)
        self._on_event = on_event
        self._mail = OutboxDriver(room_id, connection, turns, drafts, rejoin=self.open)
        self._joins = 0
        self._joins_refused = 0

    @property
    def outbox(self) -> Outbox:
        return self._mail.outbox

    @property
    def sent(self) -> dict[str, int]:
        """The seq of what this client has sent, by client id."""
        return self._mail.sent

    @property
    def rows(self) -> list[Row]:
        return self.log.rows

    @property
    def messages(self) -> list[Event]:
        """The messages on the screen, oldest first."""
        return [row for row in self.rows if isinstance(row, dict)]

    def open(self) -> None:
        if self._connection.hello is not None:
            self._mail.become(self._connection.hello["user"])
        if self.status == "closed":
            self._mail.restore()
        self._timers.cancel("join")
        self.status = "joining"
        self._log(self.log.open())

    def closed(self) -> None:
        self._joins += 1  # an answer to an earlier join is void
        self._timers.cancel_all()
        self._log(self.log.closed())
        self._mail.closed()
        self._presence(self.presence.closed())
        self.typing = []
        if self.status in {"joining", "joined"}:
            self.status = "joining"

    def leave(self) -> None:
        self.closed()
        self.status = "left"

    def send(self, content: str, client_id: str | None = None) -> str:
        """Put a message into the outbox; it goes out when it can. Its client id."""
        return self._mail.put(client_id or str(uuid.uuid4()), content)

    def retry(self, client_id: str) -> None:
        """Send one that failed, is old, or was written by somebody else: as who one is now."""
        self._mail.retry(client_id)

    def discard(self, client_id: str) -> None:
        self._mail.discard(client_id)

    def older(self) -> None:
        self._log(self.log.older())

    def fill(self, first: int) -> None:
        self._log(self.log.fill(first))

    def expire(self, now: int) -> None:
        self._log(self.log.expire(now))

    def hear(self, name: str, value: Json) -> None:
        """One of the server's events for this room."""
        match name:
            case "event":
                self._note([value])
                self._log(self.log.event(value))
            case "presence":
                self._presence(self.presence.event(value))
            case "typing":
                self.typing = value["users"]
                self._timers.start("typing", value["ttl_ms"], self.typing.clear)
            case "read":
                self.read_seq = max(self.read_seq, value["seq"])
            case "resync":
                self._log(self.log.resync())

    def behind(self, head: int) -> None:
        self._log(self.log.behind(head))

    # --- the log's hands ----------------------------------------------------------------------

    def _log(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case {"do": "join", "since": since}:
                    self._join(since)
                case {"do": "history", **request}:
                    self._ask(request)
                case {"do": "show", "seqs": seqs}:
                    self._show(seqs)
                case {"do": "timer", "name": name, "ms": ms}:
                    self._timers.start(name, ms, lambda: self._log(self.log.timer("gap")))
                case {"do": "cancel", "name": name}:
                    self._timers.cancel(name)
        held = self.log.pending
        self._unshown = {seq: self._unshown[seq] for seq in held if seq in self._unshown}

    def _join(self, since: Json | None) -> None:
        self._joins += 1
        number = self._joins
        payload = {"room": self.id, "limit": _PAGE, **({"since": since} if since else {})}

        def answered(ack: Json) -> None:
            if number == self._joins:
                self._joined(ack) if ack["ok"] else self._join_refused(ack["error"])

        self._connection.request("join", payload, answered)

    def _joined(self, ack: Json) -> None:
        self._joins_refused = 0
        self.status, self.refusal, self.last_join = "joined", None, ack
        self.read_seq = ack["read"] or 0
        self._note(ack["events"])
        self._log(self.log.join_ack(ack))
        self._presence(self.presence.join_ack(ack["presence"]))
        # After the log: what the resume brought is not sent again.
        self._mail.ready()

    def _join_refused(self, error: Json) -> None:
        if error["code"] == NOT_CONNECTED["code"]:
            return  # the next connection joins
        self.refusal = error
        if not error["retryable"]:
            self.status = "refused"
            return
        wait = min(_LONGEST_JOIN_WAIT_MS, 1_000 * 2 ** min(self._joins_refused, 10))
        self._joins_refused += 1
        self._timers.start("join", error.get("retry_after_ms", wait), self.open)

    def _ask(self, request: Json) -> None:
        def answered(ack: Json) -> None:
            if ack["ok"]:
                self._note(ack["events"])
                self._log(self.log.history_ack(request, ack))
            else:
                wait = ack["error"].get("retry_after_ms", 0)
                self._log(self.log.history_failed(request, wait))

        self._connection.request("history", {"room": self.id, "limit": _PAGE, **request}, answered)

    def _note(self, events: list[Event]) -> None:
        """Keep what may be shown soon, and see which of the outbox's messages have arrived."""
        for event in events:
            self._unshown[event["seq"]] = event
            if client_id := event.get("client_id"):
                self._mail.own_event(client_id, event["seq"], event["user"]["id"])

    def _show(self, seqs: list[int]) -> None:
        for seq in seqs:
            self._on_event(self._unshown[seq])

    # --- presence's hands ---------------------------------------------------------------------

    def _presence(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case {"do": "ask"}:
                    self._connection.request("presence", {"room": self.id}, self._who_is_here)
                case {"do": "timer", "name": name, "ms": ms}:
                    self._timers.start(name, ms, lambda: self._presence(self.presence.timer("ask")))
                case {"do": "cancel", "name": name}:
                    self._timers.cancel(name)

    def _who_is_here(self, ack: Json) -> None:
        self._presence(self.presence.ack(ack) if ack["ok"] else self.presence.ask_failed())
