"""Crowds that are broken instead of the nodes: people whose client leaves one of its promises out.

They run in the program of the suite itself, so each is a context, which puts back what it took out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from unittest.mock import patch

from chatapp.client import row_changes
from chatapp.client.changes import Held, changed_by
from chatapp.client.wire import Event


def no_rev() -> AbstractContextManager[object]:
    """A client takes each change that comes for newer than what it has, also than what it has read since."""

    def blindly(held: Held, change: Event, me: str) -> Held | None:
        body = {**held.event["body"], "edited_seq": 0}
        return changed_by(Held({**held.event, "rev": 0, "body": body}, held.mine), change, me)

    return patch.object(row_changes, "changed_by", blindly)


CROWDS: Mapping[str, Callable[[], AbstractContextManager[object]]] = {"no_rev": no_rev}
