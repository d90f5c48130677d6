"""What a file is by its bytes, and what of that a browser may show within a page.

What its sender calls it counts only where the bytes say nothing, and never makes it something that a
browser shows, plays or runs. A file that is two things at once is what its first bytes say.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import puremagic

HEAD_BYTES = 4096
UNKNOWN = "application/octet-stream"

PICTURES = frozenset(
    ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif", "image/bmp")
)
"""What is looked at before it is served. TIFF is not among them: a document of pages, and raw photos."""

SHOWN = frozenset(("image/jpeg", "image/png", "image/gif", "image/webp"))
"""What pictures are after the look."""

PLAYED = frozenset(
    (
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/wav", "audio/flac", "audio/webm"),
        *("video/mp4", "video/webm", "video/ogg", "video/quicktime"),
    )
)

_NAMED = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_MARKUP = re.compile(r"html|xml|svg|script|x-shockwave|^multipart/|^message/|^text/(css|cache-manifest)")
_SHOWN_BY_BROWSERS = re.compile(r"^(image|audio|video|font|model)/")
_DIB_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif")


def kind_of(head: bytes, declared: str = "") -> str:
    """The type of a file whose first ``HEAD_BYTES`` (all, of a smaller one) are these.

    Ask when so many are there, or the whole: a picture whose first two bytes came alone is none yet.
    """
    head = head[:HEAD_BYTES]
    for look in _LOOKS:
        if kind := look(head):
            return kind
    return _by_library(head) or _as_declared(declared)


def is_picture(kind: str) -> bool:
    """Whether it is decoded and written anew before anybody else gets it."""
    return kind in PICTURES


def is_inline(kind: str) -> bool:
    """Whether a browser may show or play it; all else is only downloaded."""
    return kind in SHOWN or kind in PLAYED


# --- by the bytes ---------------------------------------------------------------------------


def _by_beginning(head: bytes) -> str | None:
    return next((kind for start, kind in _BEGINNINGS if head.startswith(start)), None)


_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
)


def _bitmap(head: bytes) -> str | None:
    is_one = head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _DIB_HEADERS
    return "image/bmp" if is_one else None


def _riff(head: bytes) -> str | None:
    if head[:4] not in (b"RIFF", b"RF64"):
        return None
    return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])


def _iso_media(head: bytes) -> str | None:
    """ISO 14496-12: a box named ftyp with a brand, and brands that it is compatible with."""
    if head[4:8] != b"ftyp":
        return None
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))]
    for wanted, kind in _BRANDS:
        if brands[0] in wanted:
            return kind
    # What has a brand of its maker says among the others what it is.
    return next((kind for wanted, kind in _BRANDS if any(brand in wanted for brand in brands)), None)


_BRANDS: tuple[tuple[tuple[bytes, ...], str], ...] = (
    ((b"avif", b"avis"), "image/avif"),
    (_HEIF_BRANDS, "image/heic"),
    ((b"M4A ", b"M4B ", b"F4A "), "audio/mp4"),
    ((b"qt  ",), "video/quicktime"),
    ((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"), "video/mp4"),
)


def _matroska(head: bytes) -> str | None:
    if head[:4] != b"\x1a\x45\xdf\xa3":
        return None
    if b"webm" not in head[:64]:
        return "video/x-matroska"
    return "audio/webm" if b"A_" in head and b"V_" not in head else "video/webm"


def _ogg(head: bytes) -> str | None:
    if head[:4] != b"OggS":
        return None
    return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"


def _audio_frame(head: bytes) -> str | None:
    """A frame of MPEG audio, or of AAC in ADTS, at the beginning."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate = head[2] >> 2 & 15
    if head[1] & 0xF0 == 0xF0 and layer == 0:
        return "audio/aac" if rate <= 12 else None
    is_frame = version != 1 and layer != 0 and head[2] >> 4 != 15 and rate & 3 != 3
    return "audio/mpeg" if is_frame else None


_LOOKS: tuple[Callable[[bytes], str | None], ...] = (
    *(_by_beginning, _bitmap, _riff, _iso_media, _matroska, _ogg, _audio_frame),
)


def _by_library(head: bytes) -> str | None:
    """None also for what only our own looks above may say, and for what a browser would run."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    return _harmless(found[0].mime_type) if found else None


# --- by its sender's word -------------------------------------------------------------------


def _as_declared(declared: str) -> str:
    return _harmless(declared.partition(";")[0].strip().lower()) or UNKNOWN


def _harmless(kind: str) -> str | None:
    """As it is, if it is a type at all and none that a browser runs, shows or plays."""
    if not _NAMED.fullmatch(kind) or _MARKUP.search(kind) or _SHOWN_BY_BROWSERS.match(kind):
        return None
    return kind
