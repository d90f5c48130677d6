"""The wire, declared once, in both dialects.

    words          room ids, names, client ids, content: their one normal form
    strict_json    decoding without the corners in which parsers disagree
    requests       what a Socket.IO client may say   → parsing: the only way to a request
    answers        acks and refusals                 → encoding: once for everybody
    signals        what the server says unasked      → encoding
    plain          the original system's WebSocket frames, in and out
    rest           bodies and answers over HTTP
    documents      JSON Schema, AsyncAPI and OpenAPI, made from all of the above

The structs are the declaration: validation, encoding and documents follow from them, so
nothing on the wire is undocumented and nothing documented is untrue.
"""

from chatapp.protocol.answers import (
    Ack,
    LeaveAck,
    PingAck,
    Refused,
    attach_ack,
    connect_refusal,
    history_ack,
    join_ack,
    lookup_ack,
    message_ack,
    new_ref,
    presence_ack,
    read_ack,
    refusal,
)
from chatapp.protocol.documents import asyncapi_document, json_schemas, openapi_document
from chatapp.protocol.encoding import (
    encode_ack,
    encode_broadcast,
    encode_bye,
    encode_hello,
    encode_notice,
    encode_resync,
)
from chatapp.protocol.parsing import parse, parse_as
from chatapp.protocol.plain import (
    PING,
    PONG,
    PlainRequest,
    encode_plain_broadcast,
    encode_plain_error,
    encode_plain_greeting,
    parse_plain,
)
from chatapp.protocol.requests import (
    AttachRequest,
    HistoryRequest,
    JoinRequest,
    LeaveRequest,
    LookupRequest,
    MessageRequest,
    PingRequest,
    PresenceRequest,
    ReadRequest,
    Request,
    RoomRequest,
    Since,
    TypingRequest,
)
from chatapp.protocol.rest import (
    COOKIE,
    Health,
    SignedIn,
    SignedOut,
    SignInBody,
    VisitedRoom,
    WhoAmI,
    parse_history_query,
    parse_post,
    parse_sign_in,
)
from chatapp.protocol.signals import (
    FEATURES,
    VERSION,
    Bye,
    Hello,
    Notice,
    Resync,
    User,
)
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
    "COOKIE",
    "FEATURES",
    "PING",
    "PONG",
    "VERSION",
    "Ack",
    "AttachRequest",
    "Bye",
    "Health",
    "Hello",
    "HistoryRequest",
    "JoinRequest",
    "LeaveAck",
    "LeaveRequest",
    "LookupRequest",
    "MessageRequest",
    "Notice",
    "PingAck",
    "PingRequest",
    "PlainRequest",
    "PresenceRequest",
    "ReadRequest",
    "Refused",
    "Request",
    "Resync",
    "RoomRequest",
    "SignInBody",
    "SignedIn",
    "SignedOut",
    "Since",
    "TypingRequest",
    "User",
    "VisitedRoom",
    "WhoAmI",
    "asyncapi_document",
    "attach_ack",
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
    "history_ack",
    "join_ack",
    "json_schemas",
    "lookup_ack",
    "message_ack",
    "new_ref",
    "normal_name",
    "normal_room_id",
    "openapi_document",
    "parse",
    "parse_as",
    "parse_history_query",
    "parse_plain",
    "parse_post",
    "parse_sign_in",
    "presence_ack",
    "read_ack",
    "refusal",
]
