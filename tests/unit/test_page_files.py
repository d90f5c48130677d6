"""The files of the pages: by name, as bundles or as sources, and read once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatapp.web.page_files import Bundle, Bundles, NotBundled, PageFiles, read_page_files

MANIFEST = {
    "who.js": {"source": "js/who.js", "file": "who-A.js", "needs": ["both-B.js"]},
    "room.js": {"source": "js/room.js", "file": "room-C.js", "needs": ["both-B.js", "late-D.js"]},
}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "dist").mkdir(parents=True)
    (static / "js").mkdir()
    (static / "css").mkdir()
    for name in ("who", "room"):
        (static / "js" / f"{name}.js").write_text("import { both } from './both.js';\n")
    (static / "js" / "both.js").write_text("")
    (static / "icon.svg").write_text("<svg/>")
    (static / "look").mkdir()
    (static / "look" / "room.webp").write_text("a picture")
    (static / "dist" / "manifest.json").write_text(json.dumps(MANIFEST))
    for name in ("who-A.js", "both-B.js", "room-C.js", "late-D.js"):
        for end in ("", ".br", ".gz"):
            (static / "dist" / (name + end)).write_text(name + end)
    (static / "dist" / "room-E.webp").write_text("a picture")
    (static / "dist" / "who-A.js.map").write_text("a map")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "room.html").write_text("<p>")
    return static


def read(static: Path, *, is_bundled: bool = True) -> PageFiles:
    read_page_files.cache_clear()  # a node asks once
    return read_page_files(static, static.parent / "templates", is_bundled=is_bundled)


def bundles_of(static: Path) -> Bundles:
    found = read(static)
    assert isinstance(found, Bundles)
    return found


def test_an_entry_is_found_by_its_name(static: Path) -> None:
    assert bundles_of(static).path_of("room.js") == "/static/dist/room-C.js"
    assert read(static, is_bundled=False).path_of("room.js") == "/static/js/room.js"


def test_what_is_needed_at_once_is_named_once_the_entries_first(static: Path) -> None:
    files = ["who-A.js", "room-C.js", "both-B.js", "late-D.js"]
    sources = ["who.js", "both.js", "room.js"]

    assert bundles_of(static).preloads("who.js", "room.js") == [f"/static/dist/{name}" for name in files]
    unbundled = read(static, is_bundled=False).preloads("who.js", "room.js")
    assert unbundled == [f"/static/js/{name}" for name in sources]


def test_a_node_gives_out_its_own_while_others_are_made(static: Path) -> None:
    found = bundles_of(static)
    shutil.rmtree(static / "dist")

    assert found.files["who-A.js"].plain == b"who-A.js"
    assert found.files["who-A.js"].packed == {"br": b"who-A.js.br", "gzip": b"who-A.js.gz"}
    assert found.files["room-E.webp"] == Bundle(plain=b"a picture", packed={})
    assert set(found.files) == {"who-A.js", "both-B.js", "room-C.js", "late-D.js", "room-E.webp"}


def test_without_the_list_of_bundles_it_is_said_what_makes_them(static: Path) -> None:
    (static / "dist" / "manifest.json").unlink()

    with pytest.raises(NotBundled, match="make setup"):
        read(static)


@pytest.mark.parametrize(
    ("changed", "is_bundled", "is_another"),
    [
        ("dist/manifest.json", True, True),
        ("icon.svg", True, True),
        ("look/room.webp", True, True),
        ("../templates/room.html", True, True),
        ("js/room.js", True, False),  # its bundle has another name if that matters
        ("dist/room-C.js.br", True, False),  # another version of Node may pack it in another way
        ("js/room.js", False, True),
    ],
)
def test_the_build_is_what_a_page_is_made_of(
    static: Path, changed: str, *, is_bundled: bool, is_another: bool
) -> None:
    before = read(static, is_bundled=is_bundled).build
    path = static / changed
    path.write_text(path.read_text() + " ")

    assert (read(static, is_bundled=is_bundled).build != before) == is_another
