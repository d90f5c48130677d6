"""F26: a disk that is full to the last byte: while people talk, at a start of the node, at one of the worker.

F15 limits the size of files, which costs the same writes and leaves the disk alone. Here it is the disk:
SQLite's files, the worker's mail, beat's file and the node's own output have no room either.
"""

from __future__ import annotations

from faults import small_disk, topology
from faults.crowd import Crowd
from faults.past import HOUR_MS, add_room, count, set_alarm
from faults.probe import Probe
from faults.processes import Process, until
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.scenarios.f15 import read_rooms
from faults.small_disk import SmallDisk
from faults.topology import Topology
from faults.worker_process import worker

FULL_SECONDS, LONGEST_SECONDS = 8.0, 60.0
OLD, TEXT = 10_000, "x" * 400


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with SmallDisk(stage.new_folder()) as disk:
        with (
            topology.on_sqlite(disk.folder, **stage.settings) as chat,
            Crowd(chat.addresses, text=TEXT) as crowd,
        ):
            add_room(chat.database_url, "old", [25 * HOUR_MS] * OLD)
            crowd.run(2)
            _while_people_talk(disk, chat, crowd, outcome)
            _when_the_node_starts(disk, chat, crowd, outcome)
            _when_the_worker_cleans_up(disk, chat, crowd, outcome)
            disk.let_go()
            crowd.breathe()
            history = crowd.settle(chat.database_url)
        stage.search(chat, disk.folder)
    outcome.check(history)
    outcome.bites["refused_storage_full"] = history.counts()["refused_storage_full"]
    return outcome


def _while_people_talk(disk: SmallDisk, chat: Topology, crowd: Crowd, outcome: Outcome) -> None:
    disk.fill()
    crowd.run(FULL_SECONDS)
    outcome.bites["reads_while_full"] = read_rooms(chat, crowd)
    outcome.figures["reads_while_full"] = outcome.bites["reads_while_full"]
    disk.let_go()
    probe = Probe(chat.node.url)
    outcome.figures["recovered_seconds"] = probe.seconds_until_writable()
    crowd.breathe()


def _when_the_node_starts(disk: SmallDisk, chat: Topology, crowd: Crowd, outcome: Outcome) -> None:
    """It was killed as the disk was full: it can be read again before there is room."""
    disk.fill()
    chat.node.kill()
    disk.fill()
    outcome.figures["start_on_full_seconds"] = chat.node.start()
    outcome.bites["reads_after_a_start_on_full"] = read_rooms(chat, crowd)


def _when_the_worker_cleans_up(disk: SmallDisk, chat: Topology, crowd: Crowd, outcome: Outcome) -> None:
    """Its mail has no room, nor has beat's file; the cleanup runs all the same, and room is there."""
    disk.let_go()
    set_alarm(chat.database_url, due_hours_ago=0.1, done_hours_ago=1)
    disk.fill()
    outcome.expect(disk.free_bytes == 0, "the disk was not full")
    began_at = clock()
    process = worker(chat)
    try:
        process.spawn()
        until(lambda: count(chat.database_url, older_than_ms=24 * HOUR_MS) == 0, LONGEST_SECONDS, "a cleanup")
        outcome.figures["cleanup_seconds"] = clock() - began_at
        outcome.figures["writable_after_cleanup_seconds"] = _until_writable(chat)
        outcome.bites["old_rows_removed"] = OLD
        outcome.expect(disk.free_bytes > 0, "the cleanup gave nothing back")
        outcome.expect(process.is_running, "the worker has ended")
        _expect_whole_mail(process, chat, outcome)
    finally:
        process.end()


def _until_writable(chat: Topology) -> float:
    return Probe(chat.node.url, room="cleaned-up").seconds_until_writable()


def _expect_whole_mail(process: Process, chat: Topology, outcome: Outcome) -> None:
    mail = [file for file in (chat.node.folder / "broker").rglob("*") if file.is_file()]
    outcome.expect(all(file.stat().st_size for file in mail), "an empty file is in the worker's mail")


SCENARIO = Scenario(
    name="F26",
    title="disk full to the last byte: talking, starting, cleaning up",
    criterion="no ack without a row; reads work; the cleanup runs from its reserve, then all works",
    run=run,
    places=(SQLITE,),
    limits=(
        Limit(figure="reads_while_full", at_least=4),
        Limit(figure="recovered_seconds", at_most=5),
        Limit(figure="start_on_full_seconds", at_most=10),
        Limit(figure="cleanup_seconds", at_most=30),
        Limit(figure="writable_after_cleanup_seconds", at_most=10),
    ),
    why_not=small_disk.why_not,
)
