"""W12: what a second node costs: CPU per message of all nodes, over PostgreSQL and Redis.

200 rooms of six; five talk as fast as they are answered and one listens. Once at one node; then at two,
each room's people at the node that owns it; then with only the listener at the owner, so that every
command crosses to it and every event back. All nodes share one core, as the one has it for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench import servers
from bench.connection import Connection, Seat
from bench.crowd import Crowd
from bench.figures import Outcome, Target
from bench.ledger import Ledger
from bench.senders import Talk
from bench.servers import Chat
from bench.stage import Stage, Workload, judged
from bench.workloads.closed_loop import WARM_UP_SECONDS

ROOMS = 200
TALKERS = 5

Whereabouts = Callable[[int], tuple[int, int]]
"""Of a room, by its number: the node of its listener, who comes first, and that of its talkers."""


def at_one_node(_room: int) -> tuple[int, int]:
    return 0, 0


def at_the_owner(room: int) -> tuple[int, int]:
    return room % 2, room % 2


def elsewhere(room: int) -> tuple[int, int]:
    return room % 2, (room + 1) % 2


def measure(stage: Stage, kind: str) -> Outcome:
    figures: dict[str, float] = {}
    complaints: list[str] = []
    shares: list[float] = []
    scenes: Sequence[tuple[str, int, Whereabouts]] = (
        ("one", 1, at_one_node),
        ("local", 2, at_the_owner),
        ("forwarded", 2, elsewhere),
    )
    for name, nodes, whereabouts in scenes:
        with stage.cluster(nodes) as chats, Crowd(chats[0].port) as crowd:
            seen = _look(stage, chats, crowd, whereabouts)
            figures |= {f"{name}_{figure}": value for figure, value in seen.figures.items()}
            complaints += [f"{name}: {complaint}" for complaint in seen.complaints]
            shares.append(crowd.cpu_share)
    for name in ("local", "forwarded"):
        figures[f"{name}_to_one"] = figures[f"{name}_us_per_message"] / figures["one_us_per_message"]
    return judged(max(shares), figures, *complaints)


def _look(stage: Stage, chats: Sequence[Chat], crowd: Crowd, whereabouts: Whereabouts) -> Outcome:
    talking = _come_in(chats, crowd, whereabouts)
    ledger, talk = Ledger(crowd.connections), Talk(crowd, talking)
    talk.loop(in_flight=1)
    crowd.run(WARM_UP_SECONDS)
    ledger.delivered()
    used = servers.cpu_seconds(chats)
    with crowd.recording() as elapsed:
        crowd.run(stage.seconds)
    messages = ledger.delivered() / (TALKERS + 1)
    used = servers.cpu_seconds(chats) - used
    talk.end()
    figures = {"messages_per_second": messages / elapsed(), "us_per_message": used / messages * 1e6}
    return Outcome(figures=figures, complaints=tuple(ledger.disagreements()))


def _come_in(chats: Sequence[Chat], crowd: Crowd, whereabouts: Whereabouts) -> list[Connection]:
    """The listeners first: at their nodes the rooms wake."""
    tokens = iter(chats[0].tokens(ROOMS * (TALKERS + 1)))
    talking: list[Connection] = []
    for places, count in ((0, 1), (1, TALKERS)):
        for at, chat in enumerate(chats):
            rooms = [f"room-{n}" for n in range(ROOMS) if whereabouts(n)[places] == at]
            seats = [Seat(token=next(tokens), room=room) for room in rooms for _ in range(count)]
            came = crowd.connect(seats, port=chat.port)
            talking += came if places else []
        crowd.settle()
    return talking


WORKLOAD = Workload(
    name="W12",
    title="a second node: CPU per message, rooms local or forwarded",
    measure=measure,
    headline="forwarded_to_one",
    targets=(
        Target(figure="local_to_one", at_most=1.3),
        Target(figure="forwarded_to_one", at_most=2.5),
    ),
)
