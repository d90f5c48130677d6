"""What becomes of a file once it is whole: it is looked at, and one day it goes.

Whoever looks claims the row first, by compare-and-swap on how often that was tried: the number is their
token, and nothing that they write counts once somebody else has claimed it after them. A claim ends with the
last thing that is to be done, so what a killed look has left is seen from the row: the next one finds it.
Times are the database's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    false,
    func,
    or_,
    select,
    update,
)

from chatapp.store import traces
from chatapp.store.database.engine import Database, now_ms
from chatapp.store.models import GONE, LOOKING, READY, REFUSED, uploads
from chatapp.store.uploads.uploads import StoredUpload, UploadPart, as_text, stored_upload

CLAIM_MS = 120_000
PAUSE_MS = 10_000  # after a look that was lost, or a store that was away
MOST_TRIES = 4
PAGE_ROWS = 20
ASKED_ROWS = 500

_of = uploads.c
_upload: BindParameter[str] = bindparam("upload")
_before: BindParameter[int] = bindparam("before")
_after: BindParameter[str] = bindparam("after")
_these: BindParameter[Sequence[str]] = bindparam("these", expanding=True)
_mine = and_(_of.upload_id == _upload, _of.tries == bindparam("token"))

# A claim that ends later than any can was made by a clock that was wrong.
_is_free = or_(
    _of.claimed_until.is_(None), _of.claimed_until <= now_ms(), _of.claimed_until > now_ms() + 2 * CLAIM_MS
)
# A picture that is small to send can take long to look at: who has sent many waits for who has sent few.
_waiting = (
    select(
        _of.upload_id,
        func.count().over(partition_by=_of.address).label("of_address"),
        func.count().over(partition_by=_of.user_id).label("of_person"),
    )
    .where(_of.state == LOOKING)
    .subquery("waiting")
)
TO_LOOK_AT = (
    select(uploads)
    .join(_waiting, _waiting.c.upload_id == _of.upload_id)
    .where(_of.state == LOOKING, _is_free)
    .order_by(_waiting.c.of_address, _waiting.c.of_person, _of.touched_at)
    .limit(1)
)
TO_TIDY = (
    select(uploads).where(_of.state.in_((READY, REFUSED)), _of.claimed_until.is_not(None), _is_free).limit(1)
)
CLAIM = (
    update(uploads)
    .where(_mine, _of.state < GONE, _is_free)
    .values(tries=_of.tries + 1, claimed_until=now_ms() + CLAIM_MS)
)
END_LOOK = (
    update(uploads)
    .where(_mine, _of.state == LOOKING)
    .values(
        state=bindparam("now_state"),
        size=bindparam("now_size"),
        parts=bindparam("now_parts"),
        type=bindparam("now_type"),
        words=bindparam("now_words"),
    )
)
PUT_OFF = (
    update(uploads)
    .where(_mine, _of.state == LOOKING)
    .values(tries=bindparam("now_tries"), claimed_until=now_ms() + PAUSE_MS)
)
TIDIED = update(uploads).where(_mine).values(claimed_until=None)
STATES = select(_of.upload_id, _of.state, _of.claimed_until, _of.words, now_ms()).where(
    _of.upload_id.in_(_these)
)

NONE = false()  # whoever is over goes by its id, when its bytes are gone
IS_GONE = _of.state == GONE
IS_OVER = or_(IS_GONE, _of.message_ts <= _before)
FORGOTTEN = (
    update(uploads)
    .where(_of.message_seq.is_(None), _of.created_at <= _before, _of.state < GONE)
    .values(state=GONE, gone_at=now_ms())
)
KNOWN = select(uploads).where(_of.upload_id.in_(_these))
ALL = select(uploads).where(_of.upload_id > _after).order_by(_of.upload_id).limit(ASKED_ROWS)


class Fate(NamedTuple):
    """``is_claimed``: somebody looks, or has put it off for a while. ``why`` it was refused, if it was."""

    state: int
    is_claimed: bool
    why: str


class UploadLife:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_look(self) -> StoredUpload | None:
        """One that nobody looks at; None: there is none.

        From the address, and there of the person, of which the fewest wait; of theirs the oldest.
        """
        return self._claim(TO_LOOK_AT)

    def claim_tidying(self) -> StoredUpload | None:
        """One that was looked at by somebody who could not end what comes after; None: there is none."""
        return self._claim(TO_TIDY)

    def _claim(self, which: Any) -> StoredUpload | None:
        while True:
            with self._database.reading() as connection:
                row = connection.execute(which).one_or_none()
            if row is None:
                return None
            found = stored_upload(row)
            with self._database.writing() as connection:
                asked = {"upload": found.upload_id, "token": found.tries}
                if connection.execute(CLAIM, asked).rowcount:
                    return replace(found, tries=found.tries + 1)

    def ready(self, upload: StoredUpload, parts: Iterable[UploadPart], type: str, words: Any) -> bool:
        """Say what it has become. False: it is gone meanwhile, or somebody else looks at it."""
        parts = tuple(parts)
        return self._end(upload, READY, parts, sum(part.size for part in parts), type, words)

    def refused(self, upload: StoredUpload, why: str) -> bool:
        """Say that it is none that can be shown; its bytes are nobody's from now on."""
        return self._end(upload, REFUSED, (), upload.size, upload.type, {**upload.words, "why": why})

    def _end(
        self,
        upload: StoredUpload,
        state: int,
        parts: tuple[UploadPart, ...],
        size: int,
        type: str,
        words: Any,
    ) -> bool:
        asked = {
            **_token(upload),
            "now_state": state,
            "now_size": size,
            "now_parts": as_text(parts),
            "now_type": type,
            "now_words": as_text(words),
        }
        with self._database.lasting(), self._database.writing() as connection:
            return connection.execute(END_LOOK, asked).rowcount == 1

    def put_off(self, upload: StoredUpload, *, must_count: bool) -> None:
        """Look again in a while; where the try does not count, the picture was not what stood in its way."""
        tries = upload.tries if must_count else upload.tries - 1
        with self._database.writing() as connection:
            connection.execute(PUT_OFF, {**_token(upload), "now_tries": tries})

    def tidied(self, upload: StoredUpload) -> None:
        """Nothing is to be done any more for whoever has claimed it."""
        with self._database.writing() as connection:
            connection.execute(TIDIED, _token(upload))

    def fates(self, upload_ids: Sequence[str]) -> dict[str, Fate]:
        """What has become of these, as far as they are there."""
        with self._database.reading() as connection:
            rows = connection.execute(STATES, {"these": list(upload_ids)}).all()
        return {
            id_: Fate(state, (until or 0) > now, msgspec.json.decode(words).get("why", ""))
            for id_, state, until, words, now in rows
        }

    # --- how it goes --------------------------------------------------------------------------

    def over(self, before: int | None = None) -> Iterator[list[StoredUpload]]:
        """Pages of what is to be removed: what is gone, and with ``before`` what messages up to then have."""
        which = IS_GONE if before is None else IS_OVER
        page = select(uploads).where(_of.upload_id > _after, which).order_by(_of.upload_id).limit(PAGE_ROWS)
        after = ""
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(page, _with_before({"after": after}, before)).all()
            if not rows:
                return
            yield [stored_upload(row) for row in rows]
            after = rows[-1].upload_id

    def known(self, upload_ids: Iterable[str]) -> dict[str, StoredUpload]:
        """Those of these that have a row."""
        with self._database.reading() as connection:
            rows = connection.execute(KNOWN, {"these": list(upload_ids)}).all()
        return {row.upload_id: stored_upload(row) for row in rows}

    def all(self) -> Iterator[StoredUpload]:
        """Every row, read a page at a time."""
        after = ""
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(ALL, {"after": after}).all()
            yield from map(stored_upload, rows)
            if len(rows) < ASKED_ROWS:
                return
            after = rows[-1].upload_id


def let_go_unsent(connection: Connection, before: int) -> int:
    """Those that no message has, and that began before that (ms), are to be removed."""
    return connection.execute(FORGOTTEN, {"before": before}).rowcount


def forget_rows(connection: Connection, upload_ids: Sequence[str], before: int | None = None) -> int:
    """The rows of those that are over, once their objects are gone."""
    which: ColumnElement[bool] = IS_GONE if before is None else IS_OVER
    statement = delete(uploads).where(_of.upload_id.in_(_these), which)
    forgotten = connection.execute(statement, _with_before({"these": list(upload_ids)}, before)).rowcount
    if forgotten:
        traces.note(connection, uploads)
    return forgotten


def _with_before(asked: Mapping[str, Any], before: int | None) -> Mapping[str, Any]:
    return asked if before is None else {**asked, "before": before}


def _token(upload: StoredUpload) -> dict[str, Any]:
    return {"upload": upload.upload_id, "token": upload.tries}
