"""F29: a thousand hostile connections of one address. Everybody else notices nothing."""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cluster.databases import free_port
from cluster.nginx import NGINX, TEMPLATE, filled
from faults.front import running_nginx
from faults.measuring import percentile
from faults.past import add_room
from faults.processes import ROOT, Node, until
from faults.pulse import Pulse
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage

CONNECTIONS = 1_000
ROOM = "past"
PAGE = (200, "x" * 2_400)  # messages, and what is in each: half a megabyte together
OTHERS = 12
QUIET_SECONDS, SIEGE_SECONDS, AFTER_SECONDS = 12.0, 30.0, 30.0
COMING_SECONDS = 60.0
SETTLING_SECONDS = 10.0
QUIETEST_MS = 5.0  # below it the machine is measured, not the node
THROUGH_NGINX = "nginx"
_PULSE_SECONDS = 1.1  # a person may say one thing a second
_MIB = 1_048_576
_REFUSED = ("chat_connections_refused_total", "chat_over_limit_total", "chat_held_bytes_cuts_total")


def run(stage: Stage, where: str) -> Outcome:
    """``where`` is the node itself, or nginx before it."""
    outcome = Outcome()
    settings = {"CHAT_RATE_LIMITS": "on", "CHAT_TRUSTED_PROXIES": "127.0.0.1" if where != SQLITE else ""}
    with stage.chat(SQLITE, settings) as chat, ExitStack() as stack:
        add_room(chat.database_url, ROOM, [1_000] * PAGE[0], text=PAGE[1])
        node, port = chat.node, chat.node.port
        if where == THROUGH_NGINX:
            port = stack.enter_context(_fronted(stage.new_folder(), node))
        url = f"http://127.0.0.1:{port}"
        others = [
            stack.enter_context(Pulse(url, room=f"others-{number}", pause_seconds=_PULSE_SECONDS))
            for number in range(OTHERS)
        ]
        time.sleep(2)
        before = _measure(node, others, QUIET_SECONDS)
        with _hostile(port) as are_there:
            coming_at = clock()
            until(are_there, COMING_SECONDS, "all hostile connections")
            coming = _answers(others, coming_at)
            siege = _measure(node, others, SIEGE_SECONDS)
        until(lambda: _connections(node) <= OTHERS, AFTER_SECONDS, "the end of all hostile connections")
        time.sleep(SETTLING_SECONDS)
        after = _measure(node, others, QUIET_SECONDS)
    outcome.bites["others_answered"] = int(siege["answers"])
    if where == SQLITE:  # nginx holds many of them by itself
        outcome.bites["refused"] = int(siege["refused"] - before["refused"])
    quiet = max(before["p99_ms"], QUIETEST_MS)
    outcome.figures = {
        "quiet_p99_ms": before["p99_ms"],
        "p99_while_they_come_ms": percentile(coming, 0.99) * 1_000,
        "p99_ms": siege["p99_ms"],
        "p99_by_quiet": siege["p99_ms"] / quiet,
        "p99_afterwards_by_quiet": after["p99_ms"] / quiet,
        "held_mib": (siege["resident"] - before["resident"]) / _MIB,
    }
    return outcome


def _measure(node: Node, others: list[Pulse], seconds: float) -> dict[str, float]:
    began_at, resident = clock(), 0
    while clock() < began_at + seconds:
        resident = max(resident, node.resident_bytes)
        time.sleep(0.5)
    took = _answers(others, began_at)
    refused = sum(value for name, value in node.metrics().items() if name.startswith(_REFUSED))
    return {
        "p99_ms": percentile(took, 0.99) * 1_000,
        "answers": len(took),
        "resident": resident,
        "refused": refused,
    }


def _answers(others: list[Pulse], since: float) -> list[float]:
    return [seconds for pulse in others for seconds in pulse.between(since, clock())]


def _connections(node: Node) -> float:
    metrics: dict[str, Any] = node.metrics()
    waiting = metrics["chat_http_waiting"] + metrics["chat_http_unread"]
    return float(metrics["chat_connections"] + waiting)


@contextmanager
def _hostile(port: int) -> Iterator[Callable[[], bool]]:
    command = [sys.executable, "-m", "faults.hostile", str(port), ROOM, str(CONNECTIONS)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    output = process.stdout
    try:
        yield lambda: bool(select.select((output,), (), (), 0)[0]) and output.readline() == b"ready\n"
    finally:
        process.stdin.close()
        process.kill()
        process.wait()
        output.close()


@contextmanager
def _fronted(folder: Path, node: Node) -> Iterator[int]:
    (folder / "extra").mkdir()
    for parent in folder.parents[:2]:
        parent.chmod(0o755)  # for nginx's workers, who are somebody else
    port, servers = free_port(), f"server 127.0.0.1:{node.port} fail_timeout=2s;"
    configuration = filled(TEMPLATE.read_text(), {"PORT": f"127.0.0.1:{port}", "NODES": servers})
    with running_nginx(folder, configuration, port):
        yield port


def _why_not() -> str | None:
    return None if NGINX else "there is no nginx here"


_CRITERION = "p99 of all others ≤ 2 × their quiet, ≤ 150 MB more, and as before 30 s after they are gone"
_LIMITS = (
    Limit(figure="p99_by_quiet", at_most=2),
    Limit(figure="p99_afterwards_by_quiet", at_most=2),
    # For a second: a conference comes in like this too, and is to be in as fast as the hub can take it.
    Limit(figure="p99_while_they_come_ms", at_most=450),
    Limit(figure="held_mib", at_most=150),
)

SCENARIO = Scenario(
    name="F29",
    title="a thousand hostile connections of one address",
    criterion=_CRITERION,
    run=run,
    places=(SQLITE,),
    limits=_LIMITS,
)
BEHIND_NGINX = Scenario(
    name="F29n",
    title="a thousand hostile connections of one address, through nginx",
    criterion=_CRITERION,
    run=run,
    places=(THROUGH_NGINX,),
    limits=_LIMITS,
    why_not=_why_not,
)
