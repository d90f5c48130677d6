"""The wire, declared once, in both dialects.

    words          room ids, names, client ids, content: their one normal form
    strict_json    decoding without the corners in which parsers disagree; parsing: into a struct
    forms          what a request and its ack are; refusals: the ack that is a no
    aspect         the form of the modules that declare what is said about one thing each:
                   joining, attendance, messages (mentions), changing, reacting, reading, attachments,
                   search, connection; over HTTP: rest, uploads, files
    catalogue      all of them together; the only way from an event to a request
    encoding       what leaves, once for everybody
    plain          the original system's WebSocket frames, in and out
    documents      JSON Schema, AsyncAPI and OpenAPI, made from all of the above

The structs are the declaration: validation, encoding and documents follow from them, so
nothing on the wire is undocumented and nothing documented is untrue. Whoever speaks of one aspect
imports its module; here is what all need.
"""

from chatapp.protocol.catalogue import FEATURES, features, parse
from chatapp.protocol.connection import VERSION, Bye, Hello, Notice, Resync
from chatapp.protocol.documents import asyncapi_document, json_schemas, openapi_document
from chatapp.protocol.encoding import (
    encode_ack,
    encode_broadcast,
    encode_bye,
    encode_hello,
    encode_notice,
    encode_resync,
)
from chatapp.protocol.forms import Ack, User
from chatapp.protocol.parsing import parse_as
from chatapp.protocol.plain import (
    PING,
    PONG,
    PlainRequest,
    encode_plain_broadcast,
    encode_plain_error,
    encode_plain_greeting,
    parse_plain,
)
from chatapp.protocol.refusals import Refused, connect_refusal, new_ref, refusal
from chatapp.protocol.strict_json import decode_json
from chatapp.protocol.words import (
    check_new_room_id,
    checked_client_id,
    checked_content,
    checked_user_id,
    normal_name,
    normal_room_id,
)

__all__ = [
    "FEATURES",
    "PING",
    "PONG",
    "VERSION",
    "Ack",
    "Bye",
    "Hello",
    "Notice",
    "PlainRequest",
    "Refused",
    "Resync",
    "User",
    "asyncapi_document",
    "check_new_room_id",
    "checked_client_id",
    "checked_content",
    "checked_user_id",
    "connect_refusal",
    "decode_json",
    "encode_ack",
    "encode_broadcast",
    "encode_bye",
    "encode_hello",
    "encode_notice",
    "encode_plain_broadcast",
    "encode_plain_error",
    "encode_plain_greeting",
    "encode_resync",
    "features",
    "json_schemas",
    "new_ref",
    "normal_name",
    "normal_room_id",
    "openapi_document",
    "parse",
    "parse_as",
    "parse_plain",
    "refusal",
]
