"""The pages: where one chooses a room, and the room. A room's page has exactly one address.

A page is told whether the browser has shown a cookie, which no script can see: who has none need not ask
who they are. So a page belongs to one person, and no cache keeps it.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from chatapp.errors import RoomNotFound
from chatapp.identity import COOKIE_NAME
from chatapp.web.bodies import room_id_of


def make_pages(build: str) -> Blueprint:
    """``build`` is what a page compares with a server’s greeting."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def landing() -> Response:
        return _page("index.html")

    @pages.get("/chat")
    @pages.get("/chat/")
    def no_room() -> Redirect:
        return redirect("/")

    @pages.get("/chat/<path_part>")
    def room(path_part: str) -> Response | Redirect:
        room_id = room_id_of(path_part)
        if room_id != path_part:  # another spelling of the same id
            return redirect(f"/chat/{quote(room_id, safe='')}")
        return _page("chat.html", room_id=room_id, build=build)

    @pages.get("/chat/<path:_path>")
    def no_such_room(_path: str) -> Redirect:
        raise RoomNotFound("A room’s name has no “/”.")

    return pages


def _page(template: str, **about: str) -> Response:
    page = Response(render_template(template, shows_cookie=COOKIE_NAME in request.cookies, **about))
    page.headers["Cache-Control"] = "no-store"
    return page
