"""The original system's WebSocket protocol: a client written for it must notice no difference."""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Callable, Iterator

import pytest

from tests.integration.wire import UPGRADE
from tests.original import OriginalClient, get, path_of
from tests.running import Nodes, RunningNode, until
from tests.talkers import PythonTalker

pytestmark = pytest.mark.slow

BINARY, CLOSE, PING, PONG = 0x2, 0x8, 0x9, 0xA
GOING_AWAY = struct.pack(">H", 1001) + b"going away"


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(
        CHAT_RATE_LIMITS="off", CHAT_ROOM_IDLE_SECONDS="1", CHAT_PRESENCE_GRACE_SECONDS="0"
    ) as node:
        yield node


@pytest.fixture
def room() -> str:
    return f"room-{secrets.token_hex(4)}"


Enter = Callable[..., OriginalClient]


@pytest.fixture
def enter(node: RunningNode, room: str) -> Iterator[Enter]:
    clients: list[OriginalClient] = []

    def enter(user_id: str, name: str, **how: str) -> OriginalClient:
        clients.append(OriginalClient(node, room, user_id, name, **how))
        return clients[-1]

    yield enter
    for client in clients:
        client.close()


@pytest.fixture
def talker(node: RunningNode) -> Iterator[PythonTalker]:
    """Somebody of the other dialect, by the name of Zoe."""
    talker = PythonTalker(node.url, node.sign_in("Zoe")["token"])
    talker.connect()
    yield talker
    talker.close()


# --- the door -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"userId": "1"},
        {"username": "Ana"},
        {"userId": "", "username": "Ana"},
        {"userId": "1", "username": ""},
    ],
)
@pytest.mark.parametrize("headers", [{}, UPGRADE], ids=["plain", "upgrade"])
def test_who_does_not_say_who_they_are_is_told_so_first_of_all(
    node: RunningNode, query: dict[str, str], headers: dict[str, str]
) -> None:
    assert get(node, path_of("lobby", **query), headers) == (400, "Missing userId or username")


def test_without_an_upgrade_there_is_nothing_here(node: RunningNode) -> None:
    path = path_of("lobby", userId="1", username="Ana")

    assert get(node, path) == (426, "Expected WebSocket upgrade")


@pytest.mark.parametrize("headers", [UPGRADE, {}], ids=["upgrade", "none"])
@pytest.mark.parametrize("room_id", ["", "   "])
def test_an_empty_room_id_is_no_room(node: RunningNode, room_id: str, headers: dict[str, str]) -> None:
    assert get(node, path_of(room_id, userId="1", username="Ana"), headers)[0] == 404


@pytest.mark.parametrize(
    "query",
    [
        {"userId": "x" * 65, "username": "Ana"},
        {"userId": "1", "username": "x" * 33},
        {"userId": "1\x00", "username": "Ana"},
        {"userId": "1", "username": "A\x07na"},
        {"userId": "1", "username": " "},
    ],
    ids=["long id", "long name", "NUL", "control", "blank"],
)
def test_ids_and_names_are_bounded(node: RunningNode, query: dict[str, str]) -> None:
    assert get(node, path_of("lobby", **query), UPGRADE)[0] == 400


@pytest.mark.parametrize("room_id", ["x" * 65, "a\x00b", "a/b", "line\nbreak"])
def test_a_room_id_that_cannot_be_is_no_room(node: RunningNode, room_id: str) -> None:
    assert get(node, path_of(room_id, userId="1", username="Ana"), UPGRADE)[0] in (400, 404)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://chat.example.evil.example", "http://127.0.0.1"]
)
def test_a_page_of_another_site_is_refused(node: RunningNode, origin: str) -> None:
    path = path_of("lobby", userId="1", username="Ana")
    counted = node.metric('chat_refusals_total{code="forbidden"}')

    assert get(node, path, UPGRADE | {"Origin": origin})[0] == 403

    assert node.metric('chat_refusals_total{code="forbidden"}') == counted + 1


def test_a_page_of_our_own_is_let_in(enter: Enter) -> None:
    assert enter("1", "Ana", origin="http://chat.example").greeting


