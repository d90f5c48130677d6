"""On the wire: looking for what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, TypeAlias

import msgspec
from msgspec import Meta

from chatapp import limits
from chatapp.errors import TooLong
from chatapp.protocol.aspect import Route, Words
from chatapp.protocol.forms import Ack, RoomRequest, Seq
from chatapp.protocol.messages import LogEvent, log_event
from chatapp.protocol.parsing import parse_as
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.query import Query, parse_query

QueryText: TypeAlias = Annotated[
    str,
    Meta(
        description=f"At most {limits.QUERY_TERMS} words, or phrases in quotation marks. A message must have "
        "them all, also as parts of its words. Neither case counts nor accents, nor how wide a letter is.",
        extra_json_schema={"minLength": 1, "maxLength": limits.QUERY_LENGTH},
    ),
]
Limit: TypeAlias = Annotated[int, Meta(ge=1, le=limits.SEARCH_PAGE)]


class SearchAck(Ack, frozen=True, kw_only=True):
    """What was found until now, newest first. With `more_before`, ask on with `before: searched_to`.

    Without an event it says only how far back nothing was found.
    """

    events: list[LogEvent]
    searched_to: Annotated[int, Meta(description="Nothing else was found from here on up.")]
    more_before: bool


class SearchRequest(RoomRequest, frozen=True, kw_only=True):
    """Look for messages, backwards from `before` or from the newest.

    The answer comes with the last of `limit`, or after a fifth of a second with what was found by then. A
    person has one search at a time: the next one ends it.
    """

    event: ClassVar[str] = "search"
    ack: ClassVar[type[Ack]] = SearchAck

    q: QueryText
    before: Seq | None = None
    limit: Limit = limits.SEARCH_EVENTS

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        checked_query(self.q)

    @property
    def query(self) -> Query:
        return parse_query(self.q)


class SearchBody(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for: in a body, because addresses end up in the logs of proxies."""

    q: QueryText
    before: Seq | None = None
    limit: Limit = limits.SEARCH_EVENTS


def checked_query(text: str) -> Query:
    if len(text) > limits.QUERY_LENGTH:
        raise TooLong(f"A search has at most {limits.QUERY_LENGTH} characters.", field="q")
    query = parse_query(text)
    if len(query.terms) > limits.QUERY_TERMS:
        raise TooLong(f"A search has at most {limits.QUERY_TERMS} words.", field="q")
    return query


def search_ack(messages: Sequence[RoomEvent], *, searched_to: int, more_before: bool) -> SearchAck:
    return SearchAck(
        events=[log_event(message) for message in messages], searched_to=searched_to, more_before=more_before
    )


def parse_search(room: str, body: object) -> SearchRequest:
    asked = parse_as(SearchBody, body)
    return SearchRequest(room=room, q=asked.q, before=asked.before, limit=asked.limit)


WORDS = Words(
    requests=(SearchRequest,),
    routes=(
        Route(
            method="POST",
            path="/api/rooms/{room}/search",
            summary="Look for messages, the newest first; what is found within a fifth of a second.",
            body=SearchBody,
            answer=SearchAck,
            needs_token=True,
            request=SearchRequest,
            refuses=(400, 401, 403, 404, 413, 429, 503),
        ),
    ),
)
