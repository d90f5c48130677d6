"""A web node inside a program of somebody's own, led by flask_socketio's means alone.

Run as `python -m tests.integration.embedded_node`; prints one JSON object with what it saw.
"""

# ruff: noqa: E402 - the patch comes before everything it is to reach

from __future__ import annotations

import os
import warnings

os.environ["EVENTLET_NO_GREENDNS"] = "yes"
warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")

import eventlet

eventlet.monkey_patch()

import json
import sys
from typing import Any

from chatapp.factory import WebNode, create_app
from chatapp.settings import Settings
from chatapp.store.migrations import upgrade

NAMESPACE = "/chat"


def main() -> None:
    settings = Settings.from_environment()
    upgrade(settings.database_url)
    node = create_app(settings)
    node.start()
    try:
        json.dump(seen_by_test_clients(node), sys.stdout)
    finally:
        node.stop()


def seen_by_test_clients(node: WebNode) -> dict[str, Any]:
    """Ana is in the lobby, Bo in the kitchen; both hear what is sent to their room, and no more."""
    ana, bo = client(node, "Ana"), client(node, "Bo")
    seen: dict[str, Any] = {"greeting": names(ana.get_received(NAMESPACE))}
    seen["join"] = ask(ana, "join", {"room": "lobby"})
    ask(bo, "join", {"room": "kitchen"})
    seen["message"] = ask(ana, "message", {"room": "lobby", "client_id": "c-1", "content": "Hello"})
    seen["unknown"] = ask(ana, "no_such_event", {})
    eventlet.sleep(0)
    seen["event"] = [each["args"] for each in ana.get_received(NAMESPACE) if each["name"] == "event"]
    bo.get_received(NAMESPACE)

    node.socketio.emit("notice", {"text": "to the lobby"}, to="lobby", namespace=NAMESPACE)
    seen["ana_in_the_lobby"] = notices(ana)
    seen["bo_in_the_kitchen"] = notices(bo)

    ask(ana, "leave", {"room": "lobby"})
    node.socketio.emit("notice", {"text": "to the lobby"}, to="lobby", namespace=NAMESPACE)
    seen["ana_after_leaving"] = notices(ana)

    stranger = node.socketio.test_client(node.app, namespace=NAMESPACE, auth={"token": "nonsense"})
    seen["is_stranger_connected"] = stranger.is_connected(NAMESPACE)
    ana.disconnect(NAMESPACE)
    seen["rooms_left"] = [room for room in node.socketio.server.manager.rooms[NAMESPACE] if room == "lobby"]
    return seen


def client(node: WebNode, name: str) -> Any:
    signed_in = node.app.test_client().post("/api/session", json={"name": name}).get_json()
    connected = node.socketio.test_client(node.app, namespace=NAMESPACE, auth={"token": signed_in["token"]})
    with eventlet.Timeout(10):
        while not connected.queue:  # the greeting follows the connect packet, some turns of the hub later
            eventlet.sleep(0.005)
    return connected


def ask(talker: Any, event: str, payload: Any) -> Any:
    """The test client returns an ack that is there at once; ours comes after the COMMIT."""
    ack = talker.emit(event, payload, namespace=NAMESPACE, callback=True)
    with eventlet.Timeout(10):
        while ack is None:
            eventlet.sleep(0.005)
            if talker.acks is not None:
                ack, talker.acks = talker.acks["args"][0], None
    return ack


def names(received: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in received]


def notices(talker: Any) -> list[str]:
    return [each["args"][0]["text"] for each in talker.get_received(NAMESPACE) if each["name"] == "notice"]


if __name__ == "__main__":
    main()
