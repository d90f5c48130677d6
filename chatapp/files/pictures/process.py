"""Starts the process that decodes and talks with it; whatever becomes of it, it is ended and forgotten.

Made of what blocks the calling thread and only it, also where eventlet has patched the rest: of the
standard library's ways to start a process that leaves few.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

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
    Piece,
)
from chatapp.files.pictures.bounds import MAX_PIXELS, OUTPUT_BYTES, THUMBNAILS

_HOME = str(Path(chatapp.__file__).resolve().parent.parent)
# Nothing of ours: neither keys nor addresses of databases.
_ENVIRONMENT = {"PYTHONPATH": _HOME, "PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
_TOO_MUCH = (signal.SIGXCPU, signal.SIGALRM)
_CHUNK = 256 * 1024
_PLACEHOLDER = re.compile("[0-9a-f]{48}")
_NAMES = (PICTURE, *map(str, THUMBNAILS))


class Decoder:
    """One picture's. Use as a context manager: at the end of the block its process is gone."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._pid = 0

    def __enter__(self) -> Decoder:
        """Raises ``LookLost`` where no process can be started."""
        ours: list[int] = []
        theirs: list[int] = []
        try:
            for end, other in ((0, 1), (1, 0)):
                pipe = os.pipe()
                theirs.append(pipe[end])
                ours.append(pipe[other])
            self._pid = _start(self._kind, *theirs)
        except OSError as error:
            for descriptor in ours:
                os.close(descriptor)
            raise LookLost(f"no process can be started: {error}") from error
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._into: IO[bytes] = open(ours[0], "wb")
        self._out: IO[bytes] = open(ours[1], "rb")
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._into.close()
        self._out.close()
        self._end()

    def make(self, data: Iterable[bytes]) -> Made:
        """Give it the bytes of a picture. Raises ``PictureRefused`` and ``LookLost``."""
        try:
            for piece in data:
                self._into.write(piece)
            self._into.close()
        except BrokenPipeError:
            pass  # it has ended; how, is told below
        line = self._out.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise self._how_it_ended()
        answer = _understood(line)
        if answer.refused is not None:
            raise PictureRefused(answer.refused.why, answer.refused.error[:64])
        if answer.made is None or not _is_sound(answer.made):
            raise PictureRefused("damaged", "Answer")
        return answer.made

    def read(self, piece: Piece) -> Iterator[bytes]:
        """The bytes of the pieces, one piece after the other. Raises ``LookLost``."""
        left = piece.size
        while left:
            found = self._out.read(min(_CHUNK, left))
            if not found:
                raise LookLost("its process ended while it told what it had made")
            left -= len(found)
            yield found

    def _how_it_ended(self) -> Exception:
        status = self._end(must_kill=False)
        if status is not None and status.si_code == os.CLD_EXITED:
            return LookLost(f"its process ended with {status.si_status}")
        number = signal.SIGKILL if status is None else status.si_status
        if number in _TOO_MUCH:
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


def _start(kind: str, into: int, out: int) -> int:
    """Its number. ``into`` and ``out`` are the ends of pipes that are its standard input and output."""
    command = [sys.executable, "-P", "-s", "-B", "-m", "chatapp.files.pictures", kind, str(os.getpid())]
    return os.posix_spawn(
        sys.executable,
        command,
        _ENVIRONMENT,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, into, 0),
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsigmask=(),
        setsigdef=_TOO_MUCH,
    )


def _understood(line: bytes) -> Answer:
    try:
        return msgspec.json.decode(line, type=Answer)
    except msgspec.MsgspecError as error:
        raise PictureRefused("damaged", "Answer") from error


def _is_sound(made: Made) -> bool:
    """Whoever has read a stranger's bytes is not believed either."""
    names = [piece.name for piece in made.pieces]
    return (
        made.type in SHOWN
        and names[:1] == [PICTURE]
        and len(set(names)) == len(names)
        and all(_is_piece(piece) for piece in made.pieces)
        and sum(piece.size for piece in made.pieces) <= OUTPUT_BYTES
        and (made.placeholder is None or bool(_PLACEHOLDER.fullmatch(made.placeholder)))
    )


def _is_piece(piece: Piece) -> bool:
    has_pixels = piece.width > 0 and piece.height > 0 and piece.width * piece.height <= MAX_PIXELS
    return piece.name in _NAMES and piece.size > 0 and has_pixels
