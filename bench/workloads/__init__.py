"""The workloads, by their names. Each file is one; `w1.py` begins with what it asks of a server."""

from bench.stage import Workload
from bench.workloads import (
    fair,
    soak,
    w1,
    w2,
    w3,
    w4,
    w5,
    w6,
    w7,
    w8,
    w9,
    w10,
    w11,
    w12,
    w13,
    w15,
    w16,
    w17,
    w18,
)

WORKLOADS: dict[str, Workload] = {
    module.WORKLOAD.name: module.WORKLOAD
    for module in (w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w15, w16, w17, w18, fair, soak)
}
