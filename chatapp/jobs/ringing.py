"""How the worker rings for a task of its own. (A web node, without Celery, rings by ``ring``.)"""

from __future__ import annotations

import logging
from typing import Any

from kombu.exceptions import ChannelError, OperationalError

logger = logging.getLogger(__name__)


def ring(task: Any, **when: float) -> bool:
    """False: it got nowhere (a full disk, no Redis). Then the hour rings, or a web node notices."""
    try:
        task.apply_async(**when)
        return True
    except (OperationalError, ChannelError) as error:
        logger.warning("%s could not be rung for: %s", task.name, error)
        return False
