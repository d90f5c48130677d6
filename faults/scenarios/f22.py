"""F22: owners are killed and Redis forgets, while people edit, delete, react and call each other by name.

No deletion is undone, nobody is called who is not. Over several nodes some come late, and read in each room
an old message that is changed at that moment, before anybody tells them.
"""

from __future__ import annotations

from collections import Counter

from faults.crowd import Crowd
from faults.history import DELETE, EDIT, History, ReactionAnswered, Sent
from faults.latecomers import read_ahead
from faults.person import Habits
from faults.scenario import CLUSTER, SQLITE, Outcome, Scenario, Stage
from faults.second_thoughts import SecondThoughts
from faults.topology import Topology

PEOPLE, CHANGES_PER_SECOND, WORDS_PER_SECOND = 30, 20.0, 20.0
KILLS = {SQLITE: 4, CLUSTER: 10}
TAKEOVER_SECONDS, BETWEEN_SECONDS = 2.5, 3.0
CALM_SECONDS = 8.0  # so that of the newest messages, which stay for the search in the files, some are edited
FORGETS_EVERY = 3  # kills
HABITS = Habits(calls=0.15, files=0.05)


def run(stage: Stage, where: str) -> Outcome:
    outcome, filled = Outcome(), 0
    with (
        stage.chat(where) as chat,
        Crowd(
            chat.addresses, people=PEOPLE, per_second=WORDS_PER_SECOND, stutters=True, habits=HABITS
        ) as crowd,
    ):
        with SecondThoughts(crowd, per_second=CHANGES_PER_SECOND):
            crowd.run(3)
            for number in range(KILLS[where]):
                if where == SQLITE:
                    chat.node.kill()
                    chat.node.start()
                else:
                    _replace_owner(chat, crowd, number)
                crowd.run(BETWEEN_SECONDS)
                filled = max(filled, sum(node.gap_fills() for node in chat.nodes))  # a start begins anew
            if where == CLUSTER:
                outcome.bites["read_ahead"] = sum(read_ahead(chat, crowd, room) for room in crowd.rooms)
            crowd.run(CALM_SECONDS)
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    outcome.bites |= _bites(history) | {"kills": KILLS[where]}
    if where == CLUSTER:
        outcome.bites["gap_fills"] = history.counts()["gap_fills"] + filled
    return outcome


def _replace_owner(chat: Topology, crowd: Crowd, number: int) -> None:
    if chat.valkey is not None and number % FORGETS_EVERY == 0:
        chat.valkey.kill()
        crowd.run(1)
        chat.valkey.start()
    victim = chat.owner_of(crowd.rooms[number % len(crowd.rooms)])
    victim.kill()
    crowd.run(TAKEOVER_SECONDS)
    victim.start()
    chat.identify(victim)


def _bites(history: History) -> Counter[str]:
    counts = history.counts()
    sent = Counter(sent.kind for sent in history.of(Sent) if not sent.is_retry)
    return Counter(
        {
            "edits": sent[EDIT],
            "deletions": sent[DELETE],
            "mentions": len(history.mentions),
            "files": len(history.bound),
            "reactions": sum(answer.code is None for answer in history.of(ReactionAnswered)),
            "changes_sent_again": sum(
                sent.is_retry and sent.kind in (EDIT, DELETE) for sent in history.of(Sent)
            ),
            "resumes": counts["resumes"],
        }
    )


SCENARIO = Scenario(
    name="F22",
    title="the owner killed and Redis emptied while people edit, delete, react and call each other",
    criterion="all see what is stored; an acked change is there once; no deletion is undone",
    run=run,
    places=(SQLITE, CLUSTER),
    catches={"edits_keep_words": SQLITE, "target_first": CLUSTER, "no_rev": CLUSTER},
)
