"""JSON from strangers: one value or `bad_request`, nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatapp.errors import BadRequest, TooLong
from chatapp.protocol import strict_json
from chatapp.protocol.strict_json import decode_json, json_text

REFUSED = {
    "nothing": "",
    "half an object": '{"a":',
    "two values": "1 2",
    "single quotes": "{'a': 1}",
    "a trailing comma": '{"a":1,}',
    "a comment": '{"a":1} // x',
    "NaN": '{"a":NaN}',
    "infinity": "[Infinity]",
    "minus infinity": "[-Infinity]",
    "a float too large": "[1e999]",
    "an integer that JavaScript rounds": "[9007199254740992]",
    "a negative one": "[-9007199254740992]",
    "five thousand digits": "1" * 5_000,
    "duplicate keys": '{"a":1,"a":2}',
    "duplicate keys further down": '[{"b":{"a":1,"\\u0061":2}}]',
    "an escaped NUL": '["\\u0000"]',
    "a NUL in a key": '{"\\u0000":1}',
    "a raw NUL": '["\x00"]',
    "a raw control": '["\x1f"]',
    "half a pair, escaped": '["\\ud83d"]',
    "the other half": '["\\udc00"]',
    "the halves the wrong way round": '["\\udc00\\ud83d"]',
    "half a pair, raw": '["\ud83d"]',
    "half a pair in a key": '{"\\ud83d":1}',
    "17 levels": "[" * 17 + "]" * 17,
    "17 levels of objects": '{"a":' * 17 + "1" + "}" * 17,
    "33 levels of objects": '{"a":' * 33 + "1" + "}" * 33,
    "100,000 open brackets": "[" * 100_000,
    "invalid UTF-8": b'["\xff"]',
    "an overlong NUL": b'["\xc0\x80"]',
    "UTF-16": '["a"]'.encode("utf-16"),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_parsers_disagree_about_is_a_bad_request(text: str | bytes) -> None:
    with pytest.raises(BadRequest):
        decode_json(text)


@pytest.mark.parametrize(
    "text",
    [
        '["ü", "🙂", "\\ud83d\\ude42"]',
        "[9007199254740991, -9007199254740991, 1.5e3, true, null]",
        "[" * 16 + "]" * 16,
    ],
)
def test_ordinary_json_is_read_as_it_stands(text: str) -> None:
    assert decode_json(text) == json.loads(text)
    assert decode_json(text.encode()) == json.loads(text)


_KEYS = st.sampled_from(["a", "b", ":", 'say ":', "c d"])
_FLAT: st.SearchStrategy[dict[str, object]] = st.dictionaries(
    _KEYS, st.text(max_size=5) | st.booleans() | st.none() | st.integers() | st.just([])
)


@given(st.lists(st.text(max_size=5) | _FLAT) | _FLAT, st.booleans(), st.booleans())
@example(["message", {"a": '":'}], False, False)
def test_a_usual_text_is_read_as_closely_as_any(value: object, is_spaced: bool, is_ascii: bool) -> None:
    """With white space or escapes in it, it is no longer usual; what is read is the same."""
    separators = None if is_spaced else (",", ":")
    text = json.dumps(value, separators=separators, ensure_ascii=is_ascii)

    usual, closely = strict_json._decode_usual(text), read_or_refused(text)

    assert usual in (None, closely)


@pytest.mark.parametrize(
    "text",
    [
        '["m",{"a":"1","a":"2"}]',
        '{"a":"1","b":"2","a":"3"}',
        '[{"a":"1"},{"b":"1","b":"2"}]',
        '{"a":"1","a" :"2"}',
        '{"a":"1","a"\n:"2"}',
        '{"":"1","":"2"}',
        '{"a":":","a":":"}',
    ],
)
def test_a_key_that_is_there_twice_is_never_usual(text: str) -> None:
    assert strict_json._decode_usual(text) is None
    with pytest.raises(BadRequest):
        decode_json(text)


def test_a_message_is_usual() -> None:
    text = '["message",{"room":"lobby","client_id":"c-1","content":"a: b, \U0001f642","retry":true}]'

    assert strict_json._decode_usual(text) == json.loads(text)


def read_or_refused(text: str) -> object:
    try:
        return strict_json._decode_closely(text)
    except BadRequest:
        return BadRequest


@given(st.binary() | st.text() | st.text(alphabet='[]{}":,\\u0d8e19NaIn-+. '))
@example('"\\u0000"')
def test_no_input_does_anything_but_decode_or_refuse(text: str | bytes) -> None:
    try:
        value = decode_json(text)
    except BadRequest:
        return
    json.dumps(value, allow_nan=False).encode()
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")


def test_an_attachment_is_measured_as_it_is_kept() -> None:
    assert json_text({"a": [1, None, "ü"]}, field="value") == '{"a":[1,null,"ü"]}'
    assert json_text("x" * (16 * 1024 - 2), field="value")

    with pytest.raises(TooLong) as refused:
        json_text("x" * (16 * 1024 - 1), field="value")
    assert refused.value.field == "value"


@pytest.mark.parametrize("value", [b"x", [bytearray(b"x")], {"a": {"b": float("nan")}}, {1, 2}, "\ud800"])
def test_an_attachment_is_json_even_when_it_came_as_objects(value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        json_text(value, field="merge")
    assert refused.value.field == "merge"
