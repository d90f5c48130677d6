"""Presence: what the room tells about who is here, told seldom and never wrong.

``told`` is what everybody has heard, under one version. Changes collect beside it; the first is
told at the end of its batch, further ones at most once an interval, and what cancels itself
out is not told at all. A question is answered with what was told (and the asker), under the same
version, so that an answer and the next change always fit together.

Each epoch begins with a whole set, because versions of an earlier one cannot be continued. So
does the return to few enough people for names.
"""

from __future__ import annotations

from chatapp.rooms.events import Person, Presence, PresenceChanged
from chatapp.rooms.rules import RoomRules


class Roster:
    def __init__(self, epoch: int, rules: RoomRules) -> None:
        self._epoch = epoch
        self._number = 0
        self._interval_ms = rules.presence_interval_ms
        self._names_limit = rules.presence_names_limit
        self._here: dict[str, Person] = {}
        self._told: dict[str, Person] = {}
        self._told_people: tuple[Person, ...] | None = None  # made when somebody asks
        self._news: dict[str, None] = {}  # user ids, in the order of their first change
        self._is_full_due = False
        self._is_continued = False  # the next version continues what everybody has
        self._quiet_until = 0

    def wake(self, people: list[Person], *, is_news: bool) -> None:
        """``is_news``: those who listen may not know all of it."""
        self._here = {person.id: person for person in people}
        self._told = dict(self._here)
        self._is_full_due = is_news

    # --- who is here --------------------------------------------------------------------

    @property
    def count(self) -> int:
        return len(self._here)

    def find(self, user_id: str) -> Person | None:
        return self._here.get(user_id)

    def update(self, user_id: str, person: Person | None) -> None:
        if person is None:
            del self._here[user_id]
        else:
            self._here[user_id] = person
        self._news[user_id] = None

    def may_name(self, count: int) -> bool:
        return count <= self._names_limit

    def answer(self, asker_id: str) -> Presence:
        asker = self._here.get(asker_id)
        is_untold = asker is not None and asker_id not in self._told
        count = len(self._told) + is_untold
        people: tuple[Person, ...] | None = None
        if self.may_name(count):
            people = self._everybody_told()
            if asker is not None and is_untold:
                people += (asker,)
        else:
            self._is_continued = False  # whoever has been told no names could add none to them
        return Presence(version=(self._epoch, self._number), people=people, count=count)

    def answer_roll(self, heard: tuple[int, int], *, may_lack: bool) -> None:
        """A node has heard up to there: if that is not everything, everybody gets the whole once more.

        What an earlier epoch told last is known to nobody here. A node that has lost nothing has it.
        """
        told = (self._epoch, self._number)
        if heard != told and (heard < told if self._number else may_lack):
            self._is_full_due, self._is_continued = True, False

    # --- what is told -------------------------------------------------------------------

    @property
    def deadline_ms(self) -> int | None:
        return self._quiet_until if self._news or self._is_full_due else None

    def take_due(self, now_ms: int, *, is_last: bool) -> PresenceChanged | None:
        """What to tell the room now, if anything."""
        if self.deadline_ms is None or not (is_last or now_ms >= self._quiet_until):
            return None
        had_names = self.may_name(len(self._told))
        joined, left, changed = self._settle_news()
        if not (joined or left or changed or self._is_full_due):
            return None
        has_names = self.may_name(self.count)
        if not has_names and not had_names and len(joined) == len(left) and not self._is_full_due:
            return None  # only the count is told, and it is the same
        is_full = has_names and not (self._is_continued and had_names)
        is_delta = has_names and not is_full
        self._number += 1
        self._quiet_until = now_ms + self._interval_ms
        self._is_full_due, self._is_continued = False, True
        return PresenceChanged(
            version=(self._epoch, self._number),
            joined=joined if is_delta else (),
            left=left if is_delta else (),
            changed=changed if is_delta else (),
            count=self.count,
            people=self._everybody_told() if has_names else None,
            is_full=is_full,
        )

    def _settle_news(self) -> tuple[list[Person], list[Person], list[Person]]:
        joined: list[Person] = []
        left: list[Person] = []
        changed: list[Person] = []
        for user_id in self._news:
            before, now = self._told.get(user_id), self._here.get(user_id)
            if before == now:
                continue
            self._told_people = None
            if now is None:
                left.append(self._told.pop(user_id))
                continue
            (changed if before else joined).append(now)
            self._told[user_id] = now
        self._news.clear()
        return joined, left, changed

    def _everybody_told(self) -> tuple[Person, ...]:
        if self._told_people is None:
            self._told_people = tuple(self._told.values())
        return self._told_people
