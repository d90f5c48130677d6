"""The states of the pages that are worth a picture, and how to get there.

What people say here is short and friendly, with line breaks and a link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache

from playwright.sync_api import Locator, expect

from chatapp.protocol.rest import COOKIE
from tests.e2e.crowd import id_of, react, say_all, speaker
from tests.e2e.files import choose, give, photo, send, text_file, tray
from tests.e2e.line import Line
from tests.e2e.people import FromElsewhere, People
from tests.e2e.person import Person, Site
from tests.e2e.test_both_dialects import original_client
from tests.running import RunningNode
from tests.talkers import PythonTalker

ANA = "Ana"
BEN = "Ben"
CLARA = "Clara"
TALK = (
    (ANA, "Morning! Are we still planting the tomatoes on Saturday?"),
    (BEN, "Yes. The forecast says dry until the evening, so let us start early."),
    (BEN, "I can be there at nine with the wheelbarrow."),
    (ANA, "Perfect!"),
    (ANA, "I have twelve seedlings, six red and six yellow. Is there room for all of them?"),
    (BEN, "There is if we move the beans. My plan of the bed:\nbeans by the fence\ntomatoes in the middle"),
    (ANA, "That looks good. How far apart do they have to be?"),
    (BEN, "About half a metre. It is all in here: https://example.org/tomatoes"),
    (ANA, "Thanks! I will bring string, and cake for afterwards."),
    (BEN, "Then I will bring the coffee. See you at nine!"),
)

# What somebody sees of a room who has not been in one yet: three people, and each of them heard.
FIRST_LOOK = (
    (ANA, "Morning! Are we still planting the tomatoes on Saturday? 🍅"),
    (BEN, "Yes. The forecast says dry until the evening, so let us start early."),
    (CLARA, "I can be there at nine with the wheelbarrow."),
    (ANA, "Perfect! I have twelve seedlings, six red and six yellow."),
    (ANA, "How far apart do they have to be?"),
    (CLARA, "About half a metre. It is all in here: https://example.org/tomatoes"),
    (BEN, "Then I bring the coffee. See you at nine!"),
)

SIGN_OUT = "fetch('/api/session', { method: 'DELETE' }).then((answer) => answer.ok)"


@dataclass(frozen=True, kw_only=True)
class Corner:
    """Of a node that scenes share: each calls its rooms as it likes, and finds nobody else there."""

    whole: RunningNode
    name: str = ""

    @property
    def url(self) -> str:
        return self.whole.url

    def room(self, name: str) -> str:
        return f"{name}-{self.name}" if self.name else name


Scene = Callable[[Corner, People, Person], None]
"""Brings the page of the person into a state."""

# The end of half a character, which the server refuses to store.
REFUSED = "input => { input.value = 'My phone made this \\ud83d'; input.dispatchEvent(new Event('input')); }"


# Colours come from ids, ids from chance: people of a picture sign in until theirs is the wanted one.
COLOURS = {ANA: 8, BEN: 1, CLARA: 10}
# As of a node that was told no address of its own, before the scripts of the page are run.
ONLY_HERE = """addEventListener('readystatechange', () => delete document.body?.dataset.othersAt, true);"""
# Nor is what is undone within them: neither goes its way while one looks.
NOTHING_IS_OVER_AFTER_FIVE_SECONDS = """window.setTimeout = (set => (then, ms, ...more) =>
  ms > 4_000 && ms <= 5_000 ? 0 : set(then, ms, ...more))(window.setTimeout);"""
OFFER = """async () => {
  const { NewBuild } = await import('/static/js/page/notices/new-build.js');
  new NewBuild('this one').compare('another');
}"""


def favourite_colour(user_id: str) -> int:
    """As static/js/page/people/colour.js has it: for each to ask a page took a third of a scene's time."""
    number = 2_166_136_261
    for character in user_id:
        number = (number ^ ord(character)) * 16_777_619 & 0xFFFF_FFFF
    return (number ^ number >> 15) % 12


def signed_in(node: RunningNode, name: str) -> str:
    """The token of somebody with the colour that belongs to this name. Ana is somebody new each time."""
    return _drawn(node, name) if name == ANA else _known(node, name)


@cache
def _known(node: RunningNode, name: str) -> str:
    return _drawn(node, name)


