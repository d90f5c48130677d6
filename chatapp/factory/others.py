"""The other nodes, where there are any: whom letters go to, and what follows from a death."""

from __future__ import annotations

from chatapp.factory.core import Core
from chatapp.gateway.exchange import Exchange
from chatapp.gateway.rounds import Rounds


def meet_the_other_nodes(core: Core) -> Rounds | None:
    abroad = core.router.abroad
    if core.relay is None or core.outposts is None or abroad is None:
        return None
    rounds = Rounds(
        audience=core.audience,
        archive=core.archive,
        router=core.router,
        relay=core.relay,
        stays=core.stays,
        scheduler=core.scheduler,
    )
    core.relay.on_letter = Exchange(core.router, core.audience, core.outposts).receive
    core.audience.on_new_owner = core.audience.on_unheard = rounds.call_roll

    def buried(node_id: str) -> None:
        assert core.outposts is not None
        core.outposts.forget(node_id)
        rounds.mourn(node_id)

    abroad.on_buried = buried
    core.node.lease.on_buried = abroad.buried
    return rounds
