"""W7: 1,000 clients connect at the same moment and join one room; with the chat, 10,000 too.

Of the 10,000, a thousand are on their way in at any moment; more at one room are told that it is
busy. The clock runs from the first SYN until the last has its join's answer: with the chat that is a
token looked up, hello, 100 rows of history and who is present.
"""

from functools import partial

from bench.crowd import Crowd
from bench.figures import CHAT, Outcome, Target
from bench.past import PastRoom, add_rooms
from bench.stage import PEERS, Stage, Workload, judged

ROWS = 100
AT_ONCE = 1_000


def measure(stage: Stage, kind: str) -> Outcome:
    seconds, share = _come_in(stage, kind, 1_000)
    figures = {"seconds_for_1000": seconds}
    if kind == CHAT:
        more_seconds, more_share = _come_in(stage, kind, 10_000)
        figures |= {"seconds_for_10000": more_seconds}
        share = max(share, more_share)
    return judged(share, figures)


def _come_in(stage: Stage, kind: str, count: int) -> tuple[float, float]:
    past = partial(add_rooms, past_rooms=[PastRoom(room_id="room", messages=ROWS)]) if kind == CHAT else None
    with stage.server(kind, past) as server, Crowd(server.port) as crowd:
        seats = server.seats(count, lambda _: "room")
        with crowd.recording() as elapsed:
            crowd.connect(seats, at_once=AT_ONCE)
        return elapsed(), crowd.cpu_share


WORKLOAD = Workload(
    name="W7",
    title="1,000 clients connect and join one room at once",
    measure=measure,
    servers=PEERS,
    headline="seconds_for_1000",
    targets=(
        Target(figure="seconds_for_1000", at_most=1),
        Target(figure="seconds_for_10000", at_most=12),
    ),
)
