"""The pool of one connection, which all that happens in one thread shares."""

from __future__ import annotations

from typing import Any

from sqlalchemy.pool import AssertionPool


class OneConnection(AssertionPool):
    """Keeps one connection, replaces it when it breaks, and knows no lock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, store_traceback=False)
