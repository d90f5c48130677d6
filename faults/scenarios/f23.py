"""F23: where the bytes of files lie is full, slow or gone, in each of the five steps of a file's way.

One outage of each kind, and in it all five: a file is half there, a picture is being looked at, a ready one
is sent, one that nobody has fetched yet is asked for, a message with one is deleted. Meanwhile people talk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from chatapp.client import ChatClient, FileToSend
from faults import file_places
from faults.crowd import Crowd
from faults.file_places import KINDS, FilePlace, chat_with_files
from faults.files_left import compare, fetch_all, ring_the_alarm, rows_of
from faults.history import History
from faults.measuring import ack_seconds, percentile
from faults.people_with_files import Said, Sender, a_photo
from faults.processes import NotSo, until
from faults.recorder import clock
from faults.scenario import CLUSTER, SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology

PAPER_BYTES = 1_500_000
LEAST_SECONDS, LONGEST_SECONDS = 4.0, 60.0
ROOM = "pictures"


@dataclass(kw_only=True)
class Stand:
    """All that takes part. ``kept`` are the files that messages have, and what is in those that are known."""

    chat: Topology
    place: FilePlace
    ana: Sender
    bo: ChatClient
    outcome: Outcome
    kept: dict[str, bytes | None] = field(default_factory=dict)
    outages: list[tuple[float, float]] = field(default_factory=list)

    def bite(self, kind: str, step: str, count: int) -> None:
        self.outcome.bites[f"{kind}_{step}"] = int(count)

    def longest(self, figure: str, seconds: float) -> None:
        self.outcome.figures[figure] = max(seconds, self.outcome.figures.get(figure, 0.0))


@dataclass(kw_only=True)
class Files:
    """One for each step, as they are when the place is hurt."""

    paper: bytes
    coming: str
    looked_at: str
    to_send: str
    to_show: str
    to_go: str
    goes_with: dict[str, Any]


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with (
        chat_with_files(stage, where) as (chat, place),
        ChatClient(chat.nodes[-1].url, name="Bo") as bo,
        Crowd(chat.addresses) as crowd,
    ):
        bo.connect()
        bo.join(ROOM)
        stand = Stand(chat=chat, place=place, ana=Sender(chat.node, ROOM), bo=bo, outcome=outcome)
        for kind in KINDS:
            _outage(stand, kind)
        history = crowd.settle(chat.database_url)
        ring_the_alarm(chat.database_url, place.objects, outcome)
        rows = compare(chat.database_url, place.objects, list(stand.kept), outcome)
        fetch_all(rows, stand.ana, stand.kept, place.objects, outcome)
    outcome.check(history)
    _measure(stand, history)
    return outcome


def _measure(stand: Stand, history: History) -> None:
    """What is said has nothing to do with files: before the first outage, and in them."""
    outcome, first = stand.outcome, stand.outages[0][0]
    meanwhile = [each for begin, end in stand.outages for each in ack_seconds(history, begin, end)]
    outcome.figures["calm_ack_p99_ms"] = 1000 * percentile(ack_seconds(history, 0.0, first), 0.99)
    outcome.figures["ack_p99_ms"] = 1000 * percentile(meanwhile, 0.99)
    outcome.bites["acks_meanwhile"] = len(meanwhile)
    outcome.bites["files_kept"] = len(stand.kept)


def _outage(stand: Stand, kind: str) -> None:
    files = _prepare(stand)
    with stand.place.hurt(kind):
        began_at = clock()
        sent = stand.bo.send_file(ROOM, FileToSend(source=a_photo(), name="IMG_2.jpg"))
        with ThreadPoolExecutor() as threads:
            _all_steps(stand, kind, files, threads)
        time.sleep(max(0.0, LEAST_SECONDS - (clock() - began_at)))
        stand.bite(kind, "look", stand.ana.state(files.looked_at) == "looking")
        stand.bite(kind, "forget", _is_forgetting(stand, kind, files.to_go))
        stand.outages.append((began_at, clock()))
    _goes_on(stand, files, sent)


def _prepare(stand: Stand) -> Files:
    """The look has begun, and waits before it reads: what it does next, it does in the outage."""
    ana = stand.ana
    paper = Random().randbytes(PAPER_BYTES)
    to_send, to_show, to_go = (ana.upload(a_photo()) for _ in range(3))
    for upload_id in (to_send, to_show, to_go):
        ana.until_ready(upload_id)
    ana.say(to_show)
    goes_with = ana.say(to_go)
    coming = ana.begin(len(paper), "paper.txt")
    half = ana.patch(coming, 0, paper[: PAPER_BYTES // 2])
    stand.outcome.expect(half.status == 204, f"half a file was refused: {half.code}")
    stand.chat.node.arm("in_look", "sleep")
    looked_at = ana.upload(a_photo())
    until(lambda: stand.chat.node.has_bitten("in_look"), LONGEST_SECONDS, "a look that has begun")
    more = {"to_send": to_send, "to_show": to_show, "to_go": to_go}
    return Files(paper=paper, coming=coming, looked_at=looked_at, goes_with=goes_with, **more)


def _all_steps(stand: Stand, kind: str, files: Files, threads: ThreadPoolExecutor) -> None:
    """At once, each as somebody does it."""
    ana = stand.ana
    rest = files.paper[PAPER_BYTES // 2 :]
    coming = threads.submit(ana.patch, files.coming, PAPER_BYTES // 2, rest)
    shown = threads.submit(ana.fetch, files.to_show)
    sent = threads.submit(_timed, lambda: ana.say(files.to_send))
    gone = threads.submit(_timed, lambda: ana.delete(files.goes_with))
    _expect_refusal(stand, kind, "upload", coming)
    _expect_shown(stand, kind, shown)
    stand.bite(kind, "send", 1)
    stand.longest("sent_meanwhile_max_seconds", sent.result())
    stand.longest("deleted_meanwhile_max_seconds", gone.result())
    _expect_gone(stand, kind, files)


def _expect_refusal(stand: Stand, kind: str, step: str, asked: Future[Said]) -> None:
    said = asked.result()
    is_so = (said.status, said.code) == (503, stand.place.refusals[kind])
    stand.outcome.expect(is_so, f"{kind}, {step}: answered {said.status} {said.code}")
    stand.bite(kind, step, is_so)
    stand.longest("refused_max_seconds", said.seconds)


def _expect_shown(stand: Stand, kind: str, asked: Future[Said]) -> None:
    """What takes nothing more may still be read."""
    if kind not in stand.place.serves_while:
        _expect_refusal(stand, kind, "serve", asked)
        return
    said = asked.result()
    stand.outcome.expect(said.status == 200, f"{kind}, serve: answered {said.status} {said.code}")
    stand.bite(kind, "serve", said.status == 200)


def _expect_gone(stand: Stand, kind: str, files: Files) -> None:
    """Nobody gets it from now on, whatever lies there still."""
    said = stand.ana.fetch(files.to_go)
    stand.outcome.expect(said.status in (404, 410), f"{kind}, forget: answered {said.status}")


def _is_forgetting(stand: Stand, kind: str, upload_id: str) -> bool:
    """As it must be in an outage: its bytes go if they can, or else its row stands as long as they may."""
    is_left = any(row.upload_id == upload_id for row in rows_of(stand.chat.database_url))
    if kind in stand.place.forgets_while:
        return not is_left
    return is_left or kind not in stand.place.holds_while


def _goes_on(stand: Stand, files: Files, sent: str) -> None:
    """By itself: nobody is told that all is well again."""
    healed_at, ana = clock(), stand.ana
    went_on: dict[str, Callable[[], object]] = {
        "upload": lambda: _bring_the_rest(ana, files),
        "look": lambda: ana.state(files.looked_at) == "ready",
        "forget": lambda: _is_forgotten(stand, files.to_go),
        "client": lambda: _is_sent(stand.bo, sent),
    }
    while went_on:
        for step in [step for step, has_gone_on in went_on.items() if has_gone_on()]:
            del went_on[step]
            stand.longest(f"{step}_goes_on_max_seconds", clock() - healed_at)
        time.sleep(0.05)
        if clock() - healed_at > LONGEST_SECONDS:
            raise NotSo(f"{', '.join(went_on)}: does not go on within {LONGEST_SECONDS:g} s of the healing")
    ana.say(files.coming, files.looked_at)
    photos = [files.looked_at, files.to_send, files.to_show, *_files_of(stand.bo, sent)]
    stand.kept |= {files.coming: files.paper, **dict.fromkeys(photos)}


def _bring_the_rest(ana: Sender, files: Files) -> bool:
    offset = ana.offset(files.coming)
    return offset == PAPER_BYTES or ana.patch(files.coming, offset, files.paper[offset:]).status == 204


def _is_forgotten(stand: Stand, upload_id: str) -> bool:
    return not any(row.upload_id == upload_id for row in rows_of(stand.chat.database_url)) and not list(
        stand.place.objects.names(f"{upload_id}/")
    )


def _is_sent(bo: ChatClient, client_id: str) -> bool:
    return bo.take_turn(lambda: client_id in bo.room(ROOM).sent)


def _files_of(bo: ChatClient, client_id: str) -> list[str]:
    """They are told with the message itself, which may come behind its ack."""
    seq = bo.take_turn(lambda: bo.room(ROOM).sent[client_id])
    row = bo.wait_for(lambda: next((row for row in bo.room(ROOM).messages if row["seq"] == seq), None))
    assert row is not None
    return [each["id"] for each in row["body"]["uploads"]]


def _timed(act: Callable[[], object]) -> float:
    began_at = clock()
    act()
    return clock() - began_at


SCENARIO = Scenario(
    name="F23",
    title="where files lie is full, slow, gone, in each of the five steps of their way",
    criterion="nothing that was sent is lost, nothing is left of what is gone, all goes on by itself",
    run=run,
    places=(SQLITE, CLUSTER),
    limits=(
        Limit(figure="refused_max_seconds", at_most=25),
        Limit(figure="sent_meanwhile_max_seconds", at_most=1),
        Limit(figure="deleted_meanwhile_max_seconds", at_most=1),
        Limit(figure="ack_p99_ms", at_most=250),
        Limit(figure="upload_goes_on_max_seconds", at_most=5),
        Limit(figure="look_goes_on_max_seconds", at_most=20),
        Limit(figure="forget_goes_on_max_seconds", at_most=20),
        Limit(figure="client_goes_on_max_seconds", at_most=30),
    ),
    why_not=file_places.why_not,
)
