"""Pictures that come to a real node: a worker is rung for, by files or Redis; without one the node looks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from tusclient.client import TusClient

from chatapp.client.uploads import Transfer
from chatapp.files.folder import FolderObjects
from chatapp.jobs.ring import ring_for
from chatapp.jobs.tasks import LOOK_TASK
from chatapp.settings import Settings
from chatapp.store.database.engine import Database, open_database
from chatapp.store.migrations import upgrade
from chatapp.store.uploads.uploads import LOOKING, READY, StoredUpload, Uploads
from tests.contracts.uploaded import put_whole
from tests.pictures import MARKER, as_taken, decoded, scene
from tests.redis_servers import RedisServer
from tests.running import Nodes, RunningNode, until
from tests.uploading import Uploader, lying, metadata
from tests.workers import Worker

SECRET = "the secret of a worker that is rung for over Redis"
TAKEN = as_taken("JPEG", 6, scene(400, 300))


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    """Nobody works for it."""
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


@pytest.fixture
def ana(node: RunningNode) -> Uploader:
    return Uploader(node.url, node.sign_in("Ana")["token"])


def sent(who: Uploader, data: bytes, name: str = "IMG_1.HEIC") -> str:
    answer = who.begin(len(data), data, **metadata(filename=name, alt="the sea"))
    assert answer.status == 201
    assert answer.json["state"] == "looking"
    return answer.headers["location"]


def looked_at(who: Uploader, path: str) -> dict[str, Any]:
    found = until(lambda: (now := who.status(path))["state"] != "looking" and now, 30, 0.1)
    assert isinstance(found, dict)
    return found


def test_without_a_worker_the_node_looks_itself(node: RunningNode, ana: Uploader) -> None:
    path = sent(ana, TAKEN)

    found = looked_at(ana, path)

    assert found["state"] == "ready"
    told = found["upload"]
    assert (told["type"], told["name"], told["alt"]) == ("image/jpeg", "IMG_1.jpg", "the sea")
    assert (told["width"], told["height"], told["thumbs"]) == (400, 300, [360])
    until(lambda: len(lying(node, path)) == 2)  # what was sent goes a moment after it is ready
    assert not any(MARKER in file.read_bytes() for file in lying(node, path))
    assert until(lambda: node.metric('chat_looks_total{outcome="ready"}')) >= 1


def test_who_has_not_heard_that_a_photo_arrived_is_told_so_after_the_look_too(
    node: RunningNode, ana: Uploader
) -> None:
    path = sent(ana, TAKEN)
    seen = looked_at(ana, path)
    assert seen["upload"]["size"] != len(TAKEN), "it was written anew"

    head = ana.ask("HEAD", path)

    assert (int(head.headers["upload-length"]), head.offset) == (len(TAKEN), len(TAKEN))
    assert (seen["size"], seen["received"]) == (len(TAKEN), len(TAKEN))
    assert ana.patch(path, len(TAKEN), b"").offset == len(TAKEN)
    for more in (b"x", iter([b"x"])):
        assert ana.patch(path, len(TAKEN), more).code == "upload_too_large"


def test_clients_go_on_with_a_photo_that_arrived_and_was_looked_at(node: RunningNode, ana: Uploader) -> None:
    path = sent(ana, TAKEN)
    looked_at(ana, path)

    theirs = TusClient(node.url, headers=ana.bearer).uploader(
        file_stream=BytesIO(TAKEN), url=f"{node.url}{path}", chunk_size=1 << 20
    )
    theirs.upload()
    assert theirs.offset == len(TAKEN)

    told: list[int] = []
    ours = Transfer(
        url=node.url,
        token=lambda: ana.bearer["Authorization"].removeprefix("Bearer "),
        room_id="lobby",
        file={"name": "IMG_1.HEIC", "size": len(TAKEN)},
        source=TAKEN,
        on_progress=told.append,
    )
    ours.go_on(path.rpartition("/")[2])
    ours.wait_for_look(path.rpartition("/")[2])
    assert told == [len(TAKEN)], "nothing was sent again"


def test_a_picture_that_is_none_is_refused_and_says_why(node: RunningNode, ana: Uploader) -> None:
    path = sent(ana, TAKEN[:3000])

    assert looked_at(ana, path)["why"] == "damaged"
    assert until(lambda: lying(node, path) == [])


def test_many_at_once_are_looked_at_one_after_the_other(node: RunningNode, ana: Uploader) -> None:
    paths = [sent(ana, as_taken("PNG", image=scene(20 + n, 20))) for n in range(3)]

    assert [looked_at(ana, path)["upload"]["width"] for path in paths] == [20, 21, 22]


# --- the removal ----------------------------------------------------------------------------


def test_a_message_that_is_deleted_takes_its_files_with_it_at_once(node: RunningNode, ana: Uploader) -> None:
    path = sent(ana, TAKEN)
    looked_at(ana, path)
    upload_id = path.rpartition("/")[2]
    said = ana.ask(
        "POST",
        "/api/rooms/lobby/messages",
        json.dumps({"content": "", "uploads": [upload_id]}),
        Content_Type="application/json",
        Idempotency_Key=token_urlsafe(8),
    )
    assert said.status == 200, said.body
    until(lambda: len(lying(node, path)) == 2)

    gone = ana.ask(
        "DELETE",
        f"/api/rooms/lobby/messages/{said.json['seq']}?id={said.json['id']}",
        Idempotency_Key=token_urlsafe(8),
    )

    assert gone.status in (200, 204), gone.body
    until(lambda: lying(node, path) == [])
    with closing(sqlite3.connect(node.database)) as database:
        asked = "SELECT 1 FROM uploads WHERE upload_id = ?"
        until(lambda: database.execute(asked, (upload_id,)).fetchall() == [])


# --- the worker -----------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    upgrade(url)
    database = open_database(url)
    yield database
    database.close()


def ring(folder: Path, **environment: str) -> None:
    settings = Settings.from_environment({"CHAT_DATA_DIR": str(folder), **environment})
    ring_for(
        LOOK_TASK,
        expires_seconds=60,
        broker_url=settings.broker_url,
        data_dir=folder,
        deployment_id=settings.deployment_id,
    )()


def worker_looks(database: Database, folder: Path, **environment: str) -> None:
    """A first picture shows that the worker is up; only for the second it is rung."""
    objects = FolderObjects(folder / "uploads")

    def photo() -> StoredUpload:
        return put_whole(database, objects, TAKEN, state=LOOKING, type="image/jpeg")

    def is_ready(upload: StoredUpload) -> bool:
        found = Uploads(database).get(upload.upload_id)
        return found is not None and found.state == READY and found.claimed_until is None

    first = photo()
    with Worker(folder, ("chatapp", "worker", "--no-beat"), environment):
        until(lambda: is_ready(first), 60, 0.05)
        second = photo()
        ring(folder, **environment)
        until(lambda: is_ready(second), 30, 0.05)
    found = Uploads(database).get(second.upload_id)
    assert found is not None
    assert decoded(b"".join(objects.get(part.name) for part in found.parts)).size == (400, 300)


@pytest.mark.slow
def test_a_worker_hears_a_ring_in_a_file(database: Database, tmp_path: Path) -> None:
    worker_looks(database, tmp_path)


@pytest.mark.slow
def test_a_worker_hears_a_ring_over_redis(database: Database, tmp_path: Path) -> None:
    redis = RedisServer()
    redis.start()
    try:
        worker_looks(database, tmp_path, REDIS_URL=redis.url.replace("/0", "/3"), SECRET_KEY=SECRET)
    finally:
        redis.stop()
