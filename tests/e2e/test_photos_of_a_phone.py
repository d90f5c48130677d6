"""What pictures are for: a phone sends three over a bad line, others see, open and keep them; they are gone.

The photos are as a phone takes them, turned, and with the place in each way that JPEG has.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Response, Route, expect

from chatapp.files.folder import FolderObjects
from chatapp.jobs.cleanup import clean_up
from chatapp.jobs.report import Ending
from chatapp.limits.uploads import UNSENT_MS
from chatapp.store.database.engine import DAY_MS, open_database
from faults.proxy import Proxy
from tests.e2e.crowd import say_all, speaker
from tests.e2e.files import Chosen, choose, send, tray
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_changes import gone, with_sheet
from tests.e2e.test_files import KEPT, LOADED, pictures
from tests.pictures import MARKER, as_taken, decoded
from tests.running import Nodes, RunningNode, until

TEXT = "Bilder vom Deich"
ALT = "Schafe hinter einem Zaun"
NAMES = [f"Deich_{n}.jpg" for n in (1, 2, 3)]
SIZE = (1000, 750)
# In every frame from now on: how far the row with this text has gone from where it was.
WATCH = """text => {
  const row = [...document.querySelectorAll('.message')].find((one) => one.textContent.includes(text));
  const top = row.getBoundingClientRect().top;
  window.moved = [];
  const look = () => {
    window.moved.push(row.isConnected ? Math.abs(row.getBoundingClientRect().top - top) : NaN);
    window.watching = requestAnimationFrame(look);
  };
  look();
}"""
MOVED = """async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  cancelAnimationFrame(window.watching);
  return [Math.max(...window.moved), window.moved.length];
}"""
# The alarm of a node that was killed behind the commit: files that were let go are still to be removed.
NOT_YET = """CREATE TRIGGER not_yet BEFORE DELETE ON uploads BEGIN SELECT RAISE(FAIL, 'not yet'); END"""


def photo_of_the_dyke(name: str, seed: int) -> Chosen:
    """Large as it cannot be made smaller, held upright and stored lying."""
    grain = Image.frombytes("L", SIZE, random.Random(seed).randbytes(SIZE[0] * SIZE[1]))
    seen = Image.merge("RGB", (grain, grain.rotate(180), grain.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    return Chosen(name=name, type="image/jpeg", bytes=as_taken("JPEG", orientation=6, image=seen))


@pytest.fixture
def own_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    """Its folder is searched for what should be gone."""
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


@dataclass(frozen=True)
class BadLine:
    """Between a phone and the node, until so many bytes have gone up; then as where there is no network."""

    proxy: Proxy

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"

    def breaks_after(self, count: int) -> None:
        left = count

        def spring(_line: int, piece: bytes) -> bool:
            nonlocal left
            left -= len(piece)
            if left <= 0:
                self.proxy.is_refusing = self.proxy.is_swallowing = True
            return left <= 0

        self.proxy.trap = spring

    def is_broken(self) -> bool:
        return self.proxy.is_swallowing


@pytest.fixture
def line(own_node: RunningNode) -> Iterator[BadLine]:
    with Proxy(own_node.port) as proxy:
        yield BadLine(proxy)


def test_three_photos_of_a_phone_arrive_once_are_opened_kept_and_gone(
    people: People, own_node: RunningNode, line: BadLine, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    carl = people.bring(speaker(own_node, room))
    say_all(carl, room, [f"line {n}" for n in range(40)])
    ben.enter(line, room)
    ana.enter(own_node, room)
    photos = [photo_of_the_dyke(name, seed) for seed, name in enumerate(NAMES)]
    assert all(MARKER in photo.bytes and b"Exif" in photo.bytes for photo in photos)

    reads_further_up(ana)
    held = ana.holds_up("**/files/**")
    sends_over_a_line_that_breaks(own_node, line, ben, photos)
    expect(ana.page.get_by_test_id("new-pill")).to_contain_text("1 new message")
    stands_still(ana)
    sees_them_come_without_a_jump(ana, held)
    assert [row.text for row in ana.rows()].count(TEXT) == 1

    kept = opens_and_keeps_the_second(ana)
    ids = ana.page.eval_on_selector_all("[data-upload]", "tiles => tiles.map((one) => one.dataset.upload)")
    served = [ana.page.request.get(f"{own_node.url}/files/{upload}").body() for upload in ids]
    assert kept == served[1]
    for whole in served:
        assert decoded(whole).size == SIZE  # as it was held
        assert not decoded(whole).getexif()
    told = {each.encode() for each in (*NAMES, ALT, TEXT, *ids)} | pieces_of(served)
    taken = {MARKER} | pieces_of(photo.bytes for photo in photos)
    assert found_in(own_node.folder, told | taken) == told

    is_gone_with_its_message(own_node, ana, ben, ids)
    assert found_in(own_node.folder, told | taken) == set()
    assert ben.page.evaluate(KEPT) == 0


def reads_further_up(person: Person) -> None:
    person.page.get_by_test_id("messages").evaluate("box => { box.scrollTop -= 700; }")
    expect(person.message("line 15")).to_be_in_viewport()
    person.page.evaluate(WATCH, "line 15")


def stands_still(person: Person) -> None:
    moved, frames = person.page.evaluate(MOVED)
    assert moved == 0
    assert frames > 3


def sends_over_a_line_that_breaks(
    node: RunningNode, line: BadLine, ben: Person, photos: list[Chosen]
) -> None:
    """In the middle of the bytes; then the page is loaded again, and goes on from there."""
    begun: list[str] = []
    offsets: list[int] = []

    def note(answer: Response) -> None:
        if answer.status == 201:
            begun.append(answer.url)
        if answer.request.method == "PATCH":
            offsets.append(int(answer.request.headers["upload-offset"]))

    ben.page.on("response", note)
    choose(ben, *photos)
    tray(ben).nth(0).get_by_role("button", name=f"Describe {NAMES[0]}").tap()
    ben.page.get_by_test_id("describe-words").fill(ALT)
    ben.page.get_by_role("button", name="Save").tap()
    ben.composer.fill(TEXT)
    line.breaks_after(len(photos[0].bytes) // 2)
    send(ben)
    until(line.is_broken)
    line.proxy.cut()
    expect(ben.message(TEXT)).to_have_attribute("data-state", "waiting")
    until(lambda: parts_of_files(node))
    line.proxy.heal()
    ben.page.reload()
    expect(ben.message(TEXT)).to_have_attribute("data-state", "sent")
    expect(ben.message(TEXT).get_by_test_id("message-picture")).to_have_count(3)
    assert len(begun) == 3
    assert any(offset > 0 for offset in offsets)


def parts_of_files(node: RunningNode) -> list[tuple[int, int]]:
    """How many bytes there are of how many, of those that have come in part."""
    with closing(sqlite3.connect(node.database)) as database:
        return database.execute(
            "SELECT received, size FROM uploads WHERE received BETWEEN 1 AND size - 1"
        ).fetchall()


def sees_them_come_without_a_jump(ana: Person, held: list[Route]) -> None:
    """Their place is there before a byte of them."""
    ana.page.get_by_test_id("new-pill").click()
    expect(pictures(ana)).to_have_count(3)
    expect(ana.message(TEXT)).to_be_in_viewport(ratio=1)
    assert not ana.page.evaluate(LOADED)
    ana.page.evaluate(WATCH, TEXT)
    ana.lets_go("**/files/**", held)
    ana.page.wait_for_function(LOADED)
    stands_still(ana)


def opens_and_keeps_the_second(ana: Person) -> bytes:
    opened = ana.page.get_by_test_id("lightbox")
    pictures(ana).nth(0).click()
    expect(opened).to_contain_text("1 of 3")
    expect(opened.get_by_role("img", name=ALT)).to_be_visible()
    ana.page.keyboard.press("ArrowRight")
    expect(opened).to_contain_text("2 of 3")
    with ana.page.expect_download() as download:
        opened.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == NAMES[1]
    ana.page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    return Path(download.value.path()).read_bytes()


def is_gone_with_its_message(node: RunningNode, ana: Person, ben: Person, ids: list[str]) -> None:
    """At once for everybody; the alarm finds what was left to do, and leaves nothing."""
    with closing(sqlite3.connect(node.database, isolation_level=None)) as database:
        database.execute(NOT_YET)
        with_sheet(ben, TEXT, "delete")
        for person in (ben, ana):
            expect(gone(person)).to_have_count(1)
            expect(pictures(person)).to_have_count(0)
        assert statuses(node, ana, ids) == [410] * 3
        database.execute("DROP TRIGGER not_yet")
    store = open_database(f"sqlite:///{node.database}")
    report = clean_up(store, DAY_MS, objects=FolderObjects(node.folder / "uploads"), now=when_unsent_ones_go)
    store.close()
    assert (report.ending, report.hindrances) == (Ending.DONE, [])
    assert report.files >= 3
    assert statuses(node, ana, ids) == [404] * 3


def when_unsent_ones_go() -> int:
    """One may have been begun on the line as it broke: the page has not heard of it, and nobody sends it."""
    return int(time.time() * 1000) + UNSENT_MS + 1


def statuses(node: RunningNode, person: Person, ids: list[str]) -> list[int]:
    return [person.page.request.get(f"{node.url}/files/{upload}").status for upload in ids]


def pieces_of(pictures: Iterable[bytes]) -> set[bytes]:
    """From the beginning of each, its middle and its end; the head of a JPEG is as that of many."""
    return {whole[at : at + 40] for whole in pictures for at in (1000, len(whole) // 2, len(whole) - 60)}


def found_in(folder: Path, words: set[bytes]) -> set[bytes]:
    """Which of them are in any file, the log too."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return {each for each in words if any(each in whole for whole in files)}
