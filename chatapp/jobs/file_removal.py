"""What a cleanup does with files: those that are over go, and what lies there is held against the rows."""

from __future__ import annotations

from functools import partial

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.files.port import Objects
from chatapp.files.removing import remove_objects, sweep
from chatapp.jobs.claimed import ClaimedRun
from chatapp.jobs.plan import Plan
from chatapp.jobs.report import FILES_AWAY
from chatapp.limits.uploads import UNSENT_MS
from chatapp.store.database.database_id import database_id
from chatapp.store.uploads.life import UploadLife, forget_rows, let_go_unsent


def remove_files(run: ClaimedRun, plan: Plan, now: int, objects: Objects) -> None:
    """Where the bytes cannot be reached the rows stay, and the run is unfinished."""
    run.transact(partial(let_go_unsent, before=now - UNSENT_MS))
    try:
        _remove_what_is_over(run, plan.cutoff, objects)
        _sweep(run, now, objects)
    except (StorageUnavailable, StorageFull):
        run.report.hinder(FILES_AWAY)


def _remove_what_is_over(run: ClaimedRun, cutoff: int, objects: Objects) -> None:
    for page in UploadLife(run.database).over(cutoff):
        remove_objects(page, objects)
        ids = [upload.upload_id for upload in page]
        run.report.files += run.transact(partial(forget_rows, upload_ids=ids, before=cutoff))


def _sweep(run: ClaimedRun, now: int, objects: Objects) -> None:
    def renew() -> None:
        run.transact(lambda _connection: None)

    me = run.insist(lambda: database_id(run.database))
    swept = sweep(UploadLife(run.database), objects, me, now, renew)
    run.report.is_place_taken = swept.is_taken
    if swept.is_taken:
        return
    run.report.orphans = swept.orphans
    run.report.missing = swept.missing
    run.transact(partial(run.alarm.swept, orphans=swept.orphans, missing=len(swept.missing)))
