"""W9: 100,000 rooms with history, all asleep: what they cost, and how fast one wakes.

Memory is compared with a node over an empty database. Then, with 100 rooms awake, one client joins
sleeping rooms one after the other; the time of each join is the client's, from sending to answer.
"""

from functools import partial

from bench.callers import Caller
from bench.crowd import Crowd
from bench.figures import Outcome, Target, latencies
from bench.past import PastRoom, add_rooms
from bench.stage import Stage, Workload, outcome

ROOMS = 100_000
ROWS = 3
AWAKE = 100
WAKES = 500


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.chat() as server, Crowd(server.port) as crowd:
        crowd.connect(server.seats(1))
        empty = server.memory_bytes()
    rooms = (PastRoom(room_id=f"room-{n}", messages=ROWS) for n in range(ROOMS))
    with stage.chat(partial(add_rooms, past_rooms=rooms)) as server, Crowd(server.port) as crowd:
        caller = Caller(crowd, crowd.connect(server.seats(1))[0])
        figures = {"megabytes_of_sleeping_rooms": (server.memory_bytes() - empty) / 1024**2}
        crowd.connect(server.seats(AWAKE, lambda n: f"room-{n}"))
        crowd.settle()
        with crowd.recording():
            took = [_wake(caller, f"room-{AWAKE + n * 100}") for n in range(WAKES)]
        return outcome(crowd, figures | latencies("wake", took))


def _wake(caller: Caller, room: str) -> int:
    took = caller.ask("join", room=room)
    caller.ask("leave", room=room)  # a connection has a limited number of rooms
    return took


WORKLOAD = Workload(
    name="W9",
    title="100,000 sleeping rooms; waking one with 100 awake",
    measure=measure,
    headline="wake_p99_ms",
    targets=(
        Target(figure="wake_p99_ms", at_most=10),
        Target(figure="megabytes_of_sleeping_rooms", at_most=1),
    ),
)
