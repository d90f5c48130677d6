"""W4: 200 rooms of five, everybody talks, one message in flight: the path of writing.

Also on PostgreSQL, where a commit is a journey to another process.
"""

from bench.figures import CHAT, Target
from bench.stage import NODE, ON_POSTGRESQL, PEERS, Workload
from bench.workloads.closed_loop import ClosedLoop

WORKLOAD = Workload(
    name="W4",
    title="200 rooms of 5, all talk with 1 in flight",
    measure=ClosedLoop(rooms=200, members=5, talkers=5, in_flight=1),
    servers=(*PEERS, ON_POSTGRESQL),
    headline="messages_per_second",
    targets=(
        Target(figure="messages_per_second", at_least=8_100),
        Target(figure="messages_per_second", at_least=1.0, to=NODE),
        Target(figure="messages_per_second", at_least=0.7, server=ON_POSTGRESQL, to=CHAT),
        Target(figure="hub_lag_p99_ms", at_most=10),
    ),
)
