"""The client over a network that breaks: nothing lost, nothing doubled, nothing out of order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engineio.packet
import pytest

from chatapp.client import ChatClient, DraftsInFile, Refused
from chatapp.client.terminal import Terminal
from chatapp.client.turns import Turns
from chatapp.client.wire_socket import _Client
from tests.unit.client.fake_server import Server

BEN = {"id": "u_ben", "name": "Ben"}


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def ana(server: Server) -> Iterator[ChatClient]:
    with server.client("Ana") as chat:
        yield chat


def texts(chat: ChatClient) -> list[str]:
    return [event["body"]["content"] for event in chat.room("lobby").messages]


def heard(server: Server, name: str) -> list[dict[str, Any]]:
    return [payload for heard_name, payload in server.heard if heard_name == name]


def test_a_newcomer_has_the_history_and_then_what_is_said(server: Server, ana: ChatClient) -> None:
    shown: list[int] = []
    ana.on_event = lambda event: shown.append(event["seq"])
    server.post(BEN, "before")
    ana.join("lobby")

    server.later(server.post, BEN, "live")

    ana.wait_for(lambda: texts(ana) == ["before", "live"])
    assert shown == [1, 2]
    assert ana.user == {"id": "u_Ana", "name": "Ana"}


def test_what_is_sent_is_stored_in_its_order(server: Server, ana: ChatClient) -> None:
    ana.join("lobby")

    sent = [ana.send("lobby", str(n)) for n in range(20)]

    assert [ana.wait_sent("lobby", client_id) for client_id in sent] == list(range(1, 21))
    assert [event["body"]["content"] for event in server.log] == [str(n) for n in range(20)]


def test_a_message_whose_ack_was_lost_is_stored_once(server: Server, ana: ChatClient) -> None:
    ana.join("lobby")
    server.is_mute = True
    client_id = ana.send("lobby", "once")
    server.finish()
    ana.go_offline()
    server.is_mute = False

    ana.go_online()

    assert ana.wait_sent("lobby", client_id) == 1
    assert len(server.log) == 1
    assert texts(ana) == ["once"]


def test_what_is_written_offline_goes_out_afterwards_in_order(server: Server, ana: ChatClient) -> None:
    ana.join("lobby")
    ana.go_offline()
    sent = [ana.send("lobby", text) for text in ("one", "two")]
    server.finish()
    assert server.log == []

    ana.go_online()

    assert [ana.wait_sent("lobby", client_id) for client_id in sent] == [1, 2]


def test_coming_back_brings_exactly_what_was_missed(server: Server, ana: ChatClient) -> None:
    shown: list[int] = []
    ana.on_event = lambda event: shown.append(event["seq"])
    server.post(BEN, "1")
    ana.join("lobby")
    ana.go_offline()
    for n in (2, 3):
        server.post(BEN, str(n))

    ana.go_online()
    ana.join("lobby")

    ana.wait_for(lambda: shown == [1, 2, 3])
    assert heard(server, "join")[-1]["since"] == {"stream": "s", "seq": 1}


def test_an_event_that_got_lost_is_noticed_by_the_next_and_by_the_heartbeat(
    server: Server, ana: ChatClient
) -> None:
    ana.join("lobby")
    server.post(BEN, "lost", told=False)
    server.later(server.post, BEN, "next")
    ana.wait_for(lambda: texts(ana) == ["lost", "next"])

    server.post(BEN, "the last, and lost", told=False)
    ana.check()

    ana.wait_for(lambda: texts(ana) == ["lost", "next", "the last, and lost"])


def test_after_bye_it_comes_back_when_it_was_told_to(
    server: Server, ana: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 1_000.0)  # its own choice would take minutes
    ana.join("lobby")
    client_id = ana.send("lobby", "hi")
    ana.wait_sent("lobby", client_id)

    server.later(server.tell_all, "bye", {"code": "draining", "retry": True, "after_ms": 5})

    ana.wait_for(lambda: len(server.lines) == 2 and ana.room("lobby").status == "joined")
    assert texts(ana) == ["hi"]


def test_signed_out_it_stays_away_and_says_so(server: Server, ana: ChatClient) -> None:
    ana.connect()

    server.later(server.tell_all, "bye", {"code": "unauthorized", "retry": False, "after_ms": 0})

    ana.wait_for(lambda: ana.status == "signed_out")
    assert len(server.lines) == 1


def test_a_refused_connection_is_an_error_with_its_code(server: Server, ana: ChatClient) -> None:
    server.refuses_connection = {"code": "banned", "message": "No.", "retryable": False}

    with pytest.raises(Refused) as refused:
        ana.connect()

    assert refused.value.code == "banned"


def test_a_refused_join_is_an_error_and_may_be_tried_again(server: Server, ana: ChatClient) -> None:
    server.refuses["join"] = {
        "code": "name_taken",
        "message": "Taken.",
        "retryable": False,
        "suggestion": "Ana 2",
    }
    with pytest.raises(Refused) as refused:
        ana.join("lobby")
    assert refused.value.error["suggestion"] == "Ana 2"

    assert ana.join("lobby").status == "joined"


def test_a_message_that_will_never_be_stored_is_an_error(server: Server, ana: ChatClient) -> None:
    ana.join("lobby")
    server.refuses["message"] = {"code": "muted", "message": "No.", "retryable": False}

    with pytest.raises(Refused) as refused:
        ana.wait_sent("lobby", ana.send("lobby", "hi"))

    assert refused.value.code == "muted"
    assert ana.wait_sent("lobby", ana.send("lobby", "the next one passes")) == 1


def test_a_message_that_was_too_fast_waits_and_goes(server: Server, ana: ChatClient) -> None:
    ana.join("lobby")
    server.refuses["message"] = {"code": "rate_limited", "retryable": True, "retry_after_ms": 20}

    assert ana.wait_sent("lobby", ana.send("lobby", "hi")) == 1
    assert [payload.get("retry") for payload in heard(server, "message")] == [None, True]


def test_an_outbox_survives_the_end_of_the_program(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        server.is_mute = True
        stored = chat.send("lobby", "stored, and not known to be")
        waiting = chat.send("lobby", "never sent")
        server.finish()
        assert len(server.log) == 1
    server.is_mute = False

    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        assert [chat.wait_sent("lobby", client_id) for client_id in (stored, waiting)] == [1, 2]

    # The join's page has told of the first already.
    assert [payload["client_ids"] for payload in heard(server, "lookup")] == [[waiting]]
    assert len(server.log) == 2
    assert DraftsInFile(file).load("lobby") == []


def test_what_one_person_left_in_an_outbox_is_not_sent_as_another(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        chat.go_offline()
        thought = chat.send("lobby", "Ana's private thought")

    with server.client("Bob", drafts=DraftsInFile(file)) as chat:
        room = chat.join("lobby")
        chat.wait_sent("lobby", chat.send("lobby", "Bob's own"))
        assert [event["body"]["content"] for event in server.log] == ["Bob's own"]
        assert [(entry.author, entry.state) for entry in room.outbox.entries] == [
            ({"id": "u_Ana", "name": "Ana"}, "paused")
        ]
        chat.take_turn(lambda: room.retry(thought))
        chat.wait_sent("lobby", thought)

    assert [(event["user"]["name"], event["body"]["content"]) for event in server.log] == [
        ("Bob", "Bob's own"),
        ("Bob", "Ana's private thought"),
    ]
    assert DraftsInFile(file).load("lobby") == []


def test_presence_typing_and_the_read_cursor_are_kept(server: Server, ana: ChatClient) -> None:
    room = ana.join("lobby")
    server.later(server.tell_all, "presence", {"room": "lobby", "v": [1, 2], "joined": [BEN], "count": 2})
    server.later(server.tell_all, "typing", {"room": "lobby", "users": [BEN], "ttl_ms": 30})
    server.later(server.tell_all, "read", {"room": "lobby", "user": "u_Ana", "seq": 4})

    ana.wait_for(lambda: room.read_seq == 4)
    assert [user["id"] for user in room.presence.users] == ["u_Ana", "u_ben"]
    ana.wait_for(lambda: room.typing == [])


def test_a_request_is_answered_even_when_the_connection_ends(server: Server, ana: ChatClient) -> None:
    ana.connect()
    server.is_mute = True
    server.later(server.tell_all, "disconnect", {})

    assert ana.request("presence", {"room": "lobby"})["error"]["code"] == "not_connected"


def test_a_request_without_an_answer_ends_in_time(server: Server, ana: ChatClient) -> None:
    ana.connect()
    server.is_mute = True

    assert ana.request("presence", {"room": "lobby"}, timeout=0.02)["error"]["code"] == "no_answer"


def test_the_words_of_a_socket_that_was_given_up_are_not_heard(server: Server, ana: ChatClient) -> None:
    ana.join("lobby")
    old = server.lines[0]
    ana.go_offline()
    ana.go_online()

    old.tell("bye", {"code": "unauthorized", "retry": False})
    old.tell("disconnect", None)

    assert ana.status == "online"


def test_in_a_terminal_a_line_break_forges_no_line(server: Server, ana: ChatClient) -> None:
    server.post({"id": "u_eve", "name": "Eve"}, "real 1\n15:08 Tom: forged 2\r\n* forged 3")
    out = io.StringIO()

    Terminal(ana, "lobby", out).run(io.StringIO(""))

    lines = out.getvalue().splitlines()
    said = next(number for number, line in enumerate(lines) if line.endswith("Eve: real 1"))
    assert lines[said + 1].startswith("      15:08 Tom: forged 2")
    assert lines[said + 2] == "      * forged 3"


def test_a_terminal_shows_what_is_said_and_sends_what_is_typed(server: Server, ana: ChatClient) -> None:
    server.post({"id": "u_eve", "name": "E\x1b[2Jve"}, "look\x07 here")
    out = io.StringIO()

    code = Terminal(ana, "lobby", out).run(io.StringIO("hello\n\n/who\n/nope x\n/quit\nnot this\n"))

    assert code == 0
    assert [event["body"]["content"] for event in server.log][1:] == ["hello"]
    assert "E\ufffd[2Jve: look\ufffd here" in out.getvalue()
    assert "* 1 here: Ana" in out.getvalue()
    assert "There is no /nope" in out.getvalue()
    assert heard(server, "leave") == [{"room": "lobby"}]


def test_packets_are_taken_in_the_order_in_which_they_came() -> None:
    """python-socketio would give each a thread of its own; two of its private names prevent that."""
    client = _Client(lambda: ended.append("ended"), reconnection=False, handle_sigint=False)
    heard: list[int] = []
    ended: list[str] = []
    client.eio.on("message", heard.append)

    for number in range(200):
        client.eio._receive_packet(engineio.packet.Packet(engineio.packet.MESSAGE, number))
    client._handle_eio_disconnect("transport error")

    assert heard == list(range(200))
    assert ended == ["ended"]


def test_timers_ring_in_their_order_unless_cancelled() -> None:
    turns = Turns()
    rang: list[str] = []
    turns.later(20, lambda: rang.append("late"))
    turns.later(1, lambda: rang.append("early"))
    turns.later(5, lambda: rang.append("never")).cancel()

    turns.wait_for(lambda: "late" in rang, 2)
    turns.end()

    assert rang == ["early", "late"]
    with pytest.raises(TimeoutError):
        turns.wait_for(lambda: False, 0.01)
