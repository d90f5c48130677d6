"""A conversation of two people, in steps: everything the protocol offers, once.

Each step holds what it was promised; whatever happens between two of them (a room that sleeps, a
node that is replaced) must not show.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from tests.running import RunningNode
from tests.talkers import Json, MakeTalker, Talker
from tests.uploading import Uploader, metadata


class Conversation:
    def __init__(self, node: RunningNode, make: MakeTalker, make_other: MakeTalker | None = None) -> None:
        self.room = f"room-{secrets.token_hex(4)}"
        self.node = node
        self.ana_signed_in = node.sign_in("Ana")
        self.bo_signed_in = node.sign_in("Bo")
        self.ana: Talker = make(node.url, self.ana_signed_in["token"], "ana-1")
        self.bo: Talker = (make_other or make)(node.url, self.bo_signed_in["token"], "bo-1")
        self.stream = ""
        self.sent_files: Json = {}
        self.steps: tuple[Callable[[], None], ...] = (
            self.ana_opens_the_room,
            self.bo_joins,
            self.both_talk,
            self.a_repeat_is_known,
            self.bo_types_and_stops,
            self.ana_reads,
            self.ana_keeps_a_value,
            self.the_log_is_read,
            self.the_log_is_searched,
            self.the_outbox_asks,
            self.presence_is_asked,
            self.ana_misses_two_and_catches_up,
            self.everybody_is_up_to_date,
            self.ana_edits_what_she_said,
            self.bo_nods,
            self.bo_answers,
            self.ana_takes_it_back,
            self.ana_calls_bo,
            self.ana_sends_two_files,
            self.she_leaves_one_of_them_out,
            self.she_takes_the_other_back,
            self.bo_leaves,
        )

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.ana.close()
        self.bo.close()

    # --- the steps ----------------------------------------------------------------------------

    def ana_opens_the_room(self) -> None:
        hello = self.ana.connect()
        assert hello["user"] == self.ana_signed_in["user"]
        assert (hello["protocol"], hello["device"]) == ("1", "ana-1")
        assert {"message", "search"} <= {*hello["features"]}
        assert {"edit", "delete", "react", "reactions"} <= set(hello["features"])
        assert {"message.reply_to", "message.mentions"} <= set(hello["features"])
        assert {"message.uploads", "edit.uploads"} <= set(hello["features"])

        joined = self.ask(self.ana, "join")
        assert (joined["head"], joined["floor"], joined["events"], joined["more"]) == (0, 1, [], False)
        assert joined["room"]["id"] == self.room
        assert joined["presence"]["count"] == 1
        assert joined["attachment"] == {"version": 0, "value": None}
        self.stream = joined["stream"]

    def bo_joins(self) -> None:
        self.bo.connect()
        joined = self.ask(self.bo, "join")

        assert joined["stream"] == self.stream
        assert _names(joined["presence"]["users"]) == {"Ana", "Bo"}
        self.ana.heard.wait("presence", that=lambda told: "Bo" in _names(_here(told)))

    def both_talk(self) -> None:
        stored = self.say(self.ana, "c-1", "Hello, Bo")
        answered = self.say(self.bo, "c-2", "Hello, Ana 👋")

        assert [(stored["seq"], stored["duplicate"]), (answered["seq"], answered["duplicate"])] == [
            (1, False),
            (2, False),
        ]
        for who in (self.ana, self.bo):
            event = who.heard.wait("event", that=lambda event: event["seq"] == 1)
            assert event == {
                "room": self.room,
                "seq": 1,
                "type": "message",
                "id": stored["id"],
                "ts": stored["ts"],
                "user": self.ana_signed_in["user"],
                "client_id": "c-1",
                "body": {"content": "Hello, Bo"},
            }
            second = who.heard.wait("event", that=lambda event: event["seq"] == 2)
            assert second["body"] == {"content": "Hello, Ana 👋"}

    def a_repeat_is_known(self) -> None:
        again = self.ask(self.ana, "message", client_id="c-1", content="Hello, Bo", retry=True)
        assert (again["seq"], again["duplicate"]) == (1, True)

        other = self.refused(self.ana, "message", client_id="c-1", content="Something else")
        assert (other["code"], other["retryable"]) == ("conflict", False)

    def bo_types_and_stops(self) -> None:
        self.bo.emit("typing", {"room": self.room, "on": True})
        told = self.ana.heard.wait("typing", that=lambda told: bool(told["users"]))
        assert told["users"] == [self.bo_signed_in["user"]]
        assert told["ttl_ms"] > 0

        self.bo.emit("typing", {"room": self.room, "on": False})
        self.ana.heard.wait("typing", that=lambda told: told["users"] == [])

    def ana_reads(self) -> None:
        assert self.ask(self.ana, "read", seq=2)["seq"] == 2
        assert self.ask(self.ana, "read", seq=1)["seq"] == 2, "the cursor never goes back"
        assert self.ask(self.ana, "read", seq=99)["seq"] == 2, "nor beyond what there is"

        told = self.ana.heard.wait("read")
        assert (told["room"], told["user"], told["seq"]) == (self.room, self.ana_signed_in["user"]["id"], 2)
        self.ask(self.bo, "presence")  # behind whatever the room has told him before
        assert self.bo.heard.of("read") == []

    def ana_keeps_a_value(self) -> None:
        kept = self.ask(self.ana, "attach", value={"draft": "Well", "scroll": 7})
        assert (kept["version"], kept["value"]) == (1, {"draft": "Well", "scroll": 7})

        merged = self.ask(self.ana, "attach", merge={"scroll": None, "seen": True}, version=1)
        assert (merged["version"], merged["value"]) == (2, {"draft": "Well", "seen": True})

        stale = self.refused(self.ana, "attach", value={}, version=1)
        assert (stale["code"], stale["version"]) == ("conflict", 2)

    def the_log_is_read(self) -> None:
        page = self.ask(self.bo, "history")
        assert [event["seq"] for event in page["events"]] == [1, 2]
        assert (page["from"], page["to"], page["head"], page["floor"]) == (1, 2, 2, 1)
        assert (page["more_before"], page["more_after"]) == (False, False)

        before = self.ask(self.bo, "history", before=2)
        assert [event["seq"] for event in before["events"]] == [1]
        assert before["more_after"]

    def the_log_is_searched(self) -> None:
        found = self.ask(self.ana, "search", q='"hello, B"')
        assert [(event["seq"], event["body"]) for event in found["events"]] == [(1, {"content": "Hello, Bo"})]
        assert (found["searched_to"], found["more_before"]) == (1, False)
        newest = self.ask(self.bo, "search", q="HÉLLO", limit=1)
        assert ([event["seq"] for event in newest["events"]], newest["more_before"]) == ([2], True)
        older = self.ask(self.bo, "search", q="HÉLLO", before=newest["searched_to"])
        assert [event["seq"] for event in older["events"]] == [1]
        assert self.ask(self.bo, "search", q="Ana: goodbye")["events"] == []

    def the_outbox_asks(self) -> None:
        known = self.ask(self.ana, "lookup", client_ids=["c-1", "c-2", "c-9"])
        assert {name: found["seq"] for name, found in known["found"].items()} == {"c-1": 1}
        assert known["unknown"] == ["c-2", "c-9"], "another person's id says nothing about mine"

    def presence_is_asked(self) -> None:
        present = self.ask(self.ana, "presence")
        assert _names(present["users"]) == {"Ana", "Bo"}
        assert (present["count"], len(present["v"])) == (2, 2)

    def ana_misses_two_and_catches_up(self) -> None:
        self.ana.disconnect()
        self.say(self.bo, "c-3", "Are you there?")
        self.say(self.bo, "c-4", "Ana?")
        self.ana.connect()
        outside = self.ana.call("ping", {"t": 1, "heads": {self.room: 2}})
        assert outside.get("behind", {}) == {}, "heads are told of rooms that one is in"

        joined = self.ask(self.ana, "join", since={"stream": self.stream, "seq": 2})

        assert joined["recovered"]
        assert [event["body"]["content"] for event in joined["events"]] == ["Are you there?", "Ana?"]
        assert joined["attachment"] == {"version": 2, "value": {"draft": "Well", "seen": True}}
        assert joined["read"] == 2
        assert _names(joined["presence"]["users"]) == {"Ana", "Bo"}

    def everybody_is_up_to_date(self) -> None:
        pong = self.bo.call("ping", {"t": 17, "heads": {self.room: 4}})
        assert (pong["ok"], pong["t"], pong.get("behind", {})) == (True, 17, {})
        assert pong["server_time"] > 0
        pong = self.bo.call("ping", {"t": 18, "heads": {self.room: 2}})
        assert pong["behind"] == {self.room: 4}

    def ana_edits_what_she_said(self) -> None:
        first = self.first()
        edited = self.ask(self.ana, "edit", client_id="c-5", target=self.target, content="Hello, Bo!", rev=1)
        again = self.ask(
            self.ana, "edit", client_id="c-5", target=self.target, content="Hello, Bo!", retry=True
        )
        stale = self.refused(self.ana, "edit", client_id="c-6", target=self.target, content="Hi", rev=1)
        not_his = self.refused(self.bo, "edit", client_id="c-5", target=self.target, content="Bye")

        assert [(edited["seq"], edited["duplicate"]), (again["seq"], again["duplicate"])] == [
            (5, False),
            (5, True),
        ]
        assert (stale["code"], stale["rev"], not_his["code"]) == ("conflict", 5, "forbidden")
        now = {"content": "Hello, Bo!", "edited_at": edited["ts"], "edited_seq": 5}
        for who in (self.ana, self.bo):
            event = who.heard.wait("event", that=lambda event: event["seq"] == 5)
            assert (event["type"], event["client_id"]) == ("edit", "c-5")
            assert event["body"] == {"target": self.target, **now}
        assert self.first() == {**first, "rev": 5, "body": now}

    def bo_nods(self) -> None:
        nodded = self.ask(self.bo, "react", target=self.target, emoji="❤", on=True)
        assert self.refused(self.bo, "react", target=self.target, emoji="x", on=True)["field"] == "emoji"
        assert "seq" not in self.ask(self.bo, "react", target=self.target, emoji="❤️", on=True), (
            "it is so already"
        )

        event = self.ana.heard.wait("event", that=lambda event: event["seq"] == nodded["seq"] == 6)
        bo = self.bo_signed_in["user"]
        (change,) = event["body"]["changes"]
        assert (event["type"], event["user"]) == ("react", {"id": "", "name": ""})
        assert change == {"target": self.target, "emoji": "❤️", "user": bo, "on": True, "count": 1}
        assert self.first()["body"]["reactions"] == [{"emoji": "❤️", "count": 1}]
        assert self.ask(self.bo, "history", before=2)["mine"] == {"1": ["❤️"]}
        assert "mine" not in self.ask(self.ana, "history", before=2)
        assert self.ask(self.bo, "join")["mine"] == {"1": ["❤️"]}
        asked = self.ask(self.ana, "reactions", target=self.target)
        assert asked["reactions"] == [{"emoji": "❤️", "count": 1, "users": [bo]}]

    def bo_answers(self) -> None:
        self.ask(self.bo, "message", client_id="c-7", content="Hello!", reply_to=self.target)

        event = self.ana.heard.wait("event", that=lambda event: event["seq"] == 7)
        ana = self.ana_signed_in["user"]
        quote = {"seq": 1, "ts": self.first()["ts"], "user": ana, "excerpt": "Hello, Bo!", "rev": 5}
        assert event["body"] == {"content": "Hello!", "reply_to": self.target, "quote": quote}
        lost = self.refused(
            self.bo, "message", client_id="c-8", content="?", reply_to={"seq": 1, "id": "other"}
        )
        assert (lost["code"], lost["field"]) == ("target_gone", "reply_to")

    def ana_takes_it_back(self) -> None:
        target = self.target
        taken = self.ask(self.ana, "delete", client_id="c-9", target=target)
        again = self.ask(self.ana, "delete", client_id="c-9", target=target, retry=True)
        assert (taken["seq"], taken["duplicate"], again["seq"], again["duplicate"]) == (8, False, 8, True)

        event = self.bo.heard.wait("event", that=lambda event: event["seq"] == 8)
        assert (event["type"], event["body"]) == ("delete", {"target": target, "by": "author"})
        page = {event["seq"]: event["body"] for event in self.ask(self.bo, "history")["events"]}
        assert page[1] == {"content": "", "deleted": {"at": taken["ts"], "by": "author"}}
        assert page[5] == {"target": target, "gone": True}
        assert page[7]["quote"] == {"seq": 1, "deleted": True}
        assert "Hello, Bo" not in str(page)
        for event_name, more in (("edit", {"content": "x"}), ("delete", {})):
            gone = self.refused(self.ana, event_name, client_id=f"c-10-{event_name}", target=target, **more)
            assert gone["code"] == "target_gone"
        assert self.refused(self.ana, "reactions", target=target)["code"] == "target_gone"

    def ana_calls_bo(self) -> None:
        bo, everybody = {**self.bo_signed_in["user"]}, {"id": "", "name": "here"}
        nobody = {"id": "u_nobody", "name": "Bo"}
        said = self.ask(self.ana, "message", client_id="c-11", content="@Bo?", mentions=[nobody, bo])
        event = self.bo.heard.wait("event", that=lambda event: event["seq"] == 9)
        assert event["body"] == {"content": "@Bo?", "mentions": [bo]}

        target = {"seq": 9, "id": said["id"]}
        edit = {"client_id": "c-12", "target": target, "content": "@Bo @here", "mentions": [bo, everybody]}
        self.ask(self.ana, "edit", **edit)
        event = self.bo.heard.wait("event", that=lambda event: event["seq"] == 10)
        assert event["body"]["mentions"] == [bo, {**everybody, "since": 10}]
        assert self.ask(self.bo, "history")["events"][8]["body"]["mentions"] == event["body"]["mentions"]
        many = self.refused(self.ana, "message", client_id="c-13", content="@Bo", mentions=[everybody] * 21)
        assert (many["code"], many["field"]) == ("too_many", "mentions")

    def ana_sends_two_files(self) -> None:
        ids = [self._uploaded("list.txt", b"eggs"), self._uploaded("notes.txt", b"milk")]
        not_his = self.refused(self.bo, "message", client_id="c-21", content="", uploads=ids)
        sent = self.ask(self.ana, "message", client_id="c-21", content="", uploads=ids)
        again = self.ask(self.ana, "message", client_id="c-21", content="", uploads=ids, retry=True)
        used = self.refused(self.ana, "message", client_id="c-22", content="", uploads=ids[:1])

        assert (not_his["code"], not_his["upload"]) == ("upload_unknown", ids[0])
        assert (sent["seq"], sent["duplicate"], again["seq"], again["duplicate"]) == (11, False, 11, True)
        assert (used["code"], used["field"]) == ("upload_unknown", "uploads")
        told = [
            {"id": ids[0], "name": "list.txt", "type": "text/plain", "size": 4},
            {"id": ids[1], "name": "notes.txt", "type": "text/plain", "size": 4},
        ]
        for who in (self.ana, self.bo):
            event = who.heard.wait("event", that=lambda event: event["seq"] == 11)
            assert (event["type"], event["body"]) == ("message", {"content": "", "uploads": told})
        self.sent_files = {"seq": 11, "id": event["id"]}
        assert [self._read(each) for each in ids] == [b"eggs", b"milk"]

    def she_leaves_one_of_them_out(self) -> None:
        target = self.sent_files
        gone, stays = self._files()
        alone = self.refused(self.ana, "edit", client_id="c-23", target=target, content="", uploads=[])
        edited = self.ask(
            self.ana, "edit", client_id="c-24", target=target, content="", uploads=[stays["id"]]
        )

        assert (alone["code"], edited["seq"]) == ("empty", 12)
        event = self.bo.heard.wait("event", that=lambda event: event["seq"] == 12)
        now = {"content": "", "uploads": [stays], "edited_at": edited["ts"], "edited_seq": 12}
        assert event["body"] == {"target": target, **now}
        assert self._files() == [stays]
        assert (self._read(gone["id"]), self._read(stays["id"])) == (None, b"milk")

    def she_takes_the_other_back(self) -> None:
        (stays,) = self._files()
        assert self.ask(self.ana, "delete", client_id="c-25", target=self.sent_files)["seq"] == 13

        self.bo.heard.wait("event", that=lambda event: event["seq"] == 13)
        assert self._files() == []
        assert self._read(stays["id"]) is None

    def bo_leaves(self) -> None:
        assert self.ask(self.bo, "leave") == {"ok": True}
        self.ana.heard.wait("presence", that=_tells_that_bo_is_gone)

        refused = self.refused(self.bo, "no_such_event")
        assert refused["code"] == "unknown_event"
        assert self.refused(self.bo, "presence")["code"] == "not_joined"
        assert sorted(event["seq"] for event in self.bo.heard.of("event")) == list(range(1, 14))

    # --- talking ------------------------------------------------------------------------------

    @property
    def target(self) -> Json:
        return {"seq": 1, "id": self.first()["id"]}

    def first(self) -> Json:
        """The first message, as whoever reads gets it."""
        (event,) = self.ask(self.bo, "history", before=2)["events"]
        first: Json = event
        return first

    def _uploaded(self, name: str, content: bytes) -> str:
        """The id of a file of Ana's that can be sent."""
        uploader = Uploader(self.node.url, self.ana_signed_in["token"])
        begun = uploader.begin(
            len(content), content, room=self.room, **metadata(filename=name, filetype="text/plain")
        )
        assert (begun.status, begun.json["state"]) == (201, "ready"), begun.json
        return str(begun.json["id"])

    def _read(self, upload: str) -> bytes | None:
        """A file, as Bo gets it; None: it is gone."""
        answer = Uploader(self.node.url, self.bo_signed_in["token"]).ask("GET", f"/files/{upload}")
        return None if answer.status in (404, 410) else answer.body

    def _files(self) -> list[Json]:
        (event,) = self.ask(self.bo, "history", before=12)["events"][-1:]
        assert event["seq"] == self.sent_files["seq"]
        files: list[Json] = event["body"].get("uploads", [])
        return files

    def say(self, who: Talker, client_id: str, content: str) -> Json:
        return self.ask(who, "message", client_id=client_id, content=content)

    def ask(self, who: Talker, event: str, **payload: Any) -> Json:
        ack = who.call(event, {"room": self.room, **payload})
        assert ack["ok"], ack
        return ack

    def refused(self, who: Talker, event: str, **payload: Any) -> Json:
        ack = who.call(event, {"room": self.room, **payload})
        assert not ack["ok"], ack
        error: Json = ack["error"]
        return error


def _tells_that_bo_is_gone(told: Json) -> bool:
    """In words, or by a whole list without him."""
    return "Bo" in _names(told.get("left", [])) or "Bo" not in _names(told.get("full", [{"name": "Bo"}]))


def _here(told: Json) -> list[Json]:
    """Who came, or the whole list with which an awakened room begins."""
    here: list[Json] = told.get("full") or told.get("joined", [])
    return here


def _names(users: list[Json]) -> set[str]:
    return {user["name"] for user in users}
