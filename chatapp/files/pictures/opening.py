"""Opens a picture and asks how large it is; nothing of it is decoded before."""

from __future__ import annotations

import copy
import io
import struct
import warnings

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    MpoImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from chatapp.files.pictures.answer import PictureRefused
from chatapp.files.pictures.bounds import MAX_FRAMES, MAX_MOVING_PIXELS, MAX_PIXELS, MAX_SIDE

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
}


def prepare(kind: str) -> None:
    """Load whatever is loaded late: soon no file can be opened."""
    Image.preinit()
    if kind == "image/heic":
        _prepare_heif()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    # Loaded with us: JPEG and EXIF ask for them, and GIF for the first.
    _ = (copy, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin)


def _prepare_heif() -> None:
    import pillow_heif  # noqa: PLC0415 - of what another picture takes it would be an eighth

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    pillow_heif.options.DECODE_THREADS = 1


def open_picture(data: bytes, kind: str) -> tuple[Image.Image, int]:
    """The picture, not decoded yet, and how many frames it has. Raises ``PictureRefused``."""
    if kind == "image/webp":
        _must_fit(_canvas_of_webp(data), 1)  # to open one is to take memory for all of it
    try:
        image = Image.open(io.BytesIO(data), formats=[FORMATS[kind]])
        _must_fit(image.size, 1)
        frames = 1 if kind == "image/heic" else getattr(image, "n_frames", 1)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("too_large", type(error).__name__) from error
    frames = 1 if image.format == "MPO" else frames  # the others are the same once more, or its depth
    _must_fit(image.size, frames)
    return image, frames


def _must_fit(size: tuple[int, int], frames: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise PictureRefused("damaged", "NoPixels")
    pixels = width * height
    is_too_long = frames > MAX_FRAMES or pixels * frames > MAX_MOVING_PIXELS
    if pixels > MAX_PIXELS or max(size) > MAX_SIDE or is_too_long:
        raise PictureRefused("too_large", "Pixels")


def _canvas_of_webp(data: bytes) -> tuple[int, int]:
    """Width and height, as RFC 9649 has them in the first chunk."""
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise PictureRefused("damaged", "Truncated")
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", body[6:10])
    return width & 0x3FFF, height & 0x3FFF
