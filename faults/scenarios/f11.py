"""F11: connections to the database are cut, also right after COMMIT was sent.

A cut at the second place leaves the node in doubt: the database has committed, and nobody was told.
The proxy lets the COMMIT through and swallows the answer, then both sides are reset. In the end
some words are said into silence, so that nothing but the announced head can show that they are there.
They are said over as long a time as lies between two questions of a client whether it is up to date.
"""

from __future__ import annotations

from faults.crowd import Crowd
from faults.history import PATIENCE_SECONDS, History, Sent
from faults.processes import until
from faults.proxy import Proxy
from faults.recorder import clock
from faults.scenario import POSTGRESQL, Outcome, Scenario, Stage

CUTS, DOUBTS, LAST_WORDS = 10, 10, 8
COMMIT, CONTENT = b"COMMIT\0", b" says "  # as they look on the way to PostgreSQL
BITE_SECONDS = 10.0


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where, is_proxied=True) as chat, Crowd(chat.addresses) as crowd:
        crowd.run(2)
        cut = 0
        for _ in range(CUTS):
            cut += chat.proxy.cut()
            crowd.breathe()
        doubts = 0
        for _ in range(DOUBTS):
            doubts += _doubt(chat.proxy)
            crowd.breathe()
        crowd.hush()
        crowd.run(1)
        healed_at = clock()
        for person in crowd.people[:LAST_WORDS]:
            trap = _set_trap(chat.proxy)
            person.speak("one last word")
            doubts += _spring(chat.proxy, trap)
            crowd.run(3)
        crowd.run(PATIENCE_SECONDS)
        in_doubt, gap_fills = chat.drops("in_doubt"), chat.node.gap_fills()
        history = crowd.settle(chat.database_url, healed_at=healed_at)
    outcome.check(history)
    outcome.figures["silent_last_words"] = LAST_WORDS
    outcome.bites = {
        "connections_cut": cut,
        "commits_without_answer": doubts,
        "doubtful_commits": in_doubt,
        "gap_fills": gap_fills,
        "retried_messages": _retried(history),
    }
    return outcome


def _doubt(proxy: Proxy) -> int:
    return _spring(proxy, _set_trap(proxy))


def _set_trap(proxy: Proxy) -> list[bytes]:
    """Springs at the next transaction of the journal: its events go before its COMMIT."""
    sprung: list[bytes] = []
    journals: set[int] = set()

    def trap(line: int, piece: bytes) -> bool:
        if CONTENT in piece:
            journals.add(line)
        if COMMIT in piece and line in journals and not sprung:
            sprung.append(piece)
            return True
        return False

    proxy.trap = trap
    return sprung


def _spring(proxy: Proxy, sprung: list[bytes]) -> int:
    until(lambda: sprung, BITE_SECONDS, "a COMMIT to be left without an answer")
    proxy.heal()
    return 1


def _retried(history: History) -> int:
    return len({sent.key for sent in history.of(Sent) if sent.is_retry})


SCENARIO = Scenario(
    name="F11",
    title="database connections cut, also right after COMMIT was sent",
    criterion="every retry after a doubtful commit gets one seq, and the row is delivered",
    run=run,
    places=(POSTGRESQL,),
    catches={"no_head": POSTGRESQL},
)
