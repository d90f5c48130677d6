"""The pump: a real thread that sends what is long, while the hub sends what people wait for.

A thousand who load a picture would else have the hub copy a gigabyte a second into their sockets, and each
message would wait for some of it. The thread gives everybody who has room one piece in turn, holds nothing
for those who have none, and again and again gives way to whoever else has something to do. It must not log,
print, or touch a lock that eventlet has patched (``threads``).
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from eventlet import hubs, patcher

from chatapp.runtime.hub.hub import run_logged
from chatapp.runtime.hub.wakeup import Wakeup
from chatapp.runtime.sending.shared_bytes import SharedPiece

_socket = patcher.original("socket")
_select = patcher.original("select")
_threading = patcher.original("threading")

PIECES_BETWEEN_LOOKS = 8  # at who has room again, and at who is new
TOLD_A_TURN = 16  # of those whose source is at its end; what each then does takes the hub a moment
PROGRESS_SECONDS = 1.0
WITHOUT_GIVING_WAY_SECONDS = 0.0005  # as long as the interpreter is kept from others
NICE = 10  # behind the hub where the processors are few
_READABLE, _WRITABLE = 1, 4  # as poll and epoll have them


class Source(Protocol):
    """Where the bytes come from. All of it is called on the pump's thread, and must not wait."""

    def piece(self) -> SharedPiece | None:
        """What comes next; None: nothing more is at hand."""

    def sent(self, size: int) -> None:
        """So much of that is with the system now."""

    def let_go(self) -> None:
        """The client takes nothing for now: hold nothing for it."""


class Job:
    """``sent_bytes`` so far. ``on_progress`` is called on the hub now and then, with what has gone since."""

    __slots__ = ("done", "on_progress", "sent_bytes", "socket", "source", "told_bytes")

    def __init__(
        self,
        socket: Any,
        source: Source,
        done: Callable[[BaseException | None], object],
        on_progress: Callable[[int], object],
    ) -> None:
        self.socket = socket
        self.source = source
        self.done = done
        self.on_progress = on_progress
        self.sent_bytes = 0
        self.told_bytes = 0


class Pump:
    """Make it on the hub; its thread begins with the first job."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: dict[Job, None] = {}
        self._finished: deque[tuple[Job, BaseException | None]] = deque()
        self._wakeup = Wakeup(self._tell)
        self._thread: _Thread | None = None
        self._is_telling = self._is_looking = False

    def __len__(self) -> int:
        return len(self._jobs)

    def send(
        self,
        socket: Any,
        source: Source,
        done: Callable[[BaseException | None], object],
        on_progress: Callable[[int], object],
    ) -> None:
        """Send into a socket that does not block, until the source has nothing at hand, or it fails.

        ``done`` gets None then, or what it failed with. The socket must stay open until that: whoever wants
        no more of it shuts it down.
        """
        if self._thread is None:
            self._thread = _Thread(self._name, self._finish)
        job = Job(socket, source, done, on_progress)
        self._jobs[job] = None
        self._thread.take(job)
        self._look_later()

    def stop(self) -> None:
        """Blocks the hub for a moment. Nobody is told of what was not finished."""
        if self._thread is not None:
            self._thread.stop()
        self._wakeup.close()

    def _finish(self, job: Job, error: BaseException | None) -> None:
        self._finished.append((job, error))
        self._wakeup.ring()

    def _tell(self) -> None:
        if not self._is_telling:
            self._tell_some()

    def _tell_some(self) -> None:
        for _ in range(min(len(self._finished), TOLD_A_TURN)):
            job, error = self._finished.popleft()
            self._tell_progress(job)
            del self._jobs[job]
            run_logged(job.done, error)
        self._is_telling = bool(self._finished)
        if self._is_telling:
            hubs.get_hub().schedule_call_global(0, self._tell_some)

    def _look_later(self) -> None:
        if self._jobs and not self._is_looking:
            self._is_looking = True
            hubs.get_hub().schedule_call_global(PROGRESS_SECONDS, self._look)

    def _look(self) -> None:
        self._is_looking = False
        for job in list(self._jobs):
            self._tell_progress(job)
        self._look_later()

    def _tell_progress(self, job: Job) -> None:
        sent_bytes = job.sent_bytes
        run_logged(job.on_progress, sent_bytes - job.told_bytes)
        job.told_bytes = sent_bytes


def _step_back() -> None:
    """Let all others of the process go before this thread, if it does not come last already."""
    if sys.platform == "linux":  # elsewhere only a process has a priority
        with suppress(OSError):
            nice = max(NICE, os.getpriority(os.PRIO_PROCESS, 0))
            os.setpriority(os.PRIO_PROCESS, _threading.get_native_id(), nice)


class _Thread:
    """``finish`` is called on it."""

    def __init__(self, name: str, finish: Callable[[Job, BaseException | None], object]) -> None:
        self._finish = finish
        self._new: deque[Job] = deque()
        self._ready: deque[Job] = deque()
        self._without_room: dict[int, Job] = {}
        self._poller: Any = _select.epoll() if hasattr(_select, "epoll") else _select.poll()
        self._hear, self._ring = _socket.socketpair()
        self._hear.setblocking(False)
        self._ring.setblocking(False)
        self._poller.register(self._hear.fileno(), _READABLE)
        self._is_ringing = self._is_over = False
        self._gave_way_at = 0.0
        self._thread = _threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    # --- on the hub ---

    def take(self, job: Job) -> None:
        self._new.append(job)
        self._wake()

    def stop(self) -> None:
        self._is_over = True
        self._wake()
        self._thread.join()
        self._hear.close()
        self._ring.close()

    def _wake(self) -> None:
        if not self._is_ringing:
            self._is_ringing = True
            self._ring.send(b"!")

    # --- on the thread ---

    def _work(self) -> None:
        _step_back()
        while not self._is_over:
            self._look()
            for _ in range(min(len(self._ready), PIECES_BETWEEN_LOOKS)):
                self._send_piece(self._ready.popleft())
                self._give_way()

    def _give_way(self) -> None:
        """Not after each piece: Linux takes a yield for a whole slice, which a busy neighbour then has."""
        now = time.monotonic()
        if now - self._gave_way_at > WITHOUT_GIVING_WAY_SECONDS:
            os.sched_yield()
            self._gave_way_at = time.monotonic()

    def _look(self) -> None:
        """At who has room again; without anybody to send to, until there is somebody."""
        for fd, _ in self._poller.poll(0 if self._ready else -1):
            if fd == self._hear.fileno():
                self._hear.recv(4096)
                self._is_ringing = False  # before it is looked at what is new
            elif (job := self._without_room.pop(fd, None)) is not None:
                self._poller.unregister(fd)
                self._ready.append(job)
        while self._new:
            self._ready.append(self._new.popleft())

    def _send_piece(self, job: Job) -> None:
        try:
            piece = job.source.piece()
            if piece is None:
                self._finish(job, None)
                return
            size = piece.send(job.socket)
            has_room = size == piece.size
            job.source.sent(size)
            job.sent_bytes += size
        except BlockingIOError:
            has_room = False
        except BaseException as error:  # noqa: BLE001 - whoever asked is told; the thread lives on
            self._finish(job, error)
            return
        if has_room:
            self._ready.append(job)
        else:
            self._wait_for_room(job)

    def _wait_for_room(self, job: Job) -> None:
        job.source.let_go()
        try:
            fd = job.socket.fileno()
            self._poller.register(fd, _WRITABLE)
        except (OSError, ValueError) as error:  # closed by somebody who should have waited
            self._finish(job, error)
            return
        self._without_room[fd] = job
