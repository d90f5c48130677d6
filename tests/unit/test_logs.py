"""A log line is one JSON object, whatever strangers send, and holds nothing that lets anybody in."""

from __future__ import annotations

import io
import json
import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog

from chatapp.identity.tokens import Tokens, new_parts
from chatapp.logs import configure_logs, name_node
from chatapp.store.database.engine import open_database

TOKEN = Tokens("a key that nobody can guess, for tests").issue(new_parts())
logger = logging.getLogger("chatapp.somewhere")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    configure_logs("INFO", out)
    yield out
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\n{}", "a\u2028b", "a\u0085b", "a\x00b", "a\x1b[31mb", 'a","level":"debug', "\ud800"]
)
def test_nobody_writes_a_second_line(out: io.StringIO, text: str) -> None:
    logger.warning("room %r said %s", text, text, extra={"room": text})

    (line,) = lines(out)
    assert line["room"] == text
    assert line["level"] == "warning"


def test_a_line_says_when_where_and_how_bad(out: io.StringIO) -> None:
    logger.error("the disk is full", extra={"epoch": 7})

    (line,) = lines(out)
    assert (line["event"], line["level"], line["logger"], line["epoch"]) == (
        "the disk is full",
        "error",
        "chatapp.somewhere",
        7,
    )
    assert line["timestamp"].endswith("Z")


def test_every_line_names_the_node_that_wrote_it_by_its_present_id(out: io.StringIO) -> None:
    ids = ["n_1"]
    name_node(lambda: ids[-1])
    logger.warning("before")
    ids.append("n_2")

    logging.getLogger("a.library").warning("after")

    assert [line["node"] for line in lines(out)] == ["n_1", "n_2"]


def test_a_warning_of_python_is_a_line_too(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will be gone\nsoon", DeprecationWarning, stacklevel=1)

    (line,) = lines(out)
    assert line["level"] == "warning"
    assert "this will be gone\nsoon" in line["event"]


def test_a_database_that_is_opened_and_closed_is_worth_no_line(out: io.StringIO, tmp_path: Path) -> None:
    with (
        closing(open_database(f"sqlite:///{tmp_path / 'chat.db'}")) as database,
        database.reading() as connection,
    ):
        connection.exec_driver_sql("SELECT 1")

    assert out.getvalue() == ""


def test_what_is_below_the_level_is_not_written(out: io.StringIO) -> None:
    logger.debug("a detail")

    assert lines(out) == []


@pytest.mark.parametrize("key", ["token", "Authorization", "cookie", "body", "content", "secret", "password"])
def test_a_field_of_a_telling_name_has_no_value(out: io.StringIO, key: str) -> None:
    logger.info("refused", extra={key: "our secret"})

    assert lines(out)[0][key] == "[hidden]"
    assert "our secret" not in out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"GET /api/chat/lobby?userId=u_1&token={TOKEN}",
        "GET /?token=anything-else",
        f"{{'HTTP_COOKIE': 'chat_token={TOKEN}'}}",
        "Authorization: Bearer anything-else",
        "could not connect to postgresql://chat:anything-else@db/chat",
    ],
)
def test_what_lets_somebody_in_is_blotted_out_wherever_it_stands(out: io.StringIO, text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("it went wrong with %s", text, extra={"where": text})

    assert TOKEN not in out.getvalue()
    assert "anything-else" not in out.getvalue()
    assert "[hidden]" in out.getvalue()


def test_what_was_to_be_stored_does_not_appear_with_the_statement_that_failed(out: io.StringIO) -> None:
    failure = "no such table\n[SQL: INSERT INTO events]\n[parameters: ('lobby', 'our secret')]\n(Background)"
    try:
        raise ValueError(failure)
    except ValueError:
        logger.exception("storage failed")

    assert "our secret" not in out.getvalue()
    assert "INSERT INTO events" in out.getvalue()


def test_whoever_causes_the_same_line_again_and_again_makes_ten_of_it_a_minute(
    out: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def fail(what: str) -> None:
        try:
            raise ValueError(what)
        except ValueError:
            logger.exception("a bug, caused by %s", what)

    for number in range(1_000):
        fail(f"stranger {number}")
    logger.error("another line")
    assert [line["event"] for line in lines(out)][9:] == ["a bug, caused by stranger 9", "another line"]
    assert "left_out" not in lines(out)[-1]

    now += 59
    fail("a stranger within the minute")
    assert lines(out)[-1]["event"] == "another line"
    now += 1
    fail("the next stranger")

    assert lines(out)[-1]["left_out"] == 991
    fail("one more")
    assert "left_out" not in lines(out)[-1]


def test_two_errors_told_in_the_same_place_are_two_lines(out: io.StringIO) -> None:
    def first() -> None:
        raise ValueError

    def second() -> None:
        raise ValueError

    for bug in [first] * 20 + [second]:
        try:
            bug()
        except ValueError:
            logger.exception("a request failed")

    assert len(lines(out)) == 11
    assert "in second" in lines(out)[-1]["exception"]
