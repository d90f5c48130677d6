"""What a request may look like: everything else is refused before anybody has seen it."""

from __future__ import annotations

import json

import pytest

from chatapp.runtime.requests.chunks import LONGEST_BODY
from chatapp.runtime.requests.gathering import Gathering, Request
from chatapp.runtime.requests.heads import LONGEST_HEAD, LONGEST_LINE, MOST_FIELDS, NotARequest

HOST = b"Host: chat.example\r\n"
POST = b"POST /api/session HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def gathered(text: bytes) -> Request | None:
    return Gathering().feed(text)


def status_of(text: bytes) -> int:
    with pytest.raises(NotARequest) as refused:
        gathered(text)
    head, _, body = refused.value.answer.partition(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert error["code"], error["message"]
    assert b"Connection: close" in head
    return int(head.split()[1])


AMBIGUOUS = {
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
    "two different lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\nabcde",
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\nabcde",
    "a length below zero": POST + b"Content-Length: -5\r\n\r\nabcde",
    "a length as Python has it": POST + b"Content-Length: 0_5\r\n\r\nabcde",
    "a length with a space inside": POST + b"Content-Length: 5 0\r\n\r\nabcde",
    "a length in hexadecimals": POST + b"Content-Length: 0x5\r\n\r\nabcde",
    "no length": POST + b"Content-Length: \r\n\r\nabcde",
    "a length in other digits": POST + "Content-Length: ５\r\n\r\nabcde".encode(),
    "a length beyond counting": POST + b"Content-Length: 99999999999999999999\r\n\r\n",
    "a space before the colon": POST + b"Content-Length : 5\r\n\r\nabcde",
    "a tab before the colon": POST + b"Content-Length\t: 5\r\n\r\nabcde",
    "a space before the name": POST + b" Content-Length: 5\r\n\r\nabcde",
    "a header that goes on in the next line": POST + b"X-A: a\r\n b\r\n\r\n",
    "a line without a colon": POST + b"Content-Length\r\n\r\n",
    "a header without a name": POST + b": 5\r\n\r\n",
    "a name with a space": POST + b"Content Length: 5\r\n\r\n",
    "a name that is no token": POST + b"Content[Length]: 5\r\n\r\n",
    "a name beyond ASCII": POST + "Größe: 5\r\n\r\n".encode(),
    "a length beside chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks beside a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two codings": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a lone LF behind a header": POST + b"X-A: a\nX-B: b\r\n\r\n",
    "a lone LF at the end": POST + b"\n",
    "a lone CR in a header": POST + b"X-A: a\rX-B: b\r\n\r\n",
    "a NUL in a header": POST + b"X-A: a\0b\r\n\r\n",
    "a bell in a header": POST + b"X-A: a\x07b\r\n\r\n",
    "a DEL in a header": POST + b"X-A: a\x7fb\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two expectations": POST + b"Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a host with a path": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a host with a name before it": b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "half an address as host": b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "no version": b"GET /\r\n" + HOST + b"\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space in the address": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "a NUL in the address": b"GET /a\0b HTTP/1.1\r\n" + HOST + b"\r\n",
    "a lone CR in the first line": b"GET /\rx HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method that is no token": b"GE(T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "an address that is neither": b"GET chat HTTP/1.1\r\n" + HOST + b"\r\n",
    "another scheme": b"GET ftp://chat.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "half an address": b"GET http://[/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "a name in the address": b"GET http://a@chat.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT chat.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\n",
}
CHUNKS = {
    "no hexadecimals": b"ZZZ\r\nabc",
    "a sign": b"+3\r\nabc\r\n0\r\n\r\n",
    "below zero": b"-1\r\nabc\r\n0\r\n\r\n",
    "a prefix": b"0x3\r\nabc\r\n0\r\n\r\n",
    "nothing": b"\r\nabc\r\n0\r\n\r\n",
    "a space before it": b" 3\r\nabc\r\n0\r\n\r\n",
    "a lone LF": b"3\nabc\r\n0\r\n\r\n",
    "a lone CR in the extension": b"3;a\rb\r\nabc\r\n0\r\n\r\n",
    "a lone LF behind the chunk": b"3\r\nabc\n0\r\n\r\n",
    "more than it says": b"2\r\nabc\r\n0\r\n\r\n",
    "a length beyond all bodies": b"FFFFFFFF\r\nabc",
    "a length without end": b"F" * 2_000,
    "trailers without end": b"0\r\n" + b"X-A: b\r\n" * 40,
}


@pytest.mark.parametrize("text", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_what_two_programs_could_read_in_two_ways_is_refused(text: bytes) -> None:
    assert status_of(text) == 400


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS.keys())
def test_chunks_that_could_be_read_in_two_ways_are_refused(chunks: bytes) -> None:
    assert status_of(CHUNKED + chunks) == 400


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (POST + b"X-A: " + b"a" * LONGEST_HEAD, 431),
        (POST + (b"X-A: " + b"a" * 7_000 + b"\r\n") * 5 + b"\r\n", 431),
        (POST + b"X-A: " + b"a" * 8_001 + b"\r\n\r\n", 431),
        (POST + b"X-A: a\r\n" * MOST_FIELDS + b"\r\n", 431),
        (b"GET /" + b"a" * 8_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (POST + b"Content-Length: %d\r\n\r\n" % (LONGEST_BODY + 1), 413),
        (CHUNKED + b"10000\r\n" + b"a" * 65_536 + b"\r\n10001\r\n", 413),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: xchunked\r\n\r\n", 501),
        (POST + b"Expect: the unexpected\r\n\r\n", 417),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ],
)
def test_what_is_too_large_or_not_spoken_here_is_refused_by_its_name(text: bytes, status: int) -> None:
    assert status_of(text) == status


