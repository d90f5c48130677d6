"""A web node's share in removing files: those that messages let go here are removed at once.

The alarm is the net, and once a minute this node looks for what was left over by a node that has ended. While
what holds the bytes is away, it asks again every few seconds.
"""

from __future__ import annotations

import logging

from chatapp.errors import ChatError
from chatapp.files.removing import remove_gone
from chatapp.files.threaded import FileState, ThreadedFiles
from chatapp.runtime import HubScheduler
from chatapp.store.database.failures import in_its_words

NET_SECONDS = 60.0
AGAIN_SECONDS = 10.0  # after an outage, as looks do

logger = logging.getLogger(__name__)


class Removals:
    """Make it on the hub."""

    def __init__(self, files: ThreadedFiles, scheduler: HubScheduler) -> None:
        self._files = files
        self._scheduler = scheduler
        self._is_removing = False
        self._must_again = False
        self._is_stopped = False
        self._net = scheduler.call_later(NET_SECONDS, self._cast_net)

    def stop(self) -> None:
        """What is not removed by then is removed by somebody else."""
        self._is_stopped = True
        self._net.cancel()

    def let_go(self) -> None:
        """A message has let go of files, and that is committed."""
        if self._is_stopped:
            return
        if self._is_removing:
            self._must_again = True
            return
        self._is_removing = True
        self._files.submit(_remove, self._removed)

    def _cast_net(self) -> None:
        self.let_go()
        self._cast_net_in(NET_SECONDS)

    def _cast_net_in(self, seconds: float) -> None:
        self._net.cancel()
        self._net = self._scheduler.call_later(seconds, self._cast_net)

    def _removed(self, result: int | BaseException) -> None:
        self._is_removing = False
        if isinstance(result, BaseException):
            if not isinstance(result, ChatError):
                logger.warning("files could not be removed: %s", in_its_words(result))
            elif not self._is_stopped:  # an outage is told by whoever has the store
                self._cast_net_in(AGAIN_SECONDS)
        elif self._must_again:
            self._must_again = False
            self.let_go()


def _remove(state: FileState) -> int:
    return remove_gone(state.store.database, state.objects)
