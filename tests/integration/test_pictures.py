"""What becomes of a picture, in the process that decodes."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence

from chatapp.files.kinds import HEAD_BYTES, kind_of
from chatapp.files.pictures import process
from chatapp.files.pictures.answer import LookLost, Made, PictureRefused, Rendition
from chatapp.files.pictures.process import Decoder
from tests.pictures import (
    FORMATS,
    MARKER,
    SCENE_COLOURS,
    as_taken,
    bomb,
    colours_of,
    decoded,
    deep_png,
    encoded,
    is_like,
    moving,
    profile_with_red_for_green,
    scene,
)


def looked_at(data: bytes, kind: str | None = None) -> tuple[Made, dict[str, bytes]]:
    with Decoder(kind or kind_of(data[:HEAD_BYTES])) as decoder:
        made = decoder.make(data[at : at + 1000] for at in range(0, len(data), 1000))
        return made, {each.name: b"".join(decoder.read(each)) for each in made.renditions}


def picture_of(data: bytes) -> Image.Image:
    return decoded(looked_at(data)[1]["picture"])


def durations_of(image: Image.Image) -> list[int]:
    found = []
    for frame in ImageSequence.Iterator(image):
        frame.load()
        found.append(frame.info["duration"])
    return found


def refusal_of(data: bytes, kind: str | None = None) -> str:
    with pytest.raises(PictureRefused) as refused:
        looked_at(data, kind)
    return refused.value.why


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation: int) -> None:
    found = picture_of(as_taken("JPEG", orientation))

    assert found.size == (96, 64)
    assert is_like(colours_of(found), SCENE_COLOURS)
    assert found.getexif() == {}


@pytest.mark.parametrize("form", ["PNG", "WEBP", "HEIF", "AVIF"])
def test_a_picture_of_any_format_is_turned_upright(form: str) -> None:
    found = picture_of(as_taken(form, 6))

    assert found.size == (96, 64)
    assert is_like(colours_of(found), SCENE_COLOURS)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_left_of_what_a_picture_says_of_itself(form: str) -> None:
    taken = as_taken(form, image=scene(1300, 900))
    assert MARKER in taken or form == "PNG"  # its XMP is packed, its text is not

    made, renditions = looked_at(taken)

    assert set(renditions) == {"picture", "360", "1080"}
    for rendition in renditions.values():
        assert MARKER not in rendition
        assert decoded(rendition).getexif() == {}
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & set(decoded(rendition).info)
    assert made.type == {"HEIF": "image/jpeg", "AVIF": "image/jpeg"}.get(form, made.type)
    assert kind_of(renditions["picture"]) == made.type


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_nothing_is_left_of_what_a_moving_picture_says_of_itself(form: str) -> None:
    said: dict[str, dict[str, Any]] = {
        "GIF": {"comment": MARKER},
        "WEBP": {"xmp": MARKER},
        "PNG": {"exif": b"Exif\0\0" + MARKER},
    }
    taken = moving(form, **said[form])
    assert MARKER in taken

    _, renditions = looked_at(taken)

    assert not any(MARKER in rendition for rendition in renditions.values())


def test_the_thumbnails_are_still_and_only_where_the_picture_is_larger() -> None:
    made, renditions = looked_at(encoded(scene(2000, 500), "JPEG"))
    small, small_renditions = looked_at(encoded(scene(360, 100), "JPEG"))

    assert [(each.name, each.width, each.height) for each in made.renditions] == [
        ("picture", 2000, 500),
        ("360", 360, 90),
        ("1080", 1080, 270),
    ]
    assert {kind_of(renditions[name]) for name in ("360", "1080")} == {"image/webp"}
    assert is_like(colours_of(decoded(renditions["360"])), SCENE_COLOURS)
    assert list(small_renditions) == ["picture"]
    assert [each.name for each in small.renditions] == ["picture"]


def test_the_placeholder_is_sixteen_colours() -> None:
    made, _ = looked_at(encoded(scene(800, 800), "PNG"))

    assert made.placeholder is not None
    assert len(made.placeholder) == 48
    digits = [made.placeholder[at : at + 3] for at in range(0, 48, 3)]
    assert (digits[0], digits[3], digits[12], digits[15]) == ("d22", "2c2", "22d", "fff")


def test_what_was_progressive_is_read_and_others_are_written_so() -> None:
    assert is_like(colours_of(picture_of(encoded(scene(), "JPEG", progressive=True))), SCENE_COLOURS)
    assert picture_of(encoded(scene(), "JPEG")).info.get("progressive")


def test_a_jpeg_is_not_made_larger_by_being_written_anew() -> None:
    coarse = encoded(Image.effect_noise((600, 400), 80).convert("RGB"), "JPEG", quality=40)

    assert len(looked_at(coarse)[1]["picture"]) <= len(coarse)


def test_colours_for_printing_become_those_of_a_screen() -> None:
    found = picture_of(encoded(scene(mode="CMYK"), "JPEG", quality=95))

    assert found.mode == "RGB"
    assert is_like(colours_of(found), SCENE_COLOURS, by=40)


def test_a_profile_is_applied_and_left_out() -> None:
    data = encoded(scene(), "PNG", icc_profile=profile_with_red_for_green())

    found = picture_of(data)

    top_left, top_right, bottom_left, white = colours_of(found)
    assert top_left[1] > 150 > top_left[0]
    assert top_right[0] > 150 > top_right[1]
    assert is_like([bottom_left, white], [SCENE_COLOURS[2], SCENE_COLOURS[3]], by=60)
    assert "icc_profile" not in found.info


def test_a_profile_that_is_none_counts_for_nothing() -> None:
    assert is_like(colours_of(picture_of(encoded(scene(), "PNG", icc_profile=b"no profile"))), SCENE_COLOURS)


def test_sixteen_bits_become_eight_and_not_white() -> None:
    grey = Image.new("I;16", (64, 8))
    for x in range(64):
        for y in range(8):
            grey.putpixel((x, y), x * 65535 // 63)

    for data in (deep_png(), encoded(grey, "PNG")):
        found = picture_of(data).convert("L")
        assert [found.getpixel((x, 4)) for x in (0, 32, 63)] == pytest.approx([0, 129, 255], abs=2)


@pytest.mark.parametrize(
    ("form", "kind"), [("PNG", "image/png"), ("WEBP", "image/webp"), ("HEIF", "image/webp")]
)
def test_one_still_sees_through_what_was_transparent(form: str, kind: str) -> None:
    image = scene(400, 400, "RGBA")
    image.paste((0, 0, 0, 0), (200, 200, 400, 400))

    made, renditions = looked_at(encoded(image, form))

    assert made.type == kind
    assert made.placeholder is None
    for rendition in renditions.values():
        found = decoded(rendition).convert("RGBA")
        w, h = found.size
        assert found.getpixel((w * 3 // 4, h * 3 // 4))[3] < 10  # type: ignore[index]
        assert found.getpixel((w // 4, h // 4))[3] > 245  # type: ignore[index]


def test_a_palette_with_transparency_stays_so() -> None:
    image = scene(mode="P")
    image.info["transparency"] = image.getpixel((80, 50))

    for form in ("PNG", "GIF"):
        found = picture_of(encoded(image, form)).convert("RGBA")
        assert found.getpixel((80, 50))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("form", "kind"),
    [("GIF", "image/gif"), ("WEBP", "image/webp"), ("PNG", "image/webp"), ("AVIF", "image/webp")],
)
def test_what_moves_goes_on_moving(form: str, kind: str) -> None:
    taken = moving(form)

    made, renditions = looked_at(taken)

    found = Image.open(io.BytesIO(renditions["picture"]))
    assert made.type == kind
    assert made.is_animated
    assert durations_of(found) == [40, 60, 80, 100]
    assert getattr(found, "n_frames", 1) == 4
    assert found.info["loop"] == (3 if form != "AVIF" else found.info["loop"])
    found.seek(2)
    seen = found.convert("RGBA")
    assert is_like([seen.getpixel((50, 18))], [(200, 40, 40, 255)], by=40)
    assert seen.getpixel((10, 18))[3] == 0  # type: ignore[index]
    assert getattr(decoded(renditions["360"]), "n_frames", 1) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_half_a_picture_is_none(form: str) -> None:
    whole = encoded(scene(640, 480), form)

    assert refusal_of(whole[: len(whole) // 2]) == "damaged"


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_that_would_be_huge_is_refused_before_it_is_decoded(form: str) -> None:
    data = bomb(form)
    before = processor_seconds()

    assert kind_of(data) == FORMATS[form]
    assert refusal_of(data) == ("damaged" if form == "AVIF" else "too_large")  # its library itself says no
    assert processor_seconds() - before < 5


def processor_seconds() -> float:
    """Of the processes that have decoded until now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_many_frames_are_too_many_together() -> None:
    frames = [Image.new("1", (1000, 1000), n % 2) for n in range(160)]

    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], optimize=True)

    assert refusal_of(data) == "too_large"


