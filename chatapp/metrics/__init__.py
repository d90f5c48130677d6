"""Metrics: what is counted, for Prometheus.

registry       what all of it stands in       conversation   what people do and are sent
rooms          the life of rooms              refusals       every no, by its reason
                                              pictures, hub  what takes how long

One object per process with a registry of its own, so that tests and nodes share nothing. Count
on the hub only: the counters' locks are not for the database's threads.
"""

from chatapp.metrics.conversation import ConversationMetrics
from chatapp.metrics.hub import HubMetrics
from chatapp.metrics.pictures import PictureMetrics
from chatapp.metrics.refusals import RefusalMetrics
from chatapp.metrics.registry import CONTENT_TYPE
from chatapp.metrics.rooms import RoomMetrics

__all__ = ["CONTENT_TYPE", "Metrics"]


class Metrics(HubMetrics, PictureMetrics, RefusalMetrics, ConversationMetrics, RoomMetrics):
    """All that one web node counts: it fulfils the kernel's ``Meter``, and the server's."""
