from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import wire
from bench.wire import Broken, FrameReader, Mask, PingFinder

SIZES = (0, 1, 125, 126, 65_535, 65_536)


def server_frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def unmasked(frame: bytes) -> bytes:
    size, at = frame[1] & 0x7F, 2
    if size >= 126:
        width = 2 if size == 126 else 8
        size, at = int.from_bytes(frame[at : at + width], "big"), at + width
    key, masked = frame[at : at + 4], frame[at + 4 :]
    assert len(masked) == size
    return bytes(byte ^ key[place % 4] for place, byte in enumerate(masked))


@given(st.lists(st.sampled_from([b"", b"2", b"x" * 125, b"y" * 126, b"z" * 70_000]), max_size=5), st.data())
def test_payloads_come_out_whole_however_the_stream_is_cut(
    payloads: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(map(server_frame, payloads))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    reader, heard = FrameReader(), []

    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        heard += reader.feed(stream[start:end])

    assert heard == payloads
    assert reader.rest == b""


@pytest.mark.parametrize("first", [0x82, 0x01, 0x80, 0x89, 0x00])
def test_what_was_not_asked_for_is_refused(first: int) -> None:
    with pytest.raises(Broken):
        FrameReader().feed(bytes((first, 1)) + b"2")


def test_a_close_is_told_apart() -> None:
    with pytest.raises(Broken, match="closed"):
        FrameReader().feed(b"\x88\x00")


@pytest.mark.parametrize("size", SIZES)
def test_a_masked_frame_holds_its_payload(size: int) -> None:
    payload = bytes(n % 251 for n in range(size))

    frame = Mask().frame(payload)

    assert unmasked(frame) == payload
    assert len(frame) == wire.frame_size(payload) + len("mask")  # the shortest form of its length


@pytest.mark.parametrize("size", SIZES)
def test_the_size_of_a_frame_is_what_a_server_sends(size: int) -> None:
    assert wire.frame_size(b"x" * size) == len(server_frame(b"x" * size))


def test_an_ack_is_its_number_and_its_argument() -> None:
    number, argument = wire.ack_id(b'43/chat,17[{"ok":true,"head":5,"more":[1]}]')

    assert (number, wire.decode_answer(argument).head) == (17, 5)


def test_an_event_is_read_past_fields_that_nobody_needs() -> None:
    payload = (
        b'42/chat,["event",{"room":"r","seq":7,"user":{"id":"u"},"client_id":"1-2-3","body":{"content":"]"}}]'
    )

    event = wire.decode_event(memoryview(payload)[len(wire.LOG_EVENT) : -1])

    assert (event.seq, event.client_id) == (7, "1-2-3")


def test_a_ping_is_found_among_messages_wherever_the_stream_is_cut() -> None:
    message = server_frame(b'42/chat,["event",{}]' * 20)
    stream = message + wire.PING_FRAME + message

    for cut in range(len(stream) + 1):
        finder = PingFinder()
        assert [finder.is_in(stream[:cut]), finder.is_in(stream[cut:])].count(True) == 1


def test_messages_of_every_size_hold_no_ping() -> None:
    finder = PingFinder()

    assert not any(finder.is_in(server_frame(b"4" * size)) for size in range(2, 1_000))
