"""Latecomers: people who come into a room that has a past, and scroll up while news of it is late.

What they read is newer than what they have been told: changes come to them that their page has seen already.
"""

from __future__ import annotations

import signal

from chatapp.client.changes import rev_of
from faults.crowd import Crowd
from faults.person import Person
from faults.processes import until
from faults.topology import Topology

TIMES = 3  # somebody thinks again, and again
SECONDS = 20.0


def read_ahead(chat: Topology, crowd: Crowd, room: str) -> bool:
    """An old message is edited where its room is owned, and read elsewhere before that is heard of there.

    False if it was heard of. The two people stay, as guests of the crowd.
    """
    assert chat.valkey is not None
    owner = chat.owner_of(room)
    elsewhere = next(node for node in chat.nodes if node is not owner)
    reader = _guest(crowd, f"late-in-{room}", room, elsewhere.url)
    author, seq = _just_above(_oldest(reader), room, crowd)
    phone = _guest(crowd, f"{author.name}-on-a-phone", room, owner.url, token=author.client.token)
    _scroll_up(phone)

    chat.valkey.signal(signal.SIGSTOP)
    try:
        for _ in range(TIMES):
            words = f"{author.name} says late {phone.marked_words()}"
            phone.client.wait_sent(room, phone.client.edit(room, seq, words), SECONDS)
        _scroll_up(reader)
        return _is_ahead(reader, seq)
    finally:
        chat.valkey.signal(signal.SIGCONT)


def _guest(crowd: Crowd, name: str, room: str, address: str, token: str | None = None) -> Person:
    guest = Person(name, room, [address], crowd.recorder, show=crowd.recorder.see, token=token)
    crowd.guests.append(guest)
    guest.come_in()
    return guest


def _oldest(person: Person) -> int:
    """The seq of the first row on the screen."""
    room = person.client.room(person.room)
    return int(person.client.take_turn(lambda: room.messages[0]["seq"]))


def _scroll_up(person: Person) -> None:
    room, oldest = person.client.room(person.room), _oldest(person)
    person.client.take_turn(room.older)
    until(lambda: _oldest(person) < oldest, SECONDS, "an older page")


def _just_above(seq: int, room: str, crowd: Crowd) -> tuple[Person, int]:
    """The message before this place that is not deleted, and who has said it."""
    here = {person.id: person for person in crowd.here if person.room == room}
    member = next(iter(here.values()))
    messages = member.client.take_turn(lambda: list(member.client.room(room).messages))
    above = [each for each in messages if each["seq"] < seq and "deleted" not in each["body"]]
    return here[above[-1]["user"]["id"]], int(above[-1]["seq"])


def _is_ahead(person: Person, seq: int) -> bool:
    """Whether this client has a message newer than all that it was told of the room."""
    room = person.client.room(person.room)
    held = person.client.take_turn(lambda: room.log.message_at(seq))
    return held is not None and rev_of(held.event) > room.log.last