def test_who_signed_in_by_token_is_not_to_be_taken_for(node: RunningNode, enter: Enter) -> None:
    zoe, other = node.sign_in("Zoe"), node.sign_in("Other")
    path = path_of("lobby", userId=zoe["user"]["id"], username="Zoe")

    assert get(node, path, UPGRADE)[0] == 403
    assert get(node, f"{path}&token={other['token']}", UPGRADE)[0] == 403
    assert get(node, f"{path}&token=nonsense", UPGRADE)[0] == 403
    assert enter(zoe["user"]["id"], "Zoe", token=zoe["token"]).greeting


# --- the greeting -------------------------------------------------------------------------


def test_the_first_one_finds_an_empty_room_and_themselves(enter: Enter) -> None:
    history, join, presence = enter("1", "Ana").greeting

    assert history == {"type": "history", "messages": []}
    assert join.keys() == {"type", "id", "userId", "username", "timestamp"}
    assert (join["type"], join["userId"], join["username"]) == ("join", "1", "Ana")
    assert isinstance(join["timestamp"], int)
    assert presence == {"type": "presence", "users": [{"userId": "1", "username": "Ana"}]}


def test_a_newcomer_sees_what_was_said_and_the_others_see_the_newcomer(enter: Enter) -> None:
    ana = enter("1", "Ana")
    ana.say("first")
    said = ana.hear("message")

    ben = enter("2", "Ben")

    history, join, presence = ben.greeting
    assert history["messages"] == [said]
    assert (join["type"], join["userId"]) == ("join", "2")
    assert presence["users"] == [
        {"userId": "1", "username": "Ana"},
        {"userId": "2", "username": "Ben"},
    ]
    assert ana.hear("join") == join


def test_history_is_the_last_hundred_oldest_first(enter: Enter) -> None:
    ana = enter("1", "Ana")
    for number in range(103):
        ana.say(f"number {number}")
        ana.hear("message")

    messages = enter("2", "Ben").greeting[0]["messages"]

    assert [message["content"] for message in messages] == [f"number {n}" for n in range(3, 103)]


def test_a_path_is_percent_decoded(node: RunningNode) -> None:
    room = f"Käse & Brot? {secrets.token_hex(4)}"
    talker = PythonTalker(node.url, node.sign_in("Zoe")["token"])
    talker.connect()
    talker.call("join", {"room": room})

    with OriginalClient(node, room, "1", "Ana") as ana:
        ana.say("found it")
        assert talker.heard.wait("event")["room"] == room
    talker.close()


# --- talking ------------------------------------------------------------------------------


def test_a_message_reaches_everybody_and_its_sender(enter: Enter) -> None:
    ana, ben = enter("1", "Ana"), enter("2", "Ben")

    ana.say("Hello, Ben")

    heard = [who.hear("message") for who in (ana, ben)]
    assert heard[0] == heard[1]
    assert heard[0].keys() == {"id", "type", "userId", "username", "content", "timestamp"}
    assert (heard[0]["userId"], heard[0]["username"], heard[0]["content"]) == ("1", "Ana", "Hello, Ben")


def test_who_speaks_is_known_from_the_connection(enter: Enter) -> None:
    ana = enter("1", "Ana")

    ana.send_text(
        '{"type":"message","content":"It was Ben","userId":"2","username":"Ben","id":"x","timestamp":1}'
    )

    message = ana.hear("message")
    assert (message["userId"], message["username"]) == ("1", "Ana")
    assert message["id"] != "x"
    assert message["timestamp"] > 1


def test_messages_keep_their_order(enter: Enter) -> None:
    ana, ben = enter("1", "Ana"), enter("2", "Ben")

    for number in range(50):
        ana.say(str(number))

    for who in (ana, ben):
        assert [who.hear("message")["content"] for _ in range(50)] == [str(n) for n in range(50)]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "bad_request"),
        ('"text"', "bad_request"),
        ("null", "bad_request"),
        ("[]", "bad_request"),
        ("{}", "unknown_event"),
        ('{"type":"join"}', "unknown_event"),
        ('{"type":7,"content":"x"}', "unknown_event"),
        ('{"type":"message"}', "bad_request"),
        ('{"type":"message","content":7}', "bad_request"),
        ('{"type":"message","content":null}', "bad_request"),
        ('{"type":"message","content":{"a":1}}', "bad_request"),
        ('{"type":"message","content":""}', "empty"),
        ('{"type":"message","content":" \\n "}', "empty"),
        ('{"type":"message","content":"' + "x" * 4_001 + '"}', "too_long"),
        ('{"type":"message","content":NaN}', "bad_request"),
        ('{"type":"message","content":"\\u0000"}', "bad_request"),
        ('{"type":"message","content":"\\ud800"}', "bad_request"),
        ('{"type":"message","type":"message","content":"x"}', "bad_request"),
        ("[" * 60_000, "bad_request"),
        ("9" * 5_000, "bad_request"),
    ],
)
def test_bad_input_is_answered_and_costs_nothing_else(enter: Enter, frame: str, code: str) -> None:
    ana, ben = enter("1", "Ana"), enter("2", "Ben")

    ana.send_text(frame)
    ana.say("and on it goes")

    error = ana.hear("error", "message")
    assert (error["type"], error["code"]) == ("error", code)
    assert error["message"]
    assert ana.hear("message", "error")["content"] == "and on it goes"
    assert ben.hear("message", "error")["content"] == "and on it goes"


