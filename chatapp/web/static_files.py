"""What pages are made of: small on the way, and kept by a browser for as long as the build is the same.

The address of a file holds the build. So whoever comes back asks for nothing but the page, and a new
build has new addresses. Scripts load each other by relative addresses, so all of them share the page's.
What is written in them for who reads the code is left out where they are compressed.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from chatapp.web.compression import may_compress

FOR_EVER = "public, max-age=31536000, immutable"
_TEXTS = (".js", ".css", ".svg")
_FILES_KEPT = 256
_VENDOR = "vendor"  # with licences in their comments
_COMMENT = re.compile(rb"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$", re.MULTILINE | re.DOTALL)


def folder_of(build: str) -> str:
    """Where a page of this build finds its files."""
    return f"/static/build-{build}"


def make_static_files(folder: Path, build: str) -> Blueprint:
    files = Blueprint("files", __name__)

    @files.get("/static/build-<asked>/<path:name>")
    def file(asked: str, name: str) -> Response:
        response = send_from_directory(folder, name)
        if asked == build:  # or a page of another node, or of yesterday: it gets what there is now
            response.headers["Cache-Control"] = FOR_EVER
        if name.endswith(_TEXTS) and may_compress(response):
            _compress(response, folder / name)
        return response

    return files


def _compress(response: Response, path: Path) -> None:
    response.close()  # the file it was about to send
    response.direct_passthrough = False
    response.set_data(_compressed(path, path.stat().st_mtime_ns))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    response.set_etag(etag or "", weak=True)  # another form of the same file


@lru_cache(_FILES_KEPT)
def _compressed(path: Path, _changed_ns: int) -> bytes:
    text = path.read_bytes()
    if path.suffix == ".js" and path.parent.name != _VENDOR:
        text = _COMMENT.sub(_only_its_lines, text)
    return gzip.compress(text)


def _only_its_lines(comment: re.Match[bytes]) -> bytes:
    """They are a third of what a script weighs. An error still names the right line."""
    return b"\n" * comment[0].count(b"\n")
