"""What pages are made of, on the way: browsers keep a bundle for ever, as its name holds what is in it.

All else under ``/static/`` is Flask's own to send: what the app's manifest names, and the sources.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from chatapp.web.page_files import DIST, KINDS, Bundle, Bundles

FOR_EVER = "public, max-age=31536000, immutable"


def make_static_files(bundles: Bundles, folder: Path) -> Blueprint:
    files = Blueprint("files", __name__)

    @files.get(f"/static/{DIST}/<name>")
    def bundle(name: str) -> Response:
        if name not in bundles.files:  # a map, which only tools ask for; or nothing
            return send_from_directory(folder / DIST, name)
        return _sent(name, bundles.files[name], FOR_EVER)

    @files.get("/static/js/embed.js")
    def embed() -> Response:
        """The one address that pages of other sites know: each time they ask whether it is still the same."""
        name = bundles.entries["embed.js"].file
        return _sent(name, bundles.files[name], "no-cache")

    return files


def _sent(name: str, bundle: Bundle, cache_control: str) -> Response:
    coding = next((coding for coding in bundle.packed if request.accept_encodings[coding]), None)
    response = Response(bundle.plain if coding is None else bundle.packed[coding])
    response.mimetype = KINDS[Path(name).suffix]
    response.headers["Cache-Control"] = cache_control
    response.vary.add("Accept-Encoding")
    if coding is not None:
        response.headers["Content-Encoding"] = coding
    response.set_etag(name, weak=True)  # one for all forms
    response.make_conditional(request)
    return response
