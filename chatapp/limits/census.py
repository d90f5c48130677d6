"""The census: how many connections each person and each address has open, here and at other nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Census:
    """Counts of one kind of key. What other nodes say replaces what they said before."""

    def __init__(self) -> None:
        self._here: Counter[str] = Counter()
        self._elsewhere: dict[str, dict[str, int]] = {}  # by node
        self._changed: set[str] | None = None

    def count(self, key: str) -> int:
        """Over all nodes, as far as they are heard."""
        return self._here.get(key, 0) + sum(counts.get(key, 0) for counts in self._elsewhere.values())

    def add(self, key: str) -> None:
        self._here[key] += 1
        self._note(key)

    def remove(self, key: str) -> None:
        self._here[key] -= 1
        if self._here[key] <= 0:
            del self._here[key]
        self._note(key)

    def _note(self, key: str) -> None:
        if self._changed is not None:
            self._changed.add(key)

    # --- over several nodes ---------------------------------------------------------------

    def share(self) -> None:
        """From now on remember what changes here, for ``report``."""
        self._changed = set()

    def report(self) -> Mapping[str, int]:
        """What has changed here since the last report; zero: nothing is open any more."""
        changed, self._changed = self._changed or set(), set()
        return {key: self._here.get(key, 0) for key in changed}

    def everything(self) -> Mapping[str, int]:
        return dict(self._here)

    def hear(self, node_id: str, counts: Mapping[str, int], *, is_everything: bool) -> None:
        known = {} if is_everything else self._elsewhere.get(node_id, {})
        known.update(counts)
        self._elsewhere[node_id] = {key: count for key, count in known.items() if count > 0}

    def forget(self, node_id: str) -> None:
        """The node is dead."""
        self._elsewhere.pop(node_id, None)
