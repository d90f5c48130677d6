"""The pages: where one chooses a room, and the room. A room's page has exactly one address."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from chatapp.web.bodies import room_id_of


def make_pages() -> Blueprint:
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def landing() -> str:
        return render_template("index.html")

    @pages.get("/chat")
    @pages.get("/chat/")
    def no_room() -> Response:
        return redirect("/")

    @pages.get("/chat/<path_part>")
    def room(path_part: str) -> str | Response:
        room_id = room_id_of(path_part)
        if room_id != path_part:  # another spelling of the same id
            return redirect(f"/chat/{quote(room_id, safe='')}")
        return render_template("chat.html", room_id=room_id)

    return pages
