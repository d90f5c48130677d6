"""Pictures of every state of the pages, for eyes: ``python -m tests.e2e.screenshots FOLDER``.

Each state is rendered at three widths in both colour schemes, and all of them side by side on one
contact sheet. ``--readme FILE`` takes the one picture that the README shows, ``--docs FOLDER`` those of
docs/page.md, ``--landing FOLDER`` those of a room that the landing page shows, and nothing else.

They have a face that people have and servers lack, Inter, and it is always morning in them. On Debian:
``apt install fonts-inter fonts-noto-color-emoji``.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
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
    files_shown,
    first_look,
    joining_others,
    lived_on,
    people_list,
    waiting,
)
from tests.running import Nodes, RunningNode

MORNING = 9
WIDTHS = {360: 740, 768: 1024, 1440: 900}
SCHEMES = ("light", "dark")
LARGEST_IN_DOCS = 150 * 1024
LARGEST_ON_LANDING = 45 * 1024
WEBP_QUALITY = 0.7
NO_FACE = "Inter is not installed. On Debian: apt install fonts-inter fonts-noto-color-emoji"
# What system-ui comes down to, where there is no desktop to say what that is.
FACE = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">{usual}</include>
<match target="pattern"><test name="family"><string>sans-serif</string></test>
<edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>
</fontconfig>"""
USUAL = "/etc/fonts/fonts.conf"
# Converted by the browser: a screenshot comes as PNG.
AS_WEBP = """async ([png, quality]) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  return canvas.toDataURL('image/webp', quality).split(',')[1];
}"""


def looks_of(width: int, height: int, scheme: str) -> dict[str, Any]:
    size = {"width": width, "height": height}
    return {"viewport": size, "color_scheme": scheme, "timezone_id": where_it_is_morning()}


def where_it_is_morning() -> str:
    """As the people in the pictures say it is."""
    hours = (MORNING - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-hours:+d}"  # whose signs are the other way round


README = looks_of(1280, 800, "light")
LANDING = {
    f"{name}-{scheme}": looks_of(*size, scheme) | {"device_scale_factor": 1.5}
    for name, size in (("wide", (832, 620)), ("narrow", (390, 640)))
    for scheme in SCHEMES
}
DOCS: dict[str, tuple[Scene, dict[str, Any]]] = {
    "page-dark": (conversation, looks_of(1280, 800, "dark")),
    "page-failed": (failed, looks_of(1024, 640, "light")),
    "page-changes": (lived_on, looks_of(1024, 740, "light")),
    "page-files": (files_shown, looks_of(1024, 740, "light")),
    "page-phone": (conversation, looks_of(390, 740, "light")),
    "page-phone-offline": (waiting, looks_of(390, 740, "dark")),
    "page-phone-people": (people_list, looks_of(390, 740, "light")),
    "page-empty": (empty_room, looks_of(1024, 740, "light")),
    "page-joining": (joining_others, looks_of(390, 740, "light")),
}


def picture(browser: Browser, scene: Scene, looks: dict[str, Any], path: Path) -> None:
    """One state, on a node of its own: nothing of an earlier picture is in it."""
    people = People(browser)
    try:
        with own_node() as node:
            person = people.person(ANA, looks, reduced_motion="reduce")
            scene(Corner(whole=node), people, person)
            person.page.mouse.move(0, 0)  # nothing is hovered over
            png = person.page.screenshot()
            path.write_bytes(_webp(browser, png) if path.suffix == ".webp" else png)
    finally:
        people.leave()


def _webp(browser: Browser, png: bytes) -> bytes:
    page = browser.new_page()
    try:
        webp: str = page.evaluate(AS_WEBP, [base64.b64encode(png).decode(), WEBP_QUALITY])
    finally:
        page.close()
    return base64.b64decode(webp)


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
        check_size(path, LARGEST_IN_DOCS)


def pictures_of_landing(browser: Browser, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, looks in LANDING.items():
        path = folder / f"{name}.webp"
        picture(browser, first_look, looks, path)
        check_size(path, LARGEST_ON_LANDING)


def check_size(path: Path, largest: int) -> None:
    if path.stat().st_size > largest:
        raise SystemExit(f"{path} is larger than {largest // 1024} KB")


@contextmanager
def face() -> Iterator[dict[str, str]]:
    """The environment of a browser that shows it."""
    found = subprocess.run(
        ["fc-match", "--format=%{family}", "Inter"], check=True, capture_output=True, text=True
    )
    if not found.stdout.startswith("Inter"):
        raise SystemExit(NO_FACE)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "fonts.conf")
        config.write_text(FACE.format(usual=os.environ.get("FONTCONFIG_FILE", USUAL)))
        yield os.environ | {"FONTCONFIG_FILE": str(config)}


def main() -> int:
    parser = argparse.ArgumentParser(description="Pictures of every state of the pages.")
    parser.add_argument("folder", type=Path, nargs="?", help="where they go")
    parser.add_argument("--readme", type=Path, help="the picture of the README, and no others")
    parser.add_argument("--docs", type=Path, help="where those of docs/page.md go, and no others")
    parser.add_argument("--landing", type=Path, help="where those of the landing page go, and no others")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser")
    parser.add_argument("--only", nargs="*", default=[], help="names of states")
    arguments = parser.parse_args()
    with sync_playwright() as playwright, face() as environment:
        browser = playwright.chromium.launch(
            executable_path=arguments.chromium, args=LAUNCH_ARGUMENTS, env={**environment}
        )
        if arguments.readme:
            picture(browser, first_look, README, arguments.readme)
        elif arguments.docs:
            pictures_of_docs(browser, arguments.docs)
        elif arguments.landing:
            pictures_of_landing(browser, arguments.landing)
        else:
            every_picture(browser, arguments.folder, arguments.only)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
