"""The other nodes, where there are any: whom peer messages go to, and what follows from a death."""

from __future__ import annotations

from chatapp.factory.core import Core
from chatapp.gateway.delivery.remote_audiences import RemoteAudiences
from chatapp.gateway.peers.inbox import PeerInbox
from chatapp.gateway.peers.reconciliation import Reconciliation
from chatapp.gateway.peers.shared_limits import SharedLimits
from chatapp.relay.redis_relay import RedisRelay


class Others:
    """What a node starts, tells and stops because it is not alone."""

    def __init__(
        self,
        relay: RedisRelay,
        remote_audiences: RemoteAudiences,
        reconciliation: Reconciliation,
        shared_limits: SharedLimits,
    ) -> None:
        self._relay = relay
        self._remote_audiences = remote_audiences
        self._reconciliation = reconciliation
        self._shared_limits = shared_limits

    def start(self) -> None:
        self._relay.start(on_change=self._relay_changed)
        self._reconciliation.start()

    def _relay_changed(self, is_up: bool) -> None:
        self._shared_limits.relay_changed(is_up)
        if is_up:
            self._remote_audiences.tell_again()
            self._reconciliation.relay_is_back()

    def renamed(self) -> None:
        self._reconciliation.renamed()
        self._shared_limits.renamed()

    def say_goodbye(self) -> None:
        self._shared_limits.say_goodbye()

    def stop(self) -> None:
        self._relay.stop()


def meet_the_other_nodes(core: Core) -> Others | None:
    remote_rooms = core.router.remote_rooms
    if core.relay is None or core.remote_audiences is None or remote_rooms is None:
        return None
    reconciliation = Reconciliation(
        audience=core.audience,
        access=core.access,
        router=core.router,
        relay=core.relay,
        joined_rooms=core.joined_rooms,
        scheduler=core.scheduler,
    )
    shared_limits = SharedLimits(core.limits.rates, core.relay, core.scheduler, lambda: core.router.node_id)
    core.relay.on_peer_message = PeerInbox(
        core.router, core.audience, core.remote_audiences, shared_limits
    ).receive
    core.audience.on_new_owner = core.audience.on_unheard = reconciliation.send_snapshot

    def declared_dead(node_id: str) -> None:
        assert core.remote_audiences is not None
        core.remote_audiences.forget(node_id)
        shared_limits.forget(node_id)
        reconciliation.end_sessions_of(node_id)

    remote_rooms.on_declared_dead = declared_dead
    core.node.lease.on_others_dead = remote_rooms.declared_dead
    return Others(core.relay, core.remote_audiences, reconciliation, shared_limits)
