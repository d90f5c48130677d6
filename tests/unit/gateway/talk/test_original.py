"""The gateway is the outbox of the original's clients: what it was given once, it sees through."""

from __future__ import annotations

import json
from typing import cast

import msgspec
import pytest

from chatapp.gateway.talk.original import OriginalDialect, PlainSession
from chatapp.gateway.wire import frames
from chatapp.gateway.wire.plain import PlainSocket
from chatapp.kernel.ports import Outcome
from chatapp.limits import EVENTS_PER_CONNECTION, MESSAGES_PER_USER
from chatapp.rooms.commands import Join
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.joining import Joined
from chatapp.runtime import HubScheduler
from tests.fakes.storage import Fate
from tests.unit.gateway.edge import Edge, FakeSocket


def session_of(edge: Edge, user_id: str) -> tuple[PlainSession, FakeSocket]:
    socket = FakeSocket()
    dialect = OriginalDialect(
        connections=edge.connections,
        context=edge.context,
        held=edge.held,
        scheduler=cast(HubScheduler, edge.scheduler),
    )
    session = PlainSession(dialect, edge.connect(user_id), cast(PlainSocket, socket), "lobby")
    session.begin()
    edge.after(1)
    socket.answers.clear()
    return session, socket


def test_what_the_gateway_tries_again_does_not_count_against_its_sender(edge: Edge) -> None:
    """Somebody who has used up their budget lost the message that was under way in an outage."""
    session, socket = session_of(edge, "ana")
    for number in range(MESSAGES_PER_USER.burst - 1):
        session.hear(json.dumps({"type": "message", "content": str(number)}))
        edge.after(0)
    edge.fates.plan("commit", *[Fate(answer=Outcome.UNAVAILABLE)] * 4)

    session.hear(json.dumps({"type": "message", "content": "the last"}))
    edge.after(5)

    assert socket.answers == []
    assert [row.event.body for row in edge.database.rooms["lobby"].log][-1] == b'{"content":"the last"}'


def test_pings_have_the_rate_of_all_events(edge: Edge) -> None:
    session, socket = session_of(edge, "ana")

    for _ in range(100):
        session.hear("ping")

    refused = [json.loads(answer)["code"] for answer in socket.answers if answer != "pong"]
    assert socket.answers.count("pong") == EVENTS_PER_CONNECTION.burst
    assert refused == ["rate_limited"] * (100 - EVENTS_PER_CONNECTION.burst)


def test_whoever_cannot_be_greeted_is_not_left_waiting(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """A row of the log that cannot be read is our bug; its client must notice that it is not in."""
    session, socket = session_of(edge, "ana")
    unreadable = RoomEvent(
        room_id="lobby",
        seq=1,
        type="message",
        id="e1",
        ts=1,
        user_id="ben",
        user_name="Ben",
        client_id="c1",
        body=b"",
        content_hash=b"",
    )
    joined: list[Joined] = []
    edge.joined_rooms.join(
        session.connection, Join(room_id="lobby", member=session.connection.member("n_1")), joined.append
    )
    edge.after(1)

    session.joined(msgspec.structs.replace(joined[0], events=[unreadable]))

    assert (socket.answers, socket.close_codes) == ([], [frames.INTERNAL_ERROR])
    assert "a bug while greeting somebody" in caplog.text
