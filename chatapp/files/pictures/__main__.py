"""The process that decodes: ``python -m chatapp.files.pictures KIND PARENT``, bytes in and bytes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import msgspec
from PIL import Image

from chatapp.files.pictures import colours, opening, writing
from chatapp.files.pictures.answer import PICTURE, Answer, Made, NotMade, PictureRefused, Rendition
from chatapp.files.pictures.confine import be_patient, bound_time_and_memory, close_doors


def main() -> None:
    kind, parent = sys.argv[1], int(sys.argv[2])
    bound_time_and_memory(parent)
    opening.prepare(kind)
    close_doors()
    try:
        made, written = remake(sys.stdin.buffer.read(), kind)
    except PictureRefused as refused:
        answer, written = Answer(refused=NotMade(why=refused.why, error=refused.error)), []
    except MemoryError:
        answer, written = Answer(refused=NotMade(why="too_large", error="MemoryError")), []
    except Exception as error:  # noqa: BLE001 - what strangers' bytes may raise in decoders has no end
        answer, written = Answer(refused=NotMade(why="damaged", error=type(error).__name__)), []
    else:
        answer = Answer(made=made)
    _say(answer, written)


def remake(data: bytes, kind: str) -> tuple[Made, list[bytes]]:
    """The picture anew, and its renditions' bytes. Raises ``PictureRefused``, and whatever decoders raise."""
    source, frames = opening.open_picture(data, kind)
    is_animated = frames > 1
    how = writing.still_of(source, data, kind)
    if is_animated:
        type_, first = writing.write_moving(source, kind)
        source.seek(0)
        image = colours.as_seen(source.copy())
    else:
        image = colours.as_seen(source)
        type_, first = writing.write_still(image, kind, how)
    width, height = source.size if is_animated else image.size
    renditions = [(Rendition(name=PICTURE, size=len(first), width=width, height=height), first)]
    small = image
    for side, small in writing.thumbnails(image):
        thumbnail = writing.write_thumbnail(small)
        renditions.append((_rendition(str(side), small, thumbnail), thumbnail))
    made = Made(
        type=type_,
        renditions=[rendition for rendition, _ in renditions],
        placeholder=writing.placeholder(small),
        is_animated=is_animated,
    )
    return made, [written for _, written in renditions]


def _rendition(name: str, image: Image.Image, written: bytes) -> Rendition:
    return Rendition(name=name, size=len(written), width=image.width, height=image.height)


def _say(answer: Answer, written: Iterable[bytes]) -> None:
    be_patient()
    out = sys.stdout.buffer
    out.write(msgspec.json.encode(answer) + b"\n")
    for each in written:
        out.write(each)
    out.flush()
    os._exit(0)  # nothing is left to be tidied up


main()
