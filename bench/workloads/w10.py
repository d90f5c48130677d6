"""W10: join with the newest 100 of a thousand messages, and of a million in the same room.

The room is kept awake by somebody in it; another joins and leaves it. What an answered `ping`
takes is subtracted: the rest is the server's. Also the same for a page from the middle of the log.
"""

from functools import partial

from bench.callers import Caller
from bench.crowd import Crowd
from bench.figures import Outcome, Target, percentile
from bench.past import PastRoom, add_rooms
from bench.stage import Stage, Workload, outcome

ROWS = {"1k": 1_000, "1m": 1_000_000}
JOINS = 200


def measure(stage: Stage, kind: str) -> Outcome:
    rooms = [PastRoom(room_id=name, messages=rows) for name, rows in ROWS.items()]
    with stage.chat(partial(add_rooms, past_rooms=rooms)) as server, Crowd(server.port) as crowd:
        seats = server.seats(len(ROWS) + 1, lambda n: [*ROWS, ""][n])
        caller = Caller(crowd, crowd.connect(seats)[-1])
        crowd.settle()
        with crowd.recording():
            pings = [caller.ask("ping", t=0, heads={}) for _ in range(JOINS)]
            figures: dict[str, float] = {}
            for name, rows in ROWS.items():
                joins, pages = _joins(caller, name), _pages(caller, name, rows // 2)
                figures[f"join_p50_ms_of_{name}"] = _server_ms(joins, pings)
                figures[f"page_p50_ms_of_{name}"] = _server_ms(pages, pings)
        figures["join_1m_to_1k"] = figures["join_p50_ms_of_1m"] / figures["join_p50_ms_of_1k"]
        return outcome(crowd, figures)


def _joins(caller: Caller, room: str) -> list[int]:
    took = []
    for _ in range(JOINS):
        took.append(caller.ask("join", room=room, limit=100))
        caller.ask("leave", room=room)
    return took


def _pages(caller: Caller, room: str, before: int) -> list[int]:
    return [caller.ask("history", room=room, before=before, limit=100) for _ in range(JOINS)]


def _server_ms(took: list[int], pings: list[int]) -> float:
    return (percentile(took, 0.5) - percentile(pings, 0.5)) / 1e6


WORKLOAD = Workload(
    name="W10",
    title="join with 100 messages out of 1 k and 1 M",
    measure=measure,
    headline="join_p50_ms_of_1m",
    targets=(
        Target(figure="join_p50_ms_of_1k", at_most=2),
        Target(figure="join_p50_ms_of_1m", at_most=2),
        Target(figure="join_1m_to_1k", at_most=1.25),
    ),
)
