"""Reactions of one node in one room: the first at once, the others together, each with its own answer."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.errors import OwnerUnavailable, TooMany
from chatapp.gateway.talk.gathered_reactions import GATHERED_SECONDS, MOST_AT_ONCE, GatheredReactions
from chatapp.kernel.ports import Reply
from chatapp.rooms.commands import Command
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.reacting import React, Reacted, Reaction, ReactOutcome, Refusal
from tests.fakes.scheduler import FakeScheduler


class Gathering:
    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.sent: list[tuple[React, Any]] = []
        self.answers: list[Any] = []
        self.gathered = GatheredReactions(self._send, self.scheduler)

    def _send(self, command: Command, reply: Reply) -> None:
        assert isinstance(command, React)
        self.sent.append((command, reply))

    def put(self, emoji: str = "👍", room: str = "lobby") -> None:
        reaction = Reaction(user_id="u", name="U", target=TargetId(seq=1, id="m"), emoji=emoji, on=True)
        self.gathered.put(room, reaction, self.answers.append)

    def sizes(self) -> list[int]:
        return [len(command.changes) for command, _ in self.sent]


@pytest.fixture
def gathering() -> Gathering:
    return Gathering()


def test_the_first_goes_at_once_and_those_within_a_second_of_it_together(gathering: Gathering) -> None:
    for _ in range(5):
        gathering.put()
    gathering.put(room="elsewhere")
    assert gathering.sizes() == [1, 1]

    gathering.scheduler.run_for(GATHERED_SECONDS)
    assert gathering.sizes() == [1, 1, 4]
    gathering.put()
    gathering.scheduler.run_for(GATHERED_SECONDS)
    assert gathering.sizes() == [1, 1, 4, 1], "a second behind the second"

    gathering.scheduler.run_for(2 * GATHERED_SECONDS)
    gathering.put()
    assert gathering.sizes() == [1, 1, 4, 1, 1], "after a quiet second at once again"


def test_each_is_answered_with_its_own_outcome(gathering: Gathering) -> None:
    for emoji in "abcd":
        gathering.put(emoji)
    gathering.scheduler.run_for(GATHERED_SECONDS)
    gathering.sent[0][1](OwnerUnavailable())
    refusal = Refusal(code="too_many", message="No more.", field="emoji", extra={})
    outcomes = [ReactOutcome(seq=7), ReactOutcome(), ReactOutcome(refusal=refusal)]
    gathering.sent[1][1](Reacted(outcomes=outcomes))

    unavailable, seq, unchanged, too_many = gathering.answers
    assert isinstance(unavailable, OwnerUnavailable)
    assert (seq, unchanged) == (7, None)
    assert isinstance(too_many, TooMany)
    assert (too_many.message, too_many.field) == ("No more.", "emoji")


def test_so_many_do_not_wait_for_more(gathering: Gathering) -> None:
    for _ in range(2 * MOST_AT_ONCE + 1):
        gathering.put()
    assert gathering.sizes() == [1, MOST_AT_ONCE, MOST_AT_ONCE]


def test_before_somebody_leaves_what_they_set_is_sent(gathering: Gathering) -> None:
    gathering.put("a")
    gathering.put("b")
    gathering.gathered.send_now("lobby")
    gathering.gathered.send_now("lobby")
    gathering.gathered.send_now("elsewhere")
    assert gathering.sizes() == [1, 1]
