"""FAIR: a room of ten talks, beside a room of 1,000 in which ten talk as fast as they are answered.

The crowded room alone takes all of the server's core. What is asked is what the quiet one feels of
it: its p99, beside its p99 in peace.
"""

from bench.crowd import Crowd
from bench.figures import Outcome, Target, latencies
from bench.ledger import Ledger
from bench.senders import Talk, divide
from bench.stage import Stage, Workload, outcome

QUIET, PER_SECOND = 10, 20
CROWDED, TALKERS, IN_FLIGHT = 1_000, 10, 4


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.server(kind) as server, Crowd(server.port) as crowd:
        seats = server.seats(QUIET + CROWDED, lambda n: "quiet" if n < QUIET else "crowded")
        quiet = crowd.connect(seats[:QUIET])
        crowded = crowd.connect(seats[QUIET:])
        crowd.settle()
        talk, ledger = Talk(crowd, quiet[:1]), Ledger(quiet)
        with crowd.recording():
            talk.pace(PER_SECOND, stage.seconds)
            talk.end()
        in_peace = latencies("peace", crowd.delivery_ns)
        flood = Talk(crowd, divide(crowded, CROWDED, TALKERS))
        flood.loop(IN_FLIGHT)
        with crowd.recording(of=quiet):
            talk.pace(PER_SECOND, stage.seconds)
        figures = in_peace | latencies("delivery", crowd.delivery_ns)
        figures["p99_to_peace"] = figures["delivery_p99_ms"] / figures["peace_p99_ms"]
        flood.finish()
        talk.end()
        return outcome(crowd, figures, *ledger.disagreements())


WORKLOAD = Workload(
    name="FAIR",
    title="a quiet room beside a room of 1,000 in full flood",
    measure=measure,
    headline="p99_to_peace",
    targets=(Target(figure="p99_to_peace", at_most=2),),
)
