"""The pages: where one chooses a room, and the room. A room's page has exactly one address.

A page is told whether the browser has shown a cookie, which no script can see: who has none need not ask
who they are. It brings what its reader will see first. So a page belongs to one person, and no
cache keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from chatapp.errors import RoomNotFound
from chatapp.identity import SignInCookie
from chatapp.protocol.rest import PageOpening, PeopleHere
from chatapp.web.bodies import room_id_of
from chatapp.web.compression import compress
from chatapp.web.credentials import keep_cookie
from chatapp.web.opening import Openings

_encode = msgspec.json.Encoder().encode


def make_pages(
    build: str,
    openings: Openings,
    cookie: SignInCookie,
    others_at: Callable[[Mapping[str, Any]], str | None],
) -> Blueprint:
    """``build`` is what a page compares with a server’s greeting; ``others_at`` says where others find it."""
    pages = Blueprint("pages", __name__)
    shown = Pages(build=build, openings=openings, cookie=cookie, others_at=others_at)
    pages.get("/")(shown.landing)
    pages.get("/chat")(no_room)
    pages.get("/chat/")(no_room)
    pages.get("/chat/<path_part>")(shown.room)
    pages.get("/chat/<path:path>")(no_such_room)
    return pages


@dataclass(frozen=True, kw_only=True)
class Pages:
    build: str
    openings: Openings
    cookie: SignInCookie
    others_at: Callable[[Mapping[str, Any]], str | None]

    def landing(self) -> Response:
        token = self.cookie.token(request.environ)
        returning = self.openings.returning(token) if token else None
        page = self._page("index.html", returning=returning, path_of=_path_of)
        return keep_cookie(page, token, self.cookie) if token and returning else page

    def room(self, path_part: str) -> Response | Redirect:
        room_id = room_id_of(path_part)
        if room_id != path_part:  # another spelling of the same id
            return redirect(_path_of(room_id))
        token = self.cookie.token(request.environ)
        opening = self.openings.opening(token, room_id, request.environ)
        known = opening if isinstance(opening, PageOpening) else None
        page = self._page(
            "chat.html",
            room_id=room_id,
            build=self.build,
            opening=_as_data(known),
            people_here=_as_data(opening if isinstance(opening, PeopleHere) else None),
            others_at=self.others_at(request.environ),
        )
        return keep_cookie(page, token, self.cookie) if token and known else page

    def _page(self, template: str, **about: object) -> Response:
        shows_cookie = self.cookie.is_shown(request.environ)
        page = Response(render_template(template, shows_cookie=shows_cookie, **about))
        page.headers["Cache-Control"] = "no-store"
        return compress(page)


def no_room() -> Redirect:
    return redirect(f"{base()}/")


def no_such_room(path: str) -> Redirect:
    room = path.rstrip("/")
    if "/" not in room:  # as some put a slash behind every address
        return redirect(_path_of(room_id_of(room)))
    raise RoomNotFound("A room’s name has no “/”.")


def base() -> str:
    """The path that the chat lies under, which all its addresses begin with: blank, or such as ``/talk``."""
    return request.script_root


def _path_of(room_id: str) -> str:
    return f"{base()}/chat/{quote(room_id, safe='')}"


def _as_data(opening: PageOpening | PeopleHere | None) -> Markup | None:
    """As JSON inside of a page: nothing in it can end the element that it stands in."""
    if opening is None:
        return None
    return Markup(_encode(opening).decode().replace("<", "\\u003c"))
