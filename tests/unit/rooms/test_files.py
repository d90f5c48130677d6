"""Messages with files: what a room decides, and what becomes of the files with their message."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatapp.errors import Empty, TargetGone, UploadNotReady, UploadRefused, UploadUnknown
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.aspect import Posted
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.messages.uploads import Readiness, UploadsFor
from tests.unit.rooms.house import (
    ANA,
    BEN,
    House,
    delete,
    edit,
    edit_files,
    files,
    join,
    only,
    post,
    react,
    reaction,
    reply,
    target,
)

PICTURE: dict[str, Any] = {
    "name": "sea.jpg",
    "type": "image/jpeg",
    "size": 90_000,
    "width": 1600,
    "height": 1200,
    "placeholder": "3OcR",
    "thumbs": [360, 1080],
    "alt": "The sea",
}


@pytest.fixture
def house(house: House) -> House:
    house.join(ANA)
    house.join(BEN)
    house.storage.upload("u1", "ana", **PICTURE)
    house.storage.upload("u2", "ana")
    house.storage.upload("of-ben", "ben")
    return house


def body(event: RoomEvent) -> Any:
    return json.loads(event.body)


def told(house: House) -> list[Any]:
    """What a newcomer gets of the log."""
    return [body(event) for event in house.join(BEN).events]


NOTE = {"id": "u2", "name": "u2.txt", "type": "text/plain", "size": 3}


@pytest.mark.parametrize("sleeps", [False, True])
def test_files_are_told_with_their_message_and_hang_on_it_alone(house: House, sleeps: bool) -> None:
    posted = house.ask(files(ANA, "c1", "look", "u1", "u2"))

    (event,) = only(house.said, RoomEvent)
    assert body(event) == {"content": "look", "uploads": [{"id": "u1", **PICTURE}, NOTE]}
    assert event == house.storage.events[0], "no more is told than is stored"
    assert house.storage.bound == {"u1": posted.seq, "u2": posted.seq}
    if sleeps:
        house.wake()
    assert told(house) == [body(event)]
    with pytest.raises(UploadUnknown):
        house.ask(files(ANA, "c2", "again", "u2"))


def test_a_file_needs_no_words(house: House) -> None:
    house.ask(files(ANA, "c1", "", "u2"))
    assert told(house) == [{"content": "", "uploads": [NOTE]}]


def test_a_batch_binds_a_file_once(house: House) -> None:
    first, second = house.say(files(ANA, "c1", "", "u1"), files(ANA, "c2", "", "u2", "u1"))

    assert isinstance(first, Posted)
    assert isinstance(second, UploadUnknown)
    assert second.extra == {"upload": "u1"}
    assert house.storage.bound == {"u1": 1}, "one that is refused binds none of its files"


@pytest.mark.parametrize("upload", ["nobody-knows", "of-ben"])
def test_nobody_sends_what_is_not_theirs(house: House, upload: str) -> None:
    with pytest.raises(UploadUnknown) as refused:
        house.ask(files(ANA, "c1", "look", "u1", upload))
    assert (refused.value.field, refused.value.extra) == ("uploads", {"upload": upload})
    assert house.storage.events == []


def test_a_picture_is_sent_when_somebody_has_looked_at_it(house: House) -> None:
    house.storage.upload("new", "ana", Readiness.WAITING)
    house.storage.upload("broken", "ana", Readiness.REFUSED, why="damaged")

    with pytest.raises(UploadNotReady) as not_yet:
        house.ask(files(ANA, "c1", "", "new"))
    with pytest.raises(UploadRefused) as refused:
        house.ask(files(ANA, "c2", "", "broken"))

    assert not_yet.value.retryable
    assert not_yet.value.retry_after_ms
    assert refused.value.extra == {"upload": "broken", "why": "damaged"}
    del house.storage.uploads["broken"]
    with pytest.raises(UploadUnknown):
        house.ask(files(ANA, "c2", "", "broken"))
    house.storage.upload("new", "ana", Readiness.READY)
    assert house.ask(files(ANA, "c1", "", "new")).seq == 1, "nothing is remembered from the batch before"


def test_a_repeat_is_recognised_before_its_files_are_looked_at(house: House) -> None:
    """They are bound by then; or have expired, and were uploaded anew under other ids."""
    first = house.ask(files(ANA, "c1", "look", "u1"))
    again = house.ask(files(ANA, "c1", "look", "u1", is_retry=True))
    anew = house.ask(files(ANA, "c1", "look", "u2", is_retry=True))

    assert (again.seq, again.is_duplicate) == (anew.seq, anew.is_duplicate) == (first.seq, True)
    assert house.storage.bound == {"u1": 1}


def test_a_plain_message_asks_nothing_about_files(house: House) -> None:
    house.say(post(ANA, "c1"), post(ANA, "c2"))
    assert house.asked_for(UploadsFor) == []


@pytest.mark.parametrize("sleeps", [False, True])
def test_an_answer_may_have_files_and_a_quote_counts_them(house: House, sleeps: bool) -> None:
    message = target(house.ask(files(ANA, "c1", "", "u1", "u2")))
    house.ask(files(BEN, "c2", "like this?", "of-ben", reply_to=message))
    if sleeps:
        house.wake()

    answer = told(house)[1]
    assert [upload["id"] for upload in answer["uploads"]] == ["of-ben"]
    quote = answer["quote"]
    assert (quote["excerpt"], quote["files"]) == ("", 2)


def test_an_answer_to_nothing_binds_nothing(house: House) -> None:
    with pytest.raises(TargetGone):
        house.ask(files(ANA, "c1", "", "u1", reply_to=TargetId(seq=9, id="?")))
    assert house.storage.bound == {}


@pytest.mark.parametrize("sleeps", [False, True])
def test_an_edit_keeps_the_files_that_it_names(house: House, sleeps: bool) -> None:
    message = target(house.ask(files(ANA, "c1", "both", "u1", "u2")))
    house.ask(reply(BEN, "c2", "nice", message))
    if sleeps:
        house.wake()

    house.ask(edit_files(ANA, "c3", message, "one", ["u2"]))

    (event,) = only(house.said, RoomEvent)
    assert (body(event)["content"], body(event)["uploads"]) == ("one", [NOTE])
    row, answer, change = told(house)
    assert (row["content"], row["uploads"]) == ("one", [NOTE])
    assert (answer["quote"]["excerpt"], answer["quote"]["files"]) == ("one", 1)
    assert change["uploads"] == [NOTE]
    assert house.storage.bound == {"u2": 1}, "the other one goes"


def test_an_edit_that_names_none_keeps_all(house: House) -> None:
    message = target(house.ask(files(ANA, "c1", "look", "u1", "u2")))
    house.ask(edit(ANA, "c2", message, "see"))
    house.ask(react(reaction(BEN, message)))
    house.ask(edit_files(ANA, "c3", message, "", None))

    row = told(house)[0]
    assert row["content"] == ""
    assert [upload["id"] for upload in row["uploads"]] == ["u1", "u2"]
    assert row["reactions"] == [{"emoji": "👍", "count": 1}]
    assert house.storage.bound == {"u1": 1, "u2": 1}


def test_an_edit_adds_no_file_and_leaves_something(house: House) -> None:
    message = target(house.ask(files(ANA, "c1", "look", "u1")))

    with pytest.raises(UploadUnknown):
        house.ask(edit_files(ANA, "c2", message, "see", ["u1", "u2"]))
    with pytest.raises(Empty):
        house.ask(edit_files(ANA, "c3", message, "", []))
    with pytest.raises(Empty):
        house.ask(edit_files(ANA, "c4", target(house.post(ANA, "c5", "words")), "", None))

    house.ask(edit_files(ANA, "c6", message, "words alone", []))
    assert told(house)[0]["content"] == "words alone"
    assert "uploads" not in told(house)[0]
    assert house.storage.bound == {}


@pytest.mark.parametrize("sleeps", [False, True])
def test_a_deletion_takes_the_files_along(house: House, sleeps: bool) -> None:
    message = target(house.ask(files(ANA, "c1", "", "u1", "u2")))
    house.ask(reply(BEN, "c2", "nice", message))
    if sleeps:
        house.wake()

    house.ask(delete(ANA, "c3", message))

    assert b"sea.jpg" not in b"".join(event.body for event in house.join(BEN).events)
    assert told(house)[0] == {"content": "", "deleted": {"at": house.now, "by": "author"}}
    assert told(house)[1]["quote"] == {"seq": 1, "deleted": True}
    assert house.storage.bound == {}
    assert set(house.storage.uploads) == {"of-ben"}


def test_files_may_come_and_go_within_a_batch(house: House) -> None:
    house.ids = 100
    message = TargetId(seq=1, id="id-101")
    house.say(
        files(ANA, "c1", "", "u1", "u2"),
        edit_files(ANA, "c2", message, "", ["u1"]),
        delete(ANA, "c3", message),
        join(ANA),
    )
    assert house.storage.bound == {}
