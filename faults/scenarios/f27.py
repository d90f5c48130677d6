"""F27: the worker is killed, hangs, and finds its mail spoiled. The node notices nothing."""

from __future__ import annotations

import os
from pathlib import Path

from faults.crowd import Crowd
from faults.measuring import longest_silence
from faults.past import HOUR_MS, add_room, count, set_alarm
from faults.processes import Process, until
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology
from faults.worker_process import worker

OLD = 500
LONGEST_SECONDS = 90.0
SPOILED = (b"", b'{"body": "W1tdLC', os.urandom(200), b"null", b"{}", b"[[1, 2, 3]]")


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        crowd.run(2)
        began_at = clock()
        process = worker(chat)
        try:
            _kill_and_spoil(chat, process, outcome)
            _hang(chat, process, outcome)
        finally:
            process.end()
        ended_at = clock()
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    outcome.figures["silent_max_seconds"] = longest_silence(history, crowd.rooms, began_at, ended_at)
    outcome.expect(history.counts()["lost_connections"] == 0, "somebody lost their connection")
    return outcome


def _kill_and_spoil(chat: Topology, process: Process, outcome: Outcome) -> None:
    """Whatever each start finds in its mail, it cleans up what is due."""
    outcome.bites["workers_killed"] = 0
    for round_, content in enumerate(SPOILED):
        _spoil(chat.node.folder, content)
        _make_due(chat, f"old-{round_}")
        process.spawn()
        _until_forgotten(chat, "a cleanup after a kill")
        process.kill()
        outcome.bites["workers_killed"] += 1
    outcome.bites["files_spoiled"] = 4 * len(SPOILED)


def _spoil(folder: Path, content: bytes) -> None:
    control = folder / "broker" / "control"
    control.mkdir(parents=True, exist_ok=True)
    for name in ("celery", "celery.pidbox"):
        (control / f"{name}.exchange").write_bytes(content)
    (folder / "broker" / "1_spoiled.celery.msg").write_bytes(content)
    (folder / "beat-0").write_bytes(content)


def _hang(chat: Topology, process: Process, outcome: Outcome) -> None:
    """It is there and does nothing: the node takes the slot for forgotten, and does it itself."""
    process.spawn()
    process.freeze()
    _make_due(chat, "old-hung", hours=0.3)
    began_at = clock()
    _until_forgotten(chat, "the catch-up")
    outcome.figures["caught_up_after_seconds"] = clock() - began_at
    outcome.bites["workers_hung"] = 1
    process.thaw()


def _make_due(chat: Topology, room: str, *, hours: float = 0.1) -> None:
    add_room(chat.database_url, room, [25 * HOUR_MS] * OLD)
    set_alarm(chat.database_url, due_hours_ago=hours, done_hours_ago=1 + hours)


def _until_forgotten(chat: Topology, what: str) -> None:
    until(lambda: count(chat.database_url, older_than_ms=24 * HOUR_MS) == 0, LONGEST_SECONDS, what)


SCENARIO = Scenario(
    name="F27",
    title="the worker killed, hung, its mail spoiled",
    criterion="each start cleans up; a hung one is caught up for; nobody's connection or message notices",
    run=run,
    places=(SQLITE,),
    limits=(
        Limit(figure="caught_up_after_seconds", at_most=75),
        Limit(figure="silent_max_seconds", at_most=1),
    ),
)
