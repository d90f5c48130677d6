import io
import zipfile

import pillow_heif
import pytest
from PIL import Image

from chatapp.files.kinds import UNKNOWN, is_inline, is_picture, kind_of

pillow_heif.register_heif_opener()

WEBM = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"


def picture(form: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(written, form)
    return written.getvalue()


def an_archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("notes", "x")
    return written.getvalue()


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
        ("AVIF", "image/avif"),
        ("BMP", "image/bmp"),
    ],
)
def test_a_picture_is_known_by_its_bytes_whatever_it_is_called(form: str, kind: str) -> None:
    head = picture(form)

    assert kind_of(head, "application/pdf") == kind
    assert is_picture(kind)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (b"\0\0\0\x1cftypM4A \0\0\2\0M4A mp42isom", "audio/mp4"),
        (b"\0\0\0\x18ftypXYZ \0\0\2\0XYZ mp42", "video/mp4"),
        (WEBM + b"\x86\x86V_VP9\x86A_OPUS", "video/webm"),
        (WEBM + b"\x86\x86A_OPUS", "audio/webm"),
        (b"OggS\0\2" + bytes(20) + b"\x01\x13OpusHead", "audio/ogg"),
        (b"OggS\0\2" + bytes(20) + b"\x01\x2a\x80theora", "video/ogg"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        (b"fLaC\0\0\0\x22" + bytes(30), "audio/flac"),
        (b"ID3\x04\0\0\0" + bytes(30), "audio/mpeg"),
        (b"\xff\xfb\x90\x44" + bytes(30), "audio/mpeg"),
        (b"\xff\xf1\x50\x80" + bytes(30), "audio/aac"),
    ],
)
def test_what_browsers_play_is_known_by_its_bytes(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind
    assert is_inline(kind)
    assert not is_picture(kind)


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"  \n<html>",
        b"\xef\xbb\xbf<?xml version='1.0'?><a/>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"alert(1)",
    ],
)
@pytest.mark.parametrize(
    "declared",
    [
        *("text/html", "TEXT/HTML; charset=utf-8", "image/svg+xml", "application/xhtml+xml", "text/xml"),
        *("text/javascript", "application/javascript", "image/png", "video/mp4", "multipart/related"),
        *("no type", "", "a/b\r\nSet-Cookie: x"),
    ],
)
def test_what_a_browser_would_run_has_no_type_whatever_it_is_called(head: bytes, declared: str) -> None:
    assert kind_of(head, declared) == UNKNOWN


def test_the_word_of_the_sender_counts_where_the_bytes_say_nothing() -> None:
    assert kind_of(b"a;b\n1;2\n", "text/csv; charset=utf-8") == "text/csv"


def test_an_archive_is_one_and_is_only_downloaded() -> None:
    kind = kind_of(an_archive(), "image/png")

    assert kind.startswith("application/")
    assert not is_inline(kind)


def test_a_pdf_is_only_downloaded() -> None:
    assert kind_of(b"%PDF-1.7\n<html>") == "application/pdf"
    assert not is_inline("application/pdf")


def test_of_two_things_at_once_the_first_bytes_decide() -> None:
    assert kind_of(b"GIF89a=1;/*" + bytes(100) + b"*/alert(1)") == "image/gif"
    assert kind_of(b"%PDF-1.4\n<script>alert(1)</script>", "text/html") == "application/pdf"


def test_a_sentence_that_begins_as_a_bitmap_does_is_none() -> None:
    assert kind_of(b"BMW is a maker of cars and motorcycles", "text/plain") == "text/plain"


@pytest.mark.parametrize("length", range(12))
def test_a_few_bytes_are_no_reason_to_fail(length: int) -> None:
    for form in ("JPEG", "HEIF", "WEBP", "BMP"):
        kind_of(picture(form)[:length])
