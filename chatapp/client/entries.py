"""What waits in an outbox, oldest first: messages, edits and deletions, each of the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from chatapp.client.wire import Json


@dataclass(slots=True, kw_only=True)
class Entry:
    """A draft, with what has become of it. One without a kind is a message."""

    client_id: str
    put_at: int
    kind: str = "message"  # or "edit", "delete", "react"
    content: str = ""
    author: Json | None = None  # `{id, name}`; None until it is known who one is
    mentions: list[Json] | None = None  # whom a message or an edit calls: `id`, `name`
    reply_to: Json | None = None  # `{seq, id}` of the message that it answers
    target: Json | None = None  # `{seq, id}` of the message that it changes
    of: str | None = None  # its client id, as long as it has no place
    rev: int | None = None  # of the text that an edit was written on
    not_before: int | None = None  # until then a deletion can be undone
    emoji: str | None = None
    on: bool | None = None
    files: list[Json] | None = None  # of a message: see `outgoing_files`
    uploads: list[str] | None = None  # of an edit: those of its files that stay; None: all
    state: str = "waiting"  # or "sending", "failed", "conflict", "old", "paused"
    is_repeat: bool = False  # it may have reached the server
    is_unconfirmed: bool = False  # of before a start, and to be looked up
    refusal: Json | None = None
    sent_on: bool | None = None  # what a reaction that is on its way says
    is_uploading: bool = False  # its files are on their way
    is_uploaded_anew: bool = False  # they were gone before it could be sent

    @classmethod
    def restored(cls, draft: Json) -> Entry:
        is_message = draft.get("kind", "message") == "message"
        return cls(**draft, is_repeat=True, is_unconfirmed=is_message)

    @property
    def draft(self) -> Json:
        """What has to be known of it after a restart; without a kind, as versions before wrote messages."""
        kept = {name: getattr(self, name) for name in _DRAFT}
        is_message = self.kind == "message"
        return {name: kept[name] for name in kept if kept[name] is not None and (name, is_message) != _KIND}

    @property
    def is_open(self) -> bool:
        """The server cannot have it: it can still become something else."""
        if self.state == "failed":
            return self.refusal is None or self.refusal["code"] != "conflict"
        return self.state == "conflict" or (self.state in ("waiting", "old") and not self.is_repeat)

    def is_of_the_same(self, other: Entry) -> bool:
        return (self.of, self.target) == (other.of, other.target)


_STATE = frozenset(
    {"state", "is_repeat", "is_unconfirmed", "refusal", "sent_on", "is_uploading", "is_uploaded_anew"}
)
_DRAFT = [field.name for field in fields(Entry) if field.name not in _STATE]
_KIND = ("kind", True)


class Entries:
    def __init__(self) -> None:
        self.all: list[Entry] = []
        self.user: Json | None = None  # who one is

    def find(self, client_id: str, user_id: str | None = None) -> Entry | None:
        """Two people may have the same client id: `user_id` is of whose event it is."""
        entry = next((each for each in self.all if each.client_id == client_id), None)
        is_others = entry and user_id and entry.author and entry.author["id"] != user_id
        return None if is_others else entry

    def is_own(self, entry: Entry) -> bool:
        return self.user is None or entry.author is None or entry.author["id"] == self.user["id"]

    def changes_of(self, client_id: str) -> list[Entry]:
        """Of a message that has no place yet."""
        return [entry for entry in self.all if entry.of == client_id]

    def remove(self, entry: Entry) -> None:
        self.all = [each for each in self.all if each is not entry]

    def restore(self, drafts: Iterable[Json]) -> list[Entry]:
        """Those that were here before go first; gives the ones that were not known."""
        known = {entry.client_id for entry in self.all}
        fresh = [Entry.restored(draft) for draft in drafts if draft["client_id"] not in known]
        self.all[:0] = fresh
        return fresh

    def put(self, **draft: Any) -> Entry:
        entry = Entry(**draft, author=self.user)
        self.all.append(entry)
        return entry

    def pause_others(self, entries: Iterable[Entry], in_flight: Entry | None) -> list[Entry]:
        """Those that wait for their person from now on. What nobody has signed is of the first who comes."""
        paused: list[Entry] = []
        for entry in entries:
            entry.author = entry.author or self.user
            if self.is_own(entry):
                entry.state = "waiting" if entry.state == "paused" else entry.state
            elif entry.state != "paused" and entry is not in_flight:
                entry.state, entry.refusal = "paused", None
                paused.append(entry)
        return paused

    def changed_by(self, change: Entry) -> Entry | None:
        """The open entry that it changes: the message itself, or an earlier edit of it."""
        message = self.find(change.of) if change.of is not None else None
        if message is not None and message.is_open:
            return message
        edits = [
            each for each in self.all if each.kind == change.kind == "edit" and each.is_of_the_same(change)
        ]
        return next((edit for edit in reversed(edits) if edit.is_open), None)

    def settle(self, client_id: str, target: Json) -> list[Entry]:
        """A message has a place, and with it its changes; gives those."""
        changes = self.changes_of(client_id)
        for change in changes:
            change.of, change.target = None, target
            if change.kind == "edit":
                change.rev = target["seq"]
        return changes

    def rebase(self, edit: Entry, seq: int) -> list[Entry]:
        """An edit is stored: later ones were written on it. Gives those that were not."""
        same = [each for each in self.all if each.kind == "edit" and each.is_of_the_same(edit)]
        later = [each for each in same if each is not edit and (seq if each.rev is None else each.rev) < seq]
        for each in later:
            each.rev = seq
        return later
