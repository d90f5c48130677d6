"""Remote rooms: those that other nodes own, as far as somebody here speaks to them.

    here ──owned elsewhere──▶ route ──answers──▶ route
      ▲                         │ silence, nobody there, moved
      └──── acquire again ◀── is the owner dead? (proof, not guess)

Whoever owns a room is what the database says at the moment of an ``acquire``; a route remembers it
and no more. So a takeover is nothing but the same question asked again, and while the answer is
being found, what was said waits in its order. While the relay is down no other node can be reached:
what is not taken over is refused at once, to be asked again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from chatapp.errors import OwnerUnavailable
from chatapp.kernel.mailbox import Envelope, ForwardedEnvelope
from chatapp.kernel.node import Node
from chatapp.kernel.peer_messages import Answered
from chatapp.kernel.ports import OwnedElsewhere, Relay, Scheduler
from chatapp.kernel.route import Route

TIDY_SECONDS = 30.0
UNUSED_SECONDS = 60.0


class RemoteRooms:
    """Fulfils ``RouteContext`` for its routes."""

    def __init__(self, node: Node, relay: Relay) -> None:
        self.relay = relay
        self.on_declared_dead: Callable[[str], None] = lambda node_id: None
        self._node = node
        self._routes: dict[str, Route] = {}
        self._suspects: dict[str, list[Route]] = {}
        self.new_forward_id = itertools.count(1).__next__
        self.new_sequence_id = itertools.count(1).__next__
        node.on_elsewhere = self.elsewhere
        node.scheduler.call_later(TIDY_SECONDS, self._tidy)

    # --- what routes ask for --------------------------------------------------------------

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
        """True if the room's route is known; the command is then on it."""
        room_id = envelope.command.room_id
        route = self._routes.get(room_id)
        if route is None or (not route.has_waiting and self._node.is_awake(room_id)):
            return False
        route.take([envelope])
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
        route = self._routes.get(room_id)
        if route is None or route.owner_id != owner_id:
            waiting = route.take_back() if route is not None else []
            route = self._routes[room_id] = Route(room_id, owner_id, self)
            mine = waiting + mine
        is_first_try = all(envelope.gives_up_at is None for envelope in mine)
        if not self.relay.is_up and not is_first_try:
            del self._routes[room_id]
            _refuse([*route.take_back(), *mine])
            return
        route.take(mine)
        if self.relay.is_up:
            route.open_soon(is_first_try=is_first_try)
        else:
            self.suspect(route)

    def answered(self, answered: Answered) -> None:
        route = self._routes.get(answered.room_id)
        if route is not None:
            route.answered(answered.forward_id, answered.answer)

    # --- who owns it now ------------------------------------------------------------------

    def suspect(self, route: Route) -> None:
        suspects = self._suspects.setdefault(route.owner_id, [])
        suspects.append(route)
        if len(suspects) == 1:
            owner_id = route.owner_id
            self._node.declare_dead_if_proven(
                owner_id, done=lambda is_dead: self._on_judged(owner_id, is_dead)
            )

    def _on_judged(self, owner_id: str, is_dead: bool | BaseException) -> None:
        self._node.meter.judged(is_dead=is_dead is True)
        for route in self._suspects.pop(owner_id):
            self.find(route)
        if is_dead is True:
            self.declared_dead([owner_id])

    def declared_dead(self, node_ids: Sequence[str]) -> None:
        """These nodes are dead: whoever waits for one of them asks again at once."""
        for route in [each for each in self._routes.values() if each.owner_id in node_ids]:
            route.give_up()
        for node_id in node_ids:
            self.on_declared_dead(node_id)

    def find(self, route: Route) -> None:
        if self._routes.get(route.room_id) is not route:
            return
        del self._routes[route.room_id]
        envelopes = route.take_back()
        if envelopes:
            self._node.again(route.room_id, envelopes)

    def _tidy(self) -> None:
        unused_since = self.scheduler.elapsed() - UNUSED_SECONDS
        for room_id, route in list(self._routes.items()):
            if not route.has_waiting and route.used_at < unused_since:
                del self._routes[room_id]
        self.scheduler.call_later(TIDY_SECONDS, self._tidy)


def _refuse(envelopes: Sequence[Envelope]) -> None:
    for envelope in envelopes:
        envelope.answer(OwnerUnavailable())
