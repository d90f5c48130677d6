"""What is left of files when a scenario is over: all that was sent, whole, and nothing of what has gone."""

from __future__ import annotations

from chatapp.files.looking import bytes_of, names_in
from chatapp.files.objects import Objects
from chatapp.jobs.cleanup import clean_up
from chatapp.jobs.report import Ending
from chatapp.store.database.engine import DAY_MS, open_database
from chatapp.store.uploads.life import UploadLife
from chatapp.store.uploads.uploads import READY, StoredUpload
from faults.past import set_alarm
from faults.people_with_files import PLACE, Sender
from faults.scenario import Outcome


def ring_the_alarm(database_url: str, objects: Objects, outcome: Outcome) -> None:
    set_alarm(database_url, due_hours_ago=0.1, done_hours_ago=1)
    database = open_database(database_url)
    try:
        report = clean_up(database, DAY_MS, objects=objects)
    finally:
        database.close()
    outcome.expect(report.ending is Ending.DONE, f"the alarm ended as {report.ending.value}")
    outcome.expect(report.missing == [], "bytes of a file are missing")


def compare(database_url: str, objects: Objects, kept: list[str], outcome: Outcome) -> list[StoredUpload]:
    """Nothing is lost that was sent, and nothing is left of what is gone, nor of where a photo was taken."""
    rows = rows_of(database_url)
    outcome.expect(sorted(row.upload_id for row in rows) == sorted(kept), "there are rows of other files")
    outcome.expect(all(row.state == READY and row.message_seq for row in rows), "a file is not ready")
    for row in rows:
        size = len(b"".join(bytes_of(row, objects)))
        outcome.expect(size == row.size, f"a file has {size} bytes of {row.size}")
    lying = {each.name for each in objects.names() if not each.name.startswith("owner/")}
    named = {name for row in rows for name in names_in(row)}
    outcome.expect(lying == named, f"{len(lying - named)} objects are left, {len(named - lying)} are missing")
    told = [name for name in lying if PLACE.encode() in objects.get(name)]
    outcome.expect(told == [], "a place is left in what is served")
    return rows


def fetch_all(
    rows: list[StoredUpload],
    reader: Sender,
    known: dict[str, bytes | None],
    objects: Objects,
    outcome: Outcome,
) -> None:
    """Each is served whole, byte for byte, with its thumbnails; ``known`` are those as they were sent."""
    for row in rows:
        whole = known[row.upload_id] or b"".join(bytes_of(row, objects))
        said = reader.fetch(row.upload_id)
        outcome.expect(said.body == whole, f"a file of {len(whole)} bytes is served otherwise")
        for side in row.words.get("thumbs", {}):
            shown = reader.fetch(f"{row.upload_id}/{side}")
            outcome.expect(shown.status == 200, f"a thumbnail is answered {shown.status}")


def rows_of(database_url: str) -> list[StoredUpload]:
    database = open_database(database_url)
    try:
        return list(UploadLife(database).all())
    finally:
        database.close()
