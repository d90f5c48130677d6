"""People are called by name: completed while one writes, marked in the text, counted, and told of."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import FloatRect, Locator, WebSocketRoute, expect

from tests.e2e.people import People
from tests.e2e.person import BECOME, Person, scroll_to_the_top
from tests.e2e.test_notifications import (
    is_told,
    shown,
    switch_of,
    wants_notifications,
    with_notifications,
)
from tests.e2e.test_texts import box_of
from tests.e2e.test_unread_marks import LOOK_AWAY
from tests.running import RunningNode, until

# How far from the edge where its line begins a text of one line ends, as it is drawn.
WIDTH_OF = """text => {
  const style = getComputedStyle(document.getElementById('composer-input'));
  const drawing = document.createElement('canvas').getContext('2d');
  drawing.font = style.font;
  return drawing.measureText(text).width;
}"""


def options_of(person: Person) -> Locator:
    return person.page.get_by_test_id("completion").get_by_role("option")


def pill_of(person: Person) -> Locator:
    return person.page.get_by_test_id("mention-pill")


def called(person: Person) -> list[Any]:
    """Each word that is marked in what is shown, and whether it is one's own."""
    found: list[Any] = person.page.eval_on_selector_all(
        ".mention", "words => words.map(word => [word.textContent, 'mine' in word.dataset])"
    )
    return found


