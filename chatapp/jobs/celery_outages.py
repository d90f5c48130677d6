"""What Celery says while Redis is away, as one line, and one when it is back.

Celery by itself writes an error at each try. Nothing is wrong with the worker then: it waits.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery, bootsteps, signals

from chatapp.outages import Outage

_LOGGERS = ("celery.worker.consumer.consumer", "celery.beat")


def tell_of_outages_once(app: Celery, outage: Outage) -> None:
    """``outage`` is the broker's."""

    class Connected(bootsteps.StartStopStep):
        """The last of the consumer's steps; all of them start again with each connection."""

        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, _consumer: Any) -> None:
            outage.worked()

    app.steps["consumer"].add(Connected)
    signals.after_task_publish.connect(lambda **_: outage.worked(), weak=False)  # all that beat does
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_OutagesAreNoErrors(outage))


class _OutagesAreNoErrors(logging.Filter):
    def __init__(self, outage: Outage) -> None:
        super().__init__()
        self._outage = outage

    def filter(self, record: logging.LogRecord) -> bool:
        args = record.args if isinstance(record.args, tuple) else ()
        error = next((arg for arg in args if isinstance(arg, Exception)), None)
        if error is None or "onnect" not in record.getMessage():
            return True
        self._outage.failed(str(error) or type(error).__name__)
        return False
