"""The questions to the history that are on their way: what they ask for, and when they were sent."""

from __future__ import annotations

from chatapp.client.wire import Json


class HistoryRequests:
    def __init__(self) -> None:
        self.sent = 0  # ever
        self._on_their_way: list[tuple[int, Json]] = []  # as the how manieth, and the request

    def __bool__(self) -> bool:
        return bool(self._on_their_way)

    def has(self, request: Json) -> bool:
        return any(each == request for _number, each in self._on_their_way)

    def has_up_to(self, sent: int) -> bool:
        """Whether one of the first so many is on its way."""
        return any(number <= sent for number, _request in self._on_their_way)

    def begin(self, request: Json) -> bool:
        """False: it is on its way already."""
        if self.has(request):
            return False
        self.sent += 1
        self._on_their_way.append((self.sent, request))
        return True

    def end(self, request: Json) -> bool:
        """Whether it was on its way."""
        was_there = self.has(request)
        self._on_their_way = [each for each in self._on_their_way if each[1] != request]
        return was_there

    def clear(self) -> None:
        """Nobody waits for an answer any more."""
        self._on_their_way = []
