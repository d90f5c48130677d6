"""Files of messages at the edge: where a server takes none, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.limits import weights
from tests.unit.gateway.edge import Edge

UPLOADS = ["abcdefghijklmnopqrst_-"]
TARGET = {"seq": 1, "id": "m"}
ASKED: dict[str, dict[str, Any]] = {
    "message": {"client_id": "c1", "content": ""},
    "edit": {"client_id": "c1", "content": "x", "target": TARGET},
}


@pytest.mark.parametrize("name", ASKED)
def test_a_server_without_files_says_so_and_wakes_nobody(edge: Edge, name: str) -> None:
    ana = edge.connect("ana")
    edge.hear_out(ana, "join")

    assert edge.hear(ana, name, **ASKED[name], uploads=UPLOADS) == ["uploads_off"], (
        "before anything else runs"
    )


def test_to_ask_for_no_file_is_no_question_of_files(edge: Edge) -> None:
    ana = edge.connect("ana")
    edge.hear_out(ana, "join")

    assert edge.hear_out(ana, "message", client_id="c1", content="hi", uploads=[])[0].seq == 1


def test_a_message_with_files_weighs_what_is_told_of_them() -> None:
    said: dict[str, Any] = {"room_id": "r", "user_id": "u", "name": "n", "client_id": "c", "content": "hi"}

    assert weights.of_message(**said, files=10) >= weights.of_message(**said) + 10 * 512
