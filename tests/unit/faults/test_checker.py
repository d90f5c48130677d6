"""Each invariant is green on a good history, and red, alone, on one that breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faults.checker import INVARIANTS, TITLES, violations
from faults.history import (
    DELETE,
    EDIT,
    Answered,
    Brought,
    Ended,
    Heard,
    History,
    Joined,
    Key,
    ReactionAnswered,
    ReactionKey,
    ReactionSent,
    Row,
    Seen,
    Sent,
    Shown,
    State,
    Unread,
)

A, B, C = (("lobby", user, f"c-{user}") for user in ("ana", "bo", "cy"))
EDITED, DELETED = ("lobby", "ana", "c-edited"), ("lobby", "bo", "c-deleted")
THUMB: ReactionKey = ("lobby", 1, "👍", "bo")


class Story:
    """A history in the making; a second passes between two entries."""

    def __init__(self) -> None:
        self.history = History(members={"lobby": ["ana", "bo"]}, last_seqs={"lobby": 0})
        self._now = 0.0

    def send(self, key: Key, *, retry: bool = False) -> Story:
        return self._add(Sent, key[1], key=key, content=f"by {key[1]}", is_retry=retry)

    def ack(self, key: Key, seq: int, *, duplicate: bool = False) -> Story:
        return self._add(Answered, key[1], key=key, seq=seq, is_duplicate=duplicate)

    def refuse(self, key: Key, code: str, *, retryable: bool) -> Story:
        return self._add(Answered, key[1], key=key, code=code, is_retryable=retryable)

    def store(self, key: Key, seq: int, *, epoch: int = 1) -> Story:
        self.history.rows.append(Row(key=key, seq=seq, epoch=epoch, content=f"by {key[1]}"))
        self.history.last_seqs["lobby"] = max(self.history.last_seqs["lobby"], seq)
        return self

    def hear(self, client: str, key: Key, seq: int, content: str | None = None) -> Story:
        return self._add(Heard, client, key=key, seq=seq, content=content or f"by {key[1]}")

    def show(self, client: str, key: Key, seq: int) -> Story:
        return self._add(Shown, client, key=key, seq=seq, content=f"by {key[1]}")

    def join(self, client: str, *, recovered: bool) -> Story:
        return self._add(Joined, client, room="lobby", since=0, is_recovered=recovered)

    def change(self, key: Key, seq: int, kind: str, target: int, content: str = "", *calls: str) -> Story:
        """Sent, stored, acked and told to everybody; what has become of it is another matter."""
        said: dict[str, object] = {"key": key, "content": content, "mentions": calls}
        self._add(Sent, key[1], kind=kind, target=target, **said)
        self.history.rows.append(Row(key=key, seq=seq, epoch=1, content="", kind=kind, target=target))
        self.claim_last_seq(seq).ack(key, seq)
        for client in ("ana", "bo"):
            self._add(Heard, client, key=key, seq=seq, content=content, kind=kind)
        return self

    def react(self, key: ReactionKey, *, on: bool) -> Story:
        self._add(ReactionSent, key[3], key=key, on=on)
        return self._add(ReactionAnswered, key[3], key=key)

    def bring(self, client: str, seq: int, content: str) -> Story:
        """In an answer to what was asked a moment ago."""
        return self._add(Brought, client, room="lobby", seq=seq, content=content, asked_at=self._now)

    def become(self, seq: int, content: str | None, **reactions: int) -> Story:
        """In the log, and to everybody."""
        state = State(content=content, reactions=reactions)
        self.history.states["lobby", seq] = state
        for client in ("ana", "bo"):
            self.see(client, seq, state)
        return self

    def see(self, client: str, seq: int, state: State) -> Story:
        self.history.views.setdefault(client, {})["lobby", seq] = state
        return self

    def read(self, client: str, seq: int, content: str) -> Story:
        """On the screen of somebody who had the message already, or has scrolled up to it."""
        return self._add(Seen, client, room="lobby", seq=seq, content=content)

    def fetch(self, file_id: str, content: bytes | None) -> Story:
        self.history.fetched[file_id] = content
        return self

    def count(self, user: str, read: int, mentions: int) -> Story:
        self.history.unread.append(Unread(user=user, room="lobby", read=read, mentions=mentions))
        return self

    def claim_last_seq(self, seq: int) -> Story:
        self.history.last_seqs["lobby"] = seq
        return self

    def lose(self, client: str) -> Story:
        return self._add(Ended, client)

    def everybody(self, key: Key, seq: int) -> Story:
        for client in ("ana", "bo"):
            self.hear(client, key, seq).show(client, key, seq)
        return self

    def believe(self, client: str, *people: str) -> Story:
        self.history.present["lobby"] = ["ana", "bo"]
        self.history.believed[client] = list(people)
        return self

    def wait(self, seconds: float) -> Story:
        self._now += seconds
        return self

    def end(self) -> History:
        self.history.ended_at = self._now
        return self.history

    def _add(self, entry: Callable[..., object], client: str, **values: object) -> Story:
        self._now += 1
        connection = {"ana": 1, "bo": 2}.get(client, 3)
        self.history.entries.append(entry(at=self._now, client=client, connection=connection, **values))  # type: ignore[arg-type]
        return self


def good() -> Story:
    """Ana speaks and is answered, then Bo, whose first ack is lost with his connection."""
    story = Story().join("ana", recovered=False).join("bo", recovered=False)
    story.send(A).store(A, 1).everybody(A, 1).ack(A, 1)
    story.send(B).store(B, 2).lose("bo")
    story.send(B, retry=True).ack(B, 2, duplicate=True).everybody(B, 2)
    return story


def changed() -> Story:
    """Ana edits hers, Bo deletes his and likes the other."""
    story = good().change(EDITED, 3, EDIT, 1, "by ana, better").change(DELETED, 4, DELETE, 2)
    story.react(THUMB, on=True).history.reactions.add(THUMB)
    return story.become(1, "by ana, better", **{THUMB[2]: 1}).become(2, None)


def third_row() -> Story:
    return good().send(C).store(C, 3).everybody(C, 3).ack(C, 3)


def out_of_order() -> Story:
    first, second = ("lobby", "cy", "c-1"), ("lobby", "cy", "c-2")
    return (
        good()
        .send(first)
        .send(second)
        .store(second, 3)
        .store(first, 4)
        .everybody(second, 3)
        .everybody(first, 4)
    )


def calling() -> Story:
    """Ana edits hers, so that it calls Bo, and Bo has not read that."""
    calls_bo = State(content="@bo, look", mentions=(("bo", "bo", 3),))
    story = good().change(EDITED, 3, EDIT, 1, "@bo, look", "bo").become(2, "by bo")
    story.history.mentions.add(("lobby", "bo", 3, 1))
    story.history.states["lobby", 1] = calls_bo
    for client in ("ana", "bo"):
        story.see(client, 1, calls_bo).read(client, 1, "@bo, look")
    return story.count("bo", 2, 1).count("bo", 3, 0).count("ana", 0, 0)


def bringing() -> Story:
    """Ana's message has a file, and so had Bo's, which he has deleted."""
    story = good().change(DELETED, 3, DELETE, 2)
    for key, seq, file_id in ((A, 1, "f-ana"), (B, 2, "f-bo")):
        story._add(Sent, key[1], key=key, content=f"by {key[1]}", is_retry=True, files=(file_id,))
        story.ack(key, seq, duplicate=True).history.contents[key[2]] = b"notes"
    story.become(1, "by ana").become(2, None).history.bound.add(("lobby", 1, "f-ana"))
    for place in (story.history.states, *story.history.views.values()):
        place["lobby", 1] = State(content="by ana", files=("f-ana",))
    return story.fetch("f-ana", b"notes").fetch("f-bo", None)


def bound(story: Story, seq: int, file_id: str) -> Story:
    story.history.bound.add(("lobby", seq, file_id))
    return story


def with_call(story: Story, user: str, seq: int, target: int) -> Story:
    story.history.mentions.add(("lobby", user, seq, target))
    return story


def without_calls(story: Story) -> Story:
    story.history.mentions.clear()
    return story


def against_the_clock() -> Story:
    early, late = ("lobby", "cy", "c-1"), ("lobby", "dee", "c-2")
    story = good().send(early).store(early, 4).ack(early, 4)
    return story.send(late).store(late, 3).everybody(late, 3).everybody(early, 4)


BROKEN: dict[str, Callable[[], Story]] = {
    "I1": lambda: good().send(C).ack(C, 3),
    "I2": lambda: good().hear("ana", B, 2),
    "I3": lambda: good().send(C).hear("cy", C, 2),
    "I4": lambda: third_row().show("cy", A, 1).show("cy", C, 3),
    "I5": lambda: good().hear("cy", B, 2).hear("cy", A, 1),
    "I6": out_of_order,
    "I7": lambda: third_row().claim_last_seq(4),
    "I8": lambda: good().send(C).store(C, 3, epoch=0).everybody(C, 3),
    "I9": lambda: good().send(C).store(C, 3).everybody(C, 3).refuse(C, "muted", retryable=False),
    "I10": lambda: good().store(C, 3).everybody(C, 3),
    "I11": against_the_clock,
    "I12": lambda: good().send(C).store(C, 3).ack(C, 3).show("ana", C, 3).wait(20),
    "I13": lambda: good().send(C).wait(20),
    "I14": lambda: good().ack(A, 1).ack(B, 3),
    "I15": lambda: changed().see("bo", 1, State(content="by ana")),
    "I16": lambda: changed().bring("ana", 2, "by bo"),
    "I17": lambda: changed().become(2, "by bo"),
    "I19": lambda: good().believe("bo", "ana", "bo", "cy").wait(20),
}
ALSO_BROKEN = {"I14": {"I1"}}  # whoever is told two places was told a wrong one


def broken_in(story: Story) -> set[str]:
    return {name for name, found in violations(story.end()).items() if found}


def test_a_good_history_breaks_nothing() -> None:
    assert broken_in(good()) == set()


def test_good_changes_break_nothing() -> None:
    assert broken_in(changed()) == set()


@pytest.mark.parametrize(
    ("story", "name"),
    [
        (lambda: changed().see("ana", 2, State(content="by bo")), "I15"),
        (lambda: changed().wait(20).hear("ana", B, 2), "I16"),
        (lambda: changed().become(1, "by ana", **{THUMB[2]: 1}), "I17"),
        (lambda: changed().react(THUMB, on=False), "I17"),
        (lambda: changed().react((*THUMB[:3], "ana"), on=True), "I17"),
    ],
    ids=[
        "a deletion not seen",
        "a frame too late",
        "an edit undone",
        "a reaction stays",
        "a reaction is lost",
    ],
)
def test_a_change_that_is_not_kept_is_named(story: Callable[[], Story], name: str) -> None:
    assert name in broken_in(story())


def test_files_that_are_kept_break_nothing() -> None:
    assert broken_in(bringing()) == set()


def test_what_waited_for_its_files_may_go_before_what_was_sent_meanwhile_and_goes_again() -> None:
    """It was said first: the outbox sends it first, as soon as it can."""
    meanwhile, brings = ("lobby", "ana", "c-meanwhile"), ("lobby", "ana", "c-brings")
    story = Story().send(meanwhile).lose("ana")
    story._add(Sent, "ana", key=brings, content="by ana", files=("f",))
    story.store(brings, 1).ack(brings, 1).everybody(brings, 1)
    story.send(meanwhile, retry=True).store(meanwhile, 2).ack(meanwhile, 2).everybody(meanwhile, 2)

    assert broken_in(story) == set()


@pytest.mark.parametrize(
    ("story", "name"),
    [
        (lambda: bringing().fetch("f-ana", None), "I1"),
        (lambda: bringing().fetch("f-ana", b"note"), "I1"),
        (lambda: bringing().become(1, "by ana"), "I1"),
        (lambda: bound(bringing(), 1, "f-again"), "I2"),
        (lambda: bringing().fetch("f-bo", b"notes"), "I16"),
        (lambda: bound(bringing(), 2, "f-bo"), "I16"),
        (lambda: bringing().see("bo", 1, State(content="by ana")), "I15"),
    ],
    ids=[
        "nobody else gets it",
        "not all of it",
        "its message has lost it",
        "twice",
        "after its deletion",
        "a row after its deletion",
        "not seen",
    ],
)
def test_a_file_that_is_not_kept_is_named(story: Callable[[], Story], name: str) -> None:
    assert name in broken_in(story())


def test_mentions_that_are_kept_break_nothing() -> None:
    assert broken_in(calling()) == set()


@pytest.mark.parametrize(
    ("story", "name"),
    [
        (lambda: calling().read("bo", 1, "by ana"), "I15"),
        (lambda: changed().read("bo", 2, "").read("bo", 2, "by bo"), "I15"),
        (lambda: calling().see("bo", 1, State(content="@bo, look")), "I15"),
        (lambda: with_call(calling(), "bo", 2, 2), "I15"),
        (lambda: without_calls(calling()), "I15"),
        (lambda: calling().count("bo", 2, 0), "I15"),
        (lambda: calling().count("bo", 3, 1), "I15"),
        (lambda: calling().become(1, "@bo, look"), "I17"),
    ],
    ids=[
        "an older text comes back",
        "a deleted message comes back",
        "a mention not seen",
        "a row of no mention",
        "a mention without a row",
        "unread, and not counted",
        "counted, and read",
        "an acked mention that is not there",
    ],
)
def test_a_mention_or_a_text_that_is_not_kept_is_named(story: Callable[[], Story], name: str) -> None:
    assert name in broken_in(story())


def test_what_only_changes_tell_is_no_gap() -> None:
    story = changed().send(C).store(C, 5).everybody(C, 5)

    assert broken_in(story) == set()


@pytest.mark.parametrize("name", INVARIANTS)
def test_an_invariant_turns_red_on_a_history_that_breaks_it(name: str) -> None:
    assert name in broken_in(BROKEN[name]())


@pytest.mark.parametrize("name", INVARIANTS)
def test_it_turns_red_without_crying_wolf_elsewhere(name: str) -> None:
    assert broken_in(BROKEN[name]()) - {name} <= ALSO_BROKEN.get(name, set())


def test_every_invariant_has_a_title() -> None:
    assert INVARIANTS.keys() == TITLES.keys()


def test_a_message_of_two_rows_is_a_double() -> None:
    assert "I2" in broken_in(good().store(A, 3))


def test_a_join_that_tells_of_a_gap_makes_it_no_violation() -> None:
    fourth = ("lobby", "ana", "c-4")
    story = good().send(C).store(C, 3).send(fourth).store(fourth, 4)
    story.join("cy", recovered=False).show("cy", A, 1).join("cy", recovered=False).show("cy", fourth, 4)

    assert "I4" not in broken_in(story)


def test_what_was_refused_and_sent_again_may_be_visible() -> None:
    story = good().send(C).refuse(C, "not_joined", retryable=False)
    story.send(C, retry=True).store(C, 3).everybody(C, 3).ack(C, 3)

    assert broken_in(story) == set()


def test_a_frozen_node_may_answer_later_by_so_much() -> None:
    story = good().send(C)
    sent_at = story.history.entries[-1].at
    story.wait(14).store(C, 3).everybody(C, 3).ack(C, 3)
    assert broken_in(story) == {"I13"}

    story.history.freezes.append((sent_at, sent_at + 15))
    assert broken_in(story) == set()
