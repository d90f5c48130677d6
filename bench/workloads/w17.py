"""W17: 20 people upload 10 MiB each, at once and again and again, while a room of 100 talks.

Ten talk, a message a second each; once in peace and once beside the uploads. Uploads may take what is left of
the node: what is asked is that the room hardly notices, and that the node holds no file in memory.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

from bench.beside import beside
from bench.crowd import Crowd
from bench.figures import Outcome, Target, slowest_ms
from bench.ledger import Ledger
from bench.repeated import Repeated
from bench.senders import Talk
from bench.servers import Chat
from bench.stage import Stage, Workload, outcome
from bench.steady_talk import SteadyTalk
from bench.workloads.closed_loop import HUB_LAG

MEMBERS, TALKERS, PER_SECOND = 100, 10, 10
UPLOADERS, FILE_BYTES = 20, 10 << 20
SMALL_BYTES, WARM_SECONDS = 4096, 1
MIB = 1 << 20
COMMIT = "chat_commit_seconds"


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.chat() as server, Crowd(server.port) as crowd:
        members = crowd.connect(server.seats(MEMBERS, lambda _: "room"))
        crowd.settle()
        ledger, talk = Ledger(members), Talk(crowd, members[:TALKERS])
        with uploading(server, server.tokens(UPLOADERS), SMALL_BYTES):
            time.sleep(WARM_SECONDS)  # what is done once in a node's life is none of an upload's cost
        idle, at_first = server.cpu_seconds(), server.metrics()
        steady = SteadyTalk(crowd, talk, per_second=PER_SECOND, seconds=stage.seconds)
        steady.in_peace()
        talked = server.cpu_seconds()
        before, memory = server.metrics(), server.memory_bytes()
        began = server.cpu_seconds()
        with uploading(server, server.tokens(UPLOADERS), FILE_BYTES) as sent, Watch(server.pid) as watch:
            steady.beside()
            after = server.metrics()
        figures = steady.figures()
        figures["more_memory_mb"] = (watch.most_bytes - memory) / MIB
        figures |= sent
        used = server.cpu_seconds() - began - (talked - idle)
        figures["cpu_ms_a_megabyte"] = used * 1000 / max(figures["uploaded_megabytes"], 1)
        for when, since, until in (("quiet_", at_first, before), ("", before, after)):
            for name, histogram in (("hub_lag", HUB_LAG), ("commit", COMMIT)):
                figures |= slowest_ms(when + name, since, until, histogram)
        talk.end()
        complaints = ["no file was whole"] if not figures["files"] else []
        return outcome(crowd, figures, *ledger.disagreements(), *complaints)


@contextmanager
def uploading(server: Chat, tokens: Sequence[str], size: int) -> Iterator[dict[str, float]]:
    """Meanwhile they upload; what they have sent is known at the end."""
    figures: dict[str, float] = {}
    with beside("bench.uploaders", server.port, size, tokens=tokens) as said:
        yield figures
    figures["files"] = said["files"]
    figures["uploaded_megabytes"] = said["sent"] / MIB
    figures["uploads_refused"] = said["refused"]


class Watch(Repeated):
    """How much memory a process has at most, looked at twenty times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__("watch", pause_seconds=0.05)
        self._process = psutil.Process(pid)
        self.most_bytes = 0

    def do(self) -> None:
        self.most_bytes = max(self.most_bytes, int(self._process.memory_info().rss))


WORKLOAD = Workload(
    name="W17",
    title="a room of 100 beside 20 uploads of 10 MiB",
    measure=measure,
    headline="p99_to_quiet",
    targets=(
        Target(figure="p99_to_quiet", at_most=1.5),
        Target(figure="hub_lag_p99_ms", at_most=10),
        Target(figure="more_memory_mb", at_most=50),
    ),
)
