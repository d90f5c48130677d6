"""The checker: reads a history and names every broken promise. What it asks is in ``checks``, by subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from faults.checks.answers import (
    against_real_time,
    changed_acks,
    lost_acks,
    refused_and_visible,
    senders_out_of_order,
    unanswered,
)
from faults.checks.changes import told_after_deletion, undone_changes
from faults.checks.files import doubled_files, files_after_deletion, lost_files
from faults.checks.log import disagreements, doubles, falling_epochs, log_gaps, unsent
from faults.checks.mentions import wrong_calls, wrong_counts
from faults.checks.screens import behind, gaps, out_of_order, wrong_people
from faults.checks.states import different_states, states_gone_back
from faults.history import History

Find = Callable[[History], Iterator[str]]


def violations(history: History) -> dict[str, list[str]]:
    """By invariant, each with what was found; all are there, and empty if the run was good."""
    return {
        name: list(chain.from_iterable(find(history) for find in finds)) for name, finds in INVARIANTS.items()
    }


INVARIANTS: dict[str, Sequence[Find]] = {
    "I1": (lost_acks, lost_files),
    "I2": (doubles, doubled_files),
    "I3": (disagreements,),
    "I4": (gaps,),
    "I5": (out_of_order,),
    "I6": (senders_out_of_order,),
    "I7": (log_gaps,),
    "I8": (falling_epochs,),
    "I9": (refused_and_visible,),
    "I10": (unsent,),
    "I11": (against_real_time,),
    "I12": (behind,),
    "I13": (unanswered,),
    "I14": (changed_acks,),
    "I15": (different_states, states_gone_back, wrong_calls, wrong_counts),
    "I16": (told_after_deletion, files_after_deletion),
    "I17": (undone_changes,),
    "I19": (wrong_people,),
}

TITLES = {
    "I1": "an acked message is lost",
    "I2": "a message twice (row or delivery)",
    "I3": "two observers disagree about a seq",
    "I4": "a gap nobody was told of",
    "I5": "a delivery out of order",
    "I6": "a sender's messages out of order",
    "I7": "the log has a gap",
    "I8": "the epoch falls along seq",
    "I9": "what was refused for good is visible",
    "I10": "a message nobody sent",
    "I11": "acked before the other was sent, yet behind it",
    "I12": "somebody still behind 10 s after the healing",
    "I13": "a send without an answer in 10 s",
    "I14": "an ack that changed between retries",
    "I15": "somebody's last state of a message is not the stored one, or an older one came back",
    "I16": "words that have gone are told, or are in a file after the alarm",
    "I17": "a change was acked, and its effect is not there",
    "I19": "somebody is shown the wrong people 15 s after the healing",
}
