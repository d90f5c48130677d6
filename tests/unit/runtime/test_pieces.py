"""Long bodies in pieces: whatever the network makes of them, the pieces are theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.runtime.bodies.pieces import PIECE_BYTES, RECEIVE_BYTES, Pieces
from chatapp.runtime.requests.heads import NotARequest


def in_chunks(body: bytes, size: int) -> bytes:
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def taken(pieces: Pieces, text: bytes, size: int) -> bytes:
    """As a reader does it: no more than is wanted, and each piece as soon as there is one."""
    found, at = b"", 0
    while not pieces.is_whole and at < len(text):
        assert pieces.wanted > 0
        here = min(size, pieces.wanted, len(text) - at)
        pieces.feed(text[at : at + here])
        at += here
        assert pieces.held_bytes <= PIECE_BYTES
        while pieces.has_piece:
            found += pieces.take()
    pieces.feed(text[at:])
    return found


@given(
    length=st.integers(1, 3 * PIECE_BYTES),
    size=st.sampled_from([1460, 65_536, RECEIVE_BYTES - 1]),
    rest=st.binary(),
)
def test_a_body_of_a_known_length_is_what_its_pieces_are(length: int, size: int, rest: bytes) -> None:
    body = (b"0123456789" * (length // 10 + 1))[:length]
    pieces = Pieces(length)

    assert taken(pieces, body + rest, size) == body
    assert (pieces.is_whole, pieces.rest, pieces.take()) == (True, rest, b"")


@given(
    length=st.integers(1, 2 * PIECE_BYTES),
    chunk=st.sampled_from([999, 65_536, 2 * PIECE_BYTES]),
    size=st.sampled_from([1460, 65_536]),
)
def test_a_body_in_chunks_is_what_its_pieces_are(length: int, chunk: int, size: int) -> None:
    body = (b"0123456789" * (length // 10 + 1))[:length]
    pieces = Pieces(None)

    assert taken(pieces, in_chunks(body, chunk) + b"GET", size) == body
    assert (pieces.is_whole, pieces.rest) == (True, b"GET")


def test_what_came_of_a_piece_can_be_taken_any_time() -> None:
    pieces = Pieces(10)
    pieces.feed(b"abc")

    assert not pieces.has_piece
    assert (pieces.take(), pieces.take()) == (b"abc", b"")
    assert pieces.wanted == 7


@pytest.mark.parametrize("text", [b"x\r\n", b"3\r\nabcd\r\n", b"3\nabc", b"ffffffffff\r\n", b"a" * 2000])
def test_what_is_no_chunk_is_no_body(text: bytes) -> None:
    with pytest.raises(NotARequest):
        Pieces(None).feed(text)
