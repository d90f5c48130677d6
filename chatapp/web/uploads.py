"""Files on their way into a room, over HTTP: tus 1.0.0.

The long bodies are not read here. A handler looks at the head alone and refuses what can be refused; then it
names who receives the body, and is called once more, when that one is done, to say what has become of it.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from chatapp.errors import (
    ChatError,
    Conflict,
    Unsupported,
    UnsupportedType,
    UploadsOff,
    UploadTooLarge,
)
from chatapp.files.names import UNNAMED, normal_alt, normal_file_name
from chatapp.files.receiver import ALGORITHMS, Checksum, UploadReceiver
from chatapp.files.status import upload_status
from chatapp.files.uploads import StoredUpload, Uploads
from chatapp.limits import weights
from chatapp.limits.uploads import share_of_largest
from chatapp.protocol import check_new_room_id
from chatapp.protocol.uploads import (
    EXTENSIONS,
    STREAM_TYPE,
    VERSION,
    check_version,
    metadata,
    parse_checksum,
    parse_count,
    parse_length,
    parse_metadata,
)
from chatapp.runtime import StreamedBody, Whose, streamed_body
from chatapp.web.bodies import json_answer, room_id_of
from chatapp.web.rooms_api import RoomsApi

_METHODS = ["OPTIONS", "HEAD", "GET", "POST", "PATCH", "DELETE"]


def make_uploads(api: RoomsApi, uploads: Uploads | None) -> Blueprint:
    """``uploads`` is None where this server takes no files: then all of it says so."""
    routes = Blueprint("uploads", __name__, url_prefix="/api")
    edge = None if uploads is None else UploadEdge(api, uploads)

    @routes.route("/rooms/<path_part>/uploads", methods=["OPTIONS", "POST"], provide_automatic_options=False)
    def in_room(path_part: str) -> Response:
        if edge is None:
            raise UploadsOff
        return edge.options() if request.method == "OPTIONS" else edge.begin(path_part)

    @routes.route("/uploads/<upload_id>", methods=_METHODS, provide_automatic_options=False)
    def at_upload(upload_id: str) -> Response:
        if edge is None:
            raise UploadsOff
        return edge.answer(upload_id)

    @routes.after_request
    def say_version(response: Response) -> Response:
        if request.method != "OPTIONS":
            response.headers["Tus-Resumable"] = VERSION
        if response.status_code == 412:
            response.headers["Tus-Version"] = VERSION
        return response

    return routes


class UploadEdge:
    def __init__(self, api: RoomsApi, uploads: Uploads) -> None:
        self._api = api
        self._uploads = uploads

    def options(self) -> Response:
        """What is offered; a browser asks by it too, whether another site may."""
        said = {
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(self._uploads.file_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        }
        return Response(status=204, headers=said)

    def answer(self, upload_id: str) -> Response:
        # Clients behind proxies that know no PATCH say POST, and here what they mean.
        meant = request.headers.get("X-HTTP-Method-Override") if request.method == "POST" else None
        match meant or request.method:
            case "OPTIONS":
                return self.options()
            case "HEAD":
                return self.head(upload_id)
            case "GET":
                return self.get(upload_id)
            case "PATCH":
                return self.patch(upload_id)
            case "DELETE":
                return self.delete(upload_id)
            case _:
                raise Unsupported("This address takes PATCH, not POST.", field="X-HTTP-Method-Override")

    # --- begin --------------------------------------------------------------------------------

    def begin(self, path_part: str) -> Response:
        body = streamed_body(request.environ)
        if body is not None and body.is_over:
            return self._received(body)
        guest = self._api.visitor()
        check_version(request.headers.get("Tus-Resumable"))
        room_id = room_id_of(path_part)
        check_new_room_id(room_id)
        size = parse_length(request.headers)
        self._uploads.check_size(size)
        said = parse_metadata(request.headers.get("Upload-Metadata", ""))
        words = {"name": normal_file_name(said.get("filename", UNNAMED))}
        if alt := normal_alt(said.get("alt", "")):
            words["alt"] = alt
        checksum = self._checksum()
        _check_body(body, size)
        address = self._api.address()
        self._count(body, guest.user_id)
        share = share_of_largest(size, self._uploads.file_bytes)
        with self._api.rates.uploading(ip=address, share=share, weight=weights.of_upload(words["name"], alt)):
            begun = self._uploads.begin(
                room_id=room_id,
                user_id=guest.user_id,
                address=address,
                size=size,
                declared=said.get("filetype", ""),
                words=words,
            )
        if body is None:
            return self._begun(begun)
        body.receive_by(self._uploads.receive(begun, checksum=checksum, is_new=True))
        return Response()

    def _begun(self, upload: StoredUpload) -> Response:
        """Its address is a path, as whoever asked reached us by it."""
        response = json_answer(upload_status(upload, self._uploads.expires_at(upload)), 201)
        response.headers["Location"] = f"{request.script_root}/api/uploads/{upload.upload_id}"
        return self._where(response, upload)

    # --- it goes on ---------------------------------------------------------------------------

    def head(self, upload_id: str) -> Response:
        upload = self._find(upload_id)
        response = Response(status=200)
        response.headers["Upload-Length"] = str(upload.announced)
        words = upload.words
        response.headers["Upload-Metadata"] = metadata(words["name"], upload.type, words.get("alt", ""))
        return self._where(response, upload)

    def get(self, upload_id: str) -> Response:
        upload = self._uploads.find(upload_id, self._api.visitor().user_id)
        return json_answer(upload_status(upload, self._uploads.expires_at(upload)))

    def patch(self, upload_id: str) -> Response:
        body = streamed_body(request.environ)
        if body is not None and body.is_over:
            return self._received(body)
        upload = self._find(upload_id)
        if request.mimetype != STREAM_TYPE:
            raise UnsupportedType(f"The body is {STREAM_TYPE}.", field="Content-Type")
        if parse_count(request.headers.get("Upload-Offset"), "Upload-Offset") != upload.received:
            moved = Conflict("The file has come up to another place: HEAD says where.", field="Upload-Offset")
            self._uploads.refused(moved)
            raise moved
        checksum = self._checksum()
        _check_body(body, upload.announced - upload.received)
        self._uploads.check_parts(upload)
        if body is None:
            return self._where(Response(status=204), upload)
        self._count(body, upload.user_id, upload.upload_id)
        body.receive_by(self._uploads.receive(upload, checksum=checksum))
        return Response()

    def delete(self, upload_id: str) -> Response:
        self._uploads.give_up(self._find(upload_id))
        return Response(status=204)

    def _find(self, upload_id: str) -> StoredUpload:
        user_id = self._api.visitor().user_id
        check_version(request.headers.get("Tus-Resumable"))
        return self._uploads.find(upload_id, user_id)

    def _count(self, body: StreamedBody | None, user_id: str, upload_id: str | None = None) -> None:
        """Among the bodies under way. Raises ``RateLimited`` or ``TooManyConnections``."""
        if body is None:
            return
        address = self._api.address() if self._api.rates.is_on else None
        if scope := body.count_for(Whose(user_id, address, upload_id)):
            raise self._uploads.crowded(scope)

    def _checksum(self) -> Checksum | None:
        said = request.headers.get("Upload-Checksum")
        return None if said is None else Checksum(*parse_checksum(said, ALGORITHMS))

    def _received(self, body: StreamedBody) -> Response:
        """The body was streamed, as far as it was taken."""
        receiver = body.receiver
        assert isinstance(receiver, UploadReceiver)
        if receiver.refusal is not None:
            if isinstance(receiver.refusal, ChatError):
                self._uploads.refused(receiver.refusal)
            raise receiver.refusal
        if receiver.is_new:
            return self._begun(receiver.upload)
        return self._where(Response(status=204), receiver.upload)

    def _where(self, response: Response, upload: StoredUpload) -> Response:
        response.headers["Upload-Offset"] = str(upload.received)
        expires_at = self._uploads.expires_at(upload)
        if expires_at is not None:
            response.headers["Upload-Expires"] = http_date(expires_at / 1000)
        return response


def _check_body(body: StreamedBody | None, room: int) -> None:
    """Before any of it has been sent: what is too long, and what comes as something else."""
    if body is None:
        if request.content_length:
            raise UnsupportedType(f"The body is {STREAM_TYPE}.", field="Content-Type")
    elif body.length is not None and body.length > room:
        raise UploadTooLarge("That is more than was announced.", field="Content-Length")
