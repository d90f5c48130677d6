"""Session snapshots: who of another node is here is what that node says, and nothing else."""

from __future__ import annotations

import pytest

from chatapp.errors import NotJoined
from chatapp.rooms.attendance.people import PersonJoined
from chatapp.rooms.attendance.presence import PresenceChanged
from tests.unit.rooms.house import (
    ANA,
    House,
    disconnect,
    get_presence,
    ids_of,
    member,
    only,
    rules,
    snapshot,
)

GRACE_MS = 15_000
BEN = member("ben", node="there")
CLEO = member("cleo", node="there")
PLAIN = member("pia", node="there", lingers=False)


def present(house: House) -> set[str]:
    house.pass_time(1_000)
    return ids_of(house.ask(get_presence(ANA)).people)


@pytest.fixture
def full(house: House) -> House:
    """Ana is here; Ben, Cleo and Pia are at another node, and the room knows it."""
    house.storage.live_nodes.add("there")
    for each in (ANA, BEN, CLEO, PLAIN):
        house.join(each)
    return house


def test_who_is_missing_in_a_snapshot_is_gone_after_the_grace_or_at_once(full: House) -> None:
    full.say(snapshot("there", BEN))

    assert present(full) == {"ana", "ben", "cleo"}
    full.pass_time(GRACE_MS)
    assert present(full) == {"ana", "ben"}


def test_a_snapshot_that_says_what_is_known_changes_nothing_and_stores_nothing(full: House) -> None:
    full.pass_time(1_000)
    said = full.say(snapshot("there", BEN, CLEO, PLAIN))

    assert said == [None]
    assert full.said == []
    assert full.is_quiet()


def test_who_was_never_heard_of_is_here_and_told_of(full: House) -> None:
    """It came while the room could not be told, or while its node was thought dead."""
    dora = member("dora", node="there")

    full.say(snapshot("there", BEN, CLEO, PLAIN, dora))

    assert [word.person.id for word in only(full.said, PersonJoined)] == ["dora"]
    assert dora in full.audience.values(), "its node is told what the room says"
    assert present(full) == {"ana", "ben", "cleo", "pia", "dora"}


def test_who_lingered_is_back_by_a_snapshot(full: House) -> None:
    full.say(disconnect(BEN))
    full.say(snapshot("there", BEN, CLEO, PLAIN))
    full.pass_time(2 * GRACE_MS)

    assert present(full) == {"ana", "ben", "cleo", "pia"}


def test_of_those_who_are_just_joining_a_snapshot_says_nothing(full: House) -> None:
    full.say(snapshot("there", CLEO, PLAIN, joining=[BEN.connection_id]))
    full.pass_time(2 * GRACE_MS)

    assert present(full) == {"ana", "ben", "cleo", "pia"}


def test_an_older_snapshot_is_not_heard(full: House) -> None:
    full.say(snapshot("there", BEN, CLEO, PLAIN, number=7))
    full.say(snapshot("there", number=6))
    full.pass_time(2 * GRACE_MS)

    assert present(full) == {"ana", "ben", "cleo", "pia"}


def test_a_snapshot_says_nothing_of_other_nodes(full: House) -> None:
    full.say(snapshot("elsewhere"))
    full.pass_time(2 * GRACE_MS)

    assert present(full) == {"ana", "ben", "cleo", "pia"}


def test_after_a_wake_a_snapshot_says_which_connections_a_device_has(full: House) -> None:
    """Until then every connection of that node is believed."""
    full.wake()
    full.say(snapshot("there", BEN, CLEO, PLAIN))

    with pytest.raises(NotJoined):
        full.ask(get_presence(member("ben", node="there", connection="c-other")))
    full.say(disconnect(BEN))
    full.pass_time(GRACE_MS)
    assert present(full) == {"ana", "cleo", "pia"}


def test_a_node_under_a_new_name_keeps_its_people(full: House) -> None:
    renamed = [
        member(each.user_id, node="there again", connection=each.connection_id, lingers=each.lingers)
        for each in (BEN, CLEO, PLAIN)
    ]
    full.say(snapshot("there again", *renamed))
    full.say(snapshot("there", number=1 << 62))
    full.pass_time(2 * GRACE_MS)

    assert present(full) == {"ana", "ben", "cleo", "pia"}


def test_attachments_of_those_who_come_by_a_snapshot_are_recalled() -> None:
    house = House(rules(presence_grace_ms=0))
    house.storage.live_nodes.add("there")
    house.join(ANA)
    house.join(BEN, attachment='{"draft":1}')
    house.say(snapshot("there"))
    house.pass_time(1_000)
    house.say(snapshot("there", BEN, number=2))

    assert house.storage.sessions["ben", BEN.device].attachment == '{"draft":1}'
    assert house.storage.sessions["ben", BEN.device].is_present


# --- what the node has heard of presence ----------------------------------------------------


def told_by_snapshot(
    house: House, presence: tuple[int, int] | None, *, may_lack: bool = False
) -> list[PresenceChanged]:
    """What everybody is told because a node says that it has heard up to there."""
    before = len(only(house.said, PresenceChanged))
    house.say(snapshot("there", BEN, CLEO, PLAIN, presence=presence, may_lack_presence=may_lack))
    house.pass_time(1_000)
    return only(house.said, PresenceChanged)[before:]


def test_a_node_that_has_missed_a_change_makes_the_room_tell_the_whole(full: House) -> None:
    full.pass_time(1_000)
    epoch, number = full.ask(get_presence(ANA)).version

    (told,) = told_by_snapshot(full, (epoch, number - 1))

    assert told.is_full
    assert ids_of(told.people) == {"ana", "ben", "cleo", "pia"}
    assert told.version == (epoch, number + 1)


@pytest.mark.parametrize("may_lack", [False, True])
def test_a_node_that_has_heard_the_newest_changes_nothing(full: House, may_lack: bool) -> None:
    full.pass_time(1_000)

    assert told_by_snapshot(full, full.ask(get_presence(ANA)).version, may_lack=may_lack) == []


def test_a_node_of_the_version_before_says_nothing_of_presence_and_is_told_nothing(full: House) -> None:
    full.pass_time(1_000)

    assert told_by_snapshot(full, None) == []
