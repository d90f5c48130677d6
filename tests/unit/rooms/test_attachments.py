"""Attachments: small, versioned, and there again when the device is."""

from __future__ import annotations

import pytest

from chatapp.errors import BadRequest, Conflict, NotJoined, TooLong
from tests.unit.rooms.house import ANA, House, attach, disconnect, join, leave, member, rules


def test_each_write_counts_a_version_and_a_repeat_does_not(house: House) -> None:
    house.join(ANA)

    first = house.ask(attach(ANA, '{"a":1}'))
    again = house.ask(attach(ANA, '{"a":1}'))
    second = house.ask(attach(ANA, "2", version=1))

    assert [(a.version, a.value) for a in (first, again, second)] == [
        (1, '{"a":1}'),
        (1, '{"a":1}'),
        (2, "2"),
    ]
    record = house.storage.sessions["ana", "tab"]
    assert (record.attachment, record.attachment_version) == ("2", 2)


def test_a_stale_version_is_a_conflict_that_says_the_present_one(house: House) -> None:
    house.join(ANA, attachment="1")
    house.ask(attach(ANA, "2"))

    with pytest.raises(Conflict) as refusal:
        house.ask(attach(ANA, "3", version=1))

    assert refusal.value.extra == {"version": 2}
    assert house.storage.sessions["ana", "tab"].attachment == "2"


@pytest.mark.parametrize(
    ("current", "patch", "value"),
    [
        (None, '{"a":1}', '{"a":1}'),
        ('{"a":1,"b":2}', '{"b":null,"c":3}', '{"a":1,"c":3}'),
        ('{"a":{"x":1}}', '{"a":{"y":2}}', '{"a":{"y":2}}'),
        ("[1]", '{"a":1}', '{"a":1}'),
        (
            '{"a":123456789012345678901234567890}',
            '{"b":1.10}',
            '{"a":123456789012345678901234567890,"b":1.10}',
        ),
    ],
)
def test_a_merge_sets_keys_and_keeps_the_others(
    house: House, current: str | None, patch: str, value: str
) -> None:
    house.join(ANA, attachment=current)

    assert house.ask(attach(ANA, patch, is_merge=True)).value == value


def test_only_an_object_can_be_merged(house: House) -> None:
    house.join(ANA)

    with pytest.raises(BadRequest) as refusal:
        house.ask(attach(ANA, "[1]", is_merge=True))

    assert refusal.value.field == "merge"


def test_the_limit_holds_for_the_result_and_in_bytes() -> None:
    house = House(rules(attachment_limit_bytes=16))
    with pytest.raises(TooLong):
        house.ask(join(ANA, attachment='"' + "ä" * 8 + '"'))
    house.join(ANA, attachment='{"a":"1234567"}')
    with pytest.raises(TooLong) as refusal:
        house.ask(attach(ANA, '{"b":1}', is_merge=True))
    assert refusal.value.field == "merge"
    with pytest.raises(TooLong):
        house.ask(attach(ANA, '"' + "ä" * 8 + '"'))

    assert house.storage.sessions["ana", "tab"].attachment == '{"a":"1234567"}'


@pytest.mark.parametrize("sleeps", [False, True])
def test_a_device_that_comes_back_finds_its_attachment(house: House, sleeps: bool) -> None:
    house.join(ANA, attachment='{"a":1}')
    house.say(leave(ANA))
    if sleeps:
        house.wake()

    back = house.join(member("ana", connection="new"))
    other = house.join(member("ana", device="phone"))

    assert (back.attachment, back.attachment_version) == ('{"a":1}', 1)
    assert (other.attachment, other.attachment_version) == (None, 0)


def test_an_attachment_given_at_a_join_replaces_and_counts_on(house: House) -> None:
    house.join(ANA, attachment="1")
    house.say(disconnect(ANA))

    joined = house.join(ANA, attachment="2")

    assert (joined.attachment, joined.attachment_version) == ("2", 2)


def test_only_who_has_joined_may_attach(house: House) -> None:
    with pytest.raises(NotJoined):
        house.ask(attach(ANA, "1"))
