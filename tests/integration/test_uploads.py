"""Files on their way into a room, at a node as it really runs: whole, broken off, and in bad faith."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from io import BytesIO
from typing import Any

import pytest
from tusclient.client import TusClient

from chatapp.client.uploads import Gone, Transfer
from tests.running import Nodes, RunningNode, until
from tests.uploading import Uploader, lying, metadata

MIB = 1 << 20
FILE = os.urandom(3 * MIB + 12_345)


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


@pytest.fixture
def ana(node: RunningNode) -> Uploader:
    return Uploader(node.url, node.sign_in("Ana")["token"])


@pytest.fixture
def ben(node: RunningNode) -> Uploader:
    return Uploader(node.url, node.sign_in("Ben")["token"])


def begun(who: Uploader, size: int = len(FILE), **more: Any) -> str:
    answer = who.begin(size, **more)
    assert answer.status == 201, answer
    return answer.headers["location"]


def stored(node: RunningNode, path: str) -> bytes:
    """What lies there of a file, by its row."""
    upload_id = path.rpartition("/")[2]
    with closing(sqlite3.connect(node.database)) as database:
        rows = database.execute("SELECT parts FROM uploads WHERE upload_id = ?", (upload_id,)).fetchall()
    ((parts,),) = rows
    return b"".join((node.folder / "uploads" / name).read_bytes() for name, _ in json.loads(parts))


def bytes_lying(node: RunningNode, path: str) -> int:
    """What goes meanwhile does not count."""
    size = 0
    for file in lying(node, path):
        with suppress(FileNotFoundError):
            size += file.stat().st_size
    return size


# --- whole ----------------------------------------------------------------------------


def test_a_small_file_takes_one_request(node: RunningNode, ana: Uploader) -> None:
    answer = ana.begin(5, b"hello", **metadata(filename="notes.txt", filetype="text/plain"))

    assert (answer.status, answer.offset) == (201, 5)
    said = answer.json
    assert (said["state"], said["received"], said["size"]) == ("ready", 5, 5)
    assert said["upload"] == {"id": said["id"], "name": "notes.txt", "type": "text/plain", "size": 5}
    assert answer.headers["location"] == f"/api/uploads/{said['id']}"
    assert "upload-expires" in answer.headers
    assert stored(node, answer.headers["location"]) == b"hello"
    assert ana.status(answer.headers["location"]) == said


def test_a_large_file_comes_by_a_client_of_others(node: RunningNode, ana: Uploader) -> None:
    client = TusClient(f"{node.url}/api/rooms/lobby/uploads", headers=ana.bearer)
    uploader = client.uploader(
        file_stream=BytesIO(FILE),
        chunk_size=MIB,
        metadata={"filename": "data.bin", "filetype": "application/x-ours"},
        upload_checksum=True,
    )

    uploader.upload()

    path = str(uploader.url).removeprefix(node.url)
    assert stored(node, path) == FILE
    assert ana.status(path)["upload"]["name"] == "data.bin"


def test_what_is_offered_is_said_to_anybody(node: RunningNode) -> None:
    stranger = Uploader(node.url, "")
    answer = stranger.ask("OPTIONS", "/api/rooms/lobby/uploads", Authorization="")

    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,creation-with-upload,expiration,termination,checksum"
    assert answer.headers["tus-max-size"] == str(25 * MIB)
    assert "sha1" in answer.headers["tus-checksum-algorithm"].split(",")


def test_a_head_says_where_it_is_and_what_it_was_called(ana: Uploader) -> None:
    said: dict[str, Any] = metadata(filename="é.txt", filetype="text/plain", alt="two\nlines")
    answer = ana.ask("HEAD", begun(ana, **said))

    assert (answer.status, answer.offset, answer.headers["upload-length"]) == (200, 0, str(len(FILE)))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["upload-metadata"] == said["Upload-Metadata"]


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_it_goes_on_by_patch_or_by_what_stands_for_it(node: RunningNode, ana: Uploader, method: str) -> None:
    path = begun(ana)
    override = "PATCH" if method == "POST" else ""
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = ana.send(method, path, FILE, headers | {"X-HTTP-Method-Override": override})

    assert (answer.status, answer.offset, answer.body) == (204, len(FILE), b"")
    assert stored(node, path) == FILE


def test_a_picture_waits_to_be_looked_at(ana: Uploader) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + FILE[:5000]
    answer = ana.begin(len(picture), picture, **metadata(filename="a.txt", filetype="text/plain"))

    assert answer.json["state"] in ("looking", "refused")
    assert "upload" not in answer.json


def test_a_type_is_told_by_its_first_bytes_however_they_come(ana: Uploader) -> None:
    headers: dict[str, Any] = metadata(filename="a.mp3", filetype="text/html")
    path = begun(ana, 6000, **headers)
    text = (b"%PDF-1.7\n" + b"x" * 6000)[:6000]
    for at in (0, 3, 4000):
        end = {0: 3, 3: 4000, 4000: 6000}[at]
        assert ana.patch(path, at, text[at:end]).status == 204

    assert ana.status(path)["upload"]["type"] == "application/pdf"


# --- broken off -------------------------------------------------------------------------


def test_broken_off_at_every_tenth_it_goes_on_from_where_it_was(node: RunningNode, ana: Uploader) -> None:
    path = begun(ana)
    at = 0
    for tenth in range(1, 10):
        end = len(FILE) * tenth // 10
        ana.break_off(path, at, len(FILE) - at, FILE[at:end])
        until(lambda end=end: ana.offset(path) == end)  # type: ignore[misc]
        at = end
    answer = ana.patch(path, at, FILE[at:])

    assert (answer.status, answer.offset) == (204, len(FILE))
    assert stored(node, path) == FILE


@pytest.mark.slow
def test_a_node_killed_between_two_pieces_goes_on(nodes: Nodes) -> None:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        ana = Uploader(node.url, node.sign_in("Ana")["token"])
        path = begun(ana)
        assert ana.patch(path, 0, FILE[:MIB]).status == 204
        with ana.raw() as connection:
            head = ana.head(path, MIB, f"Content-Length: {len(FILE) - MIB}")
            connection.sendall(head + FILE[MIB : 2 * MIB + 5])
            until(lambda: ana.offset(path) >= 2 * MIB)
            node.kill()
        node.start()
        ana.url = node.url

        at = ana.offset(path)
        assert 2 * MIB <= at <= 2 * MIB + 5
        assert ana.patch(path, at, FILE[at:]).offset == len(FILE)
        assert stored(node, path) == FILE


def test_of_two_at_once_one_wins_and_no_byte_is_counted_twice(node: RunningNode, ana: Uploader) -> None:
    """The newer one; or none, where a piece of the older was about to be stored."""
    path = begun(ana)
    length = f"Content-Length: {len(FILE)}"
    with ana.raw() as first, ana.raw() as second:
        for connection in (first, second):
            connection.sendall(ana.head(path, 0, length) + FILE[:-1])
        until(lambda: ana.offset(path))
        answers = []
        for connection in (first, second):
            with suppress(OSError):  # it may have been refused, and is not read any more
                connection.sendall(FILE[-1:])
            answers.append(connection.recv(200).split(b" ", 2)[1])

    assert sorted(answers) in ([b"204", b"409"], [b"409", b"409"])
    if b"204" not in answers:
        came = ana.offset(path)
        assert ana.patch(path, came, FILE[came:]).offset == len(FILE)
    assert stored(node, path) == FILE
    until(lambda: bytes_lying(node, path) == len(FILE))  # no part of the other's, once that was told so


def test_what_is_given_up_is_gone(node: RunningNode, ana: Uploader) -> None:
    path = begun(ana)
    ana.patch(path, 0, FILE[:MIB])
    assert lying(node, path)

    assert ana.ask("DELETE", path).status == 204
    assert lying(node, path) == []
    for answer in (ana.ask("HEAD", path), ana.patch(path, MIB, b"x"), ana.ask("DELETE", path)):
        assert answer.status == 404


def test_a_slow_line_keeps_what_it_has_brought(node: RunningNode, ana: Uploader) -> None:
    """What ten bytes a second bring is no piece; the line is closed, and it counts."""
    path = begun(ana)
    with ana.raw() as connection:
        connection.sendall(ana.head(path, 0, f"Content-Length: {len(FILE)}"))
        for at in range(10):
            connection.sendall(FILE[at : at + 1])
        assert ana.offset(path) == 0
    until(lambda: ana.offset(path) == 10)


# --- chunks, checksums ------------------------------------------------------------------


def test_a_body_in_chunks_is_one_too(node: RunningNode, ana: Uploader) -> None:
    path = begun(ana)
    assert ana.patch(path, 0, iter([FILE[:MIB], FILE[MIB:]])).offset == len(FILE)
    assert stored(node, path) == FILE


def test_more_than_was_announced_is_not_taken(node: RunningNode, ana: Uploader) -> None:
    path = begun(ana, MIB)
    lying = ana.patch(path, 0, FILE)
    in_chunks = ana.patch(path, 0, iter([FILE[: MIB // 2], FILE[: MIB // 2 + 1]]))

    assert (lying.status, lying.code) == (413, "upload_too_large")
    assert (in_chunks.status, in_chunks.code) == (413, "upload_too_large")
    assert ana.offset(path) == MIB, "what was within it stays"


def digest(body: bytes, algorithm: str = "sha1") -> str:
    return f"{algorithm} {b64encode(hashlib.new(algorithm, body).digest()).decode()}"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_what_is_not_what_its_checksum_says_is_not_kept(
    node: RunningNode, ana: Uploader, algorithm: str
) -> None:
    path = begun(ana)
    wrong = ana.patch(path, 0, FILE, Upload_Checksum=digest(FILE + b"x", algorithm))
    assert (wrong.status, wrong.code) == (460, "checksum_mismatch")
    assert (ana.offset(path), lying(node, path)) == (0, [])

    right = ana.patch(path, 0, FILE, Upload_Checksum=digest(FILE, algorithm))
    assert (right.status, right.offset) == (204, len(FILE))
    assert stored(node, path) == FILE


def test_what_is_refused_in_the_middle_leaves_nothing_of_a_checksum_s_body(
    node: RunningNode, ana: Uploader
) -> None:
    path = begun(ana, MIB)
    chunks = iter([FILE[:MIB], FILE[:MIB]])
    answer = ana.patch(path, 0, chunks, Upload_Checksum=digest(FILE))

    assert (answer.status, answer.code) == (413, "upload_too_large")
    assert (ana.offset(path), lying(node, path)) == (0, [])


def test_what_breaks_off_before_its_checksum_leaves_nothing(node: RunningNode, ana: Uploader) -> None:
    path = begun(ana)
    with ana.raw() as connection:
        head = ana.head(path, 0, f"Content-Length: {len(FILE)}", f"Upload-Checksum: {digest(FILE)}")
        connection.sendall(head + FILE[:MIB])
        until(lambda: len(lying(node, path)) == 2)
    until(lambda: not lying(node, path))
    assert ana.offset(path) == 0


# --- bad faith --------------------------------------------------------------------------

BAD_BEGINNINGS: dict[str, tuple[dict[str, str], int, str]] = {
    "no length": ({"Upload-Length": ""}, 400, "bad_request"),
    "a length that is none": ({"Upload-Length": "1e3"}, 400, "bad_request"),
    "a length below zero": ({"Upload-Length": "-1"}, 400, "bad_request"),
    "a length in other digits": ({"Upload-Length": "\u0663".encode().decode("latin-1")}, 400, "bad_request"),
    "nothing": ({"Upload-Length": "0"}, 400, "bad_request"),
    "too much": ({"Upload-Length": str(25 * MIB + 1)}, 413, "upload_too_large"),
    "beyond counting": ({"Upload-Length": "9" * 30}, 400, "bad_request"),
    "a length that is said later": ({"Upload-Defer-Length": "1"}, 400, "unsupported"),
    "a part of another": ({"Upload-Concat": "partial"}, 400, "unsupported"),
    "another version": ({"Tus-Resumable": "0.2.2"}, 412, "tus_unsupported"),
    "no version": ({"Tus-Resumable": ""}, 412, "tus_unsupported"),
    "a name of 300 characters": (metadata(filename="x" * 300), 413, "too_long"),
    "a name of 256 bytes": (metadata(filename="é" * 128), 413, "too_long"),
    "a path": (metadata(filename="../../etc/passwd"), 400, "bad_request"),
    "a path of Windows": (metadata(filename="..\\x"), 400, "bad_request"),
    "the folder above": (metadata(filename=".."), 400, "bad_request"),
    "two lines": (metadata(filename="a\r\nSet-Cookie: x=y"), 400, "bad_request"),
    "a NUL": (metadata(filename="a\0b"), 400, "bad_request"),
    "a name that turns around": (metadata(filename="gpj.\u202eexe"), 400, "bad_request"),
    "no name": (metadata(filename="  "), 400, "bad_request"),
    "too much to say": (metadata(alt="x" * 1001), 413, "too_long"),
    "no Base64": ({"Upload-Metadata": "filename ***"}, 400, "bad_request"),
    "no UTF-8": ({"Upload-Metadata": "filename /////w=="}, 400, "bad_request"),
    "a key twice": ({"Upload-Metadata": "filename YQ==,filename Yg=="}, 400, "bad_request"),
    "an unknown checksum": ({"Upload-Checksum": "md5 AAAA"}, 400, "bad_request"),
    "a checksum that is none": ({"Upload-Checksum": "sha1 ***"}, 400, "bad_request"),
    "a body of another type": (
        {"Content-Type": "text/plain", "Content-Length": "3"},
        415,
        "unsupported_type",
    ),
    "nobody": ({"Authorization": ""}, 401, "unauthorized"),
}


@pytest.mark.parametrize("case", BAD_BEGINNINGS)
def test_what_cannot_be_begun_is_refused_by_name(ana: Uploader, case: str) -> None:
    headers, status, code = BAD_BEGINNINGS[case]
    body = b"abc" if "Content-Type" in headers else None
    answer = ana.send("POST", "/api/rooms/lobby/uploads", body, {"Upload-Length": "3", **headers})

    assert (answer.status, answer.code) == (status, code), answer.body


@pytest.mark.parametrize("case", ["too large", "another's", "jumps", "no room"])
def test_a_refusal_comes_before_the_bytes_do(ana: Uploader, ben: Uploader, case: str) -> None:
    """Whoever would send 20 MiB first, or asks by Expect, hears it at once."""
    path = begun(ana, MIB)
    who, offset, length = {
        "too large": (ana, 0, 20 * MIB),
        "another's": (ben, 0, MIB),
        "jumps": (ana, 5, 10),
        "no room": (ana, 0, 1 << 40),
    }[case]
    for lines in ([], ["Expect: 100-continue"]):
        with who.raw() as connection:
            connection.sendall(who.head(path, offset, f"Content-Length: {length}", *lines))
            answer = connection.recv(10_000)
        expected = {"too large": b"413", "another's": b"404", "jumps": b"409", "no room": b"413"}[case]
        assert answer.split(b" ", 2)[1] == expected
        assert b"100 Continue" not in answer


def test_what_is_another_s_or_elsewhere_is_not_there(ana: Uploader, ben: Uploader) -> None:
    path = begun(ana)
    for method in ("HEAD", "GET", "DELETE"):
        assert ben.ask(method, path).status == 404
    assert ben.patch(path, 0, b"x").code == "upload_unknown"
    for wrong in ("/api/uploads/x", "/api/uploads/" + "A" * 22, "/api/uploads/%00", "/api/uploads/..%2f.."):
        assert ana.ask("HEAD", wrong).status == 404


@pytest.mark.parametrize(
    ("offset", "headers", "status", "code"),
    [
        ("1", {}, 409, "conflict"),
        ("-1", {}, 400, "bad_request"),
        ("", {}, 400, "bad_request"),
        ("0", {"Content-Type": "text/plain"}, 415, "unsupported_type"),
        ("0", {"Tus-Resumable": "2"}, 412, "tus_unsupported"),
        ("0", {"Upload-Checksum": "crc32 AAAA"}, 400, "bad_request"),
    ],
)
def test_a_piece_that_fits_nowhere_is_refused_by_name(
    ana: Uploader, offset: str, headers: dict[str, str], status: int, code: str
) -> None:
    path = begun(ana)
    stream = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": offset}
    answer = ana.send("PATCH", path, b"abc", {**stream, **headers})

    assert (answer.status, answer.code) == (status, code)
    assert ana.offset(path) == 0


def test_what_is_whole_takes_no_more(ana: Uploader) -> None:
    path = begun(ana, 3, body=b"abc")

    assert ana.patch(path, 3, b"d").code == "upload_too_large"
    assert ana.patch(path, 0, b"d").code == "conflict"


def begun_in_crumbs(node: RunningNode, who: Uploader, count: int) -> tuple[str, int]:
    """A file of 1 MiB, two pieces if nothing breaks it off, of which so many have come; and how far it is."""
    path = begun(who, MIB)
    upload_id = path.rpartition("/")[2]
    assert who.patch(path, 0, FILE[:4096]).offset == 4096
    with closing(sqlite3.connect(node.database, timeout=10)) as database:
        asked = "SELECT parts FROM uploads WHERE upload_id = ?"
        parts = json.loads(database.execute(asked, [upload_id]).fetchone()[0])
        parts += [[f"{upload_id}/{4096 + at}-crumb", 1] for at in range(count - 1)]
        change = "UPDATE uploads SET parts = ?, received = ? WHERE upload_id = ?"
        database.execute(change, [json.dumps(parts), 4096 + count - 1, upload_id])
        database.commit()
    return path, 4096 + count - 1


def test_what_comes_in_too_many_pieces_has_to_begin_anew(node: RunningNode, ana: Uploader) -> None:
    path, offset = begun_in_crumbs(node, ana, 260)
    assert ana.patch(path, offset, b"a").offset == offset + 1

    refused = ana.patch(path, offset + 1, b"a")

    assert (refused.status, refused.code) == (410, "upload_in_pieces")
    assert ana.offset(path) == offset + 1
    assert ana.ask("DELETE", path).status == 204
    assert until(lambda: node.metric('chat_uploads_refused_total{reason="pieces"}')) == 1


def test_our_client_begins_anew_what_came_in_too_many_pieces(node: RunningNode, ana: Uploader) -> None:
    path, _ = begun_in_crumbs(node, ana, 261)
    transfer = Transfer(
        url=node.url,
        token=lambda: ana.bearer["Authorization"].removeprefix("Bearer "),
        room_id="lobby",
        file={"name": "data.bin", "size": MIB},
        source=FILE[:MIB],
        on_progress=lambda sent: None,
    )

    with pytest.raises(Gone):
        transfer.go_on(path.rpartition("/")[2])


def test_other_sites_may_upload_where_they_are_listed(nodes: Nodes) -> None:
    with nodes.running(CHAT_ALLOWED_ORIGINS="https://app.example") as node:
        ana = Uploader(node.url, node.sign_in("Ana")["token"])
        preflight = ana.ask(
            "OPTIONS",
            "/api/uploads/x",
            Origin="https://app.example",
            Access_Control_Request_Method="PATCH",
            Authorization="",
        )
        allowed = preflight.headers["access-control-allow-headers"]
        assert {"Tus-Resumable", "Upload-Offset"} <= set(allowed.split(", "))
        assert "PATCH" in preflight.headers["access-control-allow-methods"]
        answer = ana.begin(3, b"abc", Origin="https://app.example")
        assert "Location" in answer.headers["access-control-expose-headers"]
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert ana.begin(3, Origin="https://other.example", Authorization="").status == 403


def test_where_files_are_off_it_is_said(nodes: Nodes) -> None:
    with nodes.running(CHAT_UPLOADS="off") as node:
        ana = Uploader(node.url, node.sign_in("Ana")["token"])
        assert (answer := ana.begin(3, b"abc")).status == 404
        assert answer.code == "uploads_off"
