"""The form of a room: one handler for each command, and storage is asked by those alone whom it concerns."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from chatapp.kernel.durable_object import Deferred
from chatapp.rooms.aspect import Aspect, Question, TurnAspect, merged
from chatapp.rooms.attendance.aspect import Leave
from chatapp.rooms.attendance.sessions import SessionsOf
from chatapp.rooms.commands import Join
from chatapp.rooms.messages.aspect import Messages
from chatapp.rooms.messages.recent_ids import KnownIds
from chatapp.rooms.room import ASPECTS, COMMANDS
from tests.unit.rooms.house import House, join, member, post, rules

ANA, BEN = member("ana"), member("ben")
TURN_ASPECTS = [aspect for aspect in ASPECTS if issubclass(aspect, TurnAspect)]


def test_what_is_declared_twice_is_an_error_before_anything_runs() -> None:
    """Of two handlers of a command, two readers of a question, one would never be called."""
    first: dict[type, int] = {Leave: 1}
    second: dict[type, int] = {Join: 2}
    assert merged([first, {}, second]) == {Leave: 1, Join: 2}

    with pytest.raises(TypeError, match=r"declared twice: .*Leave"):
        merged([first, {**second, Leave: 3}])


def test_an_aspect_asks_about_commands_that_exist() -> None:
    for aspect in TURN_ASPECTS:
        assert aspect.asks_about
        assert aspect.asks_about <= set(COMMANDS)


def test_what_a_command_is_answered_with_is_declared() -> None:
    """Or else a node that forwards the command could not read the answer."""
    for aspect in ASPECTS:
        answers = {get_type_hints(handler)["return"] for handler in aspect.handles.values()}
        assert answers - {Deferred, type(None)} <= set(aspect.answers), aspect


def test_plain_messages_ask_the_log_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    house.fill(1)
    house.wake()
    house.join(ANA)
    house.asked.clear()
    for aspect in TURN_ASPECTS:
        if aspect is not Messages:
            monkeypatch.setattr(aspect, "ask", _must_not_be_asked)

    house.say(*(post(ANA, f"c{n}") for n in range(200)))

    assert [type(question) for question in house.asked] == [KnownIds]


def _must_not_be_asked(aspect: Aspect, commands: object) -> list[Question]:
    raise AssertionError(f"{type(aspect).__name__} was asked")


def test_after_a_wake_the_sessions_of_strangers_are_read_whatever_is_said_first() -> None:
    """Storage failed when they came: it may know of an attachment of theirs."""
    house = House(rules(ids_looked_up_after_wake_ms=0))
    house.join(ANA, attachment='"kept"')
    house.audience[BEN.connection_id] = BEN
    house.wake()
    house.asked.clear()

    house.post(ANA, "c1")
    house.say(join(ANA))

    assert [question.devices for question in house.asked_for(SessionsOf)] == [(("ben", "tab"),)]
