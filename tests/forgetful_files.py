"""Files of a chat that forgets: their bytes, names and alt texts hold markers, as all else there does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from tempfile import mkdtemp

import msgspec
from sqlalchemy import insert

from chatapp.files.folder import FolderObjects
from chatapp.limits.uploads import UNSENT_MS
from chatapp.rooms.messages.bodies import MessageBody
from chatapp.rooms.messages.uploads import Upload, UploadsBound, UploadsKept
from chatapp.store.database.engine import Database
from chatapp.store.models import uploads
from chatapp.store.uploads.uploads import READY, UploadPart, Uploads, as_text
from faults.remains import MARKER_BYTES

SENT_SHARE, UNSENT_SHARE, LEFT_OUT_SHARE = 0.15, 0.05, 0.5
SIZES = (20, 400, 9_000)
NAME_BYTES = 3 * MARKER_BYTES


class ForgetfulFiles:
    """``new_words`` makes words of markers and remembers them: their kind and their size are given."""

    def __init__(
        self, database: Database, folder: Path, random: Random, new_words: Callable[[str, int], str]
    ) -> None:
        self.objects = FolderObjects(Path(mkdtemp(prefix="uploads-", dir=folder)) / "uploads")
        self._database = database
        self._random = random
        self._new_words = new_words
        self._contents: dict[str, str] = {}
        self._unsent: dict[str, tuple[int, str]] = {}  # when they came, and what a row says of them

    def come(self, room: str, person: str, now: int) -> list[Upload]:
        """What somebody sends with their next message; now and then they send one that none has."""
        if self._random.random() < UNSENT_SHARE:
            forgotten = self._put(room, person, now)
            self._unsent[forgotten.id] = now, f"{forgotten.name} {forgotten.alt}"
        if self._random.random() >= SENT_SHARE:
            return []
        return [self._put(room, person, now) for _ in range(self._random.randint(1, 2))]

    def _put(self, room: str, person: str, now: int) -> Upload:
        name, alt = (self._new_words(f"{kind} of a file", NAME_BYTES) for kind in ("name", "alt text"))
        marks = [self._new_words("bytes of a file", NAME_BYTES) for _ in range(2)]
        content = ("." * self._random.choice(SIZES)).join(marks)
        upload_id, half = token_urlsafe(16), len(content) // 2
        parts = []
        for at, piece in ((0, content[:half]), (half, content[half:])):
            part = UploadPart(f"{upload_id}/{at}-{token_urlsafe(4)}", len(piece))
            self.objects.put(part.name, piece.encode())
            parts.append(part)
        row = {
            **{"upload_id": upload_id, "room_id": room, "user_id": person, "state": READY, "address": ""},
            **{"created_at": now, "touched_at": now, "size": len(content), "received": len(content)},
            **{"parts": as_text(parts), "type": "text/plain", "words": as_text({"name": name, "alt": alt})},
        }
        with self._database.writing() as connection:
            connection.execute(insert(uploads), row)
        self._contents[upload_id] = content
        return Upload(id=upload_id, name=name, type="text/plain", size=len(content), alt=alt)

    def bound(self, room: str, person: str, seq: int, ts: int, sent: list[Upload]) -> Iterator[UploadsBound]:
        if sent:
            ids = tuple(upload.id for upload in sent)
            yield UploadsBound(room_id=room, seq=seq, ts=ts, user_id=person, ids=ids)

    def left_out(self, body: bytes) -> list[Upload] | None:
        """Those that an edit leaves of a message's files; None: all."""
        sent = uploads_of(body)
        if not sent or self._random.random() >= LEFT_OUT_SHARE:
            return None
        return sent[1:]

    def kept(self, room: str, seq: int, now: int, left: Iterable[Upload]) -> UploadsKept:
        return UploadsKept(room_id=room, seq=seq, at=now, ids=tuple(upload.id for upload in left))

    # --- what is left of them -----------------------------------------------------------------

    def living(self, bodies: Iterable[bytes], now: int) -> dict[str, str]:
        """Of each file that must still be there, what is in it."""
        sent = [upload.id for body in bodies for upload in uploads_of(body)]
        waiting = [upload_id for upload_id, (at, _) in self._unsent.items() if at > now - UNSENT_MS]
        return {upload_id: self._contents[upload_id] for upload_id in [*sent, *waiting]}

    def living_names(self, now: int) -> list[str]:
        """Of those that no message has."""
        return [said for at, said in self._unsent.values() if at > now - UNSENT_MS]

    def read(self) -> dict[str, str]:
        """Of each file that is still there, what is in it."""
        ids = {each.name.partition("/")[0] for each in self.objects.names()}
        found = (Uploads(self._database).get(upload_id) for upload_id in ids)
        return {
            upload.upload_id: b"".join(self.objects.get(part.name) for part in upload.parts).decode()
            for upload in found
            if upload is not None
        }


def uploads_of(body: bytes) -> list[Upload]:
    sent = msgspec.json.decode(body, type=MessageBody).uploads
    return [] if sent is msgspec.UNSET else list(sent)
