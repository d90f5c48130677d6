"""W2: one room of 1,000, one talks, one message in flight: nothing to coalesce."""

from bench.figures import Target
from bench.stage import NODE, PEERS, Workload
from bench.workloads.closed_loop import ClosedLoop

WORKLOAD = Workload(
    name="W2",
    title="one room of 1,000, 1 talks with 1 in flight",
    measure=ClosedLoop(rooms=1, members=1_000, talkers=1, in_flight=1),
    servers=PEERS,
    headline="deliveries_per_second",
    targets=(
        Target(figure="deliveries_per_second", at_least=200_000),
        Target(figure="deliveries_per_second", at_least=1.3, to=NODE),
        Target(figure="hub_lag_p99_ms", at_most=10),
    ),
)
