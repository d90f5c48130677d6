"""The Python client's machines keep the same rules as the page's: the shared test vectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatapp.client.log import RoomLog
from chatapp.client.outbox import Outbox
from chatapp.client.presence import Presence
from chatapp.client.reconnect import Reconnect

VECTORS = Path(__file__).parents[2] / "vectors"


def whole_event(short: Any) -> dict[str, Any]:
    own = {"seq": short} if isinstance(short, int) else short
    n = own["seq"]
    return {
        "room": "lobby",
        "type": "message",
        "id": f"m{n}",
        "ts": n * 1000,
        "user": {"id": "u_1", "name": "Ana"},
        "client_id": f"c{n}",
        "body": {"content": f"text {n}"},
        **own,
    }


def with_whole_events(value: Any) -> Any:
    match value:
        case {"events": events, **rest}:
            return {**with_whole_events(rest), "events": [whole_event(event) for event in events]}
        case dict():
            return {key: with_whole_events(member) for key, member in value.items()}
    return value


def log_input(given: dict[str, Any]) -> dict[str, Any]:
    if given["do"] == "event":
        return {"do": "event", "event": whole_event(given["event"])}
    if given["do"] == "fill":
        return {"do": "fill", "first": given["from"]}  # `from` is no name in Python
    whole = with_whole_events(given)
    assert isinstance(whole, dict)
    return whole


def log_state(log: RoomLog) -> dict[str, Any]:
    rows: list[Any] = []
    for row in log.rows:
        rows.append(
            row["seq"] if isinstance(row, dict) else {"gap": list(row)} if isinstance(row, tuple) else row
        )
    return {
        "stream": log.stream,
        "last": log.last,
        "pending": log.pending,
        "rows": rows,
        "start": log.start,
        "catching_up": log.catching_up,
        "told": {str(row["seq"]): told_of(row) for row in messages_of(log) if is_more_than_said(row)},
        "mine": mine_of(log),
        "kept": log.kept_changes,
    }


def messages_of(log: RoomLog) -> list[dict[str, Any]]:
    return [row for row in log.rows if isinstance(row, dict)]


def is_more_than_said(row: dict[str, Any]) -> bool:
    return "rev" in row or row["body"].keys() != {"content"}


def told_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("rev", "body") if name in row}


def mine_of(log: RoomLog) -> dict[str, list[str]]:
    held = [log.message_at(row["seq"]) for row in messages_of(log)]
    return {str(each.event["seq"]): each.mine for each in held if each and each.mine}


def outbox_state(outbox: Outbox) -> dict[str, Any]:
    return {
        "entries": [[entry.client_id, entry.state] for entry in outbox.entries],
        "contents": {entry.client_id: entry.content for entry in outbox.entries},
        "reactions": [
            [entry.client_id, (entry.target or {}).get("seq"), entry.emoji, entry.on, entry.state]
            for entry in outbox.reactions
        ],
        "in_flight": outbox.in_flight,
        "ready": outbox.is_ready,
    }


def presence_state(presence: Presence) -> dict[str, Any]:
    return {"v": presence.v, "users": [user["id"] for user in presence.users], "count": presence.count}


MACHINES: dict[
    str, tuple[Callable[[], Any], Callable[[Any], dict[str, Any]], Callable[[Any], dict[str, Any]]]
] = {
    "log": (RoomLog, log_input, log_state),
    "outbox": (Outbox, dict, outbox_state),
    "presence": (Presence, dict, presence_state),
    "reconnect": (Reconnect, dict, lambda reconnect: {"attempt": reconnect.attempt}),
}
FILES = {path.stem: json.loads(path.read_text()) for path in sorted(VECTORS.glob("*.json"))}


def test_there_is_a_machine_for_every_file_of_vectors() -> None:
    assert {file["machine"] for file in FILES.values()} == MACHINES.keys()


@pytest.mark.parametrize(
    ("machine", "case"),
    [
        pytest.param(file["machine"], case, id=f"{file['machine']}: {case['name']}")
        for file in FILES.values()
        for case in file["cases"]
    ],
)
def test_the_rules_that_every_client_keeps(machine: str, case: dict[str, Any]) -> None:
    make, input_of, state_of = MACHINES[machine]
    under_test = make()

    for number, step in enumerate(case["steps"], 1):
        given = input_of(step["in"])
        actions = getattr(under_test, given.pop("do"))(**given)
        assert actions == step["out"], f"step {number}"
        expected = step.get("state", {})
        state = state_of(under_test)
        assert {key: state[key] for key in expected} == expected, f"step {number}"
