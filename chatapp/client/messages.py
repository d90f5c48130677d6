"""Messages: the log of a room, and what is on its way into it. It drives the log's machine."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import ClassVar

from chatapp.client.aspect import Aspect, Hears, RoomLink
from chatapp.client.drafts import Drafts
from chatapp.client.log import RoomLog
from chatapp.client.outbox_driver import OutboxDriver
from chatapp.client.wire import Action, Event, Json

PAGE = 100


class Messages(Aspect):
    """`join` enters the room with a cursor, or without; `rejoin` once more, from the beginning."""

    def __init__(
        self,
        link: RoomLink,
        drafts: Drafts,
        on_event: Callable[[Event], None],
        *,
        join: Callable[[Json | None], None],
        rejoin: Callable[[], None],
    ) -> None:
        super().__init__(link)
        self.log = RoomLog()
        self.mail = OutboxDriver(link.room_id, link.connection, link.turns, drafts, rejoin=rejoin)
        self._join = join
        self._on_event = on_event
        self._unshown: dict[int, Event] = {}

    def joined(self, ack: Json) -> None:
        self._note(ack["events"])
        self._carry_out(self.log.join_ack(ack))
        # After the log: what the resume brought is not sent again.
        self.mail.ready()

    def closed(self) -> None:
        super().closed()
        self._carry_out(self.log.closed())
        self.mail.closed()

    def open(self) -> None:
        self._carry_out(self.log.open())

    def send(self, content: str, client_id: str | None = None) -> str:
        return self.mail.put(client_id or str(uuid.uuid4()), content)

    def older(self) -> None:
        self._carry_out(self.log.older())

    def fill(self, first: int) -> None:
        self._carry_out(self.log.fill(first))

    def expire(self, now: int) -> None:
        self._carry_out(self.log.expire(now))

    def behind(self, head: int) -> None:
        self._carry_out(self.log.behind(head))

    def said(self, event: Event) -> None:
        self._note([event])
        self._carry_out(self.log.event(event))

    def resync(self, _resync: Json) -> None:
        self._carry_out(self.log.resync())

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case {"do": "join", "since": since}:
                    self._join(since)
                case {"do": "history", **request}:
                    self._ask(request)
                case {"do": "show", "seqs": seqs}:
                    self._show(seqs)
                case {"do": "timer", "name": name, "ms": ms}:
                    self._timers.start(name, ms, lambda: self._carry_out(self.log.timer("gap")))
                case {"do": "cancel", "name": name}:
                    self._timers.cancel(name)
        held = self.log.pending
        self._unshown = {seq: self._unshown[seq] for seq in held if seq in self._unshown}

    def _ask(self, request: Json) -> None:
        def answered(ack: Json) -> None:
            if ack["ok"]:
                self._note(ack["events"])
                self._carry_out(self.log.history_ack(request, ack))
            else:
                wait = ack["error"].get("retry_after_ms", 0)
                self._carry_out(self.log.history_failed(request, wait))

        self._link.request("history", {"limit": PAGE, **request}, answered)

    def _note(self, events: list[Event]) -> None:
        """Keep what may be shown soon, and see which of the outbox's messages have arrived."""
        for event in events:
            self._unshown[event["seq"]] = event
            if client_id := event.get("client_id"):
                self.mail.own_event(client_id, event["seq"], event["user"]["id"])

    def _show(self, seqs: list[int]) -> None:
        for seq in seqs:
            self._on_event(self._unshown[seq])

    hears: ClassVar[Hears] = {"event": said, "resync": resync}
