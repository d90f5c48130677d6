"""A room as one person's client has it: its aspects, and the join that brings them up to date.

It joins whenever the connection is up, and resumes by joining again. The machines decide, the aspects
drive them.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.client.aspect import Aspect, RoomLink, merged
from chatapp.client.attendance import Attendance
from chatapp.client.connection import NOT_CONNECTED, Connection
from chatapp.client.drafts import Drafts
from chatapp.client.listeners import Listeners
from chatapp.client.log import RoomLog
from chatapp.client.mentions import EVERYBODY, mentions_in
from chatapp.client.messages import PAGE, Messages
from chatapp.client.outbox import Outbox
from chatapp.client.outgoing_files import FileToSend
from chatapp.client.presence import Presence
from chatapp.client.ranges import Row
from chatapp.client.reading import Reading
from chatapp.client.turns import NamedTimers, Turns
from chatapp.client.uploader import Uploader
from chatapp.client.wire import Event, Json

_LONGEST_JOIN_WAIT_MS = 10_000

_ASPECTS: tuple[type[Aspect], ...] = (Reading, Attendance, Messages)
_HEARD = merged(_ASPECTS)
EVENTS = tuple(_HEARD)
"""The server's events for a room that a client hears."""


class ClientRoom:
    """Read its attributes inside a turn, or through `ChatClient`."""

    def __init__(
        self,
        room_id: str,
        connection: Connection,
        turns: Turns,
        drafts: Drafts,
        listeners: Listeners,
        uploader: Uploader,
    ) -> None:
        self.id = room_id
        self.status = "closed"  # then "joining", "joined"; or "refused", "left"
        self.refusal: Json | None = None
        self.last_join: Json | None = None  # the newest join ack
        self._connection = connection
        self._timers = NamedTimers(turns)
        self._link = RoomLink(room_id=room_id, connection=connection, turns=turns)
        self.reading = Reading(self._link)
        self.attendance = Attendance(self._link)
        self._said = Messages(
            self._link, drafts, listeners, join=self._join, rejoin=self.open, uploader=uploader
        )
        self._aspects: tuple[Aspect, ...] = (self.reading, self.attendance, self._said)
        self._joins = 0
        self._joins_refused = 0

    # --- what there is to see -----------------------------------------------------------------

    @property
    def log(self) -> RoomLog:
        return self._said.log

    @property
    def rows(self) -> list[Row]:
        return self.log.rows

    @property
    def messages(self) -> list[Event]:
        """The messages on the screen, oldest first, as they are now; a deleted one says `deleted`."""
        return [row for row in self.rows if isinstance(row, dict)]

    @property
    def outbox(self) -> Outbox:
        return self._said.mail.outbox

    @property
    def sent(self) -> dict[str, int]:
        """The seq of what this client has sent, by client id; 0 of a reaction that changed nothing."""
        return self._said.mail.sent

    @property
    def refused(self) -> dict[str, Json]:
        """Why a change was not stored, by client id: there was nothing more to be done."""
        return self._said.mail.refused

    @property
    def features(self) -> frozenset[str]:
        """What this server offers, by the names of the protocol: `edit`, `react`, …"""
        hello = self._connection.hello
        return frozenset(hello["features"] if hello else ())

    @property
    def presence(self) -> Presence:
        return self.attendance.presence

    @property
    def typing(self) -> list[Json]:
        return self.attendance.typing

    @property
    def read_seq(self) -> int:
        return self.reading.seq

    # --- what one can do ----------------------------------------------------------------------

    # What the server does not offer, and what is of a message that is not here, raises `Refused`.

    def send(
        self,
        content: str,
        client_id: str | None = None,
        *,
        reply_to: int | None = None,
        files: Sequence[FileToSend] = (),
        mentions: Sequence[Json] = (),
    ) -> str:
        """Put a message into the outbox; it goes out when it can. Its client id.

        `reply_to` is the seq of the message that it answers. `mentions` are those whom it calls, each with
        `id` and `name`: `mentions_in` finds them. Its `files` go before it; with files the text may be empty.
        Raises `OSError` for one that cannot be read.
        """
        return self._said.send(content, client_id, reply_to, files, mentions)

    def mentions_in(self, content: str) -> list[Json]:
        """Whom a text calls by `@name`: people who are here, or have spoken as far as is known.

        Nobody where the server does not offer it.
        """
        if "message.mentions" not in self.features:
            return []
        people = {user["id"]: user for user in self.presence.users}
        for event in reversed(self.messages):
            people.setdefault(event["user"]["id"], event["user"])
        return mentions_in(content, [*people.values(), EVERYBODY])

    def edit(
        self,
        message: int | str,
        content: str,
        *,
        base: int | None = None,
        uploads: list[str] | None = None,
        mentions: Sequence[Json] = (),
    ) -> str:
        """Give a message of one's own another text: the one at this seq, or sent with this client id.

        `base` is the `edited_seq` (or the seq) of the text it was written on, the present one's if
        left out: has the text changed since, the entry is in `conflict`, and `retry` goes over it.
        `uploads` are the ids of those of its files that stay; left out, all do. `mentions` are those whom it
        calls from now on; who was called already is not called again.
        """
        return self._said.edit(message, content, base, uploads, mentions)

    def delete(self, message: int | str) -> str | None:
        """Take a message of one's own back, in five seconds; until then `undo` with the id it gives.

        None: it had not left yet, and is discarded.
        """
        return self._said.delete(message)

    def undo(self, client_id: str) -> bool:
        """False: the deletion has left, or there is none."""
        return self._said.mail.undo(client_id)

    def react(self, seq: int, emoji: str, *, on: bool = True) -> str:
        """Set a reaction, or take it back. Its client id."""
        return self._said.react(seq, emoji, on=on)

    def want(self, feature: str) -> None:
        """Raises `Refused` with `unsupported` if the server has no such feature."""
        self._said.want(feature)

    def target_at(self, seq: int) -> Json:
        """`{seq, id}`: how requests name a message."""
        return self._said.target_at(seq)

    def mine(self, seq: int) -> list[str]:
        """The emoji with which one has reacted to a message."""
        held = self.log.message_at(seq)
        return list(held.mine) if held else []

    def flush(self) -> None:
        """Let deletions go now that could still be undone."""
        self._said.mail.flush()

    def retry(self, client_id: str) -> None:
        """Send one that failed, is old, or was written by somebody else: as who one is now."""
        self._said.mail.retry(client_id)

    def discard(self, client_id: str) -> None:
        self._said.mail.discard(client_id)

    def older(self) -> None:
        self._said.older()

    def fill(self, first: int) -> None:
        self._said.fill(first)

    def around(self, seq: int) -> None:
        self._said.around(seq)

    # --- what comes of the connection ---------------------------------------------------------

    def open(self) -> None:
        if self._connection.hello is not None:
            self._said.become(self._connection.hello["user"])
        if self.status == "closed":
            self._said.mail.restore()
        self._timers.cancel("join")
        self.status = "joining"
        self._said.open()

    def closed(self) -> None:
        self._joins += 1  # an answer to an earlier join is void
        self._timers.cancel_all()
        for aspect in self._aspects:
            aspect.closed()
        if self.status in {"joining", "joined"}:
            self.status = "joining"

    def leave(self) -> None:
        self.closed()
        self.status = "left"

    def hear(self, name: str, value: Json) -> None:
        """One of the server's events for this room."""
        place, method = _HEARD[name]
        method(self._aspects[place], value)

    def behind(self, head: int) -> None:
        self._said.behind(head)

    def expire(self, now: int) -> None:
        self._said.expire(now)

    # --- joining ------------------------------------------------------------------------------

    def _join(self, since: Json | None) -> None:
        self._joins += 1
        number = self._joins

        def answered(ack: Json) -> None:
            if number == self._joins:
                self._joined(ack) if ack["ok"] else self._join_refused(ack["error"])

        self._link.request("join", {"limit": PAGE, **({"since": since} if since else {})}, answered)

    def _joined(self, ack: Json) -> None:
        self._joins_refused = 0
        self.status, self.refusal, self.last_join = "joined", None, ack
        for aspect in self._aspects:
            aspect.joined(ack)

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
