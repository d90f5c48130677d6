"""The chat under a path of a host, behind a real nginx with TLS and HTTP/2, in a real browser.

The first is the recipe of docs/operations.md as it stands; the others are what people have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from chatapp.client import ChatClient
from cluster.databases import free_port
from faults.front import running_nginx
from tests.e2e.people import DESKTOP, ELSEWHERE, PHONE, People
from tests.nginx import WHOLE, needs_nginx
from tests.running import ROOT, Nodes, RunningNode
from tests.tls import Authority

pytestmark = needs_nginx

[RECIPE] = re.findall(r"```nginx\n(map .*?)```", (ROOT / "docs" / "operations.md").read_text(), re.DOTALL)
SERVER = """
map $http_upgrade $connection_header {{ "" ""; default upgrade; }}
server {{
    listen 443 ssl;
    ssl_certificate chain.pem;
    ssl_certificate_key key.pem;
    location /talk/ {{
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_header;
        {}
    }}
}}
"""
LOSES_ALL = SERVER.format("proxy_pass http://127.0.0.1:8000/;")
SAYS_ALL = SERVER.format(
    """proxy_pass http://127.0.0.1:8000/;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port $server_port;
        proxy_set_header X-Forwarded-Prefix /talk;"""
)


@dataclass(frozen=True)
class UnderAPath:
    """As people see it from outside."""

    url: str
    node: RunningNode


@contextmanager
def behind(
    nodes: Nodes, folder: Path, configuration: str, *, path: str = "/talk", knows_its_address: bool = True
) -> Iterator[UnderAPath]:
    port = free_port()
    url = f"https://{ELSEWHERE}:{port}{path}"
    certificate, key = Authority(folder).certificate(ELSEWHERE)
    settings = {"CHAT_PUBLIC_URL": url if knows_its_address else "", "CHAT_RATE_LIMITS": "off"}
    with nodes.running(**settings, CHAT_TRUSTED_PROXIES="127.0.0.1") as node:
        part = configuration.replace("127.0.0.1:8000", f"127.0.0.1:{node.port}")
        part = part.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl http2;")
        part = part.replace("chain.pem", certificate).replace("key.pem", key)
        with running_nginx(folder, WHOLE.format(part=part), port):
            yield UnderAPath(url, node)


NO_AUTHORITY: dict[str, Any] = {"ignore_https_errors": True}


@pytest.mark.parametrize(
    ("configuration", "path", "knows_its_address"),
    [
        pytest.param(RECIPE, "/talk", True, id="the recipe"),
        pytest.param(LOSES_ALL, "/talk", True, id="loses host, scheme and path"),
        pytest.param(SAYS_ALL, "/talk", False, id="says host, scheme, port and path"),
        pytest.param(LOSES_ALL.replace("/talk/", "/"), "", True, id="loses host and scheme, has no path"),
    ],
)
def test_two_people_find_each_other_whatever_the_proxy_says(
    people: People,
    nodes: Nodes,
    room: str,
    tmp_path: Path,
    configuration: str,
    path: str,
    knows_its_address: bool,
) -> None:
    with behind(nodes, tmp_path, configuration, path=path, knows_its_address=knows_its_address) as site:
        ana = people.person("Ana", DESKTOP, **NO_AUTHORITY)
        asked: list[str] = []
        ana.page.on("request", lambda request: asked.append(request.url))
        sockets: list[str] = []
        ana.page.on("websocket", lambda socket: sockets.append(socket.url))

        ana.page.goto(f"{site.url}/")
        ana.page.get_by_test_id("landing-name").fill("Ana")
        ana.page.get_by_test_id("landing-room").fill(f"{site.url}/chat/{room}")
        ana.page.get_by_test_id("landing-room").press("Enter")
        ana.is_online()
        assert ana.page.url == f"{site.url}/chat/{room}"
        assert ana.page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
        [cookie] = ana.context.cookies()
        assert cookie["name"].startswith("__Host-chat_token_")
        assert cookie["path"] == "/"

        ben = people.person("Ben", PHONE, **NO_AUTHORITY)
        ben.enter_as_a_stranger(site, room)
        ana.say("under a path")
        expect(ben.message("under a path")).to_be_visible()
        assert [url.partition("?")[0] for url in sockets] == [f"wss{site.url[5:]}/socket.io/"]

        ana.page.reload()
        expect(ana.message("under a path")).to_be_visible()
        ana.page.locator("#all-rooms").click()
        row = ana.page.locator("#visited-rooms a")
        expect(row).to_have_attribute("href", f"{path}/chat/{room}")
        manifest = ana.page.evaluate(
            "fetch(document.querySelector('[rel=manifest]').href).then((it) => it.json())"
        )
        assert manifest["start_url"] == "../"
        assert [url for url in asked if not url.startswith(f"{site.url}/")] == []


def test_a_path_has_its_pages_its_links_and_a_way_in_for_programs(
    people: People, nodes: Nodes, room: str, tmp_path: Path
) -> None:
    with behind(nodes, tmp_path, RECIPE) as site:
        ana = people.person("Ana", DESKTOP, **NO_AUTHORITY)
        ana.page.goto(site.url)
        assert ana.page.url == f"{site.url}/"
        ana.page.goto(f"{site.url}/docs")
        ana.page.get_by_role("link", name="openapi.json").click()
        expect(ana.page).to_have_url(f"{site.url}/docs/openapi.json")
        ana.enter_as_a_stranger(site, room)
        ana.say("a message with a link")
        ana.all_is_sent()

        script = """([site, room]) => import(`${site}/static/js/embed.js`)
            .then(({ openRoom }) => openRoom({ room, name: 'Eve' }))
            .then((opened) => opened.send('from another site'))"""
        ana.page.evaluate(script, [site.url, room])
        expect(ana.message("from another site")).to_be_visible()
        with ChatClient(f"{site.node.url}/talk", name="Cy") as cy:
            cy.connect()
            cy.join(room)
            cy.send(room, "from a program")
            expect(ana.message("from a program")).to_be_visible()

        ana.page.goto(f"{site.url}/chat/{room}#s1")
        expect(ana.message("a message with a link")).to_be_visible()
        ana.page.goto(f"{site.url}/nothing")
        ana.page.get_by_role("link", name="Choose a room").click()
        expect(ana.page.locator("#visited-rooms a")).to_be_visible()
