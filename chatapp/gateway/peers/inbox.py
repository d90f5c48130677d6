"""The inbox for peer messages: each goes to whom it is for."""

from __future__ import annotations

from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.remote_audiences import RemoteAudiences
from chatapp.gateway.peers.shared_limits import SharedLimits
from chatapp.kernel.peer_messages import Answered, Forward
from chatapp.kernel.router import Router
from chatapp.relay.codec import PeerMessage
from chatapp.relay.peer_messages import Aside, OpenCounts, Takes
from chatapp.rooms.attendance.aspect import SyncSessions


class PeerInbox:
    def __init__(
        self,
        router: Router,
        audience: Audience,
        remote_audiences: RemoteAudiences,
        shared_limits: SharedLimits,
    ) -> None:
        self._router = router
        self._audience = audience
        self._remote_audiences = remote_audiences
        self._shared_limits = shared_limits

    def receive(self, peer_message: PeerMessage) -> None:
        if isinstance(peer_message, Forward | Answered):
            self._router.hear(peer_message)
        elif isinstance(peer_message, Aside):
            self._mention(peer_message)
        elif isinstance(peer_message, Takes | OpenCounts):
            self._shared_limits.hear(peer_message)
        else:
            self._audience.hear(peer_message)

    def _mention(self, aside: Aside) -> None:
        snapshot = aside.command
        if not isinstance(snapshot, SyncSessions) or not self._router.is_awake(snapshot.room_id):
            return
        connections = [member.connection_id for member in snapshot.members]
        self._remote_audiences.set(snapshot.room_id, snapshot.node_id, [*connections, *snapshot.joining])
        self._router.mention(snapshot)
