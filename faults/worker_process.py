"""A worker for a topology: started like the product's, over the first node's own data and settings."""

from __future__ import annotations

import sys

from faults.processes import Process
from faults.topology import Topology


def worker(chat: Topology, number: int = 0, *, has_beat: bool = True) -> Process:
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "faults.worker", "worker"]
    own = ["--pool", "solo", "--without-gossip", "--without-mingle", "--hostname", f"worker-{number}"]
    beat = ["--beat", "--schedule", str(chat.node.folder / f"beat-{number}")] if has_beat else []
    own_data = {"CHAT_DATA_DIR": str(chat.data_dir or chat.node.folder), "DATABASE_URL": chat.database_url}
    settings = chat.node.settings | own_data
    return Process(chat.node.folder / f"worker-{number}", [*celery, *own, *beat], settings)
