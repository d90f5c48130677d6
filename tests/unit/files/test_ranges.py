"""Ranges: for whatever is asked of however many bytes, a span that is there, the whole, or a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.files.ranges import NotSatisfiable, span_of


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_a_range_is_what_slicing_gives(size: int, first: int, last: int) -> None:
    data = bytes(range(size))
    try:
        span = span_of(f"bytes={first}-{last}", size)
    except NotSatisfiable:
        assert data[first : last + 1] == b""
        return
    assert (span is None) == (last < first)
    if span is not None:
        assert data[span.start : span.end] == data[first : last + 1]
        assert span.size == len(data[first : last + 1]) > 0


@given(st.integers(0, 50), st.integers(0, 60))
def test_the_last_of_them_too(size: int, count: int) -> None:
    data = bytes(range(size))
    try:
        span = span_of(f"bytes=-{count}", size)
    except NotSatisfiable:
        assert size == 0 or count == 0
        return
    assert span is not None
    assert data[span.start : span.end] == data[-count:]


@given(st.text(max_size=20), st.integers(0, 50))
def test_whatever_is_said_the_span_is_within(said: str, size: int) -> None:
    try:
        span = span_of(f"bytes={said}", size)
    except NotSatisfiable:
        return
    assert span is None or 0 <= span.start < span.end <= size


@pytest.mark.parametrize("header", ["bytes=" + "9" * 5_000 + "-", "bytes=٣-٤", "bytes=0-0-0", None])
def test_what_is_no_number_is_no_range(header: str | None) -> None:
    assert span_of(header, 100) is None
