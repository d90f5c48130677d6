"""W15: a page of 100 messages with ten reactions each, beside one without any.

Ten people have reacted to each, with three emoji. The one page is asked for right after the other, so that
both have the same minute of the machine; what an answered `ping` takes is subtracted.
"""

import json
from functools import partial
from urllib.request import Request, urlopen

from bench.callers import Caller
from bench.crowd import Crowd
from bench.figures import CHAT, Outcome, Target, percentile
from bench.past import PastRoom, add_rooms
from bench.servers import Chat
from bench.stage import ON_POSTGRESQL, Stage, Workload, outcome

ROWS = 2_000
PAGES = 400
LIMIT = 100
REACTIONS = {"👍": 5, "❤️": 3, "🎉": 2}


def measure(stage: Stage, kind: str) -> Outcome:
    rooms = [
        PastRoom(room_id="plain", messages=ROWS),
        PastRoom(room_id="reacted", messages=ROWS, reactions=REACTIONS),
    ]
    with stage.chat(partial(add_rooms, past_rooms=rooms), kind) as server, Crowd(server.port) as crowd:
        caller = Caller(crowd, crowd.connect(server.seats(1, lambda _: ""))[0])
        crowd.settle()
        with crowd.recording():
            took: dict[str, list[int]] = {"plain": [], "reacted": []}
            pings = []
            for _ in range(PAGES):
                pings.append(caller.ask("ping", t=0, heads={}))
                for room, times in took.items():
                    times.append(caller.ask("history", room=room, before=ROWS // 2, limit=LIMIT))
        plain, reacted = (percentile(times, 0.5) - percentile(pings, 0.5) for times in took.values())
        bytes_of = {room: _bytes_of_a_page(server, room) for room in took}
        figures = {
            "page_p50_ms": plain / 1e6,
            "reacted_p50_ms": reacted / 1e6,
            "reacted_to_plain": reacted / plain,
            "page_kilobytes": bytes_of["plain"] / 1e3,
            "bytes_to_plain": bytes_of["reacted"] / bytes_of["plain"],
        }
        return outcome(crowd, figures)


def _bytes_of_a_page(server: Chat, room: str) -> int:
    """As it is over HTTP, and as much on a socket."""
    [token] = server.tokens(1)
    url = f"http://127.0.0.1:{server.port}/api/rooms/{room}/events?before={ROWS // 2}&limit={LIMIT}"
    with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=10) as answer:
        body: bytes = answer.read()
    assert len(json.loads(body)["events"]) == LIMIT
    return len(body)


WORKLOAD = Workload(
    name="W15",
    title="a page of 100 messages with ten reactions each",
    measure=measure,
    servers=(CHAT, ON_POSTGRESQL),
    headline="reacted_to_plain",
    targets=(
        Target(figure="reacted_to_plain", at_most=2),
        Target(figure="reacted_to_plain", at_most=2, server=ON_POSTGRESQL),
        Target(figure="bytes_to_plain", at_most=1.5),
    ),
)
