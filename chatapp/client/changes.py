"""What a change makes of a message: another text, none, or other reactions.

A message knows the seq of the last change it has seen, its `rev`; only a later one counts. So it does
not matter how often a change comes, nor whether a message was read before or after it. An edit that was
read later tells the newest text; those up to the edit that this is of do not take it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

from chatapp.client.wire import Event, Json

_CHANGES = frozenset({"edit", "delete", "react"})
_OF_AN_EDIT = ("content", "mentions", "uploads", "edited_at", "edited_seq")


@dataclass(slots=True)
class Held:
    """A message as one has it; `mine`: the emoji with which one has reacted to it."""

    event: Event
    mine: list[str] = field(default_factory=list)


def is_change(event: Event) -> bool:
    return event["type"] in _CHANGES


def rev_of(row: Json) -> int:
    """Of a message, or of a quote."""
    rev: int = row["rev"] if "rev" in row else row["seq"]
    return rev


def is_bare(change: Event) -> bool:
    """An edit without its text, as a node of an older version repairs a gap: its target says what it says."""
    return change["type"] == "edit" and not change["body"].keys() & {"content", "gone"}


def text_rev(change: Event) -> int:
    """Which edit the text is of that an edit tells: itself, or if it was read later a later one."""
    rev: int = change["body"].get("edited_seq", change["seq"])
    return rev


def targets_of(change: Event) -> list[Json]:
    """Each message that it changes, once: `{seq, id}`."""
    body = change["body"]
    if "target" in body:
        return [body["target"]]
    return list({each["target"]["seq"]: each["target"] for each in body.get("changes", [])}.values())


def changed_by(held: Held, change: Event, me: str) -> Held | None:
    """None: it has seen the change, or is deleted. `me` is who one is."""
    event = held.event
    is_over = "deleted" in event["body"] or "gone" in change["body"] or is_bare(change)
    if change["seq"] <= rev_of(event) or is_over:
        return None
    target = {"seq": event["seq"], "id": event["id"]}
    reactions = [each for each in change["body"].get("changes", []) if each["target"] == target]
    own = [each for each in reactions if each["user"]["id"] == me]
    mine = [] if change["type"] == "delete" else reduce(_mine_after, own, held.mine)
    body = _body_after(event["body"], change, reactions)
    return Held({**event, "rev": change["seq"], "body": body}, mine)


def _body_after(body: Json, change: Event, reactions: list[Json]) -> Json:
    said = change["body"]
    if change["type"] == "delete":
        return {"content": "", "deleted": {"at": change["ts"], "by": said.get("by", "author")}}
    if change["type"] == "edit" and text_rev(change) < body.get("edited_seq", 0):
        return body
    if change["type"] == "edit":
        rest = {name: value for name, value in body.items() if name not in _OF_AN_EDIT}
        return {**rest, **{name: said[name] for name in _OF_AN_EDIT if name in said}}
    counts = reduce(_counts_after, reactions, body.get("reactions", []))
    rest = {name: value for name, value in body.items() if name != "reactions"}
    return {**rest, "reactions": counts} if counts else rest


def _counts_after(counts: list[Json], change: Json) -> list[Json]:
    """In the order in which they first came."""
    emoji, now = change["emoji"], {"emoji": change["emoji"], "count": change["count"]}
    if not change["count"]:
        return [each for each in counts if each["emoji"] != emoji]
    if any(each["emoji"] == emoji for each in counts):
        return [now if each["emoji"] == emoji else each for each in counts]
    return [*counts, now]


def _mine_after(mine: list[str], change: Json) -> list[str]:
    others = [emoji for emoji in mine if emoji != change["emoji"]]
    return [*others, change["emoji"]] if change["on"] else others
