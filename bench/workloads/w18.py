"""W18: 1,000 people load one picture of 3 MB, at once and again and again, while a room of 100 talks.

Ten talk, a message a second each; once in peace and once beside those who load. How much they are given in a
second is held against what ``sendfile`` gives the same people here, by a program that does nothing else.
"""

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import insert

from bench.beside import beside
from bench.crowd import Crowd
from bench.figures import CHAT, Outcome, Target, slowest_ms
from bench.ledger import Ledger
from bench.senders import Talk
from bench.servers import Chat
from bench.stage import SENDFILE, Stage, Workload, judged, outcome
from bench.steady_talk import SteadyTalk
from bench.workloads.closed_loop import HUB_LAG
from chatapp.files.objects import open_objects
from chatapp.store.database.engine import open_database
from chatapp.store.models import READY, uploads
from chatapp.store.uploads.uploads import as_text

MEMBERS, TALKERS, PER_SECOND = 100, 10, 10
PEOPLE, FILE_BYTES = 1_000, 3_000_000
MIB = 1 << 20


def measure(stage: Stage, kind: str) -> Outcome:
    return _of_sendfile(stage) if kind == SENDFILE else _of_the_chat(stage)


def _of_the_chat(stage: Stage) -> Outcome:
    with stage.chat() as server, Crowd(server.port) as crowd:
        members = crowd.connect(server.seats(MEMBERS, lambda _: "room"))
        picture = _put(server)
        crowd.settle()
        ledger, talk = Ledger(members), Talk(crowd, members[:TALKERS])
        steady = SteadyTalk(crowd, talk, per_second=PER_SECOND, seconds=stage.seconds)
        steady.in_peace()
        before = server.metrics()
        with loading(server.port, f"/files/{picture}", server.tokens(PEOPLE)) as loaded:
            steady.beside()
            after = server.metrics()
        figures = steady.figures() | loaded.figures
        figures |= slowest_ms("hub_lag", before, after, HUB_LAG)
        talk.end()
        return outcome(crowd, figures, *ledger.disagreements(), *loaded.complaints)


def _of_sendfile(stage: Stage) -> Outcome:
    with stage.server(SENDFILE, BYTES=str(FILE_BYTES)) as server:
        tokens = [str(number) for number in range(PEOPLE)]
        with loading(server.port, "/", tokens) as loaded:
            time.sleep(stage.seconds)
        return judged(0, loaded.figures, *loaded.complaints)


class Loaded:
    """What they were given, once it is over."""

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}
        self.complaints: list[str] = []


@contextmanager
def loading(port: int, path: str, tokens: Sequence[str]) -> Iterator[Loaded]:
    """Meanwhile they load."""
    loaded = Loaded()
    with beside("bench.loaders", port, path, tokens=tokens) as said:
        yield loaded
    loaded.figures["megabytes_per_s"] = said["bytes"] / MIB / said["seconds"]
    loaded.figures["pictures"] = said["files"]
    loaded.complaints += said["refused"][:1]


def _put(server: Chat) -> str:
    """A picture that somebody has sent."""
    upload_id, data, now = secrets.token_urlsafe(16), os.urandom(FILE_BYTES), int(time.time() * 1000)
    name = f"{upload_id}/picture"
    open_objects(None, server.folder).put(name, data)
    row = {
        "upload_id": upload_id,
        "room_id": "room",
        "user_id": "somebody",
        "state": READY,
        "created_at": now,
        "touched_at": now,
        "size": len(data),
        "received": len(data),
        "parts": as_text([(name, len(data))]),
        "type": "image/jpeg",
        "words": as_text({"name": "beach.jpg"}),
        "address": "",
        "message_seq": 1,
        "message_ts": now,
        "tries": 0,
    }
    database = open_database(server.database_url)
    with database.writing() as connection:
        connection.execute(insert(uploads), row)
    database.close()
    return upload_id


WORKLOAD = Workload(
    name="W18",
    title="a room of 100 beside 1,000 who load a picture of 3 MB",
    measure=measure,
    servers=(CHAT, SENDFILE),
    headline="megabytes_per_s",
    targets=(
        Target(figure="megabytes_per_s", to=SENDFILE, at_least=0.5),
        Target(figure="p99_to_quiet", at_most=1.5),
    ),
)
