"""A web node's share in looks: it rings the worker for each picture that comes whole, and looks itself where
none comes.

What came here is watched until it is known what became of it; while nothing waits, nothing is asked, except
once a minute whether a look was left over. One picture is looked at at a time, on a thread of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from chatapp.errors import ChatError
from chatapp.files.looking import Looked, look_at_next
from chatapp.files.threaded import FileState, ThreadedFiles
from chatapp.jobs.ring import Ring
from chatapp.jobs.telling import tell_look
from chatapp.runtime import HubScheduler, Threads
from chatapp.store.database.failures import in_its_words
from chatapp.store.uploads.life import Fate, UploadLife
from chatapp.store.uploads.uploads import LOOKING, READY, REFUSED, StoredUpload

PATIENCE_SECONDS = 3.0  # for a worker, whose mail is read once a second
ALONE_SECONDS = 60.0  # after one that no worker claimed in time, nobody waits for any
WATCH_SECONDS, SLOW_WATCH_SECONDS = 0.5, 5.0
SLOW_AFTER_SECONDS = 20.0
NET_SECONDS = 60.0
MOST_WATCHED = 1000

logger = logging.getLogger(__name__)


class Looks:
    """``files`` is asked what became of a picture, ``own`` has the one thread that looks.

    ``on_look`` hears what became of each that came here: ``ready``, ``damaged``, ``too_large`` or ``gone``,
    and after how many seconds.
    """

    def __init__(
        self,
        *,
        files: ThreadedFiles,
        own: ThreadedFiles,
        ring: Ring,
        scheduler: HubScheduler,
        on_look: Callable[[str, float], object],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._files = files
        self._own = own
        self._ring = ring
        self._rings: Threads[None] = Threads("ring", 1, lambda: None)
        self._scheduler = scheduler
        self._on_look = on_look
        self._patience_seconds = patience_seconds
        self._waiting: dict[str, float] = {}
        self._alone_until = 0.0
        self._looked_at: set[str] = set()  # by this node, of those that wait
        self._is_watching = False
        self._is_looking = False
        self._begun = 0  # looks of this node
        self._is_stopped = False
        self._net = scheduler.call_later(NET_SECONDS, self._cast_net)

    def stop(self) -> None:
        """A look under way ends with the process, and is done again by somebody else."""
        self._is_stopped = True
        self._net.cancel()
        self._rings.stop(0)
        self._own.stop()

    def came(self, upload: StoredUpload) -> None:
        """A file is whole. Only pictures wait."""
        if upload.state != LOOKING or self._is_stopped:
            return
        if len(self._waiting) < MOST_WATCHED:
            self._waiting[upload.upload_id] = self._scheduler.elapsed()
        self._rings.submit(lambda _: self._ring(), self._rung)
        if self._scheduler.elapsed() < self._alone_until:
            self._look()
        if not self._is_watching:
            self._is_watching = True
            self._scheduler.call_later(WATCH_SECONDS, self._watch)

    def _rung(self, result: object) -> None:
        if isinstance(result, BaseException):
            self._look()  # nobody has heard it

    def _watch(self) -> None:
        if not self._waiting or self._is_stopped:
            self._is_watching = False
            return
        asked = list(self._waiting)
        begun = None if self._is_looking else self._begun
        self._files.look_up(
            lambda store: UploadLife(store.database).fates(asked),
            lambda fates: self._seen(asked, begun, fates),
        )

    def _seen(self, asked: list[str], begun: int | None, fates: dict[str, Fate] | BaseException) -> None:
        now = self._scheduler.elapsed()
        if isinstance(fates, BaseException):
            fates = dict.fromkeys(asked, Fate(LOOKING, is_claimed=True, why=""))  # nobody can say now
        elif begun == self._begun and any(map(self._is_others, fates, fates.values())):
            self._alone_until = 0.0
        for upload_id in asked:
            fate = fates.get(upload_id)
            waited = now - self._waiting[upload_id]
            if fate is None or fate.state != LOOKING:
                del self._waiting[upload_id]
                self._looked_at.discard(upload_id)
                self._on_look(_outcome(fate), waited)
            elif not fate.is_claimed and waited > self._patience_seconds:
                self._alone_until = now + ALONE_SECONDS
                self._look()
        since = max(self._waiting.values(), default=now)
        is_slow = now - since > SLOW_AFTER_SECONDS
        self._scheduler.call_later(SLOW_WATCH_SECONDS if is_slow else WATCH_SECONDS, self._watch)

    def _is_others(self, upload_id: str, fate: Fate) -> bool:
        """Asked where this node does not look, and has not begun to: somebody has it, or has looked at it."""
        is_had = fate.is_claimed or fate.state in (READY, REFUSED)
        return is_had and upload_id not in self._looked_at

    def _cast_net(self) -> None:
        self._look()
        self._net = self._scheduler.call_later(NET_SECONDS, self._cast_net)

    def _look(self) -> None:
        if not self._is_looking and not self._is_stopped:
            self._is_looking = True
            self._begun += 1
            self._own.submit(lambda state: look_at_next(_life(state), state.objects), self._looked)

    def _looked(self, looked: Looked | BaseException | None) -> None:
        self._is_looking = False
        if isinstance(looked, Looked):
            tell_look(looked)
            if looked.upload_id in self._waiting:
                self._looked_at.add(looked.upload_id)
            self._look()
        elif isinstance(looked, BaseException) and not isinstance(looked, ChatError):
            logger.warning("a picture could not be looked at: %s", in_its_words(looked))


def _life(state: FileState) -> UploadLife:
    return UploadLife(state.store.database)


def _outcome(fate: Fate | None) -> str:
    if fate is not None and fate.state == READY:
        return "ready"
    return fate.why if fate is not None and fate.state == REFUSED else "gone"
