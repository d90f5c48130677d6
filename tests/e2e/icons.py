"""Draws the icons of the installed app from static/icon.svg: ``python -m tests.e2e.icons``.

A maskable one fills its square, because the system cuts a shape of its own out of it; its colours are
the other way round.
"""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.people import LAUNCH_ARGUMENTS
from tests.running import ROOT

SIZES = (192, 512)
STATIC = ROOT / "static"
# The part of a maskable icon that is never cut off is a circle of four fifths; the drawing stays within.
COLOUR, WHITE = "#0f766e", "#fff"
STYLES = {
    "icon": "background: transparent; padding: 0",
    "icon-maskable": f"background: {COLOUR}; padding: 22%",
}


def draw(browser: Browser, name: str, size: int) -> None:
    page = browser.new_page(viewport={"width": size, "height": size})
    drawing = (STATIC / "icon.svg").read_text()
    if name == "icon-maskable":
        drawing = drawing.replace(WHITE, "dots").replace(COLOUR, WHITE).replace("dots", COLOUR)
    page.set_content(
        "<style>html, body { margin: 0; height: 100% } body { box-sizing: border-box; "
        f"{STYLES[name]} }} svg {{ display: block; width: 100%; height: 100% }}</style>{drawing}"
    )
    page.screenshot(path=STATIC / f"{name}-{size}.png", omit_background=True)
    page.close()


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH_ARGUMENTS)
        for name in STYLES:
            for size in SIZES:
                draw(browser, name, size)
        browser.close()


if __name__ == "__main__":
    main()
