"""F17: the cleanup of a large past, by three workers of whom two ring, killed again and again."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import select

from bench.past import CONTENT, PastRoom, add_rooms
from chatapp.jobs.cleanup import ALARM
from chatapp.store.database.engine import open_database
from chatapp.store.models import alarms
from faults.crowd import Crowd
from faults.measuring import percentile
from faults.past import HOUR_MS, count, now_ms, set_alarm
from faults.processes import Process, until
from faults.pulse import Pulse
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology
from faults.worker_process import worker

ROOMS, MESSAGES = 200, 1000
WORKERS, BEATS = 3, 2
KILLS = (*["in_cleanup"] * 4, "in_forgetting")  # where they die: at their rows, and at their texts
CALM_SECONDS, LONGEST_SECONDS = 8.0, 90.0
AFTER_SECONDS = 5.0  # in which no second run may come


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with (
        stage.chat(where) as chat,
        Crowd(chat.addresses, people=8, rooms=2, per_second=20) as crowd,
        Pulse(chat.node.url) as pulse,
    ):
        _add_past(chat)
        crowd.run(1)
        calm_at = clock()
        crowd.run(CALM_SECONDS)
        began_at = clock()
        kills, at_work_at = _clean_up(chat, outcome)
        ended_at = clock()
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    outcome.figures |= {
        "calm_ack_p99_ms": percentile(pulse.between(calm_at, began_at), 0.99) * 1000,
        "ack_p99_ms": percentile(pulse.between(at_work_at, ended_at), 0.99) * 1000,
        "cleanup_seconds": ended_at - began_at - AFTER_SECONDS,
    }
    outcome.bites["workers_killed"] = kills
    return outcome


def _add_past(chat: Topology) -> None:
    add_rooms(
        chat.database_url,
        [PastRoom(room_id=f"past-{n}", messages=MESSAGES, age_ms=25 * HOUR_MS) for n in range(ROOMS)],
    )
    set_alarm(chat.database_url, due_hours_ago=0.1, done_hours_ago=1)


def _clean_up(chat: Topology, outcome: Outcome) -> tuple[int, float]:
    """How many were killed, and since when: three programs that start at once are another fault."""
    workers = [worker(chat, number, has_beat=number < BEATS) for number in range(WORKERS)]
    try:
        for each in workers:
            each.spawn()
        kills = _kill_at_work(workers, KILLS[0])
        at_work_at = clock()
        for point in KILLS[1:]:
            kills += _kill_at_work(workers, point)
        until(
            lambda: count(chat.database_url, older_than_ms=24 * HOUR_MS) == 0,
            LONGEST_SECONDS,
            "the end of it",
        )
        until(lambda: _next_due(chat) > now_ms(), LONGEST_SECONDS, "a finished run")
        until(lambda: not _is_in_the_files(chat), LONGEST_SECONDS, "files without a trace of it")
        due = _next_due(chat)
        time.sleep(AFTER_SECONDS)
        outcome.expect(_next_due(chat) == due, "a second run came within the period")
    finally:
        for each in workers:
            each.end()
    return kills, at_work_at


def _kill_at_work(workers: list[Process], point: str) -> int:
    """One of them dies in the middle of a transaction, and is started again."""
    for each in workers:
        each.arm(point, "exit")
    until(lambda: any(not each.is_running for each in workers), LONGEST_SECONDS, f"a kill {point}")
    for each in workers:
        each.disarm(point)
    dead = [each for each in workers if not each.is_running]
    for each in dead:
        each.spawn()
    return len(dead)


def _is_in_the_files(chat: Topology) -> bool:
    file = Path(chat.database_url.removeprefix("sqlite:///"))
    return any(CONTENT.encode() in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def _next_due(chat: Topology) -> int:
    database = open_database(chat.database_url)
    try:
        with database.reading() as connection:
            return connection.scalar(select(alarms.c.next_due).where(alarms.c.name == ALARM)) or 0
    finally:
        database.close()


SCENARIO = Scenario(
    name="F17",
    title="two beats, three workers, the cleanup of 200,000 rows killed 5×",
    criterion="one effective run a period; all old rows gone, without a trace; chat p99 ≤ 10 ms meanwhile",
    run=run,
    places=(SQLITE,),
    limits=(Limit(figure="ack_p99_ms", at_most=10),),
)
