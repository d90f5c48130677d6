"""The checker of a simulated room: compares what is on screens, what was told and acked, and the log.

::

    I2  something is in the log twice           I15 somebody's last state of a message is not the stored one
    I7  the log has a gap                       I16 words that were taken back are told after it (noted as
    I8  the epoch falls along seq                   it happens)
    I12 somebody is behind after the healing    I17 a change was acked, and its effect is not there; or it is
    I13 somebody never got rid of what              there, and was refused
        they had to say
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from chatapp.errors import ChatError
from chatapp.rooms.changing import Changed, DeleteMessage, EditMessage
from chatapp.rooms.commands import Authored
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies
from chatapp.rooms.messages.aspect import Posted, PostFiles, PostMessage
from chatapp.rooms.messages.pages import is_row
from chatapp.rooms.messages.targets import ReactionKey
from chatapp.rooms.reacting import React

if TYPE_CHECKING:
    from tests.unit.simulated.person import Wish
    from tests.unit.simulated.simulation import RoomSimulation

FRAME_SECONDS = 10.0  # what was under way may still arrive

Found = Iterator[str]


def violations(simulation: RoomSimulation) -> list[str]:
    return [
        *simulation.watched.violations,
        *_log(simulation),
        *_screens(simulation),
        *_answers(simulation),
        *_states(simulation),
        *_reactions(simulation),
        *_files(simulation),
    ]


def _log(simulation: RoomSimulation) -> Found:
    row = simulation.world.row()
    seqs = [stored.event.seq for stored in row.log]
    if seqs != list(range(1, row.last_seq + 1)):
        yield f"I7 {seqs}, last_seq {row.last_seq}"
    epochs = [stored.epoch for stored in row.log]
    if epochs != sorted(epochs):
        yield f"I8 {epochs}"
    ids = [(stored.event.user_id, stored.event.client_id) for stored in row.log]
    yield from (f"I2 {each} twice in the log" for each in set(ids) if ids.count(each) > 1)


def _screens(simulation: RoomSimulation) -> Found:
    truth = {
        event.seq: (event.rev or event.seq, msgspec.json.decode(event.body))
        for event in simulation.storage.told(cutoff=0)
        if is_row(event)
    }
    for person in simulation.people:
        if person.cursor < simulation.head:
            yield f"I12 {person.name} knows {person.cursor} of {simulation.head}"
        if person.outbox:
            yield f"I13 {person.name} never got rid of {person.outbox}"
        yield from (f"I15 {each}" for each in person.gone_back)
        for seq, stored in truth.items():
            if (shown := person.screen.rows.get(seq)) != stored:
                yield f"I15 {seq} is {shown} to {person.name}, and {stored} in the log"


def _answers(simulation: RoomSimulation) -> Found:
    """Of whatever names itself: what was answered, first or again, stands in the log once, and as that."""
    log = {(e.user_id, e.client_id): e for e in simulation.log}
    for command, answer in simulation.watched.answers:
        if not isinstance(command, Authored):
            continue
        stored = log.get((command.author_id, command.client_id))
        match answer:
            case Posted() | Changed():
                if stored is None or (stored.seq, stored.type) != (answer.seq, _type_of(command)):
                    yield f"I17 {command} was acked as {answer.seq}, and is {stored}"
            case ChatError(retryable=False) if stored is not None and answer.code != "not_joined":
                yield f"I17 {command} was refused as {answer.code}, and is {stored}"


def _type_of(command: Authored) -> str:
    match command:
        case EditMessage():
            return "edit"
        case DeleteMessage():
            return "delete"
        case _:
            assert isinstance(command, PostMessage)
            return "message"


def _files(simulation: RoomSimulation) -> Found:
    """What is bound is what is told, of messages that are there; who was acked has their file on it."""
    told = {
        upload.id: event.seq
        for event in simulation.storage.events
        if event.type == "message"
        for upload in bodies.uploads_of(event.body)
    }
    if told != simulation.storage.bound:
        yield f"I17 bound are {simulation.storage.bound}, and told {told}"
    deleted = {event.seq for event in simulation.storage.events if bodies.is_deleted(event.body)}
    for command, answer in simulation.watched.answers:
        if isinstance(command, PostFiles) and isinstance(answer, Posted) and answer.seq not in deleted:
            yield from (
                f"I17 {file} was acked with {answer.seq}"
                for file in command.uploads
                if told.get(file) != answer.seq
            )


def _states(simulation: RoomSimulation) -> Found:
    """A message says what the last edit of it said, by the log's order; or nothing, from its deletion on."""
    contents = {
        (command.author_id, command.client_id): command.content
        for command, _ in simulation.watched.answers
        if isinstance(command, PostMessage | EditMessage)
    }
    expected: dict[int, str | None] = {}
    for event in simulation.log:
        said = contents.get((event.user_id, event.client_id))
        match event.type:
            case "message":
                expected[event.seq] = said
            case "edit":
                expected[event.target] = said
            case "delete":
                expected[event.target] = None
    for event in simulation.storage.told(cutoff=0):
        if is_row(event) and (says := _says(event)) != expected[event.seq]:
            yield f"I17 {event.seq} says {says!r}, and not {expected[event.seq]!r}"


def _says(event: RoomEvent) -> str | None:
    body = msgspec.json.decode(event.body)
    return None if bodies.is_deleted(event.body) else str(body["content"])


def _reactions(simulation: RoomSimulation) -> Found:
    """The last that each person wanted, of messages that were not deleted; if nothing of it was under way."""
    storage, wanted = simulation.storage, dict[ReactionKey, tuple[bool, bool]]()
    for person in simulation.people:
        for wish in person.done:
            if isinstance(wish.command, React):
                key, is_on = _key_of(wish)
                is_sure = wanted.get(key, (False, True))[1] and not wish.was_given_up
                if not isinstance(wish.answer, ChatError):
                    wanted[key] = (is_on, is_sure)
    for key, (is_on, is_sure) in wanted.items():
        is_gone = bodies.is_deleted(storage.events[key.target - 1].body)
        if is_sure and not is_gone and (key in storage.reactions) != is_on:
            yield f"I17 {key} was turned {'on' if is_on else 'off'}, and is not"


def _key_of(wish: Wish) -> tuple[Any, bool]:
    (change,) = wish.command.changes
    return ReactionKey(change.target.seq, change.emoji, change.user_id), change.on
