"""What a terminal shows of messages: each as a line, what becomes of it as another."""

from __future__ import annotations

import time
from typing import Any

from chatapp.client.mentions import called_anew, calls
from chatapp.client.wire import Event, Json

_EXCERPT_LENGTH = 40

# As wide as the time at the head of a line: nobody forges a line by breaking their own.
_CONTINUED = "\n      "


def printable(text: Any) -> str:
    """Without escape sequences: nobody repaints somebody else's terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def line_of(event: Event, site: str, me: str = "") -> str:
    """A message, under the number by which commands name it, marked if it calls the person `me`.

    `site` is where its files are.
    """
    body, name = event["body"], printable(event["user"]["name"])
    head = f"{time.strftime('%H:%M', time.localtime(event['ts'] / 1000))} #{event['seq']} {name}"
    if "deleted" in body:
        return f"{head} has deleted this"
    answered = f" ({_quoted(body['quote'])})" if "quote" in body else ""
    called = " mentions you" if calls(event, me) else ""
    edited = " (edited)" if "edited_at" in body else ""
    reactions = f" [{_reactions(body)}]" if "reactions" in body else ""
    return f"{head}{called}{answered}: {_said(body, site)}{edited}{reactions}".replace("\n", _CONTINUED)


def change_of(event: Event, before: Json, site: str, me: str = "") -> str | None:
    """What is other than in this earlier body; None: nothing that is worth a line."""
    body, number = event["body"], f"#{event['seq']}"
    name = printable(event["user"]["name"])
    if "deleted" in body:
        return f"* {name} has deleted {number}"
    if any(body.get(field) != before.get(field) for field in ("content", "uploads")):
        called = " and mentions you" if calls(event, me) and called_anew(body, me) else ""
        return f"* {name} has edited {number}{called}: {_said(body, site)}".replace("\n", _CONTINUED)
    if body.get("reactions") != before.get("reactions"):
        return f"* {number}: {_reactions(body) or 'no reactions'}"
    return None


def _quoted(quote: Json) -> str:
    if "deleted" in quote:
        return f"to #{quote['seq']}, deleted"
    if "expired" in quote:
        return f"to #{quote['seq']}, which is gone"
    excerpt = " ".join(printable(quote["excerpt"]).split()) or f"{quote.get('files', 0)} files"
    short = excerpt if len(excerpt) <= _EXCERPT_LENGTH else f"{excerpt[:_EXCERPT_LENGTH]}…"
    return f"to #{quote['seq']} {printable(quote['user']['name'])}, “{short}”"


def size_of(bytes_: int) -> str:
    """As people say it."""
    if bytes_ < 1000:
        return f"{bytes_} B"
    kilobytes = bytes_ / 1000
    return f"{kilobytes:.0f} KB" if kilobytes < 1000 else f"{kilobytes / 1000:.1f} MB"


def _said(body: Json, site: str) -> str:
    """The text, and a line for each file with where it is."""
    lines = [printable(body["content"])] if body["content"] else []
    return "\n".join([*lines, *(_file(upload, site) for upload in body.get("uploads", []))])


def _file(upload: Json, site: str) -> str:
    name = " ".join(printable(upload["name"]).split())
    shows = f" “{' '.join(printable(upload['alt']).split())}”" if upload.get("alt") else ""
    return f"[{name}, {size_of(upload['size'])}{shows}] {site}/files/{upload['id']}"


def _reactions(body: Json) -> str:
    return " ".join(f"{printable(each['emoji'])} {each['count']}" for each in body.get("reactions", []))