def test_what_is_just_as_large_as_it_may_be_is_taken() -> None:
    line = b"X-A: " + b"a" * (LONGEST_LINE - 5) + b"\r\n"
    padding = LONGEST_HEAD - len(POST) - 4 * len(line) - len(b"X-A: ")

    for text in (
        POST + b"X-A: a\r\n" * (MOST_FIELDS - 1) + b"\r\n",
        POST + line + b"\r\n",
        POST + line * 4 + b"X-A: " + b"a" * padding + b"\r\n\r\n",
        b"GET /" + b"a" * (LONGEST_LINE - len("GET / HTTP/1.1")) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    ):
        assert gathered(text) is not None


def test_it_is_refused_too_when_it_comes_byte_by_byte() -> None:
    def drip(text: bytes) -> None:
        gathering = Gathering()
        for byte in text:
            gathering.feed(bytes((byte,)))

    for text in AMBIGUOUS.values():
        with pytest.raises(NotARequest):
            drip(text)


@pytest.mark.parametrize("size", [1, 3, 1_000])
@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"),
        (b"\r\nGET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"),
        (b"GET / HTTP/1.7\r\nHost:\r\n\r\n", b"GET / HTTP/1.1\r\nHost: \r\n\r\n"),
        (POST + b"Content-Length:\t5 \r\n\r\nabcde", POST + b"Content-Length: 5\r\n\r\nabcde"),
        (POST + b"Content-Length: 0\r\n\r\n", POST + b"\r\n"),
        (CHUNKED + b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n", POST + b"Content-Length: 5\r\n\r\nabcde"),
        (
            b"GET http://other.example:8000/a?b HTTP/1.1\r\nX: y\r\n" + HOST + b"\r\n",
            b"GET /a?b HTTP/1.1\r\nHost: other.example:8000\r\nX: y\r\n\r\n",
        ),
        (b"GET HTTP://[::1]?b HTTP/1.1\r\n" + HOST + b"\r\n", b"GET /?b HTTP/1.1\r\nHost: [::1]\r\n\r\n"),
        (b"GET /\xc3\xbc HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n",) * 2,
    ],
)
def test_a_whole_request_is_handed_on_with_one_meaning(text: bytes, whole: bytes, size: int) -> None:
    gathering, parts = Gathering(), [text[at : at + size] for at in range(0, len(text), size)]

    *early, request = [gathering.feed(part) for part in parts]

    assert early == [None] * (len(parts) - 1)
    assert request == Request(text=whole, rest=b"")


def test_what_comes_behind_a_request_is_kept_for_the_next() -> None:
    first = gathered(POST + b"Content-Length: 2\r\n\r\nabGET /next")

    assert first is not None
    assert first.rest == b"GET /next"


def test_a_body_is_asked_for_once_and_only_if_it_has_not_begun() -> None:
    head = POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    waiting, hasty, old = Gathering(), Gathering(), Gathering()

    assert waiting.feed(head) is None
    assert waiting.is_to_be_asked
    assert hasty.feed(head + b"a") is None
    assert not hasty.is_to_be_asked
    assert old.feed(head.replace(b"HTTP/1.1", b"HTTP/1.0")) is None
    assert not old.is_to_be_asked, "HTTP/1.0 knows no answer before the answer"


def test_a_request_has_half_a_minute_and_its_body_as_long_as_it_needs() -> None:
    gathering = Gathering()
    gathering.feed(POST)
    assert gathering.seconds == 30

    gathering.feed(b"Content-Length: 65536\r\n\r\n")

    assert gathering.seconds == 30 + 16


def test_who_comes_in_by_a_websocket_is_told_from_who_asks_for_something() -> None:
    upgrade = gathered(b"GET /socket HTTP/1.1\r\n" + HOST + b"upgrade: WebSocket\r\n\r\n")
    other = gathered(b"GET /picture HTTP/1.1\r\n" + HOST + b"Upgrade: h2c\r\n\r\n")

    assert upgrade is not None
    assert upgrade.is_upgrade
    assert other is not None
    assert not other.is_upgrade
