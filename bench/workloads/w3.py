"""W3: one room of 100, ten talk, four messages in flight each. A lively room of usual size."""

from bench.figures import Target
from bench.stage import NODE, PEERS, Workload
from bench.workloads.closed_loop import ClosedLoop

WORKLOAD = Workload(
    name="W3",
    title="one room of 100, 10 talk with 4 in flight",
    measure=ClosedLoop(rooms=1, members=100, talkers=10, in_flight=4),
    servers=PEERS,
    headline="deliveries_per_second",
    targets=(
        Target(figure="deliveries_per_second", at_least=700_000),
        Target(figure="deliveries_per_second", at_least=3.9, to=NODE),
        Target(figure="hub_lag_p99_ms", at_most=10),
    ),
)
