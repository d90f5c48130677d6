"""Bodies: what stands in an event, as it is stored, and as it is told."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from chatapp.rooms.messages import bodies, change_bodies, quotes
from chatapp.rooms.messages.change_bodies import ReactionChange
from chatapp.rooms.messages.quotes import Author
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.messages.uploads import Upload

ONE = TargetId(seq=1, id="m1")
FAMILY = "👩‍👩‍👧‍👦"


def read(body: bytes) -> Any:
    return json.loads(body)


def quote_of(body: bytes) -> quotes.Quote:
    return bodies.quote_of(body, seq=1, ts=1_000, user_id="u1", user_name="Ana")


def test_a_plain_message_is_its_content_and_not_a_byte_more() -> None:
    assert bodies.said("hi “you”") == '{"content":"hi “you”"}'.encode()
    assert bodies.told(bodies.said("hi")) == b'{"content":"hi"}'


def test_an_answer_is_stored_with_its_target_and_told_with_a_quote_of_it() -> None:
    stored = bodies.said("yes", ONE)
    told = bodies.told(stored, quote=quote_of(bodies.said("shall we?")))

    assert read(stored) == {"content": "yes", "reply_to": {"seq": 1, "id": "m1"}}
    quote = {"seq": 1, "ts": 1_000, "user": {"id": "u1", "name": "Ana"}, "excerpt": "shall we?"}
    assert read(told) == {**read(stored), "quote": quote}
    assert bodies.stored(told) == stored
    assert bodies.stored(bodies.with_reactions(told, {"👍": 1})) == stored
    assert bodies.reply_of(told) == ONE
    assert bodies.reply_of(bodies.said("hi")) is None


def test_an_edit_keeps_everything_but_the_words() -> None:
    quote = quote_of(bodies.edited(bodies.said("shall we?"), "well?", at=5_000, seq=4))
    told = bodies.told(bodies.said("yes", ONE), quote=quote, reactions={"👍": 2})

    after = read(bodies.edited(told, "no", at=7_000, seq=9))

    assert after == {**read(told), "content": "no", "edited_at": 7_000, "edited_seq": 9}
    assert after["quote"]["rev"] == 4
    assert bodies.edited_seq_of(told) == 0
    assert bodies.edited_seq_of(bodies.edited(told, "no", at=7_000, seq=9)) == 9


def test_files_stand_in_the_body_as_they_are_told_and_what_is_not_known_of_one_is_absent() -> None:
    note = Upload(id="u1", name="a.txt", type="text/plain", size=3)
    picture = Upload(
        id="u2",
        name="b.png",
        type="image/png",
        size=9,
        width=2,
        height=1,
        placeholder="3Oc",
        thumbs=[360],
        alt="B",
    )
    stored = bodies.said("", ONE, [note, picture])

    assert read(stored)["uploads"] == [
        {"id": "u1", "name": "a.txt", "type": "text/plain", "size": 3},
        {"id": "u2", "name": "b.png", "type": "image/png", "size": 9, "width": 2, "height": 1}
        | {"placeholder": "3Oc", "thumbs": [360], "alt": "B"},
    ]
    told = bodies.with_reactions(bodies.told(stored, quote=quote_of(stored)), {"👍": 1})
    assert bodies.stored(told) == stored
    assert list(bodies.uploads_of(told)) == [note, picture]
    assert (read(told)["quote"]["excerpt"], read(told)["quote"]["files"]) == ("", 2)
    assert "files" not in read(bodies.told(stored, quote=quote_of(bodies.said("hi"))))["quote"]

    left = bodies.edited(told, "x", at=7_000, seq=9, uploads=[note])
    assert list(bodies.uploads_of(left)) == [note]
    assert list(bodies.uploads_of(bodies.edited(left, "y", at=8_000, seq=10))) == [note]
    assert "uploads" not in read(bodies.edited(left, "y", at=8_000, seq=10, uploads=[]))
    assert [each["id"] for each in read(change_bodies.edit_told(ONE, left))["uploads"]] == ["u1"]


def test_reactions_are_told_in_the_order_in_which_they_came_and_not_when_there_are_none() -> None:
    told = bodies.told(bodies.said("hi"), reactions={"👍": 2, "🎉": 1})

    assert read(told)["reactions"] == [{"emoji": "👍", "count": 2}, {"emoji": "🎉", "count": 1}]
    assert bodies.with_reactions(told, {}) == b'{"content":"hi"}'


def test_a_deleted_message_says_that_and_nothing_else_but_an_empty_text() -> None:
    tombstone = bodies.tombstone(8_000)

    assert read(tombstone) == {"content": "", "deleted": {"at": 8_000, "by": "author"}}
    quote = quote_of(bodies.said("x"))
    assert bodies.told(tombstone, quote=quote, reactions={"👍": 1}) == tombstone
    assert bodies.with_quote(tombstone, quote) == tombstone
    assert bodies.with_reactions(tombstone, {"👍": 1}) == tombstone
    assert bodies.is_deleted(tombstone)
    assert not bodies.is_deleted(bodies.said("hi"))


def test_a_quote_of_what_is_gone_has_no_words() -> None:
    answer = bodies.told(bodies.said("yes", ONE), quote=quote_of(bodies.said("secret")))

    deleted = bodies.with_quote(answer, quote_of(bodies.tombstone(8_000)))
    expired = bodies.with_quote(answer, quotes.expired_quote(1))

    assert read(deleted)["quote"] == {"seq": 1, "deleted": True}
    assert read(expired)["quote"] == {"seq": 1, "expired": True}


def test_an_edit_is_told_with_what_its_target_says_now() -> None:
    now = bodies.edited(bodies.told(bodies.said("a"), reactions={"👍": 1}), "b", at=7_000, seq=9)

    assert read(change_bodies.edit_stored(ONE)) == {"target": {"seq": 1, "id": "m1"}}
    assert read(change_bodies.edit_told(ONE, now)) == {
        "target": {"seq": 1, "id": "m1"},
        "content": "b",
        "edited_at": 7_000,
        "edited_seq": 9,
    }
    gone = {"target": {"seq": 1, "id": "m1"}, "gone": True}
    assert read(change_bodies.edit_told(ONE, None)) == gone
    assert read(change_bodies.edit_told(ONE, bodies.tombstone(8_000))) == gone
    assert change_bodies.edit_target(change_bodies.edit_told(ONE, now)) == ONE


def test_a_deletion_and_reactions_are_told_as_they_are_stored() -> None:
    change = ReactionChange(target=ONE, emoji="👍", user=Author(id="u2", name="Bo"), on=True, count=3)

    assert read(change_bodies.delete_told(ONE)) == {"target": {"seq": 1, "id": "m1"}, "by": "author"}
    assert read(change_bodies.react_told([change])) == {
        "changes": [
            {
                "target": {"seq": 1, "id": "m1"},
                "emoji": "👍",
                "user": {"id": "u2", "name": "Bo"},
                "on": True,
                "count": 3,
            }
        ]
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", "short"),
        ("a" * 200, "a" * 140),
        (FAMILY * 150, FAMILY * 140),
        ("🇩🇪" * 150, "🇩🇪" * 140),
        ("\r\n" * 150, "\r\n" * 140),
        ("ä" * 139 + "e\u0301e", "ä" * 139 + "e\u0301"),
    ],
)
def test_an_excerpt_has_so_many_characters_as_a_reader_counts_them(text: str, expected: str) -> None:
    assert quotes.excerpt(text) == expected


@pytest.mark.parametrize(
    "unit", ["🇩🇪", FAMILY, "\u0301", "👩\u200d", "\u0600", "\u200d", "\u0915\u094d", "\u1100", "\r\n"]
)
def test_an_excerpt_of_the_strangest_text_takes_no_longer_than_a_moment(unit: str) -> None:
    text = (unit * 4_000)[:4_000]
    seconds = min(_seconds(lambda: quotes.excerpt(text)) for _ in range(3))
    assert seconds < 0.005


def _seconds(call: Any) -> float:
    """Of the processor: others may be using the machine."""
    begun = time.process_time()
    call()
    return time.process_time() - begun
