"""Quotes: what a message shows of the one it answers, which follows what becomes of that."""

from __future__ import annotations

import regex

from chatapp.client.changes import is_bare, rev_of, text_rev
from chatapp.client.wire import Event, Json

# As readers count characters. Possessive, or one long cluster would be tried again from each of its parts.
_EXCERPT = regex.compile(r"\X{0,140}+")


def is_empty(quote: Json) -> bool:
    """Nothing of what it quotes is left."""
    return "deleted" in quote or "expired" in quote


def is_behind(quote: Json, change: Event) -> bool:
    """It shows something that has changed since."""
    return not is_empty(quote) and rev_of(quote) < change["seq"]


def quote_after(quote: Json, change: Event) -> Json:
    """The same, if it has seen this change of the quoted message."""
    if not is_behind(quote, change) or is_bare(change) or "gone" in change["body"]:
        return quote
    if change["type"] == "delete":
        return {"seq": quote["seq"], "deleted": True}
    if change["type"] != "edit":
        return quote
    return _quote_of(quote, change["body"], text_rev(change))


def quote_as_read(quote: Json, message: Event) -> Json:
    """The same, if it is as new as the quoted message that was read."""
    body = message["body"]
    if is_empty(quote):
        return quote
    if "deleted" in body:
        return {"seq": quote["seq"], "deleted": True}
    rev = body.get("edited_seq", message["seq"])  # a reaction is nothing to a quote
    return quote if rev_of(quote) >= rev else _quote_of(quote, body, rev)


def _quote_of(quote: Json, body: Json, rev: int) -> Json:
    """The same quote of what the message is now."""
    rest = {name: value for name, value in quote.items() if name != "files"}
    files = {"files": len(body["uploads"])} if body.get("uploads") else {}
    return {**rest, "excerpt": _excerpt(body["content"]), **files, "rev": rev}


def _excerpt(text: str) -> str:
    found = _EXCERPT.match(text)
    assert found is not None  # it may be empty
    return str(found[0])
