"""Searching a log: exactly what matches, of what lives; and what the database passes over has no match."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select, update

from chatapp.errors import BadRequest, Empty
from chatapp.kernel.ports import Lease
from chatapp.rooms.messages import bodies
from chatapp.rooms.messages.query import Query, parse_query
from chatapp.rooms.messages.uploads import Upload
from chatapp.store.database.engine import open_database
from chatapp.store.log.candidates import (
    FOLDED_AT_ONCE,
    could_match,
    literals_of,
    patterns_of,
    that_could_match,
)
from chatapp.store.models import DELETED, events
from tests.contracts.test_statements import LOOKED_THROUGH, statements_of
from tests.contracts.worlds import DatabaseWorld, event, write

PERIOD_MS = 4 * 3_600_000  # of a day's retention
SAID = (
    "Good morning",
    "Guten Morgen, schöne Straße",
    "Доброе утро, Ёлка",
    'She said "hello\tworld" and\n100% of it \\ was a_b',
    "morning again",
    "おはよう 東京",
)


def body(content: str) -> bytes:
    return msgspec.json.encode({"content": content})


@pytest.fixture
def lease(database_world: DatabaseWorld) -> Lease:
    """A room in which all of it was said, a second after the other."""
    lease = database_world.acquire("lobby", database_world.node()).lease
    said = [
        event("lobby", seq, ts=1000 * seq, user_name="Morning Star", body=body(content))
        for seq, content in enumerate(SAID, 1)
    ]
    database_world.commit([write(lease, *said)])
    return lease


Find = Callable[..., list[int]]


@pytest.fixture
def find(database_world: DatabaseWorld, lease: Lease) -> Find:
    def find(typed: str, *, first: int = 1, last: int = 6, limit: int = 50, cutoff: int = 0) -> list[int]:
        return database_world.store.search.matches(
            "lobby", parse_query(typed), first=first, last=last, limit=limit, cutoff=cutoff
        )

    return find


@pytest.mark.parametrize(
    ("typed", "seqs"),
    [
        ("sea.JPG", [7]),
        ("beach evening", [7]),
        ("list", [8]),
        ("look list.pdf", [8]),
        ("uploads", []),
        ("application", []),
        ("u-1", []),
    ],
)
def test_files_are_found_by_their_names_and_by_what_they_show(
    database_world: DatabaseWorld, lease: Lease, find: Find, typed: str, seqs: list[int]
) -> None:
    """Of a message that is nothing but its files too; the words of the wire are nobody's."""
    picture = Upload(id="u-1", name="Sea.jpg", type="image/jpeg", size=9, alt="The beach\nin the evening")
    paper = Upload(id="u-2", name="list.pdf", type="application/pdf", size=9)
    said = [
        event("lobby", 7, ts=7000, body=bodies.said("", None, [picture])),
        event("lobby", 8, ts=8000, body=bodies.said("Look", None, [paper])),
    ]
    database_world.commit([write(lease, *said, after=6)])

    assert find(typed, first=7, last=8) == seqs


@pytest.mark.parametrize(
    ("typed", "seqs"),
    [
        ("MORNING", [5, 1]),
        ("good MORN", [1]),
        ("strasse", [2]),
        ("schone", [2]),
        ("елка", [3]),
        ("УТРО", [3]),
        ('"hello world"', [4]),
        ('"and 100% of"', [4]),
        ("\\", [4]),
        ("%", [4]),
        ("_", [4]),
        ("a_b", [4]),
        ("%%", []),
        ("mor%ing", []),
        ("東京", [6]),
        ("star", []),
        ("content", []),
        ("{", []),
        ("ncontent", []),
    ],
)
def test_what_a_message_says_is_found_and_nothing_around_it(find: Find, typed: str, seqs: list[int]) -> None:
    assert find(typed) == seqs


def test_only_the_piece_is_looked_at_the_newest_first_and_no_further_than_wanted(find: Find) -> None:
    assert find("mor", first=1, last=5) == [5, 2, 1]
    assert find("mor", first=2, last=4) == [2]
    assert find("mor", limit=2) == [5, 2]


def test_what_is_deleted_or_expired_is_not_found(database_world: DatabaseWorld, find: Find) -> None:
    with database_world.store.database.writing() as connection:
        connection.execute(update(events).where(events.c.seq == 5).values(gone=DELETED))

    assert find("morning") == [1]
    assert find("morning", cutoff=1000) == []


def test_other_events_are_not_found(database_world: DatabaseWorld, lease: Lease, find: Find) -> None:
    other = event("lobby", 7, ts=7000, type="topic", body=body("morning"))
    database_world.commit([write(lease, other, after=6)])

    assert find("morning", last=7) == [5, 1]


