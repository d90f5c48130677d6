"""Upright, in sRGB, with eight bits a channel: what every screen shows in the same way."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

from PIL import Image, ImageCms, ImageOps

_SRGB = ImageCms.createProfile("sRGB")
_WITH_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")
_AS_THEY_ARE = ("1", "L", "RGB", "RGBA")


def as_seen(image: Image.Image) -> Image.Image:
    """``L``, ``RGB`` or ``RGBA``, and with nothing else: no profile, no place, no comment.

    Takes the picture over: what it holds is gone.
    """
    profile = image.info.get("icc_profile")
    image = _upright(image)
    image = _in_eight_bits(image)
    if isinstance(profile, bytes) and profile:
        image = _in_srgb(image, profile)
    image = _in_known_mode(image)
    image.info = {}
    return image


def is_see_through(image: Image.Image) -> bool:
    """Whether any of its pixels is not wholly opaque."""
    if not image.has_transparency_data:
        return False
    extrema: Any = image.convert("RGBA").getchannel("A").getextrema()
    return int(extrema[0]) < 255


def _upright(image: Image.Image) -> Image.Image:
    """As its EXIF says; what cannot be read of that says nothing."""
    image.load()
    with suppress(SyntaxError, ValueError, TypeError, KeyError, OverflowError, EOFError, OSError):
        return ImageOps.exif_transpose(image)
    return image


def _in_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # To "L" Pillow converts by cutting off: all above 255 would be white.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "P" or "transparency" in image.info:
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """By its profile; a profile that cannot be used, or is of other colours, counts for nothing."""
    alpha = image.getchannel("A") if image.mode in _WITH_ALPHA else None
    if alpha is not None:
        image = image.convert("L" if image.mode in ("LA", "La") else "RGB")
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, found, _SRGB, outputMode="RGB")
        image = turned or image
    if alpha is not None:
        image = image.convert("RGB")
        image.putalpha(alpha)
    return image


def _in_known_mode(image: Image.Image) -> Image.Image:
    if image.mode in _WITH_ALPHA:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        return image if is_see_through(image) else image.convert("RGB")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in _AS_THEY_ARE else image.convert("RGB")
