"""The client as it was before a message could change: its log and its ranges, unchanged since.

Apps that people have on their phones keep the rules that it keeps: what they do not know they count. The
rest of it, and its driver, are what a test needs.
"""

from __future__ import annotations

from tests.client_of_before.log import RoomLog
from tests.client_of_before.wire import Action, Event, Json
from tests.talkers import PythonTalker

PAGE = 20


class ClientOfBefore:
    """One person in one room. It takes what has come when it is told to, in the order in which it came."""

    def __init__(self, url: str, token: str, room: str) -> None:
        self.log = RoomLog()
        self.shown: list[int] = []  # the seqs, as they came onto the screen
        self.asked = 0  # how often something was missing
        self._room = room
        self._talker = PythonTalker(url, token, "before")
        self._taken = 0

    def connect(self) -> None:
        self._talker.connect()
        self._taken = 0
        self._carry_out(self.log.open())

    def disconnect(self) -> None:
        self._talker.disconnect()
        self._carry_out(self.log.closed())

    def close(self) -> None:
        self._talker.close()

    def take_up_to(self, head: int) -> None:
        """Everything that is told, until it has the log up to there."""
        while self.log.last < head:
            self._talker.heard.wait("event", that=lambda event: event["seq"] > self.log.last)
            self._take()

    def load_older(self) -> None:
        """As who scrolls up to the beginning."""
        while self.log.start == "more":
            self._carry_out(self.log.older())

    @property
    def texts(self) -> dict[int, str]:
        """What it shows, by seq; it knows no message without a text."""
        return {row["seq"]: row["body"]["content"] for row in self.log.rows if isinstance(row, dict)}

    @property
    def has_holes(self) -> bool:
        return any(not isinstance(row, dict) for row in self.log.rows)

    def _take(self) -> None:
        told = self._talker.heard.of("event")
        fresh, self._taken = told[self._taken :], len(told)
        for event in fresh:
            self._carry_out(self.log.event(event))

    def _carry_out(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case {"do": "join", "since": since}:
                    cursor = {"since": since} if since else {}
                    joined = self._call("join", {"limit": PAGE, **cursor})
                    self._carry_out(self.log.join_ack(joined))
                case {"do": "history", **request}:
                    self.asked += "after" in request
                    ack = self._call("history", {"limit": PAGE, **request})
                    self._carry_out(self.log.history_ack(request, ack))
                case {"do": "show", "seqs": seqs}:
                    self.shown += seqs

    def _call(self, name: str, fields: Json) -> Json:
        ack = self._talker.call(name, {"room": self._room, **fields})
        assert ack["ok"], ack
        for event in ack.get("events", []):
            _check(event)
        return ack


def _check(event: Event) -> None:
    """What apps of then take for granted."""
    assert {"room", "seq", "type", "id", "ts", "user", "client_id", "body"} <= event.keys()
    assert event["user"].keys() == {"id", "name"}
    if event["type"] == "message":
        assert isinstance(event["body"]["content"], str)