def test_ping_is_answered_to_that_socket_only_and_wakes_nobody(node: RunningNode, enter: Enter) -> None:
    ana, ben = enter("1", "Ana"), enter("2", "Ben")
    for who in (ana, ben):
        who.hear("presence")  # with both of them: all that is to come has come
    until(lambda: node.metric("chat_rooms_awake") == 0)
    wakes = node.metric("chat_wake_seconds_count")

    for _ in range(3):
        ana.ping()

    assert node.metric("chat_wake_seconds_count") == wakes
    assert node.metric("chat_rooms_awake") == 0
    ben.ping()  # its own pong is the next it gets


def test_a_ping_frame_is_answered_with_its_words(node: RunningNode, enter: Enter) -> None:
    ana = enter("1", "Ana")

    ana.send(PING, b"are you there")

    assert ana.receive() == (PONG, b"are you there")


# --- who is here --------------------------------------------------------------------------


def test_presence_is_sent_again_when_it_changes(enter: Enter) -> None:
    ana = enter("1", "Ana")
    ben = enter("2", "Ben")
    assert _names(ana.hear("presence")) == {"Ana", "Ben"}

    ben.close()

    assert ana.hear("leave")["userId"] == "2"
    assert _names(ana.hear("presence")) == {"Ana"}


def _names(presence: dict[str, list[dict[str, str]]]) -> set[str]:
    return {user["username"] for user in presence["users"]}


def _close_with_code(client: OriginalClient) -> None:
    client.send(CLOSE, GOING_AWAY)


def _close_without_code(client: OriginalClient) -> None:
    client.send(CLOSE)


def _cut(client: OriginalClient) -> None:
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()


@pytest.mark.parametrize("end", [_close_with_code, _close_without_code, _cut])
def test_whoever_leaves_is_gone_at_once_however_it_happens(
    enter: Enter, end: Callable[[OriginalClient], None]
) -> None:
    ana, ben = enter("1", "Ana"), enter("2", "Ben")

    end(ben)

    left = ana.hear("leave")
    assert left.keys() == {"type", "id", "userId", "username", "timestamp"}
    assert (left["userId"], left["username"]) == ("2", "Ben")


@pytest.mark.parametrize("end", [_close_with_code, _close_without_code])
def test_a_close_frame_is_answered(enter: Enter, end: Callable[[OriginalClient], None]) -> None:
    ana = enter("1", "Ana")

    end(ana)

    assert ana.receive() in ((CLOSE, b""), (CLOSE, GOING_AWAY))
    assert ana.is_cut()


def test_a_second_socket_is_no_second_person(enter: Enter) -> None:
    ben, ana = enter("2", "Ben"), enter("1", "Ana")
    assert ben.hear("join")["userId"] == "1"

    history, join, presence = (second := enter("1", "Ana")).greeting

    assert (history["type"], join["type"], join["userId"]) == ("history", "join", "1")
    assert presence["users"] == [
        {"userId": "2", "username": "Ben"},
        {"userId": "1", "username": "Ana"},
    ]
    second.close()
    ana.say("still here")
    assert ben.hear("join", "leave", "message")["type"] == "message", "of the second socket Ben hears nothing"
    ana.close()
    assert ben.hear("leave")["userId"] == "1"


# --- both dialects ------------------------------------------------------------------------


