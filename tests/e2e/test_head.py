"""Around the talk: the menu, the dialogs, the keys. All of it by keyboard, and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import DESKTOP, FromElsewhere, People
from tests.e2e.test_keyboard import tab_to
from tests.e2e.test_list_opening import leave
from tests.running import RunningNode

LIGHT, DARK = "rgb(251, 250, 248)", "rgb(23, 24, 26)"
PAINTED = "getComputedStyle(document.body).backgroundColor"
# Nothing of the body is painted before it is there.
KEEP_FIRST_THEME = """new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.firstTheme = document.documentElement.dataset.theme;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true })"""
MATCHING = "all => all.filter(one => matchMedia(one.media).matches).map(one => one.content)"


def opened_menu(page: Page) -> None:
    page.get_by_test_id("menu-open").click()
    expect(page.get_by_test_id("menu")).to_be_visible()


def test_the_menu_is_opened_used_and_left_by_keyboard(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    button, menu = ana.page.get_by_test_id("menu-open"), ana.page.get_by_test_id("menu")
    tab_to(ana.page, button)
    ana.page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    expect(menu).to_have_role("dialog")

    joins = menu.get_by_role("switch", name="Show who joins and leaves")
    tab_to(ana.page, joins)
    expect(joins).to_be_checked()
    ana.page.keyboard.press("Space")
    expect(joins).not_to_be_checked()
    assert ana.page.evaluate("localStorage['setting:joins']") == "hidden"

    ana.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    ana.page.keyboard.press("Escape")
    expect(ana.composer).to_be_focused()


def test_whoever_tabs_on_from_the_menu_leaves_it_and_its_button_opens_and_closes_it(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    menu = ana.page.get_by_test_id("menu")
    opened_menu(ana.page)
    menu.get_by_role("button", name="Sign out").focus()
    ana.page.keyboard.press("Tab")
    expect(menu).to_be_hidden()
    expect(ana.page.locator(":focus")).to_be_visible()

    opened_menu(ana.page)
    menu.get_by_role("button", name="Sign out").focus()
    ana.page.get_by_test_id("menu-open").click()
    expect(menu).to_be_hidden()


def test_the_menu_is_closed_by_a_tap_beside_it(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.enter(node, room)
    opened_menu(ben.page)
    ben.page.touchscreen.tap(195, 200)
    expect(ben.page.get_by_test_id("menu")).to_be_hidden()


def test_a_chosen_theme_is_there_before_the_first_paint_and_in_every_tab(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    landing = ana.another_tab().page
    landing.goto(node.url)
    assert ana.page.evaluate(PAINTED) == landing.evaluate(PAINTED) == LIGHT
    opened_menu(ana.page)
    ana.page.get_by_role("radio", name="System").focus()
    ana.page.keyboard.press("ArrowRight")
    ana.page.keyboard.press("ArrowRight")
    expect(ana.page.get_by_role("radio", name="Dark")).to_be_checked()

    for page in (ana.page, landing):
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert page.evaluate(PAINTED) == DARK
        assert page.locator("meta[name=theme-color]").evaluate_all(MATCHING) == ["#17181a"]
    landing.add_init_script(KEEP_FIRST_THEME)
    landing.reload()
    assert landing.evaluate("window.firstTheme") == "dark"
    assert landing.evaluate(PAINTED) == DARK

    ana.page.get_by_role("radio", name="System").check()
    expect(landing.locator("html")).not_to_have_attribute("data-theme", "dark")
    assert landing.evaluate(PAINTED) == LIGHT


def test_the_invite_has_a_link_and_a_code_for_a_camera(people: People, node: RunningNode, room: str) -> None:
    ana, elsewhere = people.ana(), FromElsewhere(node)
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    ana.enter_as_a_stranger(elsewhere, room)
    tab_to(ana.page, ana.page.get_by_test_id("invite"))
    ana.page.keyboard.press("Enter")
    dialog = ana.page.get_by_role("dialog", name="Invite others")
    expect(dialog).to_contain_text(f"{elsewhere.url}/chat/{room}")
    expect(dialog.get_by_role("img", name="QR code of the link").locator("path")).to_have_attribute(
        "d", re.compile(r"M\d")
    )
    (code,) = [url for url in asked if "qr-code" in url]
    assert code.startswith(f"{elsewhere.url}/static/dist/")


def test_on_its_own_computer_the_invite_says_who_can_follow_it(
    people: People, unknown_node: RunningNode, room: str
) -> None:
    ana = people.person("Ana", DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    ana.enter(unknown_node, f"{room[:20]} é ? 花")
    link = ana.page.url
    tab_to(ana.page, ana.page.get_by_test_id("invite"))
    ana.page.keyboard.press("Enter")
    dialog = ana.page.get_by_role("dialog", name="Invite others")
    expect(dialog).to_have_accessible_description(re.compile("works only on this computer.*HOST=0.0.0.0"))
    expect(dialog.get_by_role("img")).to_have_count(0)
    shown = f"{unknown_node.url}/chat/{room[:20]}%20é%20%3F%20花"
    expect(dialog.get_by_text(shown)).to_be_visible()

    expect(dialog.get_by_role("button", name="Copy link")).to_be_focused()
    ana.page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Link copied")).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text("The invite link is copied.")
    assert ana.page.evaluate("navigator.clipboard.readText()") == link

    ana.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(ana.page.get_by_test_id("invite")).to_be_focused()


def test_another_room_is_found_and_gone_to_by_keyboard(people: People, node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.person("Ben")
    garden, kitchen = f"{room}-garden", f"{room}-kitchen"
    ben.enter(node, garden)
    ana.enter(node, garden)
    ben.say("one", "two")
    ana.sees("one", "two")
    leave(ana, node, garden, read=2)
    ana.come_back(node, kitchen)
    ben.say("three")
    ben.all_is_sent()
    ana.come_back(node, room)

    ana.page.keyboard.press("Control+K")
    switcher = ana.page.get_by_role("dialog", name="Go to another room")
    options = switcher.get_by_role("option")
    expect(options).to_have_text([f"{kitchen}", f"{garden}1 unread"])
    ana.page.keyboard.type("gard")
    expect(options).to_have_count(2)  # it, or a new one of that name
    typed = switcher.get_by_role("combobox", name="Room")
    expect(typed).to_be_focused()
    expect(typed).to_have_attribute("aria-activedescendant", "switcher-room-0")
    ana.page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    ana.page.keyboard.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    ana.page.keyboard.press("Enter")

    expect(ana.page).to_have_url(f"{node.url}/chat/{garden}")
    ana.is_online()
    ana.sees("one", "two", "three")


def test_what_is_typed_before_the_switcher_has_come_is_no_message(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.loads_nothing_ahead()
    held = ana.holds_up("**/switcher-*.js")
    ana.enter(node, room)
    ana.page.keyboard.press("Control+K")
    ana.page.keyboard.type("gard")
    typed = ana.page.get_by_role("combobox", name="Room")
    expect(typed).to_have_value("gard")
    expect(ana.composer).to_have_value("")

    ana.comes_to(held).continue_()
    expect(ana.page.get_by_role("option")).to_have_text(["Open gard"])
    ana.page.keyboard.press("Escape")
    ana.page.keyboard.press("Control+K")
    expect(typed).to_have_value("")


def test_the_switcher_opens_a_new_room(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.enter(node, room)
    opened_menu(ben.page)
    ben.page.get_by_role("button", name="Go to another room").tap()
    switcher = ben.page.get_by_test_id("switcher")
    expect(switcher.get_by_role("status")).to_contain_text("No other room yet")
    switcher.get_by_role("combobox").fill("a/b")
    expect(switcher.get_by_role("status")).to_have_text("A room’s name has no “/”.")
    switcher.get_by_role("combobox").fill(room)
    expect(switcher.get_by_role("status")).to_have_text("You are in this room.")
    switcher.get_by_role("button", name="Close").tap()
    expect(switcher).to_be_hidden()

    opened_menu(ben.page)
    ben.page.get_by_role("button", name="Go to another room").tap()
    switcher.get_by_role("combobox").fill(f"{room} too")
    option = switcher.get_by_role("option")
    expect(option).to_have_accessible_name(f"Open {room} too")
    option.tap()
    expect(ben.page.get_by_role("heading", level=1)).to_have_text(f"{room} too")
    ben.is_online()

    opened_menu(ben.page)
    ben.page.get_by_role("button", name="Go to another room").tap()
    switcher.get_by_role("combobox").fill(room.title())  # as a phone begins a word
    expect(option).to_have_accessible_name(re.compile(f"^{room}"))
    ben.page.goto(f"{node.url}/chat/{room.upper()}")
    ben.page.get_by_test_id("empty").get_by_role("link", name=room, exact=True).tap()
    expect(ben.page.get_by_role("heading", level=1)).to_have_text(room)


def test_the_keys_are_listed_unless_one_is_writing(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    keys = ana.page.get_by_role("dialog", name="Keyboard shortcuts")
    ana.page.keyboard.type("why?")
    expect(ana.composer).to_have_value("why?")
    expect(keys).to_be_hidden()
    ana.page.keyboard.press("Control+/")
    expect(keys).to_be_visible()
    ana.page.keyboard.press("Escape")
    expect(ana.composer).to_be_focused()

    ana.composer.fill("")
    ana.page.get_by_test_id("messages").focus()
    ana.page.keyboard.press("?")
    expect(keys).to_be_visible()
    keys.get_by_role("switch").uncheck()
    ana.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    ana.page.keyboard.press("?")
    expect(keys).to_be_hidden()
    expect(ana.composer).to_have_value("?")


def test_what_is_not_loaded_yet_asks_for_patience_without_a_network(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.loads_nothing_ahead()
    ana.enter(node, room)
    ana.go_offline()
    ana.page.keyboard.press("Control+/")
    expect(ana.page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    ana.go_online()
    ana.page.keyboard.press("Control+/")
    expect(ana.page.get_by_test_id("shortcuts")).to_be_visible()


def test_a_name_is_changed_and_one_signs_out_from_the_menu(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    opened_menu(ana.page)
    ana.page.get_by_role("button", name="Change your name Ana").click()
    ana.give_name("Zoë")
    ben.sees_people("Ben", "Zoë")

    opened_menu(ana.page)
    ana.page.get_by_role("button", name="Sign out").click()
    asked = ana.page.get_by_role("dialog", name="Sign out as Zoë?")
    expect(asked.get_by_role("button", name="Stay signed in")).to_be_focused()
    expect(asked).not_to_contain_text("not sent")
    asked.get_by_role("button", name="Sign out").click()
    expect(ana.page).to_have_url(f"{node.url}/")
    expect(ana.page.get_by_test_id("landing-name")).to_have_value("")
    ben.sees_people("Ben")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_count_of_people_is_in_the_bar_and_leads_to_them(
    people: People, node: RunningNode, room: str, width: int
) -> None:
    ana = people.person("Ana", {**DESKTOP, "viewport": {"width": width, "height": 800}})
    ana.enter(node, room)
    count = ana.page.get_by_role("button", name="1 people here")
    listed = ana.page.get_by_test_id("people")
    is_wide = width > 800
    expect(listed).to_be_visible(visible=is_wide)

    count.click()
    expect(listed).to_be_visible(visible=not is_wide)
    if is_wide:
        expect(count).to_have_attribute("aria-expanded", "false")
        talk = ana.page.get_by_role("main").bounding_box()
        assert talk is not None
        assert talk["width"] == width
        count.click()
    else:
        ana.page.keyboard.press("Escape")
    expect(listed).to_be_visible(visible=is_wide)
