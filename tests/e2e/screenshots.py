"""Pictures of every state of the pages, for eyes: ``python -m tests.e2e.screenshots FOLDER``.

Each state is rendered at three widths in both colour schemes, and all of them side by side on one
contact sheet. ``--readme FILE`` takes the one picture that the README shows, ``--docs FOLDER`` those of
docs/page.md, and nothing else.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.people import LAUNCH_ARGUMENTS, People
from tests.e2e.scenes import (
    ANA,
    SCENES,
    Corner,
    Scene,
    conversation,
    empty_room,
    failed,
    people_list,
    waiting,
)
from tests.running import Nodes, RunningNode

WIDTHS = {360: 740, 768: 1024, 1440: 900}
SCHEMES = ("light", "dark")
LARGEST_IN_DOCS = 150 * 1024


def looks_of(width: int, height: int, scheme: str) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": height}, "color_scheme": scheme}


README = looks_of(1280, 800, "light")
DOCS: dict[str, tuple[Scene, dict[str, Any]]] = {
    "page-dark": (conversation, looks_of(1280, 800, "dark")),
    "page-failed": (failed, looks_of(1024, 640, "light")),
    "page-phone": (conversation, looks_of(390, 740, "light")),
    "page-phone-offline": (waiting, looks_of(390, 740, "dark")),
    "page-phone-people": (people_list, looks_of(390, 740, "light")),
    "page-empty": (empty_room, looks_of(390, 740, "light")),
}


def picture(browser: Browser, scene: Scene, looks: dict[str, Any], path: Path) -> None:
    """One state, on a node of its own: nothing of an earlier picture is in it."""
    people = People(browser)
    try:
        with own_node() as node:
            person = people.person(ANA, looks, reduced_motion="reduce")
            scene(Corner(whole=node), people, person)
            person.page.mouse.move(0, 0)  # nothing is hovered over
            person.page.screenshot(path=path)
    finally:
        people.leave()


@contextmanager
def own_node() -> Iterator[RunningNode]:
    with tempfile.TemporaryDirectory() as folder:
        nodes = Nodes(lambda: Path(folder))
        with nodes.running(CHAT_RATE_LIMITS="off") as node:
            yield node


def contact_sheet(browser: Browser, folder: Path, scheme: str) -> None:
    """All pictures of a colour scheme: a line for each state, the widths beside each other."""
    lines = "".join(
        f"<h2>{scene.__name__}</h2><div>"
        + "".join(f'<img src="{scene.__name__}-{width}-{scheme}.png" height="420">' for width in WIDTHS)
        + "</div>"
        for scene in SCENES
    )
    style = "body{font:14px sans-serif;background:#888}div{display:flex;gap:12px;align-items:start}"
    sheet = folder / f"all-{scheme}.html"
    sheet.write_text(f"<!doctype html><style>{style}</style>{lines}")
    page = browser.new_page(viewport={"width": 1240, "height": 800})
    page.goto(sheet.resolve().as_uri())
    page.screenshot(path=folder / f"all-{scheme}.png", full_page=True)
    page.close()


def every_picture(browser: Browser, folder: Path, only: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        if only and scene.__name__ not in only:
            continue
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                looks = looks_of(width, height, scheme)
                picture(browser, scene, looks, folder / f"{scene.__name__}-{width}-{scheme}.png")
    for scheme in SCHEMES:
        contact_sheet(browser, folder, scheme)


def pictures_of_docs(browser: Browser, folder: Path) -> None:
    for name, (scene, looks) in DOCS.items():
        path = folder / f"{name}.png"
        picture(browser, scene, looks, path)
        if path.stat().st_size > LARGEST_IN_DOCS:
            raise SystemExit(f"{path} is larger than {LARGEST_IN_DOCS // 1024} KB")


def main() -> int:
    parser = argparse.ArgumentParser(description="Pictures of every state of the pages.")
    parser.add_argument("folder", type=Path, nargs="?", help="where they go")
    parser.add_argument("--readme", type=Path, help="the picture of the README, and no others")
    parser.add_argument("--docs", type=Path, help="where those of docs/page.md go, and no others")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser")
    parser.add_argument("--only", nargs="*", default=[], help="names of states")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=LAUNCH_ARGUMENTS)
        if arguments.readme:
            picture(browser, conversation, README, arguments.readme)
        elif arguments.docs:
            pictures_of_docs(browser, arguments.docs)
        else:
            every_picture(browser, arguments.folder, arguments.only)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
