"""What bounds a node: how often somebody may, how much is held for them, and who counts as one."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.gateway.wire.memory_bound import MemoryBound
from chatapp.identity import Proxies
from chatapp.limits.held import HeldBytes
from chatapp.limits.rates import Rates
from chatapp.metrics import Metrics
from chatapp.runtime import HubScheduler, give_back, resident_bytes
from chatapp.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Limits:
    """``proxies`` says which address a request counts for."""

    proxies: Proxies
    rates: Rates
    held: HeldBytes
    memory: MemoryBound


def make_limits(settings: Settings, scheduler: HubScheduler, metrics: Metrics) -> Limits:
    held = HeldBytes(on_cut=metrics.cut_for_held_bytes)
    return Limits(
        proxies=Proxies(settings.trusted_proxies, settings.public_url),
        rates=Rates(scheduler.elapsed, is_on=settings.rates_enabled, on_refused=metrics.over_limit),
        held=held,
        memory=MemoryBound(
            settings.memory_max_bytes,
            held=held,
            scheduler=scheduler,
            resident=resident_bytes,
            give_back=give_back,
            on_refused=metrics.refused_for_memory,
        ),
    )
