"""Reading: straight from storage, on threads of its own; every answer is a value or a refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from chatapp.errors import ChatError, Internal
from chatapp.store.store import Store
from chatapp.store.threaded import ThreadedStore

logger = logging.getLogger(__name__)

T = TypeVar("T")
Answer = Callable[[T | ChatError], None]


def read(store: ThreadedStore, job: Callable[[Store], T], done: Answer[T]) -> None:
    """Run ``job`` on a reader's thread; ``done`` comes back to the hub."""
    store.read(job, lambda result: done(_refusal_or(result)))


def scan(store: ThreadedStore, job: Callable[[Store], T], done: Answer[T]) -> None:
    """The same on the scanner's thread, where nobody waits for one who has much to look through."""
    store.scan(job, lambda result: done(_refusal_or(result)))


def _refusal_or(result: T | BaseException) -> T | ChatError:
    if isinstance(result, BaseException) and not isinstance(result, ChatError):
        logger.error("a bug while reading the log", exc_info=result)
        return Internal()
    return result
