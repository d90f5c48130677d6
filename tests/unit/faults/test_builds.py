"""Broken builds: all that scenarios must notice are there, and a broken crowd is whole again afterwards."""

from __future__ import annotations

from chatapp.client import row_changes
from chatapp.client.changes import Held
from chatapp.client.wire import Json
from faults.broken import BUILDS
from faults.broken_crowd import CROWDS, no_rev
from faults.scenarios import SCENARIOS


def test_every_build_that_must_be_noticed_is_there_and_every_one_that_is_there_must_be_noticed() -> None:
    noticed = {build for scenario in SCENARIOS.values() for build in scenario.catches}

    assert noticed == BUILDS.keys() | CROWDS.keys()
    assert not BUILDS.keys() & CROWDS.keys()


def text_after(change_seq: int) -> str:
    """Of a message that has seen the edit 5, and is told of an edit."""
    target = {"seq": 1, "id": "m1"}
    newest: Json = {"content": "newest", "edited_at": 5, "edited_seq": 5}
    older: Json = {"target": target, "content": "older", "edited_at": 3, "edited_seq": change_seq}
    held = Held({"seq": 1, "id": "m1", "type": "message", "rev": 5, "body": newest})
    change = {"seq": change_seq, "type": "edit", "ts": 3, "body": older}
    changed = vars(row_changes)["changed_by"](held, change, "me")
    return str((changed or held).event["body"]["content"])


def test_a_crowd_without_rev_takes_what_is_older_and_only_as_long_as_it_is_broken() -> None:
    with no_rev():
        assert text_after(3) == "older"

    assert text_after(3) == "newest"
