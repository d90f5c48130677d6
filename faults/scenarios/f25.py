"""F25: descriptors run out, and accept(2) fails in every other way. Who wants to talk comes in."""

from __future__ import annotations

import time
from uuid import uuid4

from chatapp.client.sign_in import sign_in
from faults.crowds import BareCrowd
from faults.processes import Node, until
from faults.pulse import Pulse
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage

LEFT_DESCRIPTORS = 60
CROWD, CROWDS, HELD_SECONDS = 290, 2, 3.0
ERRORS = ("ECONNABORTED", "ECONNRESET", "EPROTO", "ENETDOWN", "ENOBUFS", "EPERM", "EMFILE")
_PULSE_SECONDS = 1.1  # a person may say one thing a second
_PAUSE_SECONDS = 0.2


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with (
        stage.chat(where, {"CHAT_RATE_LIMITS": "on"}) as chat,
        Pulse(chat.node.url, pause_seconds=_PULSE_SECONDS) as pulse,
    ):
        node, began_at = chat.node, clock()
        injected = [_inject(node, error) for error in ERRORS]
        node.leave_descriptors(LEFT_DESCRIPTORS)
        ways_in = [seconds for _ in range(CROWDS) for seconds in _besiege(node)]
        after = _way_in(node)
        metrics = node.metrics()
        said = pulse.between(began_at, clock())
    outcome.bites = {
        "errors_injected": sum(injected),
        "descriptors_missing": int(metrics.get('chat_accept_errors_total{error="EMFILE"}', 0)),
        "visitors_meanwhile": len(ways_in),
    }
    outcome.figures = {
        "longest_way_in_seconds": max(ways_in),
        "way_in_afterwards_seconds": after,
        "longest_ack_seconds": max(said),
    }
    return outcome


def _inject(node: Node, error: str) -> bool:
    """The next connection fails to be accepted; the one behind it must be answered."""
    node.arm("in_accept", error)
    _way_in(node)
    return until(lambda: node.has_bitten("in_accept"), 5, f"the error {error}")


def _besiege(node: Node) -> list[float]:
    """How long it takes others to come in while a crowd holds its connections."""
    with BareCrowd(node.port, CROWD):
        ways_in, ends_at = [], time.monotonic() + HELD_SECONDS
        while time.monotonic() < ends_at:
            ways_in.append(_way_in(node))
            time.sleep(_PAUSE_SECONDS)
        return ways_in


def _way_in(node: Node) -> float:
    began_at = clock()
    sign_in(node.url, f"Visitor {uuid4().hex[:8]}")
    return clock() - began_at


SCENARIO = Scenario(
    name="F25",
    title="two crowds of 290 bare connects while descriptors run out; accept fails in seven ways",
    criterion="whoever has something to say comes in meanwhile and afterwards; who is in notices nothing",
    run=run,
    places=(SQLITE,),
    limits=(
        Limit(figure="longest_way_in_seconds", at_most=3),
        Limit(figure="way_in_afterwards_seconds", at_most=1),
        Limit(figure="longest_ack_seconds", at_most=1),
    ),
    catches={"deaf": SQLITE},
)
