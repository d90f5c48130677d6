"""The exchange: letters of other nodes, each to whom it is for."""

from __future__ import annotations

from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.outposts import Outposts
from chatapp.gateway.peers.tally import Tally
from chatapp.kernel.letters import Answered, Forward
from chatapp.kernel.router import Router
from chatapp.relay.codec import Letter
from chatapp.relay.letters import Aside, OpenCounts, Takes
from chatapp.rooms.commands import SyncSessions


class Exchange:
    def __init__(self, router: Router, audience: Audience, outposts: Outposts, tally: Tally) -> None:
        self._router = router
        self._audience = audience
        self._outposts = outposts
        self._tally = tally

    def receive(self, letter: Letter) -> None:
        if isinstance(letter, Forward | Answered):
            self._router.hear(letter)
        elif isinstance(letter, Aside):
            self._mention(letter)
        elif isinstance(letter, Takes | OpenCounts):
            self._tally.hear(letter)
        else:
            self._audience.hear(letter)

    def _mention(self, letter: Aside) -> None:
        snapshot = letter.command
        if not isinstance(snapshot, SyncSessions) or not self._router.is_awake(snapshot.room_id):
            return
        connections = [member.connection_id for member in snapshot.members]
        self._outposts.set(snapshot.room_id, snapshot.node_id, [*connections, *snapshot.joining])
        self._router.mention(snapshot)
