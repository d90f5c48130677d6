"""What was written and is not yet known to be stored: first in, first out, one on its way.

A pure machine. A message, an edit or a deletion leaves it only when the log has it (by the ack or by
one's own event), when nothing of it can be done any more, or when its person discards it. Sending it
again is always safe: its client id stays the same, for the one who wrote it. What somebody else has left
waits until it is told what to do. Reactions have a lane of their own.
"""

from __future__ import annotations

from typing import Any

from chatapp.client.dispatch import Dispatch
from chatapp.client.entries import Entries, Entry
from chatapp.client.outgoing_files import forget_uploads, heard_of_file, is_of_uploads, keep_only
from chatapp.client.reaction_lane import ReactionLane
from chatapp.client.wire import Action, Json

_UNDO_MS = 5_000
# These are about the connection, not about what was sent.
_STEP_BACK = frozenset({"not_joined", "unauthorized", "token_expired"})
_ASKED = frozenset({"failed", "conflict", "old", "paused"})
# Of a change: there is nothing left to be done.
_END_OF_A_CHANGE = frozenset({"target_gone", "forbidden"})


class Outbox:
    def __init__(self) -> None:
        self._entries = Entries()
        self._reactions = ReactionLane()
        self._dispatch = Dispatch(self._entries)

    @property
    def is_ready(self) -> bool:
        return self._dispatch.is_ready

    @property
    def entries(self) -> list[Entry]:
        return self._entries.all

    @property
    def reactions(self) -> list[Entry]:
        return self._reactions.entries

    @property
    def in_flight(self) -> str | None:
        return self._dispatch.in_flight.client_id if self._dispatch.in_flight else None

    def find(self, client_id: str) -> Entry | None:
        return self._entries.find(client_id) or self._reactions.find(client_id)

    def user(self, user: Json, now: int) -> list[Action]:
        """Who one is. What others have written is paused; what nobody has signed is one's own."""
        self._entries.user = user
        paused = self._pause_others(self.entries)
        return [*paused, *self._dispatch.next(now), *self._reactions.become(user)]

    def restore(self, entries: list[Json], now: int) -> list[Action]:
        """What a former run left, oldest first: whether it arrived is looked up before anything is sent."""
        fresh = self._entries.restore(e for e in entries if e.get("kind") != "react")
        reactions = self._reactions.restore(e for e in entries if e.get("kind") == "react")
        return [*self._pause_others(fresh), *self._dispatch.next(now), *reactions]

    def put(self, client_id: str, now: int, kind: str = "message", **what: Any) -> list[Action]:
        """A message (`content`, `mentions`, `reply_to`, `files`), or a change of one: its `target`, or `of`.

        `of` is the client id of one that has no place yet. An edit has `content`, `mentions`, `rev`
        and `uploads`, a reaction `emoji` and `on`.
        """
        draft = {"client_id": client_id, "put_at": now, "kind": kind, **what}
        if kind == "react":
            return self._reactions.put(**draft)
        entry = Entry(**draft)
        opened = self._entries.changed_by(entry)
        if opened is not None and kind == "edit":
            return self._rewrite(opened, entry, now)
        if opened is not None and kind == "delete":
            return self.discard(opened.client_id, now)
        self._entries.put(**draft, **({"not_before": now + _UNDO_MS} if kind == "delete" else {}))
        return [{"do": "store", "client_id": client_id}, *self._dispatch.next(now)]

    def ready(self, now: int) -> list[Action]:
        self._dispatch.is_ready = True
        return [*self._dispatch.next(now), *self._reactions.ready()]

    def file(self, client_id: str, key: str, now: int, **news: Any) -> list[Action]:
        """What has become of a file: `upload` and `is_there`, or the `refusal` that is its end."""
        entry = self._entries.find(client_id)
        if entry is None or entry.files is None or entry.state in ("sending", "paused"):
            return []
        heard_of_file(entry, key, news)
        failed: list[Action] = []
        if "refusal" in news:
            entry.state, entry.refusal, entry.is_uploading = "failed", news["refusal"], False
            failed = [{"do": "failed", "client_id": client_id, "code": news["refusal"]["code"]}]
        return [{"do": "store", "client_id": client_id}, *failed, *self._dispatch.next(now)]

    def closed(self, now: int) -> list[Action]:
        del now  # every input carries it
        return [*self._dispatch.stop(), *self._reactions.closed()]

    def ack(self, client_id: str, ack: Json, now: int) -> list[Action]:
        entry, reaction = self._entries.find(client_id), self._reactions.find(client_id)
        if ack["ok"]:
            return self._reactions.stored(reaction, ack) if reaction else self._arrived(entry, ack, now)
        is_awaited = reaction.state == "sending" if reaction else entry is self._dispatch.in_flight
        if not is_awaited or not (entry or reaction):
            return []
        if ack["error"]["code"] in _STEP_BACK:
            rejoin: list[Action] = [{"do": "rejoin"}] if ack["error"]["code"] == "not_joined" else []
            return [*self.closed(now), *rejoin]
        if reaction is not None:
            return self._reactions.refused(reaction, ack["error"])
        self._dispatch.put_back()
        return self._refused(entry, ack["error"], now) if entry else []

    def own_event(
        self, client_id: str, seq: int, now: int, user: str | None = None, id: str | None = None
    ) -> list[Action]:
        """`user` and `id` are of the event: whose it is, two people may have the same client id."""
        place = {"seq": seq} | ({} if id is None else {"id": id})
        return self._arrived(self._entries.find(client_id, user), place, now)

    def lookup_ack(self, ack: Json, now: int) -> list[Action]:
        if not self._dispatch.looked_up():
            return []
        self._dispatch.calm()
        for entry in self.entries:
            entry.is_unconfirmed = entry.is_unconfirmed and entry.client_id not in ack["unknown"]
        found = [(self._entries.find(client_id), place) for client_id, place in ack["found"].items()]
        taken = [action for entry, place in found if entry for action in self._take(entry, place)]
        return [*taken, *self._dispatch.next(now)]

    def lookup_failed(self, now: int, retry_after_ms: int | None = None) -> list[Action]:
        del now
        return self._dispatch.wait_to_retry(retry_after_ms) if self._dispatch.looked_up() else []

    def timer(self, name: str, now: int) -> list[Action]:
        if name == "react":
            return self._reactions.rang()
        self._dispatch.rang(name)
        return self._dispatch.next(now)

    def retry(self, client_id: str, now: int) -> list[Action]:
        """Send what waits for its person; an edit in conflict goes over the text that came between."""
        entry = self._entries.find(client_id)
        if entry is None or entry.state not in _ASKED:
            return []
        entry.is_repeat = entry.state != "paused"
        if entry.state == "paused":  # as this person's it has never been sent
            entry.author, entry.is_unconfirmed = self._entries.user, False
            forget_uploads(entry)
        if entry.state == "conflict":
            entry.rev = (entry.refusal or {}).get("rev")
        entry.state, entry.put_at, entry.refusal = "waiting", now, None
        return [{"do": "store", "client_id": client_id}, *self._dispatch.next(now)]

    def discard(self, client_id: str, now: int) -> list[Action]:
        """A message goes with all that was to become of it."""
        del now
        entry = self._entries.find(client_id)
        if entry is None or entry is self._dispatch.in_flight:
            return []
        gone = [entry, *self._entries.changes_of(client_id)]
        for each in gone:
            self._entries.remove(each)
        return [{"do": "forget", "client_id": each.client_id} for each in gone]

    def undo(self, client_id: str, now: int) -> list[Action]:
        """Take a deletion back that has not left yet."""
        entry = self._entries.find(client_id)
        if entry is None or entry.kind != "delete" or entry.is_repeat:
            return []
        actions = self.discard(client_id, now)
        is_delayed = any((each.not_before or 0) > now for each in self.entries)
        return actions if is_delayed else [*actions, *self._dispatch.delay_timer.cancel()]

    def flush(self, now: int) -> list[Action]:
        """Nobody will be here to undo a deletion, nor for its answer: send what waits for that."""
        delayed = [e for e in self.entries if e.state == "waiting" and (e.not_before or 0) > now]
        for entry in delayed:
            entry.not_before = None
        stored = [{"do": "store", "client_id": entry.client_id} for entry in delayed]
        sends = [self._dispatch.send(e) for e in delayed if e.of is None] if self.is_ready else []
        return [*stored, *self._dispatch.delay_timer.cancel(), *sends]

    def _pause_others(self, entries: list[Entry]) -> list[Action]:
        paused = self._entries.pause_others(entries, self._dispatch.in_flight)
        return [{"do": "ask", "client_id": entry.client_id} for entry in paused]

    def _rewrite(self, entry: Entry, edit: Entry, now: int) -> list[Action]:
        """What waits has another text now."""
        entry.content, entry.mentions = edit.content, edit.mentions
        entry.state, entry.refusal = "waiting", None
        keep_only(entry, edit.uploads)
        if entry.kind == "edit" and edit.rev is not None:
            entry.rev = edit.rev
        return [{"do": "store", "client_id": entry.client_id}, *self._dispatch.next(now)]

    def _refused(self, entry: Entry, refusal: Json, now: int) -> list[Action]:
        cancelled = self._dispatch.ack_timer.cancel()
        entry.refusal, code = refusal, refusal["code"]
        if code == "upload_unknown" and entry.files and not entry.is_uploaded_anew:
            self._upload_anew(entry)
            stored: Action = {"do": "store", "client_id": entry.client_id}
            return [stored, *cancelled, *self._dispatch.next(now)]
        if refusal["retryable"]:
            return [*cancelled, *self._dispatch.wait_to_retry(refusal.get("retry_after_ms"))]
        is_over = entry.kind == "delete" or (entry.kind == "edit" and code in _END_OF_A_CHANGE)
        entry.state = "conflict" if entry.kind == "edit" and code == "conflict" else "failed"
        if entry.files and is_of_uploads(code):
            forget_uploads(entry)
        failed: list[Action] = [{"do": "failed", "client_id": entry.client_id, "code": code}]
        said = self._end(entry, code) if is_over else failed
        return [*said, *cancelled, *self._dispatch.next(now)]

    def _upload_anew(self, entry: Entry) -> None:
        """It has waited for longer than its files are kept. A repeat would have been recognised before."""
        forget_uploads(entry)
        entry.is_uploaded_anew, entry.refusal = True, None

    def _end(self, entry: Entry, code: str) -> list[Action]:
        self._entries.remove(entry)
        return [
            {"do": "forget", "client_id": entry.client_id},
            {"do": "refused", "client_id": entry.client_id, "code": code},
        ]

    def _arrived(self, entry: Entry | None, place: Json, now: int) -> list[Action]:
        if entry is None:
            return []
        actions = self._take(entry, place)
        if entry is not self._dispatch.in_flight:
            return actions
        return [*actions, *self._dispatch.arrived(), *self._dispatch.next(now)]

    def _take(self, entry: Entry, place: Json) -> list[Action]:
        """It has a place. Changes that waited for it know their target now; without an id nobody knows it."""
        self._entries.remove(entry)
        changed = self._entries.rebase(entry, place["seq"]) if entry.kind == "edit" else []
        lost: list[Action] = []
        if "id" in place:
            target = {"seq": place["seq"], "id": place["id"]}
            changed += self._entries.settle(entry.client_id, target)
        else:
            changes = self._entries.changes_of(entry.client_id)
            lost = [action for change in changes for action in self._end(change, "target_gone")]
        stored = [{"do": "store", "client_id": each.client_id} for each in changed]
        sent = {"do": "sent", "client_id": entry.client_id, "seq": place["seq"]}
        return [{"do": "forget", "client_id": entry.client_id}, *stored, sent, *lost]
