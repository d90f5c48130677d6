"""A picture dropped on the room or pasted into it: it cannot be sent, and that is said."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import RunningNode

# Whether the browser would go on with it by itself, which is to open it in place of the room.
BRING = """({ type, isText }) => {
  const brought = new DataTransfer();
  if (isText) brought.setData('text/plain', 'two words');
  brought.items.add(new File(['...'], 'cat.png', { type: 'image/png' }));
  const how = { bubbles: true, cancelable: true };
  const event = type === 'paste'
    ? new ClipboardEvent(type, { ...how, clipboardData: brought })
    : new DragEvent(type, { ...how, dataTransfer: brought });
  return document.getElementById('messages').dispatchEvent(event);
}"""


def test_a_picture_is_caught_and_it_is_said_that_it_cannot_be_sent(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    said = ana.page.locator("#alert")

    assert is_left_to_the_browser(ana, "dragover") is False
    expect(said).to_be_empty()
    for type in ("drop", "paste"):
        assert is_left_to_the_browser(ana, type) is False
        expect(said).to_have_text("Pictures and files cannot be sent here, only text.")
        said.evaluate("one => { one.textContent = '' }")
    # What an office program copies is text, and a picture of it.
    assert is_left_to_the_browser(ana, "paste", is_text=True) is True
    expect(said).to_be_empty()


def is_left_to_the_browser(person: Person, type: str, *, is_text: bool = False) -> bool:
    return bool(person.page.evaluate(BRING, {"type": type, "isText": is_text}))
