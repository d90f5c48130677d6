"""F21: no worker for a day. What has expired is still in the database, and nobody may get it."""

from __future__ import annotations

from typing import Any

from chatapp.client.sign_in import call, sign_in
from faults.past import HOUR_MS, add_room, count, set_alarm
from faults.plain_socket import PlainSocket
from faults.processes import until
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology

EXPIRED, FRESH = 500, 50
LONGEST_SECONDS = 90.0
ROOM = "forgotten"


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where) as chat:
        add_room(chat.database_url, ROOM, [25 * HOUR_MS] * EXPIRED + [HOUR_MS] * FRESH)
        # Overdue by more than a quarter of an hour: as soon as a node may take it for forgotten.
        set_alarm(chat.database_url, due_hours_ago=0.3, done_hours_ago=1.3)
        began_at = clock()
        left = count(chat.database_url, older_than_ms=24 * HOUR_MS)
        seqs = _read_in_every_way(chat)
        late = [seq for seq in seqs if seq <= EXPIRED]
        outcome.expect(not late, f"{len(late)} expired messages were read")
        outcome.bites = {"expired_rows_at_hand": left, "messages_read": len(seqs)}
        until(
            lambda: not count(chat.database_url, older_than_ms=24 * HOUR_MS), LONGEST_SECONDS, "the catch-up"
        )
        outcome.figures["caught_up_after_seconds"] = clock() - began_at
        outcome.expect(count(chat.database_url) == FRESH, "it removed what was not old")
    return outcome


def _read_in_every_way(chat: Topology) -> list[int]:
    """By join, resume, page and search for a place, over the socket and over REST."""
    token = sign_in(chat.node.url, "Reader")["token"]
    reader = PlainSocket(chat.node.port, token, ROOM)
    stream = reader.join()["stream"]
    answers: list[dict[str, Any]] = [reader.join(limit=200)]
    for seq in (0, 1, EXPIRED // 2, EXPIRED - 1, EXPIRED):
        answers.append(reader.join(since={"stream": stream, "seq": seq}, limit=200))
    for place in ("before", "after", "around"):
        for seq in (1, EXPIRED // 2, EXPIRED, EXPIRED + 1):
            answers.append(reader.ask("history", {"room": ROOM, place: seq, "limit": 200}))
            path = f"/api/rooms/{ROOM}/events?{place}={seq}&limit=200"
            answers.append(call(chat.node.url, "GET", path, token=token))
    reader.abandon()
    return [event["seq"] for answer in answers for event in answer["events"]]


SCENARIO = Scenario(
    name="F21",
    title="the cleanup never runs",
    criterion="no read returns an expired message; the overdue slot is caught up",
    run=run,
    places=(SQLITE,),
    limits=(Limit(figure="caught_up_after_seconds", at_most=75),),
)
