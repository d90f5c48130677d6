"""F20: speech at the very moment at which a room falls asleep, each message twice, without waiting.

On one node fifty rooms fall asleep after a second; fifty people speak to them every 1.00 ± 0.05 s, in
bursts of three that do not wait for each other, and repeat one of them with the same client id. With
several nodes each message is sent through all of them.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from chatapp.client.sign_in import sign_in
from faults.history import Answered, History, Key, Sent
from faults.measuring import percentile
from faults.plain_socket import PlainSocket
from faults.probe import Probe
from faults.recorder import Recorder, clock
from faults.scenario import CLUSTER, SQLITE, Limit, Outcome, Scenario, Stage
from faults.stored import read_stored
from faults.topology import Topology

ROOMS, CYCLES, BURST = 50, 10, 3
IDLE_SECONDS = 1.0
THREEFOLD, THREEFOLD_ROOM = 200, "threefold"


def run(stage: Stage, where: str) -> Outcome:
    return _threefold(stage) if where == CLUSTER else _sleepy(stage, where)


def _threefold(stage: Stage) -> Outcome:
    """Each message through three nodes at once, as if a network could not make up its mind."""
    outcome, told = Outcome(), []
    with stage.chat(CLUSTER) as chat, ThreadPoolExecutor(len(chat.nodes)) as hands:
        first = Probe(chat.node.url, room=THREEFOLD_ROOM)
        probes = [first.at(node.url) for node in chat.nodes]
        for number in range(THREEFOLD):
            acks = list(hands.map(partial(Probe.insist, client_id=f"c-{number}"), probes))
            told.append({ack["seq"] for ack in acks})
            outcome.bites["duplicates"] = outcome.bites.get("duplicates", 0) + sum(
                ack["duplicate"] for ack in acks
            )
        recorder = Recorder()
        read_stored(recorder.history, chat.database_url, [THREEFOLD_ROOM])
    rows = [row.key for row in recorder.history.rows]
    outcome.expect(all(len(seqs) == 1 for seqs in told), "one message was told two places")
    outcome.expect(len(rows) == len(set(rows)) == THREEFOLD, f"{len(rows)} rows for {THREEFOLD} messages")
    return outcome


def _sleepy(stage: Stage, where: str) -> Outcome:
    outcome, recorder = Outcome(), Recorder()
    settings = {"CHAT_ROOM_IDLE_SECONDS": str(IDLE_SECONDS), "CHAT_PRESENCE_GRACE_SECONDS": "0"}
    with stage.chat(where, settings) as chat, ThreadPoolExecutor(ROOMS) as hands:
        people = [Speaker(chat, n, recorder.history) for n in range(ROOMS)]
        time.sleep(2 * IDLE_SECONDS)  # let arriving be over
        list(hands.map(Speaker.speak_often, people))
        metrics = chat.node.metrics()
        read_stored(recorder.history, chat.database_url, [person.room for person in people])
        for person in people:
            person.socket.abandon()
    history = recorder.history
    history.ended_at = clock()
    outcome.check(history)
    wakes = [seconds for person in people for seconds in person.firsts]
    outcome.figures |= {
        "wake_p50_ms": percentile(wakes, 0.5) * 1000,
        "wake_p99_ms": percentile(wakes, 0.99) * 1000,
    }
    outcome.bites = {
        "hibernations": int(metrics.get("chat_hibernations_total", 0)),
        "wakes": int(metrics.get("chat_wake_seconds_count", 0)) - ROOMS,
        "duplicate_acks": history.counts()["duplicate_acks"],
    }
    outcome.expect(len(history.rows) == ROOMS * CYCLES * BURST, f"{len(history.rows)} rows")
    return outcome


class Speaker:
    def __init__(self, chat: Topology, number: int, history: History) -> None:
        self.room = f"sleepy-{number}"
        self.firsts: list[float] = []  # seconds to the first ack of each burst
        self._history = history
        signed_in = sign_in(chat.node.url, f"Speaker {number}")
        self._by: dict[str, Any] = {"client": signed_in["user"]["id"], "connection": number}
        self.socket = PlainSocket(chat.node.port, signed_in["token"], self.room)
        self.socket.join()

    def speak_often(self) -> None:
        time.sleep(random.random() * IDLE_SECONDS)  # not all in one breath
        for cycle in range(CYCLES):
            time.sleep(IDLE_SECONDS + random.uniform(-0.05, 0.05))
            keys: list[Key] = [(self.room, self._by["client"], f"c-{cycle}-{n}") for n in range(BURST)]
            at = clock()
            calls = [(key, self._send(key)) for key in keys]
            repeated = random.choice(keys)
            calls.append((repeated, self._send(repeated, is_retry=True)))
            for key, number in calls:
                self._note(key, self.socket.answer(number))
                if key == keys[0] and len(self.firsts) == cycle:
                    self.firsts.append(clock() - at)

    def _send(self, key: Key, *, is_retry: bool = False) -> int:
        self._history.entries.append(Sent(at=clock(), **self._by, key=key, content=key[2], is_retry=is_retry))
        message = {"room": self.room, "client_id": key[2], "content": key[2]}
        return self.socket.call("message", message | ({"retry": True} if is_retry else {}))

    def _note(self, key: Key, ack: dict[str, Any]) -> None:
        error = ack.get("error", {})
        self._history.entries.append(
            Answered(
                at=clock(),
                **self._by,
                key=key,
                seq=ack.get("seq"),
                is_duplicate=ack.get("duplicate", False),
                code=error.get("code"),
                is_retryable=error.get("retryable", False),
            )
        )


SCENARIO = Scenario(
    name="F20",
    title="each message several times; speech just as a room falls asleep",
    criterion="one row each, same seq; wake p99 ≤ 100 ms",
    run=run,
    places=(SQLITE, CLUSTER),
    limits=(Limit(figure="wake_p99_ms", at_most=100, place=SQLITE),),
    catches={"no_queue": SQLITE, "no_dedupe": SQLITE, "deletes_only": CLUSTER},
)
