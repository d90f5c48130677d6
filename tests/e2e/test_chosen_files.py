"""Files that were chosen and not sent yet: they wait with what one writes, are their tab's, are sent once.

What takes them away is said before or after; storage that hangs holds nobody up.
"""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.files import are_held_back, choose, is_sent_with_one, photo, send, text_file, tray
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_files import ASKS, KEPT, sees_pictures
from tests.running import RunningNode, until

# In each of these nothing is put into the database of files: it is full.
FULL = """() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (value) {
    if (this.name === 'files') throw new DOMException('full', 'QuotaExceededError');
    return put.call(this, value);
  };
}"""
# For as long as it is set, no database is opened until it is let.
HANGS = """if (localStorage.getItem('hangs')) {
  const { addEventListener } = EventTarget.prototype;
  const allowed = new Promise((resolve) => (window.letAnswer = resolve));
  IDBOpenDBRequest.prototype.addEventListener = function (name, listener) {
    const late = (event) => allowed.then(() => listener(event));
    addEventListener.call(this, name, name === 'success' ? late : listener);
  };
}"""
# Nothing that is written comes to its end.
NEVER_ENDS = """() => {
  const { addEventListener } = EventTarget.prototype;
  IDBTransaction.prototype.addEventListener = function (name, listener) {
    if (name !== 'complete') addEventListener.call(this, name, listener);
  };
}"""
DATABASES = "() => indexedDB.databases().then((all) => all.map(({ name }) => name))"
MARKS = "() => Object.keys(localStorage).filter((key) => key.startsWith('draft:files/')).sort()"
LEAVE_A_MARK = """(room) => localStorage.setItem(
  `draft:files/gone/${room}`, JSON.stringify({ at: Date.now(), keys: ['lost'] }),
)"""
WAKE = "() => window.dispatchEvent(new Event('focus'))"
DAY = "24:00:00"
# Nobody is known to be alive, as if their locks were lost. On this page alone: about:blank has none.
NOBODY_LIVES = "if (navigator.locks) navigator.locks.query = async () => ({ held: [] });"


def is_asked(person: Person) -> bool:
    """Whether a reload would lose something."""
    asked: bool = person.page.evaluate(ASKS)
    return asked


def alert(person: Person) -> Locator:
    return person.page.locator("#alert")


def is_kept(person: Person, count: int = 1) -> None:
    expect(tray(person)).to_have_count(count)
    until(lambda: not is_asked(person))


def enter_and_choose(person: Person, node: RunningNode, room: str) -> None:
    """One file, which is kept."""
    person.enter(node, room)
    choose(person, text_file())
    is_kept(person)


