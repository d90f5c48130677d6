"""What pages are made of: kept for ever, by names that hold what is in them, and small."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.factory import WebNode
from chatapp.places import STATIC
from tests.integration.http_node import Visitor, running_node

DIST = STATIC / "dist"
MANIFEST = json.loads((DIST / "manifest.json").read_bytes())
FOR_EVER = "public, max-age=31536000, immutable"
UNPACK = "process.stdin.pipe(zlib.createBrotliDecompress()).pipe(process.stdout)"


@pytest.fixture(scope="module")
def web_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    with running_node(tmp_path_factory.mktemp("node")) as web_node:
        yield web_node


@pytest.fixture
def anybody(web_node: WebNode) -> Visitor:
    return Visitor(web_node)


def named_in(page: str) -> list[str]:
    kinds = r'script|img|source|link[^>]* rel="(?:stylesheet|modulepreload|icon|apple-touch-icon)"'
    return re.findall(rf'<(?:{kinds})[^>]* (?:src|srcset|href)="([^"]+)"', page)


def without_brotli(data: bytes) -> bytes:
    """Node has it; Python does not."""
    return subprocess.run(["node", "-e", UNPACK], input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("path", ["/", "/chat/lobby", "/docs", "/nothing"])
def test_a_page_names_few_files_and_each_is_kept_for_ever(anybody: Visitor, path: str) -> None:
    named = named_in(anybody.ask("GET", path).text)

    assert 2 <= len(set(named)) <= 12
    for address in named:
        answer = anybody.ask("GET", address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_EVER)


@pytest.mark.parametrize("name", ["landing.js", "room.css"])
def test_they_are_small_on_the_way_for_whoever_can_unpack_them(anybody: Visitor, name: str) -> None:
    address = f"/static/dist/{MANIFEST[name]['file']}"
    plain = anybody.ask("GET", address)
    zipped = anybody.ask("GET", address, headers={"Accept-Encoding": "gzip, deflate"})
    smallest = anybody.ask("GET", address, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})

    assert "Content-Encoding" not in plain.headers
    assert (zipped.headers["Content-Encoding"], smallest.headers["Content-Encoding"]) == ("gzip", "br")
    assert gzip.decompress(zipped.data) == without_brotli(smallest.data) == plain.data
    assert len(smallest.data) < len(zipped.data) < len(plain.data) / 2
    for answer in (plain, zipped, smallest):
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert answer.headers["Content-Type"] == plain.headers["Content-Type"]
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_file_that_one_has_is_not_sent_again(anybody: Visitor) -> None:
    address = f"/static/dist/{MANIFEST['who.js']['file']}"
    tag = anybody.ask("GET", address, headers={"Accept-Encoding": "br"}).headers["ETag"]
    again = anybody.ask("GET", address, headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")


def test_what_other_sites_name_stays_at_its_address_and_is_asked_for_each_time(anybody: Visitor) -> None:
    answer = anybody.ask("GET", "/static/js/embed.js")
    again = anybody.ask("GET", "/static/js/embed.js", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.data == (DIST / MANIFEST["embed.js"]["file"]).read_bytes()
    assert b"openRoom" in answer.data
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    assert (again.status_code, again.data) == (304, b"")


def test_every_bundle_has_a_map_and_the_maps_lead_to_every_source(anybody: Visitor) -> None:
    sources: set[str] = set()
    for bundle in (path for path in DIST.iterdir() if path.suffix in (".js", ".css")):
        folder = "/static/js" if bundle.name == MANIFEST["embed.js"]["file"] else "/static/dist"
        (named,) = re.findall(r"[#] sourceMappingURL=(\S+)", bundle.read_text())
        found = anybody.ask("GET", f"{folder}/{named}".replace("/js/../", "/")).get_json(force=True)
        sources |= {str(source).removeprefix("../") for source in found["sources"]}

    named = {entry["source"] for entry in MANIFEST.values() if entry["source"].endswith((".js", ".css"))}
    assert sources > {source for source in named if "/pages/" not in source}


@pytest.mark.parametrize("name", ["nothing.js", "who.js", "../../app.py", "%2e%2e/%2e%2e/app.py", ""])
def test_nothing_else_is_served(anybody: Visitor, name: str) -> None:
    assert anybody.ask("GET", f"/static/dist/{name}").status_code == 404


def test_no_script_names_an_address_outside_of_its_files() -> None:
    """A module that is loaded by two addresses is there twice, each with a state of its own."""
    scripts = list((STATIC / "js").rglob("*.js"))
    assert len(scripts) > 50
    for script in scripts:
        assert not re.search(r"(from|import\()\s*'/", script.read_text("utf-8")), script


def test_who_works_on_the_page_gets_it_as_it_is_written(tmp_path: Path) -> None:
    with running_node(tmp_path, CHAT_BUNDLES="off") as web_node:
        anybody = Visitor(web_node)
        named = named_in(anybody.ask("GET", "/chat/lobby").text)
        answers = [anybody.ask("GET", address) for address in named]

        assert len(set(named)) > 10
        for address, answer in zip(named, answers, strict=True):
            assert answer.data == (STATIC / address.removeprefix("/static/")).read_bytes()
            assert answer.headers["Cache-Control"] == "no-cache"
        assert anybody.ask("GET", "/static/js/embed.js").data == (STATIC / "js" / "embed.js").read_bytes()
