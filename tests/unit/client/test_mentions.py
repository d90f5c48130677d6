"""Whom a text calls, as the Python client finds it and sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatapp.client import Refused
from chatapp.client.mentions import EVERYBODY, mentions_in
from chatapp.client.outbox import Outbox
from tests.unit.client.fake_server import Server

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "texts" / "mentions.json").read_text())


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.mark.parametrize("vector", VECTORS["calls"], ids=lambda vector: vector["text"] or "nothing")
def test_a_text_calls_those_whose_names_stand_in_it(vector: dict[str, Any]) -> None:
    assert mentions_in(vector["text"], [*VECTORS["people"], EVERYBODY]) == vector["mentions"]


def test_of_two_of_one_name_the_first_is_called_and_never_more_than_twenty() -> None:
    ana = [{"id": "u_1", "name": "ana"}, {"id": "u_2", "name": "Ana"}]
    assert mentions_in("@Ana", ana) == [{"id": "u_1", "name": "Ana"}]
    many = [{"id": f"u_{n}", "name": f"n{n}"} for n in range(30)]
    assert len(mentions_in(" ".join(f"@{one['name']}" for one in many), many)) == 20


def test_mentions_go_with_a_message_and_an_edit_that_has_them(server: Server) -> None:
    ben = {"id": "u_ben", "name": "Ben"}
    with server.client("Ana") as ana:
        ana.join("lobby")
        seq = ana.wait_sent("lobby", ana.send("lobby", "@Ben", mentions=[ben]))
        ana.wait_sent("lobby", ana.edit("lobby", seq, "@Ben!", mentions=[ben]))
        ana.wait_sent("lobby", ana.edit("lobby", seq, "nobody"))

    said = [payload.get("mentions") for name, payload in server.heard if name in ("message", "edit")]
    assert said == [[ben], [ben], None]


def test_what_waits_and_is_edited_calls_whom_its_new_words_do() -> None:
    outbox = Outbox()
    outbox.put("a", 1, content="@Ben", mentions=[{"id": "u_ben", "name": "Ben"}])

    outbox.put("b", 2, kind="edit", of="a", content="@here", mentions=[EVERYBODY])

    (entry,) = outbox.entries
    assert (entry.mentions, entry.draft["mentions"]) == ([EVERYBODY], [EVERYBODY])
    outbox.put("c", 3, kind="edit", of="a", content="nobody")
    assert "mentions" not in entry.draft


def test_a_server_of_before_is_told_of_nobody(server: Server) -> None:
    server.features.remove("message.mentions")
    with server.client("Ana") as ana:
        ana.join("lobby")
        assert ana.mentions_in("lobby", "@here") == []
        with pytest.raises(Refused) as refused:
            ana.send("lobby", "@Ben", mentions=[{"id": "u_ben", "name": "Ben"}])
    assert refused.value.code == "unsupported"
