from __future__ import annotations

import tracemalloc
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatapp.gateway.wire import frames
from chatapp.gateway.wire.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    INVALID_TEXT,
    PING,
    PONG,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    Message,
    Parser,
    ProtocolError,
)

MASK = b"\x37\xfa\x21\x3d"
LIMIT = 65_536


def client_frame(opcode: int, payload: bytes = b"", *, final: bool = True, mask: bytes = MASK) -> bytes:
    """A frame as RFC 6455 section 5.2 wants it from a client, masked byte by byte."""
    head = bytes((0x80 * final | opcode,))
    if len(payload) < 126:
        head += bytes((0x80 | len(payload),))
    elif len(payload) < 65_536:
        head += b"\xfe" + len(payload).to_bytes(2, "big")
    else:
        head += b"\xff" + len(payload).to_bytes(8, "big")
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def parse(*chunks: bytes, max_bytes: int = LIMIT) -> list[Message]:
    """Everything the parser makes of it, fragments put aside left out."""
    parser = Parser(max_bytes)
    messages = []
    for chunk in chunks:
        parser.feed(chunk)
        while (message := parser.next_message()) is not None:
            if message.opcode != CONTINUATION:
                messages.append(message)
    return messages


def close_code_of(received: bytes, max_bytes: int = LIMIT) -> int:
    with pytest.raises(ProtocolError) as caught:
        parse(received, max_bytes=max_bytes)
    return caught.value.close_code


def test_the_example_of_the_rfc_is_read() -> None:
    assert parse(bytes.fromhex("818537fa213d7f9f4d5158")) == [Message(TEXT, "Hello")]


def test_the_examples_of_the_rfc_are_written() -> None:
    assert frames.frame(TEXT, b"Hello") == bytes.fromhex("810548656c6c6f")
    assert frames.frame(BINARY, bytes(256))[:4] == bytes.fromhex("827e0100")
    assert frames.frame(BINARY, bytes(65_536))[:10] == bytes.fromhex("827f0000000000010000")
    assert frames.close_frame(1001, "bye") == bytes.fromhex("880503e9627965")


@given(
    texts=st.lists(st.text(max_size=300), max_size=8),
    mask=st.binary(min_size=4, max_size=4),
    cuts=st.lists(st.integers(0, 2_000), max_size=12),
)
def test_messages_come_out_whole_however_the_network_cuts_them(
    texts: list[str], mask: bytes, cuts: list[int]
) -> None:
    sent = b"".join(client_frame(TEXT, text.encode(), mask=mask) for text in texts)
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    chunks = [sent[start:end] for start, end in pairwise(edges)]

    assert [message.content for message in parse(*chunks)] == texts


@given(
    text=st.text(max_size=200),
    sizes=st.lists(st.integers(0, 20), max_size=10),
    pings=st.booleans(),
)
def test_fragments_make_one_message_with_control_frames_between_them(
    text: str, sizes: list[int], pings: bool
) -> None:
    rest, pieces = text.encode(), []
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    pieces.append(rest)
    sent = b""
    for number, piece in enumerate(pieces):
        sent += client_frame(CONTINUATION if number else TEXT, piece, final=number == len(pieces) - 1)
        sent += client_frame(PING, b"x") if pings and number < len(pieces) - 1 else b""

    messages = parse(sent)

    assert [message for message in messages if message.opcode == TEXT] == [Message(TEXT, text)]
    assert sum(message.opcode == PING for message in messages) == pings * (len(pieces) - 1)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536])
def test_every_length_up_to_the_limit_is_read(size: int) -> None:
    payload = bytes(i % 251 for i in range(size))

    assert parse(client_frame(BINARY, payload)) == [Message(BINARY, payload)]


def test_a_byte_at_a_time_is_enough() -> None:
    sent = client_frame(TEXT, "läßt grüßen".encode()) + client_frame(PONG)

    assert parse(*(sent[i : i + 1] for i in range(len(sent)))) == [
        Message(TEXT, "läßt grüßen"),
        Message(PONG, b""),
    ]


def test_a_frame_too_big_is_refused_by_its_head_alone() -> None:
    assert close_code_of(client_frame(TEXT, bytes(LIMIT + 1))[:14]) == TOO_BIG


def test_fragments_too_big_together_are_refused_before_the_last_of_them() -> None:
    piece = client_frame(CONTINUATION, bytes(400), final=False)

    assert close_code_of(client_frame(TEXT, bytes(400), final=False) + piece + piece, 1_000) == TOO_BIG