def _drawn(node: RunningNode, name: str) -> str:
    while True:
        answer = node.sign_in(name)
        if favourite_colour(answer["user"]["id"]) == COLOURS[name]:
            return str(answer["token"])


def kept_token(person: Person) -> str | None:
    """Of who has been here before."""
    kept = (cookie["value"] for cookie in person.context.cookies() if cookie["name"].startswith(COOKIE))
    return next(kept, None)


def come_in(
    node: Corner, person: Person, room: str, seen_as: Site | None = None, token: str | None = None
) -> None:
    """``seen_as``: under which address, if it is another one. ``token``: as whom, if not as somebody new."""
    site = seen_as or node
    token = token or signed_in(node.whole, person.name)
    person.context.add_cookies([{"name": COOKIE, "value": token, "url": site.url}])
    person.come_back(site, room)


def without_a_page(node: Corner, people: People, room: str, name: str = BEN) -> PythonTalker:
    """They are only heard."""
    return people.bring(speaker(node.whole, room, token=signed_in(node.whole, name)))


def sign_in_as(person: Person, name: str, line: Line) -> None:
    """In this tab, after having signed out in another one; nothing has passed the line in between."""
    elsewhere = person.another_tab().page
    elsewhere.goto(person.page.url.partition("/chat/")[0])
    assert elsewhere.evaluate(SIGN_OUT)
    elsewhere.close()
    line.state = "open"
    person.stands("signed-out")
    person.page.get_by_role("button", name="Sign in").click()
    person.give_name(name)
    person.is_online()


def name_dialog(node: Corner, people: People, person: Person) -> None:
    person.open(node, node.room("garden"))
    expect(person.dialog).to_be_visible()


def joining_others(node: Corner, people: People, person: Person) -> None:
    for name in ("Anneliese Wolkenstein-Trostburg", BEN, CLARA, "Dimitri", "Edda"):
        people.bring(speaker(node.whole, node.room("garden"), name))
    person.open(node, node.room("garden"))
    expect(person.page.get_by_text("3 others are here")).to_be_visible()


def name_taken(node: Corner, people: People, person: Person) -> None:
    people.bring(speaker(node.whole, node.room("taken"), person.name))
    person.open(node, node.room("taken"))
    person.give_name(person.name)
    expect(person.page.get_by_role("heading", name="That name is taken here")).to_be_visible()


def empty_room(node: Corner, people: People, person: Person) -> None:
    person.enter(node, node.room("nobody-yet"))
    expect(person.page.get_by_test_id("empty")).to_be_visible()
    expect(person.page.locator(".empty-code path, .empty-ask-code:visible").first).to_be_attached()


def empty_room_only_here(node: Corner, people: People, person: Person) -> None:
    person.page.add_init_script(ONLY_HERE)
    person.enter(node, node.room("nobody-yet"))
    expect(person.page.get_by_test_id("empty")).to_contain_text("only on this computer")


def conversation(node: Corner, people: People, person: Person) -> None:
    come_in(node, person, node.room("garden"))
    talk_with(node, people, person, TALK)


def after_the_talk(node: Corner, people: People, person: Person, seen_as: Site | None = None) -> None:
    """As the conversation looks to who comes back to it: to say it anew took half of a scene's time.

    ``seen_as``: under which address the person comes, if it is another one.
    """
    room, tokens = node.room("garden"), {name: signed_in(node.whole, name) for name in (ANA, BEN)}
    tokens[ANA] = kept_token(person) or tokens[ANA]
    ben = people.bring(speaker(node.whole, room, token=tokens[BEN]))
    with speaker(node.whole, room, token=tokens[ANA]) as ana:
        for name, text in TALK:
            say_all({ANA: ana, BEN: ben}[name], room, [text])
        assert ana.call("read", {"room": room, "seq": len(TALK)})["ok"]
    come_in(node, person, room, seen_as, tokens[ANA])
    expect(person.messages).to_have_count(len(TALK))
    expect(person.page.get_by_test_id("person")).to_have_count(2)
    ben.emit("typing", {"room": room, "on": True})
    expect(person.typing).not_to_have_text("")


