"""Files: chosen, pasted, dropped, sent once whatever breaks off, shown in a place that they keep, gone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Request, expect

from tests.e2e.files import (
    Chosen,
    are_held_back,
    choose,
    give,
    is_sent_with_one,
    large_photo,
    photo,
    send,
    text_file,
    tray,
)
from tests.e2e.people import DESKTOP, People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode, until

# How high each row with files is, from when it is drawn on.
NOTE_HEIGHTS = """() => {
  window.heights = new Map();
  const note = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const key = [...document.querySelectorAll('.message')].indexOf(target.closest('.message'));
      const { height } = target.getBoundingClientRect();
      if (height > 0) window.heights.set(key, new Set([...(window.heights.get(key) ?? []), height]));
    }
  });
  new MutationObserver(() => document.querySelectorAll('.message-files').forEach((one) => note.observe(one)))
    .observe(document.getElementById('message-rows'), { childList: true, subtree: true });
}"""
HEIGHTS = "() => [...window.heights.values()].map((heights) => heights.size)"
LOADED = """() => [...document.querySelectorAll('.picture-image')]
  .every((one) => one.complete && one.naturalWidth > 0)"""
TOP_OF = """text => [...document.querySelectorAll('.message')]
  .find((row) => row.textContent.includes(text)).getBoundingClientRect().top"""
# How many files wait in this browser.
KEPT = """() => new Promise((resolve) => {
  indexedDB.open('chat-files').onsuccess = ({ target: { result } }) => {
    const counted = result.transaction('files').objectStore('files').count();
    counted.onsuccess = () => {
      result.close();
      resolve(counted.result);
    };
  };
})"""
# The two files that go at a time, so that the server knows both.
ARE_UNDER_WAY = """() => [...document.querySelectorAll('progress')]
  .filter(({ value, max }) => value > 0 && value < max).length === 2"""
PLAY = """async (player) => {
  Object.assign(player, { loop: true, muted: true });
  window.played = player;
  await player.play();
}"""
# Whatever is said to those who listen.
SEE_DRAWN = """(row) =>
  new MutationObserver(() => { window.drawn = true; }).observe(row, { childList: true })"""
HEAR = """() => {
  const status = document.getElementById('status');
  window.heard = [];
  const note = () => status.textContent && window.heard.push(status.textContent);
  new MutationObserver(note).observe(status, { childList: true, characterData: true, subtree: true });
}"""
# Of parts, at one time.
BOXES = "(whole, parts) => parts.map((part) => whole.querySelector(part).getBoundingClientRect().toJSON())"
ASKS = "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
SLOW = {"offline": False, "latency": 20, "downloadThroughput": 4_000_000, "uploadThroughput": 150_000}
FAST = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
NONE = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
# A recording of nothing, half a second long.
SILENCE = (
    b"RIFF" + (36 + 4000).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    + b"\x01\x00\x01\x00"
    + (8000).to_bytes(4, "little") + (8000).to_bytes(4, "little") + b"\x01\x00\x08\x00data"
    + (4000).to_bytes(4, "little") + b"\x80" * 4000
)  # fmt: skip


def pictures(person: Person) -> Locator:
    return person.page.get_by_test_id("message-picture")


def sees_pictures(person: Person, count: int) -> None:
    """All of it, not only where it will be."""
    expect(pictures(person)).to_have_count(count)
    person.page.get_by_test_id("messages").evaluate("box => { box.scrollTop = box.scrollHeight; }")
    for number in range(count):
        pictures(person).nth(number).scroll_into_view_if_needed()
    person.page.wait_for_function(LOADED)


def test_a_chosen_a_pasted_and_a_dropped_file_are_seen_before_they_are_sent_and_by_the_others(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)

    choose(ana, photo("chosen.jpg"))
    assert give(ana, "paste", photo("pasted.jpg", (900, 1600)), target="#composer-input")
    frame = ana.page.get_by_test_id("drop-frame")
    expect(frame).to_be_hidden()
    give(ana, "dragover", text_file())
    expect(frame).to_be_visible()
    assert give(ana, "drop", text_file())
    expect(frame).to_be_hidden()

    expect(tray(ana)).to_have_count(3)
    expect(tray(ana).nth(2)).to_contain_text("3.1 KB")
    expect(ana.page.locator(".tray-picture img")).to_have_count(2)
    tray(ana).nth(0).get_by_role("button", name="Describe chosen.jpg").click()
    ana.page.get_by_test_id("describe-words").fill("A field below a sun")
    ana.page.get_by_role("button", name="Save").click()
    tray(ana).nth(1).get_by_role("button", name="Remove pasted.jpg").click()
    expect(tray(ana)).to_have_count(2)

    ana.composer.fill("the field")
    ana.composer.press("Enter")
    expect(tray(ana)).to_have_count(0)
    ana.all_is_sent()
    sees_pictures(ben, 1)
    expect(ben.page.get_by_role("img", name="A field below a sun")).to_be_visible()
    expect(ben.message("the field").get_by_test_id("message-file")).to_contain_text("seedlings.csv")
    with ben.page.expect_download() as download:
        ben.page.get_by_role("link", name="Download seedlings.csv").tap()
    assert download.value.suggested_filename == "seedlings.csv"
    assert Path(download.value.path()).read_bytes() == text_file().bytes


def test_nothing_that_one_reads_moves_when_pictures_come(
    people: People, node: RunningNode, room: str
) -> None:
    """One's own stand where they will be from the first; of others' the place is as high before."""
    ana, ben = people.ana(), people.ben()
    ben.enter(node, room)
    ben.say(*[f"line {n}" for n in range(40)])
    ben.all_is_sent()
    ana.enter(node, room)
    expect(ben.page.get_by_test_id("messages")).to_contain_text("Ana joined")
    for person in (ana, ben):
        person.page.evaluate(NOTE_HEIGHTS)
    ben.page.get_by_test_id("messages").evaluate("box => { box.scrollTop -= 700; }")
    expect(ben.page.get_by_test_id("message").filter(has_text="line 15")).to_be_in_viewport()
    before = ben.page.evaluate(TOP_OF, "line 15")

    for batch in ([photo("a.jpg", (1600, 700))], [photo("b.jpg"), photo("c.jpg", (700, 1300))]):
        choose(ana, *batch)
        expect(tray(ana).locator("img")).to_have_count(len(batch))
        send(ana)
        ana.all_is_sent()
    expect(ben.page.get_by_test_id("new-pill")).to_contain_text("2 new messages")
    assert ben.page.evaluate(TOP_OF, "line 15") == before
    assert ana.page.evaluate(HEIGHTS) == [1, 1]
    assert str(ana.page.locator(".picture-image").first.get_attribute("src")).startswith("blob:")

    ben.page.get_by_test_id("new-pill").tap()
    sees_pictures(ben, 3)
    assert set(ben.page.evaluate(HEIGHTS)) == {1}


def test_a_phone_that_loses_its_connection_and_is_reloaded_sends_its_photos_once(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    begun: list[str] = []
    network = ben.page.context.new_cdp_session(ben.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/uploads"):
            begun.append(request.url)

    ben.page.on("request", note)
    choose(ben, *(large_photo(f"IMG_{n}.jpg", n) for n in (1, 2, 3)))
    ben.composer.fill("from the garden")
    send(ben)
    ben.page.wait_for_function(ARE_UNDER_WAY)
    until(lambda: sum("upload" in file for waiting in ben.outbox() for file in waiting["files"]) == 2)
    network.send("Network.emulateNetworkConditions", NONE)
    expect(ben.message("from the garden")).to_have_attribute("data-state", "waiting")
    network.send("Network.emulateNetworkConditions", FAST)
    ben.page.reload()

    expect(ben.message("from the garden").get_by_test_id("message-picture")).to_have_count(3)
    ben.all_is_sent()
    sees_pictures(ana, 3)
    assert [row.text for row in ana.rows()] == ["from the garden"]
    assert len(begun) == 3
    until(lambda: ben.page.evaluate(KEPT) == 0)


def test_files_that_are_chosen_while_their_tray_cannot_come_are_sent_with_their_words(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.page.route("**/tray-*.js", lambda route: route.abort())
    ana.enter(node, room)
    choose(ana, photo("first.jpg"))
    expect(ana.page.get_by_role("alert")).to_contain_text("nothing is sent without them")
    assert ana.page.evaluate(ASKS)
    are_held_back(ana, "with a photo")

    ana.page.unroute("**/tray-*.js")
    ana.composer.press("Enter")
    is_sent_with_one(ana, "with a photo", "message-picture")
    assert not ana.page.evaluate(ASKS)


def test_files_that_are_chosen_offline_before_their_tray_has_come_are_there_when_the_line_is(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.loads_nothing_ahead()
    ana.enter(node, room)
    ana.go_offline()
    choose(ana, photo("first.jpg"))
    expect(ana.page.get_by_role("alert")).to_contain_text("They wait here")
    ana.go_online()
    expect(tray(ana)).to_have_count(1)


def test_what_is_given_first_without_a_connection_is_kept_over_a_reload(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with ana.page.expect_response("**/tray-*.js"), ana.page.expect_response("**/tools-*.js"):
        ana.enter(node, room)
    network = ana.page.context.new_cdp_session(ana.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", NONE)
    choose(ana, photo("first.jpg"))
    expect(tray(ana)).to_have_count(1)
    ana.composer.fill("from the cellar")
    ana.composer.press("Enter")
    expect(ana.message("from the cellar")).to_be_attached()
    until(lambda: ana.page.evaluate(KEPT) == 1 and ana.outbox())
    network.send("Network.emulateNetworkConditions", FAST)
    ana.page.reload()
    is_sent_with_one(ana, "from the cellar", "message-picture")


def test_pictures_open_large_and_are_gone_with_their_message(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.person("Ben", DESKTOP)
    ana.enter(node, room)
    ben.enter(node, room)
    choose(ana, photo("one.jpg"), photo("two.jpg", (900, 1600)), photo("three.jpg", (2000, 900)))
    send(ana)
    ana.all_is_sent()
    sees_pictures(ben, 3)

    opened = ben.page.get_by_test_id("lightbox")
    pictures(ben).nth(1).click()
    expect(opened).to_contain_text("2 of 3")
    expect(opened.get_by_role("img")).to_have_attribute("alt", "Picture: two.jpg")
    ben.page.keyboard.press("ArrowRight")
    expect(opened).to_contain_text("3 of 3")
    expect(opened.get_by_role("button", name="Next picture")).to_be_hidden()
    stage = opened.locator(".lightbox-stage")
    stage.hover()
    ben.page.mouse.wheel(0, -400)
    expect(stage).to_have_attribute("data-near", "")
    ben.page.keyboard.press("0")
    expect(stage).not_to_have_attribute("data-near", "")
    with ben.page.expect_download() as download:
        opened.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "three.jpg"
    ben.page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(pictures(ben).nth(1)).to_be_focused()

    pictures(ben).nth(0).click()
    expect(opened).to_be_visible()
    address = ben.page.evaluate("document.querySelector('.lightbox-image').src")
    ana.messages.first.hover()
    ana.page.get_by_test_id("message-delete").click()
    expect(opened).to_have_count(0)
    expect(pictures(ben)).to_have_count(0)
    assert ben.page.request.get(address).status in (404, 410)


def test_what_is_gone_or_too_large_is_said_in_words(people: People, node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.person("Ben", DESKTOP)
    ana.enter(node, room)
    ben.enter(node, room)
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    ana.page.evaluate("document.body.dataset.uploadMaxBytes = '2000'")
    choose(ana, text_file())
    expect(ana.page.get_by_role("alert")).to_contain_text(
        "“seedlings.csv” is too large: it has 3.1 KB, and a file has at most 2.0 KB"
    )
    expect(tray(ana)).to_have_count(0)
    assert not [url for url in asked if "/uploads" in url]

    ana.page.reload()
    ana.is_online()
    choose(ana, text_file(), photo("gone.jpg"))
    send(ana)
    ana.all_is_sent()
    expect(ben.page.get_by_test_id("message-file")).to_be_visible()
    ben.page.route("**/files/**", lambda route: route.fulfill(status=410))
    ben.page.get_by_role("link", name="Download seedlings.csv").focus()
    ben.page.keyboard.press("Enter")
    expect(ben.page.get_by_test_id("file-gone")).to_have_text("This file is not there any more.")
    expect(ben.messages).to_be_focused()
    ben.page.reload()
    expect(ben.page.get_by_test_id("picture-lost")).to_have_text("This picture is not there any more.")


def test_a_picture_that_could_not_be_loaded_is_tried_again_by_keyboard(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    choose(ana, photo("field.jpg"))
    send(ana)
    ana.all_is_sent()
    ben = people.person("Ben", DESKTOP)
    ben.page.route("**/files/**", lambda route: route.fulfill(status=503))
    ben.enter(node, room)
    expect(ben.page.get_by_test_id("picture-lost")).to_have_text("The picture cannot be loaded. Retry")
    ben.page.get_by_role("button", name="Retry").focus()
    ben.page.unroute("**/files/**")
    ben.page.keyboard.press("Enter")
    sees_pictures(ben, 1)
    expect(ben.messages).to_be_focused()


def test_a_file_is_taken_back_while_it_is_sent_and_an_edit_may_leave_some_out(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.person("Ben", DESKTOP)
    ana.enter(node, room)
    ben.enter(node, room)
    ana.holds_up("**/api/uploads/*")
    choose(ana, text_file("one.csv"), text_file("two.csv"), text_file("three.csv"))
    send(ana)
    expect(ana.page.get_by_test_id("file-on-its-way")).to_have_count(3)
    ana.page.get_by_role("button", name="Do not send one.csv").click()
    expect(ana.page.get_by_test_id("message-file")).to_have_count(2)
    ana.page.unroute("**/api/uploads/*")
    ana.all_is_sent()
    expect(ben.page.get_by_test_id("message-file")).to_contain_text(["two.csv", "three.csv"])

    ana.composer.press("ArrowUp")
    tray(ana).nth(0).get_by_role("button", name="Remove two.csv").click()
    ana.composer.fill("the list")
    ana.composer.press("Enter")
    expect(ben.message("the list").get_by_test_id("message-file")).to_contain_text(["three.csv"])
    ben.message("the list").hover()
    ben.page.get_by_test_id("message-reply").click()
    ben.say("thanks")
    expect(ana.message("thanks").get_by_test_id("message-quote")).to_contain_text("the list · 1 file")


def test_who_listens_hears_each_time_what_is_added_and_left_out(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.evaluate(HEAR)
    choose(ana, text_file("one.csv"))
    expect(ana.page.locator("#status")).to_have_text("1 file added")
    choose(ana, text_file("two.csv"))
    until(lambda: ana.page.evaluate("window.heard.filter((words) => words === '1 file added').length") == 2)
    ana.holds_up("**/api/uploads/*")
    send(ana)
    expect(ana.page.get_by_test_id("file-on-its-way")).to_have_count(2)
    ana.page.get_by_role("button", name="Do not send one.csv").press("Enter")
    expect(ana.page.locator("#status")).to_have_text("one.csv is not sent")
    ana.page.unroute("**/api/uploads/*")
    ana.all_is_sent()


def test_a_way_not_to_send_a_file_keeps_the_focus_when_its_row_is_drawn_anew(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    choose(ana, text_file())
    ana.holds_up("**/api/uploads/*")
    send(ana)
    remove = ana.page.get_by_role("button", name="Do not send seedlings.csv")
    remove.focus()
    ana.page.get_by_test_id("message").evaluate(SEE_DRAWN)

    ana.go_offline()
    until(lambda: ana.page.evaluate("window.drawn === true"))

    expect(remove).to_be_focused()
    remove.press("Enter")
    expect(ana.page.get_by_test_id("file-on-its-way")).to_have_count(0)


def test_while_a_recording_is_sent_its_name_and_its_player_are_free(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.holds_up("**/api/uploads/*")
    choose(ana, Chosen(name="birds.wav", type="audio/wav", bytes=SILENCE))
    send(ana)
    tile = ana.page.get_by_test_id("message-played")
    expect(tile.locator("progress")).to_be_visible()
    line, player, bar, remove = tile.evaluate(BOXES, [".file-line", "audio", "progress", ".way-remove"])
    assert bar["bottom"] <= line["top"]
    assert player["right"] <= remove["left"]
    ana.page.unroute("**/api/uploads/*")
    ana.all_is_sent()


def test_a_recording_is_played_when_one_says_so_and_goes_on_while_others_react(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.person("Ben", DESKTOP)
    ana.enter(node, room)
    ben.enter(node, room)
    choose(ana, Chosen(name="birds.wav", type="audio/wav", bytes=SILENCE))
    send(ana)
    ana.all_is_sent()
    player = ben.page.locator("audio")
    expect(player).to_have_attribute("preload", "metadata")
    assert player.evaluate("player => player.paused")
    player.evaluate(PLAY)
    ana.messages.first.hover()
    ana.page.get_by_test_id("message-react").click()
    ana.page.get_by_role("button", name="👍").click()
    expect(ben.page.get_by_test_id("reaction")).to_be_visible()
    assert ben.page.evaluate("window.played.isConnected && !window.played.paused")


def test_where_the_server_takes_no_files_nothing_offers_it(people: People, nodes: Nodes, room: str) -> None:
    with nodes.running(CHAT_UPLOADS="off") as node:
        ana = people.ana()
        ana.enter(node, room)
        expect(ana.page.get_by_test_id("composer-file-open")).to_be_hidden()
        give(ana, "dragover", photo())
        expect(ana.page.get_by_test_id("drop-frame")).to_be_hidden()
        assert give(ana, "drop", photo())
        expect(ana.page.get_by_role("alert")).to_contain_text("only text")
        expect(tray(ana)).to_have_count(0)
