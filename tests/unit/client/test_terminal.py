"""The terminal: it takes a room's address as a browser has it, and shows what becomes of messages as text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatapp.client import ChatClient
from chatapp.client.terminal import Terminal, _address
from chatapp.client.terminal_commands import HELP, Commands
from chatapp.client.terminal_lines import change_of, line_of
from tests.unit.client.fake_server import Server

BEN = {"id": "u_ben", "name": "Ben"}
SEA = {"id": "u", "name": "sea.jpg", "type": "image/jpeg", "size": 90_000, "alt": "The sea"}


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def ana(server: Server) -> Iterator[ChatClient]:
    with server.client("Ana") as chat:
        yield chat


def typed(chat: ChatClient, *lines: str) -> list[str]:
    """What the terminal says to these lines, without the time."""
    out = io.StringIO()
    Terminal(chat, "lobby", out).run(io.StringIO("".join(f"{line}\n" for line in lines)))
    return [line.partition(" ")[2] for line in out.getvalue().splitlines()]


def message(seq: int = 7, **body: Any) -> dict[str, Any]:
    return {"seq": seq, "ts": 0, "user": BEN, "body": body}


@pytest.mark.parametrize(
    ("address", "server", "room"),
    [
        ("http://127.0.0.1:8000/chat/lobby", "http://127.0.0.1:8000", "lobby"),
        ("https://example.org/talk/chat/caf%C3%A9", "https://example.org/talk", "café"),
        ("https://example.org/chat/chat/lobby", "https://example.org/chat", "lobby"),
        ("https://example.org/chat/", "https://example.org", None),
        ("https://example.org/talk/", "https://example.org/talk", None),
        ("https://example.org", "https://example.org", None),
    ],
)
def test_the_server_is_what_stands_before_the_room(address: str, server: str, room: str | None) -> None:
    assert _address(address) == (server, room)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"content": "hi"}, "#7 Ben: hi"),
        ({"content": "hi", "edited_at": 9, "edited_seq": 8}, "#7 Ben: hi (edited)"),
        (
            {"content": "hi", "reactions": [{"emoji": "👍", "count": 2}, {"emoji": "🎉", "count": 1}]},
            "#7 Ben: hi [👍 2 🎉 1]",
        ),
        ({"content": "", "deleted": {"at": 9, "by": "author"}}, "#7 Ben has deleted this"),
        (
            {
                "content": "me",
                "quote": {"seq": 3, "user": {"id": "u", "name": "Ana"}, "excerpt": "who\nis it?"},
            },
            "#7 Ben (to #3 Ana, “who is it?”): me",
        ),
        ({"content": "me", "quote": {"seq": 3, "deleted": True}}, "#7 Ben (to #3, deleted): me"),
        ({"content": "me", "quote": {"seq": 3, "expired": True}}, "#7 Ben (to #3, which is gone): me"),
        (
            {
                "content": "me",
                "quote": {"seq": 3, "user": {"id": "u", "name": "E\x1bve"}, "excerpt": "x" * 50},
            },
            f"#7 Ben (to #3 E\ufffdve, “{'x' * 40}…”): me",
        ),
        (
            {"content": "see", "uploads": [SEA, {**SEA, "id": "n", "name": "a\n\x1b[2Jb", "size": 12}]},
            "#7 Ben: see\n      [sea.jpg, 90 KB “The sea”] http://c/files/u"
            "\n      [a \ufffd[2Jb, 12 B “The sea”] http://c/files/n",
        ),
        ({"content": "", "uploads": [SEA]}, "#7 Ben: [sea.jpg, 90 KB “The sea”] http://c/files/u"),
        (
            {
                "content": "me",
                "quote": {"seq": 3, "user": {"id": "u", "name": "Ana"}, "excerpt": "", "files": 2},
            },
            "#7 Ben (to #3 Ana, “2 files”): me",
        ),
    ],
)
def test_a_message_is_one_line_whatever_became_of_it(body: dict[str, Any], line: str) -> None:
    assert line_of(message(**body), "http://c").partition(" ")[2] == line


@pytest.mark.parametrize(
    ("called", "line"),
    [
        ([{"id": "u_ana", "name": "Ana"}], "#7 Ben mentions you: @Ana"),
        ([{"id": "", "name": "here"}], "#7 Ben mentions you: @Ana"),
        ([{"id": "u_cy", "name": "Cy"}], "#7 Ben: @Ana"),
    ],
)
def test_a_line_that_calls_one_says_so(called: list[dict[str, Any]], line: str) -> None:
    said = message(content="@Ana", mentions=called)

    assert line_of(said, "http://c", "u_ana").partition(" ")[2] == line
    assert "you" not in line_of(said, "http://c", said["user"]["id"]), "nobody is called by themselves"


@pytest.mark.parametrize(("since", "words"), [(9, " and mentions you"), (8, ""), (None, "")])
def test_an_edit_that_calls_one_says_so_once(since: int | None, words: str) -> None:
    called = {"id": "u_ana", "name": "Ana"} | ({"since": since} if since else {})
    now = message(content="b", mentions=[called], edited_at=1, edited_seq=9)

    assert change_of(now, {"content": "a"}, "http://c", "u_ana") == f"* Ben has edited #7{words}: b"


def test_names_in_what_is_typed_call_people(server: Server, ana: ChatClient) -> None:
    server.post(BEN, "hello")

    typed(ana, "hi @ben and ana@ben", "well, @here")

    says = [payload["mentions"] for name, payload in server.heard if name == "message"]
    assert says == [[{"id": "u_ben", "name": "ben"}], [{"id": "", "name": "here"}]]


@pytest.mark.parametrize(
    ("before", "now", "line"),
    [
        ({"content": "a"}, {"content": "b", "edited_at": 9}, "* Ben has edited #7: b"),
        ({"content": "a"}, {"content": "b\n* c", "edited_at": 9}, "* Ben has edited #7: b\n      * c"),
        ({"content": "a"}, {"content": "", "deleted": {"at": 9, "by": "author"}}, "* Ben has deleted #7"),
        ({"content": "a"}, {"content": "a", "reactions": [{"emoji": "👍", "count": 2}]}, "* #7: 👍 2"),
        (
            {"content": "a", "reactions": [{"emoji": "👍", "count": 1}]},
            {"content": "a"},
            "* #7: no reactions",
        ),
        ({"content": "a"}, {"content": "a", "quote": {"seq": 3, "deleted": True}}, None),
        ({"content": "a", "uploads": [SEA]}, {"content": "a"}, "* Ben has edited #7: a"),
    ],
)
def test_a_change_is_a_line_of_its_own(before: dict[str, Any], now: dict[str, Any], line: str | None) -> None:
    assert change_of(message(**now), before, "http://c") == line


def test_one_edits_ones_last_message_also_before_it_has_arrived(server: Server, ana: ChatClient) -> None:
    typed(ana, "teh words", "/edit the words")

    contents = [event["body"]["content"] for event in server.log if event["type"] == "message"]
    assert contents == ["the words"]


def test_one_takes_ones_message_back_or_keeps_it(server: Server, ana: ChatClient) -> None:
    ana.join("lobby")
    ana.wait_sent("lobby", ana.send("lobby", "never mind"))

    said = typed(ana, "/delete", "/undo", "/undo", "/delete 1")

    assert next(line for line in said if "undo" in line or "stays" in line).startswith("It goes in five")
    assert "It stays." in said
    assert "There is nothing to undo." in said
    assert "deleted" in server.log[0]["body"]


def test_one_answers_and_reacts_by_the_number_of_a_message(server: Server, ana: ChatClient) -> None:
    server.post(BEN, "who?")
    server.post(BEN, "and when?")

    typed(ana, "/reply 1 me", "/react 👍 #1", "/react 🎉")

    (answer,) = (event for event in server.log if event["user"]["name"] == "Ana")
    assert answer["body"]["reply_to"]["seq"] == 1
    changes = [event["body"]["changes"][0] for event in server.log if event["type"] == "react"]
    assert sorted((change["target"]["seq"], change["emoji"]) for change in changes) == [(1, "👍"), (2, "🎉")]


def test_the_same_reaction_again_takes_it_back(server: Server, ana: ChatClient) -> None:
    server.post(BEN, "who?")
    ana.join("lobby")
    ana.wait_sent("lobby", ana.react("lobby", 1, "👍"))
    ana.wait_for(lambda: ana.room("lobby").mine(1))

    typed(ana, "/react 👍")

    assert [e["body"]["changes"][0]["on"] for e in server.log if e["type"] == "react"] == [True, False]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/dance", "There is no /dance. /help lists the commands."),
        ("/search", "Say /search, and the words to look for."),
        ("/reply", "Say /reply, the number of a message, and your answer."),
        ("/reply 1", "Say /reply, the number of a message, and your answer."),
        ("/reply one me", "'one' is no number of a message: each has its own behind the time."),
        ("/reply 99 me", "The message is not here. (target_gone)"),
        ("/edit", "Say /edit, and the text as it should be."),
        ("/edit x", "There is no message of yours here."),
        ("/delete", "There is no message of yours here."),
        ("/undo", "There is nothing to undo."),
        ("/react", "Say /react, an emoji, and the number of a message if it is not the last."),
        ("/react 👍", "There is no message of somebody else here."),
    ],
)
def test_what_cannot_be_done_is_said_in_words(ana: ChatClient, line: str, words: str) -> None:
    assert words in typed(ana, line)


def test_what_was_said_is_found_the_newest_last(server: Server, ana: ChatClient) -> None:
    for number in range(25):
        server.post(BEN, f"tomato {number}")
    server.post(BEN, "something else")

    said = typed(ana, "/search tomato 2", "/search potato", "/search tomato")

    found = [line.rpartition("tomato ")[2] for line in said if "tomato" in line]
    assert found[-20:] == [str(number) for number in range(5, 25)]
    assert "Nothing was found." in said
    assert "These are the newest 20. With more words there are fewer." in said


def test_what_the_server_does_not_offer_is_said_in_words(server: Server, ana: ChatClient) -> None:
    server.features = []
    server.post(BEN, "who?")

    assert "This server does not offer this. (unsupported)" in typed(ana, "/react 👍")


def test_what_the_server_refuses_is_said_in_words(server: Server, ana: ChatClient) -> None:
    server.post(BEN, "who?")
    server.refuses["react"] = {"code": "bad_request", "message": "That is no emoji.", "retryable": False}

    assert "not stored: That is no emoji." in typed(ana, "/react x")


def test_help_lists_every_command(ana: ChatClient) -> None:
    for command in (
        "/who",
        "/more",
        "/search",
        "/reply",
        "/edit",
        "/delete",
        "/undo",
        "/react",
        "/help",
        "/quit",
    ):
        assert f"\n{command} " in f"\n{HELP}"
    assert HELP.splitlines()[-1].partition(" ")[2] in "\n".join(typed(ana, "/help"))


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("/send {path}", ""),
        ("/send {path}   what a  day ", "what a  day"),
        ('/send "{path}" see', "see"),
    ],
)
def test_a_file_is_named_by_its_path_and_may_have_a_text(
    server: Server, ana: ChatClient, tmp_path: Path, line: str, sent: str
) -> None:
    """It has no server to go to here: what waits in the outbox is what was understood."""
    server.features.append("message.uploads")
    name = "my notes.txt" if '"' in line else "notes.txt"
    (tmp_path / name).write_text("hi!")
    ana.join("lobby")

    Commands(ana, "lobby", lambda _said: None).carry_out(line.format(path=tmp_path / name))

    (entry,) = ana.take_turn(lambda: ana.room("lobby").outbox.entries)
    assert entry.content == sent
    assert [(file["name"], file["size"]) for file in entry.files or ()] == [(name, 3)]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/send", "Say /send, the path of a file, and perhaps a text."),
        ("/send /no/such/file", "/no/such/file: No such file or directory."),
        ("/send /", "/: Is a directory."),
    ],
)
def test_what_is_no_file_is_not_sent(server: Server, ana: ChatClient, line: str, answer: str) -> None:
    server.features.append("message.uploads")
    assert answer in typed(ana, line)


def test_a_server_that_takes_no_files_is_sent_none(ana: ChatClient) -> None:
    assert "This server does not offer this. (unsupported)" in typed(ana, f"/send {__file__}")


def test_how_far_a_large_file_is_stands_there_in_fifths(server: Server, ana: ChatClient) -> None:
    out = io.StringIO()
    terminal = Terminal(ana, "lobby", out)
    for sent in range(0, 5_000_001, 100_000):
        terminal.progressed("c", {"key": "k", "name": "a.bin", "size": 5_000_000}, sent)
    terminal.progressed("c", {"key": "n", "name": "b.txt", "size": 3}, 0)
    terminal.progressed("c", {"key": "n", "name": "b.txt", "size": 3}, 3)

    assert out.getvalue().splitlines() == [
        *(f"* a.bin: {part} % of 5.0 MB sent" for part in (20, 40, 60, 80)),
        "* a.bin: 5.0 MB sent",
        "* b.txt: 3 B sent",
    ]
