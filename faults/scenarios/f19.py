"""F19: a thousand odd resumes, each held against what the log says it must be."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from chatapp.client.sign_in import sign_in
from faults.past import HOUR_MS, add_room, set_alarm
from faults.plain_socket import PlainSocket
from faults.processes import ROOT, NotSo
from faults.scenario import POSTGRESQL, SQLITE, Outcome, Scenario, Stage
from faults.topology import Topology

RESUMES = 1000
EXPIRED, FRESH = 1500, 2600  # the floor lies between them; more than one resume can bring
TOO_FAR = 2000
LIMIT = 100
CLEANUPS = 5  # between a resume and its next page


class Log(msgspec.Struct, frozen=True, kw_only=True):
    room: str
    stream: str
    floor: int
    head: int


def run(stage: Stage, where: str) -> Outcome:
    outcome, kinds = Outcome(), Counter[str]()
    with stage.chat(where) as chat:
        token = sign_in(chat.node.url, "Odd")["token"]
        for number in range(CLEANUPS):
            log = _add_log(chat, f"odd-{number}")
            client, has_cleaned = PlainSocket(chat.node.port, token, log.room), False
            for kind, cursor in itertools.islice(_cursors(log), RESUMES // CLEANUPS):
                kinds[kind] += 1
                ack = client.join(since=cursor, limit=LIMIT)
                wrong = _wrong(log, kind, cursor, ack)
                if wrong is None and kind == "page after a cleanup" and not has_cleaned:
                    has_cleaned = True
                    wrong = _clean_and_page(chat, client, log, ack)
                outcome.expect(wrong is None, f"{kind} at {cursor}: {wrong}")
            client.abandon()
    outcome.figures = {"resumes": sum(kinds.values()), "wrong": len(outcome.complaints)}
    outcome.complaints = outcome.complaints[:5]
    outcome.bites = dict(kinds)
    return outcome


def _add_log(chat: Topology, room: str) -> Log:
    ages = [25 * HOUR_MS] * EXPIRED + [HOUR_MS] * FRESH
    stream = add_room(chat.database_url, room, ages)
    return Log(room=room, stream=stream, floor=EXPIRED + 1, head=EXPIRED + FRESH)


def _cursors(log: Log) -> Iterator[tuple[str, dict[str, Any]]]:
    """For ever: a kind of resume, and its cursor."""
    near = log.head - TOO_FAR
    kinds: dict[str, Callable[[], int]] = {
        "recovered": lambda: random.randint(near, log.head),
        "the edge of too far": lambda: random.choice((near - 1, near)),
        "too far": lambda: random.randint(log.floor - 1, near - 1),
        "truncated": lambda: random.randint(0, log.floor - 2),
        "ahead": lambda: log.head + random.randint(1, 10**6),
        "page after a cleanup": lambda: random.randint(near, log.head - LIMIT - 1),
    }
    while True:
        for kind, draw in kinds.items():
            yield kind, {"stream": log.stream, "seq": draw()}
        yield "wrong stream", {"stream": random.choice((log.stream[::-1], "none")), "seq": log.head - 3}


def _wrong(log: Log, kind: str, cursor: dict[str, Any], ack: dict[str, Any]) -> str | None:
    """What is wrong with this answer; None: it is what the log demands."""
    if not ack["ok"]:
        return str(ack["error"])
    reason = _reason(log, cursor)
    if (ack["recovered"], ack.get("reason")) != (reason is None, reason):
        return f"recovered {ack['recovered']} because {ack.get('reason')}, not {reason}"
    seqs = [event["seq"] for event in ack["events"]]
    first = cursor["seq"] + 1 if reason is None else log.head - LIMIT + 1
    last = min(log.head, first + LIMIT - 1)
    if seqs != list(range(first, last + 1)):
        return f"events {seqs[:1]} to {seqs[-1:]}, not {first} to {last}"
    if reason is None and ack["more"] != (last < log.head):
        return f"more is {ack['more']}, and the head is {log.head}"
    if (ack["head"], ack["floor"], ack["stream"]) != (log.head, log.floor, log.stream):
        return f"head {ack['head']}, floor {ack['floor']}"
    return None


def _reason(log: Log, cursor: dict[str, Any]) -> str | None:
    if cursor["stream"] != log.stream:
        return "stream_changed"
    if cursor["seq"] > log.head:
        return "ahead"
    if cursor["seq"] < log.floor - 1:
        return "truncated"
    return "too_far" if log.head - cursor["seq"] > TOO_FAR else None


def _clean_and_page(chat: Topology, client: PlainSocket, log: Log, ack: dict[str, Any]) -> str | None:
    """The cleanup runs between a resume and the next page: nothing that is left may be missing."""
    set_alarm(chat.database_url, due_hours_ago=0.1, done_hours_ago=1)
    command = [sys.executable, "-m", "faults.clean_up_once", chat.database_url, str(24 * HOUR_MS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode or not json.loads(done.stdout)["rows"]:
        raise NotSo(f"the cleanup removed nothing: {done.stdout}{done.stderr[-300:]}")
    last = ack["events"][-1]["seq"]
    page = client.ask("history", {"room": log.room, "after": last, "limit": LIMIT})
    seqs = [event["seq"] for event in page["events"]]
    wanted = list(range(last + 1, min(log.head, last + LIMIT) + 1))
    return None if seqs == wanted else f"the page after {last} was {seqs[:1]} to {seqs[-1:]}"


SCENARIO = Scenario(
    name="F19",
    title="odd resumes: truncated, ahead, too far, wrong stream, a cleanup between pages",
    criterion="1,000 of 1,000 answered correctly",
    run=run,
    places=(SQLITE, POSTGRESQL),
)
