"""The page can be installed as an app: what a browser asks for is there, and is what it says it is."""

from __future__ import annotations

import struct
from urllib.parse import urljoin

from tests.e2e.people import People
from tests.running import RunningNode

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_manifest_and_its_icons_are_there(people: People, node: RunningNode) -> None:
    page = people.ana().page
    page.goto(node.url)
    address = page.locator("link[rel=manifest]").get_attribute("href")
    answer = page.request.get(node.url + str(address))
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    there = urljoin(node.url, str(address))  # what is in it is relative to itself
    assert urljoin(there, manifest["start_url"]) == urljoin(there, manifest["scope"]) == f"{node.url}/"
    assert manifest["display"] == "standalone"

    for icon in manifest["icons"]:
        picture = page.request.get(urljoin(there, icon["src"]))
        assert picture.ok, icon
        assert picture.headers["content-type"].startswith(icon["type"])
        if icon["type"] == "image/png":
            width, height = size_of(picture.body())
            assert icon["sizes"] == f"{width}x{height}"
    assert {(icon["sizes"], icon.get("purpose")) for icon in manifest["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }


def test_the_browser_finds_nothing_wrong_with_the_manifest(people: People, node: RunningNode) -> None:
    page = people.ana().page
    page.goto(node.url)
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")

    assert found["url"] == f"{node.url}/static/chat.webmanifest"
    assert found["errors"] == []
    # Which app it is, to those who have installed it already.
    assert found["manifest"]["id"] == f"{node.url}/"
    # What is missing in a private window is the window's doing.
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in errors if one["errorId"] != "in-incognito"] == []


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG)
    width, height = struct.unpack(">II", png[16:24])
    return width, height
