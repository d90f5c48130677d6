"""What a client sends, taken apart in turns; the stream and its time are fakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from chatapp.gateway.wire import frames
from chatapp.gateway.wire.incoming import FRAMES_A_TURN, PAUSE_SECONDS, Incoming
from chatapp.runtime import HubScheduler, Stream
from tests.fakes.scheduler import FakeScheduler
from tests.integration.wire import masked

UNMASKED = b"\x81\x01x"


class Tap:
    """A stream that a test fills. It brings nothing while it is closed, as it is at first."""

    def __init__(self) -> None:
        self.on_received: Callable[[bytes], object] = lambda _: None
        self.is_open = False

    def resume(self) -> None:
        self.is_open = True

    def pause(self) -> None:
        self.is_open = False

    def bring(self, received: bytes) -> None:
        assert self.is_open
        self.on_received(received)


class Ear:
    """One connection's ``Incoming`` and what it heard."""

    def __init__(self) -> None:
        self.scheduler, self.tap = FakeScheduler(), Tap()
        self.heard: list[str | bytes] = []
        self.broken: list[int] = []
        self.ends = 0
        self.incoming = Incoming(
            cast(Stream, self.tap),
            cast(HubScheduler, self.scheduler),
            on_frame=self._on_frame,
            on_broken=self.broken.append,
            on_end=self._on_end,
            brings_no_answer=lambda frame: frame.content == "pong",
        )

    def _on_frame(self, frame: frames.Message) -> None:
        self.heard.append(frame.content)
        if frame.content == "hold":
            self.incoming.hold()

    def _on_end(self) -> None:
        self.ends += 1


@pytest.fixture
def ear() -> Ear:
    ear = Ear()
    ear.incoming.start(b"")
    ear.scheduler.run()
    return ear


def texts(*contents: str) -> bytes:
    return b"".join(masked(frames.TEXT, content.encode()) for content in contents)


def test_one_that_sends_without_pause_gets_a_few_frames_done_and_then_has_to_wait(ear: Ear) -> None:
    sent = [str(n) for n in range(3 * FRAMES_A_TURN + 1)]

    ear.tap.bring(texts(*sent))

    for turn in (1, 2, 3):
        assert ear.heard == sent[: turn * FRAMES_A_TURN]
        assert not ear.tap.is_open
        ear.scheduler.run_for(PAUSE_SECONDS)
    assert ear.heard == sent
    assert ear.tap.is_open


def test_one_that_sends_a_few_at_a_time_never_waits(ear: Ear) -> None:
    for _ in range(3 * FRAMES_A_TURN):
        ear.tap.bring(texts("one", "two"))

    assert ear.heard == ["one", "two"] * 3 * FRAMES_A_TURN
    assert ear.tap.is_open


def test_nothing_is_heard_while_somebody_holds_and_all_of_it_later(ear: Ear) -> None:
    ear.tap.bring(texts("one", "hold", "two", "three"))
    ear.scheduler.run()
    assert ear.heard == ["one", "hold"]
    assert not ear.tap.is_open

    ear.incoming.go_on()
    ear.scheduler.run()

    assert ear.heard == ["one", "hold", "two", "three"]
    assert ear.tap.is_open


def test_a_frame_that_breaks_the_protocol_is_told_once_and_what_follows_is_thrown_away(ear: Ear) -> None:
    ear.tap.bring(texts("one") + UNMASKED + texts("two"))
    ear.tap.bring(texts("three"))
    ear.tap.bring(b"")

    assert ear.heard == ["one"]
    assert ear.broken == [frames.PROTOCOL_ERROR]
    assert ear.ends == 1


def test_what_came_with_the_request_is_heard_first_and_not_inside_the_caller() -> None:
    ear = Ear()
    ear.incoming.start(texts("early")[:3])
    assert ear.heard == []

    ear.scheduler.run()
    ear.tap.bring(texts("early")[3:] + texts("later"))

    assert ear.heard == ["early", "later"]


def test_who_takes_nothing_is_heard_up_to_its_next_request_and_goes_on_from_there(ear: Ear) -> None:
    ear.incoming.answer_no_more()

    ear.tap.bring(texts("pong", "ask", "pong", "ask more"))
    assert ear.heard == ["pong"]
    assert not ear.tap.is_open

    ear.incoming.answer_again()
    ear.scheduler.run()
    assert ear.heard == ["pong", "ask", "pong", "ask more"]
    assert ear.tap.is_open


def test_who_falls_behind_again_before_it_goes_on_keeps_waiting(ear: Ear) -> None:
    ear.incoming.answer_no_more()
    ear.tap.bring(texts("ask", "ask more"))

    ear.incoming.answer_again()
    ear.incoming.answer_no_more()
    ear.scheduler.run()
    assert ear.heard == []

    ear.incoming.answer_again()
    ear.incoming.answer_again()
    ear.scheduler.run()
    assert ear.heard == ["ask", "ask more"]