def test_fragments_of_nothing_use_no_memory() -> None:
    parser = Parser(LIMIT)
    parser.feed(client_frame(TEXT, b"a", final=False))
    assert parser.next_message() is not None

    for _ in range(1_000):
        parser.feed(client_frame(CONTINUATION, b"", final=False))
        assert parser.next_message() == Message(CONTINUATION, b"")

    parser.feed(client_frame(CONTINUATION, b"b"))
    assert parser.next_message() == Message(TEXT, "ab")


def feed_without_end(parser: Parser, piece: bytes) -> None:
    parser.feed(client_frame(TEXT, b"", final=False))
    while True:
        while parser.next_message() is not None:
            pass
        parser.feed(piece)


def test_a_flood_of_fragments_holds_no_more_memory_than_one_message_may() -> None:
    piece = client_frame(CONTINUATION, bytes(1_000), final=False)
    tracemalloc.start()
    for _ in range(20):
        parser = Parser(LIMIT)
        with pytest.raises(ProtocolError) as broken:
            feed_without_end(parser, piece)
        assert broken.value.close_code == TOO_BIG
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * LIMIT


@pytest.mark.parametrize(
    ("what", "received"),
    [
        ("a reserved bit", b"\xc1\x80" + MASK),
        ("another reserved bit", b"\x91\x80" + MASK),
        ("an unmasked frame", b"\x81\x05Hello"),
        ("an unknown data opcode", client_frame(0x3)),
        ("an unknown control opcode", client_frame(0xB)),
        ("a fragmented ping", client_frame(PING, final=False)),
        ("a long ping", b"\x89\xfe\x00\x7e" + MASK + bytes(126)),
        ("a long close", b"\x88\xfe\x00\x7e" + MASK + bytes(126)),
        ("a continuation of nothing", client_frame(CONTINUATION, b"x")),
        ("a message inside a message", client_frame(TEXT, b"a", final=False) + client_frame(TEXT, b"b")),
        ("a binary inside a message", client_frame(TEXT, b"a", final=False) + client_frame(BINARY, b"b")),
        ("two bytes for a short length", b"\x81\xfe\x00\x7d" + MASK + bytes(125)),
        ("eight bytes for a middle length", b"\x81\xff" + (65_535).to_bytes(8, "big") + MASK),
        ("a close of one byte", client_frame(CLOSE, b"\x03")),
        *(
            (f"close code {code}", client_frame(CLOSE, code.to_bytes(2, "big")))
            for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_breaks_the_protocol_is_1002(what: str, received: bytes) -> None:
    assert close_code_of(received) == PROTOCOL_ERROR, what


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_a_close_is_read_with_its_code(code: int) -> None:
    content = code.to_bytes(2, "big") + "tschüß".encode()

    assert parse(client_frame(CLOSE, content)) == [Message(CLOSE, content)]


def test_a_close_needs_no_code() -> None:
    assert parse(client_frame(CLOSE)) == [Message(CLOSE, b"")]


@pytest.mark.parametrize(
    "received",
    [
        client_frame(TEXT, b"\xff"),
        client_frame(TEXT, b"\xed\xa0\x80"),  # half a surrogate pair
        client_frame(TEXT, b"\xc0\x80"),  # NUL the long way
        client_frame(TEXT, b"\xe2\x82", final=False) + client_frame(CONTINUATION, b"\x41"),
        client_frame(CLOSE, b"\x03\xe8\xff"),
    ],
)
def test_text_that_is_not_utf_8_is_1007(received: bytes) -> None:
    assert close_code_of(received) == INVALID_TEXT


def test_a_character_may_be_cut_by_fragments() -> None:
    euro = "€".encode()

    assert parse(client_frame(TEXT, euro[:1], final=False) + client_frame(CONTINUATION, euro[1:])) == [
        Message(TEXT, "€")
    ]


@given(received=st.lists(st.binary(max_size=80), max_size=10))
@example(received=[b"\x81\xff" + b"\xff" * 12])
@settings(max_examples=500)
def test_whatever_comes_in_the_parser_raises_nothing_but_its_own(received: list[bytes]) -> None:
    with suppress(ProtocolError):
        parse(*received, max_bytes=100)


@given(
    opcode=st.integers(0, 15),
    payload=st.binary(max_size=150),
    final=st.booleans(),
    flips=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 7)), max_size=4),
)
@settings(max_examples=500)
def test_a_damaged_frame_is_a_message_or_a_protocol_error(
    opcode: int, payload: bytes, final: bool, flips: list[tuple[int, int]]
) -> None:
    damaged = bytearray(client_frame(opcode, payload, final=final))
    for at, bit in flips:
        damaged[at % len(damaged)] ^= 1 << bit

    try:
        for message in parse(bytes(damaged)):
            assert isinstance(message.content, str if message.opcode == TEXT else bytes)
    except ProtocolError:
        pass
