"""How many uploads there are and what they hold, for metrics: asked of the table once a minute."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

from chatapp.files.uploads import Uploads
from chatapp.metrics import Metrics
from chatapp.runtime import HubScheduler
from chatapp.store.uploads.uploads import GONE, LOOKING, READY, RECEIVING, REFUSED

LOOK_SECONDS = 60.0
FIRST_LOOK_SECONDS = 5.0
STATES = {RECEIVING: "receiving", LOOKING: "looking", READY: "ready", REFUSED: "refused", GONE: "gone"}


def watch_uploads(metrics: Metrics, uploads: Uploads, scheduler: HubScheduler) -> None:
    """As of the last look; NaN before the first."""
    counts: dict[str, float] = dict.fromkeys(STATES.values(), nan)
    sizes = dict(counts)
    states = list(counts)
    metrics.watch_each("chat_uploads", "Files in rooms, by their state.", "state", states, counts.__getitem__)
    metrics.watch_each(
        "chat_upload_bytes",
        "Bytes of files in rooms, as they were announced or are served, by their state.",
        "state",
        states,
        sizes.__getitem__,
    )

    def seen(found: Mapping[int, tuple[int, int]] | BaseException) -> None:
        if not isinstance(found, BaseException):
            for state, name in STATES.items():
                counts[name], sizes[name] = found.get(state, (0, 0))
        scheduler.call_later(LOOK_SECONDS, look)

    def look() -> None:
        uploads.by_state(seen)

    scheduler.call_later(FIRST_LOOK_SECONDS, look)
