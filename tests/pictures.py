"""Pictures for tests, as phones, cameras and ill-wishers make them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw, PngImagePlugin

pillow_heif.register_heif_opener()

MARKER = b"Weg-am-Deich-7"  # stands in whatever a picture says of itself
FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
}
CORNERS = {"top left": (220, 30, 30), "top right": (30, 200, 30), "bottom left": (30, 30, 220)}
WHITE = (255, 255, 255)
# From what is seen to what is stored, for each orientation that EXIF has.
_TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Another colour in each of its corners."""
    image = Image.new("RGB", (width, height), WHITE)
    draw = ImageDraw.Draw(image)
    w, h = width // 2, height // 2
    draw.rectangle((0, 0, w - 1, h - 1), CORNERS["top left"])
    draw.rectangle((w, 0, width, h - 1), CORNERS["top right"])
    draw.rectangle((0, h, w - 1, height), CORNERS["bottom left"])
    return image.convert(mode)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def colours_of(image: Image.Image) -> list[Any]:
    """In the middle of each quarter, row by row."""
    seen = image.convert("RGB")
    w, h = seen.size
    return [seen.getpixel((w * x // 4, h * y // 4)) for y in (1, 3) for x in (1, 3)]


SCENE_COLOURS = [*CORNERS.values(), WHITE]


def is_like(found: list[Any], wanted: list[Any], by: int = 24) -> bool:
    return all(
        abs(a - b) <= by
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def with_place(orientation: int = 1) -> bytes:
    """EXIF as a phone writes it: a place, a maker, a remark, and a small picture with a text in it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = MARKER.decode()
    exif[0x9286] = MARKER
    place = exif.get_ifd(0x8825)
    place.update({1: "N", 2: (53.0, 52.0, 11.5), 3: "E", 4: (8.0, 41.0, 3.25), 29: MARKER.decode()})
    return exif.tobytes()


def as_taken(form: str, orientation: int = 1, image: Image.Image | None = None) -> bytes:
    """A picture that says of itself, in each way that its format has, where and by whom it was taken."""
    image = image or scene()
    turn = _TURNED[orientation]
    image = image if turn is None else image.transpose(turn)
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + MARKER + b"</x:xmpmeta>"
    exif = with_place(orientation)
    match form:
        case "JPEG":
            return _with_iptc(encoded(image, form, exif=exif, comment=MARKER, xmp=xmp, quality=92))
        case "PNG":
            said = PngImagePlugin.PngInfo()
            said.add_text("Comment", MARKER.decode())
            said.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
            return encoded(image, form, exif=exif, pnginfo=said)
        case "GIF":
            return encoded(image, form, comment=MARKER)
        case "BMP":
            return encoded(image, form) + MARKER
        case _:
            return encoded(image, form, exif=exif, xmp=xmp)


def moving(form: str, frames: int = 4, **options: Any) -> bytes:
    """A dot that wanders over a see-through ground; each frame stays a little longer."""
    made = []
    for n in range(frames):
        frame = Image.new("RGBA", (400, 40), (0, 0, 0, 0))
        ImageDraw.Draw(frame).ellipse((20 * n, 8, 20 * n + 20, 28), (200, 40, 40, 255))
        made.append(frame)
    durations = [40 + 20 * n for n in range(frames)]
    return encoded(
        made[0],
        form,
        save_all=True,
        append_images=made[1:],
        duration=durations,
        loop=3,
        disposal=2,
        **options,
    )


def deep_png(width: int = 64, height: int = 8) -> bytes:
    """Sixteen bits of each of three colours: Pillow writes none."""
    row = b"".join(struct.pack(">HHH", *(3 * [x * 65535 // (width - 1)])) for x in range(width))
    return _png(width, height, zlib.compress(b"".join(b"\0" + row for _ in range(height))), depth=16)


def bomb(form: str) -> bytes:
    """A few bytes that say to be 60,000 pixels wide and high (WebP: 16,000)."""
    small = encoded(scene(), form)
    size = {"WEBP": 16_000}.get(form, 60_000)
    match form:
        case "PNG":
            return _png(size, size, zlib.compress(bytes(1000)))
        case "GIF":
            return small[:6] + struct.pack("<HH", size, size) + small[10:]
        case "BMP":
            return small[:18] + struct.pack("<ii", size, size) + small[26:]
        case "JPEG":
            at = small.index(b"\xff\xc0") + 5
            return small[:at] + struct.pack(">HH", size, size) + small[at + 4 :]
        case "WEBP":
            at = small.index(b"VP8 ") + 14
            return small[:at] + struct.pack("<HH", size, size) + small[at + 4 :]
        case _:
            at = small.index(b"ispe") + 8
            return small[:at] + struct.pack(">II", size, size) + small[at + 8 :]


def profile_with_red_for_green() -> bytes:
    """An ICC profile of colours in which the first primary is sRGB's green, and the second its red."""
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563) + b"\0\0"
    tags = {
        b"rXYZ": _xyz(green),
        b"gXYZ": _xyz(red),
        b"bXYZ": _xyz(blue),
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"swap\0" + bytes(78) + b"\0",
        b"cprt": b"text\0\0\0\0" + MARKER + b"\0\0",
    }
    table, body, at = b"", b"", 132 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(body), len(value))
        body += value
    head = struct.pack(">I4sI4s4s4s", 0, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ") + bytes(12) + b"acsp"
    head = (head + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)).ljust(128, b"\0")
    whole = head + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65536) for value in values))


def _png(width: int, height: int, pixels: bytes, depth: int = 8) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _with_iptc(jpeg: bytes) -> bytes:
    caption = b"\x1c\x02\x78" + struct.pack(">H", len(MARKER)) + MARKER
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(caption)) + caption + b"\0" * (len(caption) % 2)
    segment = b"Photoshop 3.0\0" + resource
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]
