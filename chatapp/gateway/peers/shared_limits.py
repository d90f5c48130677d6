"""Shared limits: what was used up here counts for the limits of the other nodes, and theirs for those here.

What is said is a hint that may be lost. Takes are told a moment after they happened, each once; counts
of open connections are told when they change, and all of them to whoever may have missed some. While
the others are not heard, the limits here are stricter.
"""

from __future__ import annotations

from collections.abc import Callable

from chatapp.kernel.ports import Relay, Scheduler
from chatapp.limits.rates import Rates
from chatapp.relay.peer_messages import OpenCounts, Takes

TELL_SECONDS = 0.05


class SharedLimits:
    def __init__(self, rates: Rates, relay: Relay, scheduler: Scheduler, node_id: Callable[[], str]) -> None:
        self._rates = rates
        self._relay = relay
        self._scheduler = scheduler
        self._node_id = node_id
        self._is_due = False
        self._has_gone = False
        rates.share(self._tell_soon)
        rates.be_strict(True)  # nobody is heard yet

    # --- out ------------------------------------------------------------------------------

    def relay_changed(self, is_up: bool) -> None:
        self._rates.be_strict(not is_up)
        if is_up and not self._has_gone:
            self._tell_all_counts(wants_yours=True)

    def renamed(self) -> None:
        """Its counts under the old name are forgotten as those of the dead; these are the same people."""
        self._tell_all_counts(wants_yours=False)

    def say_goodbye(self) -> None:
        """Those who were here come back elsewhere, and shall not be counted twice."""
        self._has_gone = True
        nobody = OpenCounts(sender=self._node_id(), people={}, addresses={}, is_everything=True)
        self._relay.send_to_all(nobody)

    def _tell_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._scheduler.call_later(TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        self._is_due = False
        takes = self._rates.report()
        people, addresses = self._rates.people.report(), self._rates.addresses.report()
        if takes:
            self._relay.send_to_all(Takes(sender=self._node_id(), by_rate=takes))
        if (people or addresses) and not self._has_gone:
            counts = OpenCounts(sender=self._node_id(), people=people, addresses=addresses)
            self._relay.send_to_all(counts)

    def _tell_all_counts(self, *, wants_yours: bool) -> None:
        self._relay.send_to_all(self._all_counts(wants_yours=wants_yours))

    def _all_counts(self, *, wants_yours: bool) -> OpenCounts:
        return OpenCounts(
            sender=self._node_id(),
            people=self._rates.people.everything(),
            addresses=self._rates.addresses.everything(),
            is_everything=True,
            wants_yours=wants_yours,
        )

    # --- in -------------------------------------------------------------------------------

    def hear(self, heard: Takes | OpenCounts) -> None:
        if heard.sender == self._node_id():
            return  # what is sent to all comes back too
        if isinstance(heard, Takes):
            self._rates.hear(heard.by_rate)
            return
        self._rates.people.hear(heard.sender, heard.people, is_everything=heard.is_everything)
        self._rates.addresses.hear(heard.sender, heard.addresses, is_everything=heard.is_everything)
        if heard.wants_yours and not self._has_gone:
            self._relay.send([heard.sender], self._all_counts(wants_yours=False))

    def forget(self, node_id: str) -> None:
        """The node is dead, and its connections with it."""
        self._rates.people.forget(node_id)
        self._rates.addresses.forget(node_id)
