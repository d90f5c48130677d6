"""The no to a connection that has no place: why, in words and by a status, before anybody is asked."""

from __future__ import annotations

from chatapp.runtime.requests.heads import refusal

RETRY_SECONDS = 5

_WORDS = {
    "address": "This address has too many connections without a request.",
    "node": "There are too many connections without a request.",
    "bytes": "There are too many requests that are not finished.",
    "descriptors": "There are too many connections.",
    "unread": "This address has too many answers that it does not read.",
    "address bodies": "This address sends too many files at once.",
    "most bodies": "Others wait to send files, and this address sends more than any other.",
    "node bodies": "Too many files are being sent.",
}
_OF_ADDRESS = ("address", "unread", "address bodies", "most bodies")


def no_place(reason: str) -> bytes:
    is_its_own_fault = reason in _OF_ADDRESS
    scope = "address" if is_its_own_fault else "node"
    status = "429 Too Many Requests" if is_its_own_fault else "503 Service Unavailable"
    return refusal(status, "too_many_connections", _WORDS[reason], RETRY_SECONDS, scope)
