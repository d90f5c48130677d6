"""F14: a TCP connection of which only one half is left: nobody ever says that it is over."""

from __future__ import annotations

from faults.crowd import Crowd
from faults.person import Person
from faults.proxy import Proxy
from faults.recorder import Recorder, clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage

LONGEST_SECONDS = 60.0


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where) as chat, Crowd(chat.addresses, people=8, rooms=1) as crowd:
        with Proxy(chat.node.port) as proxy:
            lost = Person("lost", crowd.rooms[0], [f"http://127.0.0.1:{proxy.port}"], Recorder())
            lost.come_in()
            outcome.expect(crowd.wait_until(lambda: _sees(crowd, "lost"), 5), "nobody saw them come")
            proxy.swallow()
            swallowed_at = clock()
            is_gone = crowd.wait_until(lambda: not _sees(crowd, "lost"), LONGEST_SECONDS)
            outcome.figures["gone_from_presence_seconds"] = clock() - swallowed_at
            outcome.bites["connections_swallowed"] = proxy.open
            lost.client.go_offline()
            lost.client.close()
        outcome.expect(is_gone, f"still present after {LONGEST_SECONDS:g} s")
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    return outcome


def _sees(crowd: Crowd, name: str) -> bool:
    observer = crowd.people[0].client
    presence = observer.room(crowd.rooms[0]).presence
    return observer.take_turn(lambda: any(user["name"] == name for user in presence.users))


SCENARIO = Scenario(
    name="F14",
    title="half-open TCP",
    criterion="gone from presence ≤ 50 s (20 + 10 s pings, 15 s grace)",
    run=run,
    places=(SQLITE,),
    limits=(Limit(figure="gone_from_presence_seconds", at_most=50),),
)
