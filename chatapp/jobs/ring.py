"""How a web node rings the worker: one message of Celery's, put where the worker takes them from.

Celery itself is not for a web node: its sockets and locks would be the hub's. What it would send is written
down here (Celery's message protocol, version 2), and a test has a real worker take it. Whoever is rung for in
vain does it themselves, so a ring that gets nowhere is only told to who rang.
"""

from __future__ import annotations

import base64
import json
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from chatapp.jobs.mail_files import message_name, prepare, write
from chatapp.relay.address import RedisAddress
from chatapp.relay.push import push

QUEUE = "celery"

Ring = Callable[[], None]
"""Blocks, for a few seconds at most; raises ``OSError``."""


def ring_for(
    task: str, *, expires_seconds: float, broker_url: str, data_dir: Path, deployment_id: str
) -> Ring:
    """Rings for one task without arguments. A ring that nobody has heard by then is over."""
    if broker_url.startswith("filesystem:"):
        folder = data_dir / "broker"
        prepare(folder)
        return lambda: write(folder / message_name(QUEUE), json.dumps(message(task, expires_seconds)))
    address = RedisAddress.of(broker_url)
    key = f"chat:{deployment_id}:{QUEUE}"  # as the prefix of ``broker`` makes it
    return lambda: push(address, key, json.dumps(message(task, expires_seconds)))


def message(task: str, expires_seconds: float) -> dict[str, Any]:
    task_id = str(uuid4())
    embedded = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    body = base64.b64encode(json.dumps([[], {}, embedded]).encode()).decode()
    expires = datetime.now(UTC) + timedelta(seconds=expires_seconds)
    return {
        "body": body,
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "lang": "py",
            "task": task,
            "id": task_id,
            "root_id": task_id,
            "parent_id": None,
            "expires": expires.isoformat(),
            "retries": 0,
            "timelimit": [None, None],
            "argsrepr": "()",
            "kwargsrepr": "{}",
            "origin": f"{os.getpid()}@{socket.gethostname()}",
            "ignore_result": True,
        },
        "properties": {
            "correlation_id": task_id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": str(uuid4()),
        },
    }
