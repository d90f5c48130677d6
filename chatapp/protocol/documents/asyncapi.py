"""AsyncAPI 3 for both dialects, as the server sees them: it receives requests and sends signals.

A Socket.IO event is a name and one object; the object is the message's payload, the name is the
message's. The ack is the operation's reply.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

from chatapp import limits
from chatapp.protocol.catalogue import NOT_OFFERED, REQUESTS, SIGNALS
from chatapp.protocol.connection import VERSION
from chatapp.protocol.documents.schemas import (
    ConnectAuth,
    ConnectRefusal,
    Json,
    components,
    reference,
)
from chatapp.protocol.plain import PING, PLAIN_FRAMES, PONG, PlainRequest
from chatapp.protocol.refusals import REFUSALS, Refused

_CHAT = "#/channels/chat"
_PLAIN = "#/channels/plain"


@cache
def asyncapi_document() -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Chat", "version": VERSION, "description": _description()},
        "defaultContentType": "application/json",
        "channels": {"chat": _chat_channel(), "plain": _plain_channel()},
        "operations": {**_requests(), **_signals(), **_plain_operations()},
        "components": {
            "schemas": components(
                [
                    ConnectAuth,
                    ConnectRefusal,
                    *REQUESTS.values(),
                    *(request.ack for request in REQUESTS.values()),
                    Refused,
                    *SIGNALS.values(),
                    PlainRequest,
                    *PLAIN_FRAMES,
                ]
            )
        },
    }


def _description() -> str:
    codes = "\n".join(
        f"* `{kind.code}`{' (retryable)' if kind.retryable else ''}: {kind.text}" for kind in REFUSALS
    )
    names = ", ".join(f"`{name}`" for name in sorted(NOT_OFFERED))
    return (
        "Socket.IO on the namespace `/chat`, and the plain WebSocket dialect of the original system; "
        "both share the same rooms.\n\n"
        "Every request is answered with an ack, if one is asked for: `ok`, or an error with a code. "
        f"Only retryable ones may be repeated by a machine.\n\n{codes}\n\n"
        f"Names taken by what is not offered yet, answered `unsupported`: {names}."
    )


def _chat_channel() -> Json:
    messages: Json = {}
    for name, request in REQUESTS.items():
        messages[f"{name}.request"] = _message(name, request)
        messages[f"{name}.ack"] = {
            "name": f"{name} ack",
            "payload": {"oneOf": [reference(request.ack), reference(Refused)]},
        }
    for name, signal in SIGNALS.items():
        messages[f"{name}.signal"] = _message(name, signal)
    return {
        "address": "/chat",
        "title": "Socket.IO namespace",
        "description": "Connect with `auth` as in ConnectAuth; a refused connection gets ConnectRefusal as "
        "the `data` of `connect_error`. `room=<id>` in the query brings a room's clients to one node.",
        "messages": messages,
        "x-auth": reference(ConnectAuth),
        "x-connect-error": reference(ConnectRefusal),
    }


def _plain_channel() -> Json:
    text = {"type": "string", "minLength": 1}
    query = {
        "userId": {**text, "maxLength": limits.USER_ID_LENGTH},
        "username": {**text, "maxLength": limits.NAME_LENGTH},
        "token": {**text, "description": "Needed only for the id of somebody who signed in by token."},
    }
    return {
        "address": "/api/chat/{room}",
        "title": "The original system's WebSocket",
        "parameters": {"room": {"description": "The room id, percent-encoded."}},
        "messages": {
            "message.request": _message("message", PlainRequest),
            "ping.request": {"name": PING, "contentType": "text/plain", "payload": {"const": PING}},
            "pong.frame": {"name": PONG, "contentType": "text/plain", "payload": {"const": PONG}},
            **{f"{_tag(frame)}.frame": _message(_tag(frame), frame) for frame in PLAIN_FRAMES},
        },
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {"type": "object", "required": ["userId", "username"], "properties": query},
            }
        },
    }


def _requests() -> Json:
    operations: Json = {}
    for name in REQUESTS:
        operation = _operation("receive", _CHAT, f"{name}.request")
        operation["reply"] = {
            "channel": {"$ref": _CHAT},
            "messages": [{"$ref": f"{_CHAT}/messages/{name}.ack"}],
        }
        operations[f"request.{name}"] = operation
    return operations


def _signals() -> Json:
    return {f"signal.{name}": _operation("send", _CHAT, f"{name}.signal") for name in SIGNALS}


def _plain_operations() -> Json:
    frames = {
        f"plain.send.{_tag(frame)}": _operation("send", _PLAIN, f"{_tag(frame)}.frame")
        for frame in PLAIN_FRAMES
    }
    ping = _operation("receive", _PLAIN, "ping.request")
    ping["reply"] = {
        "channel": {"$ref": _PLAIN},
        "messages": [{"$ref": f"{_PLAIN}/messages/pong.frame"}],
    }
    return {
        "plain.receive.message": _operation("receive", _PLAIN, "message.request"),
        "plain.receive.ping": ping,
        **frames,
    }


def _operation(action: str, channel: str, message: str) -> Json:
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{message}"}],
    }


def _message(name: str, kind: type[msgspec.Struct]) -> Json:
    first = re.split(r"\n\s*\n", kind.__doc__ or "")[0]
    return {"name": name, "summary": " ".join(first.split()), "payload": reference(kind)}


def _tag(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)
