from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.gateway.wire.packets import NotAPacket, Packet, ack_bytes, event_bytes, read_head


@pytest.mark.parametrize(
    ("text", "kind", "namespace", "ack_id", "rest"),
    [
        ("0/chat,", 0, "/chat", None, ""),
        ("0/chat", 0, "/chat", None, ""),
        ('0/chat,{"token":"t"}', 0, "/chat", None, '{"token":"t"}'),
        ("0/chat?room=r,{}", 0, "/chat", None, "{}"),
        ('2/chat,["a"]', 2, "/chat", None, '["a"]'),
        ('2/chat,17["a",1]', 2, "/chat", 17, '["a",1]'),
        ('2["a"]', 2, "/", None, '["a"]'),
        ('217["a"]', 2, "/", 17, '["a"]'),
        ("1/chat,", 1, "/chat", None, ""),
        ("2/chat,12345678901234567890[]", 2, "/chat", 123_456_789_012_345, "67890[]"),
    ],
)
def test_the_head_of_a_packet_is_read(
    text: str, kind: int, namespace: str, ack_id: int | None, rest: str
) -> None:
    head = read_head(text)

    assert (head.kind, head.namespace, head.ack_id, text[head.json_at :]) == (kind, namespace, ack_id, rest)


@pytest.mark.parametrize(
    "text", ["", "x", "4/chat,{}", "5", "51-/chat,[]", "6", "9", " 2", "²", b"2/chat,[]"]
)
def test_what_no_client_may_send_is_not_a_packet(text: str | bytes) -> None:
    with pytest.raises(NotAPacket):
        read_head(text)


@given(st.one_of(st.text(), st.from_regex(r"[0-9](/chat,)?[0-9-]{0,20}[\[{].{0,20}")))
def test_whatever_comes_is_a_packet_or_is_not(text: str) -> None:
    with suppress(NotAPacket):
        Packet(encoded_packet=text)


def test_the_json_of_an_event_is_left_alone_and_that_of_a_connect_is_read() -> None:
    assert Packet(encoded_packet="2/chat,1[NaN").data == "[NaN"
    assert Packet(encoded_packet='0/chat,{"a":1}').data == {"a": 1}
    with pytest.raises(NotAPacket):
        Packet(encoded_packet="0/chat,{NaN")


def test_packets_of_the_server_are_compact_and_keep_their_characters() -> None:
    assert event_bytes("/chat", b'["a"]') == b'2/chat,["a"]'
    assert ack_bytes("/chat", 5, {"ok": True, "name": "Zoë"}) == '3/chat,5[{"ok":true,"name":"Zoë"}]'.encode()
