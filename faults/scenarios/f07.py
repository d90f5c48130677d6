"""F7: an owner that lives is declared dead, twice a second, for a minute."""

from __future__ import annotations

from sqlalchemy import update

from chatapp.store.database.engine import open_database
from chatapp.store.models import DEAD, nodes
from faults.crowd import Crowd
from faults.measuring import acks_between
from faults.recorder import clock
from faults.scenario import CLUSTER, Limit, Outcome, Scenario, Stage

CALM_SECONDS, STORM_SECONDS, EVERY_SECONDS = 8.0, 60.0, 0.5


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        crowd.run(2)
        calm_at = clock()
        crowd.run(CALM_SECONDS)
        storm_at, epochs, declared = clock(), chat.epochs(), 0
        database = open_database(chat.database_url)
        while clock() < storm_at + STORM_SECONDS:
            victim = chat.owners().get(crowd.rooms[declared % len(crowd.rooms)])
            with database.writing() as connection:
                connection.execute(update(nodes).where(nodes.c.node_id == victim).values(state=DEAD))
            declared += victim is not None
            crowd.run(EVERY_SECONDS)
        database.close()
        ended_at, takeovers = clock(), chat.epochs() - epochs
        history = crowd.settle(chat.database_url)
        fenced = chat.drops("stale")
    outcome.check(history)
    normal = acks_between(history, calm_at, storm_at) / (storm_at - calm_at)
    stormy = acks_between(history, storm_at, ended_at) / (ended_at - storm_at)
    outcome.figures |= {
        "takeovers": takeovers,
        "fenced_commits": fenced,
        "share_of_the_normal_rate": stormy / normal,
    }
    outcome.bites = {"declared_dead": declared, "takeovers": takeovers, "fenced_commits": fenced}
    return outcome


SCENARIO = Scenario(
    name="F7",
    title="the live owner declared dead every 500 ms for 60 s",
    criterion="≥ 100 takeovers, ≥ 10 fenced commits, ≥ 30 % of the normal rate",
    run=run,
    places=(CLUSTER,),
    limits=(
        Limit(figure="takeovers", at_least=100),
        Limit(figure="fenced_commits", at_least=10),
        Limit(figure="share_of_the_normal_rate", at_least=0.3),
    ),
    catches={"no_fence": CLUSTER},
)
