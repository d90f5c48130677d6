"""Bad input, in tables: what a stranger may send, and the answer it must get.

A row is an event as it stands on the wire, the code of its refusal, and the field that is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

HOME = "lobby"
MISSING = object()


class Row(NamedTuple):
    text: str  # the JSON of the event
    code: str
    field: str | None = None

    @property
    def name(self) -> str:
        shown = self.text if len(self.text) < 60 else f"{self.text[:40]}… ({len(self.text)})"
        return f"{self.code} {shown}"


VALID: dict[str, dict[str, Any]] = {
    "join": {"room": HOME},
    "leave": {"room": HOME},
    "message": {"room": HOME, "client_id": "c-0", "content": "x"},
    "history": {"room": HOME},
    "search": {"room": HOME, "q": "x"},
    "lookup": {"room": HOME, "client_ids": []},
    "edit": {"room": HOME, "client_id": "c-0", "target": {"seq": 1, "id": "m"}, "content": "x"},
    "delete": {"room": HOME, "client_id": "c-0", "target": {"seq": 1, "id": "m"}},
    "react": {"room": HOME, "target": {"seq": 1, "id": "m"}, "emoji": "👍", "on": True},
    "reactions": {"room": HOME, "target": {"seq": 1, "id": "m"}},
    "presence": {"room": HOME},
    "typing": {"room": HOME, "on": True},
    "read": {"room": HOME, "seq": 0},
    "attach": {"room": HOME, "value": 1},
    "ping": {"t": 1},
}

NO_TEXT: tuple[Any, ...] = (None, 7, 1.5, True, [], {}, MISSING)
NO_SEQ: tuple[Any, ...] = ("1", -1, 1.5, True, [], {})
NO_ROOM = (*NO_TEXT, "", "  ", ".", "..", "a/b", "a\x07b", "x" * 65, "a\u2028b", "\u202eabc")
NO_ID: tuple[Any, ...] = (None, 7, True, [], {}, "", "x" * 65)
TARGETED = ("edit", "delete", "react", "reactions")
# By UTS #51: letters and signs, halves of emoji, parts without a whole, two at once, the style of a text.
NO_EMOJI: tuple[str, ...] = (
    *("", " ", "a", "7", "#", "x\ufe0f", "7\ufe0f", "\u20e3", "a\u20e3", "♥\ufe0e", "👍👍", "👍 ", " 👍"),
    *(
        "🇩",
        "🇩🇪🇫",
        "\u200d",
        "👩\u200d",
        "\u200d👩",
        "👩\u200da",
        "🍎🏽",
        "🏴\U000e0067",
        "👍\u0301",
        "\ufe0f",
    ),
    *("👩" + "\u200d👩" * 20, "<b>", ":+1:"),
)
BIG = "x" * 16_400  # over the limit of an attachment

NO_STRING: tuple[Any, ...] = (None, 7, True, [], {})
NO_MENTIONS: tuple[Any, ...] = (
    *(7, "x", True, {}, [7], ["x"], [None], [[]]),
    *([{"id": wrong, "name": "Ana"}] for wrong in NO_STRING),
    *([{"id": "u", "name": wrong}] for wrong in NO_STRING),
)
NO_CALLED_ID = tuple([{"id": wrong, "name": "Ana"}] for wrong in ("x" * 65, "a\nb", "a\u202eb", "\u2028"))
NO_CALLED_NAME = tuple(
    [{"id": "u", "name": wrong}] for wrong in ("", "x" * 33, "👋" * 33, "a\nb", "\u202eAna", "\u2028", "\x7f")
)
TOO_MANY_MENTIONS = [{"id": "u", "name": "Ana"}] * 21

# event, field, values, code, and the field that is named if it is another one
WRONG_FIELDS: tuple[tuple[str, str, tuple[Any, ...], str, str], ...] = (
    *((event, "room", NO_ROOM, "bad_request", "room") for event in VALID if event != "ping"),
    ("message", "client_id", (*NO_TEXT, "", "a b", "é", "x" * 65, "a/b"), "bad_request", "client_id"),
    ("message", "content", NO_TEXT, "bad_request", "content"),
    ("message", "content", ("", " ", "\n\t\u3000"), "empty", "content"),
    ("message", "content", ("x" * 4_001, "👋" * 4_001), "too_long", "content"),
    ("message", "retry", (None, 1, "yes", [], {}), "bad_request", "retry"),
    *((event, "target", (*NO_TEXT[:5], MISSING, "x"), "bad_request", "target") for event in TARGETED),
    *((event, "target", ({}, {"id": "m"}), "bad_request", "target.seq") for event in TARGETED),
    *(
        (event, "target", tuple({"seq": n, "id": "m"} for n in NO_SEQ), "bad_request", "target.seq")
        for event in TARGETED
    ),
    *(
        (event, "target", tuple({"seq": 1, "id": i} for i in NO_ID), "bad_request", "target.id")
        for event in TARGETED
    ),
    ("message", "reply_to", (1, "x", [], True), "bad_request", "reply_to"),
    ("message", "reply_to", ({}, {"seq": "1", "id": "m"}), "bad_request", "reply_to.seq"),
    ("message", "reply_to", ({"seq": 1}, {"seq": 1, "id": 7}), "bad_request", "reply_to.id"),
    *(
        (event, "mentions", wrong, code, field)
        for event in ("message", "edit")
        for wrong, code, field in (
            (NO_MENTIONS, "bad_request", "mentions"),
            (([{"name": "Ana"}],), "bad_request", "mentions.id"),
            (([{"id": "u"}],), "bad_request", "mentions.name"),
            (NO_CALLED_ID, "bad_request", "mentions.id"),
            (NO_CALLED_NAME, "bad_request", "mentions.name"),
            ((TOO_MANY_MENTIONS,), "too_many", "mentions"),
        )
    ),
    *(
        (event, "client_id", (*NO_TEXT, "", "a b"), "bad_request", "client_id")
        for event in ("edit", "delete")
    ),
    *((event, "retry", (None, 1, "yes", [], {}), "bad_request", "retry") for event in ("edit", "delete")),
    ("edit", "content", NO_TEXT, "bad_request", "content"),
    ("edit", "content", (" ", "\n\t\u3000"), "empty", "content"),
    ("edit", "content", ("x" * 4_001, "👋" * 4_001), "too_long", "content"),
    ("edit", "rev", NO_SEQ, "bad_request", "rev"),
    ("react", "emoji", (*NO_TEXT, *NO_EMOJI), "bad_request", "emoji"),
    ("react", "on", (None, 1, "yes", [], {}, MISSING), "bad_request", "on"),
    *(
        (
            event,
            "uploads",
            ([1], "x", {"a": 1}, ["x"], ["x" * 23], ["../" + "x" * 19]),
            "bad_request",
            "uploads",
        )
        for event in ("message", "edit")
    ),
    ("join", "limit", (*NO_SEQ, None, 201), "bad_request", "limit"),
    ("join", "since", (7, "x", [], True), "bad_request", "since"),
    ("join", "since", ({}, {"stream": "", "seq": 1}, {"stream": 7, "seq": 1}), "bad_request", "since.stream"),
    ("join", "since", ({"stream": "x" * 65, "seq": 1},), "bad_request", "since.stream"),
    ("join", "since", ({"stream": "s"}, {"stream": "s", "seq": -1}), "bad_request", "since.seq"),
    ("join", "since", ({"stream": "s", "seq": "1"},), "bad_request", "since.seq"),
    ("join", "attachment", (BIG, {"a": BIG}), "too_long", "attachment"),
    *(("history", field, NO_SEQ, "bad_request", field) for field in ("before", "after", "around")),
    ("history", "limit", (*NO_SEQ, None, 0, 201), "bad_request", "limit"),
    ("search", "q", NO_TEXT, "bad_request", "q"),
    ("search", "q", ("a\x01b", "\x1b[2J", "\x7f", "\x85"), "bad_request", "q"),
    ("search", "q", ("", "  \n", '""', '" "', "“", "\u0301", "\u200b\ufe0f"), "empty", "q"),
    ("search", "q", ("x" * 201, "👋" * 201, "x" * 4_000, "%" * 4_000), "too_long", "q"),
    ("search", "q", (" ".join(f"{n}x" for n in range(10, 31)),), "too_long", "q"),
    ("search", "before", NO_SEQ, "bad_request", "before"),
    ("search", "limit", (*NO_SEQ, None, 0, 51), "bad_request", "limit"),
    ("lookup", "client_ids", (None, 7, "c", {}, MISSING, [7], [None], ["a b"]), "bad_request", "client_ids"),
    ("lookup", "client_ids", (["c"] * 101, ["x" * 65], [""]), "bad_request", "client_ids"),
    ("typing", "on", (None, 1, "yes", [], {}, MISSING), "bad_request", "on"),
    ("read", "seq", (*NO_SEQ, None, MISSING), "bad_request", "seq"),
    ("attach", "value", (MISSING,), "bad_request", "value"),
    ("attach", "value", (BIG, [BIG]), "too_long", "value"),
    ("attach", "merge", ({},), "bad_request", "value"),  # both are given
    ("attach", "version", NO_SEQ, "bad_request", "version"),
    ("ping", "t", (None, "1", [], {}, True, MISSING), "bad_request", "t"),
    ("ping", "heads", (7, "x", [], None, {HOME: "1"}, {HOME: -1}), "bad_request", "heads"),
    ("ping", "heads", ({"a/b": 1}, {"": 1}, {f"r{n}": 1 for n in range(51)}), "bad_request", "heads"),
)

WRONG_WHOLES: tuple[Row, ...] = (
    Row('["history",{"room":"lobby","before":2,"after":1}]', "bad_request", "after"),
    Row('["history",{"room":"lobby","before":2,"around":1}]', "bad_request", "around"),
    Row('["attach",{"room":"lobby","merge":7}]', "bad_request", "merge"),
    Row('["attach",{"room":"lobby","merge":[1]}]', "bad_request", "merge"),
    Row('["message",{"room":"elsewhere","client_id":"c","content":"x"}]', "not_joined"),
    *(Row(f'["{event}",{{}}]', "bad_request") for event in VALID),
    *(Row(f'["{event}"]', "bad_request") for event in VALID),
    *(Row(f'["{event}",{{}},{{}}]', "bad_request") for event in VALID),
    *(
        Row(f'["{event}",{payload}]', "bad_request")
        for event in VALID
        for payload in ("7", '"x"', "null", "[]")
    ),
)

NO_NAMES: tuple[Any, ...] = (
    *("connect", "disconnect", "connect_error", "error", "hello", "event", "bye", "resync"),
    *("__init__", "on_connect", "trigger_event", "hear", "emit", "*", "Message", " message", ""),
    *("x" * 10_000, 7, 1.5, None, True, [], {}, ["message"], "message\u0007", "мessage"),
)
NOT_OFFERED = ("moderate", "room")
WRONG_NAMES: tuple[Row, ...] = (
    *(Row(json.dumps([name, {"room": HOME}]), "unknown_event") for name in NO_NAMES),
    *(Row(f'["{name}",{{}}]', "unsupported") for name in NOT_OFFERED),
)

_PLACE = '["message",{"room":"lobby","client_id":"c","content":%s}]'
WRONG_JSON: tuple[Row, ...] = tuple(
    Row(text, "bad_request")
    for text in (
        *("", "{", "[", "[]", "{}", "7", '"message"', "null", '["ping",{"t":1}', '["ping",{"t":1}]]'),
        *('["ping",{"t":1}] x', "['ping']", '["ping",{t:1}]', '["ping",{"t":01}]', '["ping",{"t":1,}]'),
        *(_PLACE % value for value in ("NaN", "Infinity", "-Infinity", "nan", '"\\ud800"', '"a\\udfffb"')),
        *(_PLACE % value for value in ('"\\u0000"', '"\x00"', '"a\nb"', '"\\x41"', "9" * 5_000, "1e999")),
        *(_PLACE % value for value in (str(2**53), str(-(2**63)), "1" + "0" * 400, "undefined")),
        '["ping",{"t":1,"t":2}]',
        '["join",{"room":"lobby","attachment":{"a":{"b":1,"b":1}}}]',
        '["join",{"room":"lobby","attachment":{"\\u0000":1}}]',
        '["join",{"room":"lobby","attachment":' + "[" * 33 + "]" * 33 + "}]",
        '["join",{"room":"lobby","attachment":' + '{"a":' * 33 + "1" + "}" * 33 + "}]",
        '["join",{"room":"lobby","attachment":' + "[" * 30_000 + "]" * 30_000 + "}]",
        "[" * 60_000,
        '{"a":' * 12_000,
    )
)


def _wrong_fields() -> Iterator[Row]:
    for event, field, values, code, named in WRONG_FIELDS:
        for value in values:
            payload = {**VALID[event], field: value}
            if value is MISSING:
                del payload[field]
            yield Row(json.dumps([event, payload]), code, named)


ROWS: tuple[Row, ...] = (*_wrong_fields(), *WRONG_WHOLES, *WRONG_NAMES, *WRONG_JSON)
