"""F24: whoever looks at a picture or removes one is killed, at each point of it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from faults import file_places
from faults.file_places import chat_with_files
from faults.files_left import compare, ring_the_alarm
from faults.people_with_files import Sender, a_photo
from faults.processes import Node, Process, until
from faults.scenario import CLUSTER, SQLITE, Outcome, Scenario, Stage
from faults.topology import Topology
from faults.worker_process import worker

IN_A_LOOK = ("in_look", "after_put", "after_look")
IN_A_REMOVAL = ("before_bytes_go", "after_bytes_gone")
LONGEST_SECONDS = 60.0


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with chat_with_files(stage, where) as (chat, place):
        hands: list[Process] = [*chat.nodes, worker(chat, has_beat=False)]
        hands[-1].spawn()
        try:
            kept, kills = _send_and_delete(chat, hands)
        finally:
            hands[-1].end()
        ring_the_alarm(chat.database_url, place.objects, outcome)
        compare(chat.database_url, place.objects, kept, outcome)
    outcome.bites["kills"] = kills
    outcome.bites["pictures"] = len(kept)
    return outcome


def _send_and_delete(chat: Topology, hands: list[Process]) -> tuple[list[str], int]:
    """The ids of those that are to stay, and how often somebody died."""
    ana = Sender(chat.node)
    kept = []
    for point in IN_A_LOOK:
        upload_id = ana.upload(a_photo())
        _kill_whoever_comes_to(point, hands)
        ana.until_ready(upload_id)
        ana.say(upload_id)
        kept.append(upload_id)
    for point in IN_A_REMOVAL:
        upload_id = ana.upload(a_photo())
        ana.until_ready(upload_id)
        said = ana.say(upload_id)
        _kill_whoever_comes_to(point, hands, lambda said=said: ana.delete(said))  # type: ignore[misc]
    return kept, len(IN_A_LOOK) + len(IN_A_REMOVAL)


def _kill_whoever_comes_to(
    point: str, hands: list[Process], meanwhile: Callable[[], object] = lambda: None
) -> None:
    for each in hands:
        each.arm(point, "exit")
    acting = threading.Thread(target=meanwhile)
    acting.start()
    until(lambda: any(not each.is_running for each in hands), LONGEST_SECONDS, f"a kill {point}")
    for each in hands:
        each.disarm(point)
        if not each.is_running:
            each.start() if isinstance(each, Node) else each.spawn()
    acting.join(LONGEST_SECONDS)


SCENARIO = Scenario(
    name="F24",
    title="whoever looks at a picture or removes one killed at each point of it",
    criterion="nothing that was sent is lost; of what is gone nothing is left: no row, no part, no thumbnail",
    run=run,
    places=(SQLITE, CLUSTER),
    why_not=file_places.why_not,
)
