"""The one line about the connection: in words, true, and with something to do where there is."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import RunningNode, until

# The last word on how long to wait: always the longest.
ALWAYS_WAIT_LONG = "Math.random = () => 0.999;"


def again_in(seconds: int) -> str:
    return f"No connection. Trying again in {seconds}\u00a0s."


def comes_to_say(person: Person, words: str) -> None:
    """Where the clock stands: an attempt that fails takes some turns of it, and hardly any time."""

    def says_it() -> bool:
        person.page.clock.run_for(1)
        return words in (person.connection.text_content() or "")

    until(says_it)


def loses_the_line(person: Person, node: RunningNode, room: str) -> Line:
    """In the room, with a clock that stands until a test turns it; the next attempts are refused."""
    person.context.add_init_script(ALWAYS_WAIT_LONG)
    line = Line(person.page)
    person.page.clock.install()
    person.enter(node, room)
    person.stops_the_clock()
    line.state = "refusing"
    line.breaks()
    return line


def test_the_wait_is_counted_down_and_need_not_be_waited_for(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = loses_the_line(ana, node, room)
    for seconds in (1, 2, 4):
        comes_to_say(ana, again_in(seconds))
        ana.page.clock.run_for(seconds * 1_000)
    comes_to_say(ana, again_in(8))
    ana.page.clock.run_for(1_000)
    expect(ana.connection).to_contain_text(again_in(7))
    expect(ana.connection).not_to_contain_text(re.compile("refresh|reload", re.IGNORECASE))

    line.state = "open"
    ana.page.get_by_role("button", name="Retry now").click()

    ana.is_online()
    ana.page.clock.resume()


def test_who_retries_by_keyboard_goes_on_from_the_list(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    line = loses_the_line(ana, node, room)
    retry = ana.page.get_by_role("button", name="Retry now")
    comes_to_say(ana, again_in(1))
    expect(retry).to_be_visible()
    line.state = "open"
    retry.focus()
    ana.page.keyboard.press("Enter")

    ana.is_online()
    expect(ana.page.get_by_test_id("messages")).to_be_focused()
    ana.page.clock.resume()


def test_who_is_signed_out_is_told_so_and_comes_back_by_signing_in(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("before")
    ana.all_is_sent()
    assert ana.page.evaluate("fetch('/api/session', { method: 'DELETE' }).then(answer => answer.ok)")

    ana.stands("signed-out")
    expect(ana.connection).to_contain_text("Signed out.")
    ana.sees("before")
    ana.say("written meanwhile")
    expect(ana.connection).to_contain_text("1 message not sent.")
    ana.page.get_by_role("button", name="Sign in").click()
    expect(ana.page.get_by_role("dialog", name="Sign in again")).to_be_visible()
    ana.give_name("Ana")
    # Nobody can know that it is the same Ana: her words stand there under that name.
    expect(ana.page.get_by_role("dialog", name="That name is taken here")).to_contain_text("wrote here")
    ana.page.get_by_test_id("name-submit").click()
    ana.is_online()
    ana.sees_people("Ana 2")
