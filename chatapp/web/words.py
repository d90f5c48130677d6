"""What a page says in words before its scripts do."""

from __future__ import annotations


def span_in_words(ms: int) -> str:
    """How long messages live, as ``spanInWords`` of static/js/page/text/times.js says it."""
    minutes = (ms + 30_000) // 60_000
    if minutes < 1:
        return _plural(max(1, (ms + 500) // 1_000), "second")
    if minutes % 60:
        return _plural(minutes, "minute")
    hours = minutes // 60
    return _plural(hours // 24, "day") if hours % 24 == 0 and hours > 24 else _plural(hours, "hour")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
