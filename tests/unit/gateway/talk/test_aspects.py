"""What a client may say is handled by one aspect each, as what is said to a room is."""

from __future__ import annotations

import pytest

from chatapp.gateway.talk.aspect import handlers_of
from chatapp.gateway.talk.conversation import HANDLERS
from chatapp.gateway.talk.reading import Reading
from chatapp.protocol.catalogue import REQUESTS


def test_every_event_that_can_be_said_has_a_handler() -> None:
    assert set(HANDLERS) == set(REQUESTS.values())


def test_a_second_handler_of_an_event_is_refused_at_once() -> None:
    class Twice(Reading):
        """Says that it handles the same."""

    with pytest.raises(TypeError, match=r"declared twice: .*ReadRequest"):
        handlers_of((Reading, Twice))
