"""W11: the cleanup removes expired messages while a room of ten talks, 100 messages a second.

200,000 rows, or a million with `--full`. The cleanup runs as the worker runs it, in a process of
its own on whichever core is free; the talk goes on until it is through.
"""

import subprocess
import sys
from functools import partial

import msgspec

from bench.crowd import Crowd
from bench.figures import Outcome, Target, latencies
from bench.ledger import Ledger
from bench.past import HOUR_MS, PastRoom, add_rooms
from bench.senders import Talk
from bench.servers import ROOT, Chat
from bench.stage import Stage, Workload, outcome

ROWS, ROWS_IN_FULL = 200_000, 1_000_000
ROWS_OF_A_ROOM = 10_000
RETENTION_MS = 24 * HOUR_MS
PER_SECOND = 100
MEMBERS = 10


def measure(stage: Stage, kind: str) -> Outcome:
    rows = ROWS_IN_FULL if stage.is_full else ROWS
    rooms = (
        PastRoom(room_id=f"past-{n}", messages=ROWS_OF_A_ROOM, age_ms=RETENTION_MS + HOUR_MS)
        for n in range(rows // ROWS_OF_A_ROOM)
    )
    with stage.chat(partial(add_rooms, past_rooms=rooms)) as server, Crowd(server.port) as crowd:
        crowd.connect(server.seats(MEMBERS, lambda _: "room"))
        crowd.settle()
        ledger, talk = Ledger(crowd.connections), Talk(crowd, crowd.connections)
        with crowd.recording():
            talk.pace(PER_SECOND, 1)
            talk.end()
        quiet = latencies("quiet", crowd.delivery_ns)
        with crowd.recording():
            removed, seconds = _talk_through(talk, server)
            talk.end()
        figures = {"rows_per_second": removed / seconds, **quiet, **latencies("delivery", crowd.delivery_ns)}
        missing = [] if removed == rows else [f"{removed} of {rows} expired rows were removed"]
        return outcome(crowd, figures, *missing, *ledger.disagreements())


def _talk_through(talk: Talk, server: Chat) -> tuple[int, float]:
    """Rows that the cleanup removed, and the seconds it took."""
    command = [sys.executable, "-m", "bench.cleanup_once", server.database_url, str(RETENTION_MS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as cleanup:
        while cleanup.poll() is None:
            talk.pace(PER_SECOND, 0.25)
        assert cleanup.stdout is not None
        report = msgspec.json.decode(cleanup.stdout.read())
    return int(report["rows"]), float(report["seconds"])


WORKLOAD = Workload(
    name="W11",
    title="cleanup of expired messages beside 100 messages a second",
    measure=measure,
    headline="rows_per_second",
    targets=(
        Target(figure="rows_per_second", at_least=50_000),
        Target(figure="delivery_p99_ms", at_most=10),
    ),
)