@pytest.mark.parametrize("kind", FORMATS.values())
@pytest.mark.parametrize("data", [b"", b"<svg onload='alert(1)'/>", bytes(5000), b"\xff\xd8\xff", b"GIF89a"])
def test_what_is_no_picture_is_damaged(kind: str, data: bytes) -> None:
    assert refusal_of(data, kind) == "damaged"


def test_of_a_picture_that_is_a_script_too_only_the_picture_is_left() -> None:
    script = b"*/=1;alert('two things at once')//"
    tail = b"<html><script>alert('a tail')</script></html>"
    gif = encoded(scene(), "GIF")
    both = gif[:-1] + b"\x21\xfe" + bytes([len(script)]) + script + b"\0;" + tail

    for data in (both, encoded(scene(), "JPEG", comment=script) + tail, encoded(scene(), "PNG") + tail):
        _, renditions = looked_at(data)
        assert not any(b"alert" in rendition for rendition in renditions.values())


def test_a_script_that_begins_as_a_picture_does_is_damaged() -> None:
    assert refusal_of(b"GIF89a=1;/*" + bytes(2000) + b"*/alert(1)") == "damaged"


# --- the process ------------------------------------------------------------------------------


def test_the_process_ends_with_the_block_and_knows_no_secret() -> None:
    with Decoder("image/png") as decoder:
        pid = decoder._pid
        told = Path(f"/proc/{pid}/environ").read_bytes() if sys.platform == "linux" else b""
    assert b"HOME=" not in told
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_look_that_takes_the_processor_for_too_long_is_a_picture_that_is_too_large() -> None:
    with Decoder("image/png") as decoder:
        os.kill(decoder._pid, signal.SIGXCPU)
        with pytest.raises(PictureRefused, match="too_large"):
            decoder.make([encoded(scene(), "PNG")])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGALRM])
