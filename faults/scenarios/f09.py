"""F9: Redis is killed for 20 s, then frozen for 30 s. It is only ever a hint.

Half of the people leave while it is dead, and nobody may be shown them afterwards.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable

from chatapp.client.sign_in import Refused
from faults.crowd import Crowd
from faults.measuring import delays
from faults.probe import Probe
from faults.recorder import clock
from faults.scenario import CLUSTER, Limit, Outcome, Scenario, Stage
from faults.topology import Topology

DEAD_SECONDS, FROZEN_SECONDS = 20.0, 30.0
ASK_SECONDS = 0.2
TURN_SECONDS = 5.0  # after the fault: until the last node compares its heads


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        valkey = chat.valkey
        assert valkey is not None
        crowd.run(2)
        here, there = _probes(chat)
        answers: Counter[str] = Counter()
        windows = []
        for take, give, seconds in (
            (valkey.kill, valkey.start, DEAD_SECONDS),
            (lambda: valkey.signal(signal.SIGSTOP), lambda: valkey.signal(signal.SIGCONT), FROZEN_SECONDS),
        ):
            take()
            if take == valkey.kill:
                outcome.bites["left_meanwhile"] = crowd.send_out()
            windows.append((clock(), clock() + seconds))
            _ask(crowd, here, there, windows[-1][1], answers)
            give()
            crowd.run(TURN_SECONDS)
            crowd.breathe()
        after_at = clock()
        crowd.run(5)
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    during = [seconds for begin, end in windows for seconds in delays(history, begin, end - TURN_SECONDS)]
    outcome.figures |= {
        "share_written_here": answers["here"] / max(1, answers["here"] + answers["here refused"]),
        "complete_during_max_seconds": max(during, default=float("inf")),
        "complete_after_max_seconds": max(delays(history, after_at, after_at + 5), default=float("inf")),
    }
    outcome.bites |= {"owner_unavailable": answers["owner_unavailable"], "written_here": answers["here"]}
    return outcome


def _probes(chat: Topology) -> tuple[list[Probe], list[Probe]]:
    """At each node, one that speaks in a room owned there, and one in a room owned by the next."""
    here = [Probe(node.url, room=f"probe-{n}") for n, node in enumerate(chat.nodes)]
    for probe in here:
        probe.write()
    count = len(chat.nodes)
    there = [Probe(node.url, room=f"probe-{(n + 1) % count}") for n, node in enumerate(chat.nodes)]
    return here, there


def _ask(crowd: Crowd, here: list[Probe], there: list[Probe], ends_at: float, answers: Counter[str]) -> None:
    while clock() < ends_at:
        for probe in here:
            answers["here" if _code(probe.write) is None else "here refused"] += 1
        for probe in there:
            answers[_code(probe.write) or "there"] += 1
        crowd.run(ASK_SECONDS)


def _code(write: Callable[[], object]) -> str | None:
    try:
        write()
    except Refused as refusal:
        return refusal.code
    except ConnectionError:
        return "no answer"
    return None


SCENARIO = Scenario(
    name="F9",
    title="Redis killed 20 s, then frozen 30 s",
    criterion="rooms owned here go on (≥ 99 %), others owner_unavailable; complete ≤ 6 s during, ≤ 2 s after",
    run=run,
    places=(CLUSTER,),
    limits=(
        Limit(figure="share_written_here", at_least=0.99),
        Limit(figure="complete_during_max_seconds", at_most=6),
        Limit(figure="complete_after_max_seconds", at_most=2),
    ),
    catches={"no_gap_fill": CLUSTER, "no_word_of_presence": CLUSTER},
)
