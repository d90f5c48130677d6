"""A room's audience is a Socket.IO room: the means of Flask-SocketIO reach it and see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.running import ROOT


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What test clients saw of a node inside a program; that needs an interpreter of its own."""
    folder: Path = tmp_path_factory.mktemp("embedded")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.integration.embedded_node"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CHAT_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr, ran.stderr
    seen: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return seen


def test_a_test_client_is_greeted_joins_and_talks(seen: dict[str, Any]) -> None:
    assert seen["greeting"] == ["hello"]
    assert seen["join"]["ok"]
    assert (seen["message"]["ok"], seen["message"]["seq"]) == (True, 1)
    assert seen["unknown"]["error"]["code"] == "unknown_event"
    (event,) = seen["event"]
    assert event[0]["body"] == {"content": "Hello"}


def test_an_emit_to_the_room_reaches_whoever_joined_it_and_nobody_else(seen: dict[str, Any]) -> None:
    assert seen["ana_in_the_lobby"] == ["to the lobby"]
    assert seen["bo_in_the_kitchen"] == []


def test_who_has_left_is_out_of_the_socketio_room(seen: dict[str, Any]) -> None:
    assert seen["ana_after_leaving"] == []
    assert seen["rooms_left"] == []


def test_a_stranger_is_not_connected(seen: dict[str, Any]) -> None:
    assert seen["is_stranger_connected"] is False
