"""Starts the process that decodes and talks with it; whatever becomes of it, it is ended and forgotten.

Made of what blocks the calling thread and only it, also where eventlet has patched the rest: that leaves
few of the standard library's ways to start a process, and the sockets below its own.
"""

from __future__ import annotations

import _socket
import os
import re
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

import chatapp
from chatapp.files.kinds import SHOWN
from chatapp.files.pictures.answer import (
    LONGEST_LINE,
    PICTURE,
    Answer,
    LookLost,
    Made,
    PictureRefused,
    Rendition,
)
from chatapp.files.pictures.bounds import MAX_PIXELS, OUTPUT_BYTES, THUMBNAILS, WALL_SECONDS

_HOME = str(Path(chatapp.__file__).resolve().parent.parent)
# Nothing of ours: neither keys nor addresses of databases.
_ENVIRONMENT = {"PYTHONPATH": _HOME, "PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
_OF_TIME = (signal.SIGXCPU, signal.SIGALRM)
_IN_TIME = "its process was not done in time"
GRACE_SECONDS = 10.0
_CHUNK = 256 * 1024
_PLACEHOLDER = re.compile("[0-9a-f]{48}")
_NAMES = (PICTURE, *map(str, THUMBNAILS))


class Decoder:
    """One picture's. Use as a context manager: at the end of the block its process is gone."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._pid = 0
        self._found = b""

    def __enter__(self) -> Decoder:
        """Raises ``LookLost`` where no process can be started."""
        try:
            self._line, theirs = _socket.socketpair()
        except OSError as error:
            raise LookLost(f"no process can be started: {error}") from error
        try:
            self._pid = _start(self._kind, theirs.fileno())
        except OSError as error:
            self._line.close()
            raise LookLost(f"no process can be started: {error}") from error
        finally:
            theirs.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._end()

    def make(self, data: Iterable[bytes]) -> Made:
        """Give it the bytes of a picture. Raises ``PictureRefused`` and ``LookLost``."""
        # It ends itself in time, unless a picture has made it somebody else's.
        self._line.settimeout(WALL_SECONDS + GRACE_SECONDS)
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended; how, is told below
            for piece in data:
                self._send(piece)
            self._line.shutdown(_socket.SHUT_WR)
        line = self._answer()
        if line is None:
            raise self._how_it_ended()
        answer = _understood(line)
        if answer.refused is not None:
            raise PictureRefused(answer.refused.why, answer.refused.error[:64])
        if answer.made is None or not _is_sound(answer.made):
            raise PictureRefused("damaged", "Answer")
        return answer.made

    def read(self, rendition: Rendition) -> Iterator[bytes]:
        """The bytes of one rendition after the other. Raises ``LookLost``."""
        self._line.settimeout(GRACE_SECONDS)
        left = rendition.size
        while left:
            found = self._found[:left] or self._heard(min(_CHUNK, left))
            if not found:
                raise LookLost("its process ended while it told what it had made")
            self._found = self._found[len(found) :]
            left -= len(found)
            yield found

    def _answer(self) -> bytes | None:
        """The line that it says; None: it has ended without one."""
        ends_at = time.monotonic() + WALL_SECONDS + GRACE_SECONDS
        heard = b""
        while b"\n" not in heard and len(heard) < LONGEST_LINE:
            more = self._heard(_CHUNK)
            if not more:
                return None
            if time.monotonic() > ends_at:
                raise LookLost(_IN_TIME)
            heard += more
        line, _, self._found = heard.partition(b"\n")
        return line

    def _send(self, piece: bytes) -> None:
        try:
            self._line.sendall(piece)
        except TimeoutError as error:
            raise LookLost(_IN_TIME) from error

    def _heard(self, size: int) -> bytes:
        try:
            return self._line.recv(size)
        except ConnectionResetError:
            return b""
        except TimeoutError as error:
            raise LookLost(_IN_TIME) from error

    def _how_it_ended(self) -> Exception:
        status = self._end(must_kill=False)
        if status is not None and status.si_code == os.CLD_EXITED:
            return LookLost(f"its process ended with {status.si_status}")
        number = signal.SIGKILL if status is None else status.si_status
        if number == signal.SIGALRM:
            return LookLost(_IN_TIME)  # a busy machine, or a slow store; what the picture costs is SIGXCPU
        if number == signal.SIGXCPU:
            return PictureRefused("too_large", signal.Signals(number).name)
        if number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            return LookLost("its process was killed")
        return PictureRefused("damaged", signal.Signals(number).name)

    def _end(self, *, must_kill: bool = True) -> os.waitid_result | None:
        if not self._pid:
            return None
        pid, self._pid = self._pid, 0
        if must_kill:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            return os.waitid(os.P_PID, pid, os.WEXITED)
        return None


def _start(kind: str, line: int) -> int:
    """Its number. ``line`` is the end of a socket pair that is its standard input and output."""
    command = [sys.executable, "-P", "-s", "-B", "-m", "chatapp.files.pictures", kind, str(os.getpid())]
    return os.posix_spawn(
        sys.executable,
        command,
        _ENVIRONMENT,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, line, 0),
            (os.POSIX_SPAWN_DUP2, line, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsigmask=(),
        setsigdef=_OF_TIME,
    )


def _understood(line: bytes) -> Answer:
    try:
        return msgspec.json.decode(line, type=Answer)
    except msgspec.MsgspecError as error:
        raise PictureRefused("damaged", "Answer") from error


def _is_sound(made: Made) -> bool:
    """Whoever has read a stranger's bytes is not believed either."""
    names = [rendition.name for rendition in made.renditions]
    return (
        made.type in SHOWN
        and names[:1] == [PICTURE]
        and len(set(names)) == len(names)
        and all(map(_is_credible, made.renditions))
        and sum(rendition.size for rendition in made.renditions) <= OUTPUT_BYTES
        and (made.placeholder is None or bool(_PLACEHOLDER.fullmatch(made.placeholder)))
    )


def _is_credible(rendition: Rendition) -> bool:
    width, height = rendition.width, rendition.height
    has_pixels = width > 0 and height > 0 and width * height <= MAX_PIXELS
    return rendition.name in _NAMES and rendition.size > 0 and has_pixels
