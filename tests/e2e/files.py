"""Files in a browser: what people choose, paste and drop, and how they do it."""

from __future__ import annotations

import base64
import io
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, expect

from tests.e2e.person import Person

# As the browser makes them of what lies in another program.
_GIVE = """([name, files, target]) => {
  const transfer = new DataTransfer();
  for (const { name, type, base64 } of files) {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  const how = { bubbles: true, cancelable: true };
  const event = name === 'paste'
    ? new ClipboardEvent('paste', { ...how, clipboardData: transfer })
    : new DragEvent(name, { ...how, dataTransfer: transfer });
  document.querySelector(target).dispatchEvent(event);
  return event.defaultPrevented;
}"""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A file of somebody's machine."""

    name: str
    type: str
    bytes: bytes

    @property
    def payload(self) -> FilePayload:
        return {"name": self.name, "mimeType": self.type, "buffer": self.bytes}


@cache
def photo(name: str = "IMG_0001.jpg", size: tuple[int, int] = (1600, 1200), sky: str = "#7fb2d9") -> Chosen:
    """A landscape: a sky that gets lighter, a sun, and hills."""
    width, height = size
    picture = Image.new("RGB", size, sky)
    drawn = ImageDraw.Draw(picture, "RGBA")
    for line in range(height):
        drawn.line([(0, line), (width, line)], fill=(255, 244, 224, round(150 * line / height)))
    drawn.ellipse([width * 0.62, height * 0.18, width * 0.62 + height * 0.2, height * 0.38], fill="#fff3c4")
    for number, hill in enumerate(("#6f8f72", "#4f7358", "#32513f")):
        top, middle = height * (0.55 + 0.12 * number), width * (0.2 + 0.35 * number)
        drawn.ellipse([middle - width * 0.7, top, middle + width * 0.7, top + height], fill=hill)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=88)
    return Chosen(name=name, type="image/jpeg", bytes=stream.getvalue())


@cache
def large_photo(name: str, seed: int) -> Chosen:
    """As a camera makes them: it does not get small, and takes its time on a slow line."""
    noise = Image.frombytes("L", (1000, 750), random.Random(seed).randbytes(750_000))
    picture = Image.merge("RGB", (noise, noise.rotate(90, expand=False), noise.rotate(180)))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    return Chosen(name=name, type="image/jpeg", bytes=stream.getvalue())


def text_file(name: str = "seedlings.csv", lines: int = 200) -> Chosen:
    return Chosen(name=name, type="text/csv", bytes=b"tomatoes,12,red\n" * lines)


def choose(person: Person, *files: Chosen) -> None:
    """By the paperclip, as far as a test can: the window in which one chooses is the system's."""
    person.page.get_by_test_id("composer-file").set_input_files([file.payload for file in files])


def give(person: Person, how: str, *files: Chosen, target: str = "#messages") -> bool:
    """``how``: paste, dragover or drop. Whether the page has taken it."""
    packed = [{"name": one.name, "type": one.type, "base64": _base64(one.bytes)} for one in files]
    taken: bool = person.page.evaluate(_GIVE, [how, packed, target])
    return taken


def tray(person: Person) -> Locator:
    return person.page.get_by_test_id("tray-file")


def send(person: Person) -> None:
    """What hangs on the text has a row of its own then."""
    own = person.page.locator("[data-testid=message][data-mine]")
    count = own.count()
    button = person.page.get_by_test_id("composer-send")
    if person.has_touch:
        button.tap()
    else:
        button.click()
    expect(own).to_have_count(count + 1)


def are_held_back(person: Person, text: str) -> None:
    """One's words are, as long as what was chosen cannot go along."""
    person.composer.fill(text)
    person.composer.press("Enter")
    expect(person.composer).to_have_value(text)
    expect(person.messages).to_have_count(0)


def is_sent_with_one(person: Person, text: str, file: str = "message-file") -> None:
    person.all_is_sent()
    expect(person.message(text).get_by_test_id(file)).to_have_count(1)


def _base64(whole: bytes) -> str:
    return base64.b64encode(whole).decode()
