"""Where the bytes of files lie in a scenario, and what becomes of it: full, slow, gone, and healed.

A folder has a disk of its own, so whatever happens to that is no fault of the database. An S3 server has one
too, which can be full; slow or gone it is by a proxy in front of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

from chatapp.files.objects import FOLDER, Objects, open_objects
from faults import block_disk, s3_server, topology
from faults.block_disk import BlockDisk
from faults.proxy import Proxy
from faults.s3_server import S3Server
from faults.scenario import CLUSTER, SQLITE, Stage
from faults.topology import Topology

FULL, SLOW, GONE = "full", "slow", "gone"
KINDS = (FULL, SLOW, GONE)
AWAY = "storage_unavailable"


class FilePlace(Protocol):
    objects: Objects
    """The suite's own way to them, which no proxy stands in."""
    refusals: Mapping[str, str]
    """The code of what is refused in each kind of outage."""
    serves_while: Sequence[str]
    """Kinds of outages in which files are still read."""
    forgets_while: Sequence[str]
    """Kinds in which what is gone is still removed."""
    holds_while: Sequence[str]
    """Kinds in which it is not, until they are over."""

    def hurt(self, kind: str) -> AbstractContextManager[None]:
        """It is full, slow or gone for the block, and well again behind it."""


class FolderPlace:
    """Slow is a disk that takes no write; gone is one that is not mounted any more."""

    refusals: Mapping[str, str] = {FULL: "storage_full", SLOW: AWAY, GONE: AWAY}
    serves_while: Sequence[str] = (FULL, SLOW)
    forgets_while: Sequence[str] = (FULL,)
    holds_while: Sequence[str] = (SLOW, GONE)

    def __init__(self, disk: BlockDisk) -> None:
        self.objects: Objects = open_objects(None, disk.folder.parent)
        self._disk = disk

    def hurt(self, kind: str) -> AbstractContextManager[None]:
        return {FULL: self._disk.kept_full, SLOW: self._disk.frozen, GONE: self._disk.taken_away}[kind]()


class BucketPlace:
    """Slow is a server that is heard no more, gone is one that sends everybody away.

    One whose disk is full does not say so, removes something or nothing, and has to be started again: until
    then SeaweedFS takes nothing.
    """

    refusals: Mapping[str, str] = {FULL: AWAY, SLOW: AWAY, GONE: AWAY}
    serves_while: Sequence[str] = (FULL,)
    forgets_while: Sequence[str] = ()
    holds_while: Sequence[str] = (SLOW, GONE)

    def __init__(self, server: S3Server, proxy: Proxy, disk: BlockDisk) -> None:
        self.objects = server.objects()
        self._server = server
        self._proxy = proxy
        self._disk = disk

    def hurt(self, kind: str) -> AbstractContextManager[None]:
        return self._full() if kind == FULL else self._cut_off(is_heard=kind == GONE)

    @contextmanager
    def _full(self) -> Iterator[None]:
        with self._disk.kept_full():
            yield
        self._server.stop()
        self._server.start()

    @contextmanager
    def _cut_off(self, *, is_heard: bool) -> Iterator[None]:
        if is_heard:
            self._proxy.is_refusing = True
            self._proxy.cut()
        else:
            self._proxy.swallow()
        yield
        self._proxy.heal()


@contextmanager
def chat_with_files(stage: Stage, where: str) -> Iterator[tuple[Topology, FilePlace]]:
    """On SQLite one node, whose folder of files is a disk; elsewhere three, with an S3 server."""
    start = _on_a_folder if where == SQLITE else _on_a_bucket
    with start(stage) as (chat, place):
        yield chat, place


def why_not() -> str | None:
    return block_disk.why_not() or s3_server.why_not()


@contextmanager
def _on_a_folder(stage: Stage) -> Iterator[tuple[Topology, FilePlace]]:
    folder, image = stage.new_folder(), stage.new_folder() / "disk"
    (folder / FOLDER).mkdir()
    with BlockDisk(folder / FOLDER, image) as disk:
        with topology.on_sqlite(folder, **stage.settings) as chat:
            yield chat, FolderPlace(disk)
        stage.search(chat, folder)


@contextmanager
def _on_a_bucket(stage: Stage) -> Iterator[tuple[Topology, FilePlace]]:
    folder, image = stage.new_folder(), stage.new_folder() / "disk"
    with ExitStack() as stack:
        disk = stack.enter_context(BlockDisk(folder, image, megabytes=128))
        server = S3Server(folder / "s3")
        stack.callback(server.stop)
        server.start()
        proxy = stack.enter_context(Proxy(server.port))
        settings = server.settings | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}"}
        with stage.chat(CLUSTER, settings) as chat:
            yield chat, BucketPlace(server, proxy, disk)
