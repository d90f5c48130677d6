"""W13: one client floods, with rates on, and a room of 100 talks: does anybody notice?

Ten talk, a message a second each, as the rates allow; once in peace and once beside a connection
that sends messages to another room as fast as the server takes them. How late the hub comes to its
timers under load is a figure of W1 to W4.
"""

from bench.connection import CONTENT, Connection
from bench.crowd import Crowd
from bench.figures import Outcome, Target, slowest_ms
from bench.ledger import Ledger
from bench.senders import Talk
from bench.stage import Stage, Workload, outcome
from bench.steady_talk import SteadyTalk
from bench.wire import call
from bench.workloads.closed_loop import HUB_LAG

MEMBERS = 100
TALKERS = 10
PER_SECOND = 10
FLOOD = 200  # messages in each piece that the flooder hands to its socket


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.chat(CHAT_RATE_LIMITS="on") as server, Crowd(server.port) as crowd:
        seats = server.seats(MEMBERS + 1, lambda n: "room" if n < MEMBERS else "elsewhere")
        members = crowd.connect(seats[:MEMBERS])
        flooder = crowd.connect(seats[MEMBERS:])[0]
        crowd.settle()
        flooder.count_only()
        ledger, talk = Ledger(members), Talk(crowd, members[:TALKERS])
        steady = SteadyTalk(crowd, talk, per_second=PER_SECOND, seconds=stage.seconds)
        steady.in_peace()
        before = server.metrics()
        flood = Flood(crowd, flooder)
        steady.beside()
        figures = steady.figures()
        figures["flooded_megabytes"] = flood.sent / 1024**2
        figures |= slowest_ms("hub_lag", before, server.metrics(), HUB_LAG)
        flood.end()
        talk.end()
        return outcome(crowd, figures, *ledger.disagreements())


class Flood:
    """Sends whenever the socket takes something, and reads what comes, so that nothing holds it up."""

    def __init__(self, crowd: Crowd, flooder: Connection) -> None:
        self.sent = 0
        self._crowd = crowd
        self._flooder = flooder
        self._piece = b"".join(
            flooder.masked(
                call(
                    n,
                    b"message",
                    b'{"room":"elsewhere","client_id":"flood-%d","content":"%s"}' % (n, CONTENT),
                )
            )
            for n in range(1, FLOOD + 1)
        )
        self._rest = self._piece
        crowd.when_writable(flooder, self._send)

    def end(self) -> None:
        self._crowd.leave(self._flooder)

    def _send(self) -> None:
        size = self._flooder.socket.send(self._rest)
        self.sent += size
        self._rest = self._rest[size:] or self._piece


WORKLOAD = Workload(
    name="W13",
    title="a room of 100 beside a client that floods",
    measure=measure,
    headline="p99_to_quiet",
    targets=(
        Target(figure="p99_to_quiet", at_most=1.5),
        Target(figure="hub_lag_p99_ms", at_most=10),
    ),
)
