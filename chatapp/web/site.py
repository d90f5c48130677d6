"""The site: everything the HTTP edge is made of, put together once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask

from chatapp import limits
from chatapp.access import Access
from chatapp.files.uploads import Uploads
from chatapp.identity import People, Proxies, SignInCookie
from chatapp.limits.rates import Rates
from chatapp.metrics import Metrics
from chatapp.web.arrival import Arrival, OwnNames, is_local
from chatapp.web.documents import make_documents
from chatapp.web.errors import answer_errors
from chatapp.web.files import FileServer, make_files
from chatapp.web.health import make_health
from chatapp.web.opening import Openings
from chatapp.web.own_address import address_for_others
from chatapp.web.page_files import Bundles, PageFiles
from chatapp.web.pages import base, make_pages
from chatapp.web.rooms import make_rooms
from chatapp.web.rooms_api import RoomsApi, Send
from chatapp.web.security import protect
from chatapp.web.session import make_session
from chatapp.web.static_files import make_static_files
from chatapp.web.uploads import make_uploads
from chatapp.web.words import span_in_words


@dataclass(frozen=True, kw_only=True)
class Site:
    """What the factory hands in. Callables may block their greenlet.

    ``not_ready`` says why this node should get no traffic now, in a word, or None, ``relay_trouble`` why
    it does not hear the others; ``now_ms`` is the database's clock; ``retention_ms`` is for how long
    messages are kept and ``upload_max_bytes`` how large a file may be, both of which the pages say,
    the latter None where none are taken; ``listens_on`` is the address of the server's own socket,
    ``public_url`` the one that people open, if one was set; ``has_uploads``: this server takes files.
    """

    people: People
    send: Send
    access: Access
    not_ready: Callable[[], str | None]
    relay_trouble: Callable[[], str | None]
    now_ms: Callable[[], int]
    retention_ms: int
    upload_max_bytes: int | None
    rates: Rates
    proxies: Proxies
    cookie: SignInCookie
    listens_on: str
    public_url: str | None
    allowed_origins: Collection[str]
    metrics: Metrics
    on_renamed: Callable[[str, str], None]
    page_files: PageFiles
    has_uploads: bool = False
    files: FileServer | None = None
    uploads: Uploads | None = None


def install(app: Flask, site: Site) -> None:
    """Register every route, header and error answer on the app."""
    _guard(app, site)
    _prepare_templates(app, site)
    _show_pages(app, site)
    _offer_api(app, site)
    if site.files is not None:
        app.register_blueprint(make_files(site.files))
    app.register_blueprint(
        make_health(not_ready=site.not_ready, relay_trouble=site.relay_trouble, metrics=site.metrics)
    )
    app.register_blueprint(make_documents())


def _guard(app: Flask, site: Site) -> None:
    """What each request and answer passes through."""
    app.config["MAX_CONTENT_LENGTH"] = limits.FRAME_BYTES
    if is_local(site.listens_on):
        app.wsgi_app = OwnNames(app.wsgi_app, site.proxies, site.metrics)  # type: ignore[method-assign]
    protect(app, cookie=site.cookie, allowed_origins=site.allowed_origins)
    app.wsgi_app = Arrival(app.wsgi_app, site.proxies)  # type: ignore[method-assign]
    answer_errors(app, site.metrics)


def _prepare_templates(app: Flask, site: Site) -> None:
    app.context_processor(lambda: _addresses(site.page_files))
    app.jinja_env.globals["retention_ms"] = site.retention_ms
    app.jinja_env.globals["upload_max_bytes"] = site.upload_max_bytes
    app.jinja_env.filters["span_in_words"] = span_in_words


def _show_pages(app: Flask, site: Site) -> None:
    others_at = partial(address_for_others, listens_on=site.listens_on, public_url=site.public_url)
    openings = Openings(
        people=site.people,
        access=site.access,
        rates=site.rates,
        now_ms=site.now_ms,
        address_of=site.proxies.address_of,
    )
    app.register_blueprint(make_pages(site.page_files.build, openings, site.cookie, others_at))
    if isinstance(site.page_files, Bundles):
        app.register_blueprint(make_static_files(site.page_files, Path(app.static_folder or "")))


def _offer_api(app: Flask, site: Site) -> None:
    session = make_session(
        people=site.people,
        rates=site.rates,
        proxies=site.proxies,
        cookie=site.cookie,
        on_renamed=site.on_renamed,
    )
    api = RoomsApi(
        people=site.people,
        send=site.send,
        access=site.access,
        rates=site.rates,
        proxies=site.proxies,
        cookie=site.cookie,
        has_uploads=site.has_uploads,
    )
    for part in (session, make_rooms(api), make_uploads(api, site.uploads)):
        app.register_blueprint(part)


def _addresses(page_files: PageFiles) -> dict[str, object]:
    """What templates make addresses from, below the path that the chat lies under."""
    path = base()
    return {
        "base": path,
        "address_of": lambda name: path + page_files.path_of(name),
        "preloads": lambda *names: [path + file for file in page_files.preloads(*names)],
    }