def test_both_dialects_share_a_room(room: str, enter: Enter, talker: PythonTalker) -> None:
    ana = enter("1", "Ana")
    zoe = talker.call("join", {"room": room})
    assert {user["name"] for user in zoe["presence"]["users"]} == {"Ana", "Zoe"}
    assert ana.hear("join")["username"] == "Zoe"

    ana.say("from the old")
    event = talker.heard.wait("event")
    assert (event["user"], event["body"]) == ({"id": "1", "name": "Ana"}, {"content": "from the old"})
    assert event["client_id"], "the gateway names it"

    talker.call("message", {"room": room, "client_id": "c-1", "content": "from the new"})
    ana.hear("message")
    heard = ana.hear("message")
    assert (heard["username"], heard["content"]) == ("Zoe", "from the new")

    talker.call("leave", {"room": room})
    assert ana.hear("leave")["username"] == "Zoe"

    talker.call("join", {"room": room})
    ana.close()
    talker.heard.wait("presence", that=lambda told: [u["name"] for u in told.get("left", [])] == ["Ana"])


def test_what_is_edited_or_taken_back_over_there_is_told_here(
    room: str, enter: Enter, talker: PythonTalker
) -> None:
    talker.call("join", {"room": room})
    said = [
        talker.call("message", {"room": room, "client_id": f"c-{n}", "content": f"helo {n}"})
        for n in range(2)
    ]
    first, second = ({"seq": each["seq"], "id": each["id"]} for each in said)
    ana = enter("1", "Ana")

    edit = {"room": room, "client_id": "e", "target": first, "content": "hello"}
    edited = talker.call("edit", edit)
    talker.call("react", {"room": room, "target": first, "emoji": "👍", "on": True})
    deleted = talker.call("delete", {"room": room, "client_id": "d", "target": second})

    told = {"type": "edit", "id": first["id"], "content": "hello", "timestamp": edited["ts"]}
    assert ana.hear("edit") == told
    assert ana.hear("delete") == {"type": "delete", "id": second["id"], "timestamp": deleted["ts"]}
    history, *_ = enter("2", "Ben").greeting
    assert [message["content"] for message in history["messages"]] == ["hello"]


def test_a_name_is_never_refused_for_being_taken_but_gets_a_number(
    node: RunningNode, room: str, enter: Enter, talker: PythonTalker
) -> None:
    """For all to see, in both dialects; also behind somebody who has gone and left their words."""
    talker.call("join", {"room": room})
    talker.call("message", {"room": room, "client_id": "c1", "content": "from Zoe"})

    zoe = enter("1", "Zoe")
    zoe.say("from another")

    assert zoe.greeting[1]["username"] == "Zoe 2"
    assert [user["username"] for user in zoe.greeting[2]["users"]] == ["Zoe", "Zoe 2"]
    said = talker.heard.wait("event", that=lambda told: told["body"]["content"] == "from another")
    assert said["user"] == {"id": "1", "name": "Zoe 2"}

    talker.call("leave", {"room": room})
    zoe.hear("leave")
    assert enter("2", "zoe").greeting[1]["username"] == "zoe 3"
    stranger = PythonTalker(node.url, node.sign_in("Zоe")["token"])  # with a Cyrillic о
    stranger.connect()
    refused = stranger.call("join", {"room": room})["error"]
    stranger.close()
    assert (refused["code"], refused["suggestion"]) == ("name_taken", "Zоe 4")
    assert refused["wrote_at"] <= said["ts"]


def test_binary_frames_end_the_connection(enter: Enter) -> None:
    ana = enter("1", "Ana")

    ana.send(BINARY, b"\x00\x01")

    assert ana.close_code() == 1003


def test_a_frame_over_the_limit_ends_the_connection_and_no_other(enter: Enter) -> None:
    ana, ben = enter("1", "Ana"), enter("2", "Ben")
    ana.hear("presence")

    ana.send_text("x" * 70_000)

    assert ana.close_code() == 1009
    assert ben.hear("leave")["userId"] == "1"
    ben.hear("presence")
    ben.ping()


def test_too_many_from_one_person_are_refused_before_the_upgrade(nodes: Nodes) -> None:
    with nodes.running() as node:
        clients = [OriginalClient(node, "lobby", "1", "Ana") for _ in range(11)]

        assert [client.status for client in clients] == [101] * 10 + [429]
        for client in clients:
            client.close()