def first_look(node: Corner, people: People, person: Person) -> None:
    come_in(node, person, node.room("garden"))
    talk_with(node, people, person, FIRST_LOOK)


def talk_with(node: Corner, people: People, person: Person, talk: Sequence[tuple[str, str]]) -> None:
    room, names = node.room("garden"), sorted({name for name, _ in talk} - {ANA})
    others = {name: without_a_page(node, people, room, name) for name in names}
    expect(person.page.get_by_test_id("person")).to_have_count(1 + len(others))
    for number, (name, text) in enumerate(talk, 1):
        if name == ANA:
            person.say(text)
        else:
            say_all(others[name], room, [text])
        expect(person.messages).to_have_count(number)
        person.all_is_sent()
    expect(person.page.locator(f'[data-mine][data-colour="{COLOURS[ANA]}"]').first).to_be_attached()
    others[BEN].emit("typing", {"room": room, "on": True})
    expect(person.typing).not_to_have_text("")


def unread(node: Corner, people: People, person: Person) -> None:
    room = node.room("garden")
    come_in(node, person, room)
    ben = without_a_page(node, people, room)
    for text in (text for name, text in TALK if name == ANA):
        person.say(text)
    person.all_is_sent()
    person.page.get_by_role("link", name="All rooms").click()
    expect(person.page.locator("#visited-rooms")).to_be_visible()
    say_all(ben, room, [text for name, text in TALK if name == BEN] * 5)
    person.come_back(node, room)
    expect(person.page.get_by_test_id("new")).to_be_in_viewport()