def test_what_was_chosen_waits_over_a_reload_with_its_words_and_is_sent_once(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    choose(ben, photo("field.jpg"), text_file("one.csv"), text_file("two.csv"))
    tray(ben).nth(0).get_by_role("button", name="Describe field.jpg").tap()
    ben.page.get_by_test_id("describe-words").fill("A field below a sun")
    ben.page.get_by_role("button", name="Save").tap()
    tray(ben).nth(1).get_by_role("button", name="Remove one.csv").tap()
    ben.composer.fill("the field")
    is_kept(ben, 2)

    ben.page.reload()
    expect(tray(ben)).to_have_count(2)
    expect(tray(ben)).to_contain_text(["field.jpg", "two.csv"])
    expect(ben.page.locator(".tray-picture img")).to_have_count(1)
    expect(ben.composer).to_have_value("the field")
    ben.is_online()
    send(ben)
    ben.all_is_sent()
    sees_pictures(ana, 1)
    expect(ana.page.get_by_role("img", name="A field below a sun")).to_be_visible()
    expect(ana.message("the field").get_by_test_id("message-file")).to_contain_text(["two.csv"])
    until(lambda: ben.page.evaluate(KEPT) == 0)

    with ben.page.expect_response("**/tray-*.js"):
        ben.page.reload()
    ben.is_online()
    expect(tray(ben)).to_have_count(0)
    assert [row.text for row in ana.rows()] == ["the field"]


def test_who_sends_before_what_was_chosen_is_back_sends_it_along(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    enter_and_choose(ana, node, room)
    held = ana.holds_up("**/tray-*.js")
    ana.page.reload()
    ana.is_online()
    are_held_back(ana, "the list")
    ana.comes_to(held)
    ana.lets_go("**/tray-*.js", held)
    is_sent_with_one(ana, "the list")


def test_what_a_closed_tab_has_left_is_taken_over_by_one_other(
    people: People, node: RunningNode, room: str
) -> None:
    left = people.ana()
    enter_and_choose(left, node, room)
    right = left.another_tab()
    with right.page.expect_response("**/tray-*.js"):
        right.come_back(node, room)
    expect(tray(right)).to_have_count(0)

    left.page.close()
    right.is_the_only_tab()
    right.page.reload()
    expect(tray(right)).to_have_count(1)
    third = right.another_tab()
    with third.page.expect_response("**/tray-*.js"):
        third.come_back(node, room)
    expect(tray(third)).to_have_count(0)
    right.page.reload()
    expect(tray(right)).to_have_count(1)


def test_what_was_chosen_beside_other_words_is_not_put_under_ones_own(
    people: People, node: RunningNode, room: str
) -> None:
    left = people.ana()
    left.enter(node, room)
    right = left.another_tab()
    right.come_back(node, room)
    right.composer.fill("half a sentence")
    choose(left, text_file())
    left.composer.fill("with a list")
    is_kept(left)

    left.page.close()
    right.is_the_only_tab()
    with right.page.expect_response("**/tray-*.js"):  # it is prepared some seconds after
        right.page.reload()
    right.is_online()
    expect(right.composer).to_have_value("half a sentence")
    expect(tray(right)).to_have_count(0)
    right.composer.fill("")
    right.page.reload()
    expect(right.composer).to_have_value("with a list")
    expect(tray(right)).to_have_count(1)


def test_what_lies_here_without_a_mark_is_the_outboxs(people: People, node: RunningNode, room: str) -> None:
    """It was just sent, and the page was loaded anew before the outbox had put it under its own name."""
    ana = people.ana()
    enter_and_choose(ana, node, room)
    ana.page.evaluate(
        "const mark = Object.keys(localStorage).find((key) => key.includes('draft:files/'));"
        "localStorage.setItem(mark, JSON.stringify({ at: Date.now(), keys: ['another'] }));"
    )
    with ana.page.expect_response("**/tray-*.js"):
        ana.page.reload()
    ana.is_online()
    expect(tray(ana)).to_have_count(0)


def test_a_tab_that_only_slept_withdraws_the_files_that_another_one_has_taken_over(
    people: People, node: RunningNode, room: str
) -> None:
    asleep = people.ana()
    asleep.context.add_init_script(NOBODY_LIVES)
    enter_and_choose(asleep, node, room)
    other = asleep.another_tab()
    other.come_back(node, room)
    expect(tray(other)).to_have_count(1)

    asleep.page.evaluate(WAKE)
    expect(tray(asleep)).to_have_count(0)
    expect(alert(asleep)).to_have_text("What you chose here is in another tab of this room now.")
    send(other)
    other.all_is_sent()
    expect(asleep.page.get_by_test_id("message-file")).to_have_count(1)


def test_signing_out_asks_about_what_was_chosen_and_leaves_nothing_of_it(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    choose(ana, text_file(), text_file("more.csv"))
    is_kept(ana, 2)
    assert ana.page.evaluate(KEPT) == 2
    asked = ana.page.get_by_role("dialog")
    ana.page.get_by_test_id("menu-open").click()
    ana.page.get_by_role("button", name="Sign out").click()
    expect(asked).to_contain_text("2 chosen files are not sent yet. Signing out discards what waits here.")
    asked.get_by_role("button", name="Stay").click()
    expect(tray(ana)).to_have_count(2)

    ana.page.get_by_test_id("menu-open").click()
    ana.page.get_by_role("button", name="Sign out").click()
    asked.get_by_role("button", name="Discard and sign out").click()
    ana.page.wait_for_url(f"{node.url}/")
    until(lambda: ana.page.evaluate(DATABASES) == ["chat"])  # that of the files goes while the page goes

    ana.open(node, room)
    ana.give_name("Anna")  # the other name is still taken
    ana.is_online()
    expect(tray(ana)).to_have_count(0)


def test_who_signs_out_is_asked_once_also_for_what_was_not_kept(
    people: People, node: RunningNode, room: str
) -> None:
    """The browser itself would ask again, when one is signed out already."""
    ana = people.ana()
    ana.enter(node, room)
    ana.page.evaluate(FULL)
    choose(ana, text_file())
    expect(tray(ana)).to_have_count(1)
    ana.page.get_by_test_id("menu-open").click()
    ana.page.get_by_role("button", name="Sign out").click()
    asked = ana.page.get_by_role("dialog")
    expect(asked).to_contain_text("1 chosen file is not sent yet.")
    asked.get_by_role("button", name="Discard and sign out").click()
    ana.page.wait_for_url(f"{node.url}/")
    assert people.complaints() == []


def test_what_has_waited_for_longer_than_messages_live_does_not_go_without_a_word(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.page.clock.install()
    enter_and_choose(ana, node, room)
    ana.page.clock.fast_forward(DAY)
    other = ana.another_tab()
    other.come_back(node, room)
    assert other.page.evaluate(MARKS) == []

    ana.page.evaluate(WAKE)
    expect(tray(ana)).to_have_count(0)
    expect(alert(ana)).to_have_text(
        "“seedlings.csv” is not here any more: what is not sent goes after 24 hours, as messages do."
    )


def test_what_was_chosen_and_cannot_be_read_holds_up_nobody_and_may_come_late(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.context.add_init_script(HANGS)
    enter_and_choose(ana, node, room)
    ana.page.evaluate("() => localStorage.setItem('hangs', 'yes')")

    ana.page.reload()
    ana.composer.fill("without a file")
    ana.composer.press("Enter")
    expect(alert(ana)).to_contain_text("storage does not answer")
    ana.sees("without a file")
    ana.all_is_sent()
    choose(ana, text_file("another.csv"))
    expect(alert(ana)).to_contain_text("leave this page open until it is sent")
    assert is_asked(ana)

    ana.page.evaluate("() => window.letAnswer()")
    expect(tray(ana)).to_have_count(2)
    is_kept(ana, 2)
    ana.page.evaluate("() => localStorage.removeItem('hangs')")
    ana.page.reload()
    expect(tray(ana)).to_contain_text(["seedlings.csv", "another.csv"])


def test_what_cannot_be_written_in_time_is_sent_and_the_page_says_what_a_reload_would_cost(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.evaluate(NEVER_ENDS)
    choose(ana, text_file())
    expect(alert(ana)).to_have_text(
        "This browser cannot keep what you chose: leave this page open until it is sent."
    )
    assert is_asked(ana)
    ana.composer.fill("the list")
    ana.composer.press("Enter")
    is_sent_with_one(ana, "the list")


def test_until_a_description_is_kept_a_reload_asks_first(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    choose(ana, photo("field.jpg"))
    is_kept(ana)
    ana.page.evaluate(NEVER_ENDS)
    tray(ana).get_by_role("button", name="Describe field.jpg").click()
    ana.page.get_by_test_id("describe-words").fill("A field below a sun")
    ana.page.get_by_role("button", name="Save").click()
    expect(tray(ana)).to_have_attribute("data-described", "")
    assert is_asked(ana)


def test_who_describes_a_file_keeps_the_focus_when_another_is_added(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    choose(ana, photo("field.jpg"))
    describing = tray(ana).get_by_role("button", name="Describe field.jpg")
    describing.focus()
    choose(ana, text_file())
    expect(tray(ana)).to_have_count(2)
    expect(describing).to_be_focused()


def test_the_mark_of_a_tab_that_is_gone_and_has_left_nothing_goes(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    enter_and_choose(ana, node, room)
    [living] = ana.page.evaluate(MARKS)
    ana.page.evaluate(LEAVE_A_MARK, room)
    other = ana.another_tab()
    other.come_back(node, room)
    until(lambda: other.page.evaluate(MARKS) == [living])
    expect(tray(other)).to_have_count(0)


def test_where_the_browser_has_no_room_for_what_was_chosen_a_reload_asks_first(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.evaluate(FULL)
    choose(ana, text_file())
    expect(tray(ana)).to_have_count(1)
    expect(alert(ana)).to_contain_text("leave this page open until it is sent")
    assert is_asked(ana)
    tray(ana).get_by_role("button", name="Remove seedlings.csv").click()
    assert not is_asked(ana)
