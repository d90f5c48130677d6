"""The files that pages are made of, by the names that templates give them: `bundle.js` has the list.

People load bundles: few files, small ones, and with names that hold what is in them. They are read once, so
that a node goes on giving out its own while others are made on its disk. Who works on the page switches them
off (`CHAT_BUNDLES`), and a browser loads the sources as they lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from chatapp.web.build import build_of
from chatapp.web.modules import modules_of

DIST = "dist"
_BUNDLED = ("js", "css", "vendor", DIST)
_PACKED = {"br": ".br", "gzip": ".gz"}  # the smaller one first
_TEXTS = (".js", ".css")
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
}


class NotBundled(Exception):
    """There is no list of the bundles, which also says where the sources are."""


class Entry(msgspec.Struct, frozen=True):
    """What a template names: the path of its source, the bundle made of it, and those that come with that."""

    source: str
    file: str
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A file as it was made, and packed: by content coding, the smallest first. A picture is not packed."""

    plain: bytes
    packed: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Bundles:
    """``files`` are those that an entry has become, or needs, or opens now and then, by name."""

    build: str
    entries: Mapping[str, Entry]
    files: Mapping[str, Bundle]

    def path_of(self, name: str) -> str:
        """Where a page finds an entry."""
        return f"/static/{DIST}/{self.entries[name].file}"

    def preloads(self, *names: str) -> list[str]:
        """These scripts and all that they need at once, each once."""
        entries = [self.entries[name] for name in names]
        own = [entry.file for entry in entries]
        return [f"/static/{DIST}/{file}" for file in dict.fromkeys([*own, *_all(e.needs for e in entries)])]


@dataclass(frozen=True, kw_only=True)
class Sources:
    build: str
    entries: Mapping[str, Entry]
    static: Path

    def path_of(self, name: str) -> str:
        return f"/static/{self.entries[name].source}"

    def preloads(self, *names: str) -> list[str]:
        return [
            f"/static/{path}" for path in modules_of(self.static, *(self.entries[n].source for n in names))
        ]


PageFiles = Bundles | Sources


@cache
def read_page_files(static: Path, templates: Path, *, is_bundled: bool) -> PageFiles:
    """Raises ``NotBundled``."""
    manifest = static / DIST / "manifest.json"
    try:
        entries = msgspec.json.decode(manifest.read_bytes(), type=dict[str, Entry])
    except FileNotFoundError:
        raise NotBundled(f"{manifest} is not there: `make setup` makes the page's bundles.") from None
    pictures = sorted(path for path in static.iterdir() if path.name not in _BUNDLED)
    if is_bundled:
        build = build_of(templates, manifest, *pictures)
        return Bundles(build=build, entries=entries, files=_read(manifest.parent))
    build = build_of(templates, static / "js", static / "css", *pictures)
    return Sources(build=build, entries=entries, static=static)


def _read(folder: Path) -> dict[str, Bundle]:
    return {path.name: _bundle(path) for path in folder.iterdir() if path.suffix in KINDS}


def _bundle(path: Path) -> Bundle:
    ends = _PACKED if path.suffix in _TEXTS else {}
    packed = {coding: Path(f"{path}{end}").read_bytes() for coding, end in ends.items()}
    return Bundle(plain=path.read_bytes(), packed=packed)


def _all(lists: Iterable[Iterable[str]]) -> list[str]:
    return [one for each in lists for one in each]
