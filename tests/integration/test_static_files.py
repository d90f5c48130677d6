"""What pages are made of: kept for ever under the address of a build, small, and never something else."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest

from chatapp.factory import WebNode
from chatapp.places import STATIC
from tests.integration.http_node import Visitor, running_node

STYLE = "css/base.css"
GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.fixture(scope="module")
def web_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    with running_node(tmp_path_factory.mktemp("node")) as web_node:
        yield web_node


@pytest.fixture
def anybody(web_node: WebNode) -> Visitor:
    return Visitor(web_node)


@pytest.fixture
def files(anybody: Visitor) -> str:
    """Where the page finds them."""
    page = anybody.ask("GET", "/chat/lobby").data.decode()
    (folder,) = set(re.findall(r"(/static/build-\w+)/(?:css|js|vendor)/", page))
    return str(folder)


def test_files_of_the_build_are_kept_for_ever(anybody: Visitor, files: str) -> None:
    answer = anybody.ask("GET", f"{files}/{STYLE}")

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == (STATIC / STYLE).read_bytes()


def test_they_are_small_on_the_way_for_whoever_can_unpack_them(anybody: Visitor, files: str) -> None:
    for name in (STYLE, "vendor/uqr.js", "icon.svg"):
        packed = anybody.ask("GET", f"{files}/{name}", headers=GZIP)
        plain = anybody.ask("GET", f"{files}/{name}")

        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data == (STATIC / name).read_bytes()
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
        assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert "Accept-Encoding" in packed.headers["Vary"]
    picture = anybody.ask("GET", f"{files}/icon-192.png", headers=GZIP)
    assert "Content-Encoding" not in picture.headers


def test_scripts_come_without_their_comments_and_with_every_line_of_code(
    anybody: Visitor, files: str
) -> None:
    scripts = [path for path in STATIC.rglob("*.js") if path.parent.name != "vendor"]
    for path in scripts:
        written = path.read_text().splitlines()
        name = path.relative_to(STATIC).as_posix()
        sent = gzip.decompress(anybody.ask("GET", f"{files}/{name}", headers=GZIP).data).decode().splitlines()

        assert len(sent) == len(written), name
        left_out = [line.strip() for line, other in zip(written, sent, strict=True) if line != other]
        assert all(line.startswith(("/**", "*")) for line in left_out), name
        assert not any(line.startswith("/**") and line.endswith("*/") for line in sent), name


def test_a_page_of_another_build_gets_what_there_is_and_asks_again_next_time(anybody: Visitor) -> None:
    address = f"/static/build-0123456789ab/{STYLE}"
    answer = anybody.ask("GET", address, headers=GZIP)
    again = anybody.ask("GET", address, headers=GZIP | {"If-None-Match": answer.headers["ETag"]})

    assert answer.headers["Cache-Control"] == "no-cache"
    assert gzip.decompress(answer.data) == (STATIC / STYLE).read_bytes()
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "../templates/base.html", "%2e%2e/app.py", "css/", ""])
def test_nothing_else_is_served(anybody: Visitor, files: str, name: str) -> None:
    assert anybody.ask("GET", f"{files}/{name}").status_code == 404


def test_no_script_names_an_address_outside_of_its_build() -> None:
    """A module that is loaded by two addresses is there twice, each with a state of its own."""
    scripts = list((STATIC / "js").rglob("*.js"))
    assert len(scripts) > 50
    for script in scripts:
        assert not re.search(r"(from|import\()\s*'/", script.read_text("utf-8")), script
