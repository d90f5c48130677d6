"""The look: what is a picture by its bytes is decoded and written anew before anybody else gets it.

Claim, read, write anew, put, say so in the row, remove what the row does not name: killed anywhere, the next
one does it from the beginning, and what was begun is removed with the rest. A look that the picture itself
brings down, by taking all memory say, or that is not done in time, is tried a few times and then refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import PurePosixPath
from secrets import token_hex
from typing import Any, Literal

import msgspec

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.files.pictures.answer import PICTURE, LookLost, Made, PictureRefused, Rendition, Why
from chatapp.files.pictures.process import Decoder
from chatapp.files.port import ObjectMissing, Objects
from chatapp.store.uploads.life import MOST_TRIES, UploadLife
from chatapp.store.uploads.uploads import StoredUpload, UploadPart

PART_BYTES = 512 * 1024
LONGEST_NAME_BYTES = 255

Outcome = Literal["ready", "damaged", "too_large", "lost", "overtaken", "storage"]
OUTCOMES: tuple[Outcome, ...] = ("ready", "damaged", "too_large", "lost", "overtaken", "storage")

_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
}
_OTHER_ENDINGS = (".heic", ".heif", ".hif", ".avif", ".avifs", ".bmp", ".dib", ".apng", ".mpo")
_OF_PICTURES = (*chain.from_iterable(_ENDINGS.values()), *_OTHER_ENDINGS)


class Looked(msgspec.Struct, frozen=True):
    """What came of one look. ``detail`` names what went wrong, for the log."""

    upload_id: str
    outcome: Outcome
    seconds: float
    detail: str = ""


def look_at_next(life: UploadLife, objects: Objects) -> Looked | None:
    """Look at the picture whose turn it is; None: none waits. Raises what the database raises."""
    tidy_what_others_left(life, objects)
    upload = life.claim_look()
    if upload is None:
        return None
    started = time.monotonic()
    outcome, detail = _look_at(upload, life, objects)
    return Looked(upload.upload_id, outcome, time.monotonic() - started, detail)


def tidy_what_others_left(life: UploadLife, objects: Objects) -> None:
    """What was looked at by somebody who was killed before the original was removed."""
    while (upload := life.claim_tidying()) is not None:
        _tidy(upload, life, objects)


def _look_at(upload: StoredUpload, life: UploadLife, objects: Objects) -> tuple[Outcome, str]:
    try:
        if upload.tries > MOST_TRIES:
            return _refuse(upload, "too_large", "Tries", life, objects)
        try:
            return _make(upload, life, objects)
        except PictureRefused as refused:
            return _refuse(upload, refused.why, refused.error, life, objects)
        except ObjectMissing as missing:
            return _refuse(upload, "damaged", f"missing {missing}", life, objects)
    except LookLost as lost:
        life.put_off(upload, must_count=True)
        return "lost", str(lost)
    except (StorageUnavailable, StorageFull) as error:
        life.put_off(upload, must_count=False)
        return "storage", str(error)


def _make(upload: StoredUpload, life: UploadLife, objects: Objects) -> tuple[Outcome, str]:
    with Decoder(upload.type) as decoder:
        made = decoder.make(bytes_of(upload, objects))
        parts, thumbnails = _put(upload.upload_id, made, decoder, objects)
    words = _words(upload.words, made, thumbnails)
    if life.ready(upload, parts, made.type, words):
        _tidy(msgspec.structs.replace(upload, parts=tuple(parts), words=words), life, objects)
        return "ready", ""
    # It is gone, or somebody else looks: what was put here is nobody's.
    objects.delete([part.name for part in parts] + [each["object"] for each in thumbnails.values()])
    return "overtaken", ""


def bytes_of(upload: StoredUpload, objects: Objects) -> Iterator[bytes]:
    """All of them, a piece at a time. Raises ``ObjectMissing``."""
    for part in upload.parts:
        yield from objects.read(part.name, 0, part.size)


def _put(
    upload_id: str, made: Made, decoder: Decoder, objects: Objects
) -> tuple[list[UploadPart], dict[str, dict[str, Any]]]:
    """The parts of the picture, and its thumbnails as words tell of them."""
    parts: list[UploadPart] = []
    thumbnails: dict[str, dict[str, Any]] = {}
    for rendition in made.renditions:
        stored = []
        for data in _in_parts(rendition, decoder):
            name = f"{upload_id}/{rendition.name}-{token_hex(8)}"
            objects.put(name, data)
            stored.append(UploadPart(name, len(data)))
        if rendition.name == PICTURE:
            parts = stored
        else:
            (only,) = stored
            thumbnails[rendition.name] = {
                "object": only.name,
                "width": rendition.width,
                "height": rendition.height,
                "bytes": only.size,
            }
    return parts, thumbnails


def _in_parts(rendition: Rendition, decoder: Decoder) -> Iterator[bytes]:
    """A thumbnail is one object, however large."""
    limit = PART_BYTES if rendition.name == PICTURE else rendition.size
    gathered = bytearray()
    for data in decoder.read(rendition):
        gathered += data
        while len(gathered) >= limit:
            yield bytes(gathered[:limit])
            del gathered[:limit]
    if gathered:
        yield bytes(gathered)


def _refuse(
    upload: StoredUpload, why: Why, detail: str, life: UploadLife, objects: Objects
) -> tuple[Outcome, str]:
    if not life.refused(upload, why):
        return "overtaken", ""
    _tidy(msgspec.structs.replace(upload, parts=()), life, objects)
    return why, detail


def _tidy(upload: StoredUpload, life: UploadLife, objects: Objects) -> None:
    """Remove what lies under its id and is not in its row: the original, and what killed looks began.

    What cannot be done now is done when the claim is over.
    """
    named = set(names_in(upload))
    with suppress(StorageUnavailable):
        objects.delete(
            [each.name for each in objects.names(f"{upload.upload_id}/") if each.name not in named]
        )
        life.tidied(upload)


def names_in(upload: StoredUpload) -> Iterator[str]:
    """The objects that a row names."""
    yield from (part.name for part in upload.parts)
    yield from (each["object"] for each in upload.words.get("thumbs", {}).values())


def _words(words: dict[str, Any], made: Made, thumbnails: dict[str, dict[str, Any]]) -> dict[str, Any]:
    picture = made.renditions[0]
    told: dict[str, Any] = {
        **words,
        "name": name_of(words["name"], made.type),
        "width": picture.width,
        "height": picture.height,
    }
    if made.placeholder is not None:
        told["placeholder"] = made.placeholder
    if made.is_animated:
        told["animated"] = True
    if thumbnails:
        told["thumbs"] = thumbnails
    return told


def name_of(name: str, kind: str) -> str:
    """The same name with the ending of what the picture is now."""
    ending = PurePosixPath(name).suffix
    if ending.lower() in _ENDINGS[kind]:
        return name
    stem = name.removesuffix(ending) if ending.lower() in _OF_PICTURES else name
    wanted = _ENDINGS[kind][0]
    room = LONGEST_NAME_BYTES - len(wanted)
    return stem.encode()[:room].decode(errors="ignore") + wanted
