"""Files from the Python client to a real node: over a broken network, kills and restarts, once."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from chatapp.client import ChatClient, DraftsInFile, FileToSend, Refused, call
from chatapp.client.terminal import Terminal
from faults.proxy import Proxy
from tests.running import Nodes, RunningNode, until

ROOM = "lobby"
MIB = 1 << 20
LARGE = os.urandom(3 * MIB + 12_345)


@pytest.fixture
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


@pytest.fixture
def bo(node: RunningNode) -> Iterator[ChatClient]:
    with ChatClient(node.url, name="Bo") as bo:
        bo.join(ROOM)
        yield bo


def sent_to(chat: ChatClient, *, count: int = 1) -> list[dict[str, Any]]:
    """The bodies of the messages with files, once there are so many."""

    def found() -> list[dict[str, Any]]:
        bodies = [event["body"] for event in chat.room(ROOM).messages]
        return [body for body in bodies if "uploads" in body]

    chat.wait_for(lambda: len(found()) >= count, 30)
    return found()


def bound(node: RunningNode) -> list[tuple[str, int | None]]:
    """Which upload hangs on which message; those that have gone do not count."""
    with closing(sqlite3.connect(node.database)) as connection:
        return connection.execute("SELECT upload_id, message_seq FROM uploads WHERE state != 5").fetchall()


def received(node: RunningNode) -> int:
    """How many bytes are there, of all uploads."""
    with closing(sqlite3.connect(node.database)) as connection:
        (count,) = connection.execute("SELECT COALESCE(SUM(received), 0) FROM uploads").fetchone()
        return int(count)


def test_several_files_with_a_text_are_there_as_they_were(
    node: RunningNode, bo: ChatClient, tmp_path: Path
) -> None:
    (tmp_path / "list “1”.bin").write_bytes(LARGE)
    with ChatClient(node.url, name="Ana") as ana:
        ana.join(ROOM)
        told: list[tuple[str, int]] = []
        ana.on_progress = lambda _client_id, file, sent: told.append((file["name"], sent))
        notes = FileToSend(source=b"one\ntwo", name="notes.txt", alt="What to buy")
        client_id = ana.send_file(ROOM, tmp_path / "list “1”.bin", notes, content="Here they are")
        seq = ana.wait_sent(ROOM, client_id, 30)

        (body,) = sent_to(bo)
        assert body["content"] == "Here they are"
        large, small = body["uploads"]
        assert (large["name"], large["size"]) == ("list “1”.bin", len(LARGE))
        assert (small["name"], small["alt"], small["type"]) == ("notes.txt", "What to buy", "text/plain")
        assert bo.fetch(large["id"]) == LARGE
        assert bo.fetch(small["id"]) == b"one\ntwo"
        with urlopen(bo.file_address(small["id"]), timeout=10) as response:
            assert response.read() == b"one\ntwo"
        assert sorted(bound(node)) == sorted([(large["id"], seq), (small["id"], seq)])
        assert [sent for name, sent in told if name == "notes.txt"][-1] == 7
        assert told == sorted(told, key=lambda each: each[0] == "notes.txt"), "one after the other"


def test_a_file_needs_no_words_and_goes_with_its_message(node: RunningNode, bo: ChatClient) -> None:
    with ChatClient(node.url, name="Ana") as ana:
        ana.join(ROOM)
        seq = ana.wait_sent(ROOM, ana.send_file(ROOM, FileToSend(source=b"x", name="x.txt")), 30)
        (body,) = sent_to(bo)
        (upload,) = body["uploads"]
        assert body["content"] == ""
        answer = bo.send(ROOM, "Thanks", reply_to=seq)
        bo.wait_sent(ROOM, answer)

        ana.wait_for(lambda: len(ana.room(ROOM).messages) == 2)
        quote = ana.room(ROOM).messages[1]["body"]["quote"]
        assert (quote["excerpt"], quote["files"]) == ("", 1)
        deletion = ana.delete(ROOM, seq)
        ana.take_turn(ana.room(ROOM).flush)
        ana.wait_sent(ROOM, deletion or "")

        with pytest.raises(Refused):
            bo.fetch(upload["id"])
        bo.wait_for(lambda: "deleted" in bo.room(ROOM).messages[0]["body"])
        assert bound(node) == []


def test_an_edit_takes_a_file_away(node: RunningNode, bo: ChatClient) -> None:
    with ChatClient(node.url, name="Ana") as ana:
        ana.join(ROOM)
        files = [FileToSend(source=name.encode(), name=f"{name}.txt") for name in ("a", "b")]
        seq = ana.wait_sent(ROOM, ana.send_file(ROOM, *files, content="both"), 30)
        gone, stays = sent_to(bo)[0]["uploads"]

        ana.wait_sent(ROOM, ana.edit(ROOM, seq, "one", uploads=[stays["id"]]))

        bo.wait_for(lambda: bo.room(ROOM).messages[0]["body"]["content"] == "one")
        assert bo.room(ROOM).messages[0]["body"]["uploads"] == [stays]
        assert bo.fetch(stays["id"]) == b"b"
        with pytest.raises(Refused):
            bo.fetch(gone["id"])


def test_a_file_goes_on_from_where_its_network_broke(
    node: RunningNode, bo: ChatClient, tmp_path: Path
) -> None:
    """At every tenth of it; the socket breaks as well."""
    (tmp_path / "large.bin").write_bytes(LARGE)
    with Proxy(node.port) as network, ChatClient(f"http://127.0.0.1:{network.port}", name="Ana") as ana:
        ana.join(ROOM)
        cuts = iter(range(1, 10))
        next_cut = next(cuts) * len(LARGE) // 10

        def breaks(_client_id: str, _file: dict[str, Any], sent: int) -> None:
            nonlocal next_cut
            if sent >= next_cut:
                next_cut = (next(cuts, None) or 100) * len(LARGE) // 10
                network.cut()

        ana.on_progress = breaks
        ana.wait_sent(ROOM, ana.send_file(ROOM, tmp_path / "large.bin"), 60)

        (body,) = sent_to(bo)
        assert bo.fetch(body["uploads"][0]["id"]) == LARGE
        assert len(bound(node)) == 1, "one upload, that went on"
        assert network.cuts >= 9


def test_a_file_goes_on_when_its_node_was_killed(node: RunningNode, bo: ChatClient, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(LARGE)
    with ChatClient(node.url, name="Ana") as ana:
        ana.join(ROOM)
        kill_at = iter([len(LARGE) // 3, 2 * len(LARGE) // 3])
        next_kill: int | None = next(kill_at)

        def kills(_client_id: str, _file: dict[str, Any], sent: int) -> None:
            nonlocal next_kill
            if next_kill is not None and sent >= next_kill:
                next_kill = next(kill_at, None)
                node.kill()
                node.start()

        ana.on_progress = kills
        ana.wait_sent(ROOM, ana.send_file(ROOM, tmp_path / "large.bin", content="once"), 60)

        (body,) = sent_to(bo)
        assert bo.fetch(body["uploads"][0]["id"]) == LARGE
        assert len(bound(node)) == 1


def test_what_a_program_has_left_goes_on_in_the_next_one(
    node: RunningNode, bo: ChatClient, tmp_path: Path
) -> None:
    (tmp_path / "large.bin").write_bytes(LARGE)
    drafts = tmp_path / "drafts.json"
    with Proxy(node.port) as network:
        url = f"http://127.0.0.1:{network.port}"
        with ChatClient(url, name="Ana", drafts=DraftsInFile(drafts)) as ana:
            ana.join(ROOM)
            half: list[int] = []

            def stops(_client_id: str, _file: dict[str, Any], sent: int) -> None:
                if sent > len(LARGE) // 2 and not half:
                    until(lambda: received(node) > 0, 30)  # and not only on its way there
                    network.swallow()
                    half.append(sent)

            ana.on_progress = stops
            client_id = ana.send_file(ROOM, tmp_path / "large.bin", content="from before")
            until(lambda: half, 30)
            token = ana.token
        network.heal()
        with ChatClient(url, token=token, drafts=DraftsInFile(drafts)) as ana:
            first: list[int] = []
            ana.on_progress = lambda _client_id, _file, sent: first.append(sent)
            ana.join(ROOM)
            ana.wait_sent(ROOM, client_id, 60)

            (body,) = sent_to(bo)
            assert body["content"] == "from before"
            assert bo.fetch(body["uploads"][0]["id"]) == LARGE
            assert first[0] > 0, "it went on"
            assert len(bound(node)) == 1
        assert DraftsInFile(drafts).load(ROOM) == []


def age_and_remove(node: RunningNode) -> None:
    """What the cleanup does to uploads that nobody has sent."""
    with closing(sqlite3.connect(node.database)) as connection, connection:
        connection.execute("UPDATE uploads SET state = 5, gone_at = created_at WHERE message_seq IS NULL")


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_message_that_waited_for_longer_than_its_files_are_kept_is_sent_once(
    node: RunningNode, bo: ChatClient, is_stored: bool
) -> None:
    """Its files are uploaded anew under the same client id, unless it was stored before its ack was lost."""
    with ChatClient(node.url, name="Ana") as ana:
        ana.join(ROOM)
        there: list[str] = []
        hear = ana.room(ROOM)._said.mail.heard_of_file

        def offline(client_id: str, key: str, news: dict[str, Any]) -> None:
            is_first = news.get("is_there") and not there
            if is_first:
                ana.connection.cut()
            hear(client_id, key, news)
            if is_first:  # the test goes on with that, and must not be overtaken
                there.append(news["upload"])

        ana.room(ROOM)._said.mail.heard_of_file = offline  # type: ignore[method-assign]
        client_id = ana.send_file(ROOM, FileToSend(source=b"late", name="late.txt"), content="waited")
        until(lambda: there, 30)
        if is_stored:
            said = {"content": "waited", "uploads": there}
            post(node, ana.token or "", client_id, said)
        age_and_remove(node)

        ana.go_online()
        ana.wait_sent(ROOM, client_id, 30)

        (body,) = sent_to(bo)
        assert bo.fetch(body["uploads"][0]["id"]) == b"late"
        assert (body["uploads"][0]["id"] == there[0]) == is_stored
        assert [upload for upload, seq in bound(node) if seq] == [body["uploads"][0]["id"]]
        assert len(bo.room(ROOM).messages) == 1


def post(node: RunningNode, token: str, client_id: str, body: dict[str, Any]) -> None:

    call(
        node.url,
        "POST",
        f"/api/rooms/{ROOM}/messages",
        body=body,
        token=token,
        headers={"Idempotency-Key": client_id},
    )


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (FileToSend(source=b"", name="nothing.txt"), "bad_request"),
        (FileToSend(source=bytes(2 * MIB), name="large.bin"), "upload_too_large"),
    ],
)
def test_what_the_server_does_not_take_waits_with_its_reason(
    nodes: Nodes, file: FileToSend, code: str
) -> None:
    with nodes.running(CHAT_UPLOAD_MAX_MB="1") as node, ChatClient(node.url, name="Ana") as ana:
        ana.join(ROOM)
        client_id = ana.send_file(ROOM, file, content="see")
        with pytest.raises(Refused) as refused:
            ana.wait_sent(ROOM, client_id, 30)
        assert refused.value.code == code
        ana.wait_sent(ROOM, ana.send(ROOM, "others go on"))
        assert ana.take_turn(lambda: [e.state for e in ana.room(ROOM).outbox.entries]) == ["failed"]


def test_a_path_whose_file_has_changed_since_is_not_sent(node: RunningNode, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("as it was")
    with ChatClient(node.url, name="Ana") as ana:
        ana.join(ROOM)
        node.signal(signal.SIGSTOP)
        client_id = ana.send_file(ROOM, path, FileToSend(source=b"x"))
        other = ana.send_file(ROOM, path)
        path.write_text("as it is now, and longer")
        node.signal(signal.SIGCONT)
        with pytest.raises(Refused) as refused:
            ana.wait_sent(ROOM, other, 30)
        assert refused.value.code == "upload_lost"
        ana.take_turn(lambda: ana.room(ROOM).discard(client_id))


def test_a_server_without_files_is_sent_none(nodes: Nodes) -> None:
    with nodes.running(CHAT_UPLOADS="off") as node, ChatClient(node.url, name="Ana") as ana:
        room = ana.join(ROOM)
        assert room.features.isdisjoint({"message.uploads", "edit.uploads"})
        with pytest.raises(Refused) as refused:
            ana.send_file(ROOM, FileToSend(source=b"x"))
        assert refused.value.code == "unsupported"
        said = {"client_id": "c", "content": "", "uploads": ["abcdefghijklmnopqrst_-"]}
        assert ana.request("message", {"room": ROOM, **said})["error"]["code"] == "uploads_off"


def test_a_terminal_sends_a_file_and_says_where_those_of_others_are(
    node: RunningNode, bo: ChatClient, tmp_path: Path
) -> None:
    path = tmp_path / "my notes.txt"
    path.write_bytes(b"milk")
    with ChatClient(node.url, name="Ana") as ana:
        first = io.StringIO()
        Terminal(ana, ROOM, first).run(io.StringIO(f'/send "{path}" to buy\n'))
    (body,) = sent_to(bo)
    (upload,) = body["uploads"]
    assert (body["content"], upload["name"]) == ("to buy", "my notes.txt")
    assert "* my notes.txt: 4 B sent" in first.getvalue().splitlines()

    said = io.StringIO()
    Terminal(bo, ROOM, said).run(io.StringIO("/more\n/open 1\n/open 2\n"))
    address = next(line for line in said.getvalue().splitlines() if line.startswith("* my notes.txt: "))
    with urlopen(address.removeprefix("* my notes.txt: "), timeout=10) as response:
        assert response.read() == b"milk"
    assert "* There are no files there." in said.getvalue().splitlines()
