"""F24: whoever looks at a picture or removes one is killed, at each point of it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chatapp.files.folder import FolderObjects
from chatapp.files.looking import bytes_of, names_in
from chatapp.jobs.cleanup import clean_up
from chatapp.jobs.report import Ending
from chatapp.store.engine import DAY_MS, open_database
from chatapp.store.upload_life import UploadLife
from chatapp.store.uploads import READY
from faults.past import set_alarm
from faults.people_with_files import PLACE, Sender, a_photo
from faults.processes import Process, until
from faults.scenario import SQLITE, Outcome, Scenario, Stage
from faults.topology import Topology
from faults.worker_process import worker

IN_A_LOOK = ("in_look", "after_put", "after_look")
IN_A_REMOVAL = ("before_bytes_go", "after_bytes_gone")
LONGEST_SECONDS = 60.0


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where) as chat:
        hands: list[Process] = [chat.node, worker(chat, has_beat=False)]
        hands[1].spawn()
        try:
            kept, kills = _send_and_delete(chat, hands)
        finally:
            hands[1].end()
        _clean_up(chat, outcome)
        _compare(chat, kept, outcome)
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
            each.spawn() if each is not hands[0] else hands[0].start()  # type: ignore[attr-defined]
    acting.join(LONGEST_SECONDS)


def _clean_up(chat: Topology, outcome: Outcome) -> None:
    set_alarm(chat.database_url, due_hours_ago=0.1, done_hours_ago=1)
    database = open_database(chat.database_url)
    try:
        report = clean_up(database, DAY_MS, objects=_objects(chat))
    finally:
        database.close()
    outcome.expect(report.ending is Ending.DONE, f"the alarm ended as {report.ending.value}")
    outcome.expect(report.missing == [], "bytes of a picture are missing")


def _compare(chat: Topology, kept: list[str], outcome: Outcome) -> None:
    """Nothing is lost that was sent, and nothing is left of what is gone, nor of where a photo was taken."""
    objects = _objects(chat)
    database = open_database(chat.database_url)
    try:
        rows = list(UploadLife(database).all())
    finally:
        database.close()
    outcome.expect(sorted(row.upload_id for row in rows) == sorted(kept), "there are rows of other pictures")
    outcome.expect(all(row.state == READY and row.message_seq for row in rows), "a picture is not ready")
    for row in rows:
        size = len(b"".join(bytes_of(row, objects)))
        outcome.expect(size == row.size, f"a picture has {size} bytes of {row.size}")
    lying = {each.name for each in objects.names()}
    named = {name for row in rows for name in names_in(row)}
    outcome.expect(lying == named, f"{len(lying - named)} objects are left, {len(named - lying)} are missing")
    told = [name for name in lying if PLACE.encode() in objects.get(name)]
    outcome.expect(told == [], "a place is left in what is served")


def _objects(chat: Topology) -> FolderObjects:
    return FolderObjects(chat.node.folder / "uploads")


SCENARIO = Scenario(
    name="F24",
    title="whoever looks at a picture or removes one killed at each point of it",
    criterion="nothing that was sent is lost; of what is gone nothing is left: no row, no part, no thumbnail",
    run=run,
    places=(SQLITE,),
)