def test_a_name_is_completed_by_keys_and_stands_out_for_both(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")

    ana.composer.press_sequentially("over to @b")
    expect(options_of(ana)).to_have_text(["@Ben"])
    expect(ana.page.get_by_role("listbox", name="People")).to_be_visible()
    expect(ana.composer).to_have_attribute("aria-activedescendant", "completion-0")
    ana.composer.press("Tab")
    expect(ana.composer).to_have_value("over to @Ben ")
    expect(options_of(ana)).to_have_count(0)
    ana.composer.press("Enter")

    ben.sees("over to @Ben")
    ana.all_is_sent()
    assert (called(ana), called(ben)) == ([["@Ben", False]], [["@Ben", True]])
    expect(ben.messages.first).to_have_attribute("data-called", "")
    expect(ben.messages.first).to_contain_text("mentions you")
    expect(ana.messages.first).not_to_have_attribute("data-called", "")


def test_whose_name_begins_like_another_is_called_with_the_next_enter(
    people: People, node: RunningNode, room: str
) -> None:
    """What was taken is not the beginning of a longer name, nor is what one has written out."""
    ana, bo, smith = people.ana(), people.person("Bo"), people.person("Bo Smith")
    for person in (bo, smith, ana):
        person.enter(node, room)
    ana.sees_people("Ana", "Bo", "Bo Smith")

    ana.composer.press_sequentially("@bo")
    expect(options_of(ana)).to_have_text(["@Bo", "@Bo Smith"])
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("@Bo ")
    expect(options_of(ana)).to_have_count(0)
    ana.composer.press("Enter")
    ana.composer.press_sequentially("@Bo ")
    expect(options_of(ana)).to_have_count(0)
    ana.composer.press_sequentially("s")
    expect(options_of(ana)).to_have_text(["@Bo Smith"])
    ana.composer.press("Enter")
    ana.composer.press("Enter")

    bo.sees("@Bo", "@Bo Smith")
    assert called(bo) == [["@Bo", True], ["@Bo Smith", False]]


def test_what_is_offered_goes_with_the_text_that_is_sent(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ana.composer.press_sequentially("hi @b")
    expect(options_of(ana)).to_have_text(["@Ben"])
    ana.page.get_by_test_id("composer-send").click()

    ben.sees("hi @b")
    expect(options_of(ana)).to_have_count(0)
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("")


def test_escape_leaves_the_text_and_mail_calls_nobody(people: People, node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ana.composer.press_sequentially("@")
    expect(options_of(ana)).to_have_text(["@Ben", "@here everybody here"])
    ana.composer.press("Escape")
    expect(options_of(ana)).to_have_count(0)
    ana.composer.fill("mail a@Ben.org")
    expect(options_of(ana)).to_have_count(0)
    ana.composer.press("Enter")

    ben.sees("mail a@Ben.org")
    assert called(ben) == []


def test_what_is_offered_stands_at_the_word_as_far_as_there_is_room(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    offered = ana.page.get_by_test_id("completion")

    for begun in ("@b", "over to @b", "first a line\nof another\nover to @b", "over to :sun"):
        ana.composer.fill(begun)
        expect(options_of(ana).first).to_contain_text("@Ben" if "@" in begun else ":sun")
        before = re.split("[@:]", begun.splitlines()[-1])[0]
        word_at = box_of(ana.composer)["x"] + ana.page.evaluate(WIDTH_OF, before)
        assert abs(box_of(offered)["x"] - word_at) < 2, begun

    ana.composer.fill("שלום @b")
    expect(options_of(ana).first).to_be_visible()
    field, box = box_of(ana.composer), box_of(offered)
    word_at = field["x"] + field["width"] - ana.page.evaluate(WIDTH_OF, "שלום ")
    assert abs(box["x"] + box["width"] - word_at) < 2

    ana.composer.fill("w" * 45 + " @b")
    expect(options_of(ana).first).to_be_visible()
    talk, box = box_of(ana.page.locator(".talk-foot")), box_of(offered)
    assert box["x"] + box["width"] <= talk["x"] + talk["width"]


def test_what_is_offered_goes_to_the_side_that_the_word_goes_to(
    people: People, node: RunningNode, room: str
) -> None:
    """Each line of the field has a direction of its own, and a name another one than the words around it."""
    ana, ben, sara = people.ana(), people.ben(), people.person("שרה")
    for person in (ben, sara, ana):
        person.enter(node, room)
    ana.sees_people("Ana", "Ben", "שרה")
    offered = ana.page.get_by_test_id("completion")
    field = box_of(ana.composer)

    def stands(text: str) -> FloatRect:
        ana.composer.fill(text)
        expect(options_of(ana).first).to_be_visible()
        return box_of(offered)

    def width(text: str) -> float:
        drawn: float = ana.page.evaluate(WIDTH_OF, text)
        return drawn

    for begun in ("hello\nשלום @b", "hello\nשלום @"):
        box = stands(begun)
        assert abs(box["x"] + box["width"] - (field["x"] + field["width"] - width("שלום "))) < 2, begun
    for begun in ("שלום\nover to @b", "שלום\nover to @ש"):
        assert abs(stands(begun)["x"] - (field["x"] + width("over to "))) < 2, begun
    words = "whom one asks about the beds by the long fence is, as we all know, "
    box = stands(f"{words}שרה @ש")
    assert abs(box["x"] + box["width"] - (field["x"] + width(words) + width("@ש"))) < 2


def test_all_who_are_here_are_called_at_once(people: People, node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ana.composer.press_sequentially("@he")
    ana.composer.press("ArrowDown")
    options_of(ana).filter(has_text="@here").click()
    ana.composer.press_sequentially("lunch")
    ana.composer.press("Enter")

    ben.sees("@here lunch")
    assert called(ben) == [["@here", True]]
    expect(ben.messages.first).to_have_attribute("data-called", "")


def test_an_edit_calls_who_is_new_in_it_and_takes_back_whom_it_leaves_out(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ana.say("hello")
    ben.sees("hello")

    for text, marks in (("hello @Ben", [["@Ben", True]]), ("hello all", [])):
        ana.composer.press("ArrowUp")
        ana.composer.fill(text)
        ana.composer.press("Enter")
        ben.sees(text)
        assert called(ben) == marks
    expect(ben.page.locator("#announcer")).to_contain_text("Ana mentions you: ")


def test_names_in_any_script_with_spaces_and_of_who_has_gone_are_called_as_they_were(
    people: People, node: RunningNode, room: str
) -> None:
    ana, dana, lee = people.ana(), people.person("דנה לוי"), people.person("Anna Lee")
    for person in (ana, dana, lee):
        person.enter(node, room)
    lee.say("bye")
    ana.sees("bye")
    lee.page.get_by_label("All rooms").click()
    ana.sees_people("Ana", "דנה לוי")

    ana.composer.press_sequentially("@lee")
    expect(options_of(ana)).to_have_text(["@Anna Lee not here now"])
    ana.composer.press("Enter")
    ana.composer.press_sequentially("and @דנה")
    ana.composer.press("Enter")
    ana.composer.press("Enter")

    dana.sees("bye", "@Anna Lee and @דנה לוי")
    assert called(dana) == [["@Anna Lee", False], ["@דנה לוי", True]]
    lee.page.go_back()
    lee.is_online()
    lee.sees("bye", "@Anna Lee and @דנה לוי")
    assert called(lee) == [["@Anna Lee", True], ["@דנה לוי", False]]


def test_what_calls_one_is_counted_apart_and_one_is_led_to_it(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ben.page.evaluate(BECOME, "hidden")
    ben.page.evaluate("document.hasFocus = () => false")
    lines = [f"line {n}\n\n\n\nof five" for n in range(20)]
    ana.say(*lines[:10], "you, @Ben", *lines[10:])
    ana.all_is_sent()
    expect(ben.page).to_have_title(re.compile(r"^\(@1 · 21\) "))
    listed = ben.page.evaluate("fetch('/api/rooms').then((answer) => answer.json())")
    assert (listed[0]["unread"], listed[0]["mentions"]) == (21, 1)

    ben.page.evaluate("delete document.hasFocus")
    ben.page.evaluate(BECOME, "visible")
    ben.page.evaluate("document.getElementById('messages').scrollTop = 1e6")
    expect(pill_of(ben)).to_have_text("1 mention ↑")
    pill_of(ben).click()
    expect(pill_of(ben)).to_be_hidden()
    expect(ben.message("you, @Ben")).to_be_in_viewport()
    expect(ben.message("you, @Ben")).to_be_focused()


def test_the_list_of_rooms_says_how_often_one_was_called(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ben.come_back(node, f"{room[-20:]} elsewhere")
    ana.say("@Ben?", "well")
    ana.all_is_sent()

    ben.page.keyboard.press("Control+k")
    row = ben.page.get_by_role("option").filter(has_text=room)
    expect(row).to_have_text(f"{room}@1 mentions2 unread")
    ben.page.goto(node.url)
    expect(ben.page.get_by_role("link").filter(has_text=room)).to_have_text(f"{room}@1 mentions2 unread")


def test_a_quiet_room_tells_of_mentions_alone_if_that_was_chosen(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    with_notifications(ana, node, room)
    ben.enter(node, room)
    ben.sees_people("Ben", "Ana")
    wants_notifications(ana.page)
    ana.page.get_by_role("switch", name="Only when I am mentioned").check()
    ana.page.keyboard.press("Escape")
    ana.page.evaluate(LOOK_AWAY)
    ben.say("nothing for you")
    ben.all_is_sent()
    ana.sees("nothing for you")
    ben.say("but this, @Ana")

    is_told(ana.page, 1)
    [one] = shown(ana.page)
    assert (one["title"], one["body"]) == (f"Ben mentions you in {room}", "but this, @Ana")
    ana.page.reload()
    expect(switch_of(ana.page)).to_be_checked()
    expect(ana.page.get_by_role("switch", name="Only when I am mentioned")).to_be_checked()


def test_a_menu_that_was_open_before_shows_what_is_chosen_and_then_what_the_server_offers(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with_notifications(ana, node, room)
    switch_of(ana.page).check()
    waiting: list[WebSocketRoute] = []

    def wait(route: WebSocketRoute) -> None:
        waiting.append(route)

    ana.page.route_web_socket(re.compile("socket.io"), wait)
    held = ana.holds_up("**/chat-*.js")
    ana.page.reload(wait_until="commit")
    ana.page.get_by_test_id("menu-open").click()
    expect(ana.page.get_by_test_id("menu")).to_be_visible()
    ana.comes_to(held).continue_()
    only_mentions = ana.page.get_by_role("switch", name="Only when I am mentioned")
    expect(switch_of(ana.page)).to_be_checked()
    expect(only_mentions).to_be_hidden()

    until(lambda: ana.page.evaluate("1") and waiting)
    waiting[0].connect_to_server()
    expect(only_mentions).to_be_visible()


def test_what_one_reads_further_up_does_not_count_the_mentions_below(
    people: People, node: RunningNode, room: str
) -> None:
    """They come while one looks at something older: the pill says how many, and where."""
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ana.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ana.say(*(f"line {n}\n\n\n\nof five" for n in range(12)))
    ana.all_is_sent()
    expect(ben.message("line 11")).to_be_attached()
    scroll_to_the_top(ben)
    ana.say("@Ben one", "more\n\n\n\n\n\n\n\nmore\n\n\n\n\n\nmore", "@Ben two")
    expect(pill_of(ben)).to_have_text("2 mentions ↓")
    pill_of(ben).click()
    expect(ben.message("@Ben one")).to_be_focused()
