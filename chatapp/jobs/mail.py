"""The worker's mail as files of a folder: kombu's filesystem transport, for a folder that may hold anything.

kombu writes its files in place, and ends whoever reads one that is empty, half-written or none of its own.
Here a file is written whole or not at all, and what cannot be read is dropped with a line of the log: the
mail is only a ring, and a ring that is lost comes again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps, loads

from chatapp.jobs.mail_files import message_name, prepare, remove, write

SCHEME = "chatmail"
LARGEST_BYTES = 1_000_000  # a message of ours has about a thousand

logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """A file that is no message, or no table of bindings."""


def register() -> None:
    """Let kombu know our transport by its scheme."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


class Channel(filesystem.Channel):
    """Overrides whatever of kombu's opens a file."""

    # By table: what this process has bound. kombu binds once, and the file may be lost or have no room.
    _bound: ClassVar[dict[Path, list[exchange_queue_t]]] = {}
    # Messages that cannot be read or not be removed, and would be met every second.
    _hopeless: ClassVar[set[str]] = set()

    def get_table(self, exchange: str) -> list[exchange_queue_t]:
        file: Path = self._exchange_file(exchange)
        found = _table(file)
        return found + [binding for binding in self._bound.get(file, []) if binding not in found]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        file: Path = self._exchange_file(exchange)
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._bound[file] = [binding, *_without(binding, self._bound.get(file, []))]
        _change(file, lambda found: found if binding in found else [binding, *found])

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any
    ) -> None:
        virtual.Channel._delete(self, queue, *args, **kwargs)
        file: Path = self._exchange_file(exchange)
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._bound[file] = _without(binding, self._bound.get(file, []))
        _change(file, lambda found: _without(binding, found))

    def _put(self, queue: str, payload: dict[str, Any], **_kwargs: Any) -> None:  # type: ignore[override]
        """Raises ``ChannelError``, and leaves nothing behind then."""
        name = message_name(queue)
        try:
            write(Path(self.data_folder_out) / name, dumps(payload))
        except OSError as error:
            raise ChannelError(f"a message to the worker cannot be written: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        folder = Path(self.data_folder_in)
        for name in _names(folder):
            if name.partition(".")[2] != f"{queue}.msg" or name in self._hopeless:
                continue
            try:
                payload: dict[str, Any] = loads(_read(folder / name))
                self._must_be_message(payload)
                os.remove(folder / name)  # at most once: whoever removes it has it
            except FileNotFoundError:
                continue  # somebody else has taken it
            except OSError as error:
                logger.warning("%s of the worker's mail cannot be taken: %s", name, error)
                self._hopeless.add(name)
            except Exception as error:  # noqa: BLE001 - whatever it holds, it is no reason to end
                _drop(folder / name, error)
            else:
                return payload
        raise Empty

    def _must_be_message(self, payload: dict[str, Any]) -> None:
        message = self.Message(payload, channel=self)
        if not isinstance(message.delivery_tag, str) or not isinstance(message.headers, dict):
            raise Unreadable("no message")

    def _size(self, queue: str) -> int:
        return sum(name.partition(".")[2] == f"{queue}.msg" for name in _names(Path(self.data_folder_in)))

    def _purge(self, queue: str) -> int:
        folder = Path(self.data_folder_in)
        found = [name for name in _names(folder) if name.partition(".")[2] == f"{queue}.msg"]
        for name in found:
            remove(folder / name)
        return len(found)


class Transport(filesystem.Transport):
    Channel = Channel


def _table(file: Path) -> list[exchange_queue_t]:
    """The bindings in a file; none where it cannot be read."""
    try:
        found = [exchange_queue_t(*each) for each in loads(_read(file))]
        if not all(isinstance(word, str) for each in found for word in each):
            raise Unreadable("not words")
    except OSError:
        return []  # it is not there, or the system has other sorrows
    except Exception as error:  # noqa: BLE001 - whatever it holds, it is no reason to end
        _drop(file, error)
        return []
    return found


def _change(file: Path, change: Callable[[list[exchange_queue_t]], list[exchange_queue_t]]) -> None:
    try:
        with _alone_in(file.parent):
            before = _table(file)
            after = change(before)
            if after != before:
                write(file, dumps(after))
    except OSError as error:
        logger.warning("a table of the worker's mail cannot be written: %s", error)


def _without(binding: exchange_queue_t, bound: list[exchange_queue_t]) -> list[exchange_queue_t]:
    return [each for each in bound if each != binding]


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _read(file: Path) -> str:
    """A regular file of sensible size; a pipe would keep its reader for ever."""
    if file.is_symlink():
        raise Unreadable("a link")
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_BYTES:
            raise Unreadable("no file of ours")
        return os.read(descriptor, LARGEST_BYTES).decode()
    finally:
        os.close(descriptor)


def _drop(file: Path, why: Exception) -> None:
    logger.warning("%s of the worker's mail cannot be read, and is dropped: %r", file.name, why)
    remove(file)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """While nobody else changes a table."""
    prepare(folder.parent)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
