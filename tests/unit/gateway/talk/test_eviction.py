"""A device whose dead connections still count is not locked out by itself."""

from __future__ import annotations

import pytest

from chatapp.errors import TooManyConnections
from chatapp.gateway.delivery.connections import Connection, Connections
from chatapp.gateway.talk.eviction import SILENT_SECONDS, evict_silent
from chatapp.limits import CONNECTIONS_PER_USER
from chatapp.limits.rates import Rates
from chatapp.protocol import Bye


class Recipient:
    """Silent since its ping was sent; ``ask`` sends one."""

    def __init__(self) -> None:
        self.unanswered_seconds = 0.0
        self.is_asked = self.is_cut = False

    def bye(self, bye: Bye) -> None:
        """Nobody says goodbye here."""

    def ask(self) -> None:
        self.is_asked = True

    def cut(self) -> None:
        self.is_cut = True


class Person:
    """With as many connections as one may have."""

    def __init__(self, user_id: str, beside: Person | None = None) -> None:
        self.user_id = user_id
        self.connections: Connections = beside.connections if beside else Connections()
        self.rates: Rates = beside.rates if beside else Rates(lambda: 0.0)
        self.recipients = [self.connect() for _ in range(CONNECTIONS_PER_USER)]

    def connect(self) -> Recipient:
        evict_silent(self.user_id, self.connections, self.rates)
        self.rates.open_connection(self.user_id)
        recipient = Recipient()
        self.connections.add(
            Connection(user_id=self.user_id, name="Ana", device="d", address="::1", recipient=recipient)
        )
        return recipient


@pytest.fixture
def ana() -> Person:
    return Person("ana")


def test_within_the_count_nobody_is_asked_anything() -> None:
    assert not any(recipient.is_asked for recipient in Person("ben").recipients)


def test_who_is_over_the_count_takes_the_place_of_the_longest_silent_of_ones_own(ana: Person) -> None:
    ben = Person("ben", beside=ana)
    ben.recipients[0].unanswered_seconds = 10 * SILENT_SECONDS
    ana.recipients[3].unanswered_seconds = SILENT_SECONDS
    ana.recipients[7].unanswered_seconds = SILENT_SECONDS + 1

    ana.connect()

    assert [number for number, recipient in enumerate(ana.recipients) if recipient.is_cut] == [7]
    ana.connect()
    assert [number for number, recipient in enumerate(ana.recipients) if recipient.is_cut] == [3, 7]
    assert ana.rates.people.count("ana") == CONNECTIONS_PER_USER
    assert not any(recipient.is_cut or recipient.is_asked for recipient in ben.recipients), (
        "that is somebody else's"
    )


def test_where_all_have_answered_lately_all_are_asked_and_the_new_one_is_told_to_come_back_later(
    ana: Person,
) -> None:
    ana.recipients[0].unanswered_seconds = SILENT_SECONDS / 2

    with pytest.raises(TooManyConnections) as refused:
        ana.connect()

    assert refused.value.retry_after_ms is not None
    assert refused.value.retry_after_ms > SILENT_SECONDS * 1000, "by then the silent ones are known"
    assert all(recipient.is_asked for recipient in ana.recipients)
    assert not any(recipient.is_cut for recipient in ana.recipients)
