"""Objects as the files of a folder, which nobody but the chat's account may read.

Its disk may go while everything runs, and leave the empty folder that it was mounted over. There nothing is
missing and nothing may be put: once its owner was seen, a folder without one is an outage.

The library that the bucket is reached by knows folders too, but does not wait for the disk (no fsync), and
says that it is full in a sentence only: docs/decisions, 0021.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.files.port import CHUNK, OWNER, ObjectMissing, StorageRefused, Stored, checked, in_pieces
from chatapp.files.probe import refusal_by_trying
from chatapp.private import make_private

_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)
_TRIES = 100
_NO_OWNER = f"{OWNER} is not in it any more; is its disk mounted?"


class FolderObjects:
    """Fulfils ``Objects``. The first part of a name is a folder, which goes with the last that is in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._had_owner = self._has_owner()

    def put(self, name: str, data: bytes) -> None:
        path = self._folder / checked(name)
        with self._there():
            file = self._create(path)
            try:
                _write(file, data)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            finally:
                os.close(file)
            _sync(path.parent)

    def put_alone(self, name: str, data: bytes) -> bool:
        """A folder takes another's name only where there is none, or an empty one: with all that is in it."""
        folder, _, last = checked(name).partition("/")
        draft = f"draft-{token_urlsafe(8)}"
        self.put(f"{draft}/{last}", data)
        try:
            with self._there():
                return self._rename(draft, folder)
        finally:
            self.delete([f"{draft}/{last}"])

    def _rename(self, draft: str, folder: str) -> bool:
        try:
            os.rename(self._folder / draft, self._folder / folder)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                return False
            raise
        _sync(self._folder)
        return True

    def _create(self, path: Path) -> int:
        """A new file, in a folder that somebody else may just be taking away because it is empty."""
        for _ in range(_TRIES):
            self._make(path.parent)
            with suppress(FileNotFoundError):
                return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if not self._folder.is_dir():
            self._begin()
        with suppress(FileExistsError):
            folder.mkdir(_PRIVATE_FOLDER)
        _sync(self._folder)

    def _begin(self) -> None:
        try:
            self._folder.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
        make_private(self._folder)
        _sync(self._folder.parent)

    def get(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        path = self._folder / checked(name)
        with _as_ours(self._folder):
            try:
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                self._check_owner()
                raise ObjectMissing(name) from None
            try:
                size = os.fstat(file).st_size
                return _read(file, start, size if end is None else min(end, size))
            finally:
                os.close(file)

    def read(self, name: str, start: int, end: int, chunk: int = CHUNK) -> Iterator[bytes]:
        return in_pieces(self, name, start, end, chunk)

    def delete(self, names: Iterable[str]) -> None:
        paths = [self._folder / checked(name) for name in names]
        with _as_ours(self._folder):
            for path in paths:
                path.unlink(missing_ok=True)
            for folder in {path.parent for path in paths}:
                self._forget(folder)
        self._had_owner = self._had_owner and self._folder / OWNER not in paths
        self._check_owner()

    def _forget(self, folder: Path) -> None:
        """What is deleted shall not come back after a loss of power: the disk knows before anybody else."""
        with suppress(FileNotFoundError):  # whoever has taken it away waits for the disk
            try:
                folder.rmdir()
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                _sync(folder)
            else:
                _sync(self._folder)

    def names(self, prefix: str = "") -> Iterator[Stored]:
        first, slash, _ = prefix.partition("/")
        with self._there():
            folders = [first] if slash else self._folders(first)
            for folder in folders:
                yield from (stored for stored in self._files(folder) if stored.name.startswith(prefix))

    def _folders(self, prefix: str) -> list[str]:
        try:
            return [name for name in os.listdir(self._folder) if name.startswith(prefix)]
        except FileNotFoundError:
            return []

    def _files(self, folder: str) -> Iterator[Stored]:
        try:
            entries = list(os.scandir(self._folder / folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            with suppress(FileNotFoundError):  # deleted since
                found = entry.stat(follow_symlinks=False)
                yield Stored(f"{folder}/{entry.name}", found.st_size, found.st_mtime_ns // 1_000_000)

    def refusal(self) -> str | None:
        return refusal_by_trying(self)

    @contextmanager
    def _there(self) -> Iterator[None]:
        """What is done or found there counts if the place was there, and still is."""
        self._check_owner()
        with _as_ours(self._folder):
            yield
        self._check_owner()

    def _check_owner(self) -> None:
        has_owner = self._has_owner()
        if self._had_owner and not has_owner:
            raise StorageRefused(f"the folder {str(self._folder)!r} is not the one it was: {_NO_OWNER}")
        self._had_owner = has_owner

    def _has_owner(self) -> bool:
        return os.path.exists(self._folder / OWNER)


def _write(file: int, data: bytes) -> None:
    """Past eventlet's os.write, which is one for the hub."""
    left, place = memoryview(data), 0
    while place < len(left):
        place += os.pwrite(file, left[place:], place)
    os.fsync(file)


def _read(file: int, start: int, end: int) -> bytes:
    pieces = []
    while start < end and (piece := os.pread(file, end - start, start)):
        pieces.append(piece)
        start += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _as_ours(folder: Path) -> Iterator[None]:
    """What the system says, as the refusals of this program."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        if error.errno in _REFUSED:
            raise StorageRefused(f"the folder {str(folder)!r}: {error.strerror}") from error
        raise StorageUnavailable from error
