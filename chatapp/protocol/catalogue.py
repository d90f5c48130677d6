"""All words of the wire, from its aspects; and the only way from what a stranger sent to a request."""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.errors import BadRequest, UnknownEvent, Unsupported
from chatapp.protocol import (
    attachments,
    attendance,
    changing,
    connection,
    files,
    joining,
    messages,
    reacting,
    reading,
    rest,
    search,
    uploads,
)
from chatapp.protocol.forms import Request
from chatapp.protocol.parsing import parse_as
from chatapp.rooms.aspect import merged

_ASPECTS = (
    rest,
    joining,
    attendance,
    messages,
    changing,
    reacting,
    search,
    reading,
    attachments,
    connection,
    uploads,
    files,
)
_WORDS = [aspect.WORDS for aspect in _ASPECTS]

REQUESTS: dict[str, type[Request]] = merged({r.event: r} for words in _WORDS for r in words.requests)
SIGNALS = merged(words.signals for words in _WORDS)
TOLD = merged(words.told for words in _WORDS)
ROUTES = [route for words in _WORDS for route in words.routes]
FEATURES = (*REQUESTS, *(feature for words in _WORDS for feature in words.features))
"""What works: the events a client may send, and what was added to one. The rest answers `unsupported`."""
_OF_FILES = frozenset(feature for feature in FEATURES if feature.endswith(".uploads"))

NOT_OFFERED = frozenset({"moderate", "room"}) - REQUESTS.keys()
"""Events whose names are taken by features that are not built."""


def features(*, has_uploads: bool) -> tuple[str, ...]:
    """Of ``FEATURES``, what works on this server."""
    return FEATURES if has_uploads else tuple(each for each in FEATURES if each not in _OF_FILES)


def parse(name: object, args: Sequence[object]) -> Request:
    """The request that an event carries; `args` is what came beside its name.

    Raises `UnknownEvent`, `Unsupported`, `BadRequest`, `Empty` or `TooLong`.
    """
    if not isinstance(name, str):
        raise UnknownEvent
    if name in NOT_OFFERED:
        raise Unsupported
    request = REQUESTS.get(name)
    if request is None:
        raise UnknownEvent
    if len(args) != 1:
        raise BadRequest("An event carries exactly one object.")
    return parse_as(request, args[0])
