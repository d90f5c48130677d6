"""Messages: the log of a room, and what is on its way into it. It drives the log's machine."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import ClassVar

from chatapp.client.aspect import Aspect, Hears, RoomLink
from chatapp.client.drafts import Drafts
from chatapp.client.listeners import Listeners
from chatapp.client.log import RoomLog
from chatapp.client.outbox_driver import OutboxDriver
from chatapp.client.outgoing_files import FileToSend
from chatapp.client.sign_in import Refused
from chatapp.client.uploader import Uploader
from chatapp.client.wire import Action, Event, Json

PAGE = 100
_UNSUPPORTED = "This server does not offer this."
_GONE = "The message is not here."


class Messages(Aspect):
    """`join` enters the room with a cursor, or without; `rejoin` once more, from the beginning."""

    def __init__(
        self,
        link: RoomLink,
        drafts: Drafts,
        listeners: Listeners,
        *,
        join: Callable[[Json | None], None],
        rejoin: Callable[[], None],
        uploader: Uploader,
    ) -> None:
        super().__init__(link)
        self.log = RoomLog()
        self.mail = OutboxDriver(
            link.room_id,
            link.connection,
            link.turns,
            drafts,
            rejoin=rejoin,
            on_refused=listeners.refused,
            uploader=uploader,
        )
        self._uploader = uploader
        self._join = join
        self._listeners = listeners

    # --- what one can do ----------------------------------------------------------------------

    def send(
        self,
        content: str,
        client_id: str | None = None,
        reply_to: int | None = None,
        files: Sequence[FileToSend] = (),
        mentions: Sequence[Json] = (),
    ) -> str:
        client_id = client_id or str(uuid.uuid4())
        what: Json = {"content": content, **self._calling(mentions)}
        if reply_to is not None:
            self.want("message.reply_to")
            what["reply_to"] = self.target_at(reply_to)
        if files:
            self.want("message.uploads")
            what["files"] = [self._draft_of(client_id, place, file) for place, file in enumerate(files)]
        return self.mail.put(client_id, **what)

    def _calling(self, mentions: Sequence[Json]) -> Json:
        if not mentions:
            return {}
        self.want("message.mentions")
        return {"mentions": list(mentions)}

    def _draft_of(self, client_id: str, place: int, file: FileToSend) -> Json:
        draft = file.as_draft(f"{client_id}-{place}")
        if isinstance(file.source, bytes):
            self._uploader.keep(client_id, draft["key"], file.source)
        return draft

    def edit(
        self,
        message: int | str,
        content: str,
        base: int | None = None,
        uploads: list[str] | None = None,
        mentions: Sequence[Json] = (),
    ) -> str:
        self.want("edit")
        stay: Json = self._calling(mentions)
        if uploads is not None:
            self.want("edit.uploads")
            stay["uploads"] = uploads
        target = self._target(message)
        rev = {} if "of" in target else {"rev": base or self._text_rev(target["target"]["seq"])}
        return self.mail.put(str(uuid.uuid4()), kind="edit", content=content, **target, **rev, **stay)

    def delete(self, message: int | str) -> str | None:
        """None: it waited, and is discarded."""
        self.want("delete")
        client_id = str(uuid.uuid4())
        self.mail.put(client_id, kind="delete", **self._target(message))
        return client_id if self.mail.outbox.find(client_id) else None

    def react(self, seq: int, emoji: str, *, on: bool) -> str:
        self.want("react")
        return self.mail.put(str(uuid.uuid4()), kind="react", target=self.target_at(seq), emoji=emoji, on=on)

    def target_at(self, seq: int) -> Json:
        """Which message is meant; raises `Refused` with `target_gone` if there is none here."""
        held = self.log.message_at(seq)
        if held is None:
            raise Refused({"code": "target_gone", "message": _GONE, "retryable": False})
        return {"seq": seq, "id": held.event["id"]}

    def older(self) -> None:
        self._carry_out(self.log.older())

    def fill(self, first: int) -> None:
        self._carry_out(self.log.fill(first))

    def around(self, seq: int) -> None:
        self._carry_out(self.log.around(seq))

    # --- what comes of the connection ---------------------------------------------------------

    def become(self, user: Json) -> None:
        self.mail.become(user)
        self._carry_out(self.log.user(user["id"]))

    def open(self) -> None:
        self._carry_out(self.log.open())

    def joined(self, ack: Json) -> None:
        self._note(ack["events"])
        self._carry_out(self.log.join_ack(ack))
        # After the log: what the resume brought is not sent again.
        self.mail.ready()

    def closed(self) -> None:
        super().closed()
        self._carry_out(self.log.closed())
        self.mail.closed()

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
                    self._tell(self._listeners.shown, seqs)
                case {"do": "changed", "seqs": seqs}:
                    self._tell(self._listeners.changed, seqs)
                case {"do": "timer", "name": name, "ms": ms}:
                    self._timers.start(name, ms, lambda: self._carry_out(self.log.timer("gap")))
                case {"do": "cancel", "name": name}:
                    self._timers.cancel(name)

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
        """See which of the outbox's have arrived."""
        for event in events:
            if client_id := event.get("client_id"):
                user_id = event["user"]["id"]
                self.mail.own_event(client_id, seq=event["seq"], id=event["id"], user_id=user_id)

    def _tell(self, tell: Callable[[Event], None], seqs: list[int]) -> None:
        for seq in seqs:
            if held := self.log.message_at(seq):
                tell(held.event)

    def want(self, feature: str) -> None:
        hello = self._link.connection.hello
        if hello is None or feature not in hello["features"]:
            raise Refused({"code": "unsupported", "message": _UNSUPPORTED, "retryable": False})

    def _target(self, message: int | str) -> Json:
        """By its seq, or by the client id with which it was sent, while it still waits or has arrived."""
        if isinstance(message, int):
            return {"target": self.target_at(message)}
        if self.mail.outbox.find(message):
            return {"of": message}
        place = self.mail.places.get(message)
        return {"target": place or self.target_at(0)}

    def _text_rev(self, seq: int) -> int:
        held = self.log.message_at(seq)
        rev: int = held.event["body"].get("edited_seq", seq) if held else seq
        return rev

    hears: ClassVar[Hears] = {"event": said, "resync": resync}
