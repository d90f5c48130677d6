"""Writes pictures: what others get, still or moving, its thumbnails, and its placeholder."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageSequence, JpegImagePlugin

from chatapp.files.pictures.bounds import THUMBNAILS
from chatapp.files.pictures.colours import is_see_through

QUALITY = 88
SMALL_QUALITY = 80
PLACEHOLDER_SIDE = 4
NOTHING: dict[str, Any] = {"exif": b"", "icc_profile": b"", "xmp": b"", "comment": b""}
# Said one by one: unsaid, some of Pillow's writers take over what the file that was read had.

_STILL = {"image/png": "PNG", "image/gif": "PNG", "image/bmp": "PNG", "image/webp": "WEBP"}
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}


def still_of(source: Image.Image, data: bytes, kind: str) -> dict[str, Any]:
    """How it is best written, told from what was read; to be asked before it is decoded."""
    if kind == "image/jpeg" and source.mode in ("L", "RGB"):
        return _tables_of(source)
    if kind == "image/webp" and b"VP8L" in data[12:64]:
        return {"lossless": True, "quality": 20, "method": 1}
    return {}


def write_still(image: Image.Image, kind: str, how: dict[str, Any]) -> tuple[str, bytes]:
    """Its type and its bytes. HEIC and AVIF become JPEG, or WebP if one can see through them."""
    form = _STILL.get(kind, "JPEG")
    if form == "JPEG" and image.mode == "RGBA":
        form = "WEBP"
    options: dict[str, Any] = {
        "JPEG": {"quality": QUALITY, "progressive": True},
        "WEBP": {"quality": QUALITY, "method": 2},
        "PNG": {"compress_level": 4},
    }[form]
    if "qtables" in how:
        options.pop("quality", None)
    return _TYPES[form], _written(image, form, {**options, **how})


def write_moving(image: Image.Image, kind: str) -> tuple[str, bytes]:
    """All its frames; GIF stays GIF, all else is WebP."""
    durations, sees_through = [], False
    for frame in ImageSequence.Iterator(image):
        frame.load()  # only then WebP knows how long it stays
        durations.append(int(frame.info.get("duration") or 0))
        sees_through = sees_through or is_see_through(frame)
    image.seek(0)
    how: dict[str, Any] = {"save_all": True, "duration": durations}
    if isinstance(loop := image.info.get("loop"), int):
        how["loop"] = loop
    if kind != "image/gif":
        return _TYPES["WEBP"], _written(image, "WEBP", {**how, "quality": SMALL_QUALITY, "method": 1})
    if sees_through:
        # What one sees through a frame is not the frame before: that is taken away first.
        first, *others = (frame.convert("RGBA") for frame in ImageSequence.Iterator(image))
        return _TYPES["GIF"], _written(first, "GIF", {**how, "disposal": 2, "append_images": others})
    return _TYPES["GIF"], _written(image, "GIF", {**how, "disposal": 0})


def thumbnails(image: Image.Image) -> list[tuple[int, Image.Image]]:
    """Still ones, where they are smaller than the picture; each is made of the next larger."""
    made = []
    for side in sorted(THUMBNAILS, reverse=True):
        if side < max(image.size):
            image = _scaled(image, side)
            made.append((side, image))
    return made[::-1]


def write_thumbnail(image: Image.Image) -> bytes:
    return _written(image, "WEBP", {"quality": SMALL_QUALITY, "method": 4})


def placeholder(image: Image.Image) -> str | None:
    """Sixteen pixels in a square, row by row, three hexadecimal digits each, as CSS writes colours."""
    if image.mode == "RGBA":
        return None
    small = image.convert("RGB").resize((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), Image.Resampling.BOX)
    return "".join(f"{(value * 15 + 127) // 255:x}" for value in small.tobytes())


def _scaled(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _tables_of(source: Image.Image) -> dict[str, Any]:
    """As exact as it was, and no larger: each further writing with other tables loses a little more."""
    assert isinstance(source, JpegImagePlugin.JpegImageFile)
    how: dict[str, Any] = {"qtables": source.quantization}
    sampling = JpegImagePlugin.get_sampling(source)
    if sampling >= 0:
        how["subsampling"] = sampling
    return how


def _written(image: Image.Image, form: str, options: dict[str, Any]) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **NOTHING, **options)
    return written.getvalue()