def linked(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.page.goto(person.page.url + "#s4")
    expect(person.page.locator("[data-linked]")).to_be_focused()


def joins(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    with ExitStack() as stack:
        for number, name in enumerate(("Clara", "Dimitri", "Edda", "Farid")):
            stack.enter_context(original_client(node.whole, node.room("garden"), f"x{number}", name))
        expect(person.page.get_by_test_id("joins").last).to_contain_text("others joined")
        person.say("Welcome! We plant on Saturday.")
        person.all_is_sent()  # who leaves before has not come
    expect(person.page.get_by_test_id("joins").last).to_contain_text("left")


def far_up(node: Corner, people: People, person: Person) -> None:
    with speaker(node.whole, node.room("garden"), BEN) as ben:
        say_all(ben, node.room("garden"), [text for _, text in TALK] * 30)
    come_in(node, person, node.room("garden"))
    person.page.goto(person.page.url + "#s100")
    expect(person.page.locator("[data-linked]")).to_be_focused()


def slow_to_come(node: Corner, people: People, person: Person) -> None:
    """To somebody new: who is known here has the newest messages with the page."""
    Line(person.page).loses_answers = True
    person.open(node, node.room("garden"))
    person.give_name(person.name)
    expect(person.page.get_by_test_id("skeleton")).to_be_visible()
    expect(person.connection).to_contain_text("Joining")


def waiting(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.go_offline()
    person.say("I am on the train now, no signal.", "Will bring the seeds tomorrow.")
    expect(person.connection).to_contain_text("2 messages")


def failed(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.composer.evaluate(REFUSED)
    person.page.locator("#composer-send").click()
    expect(person.messages.last).to_have_attribute("data-state", "failed")


def written_by_another(node: Corner, people: People, person: Person) -> None:
    line = Line(person.page)
    after_the_talk(node, people, person)
    line.state = "refusing"
    person.go_offline()
    person.say("I will tell you on Saturday, it is a surprise.")
    person.context.set_offline(False)
    sign_in_as(person, "Bob", line)
    expect(person.messages.last).to_contain_text("Written as Ana")


def reconnecting(node: Corner, people: People, person: Person) -> None:
    line = Line(person.page)
    after_the_talk(node, people, person)
    line.state = "refusing"
    person.context.set_offline(True)
    person.context.set_offline(False)
    person.stands("reconnecting")
    expect(person.connection).to_contain_text("Trying again")


def not_live(node: Corner, people: People, person: Person) -> None:
    line = Line(person.page)
    after_the_talk(node, people, person)
    line.state = "refusing"
    person.page.reload()
    expect(person.messages).to_have_count(len(TALK))
    expect(person.connection).to_contain_text("Not live")
    expect(person.connection).to_contain_text("Trying again")


def lived_on(node: Corner, people: People, person: Person) -> None:
    """Messages that were answered, changed and taken back, and to which others nodded."""
    after_the_talk(node, people, person)
    room, own = node.room("garden"), [number for number, (name, _) in enumerate(TALK, 1) if name == ANA]
    joins = person.page.get_by_test_id("joins").last
    with speaker(node.whole, room, CLARA) as clara:
        expect(joins).to_contain_text("joined")
        for seq, emoji in ((5, "👍"), (5, "🍅"), (6, "👍"), (9, "🎂")):
            react(clara, room, id_of(clara, room, seq), seq, emoji)
        assert clara.call("leave", {"room": room})["ok"]
    # A pointer that rests while the list moves beneath it loses the buttons of its row.
    expect(joins).to_contain_text("left")
    expect(person.page.get_by_test_id("reaction")).to_have_count(4)
    with_tool(person, own[2], "reply")
    person.say("String I have too: who brings the stakes?")
    person.all_is_sent()
    with_tool(person, own[1], "edit")
    person.say("Perfect! I bring the spade.")
    expect(person.page.get_by_test_id("message-edited")).to_be_attached()
    expect(person.page.locator("[data-change]")).to_have_count(0)
    nod(person, 6)
    for seq in own[3:]:
        with_tool(person, seq, "delete")
        expect(row_of(person, seq)).to_have_count(0)
        expect(person.page.get_by_test_id("note")).to_contain_text("deleted")
    expect(person.page.get_by_test_id("note")).to_be_empty()
    expect(person.page.locator("[data-change]")).to_have_count(0)
    person.page.mouse.move(0, 0)


def mentioned(node: Corner, people: People, person: Person) -> None:
    """Somebody calls one by name, another one, and all who are there; one of it stands above the screen."""
    after_the_talk(node, people, person)
    room = node.room("garden")
    me = person.page.evaluate("fetch('/api/session').then((answer) => answer.json())")["user"]
    clara = without_a_page(node, people, room, CLARA)
    for number, (content, mentions) in enumerate(
        (
            (f"@{ANA} can you bring the *long* string?", [me]),
            ("@here it begins at nine, not at ten", [{"id": "", "name": "here"}]),
            (f"and **@{ANA}**, thanks for the cake: `@{ANA}` in code is nobody", [me]),
        )
    ):
        said = {"room": room, "client_id": f"call-{number}", "content": content, "mentions": mentions}
        assert clara.call("message", said)["ok"]
    person.say(f"I do, @{CLARA}!")
    person.all_is_sent()
    expect(person.page.locator("[data-called]")).to_have_count(3)
    expect(person.page.locator(".mention")).to_have_count(4)
    person.page.mouse.move(0, 0)


def completing_names(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.composer.press_sequentially("See you there @")
    expect(person.page.get_by_test_id("completion").get_by_role("option").first).to_be_visible()


def row_of(person: Person, seq: int) -> Locator:
    return person.page.locator(f'[data-testid=message][data-seq="{seq}"]')


def with_tool(person: Person, seq: int, act: str) -> None:
    message = row_of(person, seq)
    message.scroll_into_view_if_needed()
    if person.has_touch or person.page.evaluate("matchMedia('(pointer: coarse)').matches"):
        message.get_by_test_id("message-text").tap()
        message.get_by_test_id("message-more").tap()
        if act not in ("react", "more"):
            person.page.locator(f"[data-choice={act}]").tap()
    else:
        message.hover()
        message.get_by_test_id(f"message-{act}").click()


def nod(person: Person, seq: int) -> None:
    """As somebody else has done."""
    with_tool(person, seq, "react")
    person.page.get_by_test_id("message-menu").get_by_role("button", name="👍").click()
    expect(row_of(person, seq).get_by_test_id("reaction")).to_have_text("👍2")
    expect(person.page.locator("[data-change]")).to_have_count(0)


def message_tools(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.page.get_by_test_id("message").nth(4).focus()
    expect(person.page.get_by_role("toolbar")).to_be_visible()


def message_menu(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    with_tool(person, 5, "more")
    expect(person.page.get_by_test_id("message-menu")).to_be_visible()


def reacting(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    with_tool(person, 6, "react")
    expect(person.page.get_by_test_id("message-menu")).to_be_visible()


def editing(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    with_tool(person, 9, "edit")
    expect(person.page.get_by_test_id("composer-target")).to_be_visible()


def replying(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    with_tool(person, 8, "reply")
    person.composer.fill("That is more than I thought.")


def can_be_undone(node: Corner, people: People, person: Person) -> None:
    person.page.add_init_script(NOTHING_IS_OVER_AFTER_FIVE_SECONDS)
    after_the_talk(node, people, person)
    with_tool(person, 9, "delete")
    expect(person.page.get_by_test_id("note")).to_contain_text("Undo")
    expect(person.page.get_by_test_id("deleted")).to_be_visible()


def who_reacted(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    room = node.room("garden")
    clara = without_a_page(node, people, room, CLARA)
    react(clara, room, id_of(clara, room, 6), 6)
    # A pointer that rests while the list moves beneath it loses the buttons of its row.
    expect(person.page.get_by_test_id("joins").last).to_contain_text("joined")
    expect(row_of(person, 6).get_by_test_id("reaction")).to_have_text("👍1")
    nod(person, 6)
    with_tool(person, 6, "more")
    person.page.get_by_role("button", name="Who reacted").click()
    expect(person.page.get_by_test_id("reacted").get_by_role("listitem")).to_contain_text(["Clara"])


def two_texts(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    with_tool(person, 9, "edit")
    other = person.another_tab()
    other.come_back(node, node.room("garden"))
    for text in ("Thanks! I will bring string.", "Thanks! I will bring string, and coffee."):
        with_tool(other, 9, "edit")
        other.say(text)
        expect(person.message(text)).to_be_attached()
        expect(other.page.locator("[data-change]")).to_have_count(0)
    other.page.close()
    person.say("Thanks! I will bring string, and two cakes.")
    expect(person.page.get_by_role("button", name="Compare")).to_be_visible()


def comparing(node: Corner, people: People, person: Person) -> None:
    two_texts(node, people, person)
    person.page.get_by_role("button", name="Compare").click()
    expect(person.page.get_by_test_id("compare")).to_be_visible()


def people_list(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    if not person.page.get_by_test_id("people").is_visible():
        person.page.locator("#people-open").click()
    expect(person.page.get_by_test_id("people")).to_be_visible()


def landing_new(node: Corner, people: People, person: Person) -> None:
    person.page.goto(node.url)


def landing_opened(node: Corner, people: People, person: Person) -> None:
    landing_new(node, people, person)
    person.page.get_by_text("Messages are removed").click()
    person.page.get_by_role("img", name="A room").scroll_into_view_if_needed()


def landing_returning(node: Corner, people: People, person: Person) -> None:
    come_in(node, person, node.room("garden"))
    person.come_back(node, node.room("family dinner on sunday"))
    person.page.goto(node.url)
    expect(person.page.locator("#visited-rooms a")).to_have_count(2)


def landing_with_unread(node: Corner, people: People, person: Person) -> None:
    landing_returning(node, people, person)
    garden = node.room("garden")
    say_all(without_a_page(node, people, garden), garden, [text for _, text in TALK[:3]])
    person.page.reload()
    expect(person.page.locator("#visited-rooms")).to_contain_text("3 unread")


def landing_new_name(node: Corner, people: People, person: Person) -> None:
    landing_returning(node, people, person)
    person.page.get_by_role("button", name="Change name").click()


def signing_out(node: Corner, people: People, person: Person) -> None:
    landing_returning(node, people, person)
    person.page.get_by_role("button", name="Sign out").click()
    expect(person.page.get_by_role("dialog")).to_be_visible()


def menu(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.page.get_by_test_id("menu-open").click()


FORMED = (
    (ANA, "Which form do you use? **Bold**, *italic*, ~~gone~~ and `code` I know."),
    (BEN, "Lists, mostly:\n- seeds\n- *string*\n  - the green one\n1. dig\n2. plant\n3. water"),
    (
        ANA,
        "> There is if we move the beans.\n> And the leeks.\nLet us do [as the plan says](https://example.org/plan).",
    ),
    (
        BEN,
        "This waters them:\n```js\nfunction water(bed) {\n"
        "\treturn bed.plants.filter((plant) => plant.isThirsty).map((one) => pour(one, { litres: 2 }));\n"
        "}\n```",
    ),
    (ANA, "From the list:\nplant\tbed\tmetres\ntomato\tmiddle\t0.5\nbeans\tby the fence\t0.25"),
    (BEN, "🍅🌱"),
    (ANA, "snake_case_name, 2*3*4 and ¯\\_(ツ)_/¯ stay as they are."),
)


def formed(node: Corner, people: People, person: Person) -> None:
    come_in(node, person, node.room("garden"))
    talk_with(node, people, person, FORMED)
    expect(person.page.locator(".form-code")).to_be_attached()


def folded(node: Corner, people: People, person: Person) -> None:
    come_in(node, person, node.room("garden"))
    talk_with(node, people, person, (*TALK[:2], (BEN, "\n".join(f"{n}. bed {n}" for n in range(1, 41)))))
    expect(person.page.get_by_role("button", name="Show more")).to_be_visible()


def emoji_picker(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.page.get_by_test_id("composer-emoji").click()
    person.page.get_by_role("combobox", name="Search emoji").press("ArrowRight")
    expect(person.page.get_by_test_id("emoji-picker")).to_contain_text(":grinning:")


def completing(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.composer.press_sequentially("See you there :smi")
    expect(person.page.get_by_test_id("completion").get_by_role("option").first).to_be_visible()


def emoji_found(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.page.get_by_test_id("composer-emoji").click()
    person.page.get_by_role("combobox", name="Search emoji").fill("heart")
    expect(person.page.get_by_test_id("emoji-picker")).to_contain_text(":heart:")


def notifications_blocked(node: Corner, people: People, person: Person) -> None:
    person.page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    menu(node, people, person)
    expect(person.page.locator("#menu-notify-hint")).to_contain_text("blocks")


SEEDLINGS = photo("seedlings.jpg", (1600, 1200), "#c9d9a8")
FENCE = photo("the fence.jpg", (900, 1600), "#d9b48f")
BED = photo("bed.jpg", (2000, 900))


def files_chosen(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    choose(person, SEEDLINGS, FENCE, text_file("plan of the beds.csv"))
    expect(tray(person)).to_have_count(3)
    expect(person.page.locator(".tray-picture img")).to_have_count(2)
    person.composer.fill("This is how they look today")


def signing_out_with_files(node: Corner, people: People, person: Person) -> None:
    files_chosen(node, people, person)
    person.page.get_by_test_id("menu-open").click()
    person.page.get_by_role("button", name="Sign out").click()
    expect(person.page.get_by_role("dialog")).to_contain_text("1 draft and 3 chosen files are not sent yet.")


def describing(node: Corner, people: People, person: Person) -> None:
    files_chosen(node, people, person)
    tray(person).first.get_by_role("button", name="Describe").click()
    person.page.get_by_test_id("describe-words").fill("Twelve small tomato plants on a window sill")


def dropping(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    give(person, "dragover", SEEDLINGS)
    expect(person.page.get_by_test_id("drop-frame")).to_be_visible()


def files_shown(node: Corner, people: People, person: Person) -> None:
    files_chosen(node, people, person)
    send(person)
    person.all_is_sent()
    choose(person, BED)
    send(person)
    expect(person.page.get_by_test_id("message-picture")).to_have_count(3)
    person.all_is_sent()


def files_on_their_way(node: Corner, people: People, person: Person) -> None:
    person.holds_up("**/api/rooms/*/uploads")
    files_chosen(node, people, person)
    send(person)
    expect(person.page.get_by_test_id("file-on-its-way")).to_have_count(3)


def file_refused(node: Corner, people: People, person: Person) -> None:
    refusal = {"ok": False, "error": {"code": "upload_too_large", "retryable": False}}
    person.page.route("**/api/rooms/*/uploads", lambda route: route.fulfill(status=413, json=refusal))
    after_the_talk(node, people, person)
    choose(person, text_file("plan of the beds.csv"))
    send(person)
    expect(person.page.locator("[data-state=failed]")).to_be_visible()


def file_gone(node: Corner, people: People, person: Person) -> None:
    files_shown(node, people, person)
    person.page.route("**/files/**", lambda route: route.fulfill(status=410))
    person.page.reload()
    expect(person.page.get_by_test_id("picture-lost")).to_have_count(3)
    person.page.get_by_role("link", name="Download plan of the beds.csv").click()
    expect(person.page.get_by_test_id("file-gone")).to_be_visible()


def lightbox(node: Corner, people: People, person: Person) -> None:
    files_shown(node, people, person)
    person.page.get_by_test_id("message-picture").first.click()
    expect(person.page.get_by_test_id("lightbox")).to_contain_text("1 of 3")


def invite(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person, FromElsewhere(node))
    person.page.get_by_test_id("invite").click()
    expect(person.page.locator("#invite-code path")).to_be_attached()


def invite_only_here(node: Corner, people: People, person: Person) -> None:
    person.page.add_init_script(ONLY_HERE)
    after_the_talk(node, people, person)
    person.page.get_by_test_id("invite").click()
    expect(person.page.get_by_test_id("invite-dialog")).to_contain_text("only on this computer")


def shortcuts(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    person.page.keyboard.press("Control+/")
    expect(person.page.locator("dialog[open]")).to_be_visible()


def switcher(node: Corner, people: People, person: Person) -> None:
    landing_with_unread(node, people, person)
    for room in ("book club", "gardeners of the north side"):
        person.come_back(node, room)
    person.come_back(node, node.room("family dinner on sunday"))
    person.page.keyboard.press("Control+K")
    person.page.keyboard.type("gard")
    expect(person.page.get_by_role("option")).to_have_count(3)


def searching(node: Corner, people: People, person: Person) -> None:
    """Nothing typed yet."""
    after_the_talk(node, people, person)
    person.page.keyboard.press("Control+Shift+F")
    expect(person.page.locator("#search-note")).to_contain_text("phrase")


def found(node: Corner, people: People, person: Person) -> None:
    searching(node, people, person)
    person.page.keyboard.type("tomatoes")
    expect(person.page.get_by_test_id("found")).to_have_count(3)
    person.page.keyboard.press("ArrowDown")


def found_everywhere(node: Corner, people: People, person: Person) -> None:
    come_in(node, person, node.room("family dinner on sunday"))
    person.say("I bring the first tomatoes of the year!")
    person.all_is_sent()
    found(node, people, person)
    person.page.get_by_role("radio", name="All my rooms").check()
    expect(person.page.get_by_test_id("found").last).to_contain_text("family dinner")


def nothing_found(node: Corner, people: People, person: Person) -> None:
    searching(node, people, person)
    person.page.keyboard.type("potatoes")
    expect(person.page.locator("#search-note")).to_contain_text("Nothing found")


def new_build(node: Corner, people: People, person: Person) -> None:
    after_the_talk(node, people, person)
    # As a server would, that was restarted with other files.
    person.page.evaluate(OFFER)
    expect(person.page.get_by_test_id("new-build")).not_to_be_empty()


def error_page(node: Corner, people: People, person: Person) -> None:
    person.page.goto(f"{node.url}/nothing-here")


def protocol(node: Corner, people: People, person: Person) -> None:
    person.page.goto(f"{node.url}/docs")


SCENES: tuple[Scene, ...] = (
    landing_new,
    landing_opened,
    landing_returning,
    landing_with_unread,
    landing_new_name,
    signing_out,
    name_dialog,
    joining_others,
    name_taken,
    empty_room,
    empty_room_only_here,
    conversation,
    lived_on,
    mentioned,
    completing_names,
    message_tools,
    message_menu,
    reacting,
    editing,
    replying,
    can_be_undone,
    who_reacted,
    two_texts,
    comparing,
    unread,
    linked,
    joins,
    far_up,
    slow_to_come,
    people_list,
    menu,
    formed,
    folded,
    emoji_picker,
    emoji_found,
    completing,
    notifications_blocked,
    files_chosen,
    signing_out_with_files,
    describing,
    dropping,
    files_on_their_way,
    files_shown,
    file_refused,
    file_gone,
    lightbox,
    invite,
    invite_only_here,
    shortcuts,
    switcher,
    searching,
    found,
    found_everywhere,
    nothing_found,
    new_build,
    waiting,
    failed,
    written_by_another,
    reconnecting,
    not_live,
    error_page,
    protocol,
)
