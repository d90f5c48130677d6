"""Rooms full of people of whom some talk as fast as they are answered: W1 to W4."""

from __future__ import annotations

import msgspec

from bench.crowd import Crowd
from bench.figures import Outcome, latencies, slowest_ms
from bench.ledger import Ledger
from bench.senders import Talk, divide
from bench.servers import Chat, Server
from bench.stage import Stage, outcome

WARM_UP_SECONDS = 0.5
HUB_LAG = "chat_hub_lag_seconds"


class ClosedLoop(msgspec.Struct, frozen=True, kw_only=True):
    rooms: int
    members: int
    talkers: int
    in_flight: int

    def __call__(self, stage: Stage, kind: str) -> Outcome:
        with stage.server(kind) as server, Crowd(server.port) as crowd:
            crowd.connect(server.seats(self.rooms * self.members, lambda n: f"room-{n // self.members}"))
            crowd.settle()
            talk = Talk(crowd, divide(crowd.connections, self.members, self.talkers))
            ledger = Ledger(crowd.connections)
            talk.loop(self.in_flight)
            crowd.run(WARM_UP_SECONDS)
            figures = self._look(stage, server, crowd, ledger)
            talk.end()
            return outcome(crowd, figures, *ledger.disagreements())

    def _look(self, stage: Stage, server: Server, crowd: Crowd, ledger: Ledger) -> dict[str, float]:
        before = server.metrics() if isinstance(server, Chat) else {}
        ledger.delivered()
        used = server.cpu_seconds()
        with crowd.recording() as elapsed:
            crowd.run(stage.seconds)
        deliveries = ledger.delivered()
        used = server.cpu_seconds() - used
        figures = {
            "deliveries_per_second": deliveries / elapsed(),
            "messages_per_second": deliveries / self.members / elapsed(),
            "server_cpu": used / elapsed(),
            "server_us_per_message": used / max(1.0, deliveries / self.members) * 1e6,
        }
        figures |= latencies("delivery", crowd.delivery_ns) | latencies("ack", crowd.ack_ns)
        if isinstance(server, Chat):
            figures |= slowest_ms("hub_lag", before, server.metrics(), HUB_LAG)
        return figures
