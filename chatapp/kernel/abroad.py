"""Abroad: the rooms that other nodes own, as far as somebody here speaks to them.

    here ──owned elsewhere──▶ passage ──answers──▶ passage
      ▲                          │ silence, nobody there, moved
      └──── acquire again ◀── is the owner dead? (proof, not guess)

Whoever owns a room is what the database says at the moment of an ``acquire``; a passage remembers it
and no more. So a takeover is nothing but the same question asked again, and while the answer is
being found, what was said waits in its order. While the relay is down nobody abroad can be reached:
what is not taken over is refused at once, to be asked again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from chatapp.errors import OwnerUnavailable
from chatapp.kernel.mailbox import Envelope, ForwardedEnvelope
from chatapp.kernel.node import Node
from chatapp.kernel.passage import Passage
from chatapp.kernel.peer_messages import Answered
from chatapp.kernel.ports import OwnedElsewhere, Relay, Scheduler

TIDY_SECONDS = 30.0
UNUSED_SECONDS = 60.0


class Abroad:
    def __init__(self, node: Node, relay: Relay) -> None:
        self.relay = relay
        self.on_declared_dead: Callable[[str], None] = lambda node_id: None
        self._node = node
        self._passages: dict[str, Passage] = {}
        self._suspects: dict[str, list[Passage]] = {}
        self.new_forward_id = itertools.count(1).__next__
        self.new_sequence_id = itertools.count(1).__next__
        node.on_elsewhere = self.elsewhere
        node.scheduler.call_later(TIDY_SECONDS, self._tidy)

    # --- what passages ask for ------------------------------------------------------------

    @property
    def scheduler(self) -> Scheduler:
        return self._node.scheduler

    @property
    def node_id(self) -> str:
        return self._node.node_id

    def now_ms(self) -> int:
        return self._node.clock.now_ms()

    # --- commands -------------------------------------------------------------------------

    def takes(self, envelope: Envelope) -> bool:
        """True if the room's way abroad is known; the command is then on it."""
        room_id = envelope.command.room_id
        passage = self._passages.get(room_id)
        if passage is None or (not passage.has_waiting and self._node.is_awake(room_id)):
            return False
        passage.take([envelope])
        return True

    def elsewhere(self, room_id: str, owner_id: str, envelopes: Sequence[Envelope]) -> None:
        """An ``acquire`` has found that another node owns the room."""
        mine = []
        for envelope in envelopes:
            if isinstance(envelope, ForwardedEnvelope):
                envelope.answer(OwnedElsewhere(owner_id))  # who sent it asks the database itself
            elif not envelope.stays:
                mine.append(envelope)
        if not mine:
            return
        passage = self._passages.get(room_id)
        if passage is None or passage.owner_id != owner_id:
            waiting = passage.take_back() if passage is not None else []
            passage = self._passages[room_id] = Passage(room_id, owner_id, self)
            mine = waiting + mine
        is_first_try = all(envelope.gives_up_at is None for envelope in mine)
        if not self.relay.is_up and not is_first_try:
            del self._passages[room_id]
            _refuse([*passage.take_back(), *mine])
            return
        passage.take(mine)
        if self.relay.is_up:
            passage.open_soon(is_first_try=is_first_try)
        else:
            self.suspect(passage)

    def answered(self, answered: Answered) -> None:
        passage = self._passages.get(answered.room_id)
        if passage is not None:
            passage.answered(answered.forward_id, answered.answer)

    # --- who owns it now ------------------------------------------------------------------

    def suspect(self, passage: Passage) -> None:
        """Something is wrong with the owner: if it is dead, say so; then see who owns the room."""
        suspects = self._suspects.setdefault(passage.owner_id, [])
        suspects.append(passage)
        if len(suspects) == 1:
            owner_id = passage.owner_id
            self._node.declare_dead_if_proven(
                owner_id, done=lambda is_dead: self._on_judged(owner_id, is_dead)
            )

    def _on_judged(self, owner_id: str, is_dead: bool | BaseException) -> None:
        self._node.meter.judged(is_dead=is_dead is True)
        for passage in self._suspects.pop(owner_id):
            self.find(passage)
        if is_dead is True:
            self.declared_dead([owner_id])

    def declared_dead(self, node_ids: Sequence[str]) -> None:
        """These nodes are dead: whoever waits for one of them asks again at once."""
        for passage in [p for p in self._passages.values() if p.owner_id in node_ids]:
            passage.give_up()
        for node_id in node_ids:
            self.on_declared_dead(node_id)

    def find(self, passage: Passage) -> None:
        """Ask the database again, on behalf of all who wait."""
        if self._passages.get(passage.room_id) is not passage:
            return
        del self._passages[passage.room_id]
        envelopes = passage.take_back()
        if envelopes:
            self._node.again(passage.room_id, envelopes)

    def _tidy(self) -> None:
        unused_since = self.scheduler.elapsed() - UNUSED_SECONDS
        for room_id, passage in list(self._passages.items()):
            if not passage.has_waiting and passage.used_at < unused_since:
                del self._passages[room_id]
        self.scheduler.call_later(TIDY_SECONDS, self._tidy)


def _refuse(envelopes: Sequence[Envelope]) -> None:
    for envelope in envelopes:
        envelope.answer(OwnerUnavailable())