def test_what_changed_since_it_was_found_is_looked_at_again(
    database_world: DatabaseWorld, lease: Lease
) -> None:
    store = database_world.store
    messages = store.history.messages_at("lobby", [1, 2, 5], cutoff=1000)

    assert [message.seq for message in messages] == [5, 2], "the newest first, without what has expired"
    assert [m.seq for m in store.search.still_matching(messages, parse_query("again"))] == [5]
    assert store.history.messages_at("lobby", [], cutoff=0) == []


def test_a_piece_may_lie_in_any_number_of_tables(
    database_world: DatabaseWorld, lease: Lease, find: Find
) -> None:
    """Also one of which neither end is."""
    for seq, content in enumerate(("Morning", "the morning after", "evening", "Ein schöner Mörning"), 7):
        said = event("lobby", seq, ts=(seq - 6) * PERIOD_MS, body=body(content))
        database_world.commit([write(lease, said, after=seq - 1)])

    assert find("morning", last=10) == [10, 8, 7, 5, 1]
    assert find("morning", first=7, last=9) == [8, 7]
    assert find("morning", first=7, last=7) == [7]
    assert find("morning", last=10, limit=2) == [10, 8]
    assert find("morning", last=99) == [10, 8, 7, 5, 1]
    assert find("morning", first=0, last=99) == [10, 8, 7, 5, 1]


def test_many_long_texts_are_looked_at_a_few_at_once_and_none_is_left_out(
    database_world: DatabaseWorld, lease: Lease, find: Find
) -> None:
    padding = "é " * (FOLDED_AT_ONCE // 9)
    said = [
        event("lobby", seq, ts=7000, body=body(f"{padding}{'Größe' if seq % 4 == 0 else 'nichts'}"))
        for seq in range(7, 48)
    ]
    database_world.commit([write(lease, *said, after=6)])

    assert find("GROSSE", last=47) == [*range(44, 6, -4)]


def test_a_piece_is_read_by_keys_alone(database_world: DatabaseWorld, find: Find) -> None:
    """And it was asked which tables it lies in."""
    with statements_of(database_world) as seen:
        find("morning again")

    statements = [each for each in seen if "SELECT" in each]
    assert len(statements) == 2
    if database_world.store.database.is_sqlite:
        with database_world.store.database.reading() as connection:
            plans = [
                row[3]
                for statement in statements
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
            ]
        assert not [line for line in plans if LOOKED_THROUGH.search(line)], plans


# --- the filter is never narrower than the exact look -----------------------------------------

Passes = Callable[[str, Query], bool]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def passes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Passes]:
    """Whether stored words get as far as the exact look."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('words') / 'empty.db'}"
    else:
        url = request.getfixturevalue("postgresql_server")
    database = open_database(url)
    with database.reading() as connection:

        def passes(words: str, query: Query) -> bool:
            patterns = [literal(pattern) for pattern in patterns_of(query)]
            is_passed = connection.execute(select(could_match(literal(words), patterns))).scalar_one()
            beside = [(1, "Bo\n{}"), (2, words), (3, "Cy\n{}")]
            return bool(is_passed) and (2, words) in that_could_match(beside, literals_of(query))

        yield passes
    database.close()


def _words(content: str) -> str:
    return f"Ana\n{body(content).decode()}"


_LETTERS = st.sampled_from(
    "aAäÄsßẞﬁfiİIıijĳéE\u0301\u0308\u0345еЕёЁйИКkK ㎏한한ㅏ　\xa0\n\t\"\\%_'’{}:n/´①１🙂𝐀\ufe0f\u200d\u00ad"
)
_TEXTS = st.text(_LETTERS, max_size=12) | st.text(max_size=12)


@example("ß", "s")
@example("\n", '"\n"')
@example('"', "'")
@example("a\u0301\u0327b", "ab")
@given(_TEXTS, _TEXTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_matches_gets_as_far_as_the_exact_look(passes: Passes, content: str, typed: str) -> None:
    try:
        query = parse_query(typed)
    except (BadRequest, Empty):
        return

    if query.matches(content):
        assert passes(_words(content), query)


@given(_TEXTS, _TEXTS, _TEXTS, st.booleans())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_part_of_any_text_gets_as_far_as_the_exact_look(
    passes: Passes, before: str, part: str, behind: str, is_phrase: bool
) -> None:
    try:
        query = parse_query(f'"{part}"' if is_phrase else part)
    except (BadRequest, Empty):
        return
    content = before + part + behind

    if query.matches(content):
        assert passes(_words(content), query)
