"""Messages that live on in the client: edited, deleted, answered, reacted to, over a breaking network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatapp.client import ChatClient, DraftsInFile, Refused
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
        chat.join("lobby")
        yield chat


def said(chat: ChatClient, text: str) -> int:
    return chat.wait_sent("lobby", chat.send("lobby", text))


def body_of(chat: ChatClient, seq: int) -> dict[str, Any]:
    body: dict[str, Any] = next(e["body"] for e in chat.room("lobby").messages if e["seq"] == seq)
    return body


def heard(server: Server, name: str) -> list[dict[str, Any]]:
    return [payload for heard_name, payload in server.heard if heard_name == name]


def at_once(chat: ChatClient) -> None:
    """Without the five seconds."""
    chat.take_turn(chat.room("lobby").flush)


def test_an_edit_changes_the_message_and_says_so_once(server: Server, ana: ChatClient) -> None:
    changed: list[Any] = []
    ana.on_change = lambda event: changed.append((event["seq"], event["body"]["content"]))
    seq = said(ana, "teh words")

    edit = ana.edit("lobby", seq, "the words")

    assert ana.wait_sent("lobby", edit) == 2
    ana.wait_for(lambda: changed == [(seq, "the words")])
    assert body_of(ana, seq)["edited_seq"] == 2
    assert [row["seq"] for row in ana.room("lobby").messages] == [seq]
    assert heard(server, "edit")[0]["rev"] == seq


def test_an_edit_whose_ack_was_lost_is_stored_once(server: Server, ana: ChatClient) -> None:
    seq = said(ana, "one")
    server.is_mute = True
    edit = ana.edit("lobby", seq, "two")
    server.finish()
    ana.go_offline()
    server.is_mute = False

    ana.go_online()

    assert ana.wait_sent("lobby", edit) == 2
    assert [event["type"] for event in server.log] == ["message", "edit"]


def test_what_changed_meanwhile_is_there_after_coming_back(server: Server, ana: ChatClient) -> None:
    first, second = (server.post(BEN, text)["seq"] for text in ("one", "two"))
    ana.wait_for(lambda: len(ana.room("lobby").messages) == 2)
    ana.go_offline()
    server.change(BEN, "edit", first, content="ONE", edited_at=1, edited_seq=3)
    server.change(BEN, "delete", second, by="author")

    ana.go_online()

    ana.wait_for(lambda: ana.room("lobby").log.last == 4)
    assert body_of(ana, first)["content"] == "ONE"
    assert body_of(ana, second) == {"content": "", "deleted": {"at": 4, "by": "author"}}


def test_a_deletion_can_be_undone_until_it_leaves(server: Server, ana: ChatClient) -> None:
    seq = said(ana, "no, wait")
    deletion = ana.delete("lobby", seq)
    assert deletion is not None

    assert ana.undo("lobby", deletion)

    assert not ana.undo("lobby", deletion)
    at_once(ana)
    server.finish()
    assert heard(server, "delete") == []
    assert body_of(ana, seq) == {"content": "no, wait"}


def test_a_deletion_that_nobody_undoes_is_stored(server: Server, ana: ChatClient) -> None:
    seq = said(ana, "gone soon")
    deletion = ana.delete("lobby", seq)
    assert deletion is not None
    at_once(ana)

    assert ana.wait_sent("lobby", deletion) == 2
    ana.wait_for(lambda: "deleted" in body_of(ana, seq))


def test_a_program_that_ends_lets_its_deletion_go(server: Server) -> None:
    with server.client("Ana") as chat:
        chat.join("lobby")
        chat.delete("lobby", said(chat, "gone soon"))
    server.finish()

    assert [event["type"] for event in server.log] == ["message", "delete"]


def test_a_message_that_still_waits_is_changed_where_it_waits(server: Server, ana: ChatClient) -> None:
    ana.go_offline()
    first, second = ana.send("lobby", "teh words"), ana.send("lobby", "never mind")

    assert ana.edit("lobby", first, "the words") == first
    assert ana.delete("lobby", second) is None
    ana.go_online()

    assert ana.wait_sent("lobby", first) == 1
    assert [event["body"] for event in server.log] == [{"content": "the words"}]


def test_an_edit_of_a_message_on_its_way_follows_it(server: Server, ana: ChatClient) -> None:
    server.is_mute = True
    message = ana.send("lobby", "one")
    server.finish()
    edit = ana.edit("lobby", message, "two")
    ana.go_offline()
    server.is_mute = False
    ana.go_online()

    assert ana.wait_sent("lobby", edit) == 2
    ana.wait_for(lambda: body_of(ana, 1)["content"] == "two")


def test_a_text_that_changed_meanwhile_is_a_conflict_and_retry_goes_over_it(
    server: Server, ana: ChatClient
) -> None:
    seq = said(ana, "one")
    server.refuses["edit"] = {"code": "conflict", "message": "No.", "retryable": False, "rev": 7}
    edit = ana.edit("lobby", seq, "two")
    with pytest.raises(Refused) as refused:
        ana.wait_sent("lobby", edit)
    assert refused.value.code == "conflict"

    ana.take_turn(lambda: ana.room("lobby").retry(edit))

    assert ana.wait_sent("lobby", edit) == 2
    assert [payload["rev"] for payload in heard(server, "edit")] == [seq, 7]


def test_a_change_of_what_is_gone_is_over_and_says_why(server: Server, ana: ChatClient) -> None:
    told: list[Any] = []
    ana.on_refused = lambda client_id, refusal: told.append((client_id, refusal["message"]))
    seq = said(ana, "one")
    server.refuses["edit"] = {"code": "target_gone", "message": "It is gone.", "retryable": False}

    edit = ana.edit("lobby", seq, "two")

    with pytest.raises(Refused, match="It is gone"):
        ana.wait_sent("lobby", edit)
    assert told == [(edit, "It is gone.")]
    assert ana.room("lobby").outbox.entries == []


def test_a_reaction_is_set_counted_and_taken_back(server: Server, ana: ChatClient) -> None:
    seq = server.post(BEN, "look")["seq"]
    room = ana.room("lobby")
    ana.wait_for(lambda: room.messages)

    ana.wait_sent("lobby", ana.react("lobby", seq, "👍"))
    ana.wait_for(lambda: body_of(ana, seq).get("reactions") == [{"emoji": "👍", "count": 1}])
    assert room.mine(seq) == ["👍"]
    assert [each["emoji"] for each in ana.reactions("lobby", seq)] == ["👍"]

    ana.wait_sent("lobby", ana.react("lobby", seq, "👍", on=False))
    ana.wait_for(lambda: "reactions" not in body_of(ana, seq))
    assert room.mine(seq) == []


def test_an_answer_names_the_message_that_it_answers(server: Server, ana: ChatClient) -> None:
    asked = server.post(BEN, "who?")
    ana.wait_for(lambda: ana.room("lobby").messages)

    ana.wait_sent("lobby", ana.send("lobby", "me", reply_to=asked["seq"]))

    assert server.log[-1]["body"]["reply_to"] == {"seq": asked["seq"], "id": asked["id"]}


def test_changes_survive_the_end_of_the_program(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        first, second = said(chat, "one"), said(chat, "two")
        chat.go_offline()
        edit, reaction = chat.edit("lobby", first, "ONE"), chat.react("lobby", second, "👍")
        deletion = chat.delete("lobby", second)
        assert deletion is not None

    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        at_once(chat)
        for client_id in (edit, reaction, deletion):
            chat.wait_sent("lobby", client_id)

    assert sorted(event["type"] for event in server.log[2:]) == ["delete", "edit", "react"]
    assert DraftsInFile(file).load("lobby") == []


def test_an_edit_of_a_message_that_a_lookup_has_found_follows_it(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        server.is_mute = True
        message = chat.send("lobby", "one")
        server.finish()
        edit = chat.edit("lobby", message, "two")
    server.is_mute = False
    for n in range(200):
        server.post(BEN, f"said meanwhile {n}")  # it is no more on the first page

    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        chat.wait_sent("lobby", edit)

    assert server.log[0]["body"]["content"] == "two"


def test_drafts_that_a_version_before_has_left_are_messages(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    author = {"id": "u_Ana", "name": "Ana"}
    left = {"client_id": "c_old", "content": "from before", "put_at": 2**52, "author": author}
    file.write_text(json.dumps({"lobby": {"c_old": left}}))

    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        chat.wait_sent("lobby", "c_old")

    assert [event["body"]["content"] for event in server.log] == ["from before"]


def test_a_message_is_written_down_as_versions_before_did(server: Server, tmp_path: Path) -> None:
    """They read what this one has left: a program may be set back."""
    file = tmp_path / "drafts.json"
    with server.client("Ana", drafts=DraftsInFile(file)) as chat:
        chat.join("lobby")
        chat.go_offline()
        message = chat.send("lobby", "hi")

    (draft,) = DraftsInFile(file).load("lobby")
    assert draft.keys() == {"client_id", "content", "put_at", "author"}
    assert draft["client_id"] == message


@pytest.mark.parametrize(
    "act",
    [
        lambda chat, seq: chat.edit("lobby", seq, "x"),
        lambda chat, seq: chat.delete("lobby", seq),
        lambda chat, seq: chat.react("lobby", seq, "👍"),
        lambda chat, seq: chat.reactions("lobby", seq),
        lambda chat, seq: chat.send("lobby", "x", reply_to=seq),
    ],
    ids=["edit", "delete", "react", "reactions", "reply"],
)
def test_what_a_server_does_not_offer_is_refused_here(server: Server, act: Any) -> None:
    server.features = []
    with server.client("Ana") as chat:
        chat.join("lobby")
        seq = said(chat, "one")
        before = len(server.heard)

        with pytest.raises(Refused) as refused:
            act(chat, seq)

        assert refused.value.code == "unsupported"
        assert chat.room("lobby").outbox.entries == []
    assert [name for name, _ in server.heard[before:]] == []


def test_a_message_that_is_not_here_cannot_be_changed(ana: ChatClient) -> None:
    with pytest.raises(Refused) as refused:
        ana.edit("lobby", 99, "x")
    assert refused.value.code == "target_gone"
