"""A chat whose time is the test's: what is said in it, what of that is still living, and what is in files.

Whatever people can write into it is made of markers: texts and what they are edited to, the names of authors,
sessions, users and those who react, and attachments. All of it is said by turns in many rooms, so that the
words of each lie among those of others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

from msgspec.structs import replace
from sqlalchemy import Executable, insert, select, update

from chatapp.jobs.cleanup import clean_up
from chatapp.jobs.plan import SECOND_LOOK_MS
from chatapp.jobs.report import Ending, Report
from chatapp.kernel.ports import Lease, Outcome, RoomWrite
from chatapp.rooms.attendance.likeness import digests
from chatapp.rooms.attendance.names import NameRecord
from chatapp.rooms.attendance.sessions import SessionRecord
from chatapp.rooms.events import Record, RoomEvent
from chatapp.rooms.messages.bodies import edited, is_deleted, tombstone, with_reactions
from chatapp.rooms.reading import ReadRecord
from chatapp.store.database.engine import open_database
from chatapp.store.models import EXPIRED, events, users
from chatapp.store.people.users import Users
from chatapp.store.store import Store
from faults.remains import MARKER_BYTES, marked, markers, search
from tests.contracts.changed import EDITED_AT, Batch
from tests.contracts.worlds import DatabaseWorld
from tests.forgetful_files import ForgetfulFiles, uploads_of

NOW = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
NAME_BYTES = 3 * MARKER_BYTES

# What people write: mostly a sentence, sometimes more than a page of the database.
SIZES = ((24, 120), (24, 120), (24, 120), (24, 120), (120, 600), (1000, 3000))
LONG = (4_000, 20_000)
LONG_SHARE = 0.02
CHANGED_SHARE = 0.4  # of the messages come with a change of one that lives
EMOJI = ("👍", "❤️", "🎉")

Place = tuple[str, int]  # a room and a seq
Stay = tuple[str, str, str]  # a room, a person and a device


class ForgetfulChat:
    """``folder`` is where the database has all its files."""

    def __init__(
        self, url: str, folder: Path, retention_ms: int, *, seed: int, rooms: int = 120, people: int = 40
    ) -> None:
        self.url, self.retention_ms = url, retention_ms
        self.now = NOW
        self.random = Random(seed)
        self._folder = folder
        self._world = DatabaseWorld(url)
        self._world.store = self._store = Store(open_database(url), retention_ms)
        self._node = self._world.node()
        if self._store.database.is_sqlite:
            with self._store.database.reading() as connection:  # nobody pulls the plug of the machine
                connection.exec_driver_sql("PRAGMA synchronous = OFF")
        self._rooms = [f"room {number}" for number in range(rooms)]
        self._people = [f"u_{number}" for number in range(people)]
        self._leases: dict[str, Lease] = {}
        self._heads: dict[str, int] = {}
        self._said: dict[Place, RoomEvent] = {}  # messages, as they are now
        self._reactions: dict[Place, dict[tuple[str, str], str]] = {}  # by emoji and person: the name
        self._named: list[tuple[int, str]] = []  # when somebody has reacted, and under which name
        self._stays: dict[Stay, SessionRecord] = {}
        self._users: dict[str, tuple[str, int]] = {}  # a name, and until when it is kept
        self._numbers = count()
        self._words: dict[bytes, tuple[str, int]] = {}  # what each marker is of, and of which of those
        self.files = ForgetfulFiles(self._store.database, folder, self.random, self._new)

    def close(self) -> None:
        self._world.close()

    # --- what is said -------------------------------------------------------------------------

    def shares(self, count: int) -> list[float]:
        """Parts of one whole, none of them like another."""
        weights = [self.random.uniform(0.7, 2) for _ in range(count)]
        return [weight / sum(weights) for weight in weights]

    def talk(self, messages: int, milliseconds: int) -> None:
        """So many messages in so much time; people come, go and take new names meanwhile."""
        ends_at = self.now + milliseconds
        while messages:
            rooms = self.random.sample(self._rooms, min(messages, self.random.randint(1, 12)))
            self.now += (ends_at - self.now) * len(rooms) // messages
            messages -= len(rooms)
            self._commit([self._write(room) for room in rooms])
            if self.random.random() < 0.3:
                self._take_a_name()

    def sample(self) -> None:
        """What PostgreSQL does by itself from time to time: look at values, and write some of them down."""
        if not self._store.database.is_sqlite:
            with self._store.database.reading() as connection:
                connection.exec_driver_sql("ANALYZE")

    def _commit(self, writes: list[RoomWrite]) -> None:
        assert self._store.commit(writes) == [Outcome.COMMITTED] * len(writes)
        for write in writes:
            self._heads[write.lease.room_id] = write.last_seq

    def _write(self, room: str) -> RoomWrite:
        if room not in self._leases:
            self._leases[room] = self._world.acquire(room, self._node).lease
        head, person = self._heads.get(room, 0), self.random.choice(self._people)
        batch = Batch(room, head, self.now)
        uploads = self.files.come(room, person, self.now)
        said = batch.say(
            self._new("text", self._size()),
            user_id=person,
            user_name=self._new("author", NAME_BYTES),
            uploads=uploads,
        )
        bound = self.files.bound(room, person, said.seq, said.ts, uploads)
        self._said[room, said.seq] = said
        if self.random.random() < CHANGED_SHARE:
            self._change(batch, room)
        return RoomWrite(
            lease=self._leases[room],
            previous_seq=head,
            last_seq=head + len(batch.events),
            last_at=said.ts,
            events=batch.events,
            records=[*self._records(room, person, said), *bound, *batch.records],
        )

    def _size(self) -> int:
        low, high = LONG if self.random.random() < LONG_SHARE else self.random.choice(SIZES)
        return self.random.randint(low, high)

    def _change(self, batch: Batch, room: str) -> None:
        """Of something that lives; perhaps of what was said this moment."""
        here = [said for (where, _), said in self._said.items() if where == room and said.ts > self.cutoff]
        target = self.random.choice(here)
        if is_deleted(target.body):
            return
        place, kind = (room, target.seq), self.random.choice(("edit", "edit", "delete", "react", "react"))
        match kind:
            case "edit":
                content = self._new("edited text", self._size())
                left = self.files.left_out(target.body)
                rev = batch.edit(target, content, cutoff=self.cutoff, uploads=left).seq
                body = edited(target.body, content, at=EDITED_AT, seq=rev, uploads=left)
                if left is not None:
                    batch.records.append(self.files.kept(room, target.seq, self.now, left))
            case "delete":
                rev = batch.delete(target, cutoff=self.cutoff).seq
                body = tombstone(EDITED_AT)
                if uploads_of(target.body):
                    batch.records.append(self.files.kept(room, target.seq, self.now, []))
                self._reactions.pop(place, None)
            case _:
                rev = self._react(batch, target)
                body = with_reactions(target.body, self._counts(place))
        content_hash = target.content_hash if kind == "react" else b""
        self._said[place] = replace(target, body=body, rev=rev, content_hash=content_hash)

    def _react(self, batch: Batch, target: RoomEvent) -> int:
        """Somebody does, or takes theirs back, by an event that names them. The name is theirs alone."""
        there = self._reactions.setdefault((target.room_id, target.seq), {})
        if there and self.random.random() < 0.4:
            (emoji, user_id), is_on = self.random.choice(list(there)), False
            name = there.pop((emoji, user_id))
        else:
            emoji, user_id, is_on = self.random.choice(EMOJI), f"u_{next(self._numbers)}", True
            name = there[emoji, user_id] = self._new("name at a reaction", NAME_BYTES)
        self._named.append((self.now, name))
        return batch.react(target, emoji, name, on=is_on, cutoff=self.cutoff, user_id=user_id).seq

    def _counts(self, place: Place) -> Counter[str]:
        return Counter(emoji for emoji, _ in self._reactions[place])

    def _records(self, room: str, person: str, said: RoomEvent) -> Iterator[Record]:
        yield ReadRecord(room_id=room, user_id=person, seq=said.seq, at=self.now)
        for likeness in digests(room, said.user_name):
            yield NameRecord(room_id=room, likeness=likeness, user_id=person, at=self.now)
        if self.random.random() < 0.5:
            device = self.random.choice(("desk", "phone"))
            stay = SessionRecord(
                room_id=room,
                user_id=person,
                device=device,
                name=self._new("name of a session", NAME_BYTES),
                node_id=self._node,
                is_present=self.random.random() < 0.05,
                seen_at=self.now,
                attachment=f'"{self._new("attachment", self.random.choice((24, 40, 400, 2_000)))}"',
                attachment_version=said.seq,
                node_is_live=True,
            )
            self._stays[room, person, device] = stay
            yield stay

    def _take_a_name(self) -> None:
        """Somebody signs in, or takes another name; a token lasts about as long as a message here."""
        name, until = self._new("name of a user", NAME_BYTES), self.now + self.retention_ms
        known = [user_id for user_id, (_, kept_until) in self._users.items() if kept_until > self.now]
        user_id = self.random.choice([*known, f"u_{len(self._users)}"])
        statement: Executable
        if user_id in known:
            Users(self._store.database).rename(user_id, name)
            statement = update(users).where(users.c.user_id == user_id).values(expires_at=until)
        else:
            times = {"created_at": self.now, "last_used_at": self.now, "expires_at": until}
            statement = insert(users).values(user_id=user_id, name=name, token_id="", **times)
        with self._store.database.writing() as connection:
            connection.execute(statement)
        self._users[user_id] = name, until

    def _new(self, kind: str, size: int) -> str:
        words = marked(size, self.random)
        self._words |= dict.fromkeys(markers(words), (kind, next(self._numbers)))
        return words

    # --- what is left of it -------------------------------------------------------------------

    def clean_up(self) -> None:
        """To the end: a long silence is noted at first, for it might be a clock that jumps."""
        while (report := self.clean_up_once()).ending is not Ending.DONE:
            assert report.ending is Ending.NOTED
            self.now += SECOND_LOOK_MS

    def clean_up_once(self) -> Report:
        return clean_up(
            self._store.database,
            self.retention_ms,
            objects=self.files.objects,
            now=lambda: self.now,
            pause=lambda _seconds: None,
        )

    @property
    def cutoff(self) -> int:
        return self.now - self.retention_ms

    def living(self) -> list[RoomEvent]:
        """The messages that must still be there, as they are now, room by room."""
        return [said for _, said in sorted(self._said.items()) if said.ts > self.cutoff]

    def read(self) -> list[RoomEvent]:
        """The messages that are still there, as people get to read them."""
        read = (said for room in sorted(self._leases) for said in self._read_room(room))
        return [said for said in read if said.type == "message"]

    def _read_room(self, room: str) -> Iterator[RoomEvent]:
        after = 0
        while page := self._store.history.page(room, limit=100, cutoff=self.cutoff, after=after).events:
            yield from page
            after = page[-1].seq

    def living_stays(self) -> list[SessionRecord]:
        return [stay for _, stay in sorted(self._stays.items()) if self._is_living(stay)]

    def read_stays(self) -> list[SessionRecord]:
        of_devices = self._store.sessions.of_devices
        asked = [(stay.room_id, (stay.user_id, stay.device)) for stay in self.living_stays()]
        return [found for room, device in asked for found in of_devices(room, [device])]

    def living_users(self) -> dict[str, str]:
        return {user_id: name for user_id, (name, until) in self._users.items() if until > self.now}

    def read_users(self) -> dict[str, str]:
        with self._store.database.reading() as connection:
            rows = connection.execute(select(users.c.user_id, users.c.name))
            return {row.user_id: row.name for row in rows}

    def living_files(self) -> dict[str, str]:
        return self.files.living((said.body for said in self.living()), self.now)

    def emptied_rows(self) -> int:
        """Rows that stay to answer those who repeat themselves."""
        with self._store.database.reading() as connection:
            return len(connection.execute(select(events.c.seq).where(events.c.gone == EXPIRED)).all())

    def remains(self) -> dict[str, int]:
        """Whatever is in a file and should not be: of how many words, by what they were and by the file."""
        found, living = search([self._folder]), self._living_markers()
        left = {(self._words[m], found[m]) for m in found.keys() & self._words.keys() - living}
        return dict(Counter(f"{kind} in {file.relative_to(self._folder)}" for (kind, _), file in left))

    def _living_markers(self) -> set[bytes]:
        words = [f"{said.user_name} {said.body.decode()}" for said in self.living()]
        words += [f"{stay.name} {stay.attachment}" for stay in self.living_stays()]
        words += [name for at, name in self._named if at > self.cutoff]
        words += [*self.living_files().values(), *self.files.living_names(self.now)]
        return set().union(*map(markers, [*words, *self.living_users().values()]))

    def _is_living(self, stay: SessionRecord) -> bool:
        return stay.is_present or stay.seen_at > self.cutoff
