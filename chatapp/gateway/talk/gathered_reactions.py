"""Gathered reactions: what the people of one node set in one room within a second goes there together.

The first goes at once. Where twenty thumbs go up together, the others are one event of the log, and not
nineteen that everybody's client has to hear and every page has to bring. Each is answered when it is
stored.
"""

from __future__ import annotations

from collections.abc import Callable

from chatapp.errors import ChatError
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.kernel.ports import Reply, Scheduler
from chatapp.rooms.commands import Command
from chatapp.rooms.reacting import React, Reacted, Reaction, as_error

GATHERED_SECONDS = 1.0
MOST_AT_ONCE = 200

_Waiting = list[tuple[Reaction, Answer]]


class GatheredReactions:
    def __init__(self, send: Callable[[Command, Reply], object], scheduler: Scheduler) -> None:
        self._send = send
        self._scheduler = scheduler
        self._rooms: dict[str, _Waiting] = {}  # those where something was sent within the last second

    def put(self, room_id: str, reaction: Reaction, answer: Answer) -> None:
        """``answer`` gets the seq of the event, None where nothing has changed, or a refusal."""
        waiting = self._rooms.get(room_id)
        if waiting is None:
            self._begin(room_id, [(reaction, answer)])
            return
        waiting.append((reaction, answer))
        if len(waiting) == MOST_AT_ONCE:
            self.send_now(room_id)

    def send_now(self, room_id: str) -> None:
        """Before somebody leaves: what they set is to be heard while they are in the room."""
        if waiting := self._rooms.get(room_id):
            self._rooms[room_id] = []
            self._react(room_id, waiting)

    def _go_on(self, room_id: str) -> None:
        if waiting := self._rooms.pop(room_id):
            self._begin(room_id, waiting)

    def _begin(self, room_id: str, waiting: _Waiting) -> None:
        """A second in which others are gathered."""
        self._rooms[room_id] = []
        self._scheduler.call_later(GATHERED_SECONDS, self._go_on, room_id)
        self._react(room_id, waiting)

    def _react(self, room_id: str, waiting: _Waiting) -> None:
        def answered(result: Reacted | ChatError) -> None:
            if isinstance(result, ChatError):
                for _, answer in waiting:
                    answer(result)
                return
            for (_, answer), outcome in zip(waiting, result.outcomes, strict=True):
                refusal = outcome.refusal
                answer(outcome.seq if refusal is None else as_error(refusal))

        self._send(React(room_id=room_id, changes=tuple(reaction for reaction, _ in waiting)), answered)
