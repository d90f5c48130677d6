"""Bodies: JSON in, JSON out, and room ids from paths.

What comes in passes the same strict decoding as a frame of a socket.
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, request

from chatapp.errors import BadRequest
from chatapp.protocol import decode_json, normal_room_id

_encode = msgspec.json.Encoder().encode


def json_answer(answer: Any, status: int = 200) -> Response:
    return Response(_encode(answer), status, mimetype="application/json")


def json_body() -> Any:
    """The request's body. Raises ``BadRequest``, also for a body that is not said to be JSON.

    A form on another site can send text, never this type: the browser would ask us first.
    """
    if request.mimetype != "application/json":
        raise BadRequest("The body must be JSON, and Content-Type must say so.")
    try:
        body = request.get_data(cache=False)
    except (ValueError, OSError):
        raise BadRequest("The body could not be read.") from None
    return decode_json(body)


def room_id_of(path_part: str) -> str:
    """A room id as it stood in the path. Raises ``BadRequest``."""
    # Werkzeug puts U+FFFD where the path is not UTF-8; that would be a room nobody meant.
    path = str(request.environ.get("PATH_INFO", ""))
    try:
        path.encode("latin-1").decode()
    except UnicodeError:
        raise BadRequest("The path is not UTF-8.", field="room") from None
    return normal_room_id(path_part)
