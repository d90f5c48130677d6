"""Pictures for who has no cookie, by an address that is signed for some minutes; a film, loaded in ranges."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Request, expect

from tests.e2e.files import Chosen, choose, photo, send
from tests.e2e.people import DESKTOP, People
from tests.e2e.person import Person
from tests.e2e.test_blocked_cookies import BLOCKED
from tests.e2e.test_files import LOADED, pictures
from tests.running import RunningNode, until

# Two seconds of snow, as a browser films its own canvas: bytes in base64.
FILM = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const drawing = canvas.getContext('2d');
  const how = { mimeType: 'video/webm;codecs=vp8', videoBitsPerSecond: 4e6 };
  const recorder = new MediaRecorder(canvas.captureStream(30), how);
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const isOver = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  const began = performance.now();
  await new Promise((resolve) => {
    const draw = (now) => {
      const noise = drawing.createImageData(320, 240);
      noise.data.forEach((_, at, all) => { all[at] = at % 4 === 3 ? 255 : Math.floor(now * at) % 251; });
      drawing.putImageData(noise, 0, 0);
      if (now - began < 2000) requestAnimationFrame(draw);
      else resolve();
    };
    requestAnimationFrame(draw);
  });
  recorder.stop();
  await isOver;
  const whole = new Uint8Array(await new Blob(pieces).arrayBuffer());
  let text = '';
  for (const one of whole) text += String.fromCharCode(one);
  return btoa(text);
}"""
PLAYS = """async (player) => {
  player.muted = true;
  await player.play();
  const goesOn = (then) => player.addEventListener("timeupdate", () => player.currentTime > 0.3 && then());
  await new Promise(goesOn);
  player.pause();
  return [player.videoWidth, player.videoHeight];
}"""


def test_who_has_no_cookie_sees_opens_and_keeps_pictures_by_an_address_that_is_signed(
    browser_with: Callable[..., Person], people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), browser_with("Ben", BLOCKED)
    ana.enter(node, room)
    ben.enter_as_a_stranger(node, room)
    choose(ana, photo("field.jpg"))
    send(ana)
    ana.all_is_sent()

    expect(pictures(ben)).to_have_count(1)
    ben.page.wait_for_function(LOADED)
    shown = ben.page.evaluate("document.querySelector('.picture-image').currentSrc")
    assert parse_qs(urlsplit(shown).query)
    pictures(ben).first.click()
    opened = ben.page.get_by_test_id("lightbox")
    ben.page.wait_for_function("() => document.querySelector('.lightbox-image')?.naturalWidth === 1600")
    with ben.page.expect_download() as download:
        opened.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "field.jpg"

    # Whoever has the address has the picture, and nobody without it.
    stranger = people.person("Carl")
    assert stranger.page.request.get(shown).status == 200
    assert stranger.page.request.get(shown.partition("?")[0]).status == 401
    ana.messages.first.hover()
    ana.page.get_by_test_id("message-delete").click()
    expect(opened).to_have_count(0)
    until(lambda: stranger.page.request.get(shown).status in (404, 410))


def test_a_film_is_shown_while_it_is_sent_and_loaded_by_others_in_ranges(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.person("Ben", DESKTOP)
    ana.enter(node, room)
    ben.enter(node, room)
    film = base64.b64decode(ana.page.evaluate(FILM))
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    ben.page.on("request", note)

    ana.holds_up("**/api/uploads/*")
    choose(ana, Chosen(name="dyke.webm", type="video/webm", bytes=film))
    send(ana)
    own = ana.page.get_by_test_id("message-played")
    expect(own.get_by_test_id("file-on-its-way")).to_be_visible()
    assert own.locator("video").evaluate(PLAYS) == [320, 240]  # from its own bytes
    ana.page.unroute("**/api/uploads/*")
    ana.all_is_sent()

    video = ben.page.get_by_test_id("message-played").locator("video")
    expect(video).to_be_visible()
    assert video.evaluate("player => player.paused")
    assert video.evaluate(PLAYS) == [320, 240]
    of_the_film = [request for request in asked if "/files/" in request.url]
    answers = [request.response() for request in of_the_film]
    assert {answer.status for answer in answers if answer} == {206}
    address = f"{node.url}{urlsplit(of_the_film[0].url).path}"
    part = ben.page.request.get(address, headers={"Range": f"bytes=100-{len(film) // 2}"})
    assert part.headers["content-range"] == f"bytes 100-{len(film) // 2}/{len(film)}"
    assert part.body() == film[100 : len(film) // 2 + 1]
    assert "sandbox" in part.headers["content-security-policy"]
