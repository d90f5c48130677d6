"""The people of a test, and what their browsers complain about.

Everybody has a browser context of their own, so that nobody shares cookies or storage, and a look:
a desktop in light or a phone in dark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, WebError

from tests.e2e.lent_browser import LentBrowser
from tests.e2e.person import PATIENCE_MS, Person, Site

# Of several such lists Chromium takes the last: first stands what Playwright does without.
_PLAYWRIGHT_DOES_WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
# With each context comes a window, and with it pages of the address bar's own and a process kept ready:
# nobody sees them, and they take a third of the processor time.
_WE_DO_WITHOUT = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess")
# How a node is called by other devices.
ELSEWHERE = "chat.example"
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join(_PLAYWRIGHT_DOES_WITHOUT + _WE_DO_WITHOUT),
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "color_scheme": "dark",
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
# What Chromium itself says about a network that is gone, and about asking who one is before signing in.
# What the browser says of a line: that it broke, also to who said something before he could know of it.
_OF_THE_NETWORK = (
    "Failed to load resource",
    "WebSocket connection to",
    "WebSocket is already in CLOSING or CLOSED state",
)
_HEAR_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
# The wait before a new attempt is drawn at random, up to ten seconds: here it is always the shortest.
_NEVER_WAIT_LONG = "Math.random = () => 0;"

# Nothing moves, unless a test wants it to: what breathes and fades took a tenth of the processor time.
AT_HOME: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "Europe/Vienna",
    "reduced_motion": "reduce",
}
WITH_MOTION: dict[str, Any] = {"reduced_motion": "no-preference"}

T = TypeVar("T")


@dataclass(frozen=True)
class FromElsewhere:
    """A node as other devices see it: under a name, by plain http."""

    node: Site

    @property
    def url(self) -> str:
        return self.node.url.replace("127.0.0.1", ELSEWHERE)


def prepare(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(_HEAR_VIOLATIONS + _NEVER_WAIT_LONG)
    return context


class People:
    """Lets people in, and hears what their browsers complain about."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._everybody: list[Person] = []
        self._complaints: list[str] = []
        self._without_a_page = ExitStack()
        self._browsers = ExitStack()

    def person(self, name: str, looks: dict[str, Any] = DESKTOP, **more: Any) -> Person:
        return self.at(self._browser.new_context(**(AT_HOME | looks | more)), name, looks)

    def at(self, context: BrowserContext, name: str, looks: dict[str, Any] = DESKTOP) -> Person:
        """Somebody in a browser of their own, which goes with them."""
        self._browsers.callback(prepare(context).close)
        return self._meet(Person(name, context, looks))

    def borrowing(self, lent: LentBrowser, name: str, node: Site) -> Person:
        """Somebody in a browser that others have had, and will have."""
        page = self._browsers.enter_context(lent.lent(node.url))
        return self._meet(Person(name, lent.context, lent.looks, page))

    def ana(self) -> Person:
        """At a desktop, in light."""
        return self.person("Ana", DESKTOP)

    def ben(self) -> Person:
        """On a phone, in dark."""
        return self.person("Ben", PHONE)

    def bring(self, somebody: AbstractContextManager[T]) -> T:
        """Who needs no page stays as long as the others, and takes a tenth of their time."""
        return self._without_a_page.enter_context(somebody)

    def complaints(self) -> list[str]:
        return list(self._complaints)

    def photograph(self, folder: Path) -> None:
        for person in self._everybody:
            for number, page in enumerate(person.context.pages, 1):
                page.screenshot(path=folder / f"{person.name}-{number}.png")

    def leave(self) -> None:
        self._browsers.close()
        self._everybody.clear()
        self._without_a_page.close()

    def _meet(self, person: Person) -> Person:
        self._browsers.enter_context(self._hearing(person.name, person.context))
        self._everybody.append(person)
        return person

    @contextmanager
    def _hearing(self, name: str, context: BrowserContext) -> Iterator[None]:
        hear_console, hear_dialog = self._hear_console(name), self._hear_dialog(name)

        def hear_error(error: WebError) -> None:
            self._complaints.append(f"{name}: page error: {error.error}")

        context.on("console", hear_console)
        context.on("weberror", hear_error)
        context.on("dialog", hear_dialog)
        yield
        context.remove_listener("console", hear_console)
        context.remove_listener("weberror", hear_error)
        context.remove_listener("dialog", hear_dialog)

    def _hear_console(self, name: str) -> Callable[[ConsoleMessage], None]:
        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not message.text.startswith(_OF_THE_NETWORK):
                self._complaints.append(f"{name}: {message.text}")

        return hear

    def _hear_dialog(self, name: str) -> Callable[[Dialog], None]:
        def hear(dialog: Dialog) -> None:
            self._complaints.append(f"{name}: a {dialog.type} opened: {dialog.message}")
            dialog.dismiss()

        return hear
