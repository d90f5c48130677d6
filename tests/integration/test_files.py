"""Files as a real node serves them: to whom, what of them, and what a browser may do with it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from chatapp.files.objects import open_objects
from chatapp.limits import FILES_PER_USER
from chatapp.store.models import GONE, LOOKING, RECEIVING, REFUSED
from chatapp.store.uploads.uploads import as_text
from tests.running import Nodes, RunningNode
from tests.s3_servers import s3_server
from tests.served_files import ServedFiles

__all__ = ["s3_server"]

FRIEND = "https://friend.example"
BYTES = bytes(range(251)) * 5_000  # 1.2 MB: three parts, and no unit is like another
NAMED = {"name": "paper.pdf"}


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers = response.status, response.headers
        self.body = response.read()

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["error"]["code"])


class Browser:
    """One connection, which is kept."""

    def __init__(self, node: RunningNode, token: str | None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)
        self._own = {} if token is None else {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        self._connection.close()

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, headers={**self._own, **said})
        return Answer(self._connection.getresponse())


@pytest.fixture(scope="module", params=["folder", "s3"])
def node(request: pytest.FixtureRequest, nodes: Nodes) -> Iterator[RunningNode]:
    settings = request.getfixturevalue("s3_server").settings if request.param == "s3" else {}
    with nodes.running(CHAT_ALLOWED_ORIGINS=FRIEND, **settings) as node:
        yield node


@pytest.fixture(scope="module")
def files(node: RunningNode, request: pytest.FixtureRequest) -> Iterator[ServedFiles]:
    is_s3 = "CHAT_UPLOADS_URL" in node.settings
    objects = request.getfixturevalue("s3_server").objects() if is_s3 else open_objects(None, node.folder)
    files = ServedFiles(f"sqlite:///{node.database}", objects)
    yield files
    files.close()


@pytest.fixture(scope="module")
def ana(node: RunningNode) -> dict[str, Any]:
    return node.sign_in("Ana")


@pytest.fixture(scope="module")
def bo(node: RunningNode) -> dict[str, Any]:
    return node.sign_in("Bo")


Visit = Callable[[str | None], Browser]


@pytest.fixture
def visit(node: RunningNode) -> Iterator[Visit]:
    with ExitStack() as stack:

        def open(token: str | None) -> Browser:
            return stack.enter_context(closing(Browser(node, token)))

        yield open


@pytest.fixture
def as_ana(visit: Visit, ana: dict[str, Any]) -> Browser:
    return visit(ana["token"])


@pytest.fixture
def as_bo(visit: Visit, bo: dict[str, Any]) -> Browser:
    return visit(bo["token"])


@pytest.fixture(scope="module")
def paper(files: ServedFiles, ana: dict[str, Any]) -> str:
    return files.put(BYTES, user_id=ana["user"]["id"])


# --- bytes ----------------------------------------------------------------------------------


def test_a_file_is_what_its_parts_are_one_behind_the_other(as_bo: Browser, paper: str) -> None:
    for _ in range(2):  # from the store, and from what was kept of it; and the connection goes on
        answer = as_bo.ask(f"/files/{paper}")
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(BYTES)))
        assert answer.body == BYTES


def test_a_head_says_the_same_and_has_no_body(as_bo: Browser, paper: str) -> None:
    whole, head = as_bo.ask(f"/files/{paper}"), as_bo.ask(f"/files/{paper}", "HEAD", Range="bytes=0-1")

    assert (head.status, head.body) == (200, b"")
    assert dict(head.headers) | {"Date": ""} == dict(whole.headers) | {"Date": ""}


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=262140-262150", 262_140, 262_151),
        ("bytes=524280-", 524_280, len(BYTES)),
        ("bytes=1000000-99999999", 1_000_000, len(BYTES)),
        ("bytes=-7", len(BYTES) - 7, len(BYTES)),
        ("bytes=-99999999", 0, len(BYTES)),
        ("BYTES = 5-6", 5, 7),
    ],
)
def test_a_range_is_answered_with_it(as_bo: Browser, paper: str, asked: str, start: int, end: int) -> None:
    answer = as_bo.ask(f"/files/{paper}", Range=asked)

    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(BYTES)}"
    assert answer.headers["Content-Length"] == str(end - start)
    assert answer.body == BYTES[start:end]


@pytest.mark.parametrize("asked", [f"bytes={len(BYTES)}-", "bytes=99999999-99999999999", "bytes=-0"])
def test_what_lies_behind_the_end_is_refused(as_bo: Browser, paper: str, asked: str) -> None:
    answer = as_bo.ask(f"/files/{paper}", Range=asked)

    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(BYTES)}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=-", "bytes=a-b", ""])
def test_what_is_no_range_that_we_know_is_passed_over(as_bo: Browser, paper: str, asked: str) -> None:
    assert as_bo.ask(f"/files/{paper}", Range=asked).status == 200


def test_a_download_goes_on_only_with_what_it_began_with(as_bo: Browser, paper: str) -> None:
    assert as_bo.ask(f"/files/{paper}", Range="bytes=5-9", If_Range=f'"{paper}"').status == 206
    assert as_bo.ask(f"/files/{paper}", Range="bytes=5-9", If_Range='"another"').status == 200
    assert as_bo.ask(f"/files/{paper}", Range="bytes=5-9", If_Range=f'W/"{paper}"').status == 200


def test_a_browser_that_has_it_is_told_so_after_it_was_asked_who_it_is(
    visit: Visit, as_bo: Browser, paper: str
) -> None:
    answer = as_bo.ask(f"/files/{paper}", If_None_Match=f'"{paper}"')

    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["ETag"] == f'"{paper}"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert visit(None).ask(f"/files/{paper}", If_None_Match=f'"{paper}"').status == 401


def test_an_empty_file_is_one(as_bo: Browser, files: ServedFiles, ana: dict[str, Any]) -> None:
    empty = files.put(b"", user_id=ana["user"]["id"])

    assert (as_bo.ask(f"/files/{empty}").status, as_bo.ask(f"/files/{empty}").body) == (200, b"")
    assert as_bo.ask(f"/files/{empty}", Range="bytes=0-").status == 416


def test_a_thumbnail_is_served_where_there_is_one(
    as_bo: Browser, files: ServedFiles, ana: dict[str, Any]
) -> None:
    picture = files.put(b"a picture", user_id=ana["user"]["id"], type="image/jpeg")
    made = files.thumbnail(picture, b"a small one")
    files.change(picture, words=as_text({"name": "beach.jpg", "thumbs": {"360": made}}))

    small = as_bo.ask(f"/files/{picture}/360")
    assert (small.status, small.body) == (200, b"a small one")
    assert small.headers["Content-Type"] == "image/webp"
    assert small.headers["ETag"] == f'"{picture}-360"'
    assert small.headers["Content-Disposition"] == 'inline; filename="beach-360.webp"'
    assert as_bo.ask(f"/files/{picture}/1080").code == "upload_unknown"
    assert as_bo.ask(f"/files/{picture}/720").status == 404


# --- who may ----------------------------------------------------------------------------------


def test_without_a_token_there_is_nothing(visit: Visit, paper: str) -> None:
    answer = visit(None).ask(f"/files/{paper}")

    assert (answer.status, answer.code) == (401, "unauthorized")


def test_the_cookie_of_the_page_will_do(visit: Visit, bo: dict[str, Any], paper: str) -> None:
    answer = visit(None).ask(f"/files/{paper}", Cookie=f"chat_token={bo['token']}")

    assert answer.status == 200


def test_what_is_not_sent_is_its_persons_alone(
    as_ana: Browser, as_bo: Browser, files: ServedFiles, ana: dict[str, Any]
) -> None:
    draft = files.put(b"bytes", user_id=ana["user"]["id"], message_seq=None, message_ts=None)

    assert as_ana.ask(f"/files/{draft}").body == b"bytes"
    assert (as_bo.ask(f"/files/{draft}").status, as_bo.ask(f"/files/{draft}").code) == (404, "upload_unknown")


def test_an_id_that_nobody_has_is_unknown(as_bo: Browser) -> None:
    for path in ("/files/nobody-has-this-one", "/files/nobody/360", "/files/%00", "/files/" + "x" * 3_000):
        assert as_bo.ask(path).status == 404
    assert as_bo.ask("/files/../app.py").status == 404


@pytest.mark.parametrize(
    ("columns", "status", "code"),
    [
        ({"state": RECEIVING}, 409, "upload_not_ready"),
        ({"state": LOOKING}, 409, "upload_not_ready"),
        ({"state": REFUSED}, 409, "upload_refused"),
        ({"state": GONE}, 410, "upload_gone"),
        ({"message_ts": 1}, 410, "upload_gone"),
        ({"message_seq": None, "message_ts": None, "created_at": 1}, 410, "upload_gone"),
    ],
)
def test_what_is_not_ready_or_gone_is_said_to_be_so(
    as_ana: Browser,
    files: ServedFiles,
    ana: dict[str, Any],
    columns: dict[str, Any],
    status: int,
    code: str,
) -> None:
    upload = files.put(b"bytes", user_id=ana["user"]["id"], **columns)

    for more in ({}, {"If_None_Match": f'"{upload}"'}):
        answer = as_ana.ask(f"/files/{upload}", **more)
        assert (answer.status, answer.code) == (status, code)
        assert b"bytes" not in answer.body


def test_a_person_who_opens_what_is_gone_is_shown_a_page(
    as_bo: Browser, files: ServedFiles, ana: dict[str, Any]
) -> None:
    gone = files.put(b"bytes", user_id=ana["user"]["id"], state=GONE)

    answer = as_bo.ask(f"/files/{gone}", Accept="text/html,*/*")
    assert answer.status == 410
    assert b"This is gone" in answer.body


def test_bytes_that_are_missing_are_refused_and_not_cut_off(
    as_bo: Browser, files: ServedFiles, ana: dict[str, Any]
) -> None:
    upload = files.put(b"bytes", user_id=ana["user"]["id"])
    files.objects.delete([f"{upload}/0-x"])

    assert as_bo.ask(f"/files/{upload}").code == "upload_unknown"


def test_an_answer_whose_bytes_are_lost_on_the_way_ends_before_its_length(
    as_bo: Browser, files: ServedFiles, ana: dict[str, Any]
) -> None:
    upload = files.put(BYTES, user_id=ana["user"]["id"])
    files.objects.delete([f"{upload}/{2 * 512 * 1024}-x"])

    with pytest.raises(http.client.IncompleteRead):
        as_bo.ask(f"/files/{upload}")


# --- an address without a token ---------------------------------------------------------------


def test_an_address_works_for_whom_it_was_made_without_a_token(
    visit: Visit, as_ana: Browser, as_bo: Browser, files: ServedFiles, ana: dict[str, Any]
) -> None:
    draft = files.put(b"bytes", user_id=ana["user"]["id"], message_seq=None, message_ts=None)

    told = json.loads(as_ana.ask(f"/api/files/{draft}/address").body)

    assert told["ok"]
    assert told["expires_at"] == pytest.approx(time.time() * 1000 + 600_000, abs=60_000)
    assert visit(None).ask(told["address"]).body == b"bytes"
    assert as_bo.ask(f"/api/files/{draft}/address").code == "upload_unknown"


def test_nothing_of_an_address_can_be_exchanged(
    visit: Visit,
    as_ana: Browser,
    files: ServedFiles,
    ana: dict[str, Any],
    bo: dict[str, Any],
    paper: str,
) -> None:
    other = files.put(b"bytes", user_id=ana["user"]["id"])
    address = json.loads(as_ana.ask(f"/api/files/{paper}/address").body)["address"]
    stranger = visit(None)

    assert stranger.ask(address).status == 200
    query = address.partition("?")[2]
    for wrong in (
        f"/files/{other}?{query}",
        address.replace(ana["user"]["id"], bo["user"]["id"]),
        address.replace("e=", "e=9"),
        address[:-1] + ("A" if address[-1] != "A" else "B"),
        address.partition("&s=")[0] + "&s=",
        address.partition("&s=")[0] + "&s=%FF%00",
        address.partition("&s=")[0] + "&s=" + "x" * 3_000,
        f"/files/{paper}?s=x",
        f"/files/{paper}?s=x&e=x&u=",
    ):
        answer = stranger.ask(wrong)
        assert (answer.status, answer.code) == (401, "unauthorized"), wrong


def test_an_address_ends_with_its_person(node: RunningNode, visit: Visit, paper: str) -> None:
    cy = visit(node.sign_in("Cy")["token"])
    address = json.loads(cy.ask(f"/api/files/{paper}/address").body)["address"]
    assert visit(None).ask(address).status == 200

    assert cy.ask("/api/session", "DELETE").status == 200

    assert visit(None).ask(address).code == "unauthorized"


# --- what a browser is told -------------------------------------------------------------------


def test_every_file_says_that_it_is_what_it_is_called_and_ours_alone(as_bo: Browser, paper: str) -> None:
    headers = as_bo.ask(f"/files/{paper}").headers

    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Cross-Origin-Resource-Policy") == ["same-origin"]
    assert headers.get_all("Cache-Control") == ["private, no-cache"]
    assert headers.get_all("Content-Security-Policy") == ["sandbox; default-src 'none'"]
    assert headers.get_all("Accept-Ranges") == ["bytes"]
    assert headers["ETag"] == f'"{paper}"'


@pytest.mark.parametrize(
    ("type", "way", "policy"),
    [
        ("image/jpeg", "inline", "img-src 'self'"),
        ("image/webp", "inline", "img-src 'self'"),
        ("video/mp4", "inline", "media-src 'self'"),
        ("audio/mpeg", "inline", "media-src 'self'"),
        ("image/svg+xml", "attachment", None),
        ("image/heic", "attachment", None),
        ("text/html", "attachment", None),
        ("application/xhtml+xml", "attachment", None),
        ("application/pdf", "attachment", None),
        ("text/plain", "attachment", None),
        ("application/octet-stream", "attachment", None),
    ],
)
def test_only_our_pictures_and_what_is_played_are_shown(
    as_bo: Browser, files: ServedFiles, ana: dict[str, Any], type: str, way: str, policy: str | None
) -> None:
    upload = files.put(b"<script>alert(1)</script>", user_id=ana["user"]["id"], type=type, words=NAMED)

    headers = as_bo.ask(f"/files/{upload}").headers

    assert headers["Content-Disposition"] == f'{way}; filename="paper.pdf"'
    assert headers["Content-Type"] == type
    (said,) = headers.get_all("Content-Security-Policy") or []
    styles = "; style-src 'unsafe-inline'"
    of_files = "sandbox; default-src 'none'"
    if policy == "media-src 'self'":
        assert said == f"sandbox allow-same-origin; default-src 'none'; {policy}{styles}"
    else:
        assert said == (f"{of_files}; {policy}{styles}" if policy else of_files)


@pytest.mark.parametrize(
    "name",
    [
        'a"b\\c.txt',
        "a\r\nSet-Cookie: x=1\r\n\r\n<script>.txt",
        "Bericht 🙂 über ½.pdf",
        "é" * 127 + "x",
        "../../etc/passwd",
        "%41.txt",
        "",
    ],
)
def test_no_name_is_more_than_a_name(
    as_bo: Browser, files: ServedFiles, ana: dict[str, Any], name: str
) -> None:
    upload = files.put(b"bytes", user_id=ana["user"]["id"], words={"name": "x"})
    files.change(upload, words=json.dumps({"name": name}))

    answer = as_bo.ask(f"/files/{upload}")

    assert answer.status == 200, answer.body
    assert answer.body == b"bytes"
    assert "Set-Cookie" not in answer.headers
    value = answer.headers["Content-Disposition"]
    assert value.startswith('attachment; filename="')
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2


def test_only_listed_sites_may_read_a_file(as_bo: Browser, paper: str) -> None:
    for origin, may in ((FRIEND, True), ("https://evil.example", False)):
        answer = as_bo.ask(f"/files/{paper}", Origin=origin)
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may else None)
        assert "Origin" in answer.headers["Vary"]
    asked = as_bo.ask(
        f"/files/{paper}", "OPTIONS", Origin=FRIEND, Access_Control_Request_Headers="authorization"
    )
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]


def test_nothing_is_done_to_a_file_at_its_address(as_ana: Browser, paper: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert as_ana.ask(f"/files/{paper}", method).status == 405


def test_somebody_who_asks_without_end_is_asked_to_wait(node: RunningNode, visit: Visit, paper: str) -> None:
    cy = visit(node.sign_in("Cy")["token"])

    answers = [cy.ask(f"/files/{paper}", "HEAD")]
    while answers[-1].status == 200:
        answers.append(cy.ask(f"/files/{paper}", "HEAD"))
        assert len(answers) < 20 * FILES_PER_USER.burst

    assert len(answers) > FILES_PER_USER.burst
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