def test_a_look_that_was_killed_or_had_to_wait_is_no_fault_of_the_picture(number: signal.Signals) -> None:
    with Decoder("image/png") as decoder:
        os.kill(decoder._pid, number)
        with pytest.raises(LookLost):
            decoder.make([encoded(scene(), "PNG")])


def test_a_look_that_stands_still_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WALL_SECONDS", 0.1)
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    data = encoded(scene(), "PNG")
    with Decoder("image/png") as decoder:
        os.kill(decoder._pid, signal.SIGSTOP)
        with pytest.raises(LookLost):
            decoder.make([data])  # it answers nothing
        with pytest.raises(LookLost):
            decoder.make([data] * 10_000)  # it takes nothing
        with pytest.raises(LookLost):
            list(decoder.read(Rendition(name="picture", size=1, width=1, height=1)))


IN_THERE = """
import os, resource, socket, sys
from chatapp.files.pictures.confine import bound_time_and_memory, close_doors
bound_time_and_memory(os.getppid())
close_doors()
def refused(act):
    try:
        act()
    except (OSError, MemoryError):
        return True
print(
    refused(lambda: open("/etc/passwd")),
    refused(lambda: open("a picture", "w")),
    refused(lambda: socket.socket()),
    refused(lambda: os.pipe()),
    refused(lambda: bytearray(2 << 30)),
    resource.getrlimit(resource.RLIMIT_CPU)[0],
)
"""


def test_who_decodes_can_open_send_and_take_nothing(tmp_path: Path) -> None:
    home = {"PYTHONPATH": os.getcwd()}

    told = subprocess.run(
        [sys.executable, "-c", IN_THERE], check=False, env=home, cwd=tmp_path, capture_output=True, text=True
    )

    assert told.stdout.split() == ["True"] * 5 + ["40"], told.stderr
    assert list(tmp_path.iterdir()) == []
