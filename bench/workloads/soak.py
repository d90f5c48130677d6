"""SOAK: ten minutes of coming, talking and going. Nothing may grow with time.

A hundred people in ten rooms, of whom one leaves and another comes ten times a second; everybody
talks now and then. First that goes as fast as it can, until all that remembers a bounded number of
things is full. Resident memory after a collection of garbage, then and at the end, with as many
people. Not part of a run that names no workload.
"""

from bench.crowd import Crowd, clock
from bench.figures import Outcome, Target
from bench.senders import Talk
from bench.servers import Server
from bench.stage import Stage, Workload, outcome

ROOMS, PEOPLE = 10, 100
GUESTS = 500  # of whom always some are there
WARM_UP_TURNS = 12_000  # a message each: more than a room remembers the ids of
TURNS_A_SECOND = 10
SECONDS = 500


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.server(kind) as server, Crowd(server.port) as crowd:
        churn = Churn(server, crowd)
        for _ in range(WARM_UP_TURNS):
            churn.turn()
        before = server.memory_bytes()
        with crowd.recording():
            churn.go_on(SECONDS)
        after = server.memory_bytes()
        figures = {
            "megabytes_at_first": before / 1024**2,
            "megabytes_at_last": after / 1024**2,
            "last_to_first": after / before,
            "came_and_went": float(churn.turns),
        }
        return outcome(crowd, figures)


class Churn:
    def __init__(self, server: Server, crowd: Crowd) -> None:
        self.turns = 0
        self._crowd = crowd
        self._seats = server.seats(GUESTS, lambda n: f"room-{n % ROOMS}")
        self._here = crowd.connect(self._seats[:PEOPLE])

    def go_on(self, seconds: float) -> None:
        for _ in range(round(seconds * TURNS_A_SECOND)):
            due = clock() + int(1e9 / TURNS_A_SECOND)
            self.turn()
            self._crowd.run_until(due)

    def turn(self) -> None:
        """One goes, one comes, one talks."""
        self._crowd.leave(self._here.pop(0))
        self._here += self._crowd.connect([self._seats[(PEOPLE + self.turns) % GUESTS]])
        talk = Talk(self._crowd, [self._here[self.turns % PEOPLE]])
        talk.pace(1, 1)
        talk.finish()
        self.turns += 1


WORKLOAD = Workload(
    name="SOAK",
    title="ten minutes of coming, talking and going",
    measure=measure,
    headline="last_to_first",
    targets=(Target(figure="last_to_first", at_most=1.05),),
    is_on_request=True,
)
