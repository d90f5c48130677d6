"""F12: the owner alone is cut off from the database.

Nothing is refused or reset: what it sends is swallowed. It may not speak from memory for longer than
its lease. Alone, it must be silent in time and work again when the hole is gone; with others about,
they must have taken its rooms by then. First in silence, when nothing but its self-fence keeps it from
answering; then under load.
"""

from __future__ import annotations

import time

from chatapp.client.sign_in import sign_in
from faults.crowd import Crowd
from faults.measuring import acks_between, percentile, refusals_between, silences
from faults.plain_socket import PlainSocket
from faults.probe import Probe
from faults.recorder import clock
from faults.scenario import CLUSTER, POSTGRESQL, Limit, Outcome, Scenario, Stage

HOLE_SECONDS = 7.0  # longer than a lease
ASK_SECONDS = 0.1
QUIET_ROOM = "quiet"  # nothing is written there, so that its answers wait for no commit


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where, is_proxied=True) as chat, Crowd(chat.addresses) as crowd:
        crowd.run(2)
        probe = Probe(chat.node.url)
        asker = PlainSocket(chat.node.port, sign_in(chat.node.url, "Asker")["token"], QUIET_ROOM)
        asker.join()
        crowd.hush()
        crowd.run(3)
        chat.proxy.swallow()
        outcome.figures["last_word_from_memory_seconds"], refused = _ask_from_memory(asker)
        chat.proxy.heal()
        crowd.go_on()
        crowd.breathe()
        crowd.run(2)
        chat.identify(chat.node)  # others have declared it dead meanwhile
        owner = chat.owner_of(crowd.rooms[0])
        rooms, hole = chat.owned_by(owner), chat.proxies[chat.nodes.index(owner)]
        cut_at = clock()
        hole.swallow()
        crowd.run(HOLE_SECONDS)
        healed_at = clock()
        hole.heal()
        if where == POSTGRESQL:
            outcome.figures["working_after_seconds"] = probe.seconds_until_writable()
        crowd.breathe()
        history = crowd.settle(chat.database_url)
        fenced = chat.drops("self_fence")
    outcome.check(history)
    acks = acks_between(history, cut_at + 1, healed_at)
    if where == POSTGRESQL:
        outcome.expect(acks == 0, f"{acks} were acked while the database could not be reached")
        outcome.bites["refusals"] = len(refusals_between(history, cut_at, healed_at))
    else:
        silent = silences(history, [room for room in rooms if room in crowd.rooms], [cut_at])
        outcome.figures["takeover_max_seconds"] = max(silent)
        outcome.figures["takeover_p50_seconds"] = percentile(silent, 0.5)
    outcome.bites |= {"refused_reads_from_memory": refused, "self_fences": fenced}
    return outcome


def _ask_from_memory(asker: PlainSocket) -> tuple[float, int]:
    """For how long it answered what needs no database, and how often it refused to."""
    began_at = last = clock()
    refused = 0
    while clock() < began_at + HOLE_SECONDS:
        ack = asker.ask("presence", {"room": asker.room})
        if ack["ok"]:
            last = clock()
        else:
            refused += 1
        time.sleep(ASK_SECONDS)
    return last - began_at, refused


SCENARIO = Scenario(
    name="F12",
    title="the owner alone cut off from the database",
    criterion="silent ≤ 4.5 s; takeover ≤ 6.5 s (several nodes), working again (one)",
    run=run,
    places=(POSTGRESQL, CLUSTER),
    limits=(
        Limit(figure="last_word_from_memory_seconds", at_most=4.5),
        Limit(figure="working_after_seconds", at_most=5, place=POSTGRESQL),
        Limit(figure="takeover_max_seconds", at_most=6.5, place=CLUSTER),
    ),
)
