"""F15: the disk is full. Files may not grow beyond a little more than they are."""

from __future__ import annotations

from pathlib import Path

from chatapp.client.sign_in import Refused, call
from faults.crowd import Crowd
from faults.probe import Probe
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology

FULL_SECONDS = 8.0
ROUNDS = 2


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    recovered = []
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        probe = Probe(chat.node.url)
        reads = 0
        for _ in range(ROUNDS):
            crowd.run(2)
            chat.node.limit_files(_size_of_log(chat) + 50_000)
            crowd.run(FULL_SECONDS)
            reads += read_rooms(chat, crowd)
            chat.node.limit_files(-1)
            recovered.append(probe.seconds_until_writable())
            crowd.breathe()
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    outcome.figures |= {"recovered_max_seconds": max(recovered), "reads_while_full": reads}
    outcome.bites["refused_storage_full"] = history.counts()["refused_storage_full"]
    outcome.bites["reads_while_full"] = reads
    unexpected = {code for code in history.counts() if code.startswith("refused_")} - {"refused_storage_full"}
    outcome.figures["other_refusals"] = sum(history.counts()[code] for code in unexpected)
    return outcome


def _size_of_log(chat: Topology) -> int:
    """SQLite writes to its log first; the node's own output file is much smaller."""
    return (Path(chat.node.folder) / "chat.db-wal").stat().st_size


def read_rooms(chat: Topology, crowd: Crowd) -> int:
    """One page of history by REST for each room; how many came."""
    token = crowd.people[0].client.token
    read = 0
    for room in crowd.rooms:
        try:
            page = call(chat.node.url, "GET", f"/api/rooms/{room}/events?limit=50", token=token)
        except (Refused, ConnectionError):
            continue
        read += bool(page["events"])
    return read


SCENARIO = Scenario(
    name="F15",
    title="disk full (RLIMIT_FSIZE)",
    criterion="no ack without a row, storage_full, reads work, recovers ≤ 5 s",
    run=run,
    places=(SQLITE,),
    catches={"ack_before_commit": SQLITE},
    limits=(
        Limit(figure="recovered_max_seconds", at_most=5),
        Limit(figure="reads_while_full", at_least=8),
    ),
)
