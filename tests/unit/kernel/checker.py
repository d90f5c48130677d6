"""The checker: reads what everybody did, heard and stored, and names every broken promise.

::

    I1 an acked message is lost             I8 the epoch falls along seq
    I2 a message twice                      I9 what was refused for good is visible
    I3 two observers disagree about a seq   I10 a message nobody sent
    I5 an owner's broadcasts not in order   I11 acked before the other was sent, yet behind it
    I6 a sender's messages out of order     I12 somebody is still behind after the healing
    I7 the log has a gap                    I13 a command not answered in time, or twice
    L2 seen or acked before it was stored   I14 an ack that changed between retries
    L3 the time falls along seq
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatapp.errors import ChatError
from tests.fakes.storage import FakeDatabase, RoomRow
from tests.unit.kernel.log_room import Posted, Said, Say
from tests.unit.kernel.world import Process

ANSWER_SECONDS = 10.0
NEVER_STORED = ("rude", "poison", "bug in need", "bug in learn", "bug in handle", "bug in finish")


@dataclass(kw_only=True)
class Sending:
    """One command on its way, once; a retry is another. ``step`` numbers order all that happens."""

    command: Any
    process: Process
    step: int
    at: float
    answers: list[tuple[int, float, Any]] = field(default_factory=list)

    @property
    def posted(self) -> Posted | None:
        answer = self.answers[0][2] if self.answers else None
        return answer if isinstance(answer, Posted) else None


@dataclass(kw_only=True)
class History:
    """``told`` is what each process broadcast, ``views`` what each person ended up with."""

    sendings: list[Sending] = field(default_factory=list)
    told: defaultdict[tuple[str, str], list[tuple[int, Said]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    views: dict[str, tuple[str, list[Said]]] = field(default_factory=dict)
    too_early: list[str] = field(default_factory=list)


def violations(history: History, database: FakeDatabase) -> list[str]:
    found = list(history.too_early)
    for room_id, row in database.rooms.items():
        sendings = [
            s for s in history.sendings if isinstance(s.command, Say) and s.command.room_id == room_id
        ]
        found += _log(room_id, row)
        found += _acks(row, sendings)
        found += _content(row, sendings)
        found += _real_time(sendings)
        found += _sender_order(row, sendings)
    found += _observers(history, database)
    found += _answers(history.sendings)
    return found


def _log(room_id: str, row: RoomRow) -> Iterator[str]:
    seqs = [stored.event.seq for stored in row.log]
    if seqs != list(range(1, row.last_seq + 1)):
        yield f"I7 {room_id}: {seqs}, last_seq {row.last_seq}"
    epochs = [stored.epoch for stored in row.log]
    if epochs != sorted(epochs):
        yield f"I8 {room_id}: {epochs}"
    times = [stored.event.ts for stored in row.log]
    if times != sorted(times):
        yield f"L3 {room_id}: {times}"
    ids = [stored.event.client_id for stored in row.log]
    yield from (
        f"I2 {room_id}: {client_id} twice in the log" for client_id in set(ids) if ids.count(client_id) > 1
    )


def _acks(row: RoomRow, sendings: Sequence[Sending]) -> Iterator[str]:
    stored = {(s.event.seq, s.event.client_id) for s in row.log}
    acked: dict[str, int] = {}
    for sending in sendings:
        if sending.posted is None:
            continue
        client_id, seq = sending.command.client_id, sending.posted.seq
        if (seq, client_id) not in stored:
            yield f"I1 {client_id} was acked as {seq}"
        if acked.setdefault(client_id, seq) != seq:
            yield f"I14 {client_id} was acked as {acked[client_id]} and {seq}"


def _content(row: RoomRow, sendings: Sequence[Sending]) -> Iterator[str]:
    sent = {s.command.client_id: s.command.text for s in sendings}
    for stored in row.log:
        event = stored.event
        if sent.get(event.client_id) != event.text:
            yield f"I10 nobody sent {event}"
        if event.text in NEVER_STORED:
            yield f"I9 {event} is visible"


def _real_time(sendings: Sequence[Sending]) -> Iterator[str]:
    """Sweep over time: who is sent now must end behind everybody acked by now."""
    moments: list[tuple[int, int, Sending]] = []
    first_sent: dict[str, int] = {}
    for sending in sendings:
        first_sent.setdefault(sending.command.client_id, sending.step)
        if sending.posted is not None:
            moments.append((first_sent[sending.command.client_id], 0, sending))
            moments.append((sending.answers[0][0], 1, sending))
    highest = 0
    floor: dict[int, int] = {}
    for _, is_ack, sending in sorted(moments, key=lambda moment: moment[:2]):
        assert sending.posted is not None
        if not is_ack:
            floor[id(sending)] = highest
            continue
        if sending.posted.seq <= floor[id(sending)]:
            yield f"I11 {sending.command.client_id} at {sending.posted.seq}, not behind {floor[id(sending)]}"
        highest = max(highest, sending.posted.seq)


def _sender_order(row: RoomRow, sendings: Sequence[Sending]) -> Iterator[str]:
    """Of what was sent once and acked; a retry takes its place when it comes."""
    by_sender: defaultdict[str, list[Sending]] = defaultdict(list)
    for sending in sendings:
        if sending.posted is not None and not sending.command.is_retry:
            by_sender[sending.command.user_id].append(sending)
    for sender, sent in by_sender.items():
        seqs = [s.posted.seq for s in sent if s.posted is not None]
        if seqs != sorted(seqs):
            yield f"I6 {sender}: {seqs}"


def _observers(history: History, database: FakeDatabase) -> Iterator[str]:
    truth = {room_id: {s.event.seq: s.event for s in row.log} for room_id, row in database.rooms.items()}
    for (process, room_id), told in history.told.items():
        seqs = [event.seq for _, event in told]
        if any(a >= b for a, b in itertools.pairwise(seqs)):
            yield f"I5 {process} told {room_id}: {seqs}"
        yield from (f"I3 {process} told {e}" for _, e in told if truth[room_id].get(e.seq) != e)
    for person, (room_id, view) in history.views.items():
        yield from (f"I3 {person} saw {e}" for e in view if truth.get(room_id, {}).get(e.seq) != e)
        ids = [event.client_id for event in view]
        if len(set(ids)) < len(ids):
            yield f"I2 {person} saw a message twice"
        if len(view) < len(truth.get(room_id, {})):
            yield f"I12 {person} knows {len(view)} of {len(truth[room_id])}"


def _answers(sendings: Sequence[Sending]) -> Iterator[str]:
    for sending in sendings:
        if len(sending.answers) > 1:
            yield f"I13 {sending.command} was answered {len(sending.answers)} times"
        hub = sending.process.hub
        if not sending.answers and not hub.is_killed:
            yield f"I13 {sending.command} was never answered"
        if sending.answers and not hub.was_frozen:
            seconds = sending.answers[0][1] - sending.at
            if seconds > ANSWER_SECONDS:
                yield f"I13 {sending.command} was answered after {seconds:.1f} s"


def refusals(history: History) -> list[str]:
    """The codes of all refusals, for counting."""
    answers = [s.answers[0][2] for s in history.sendings if s.answers]
    return [answer.code for answer in answers if isinstance(answer, ChatError)]
