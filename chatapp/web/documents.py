"""The documents: what this server speaks, made from the code that speaks it.

``/docs`` is for people, the files beside it are for tools. Encoded once, since they cannot change
while the process runs.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from chatapp.protocol.catalogue import ROUTES
from chatapp.protocol.documents import asyncapi_document, json_schemas, openapi_document
from chatapp.protocol.refusals import REFUSALS
from chatapp.web.bodies import json_answer


def make_documents() -> Blueprint:
    documents = Blueprint("documents", __name__, url_prefix="/docs")
    files = {
        "asyncapi.json": asyncapi_document(),
        "openapi.json": openapi_document(),
        "schemas.json": json_schemas(),
    }

    @documents.get("")
    def for_people() -> str:
        return render_template(
            "docs.html",
            files=sorted(files),
            routes=ROUTES,
            channels=[_channel(channel) for channel in files["asyncapi.json"]["channels"].values()],
            refusals=REFUSALS,
        )

    for name, document in files.items():
        documents.add_url_rule(f"/{name}", name.partition(".")[0], _serving(document))
    return documents


def _serving(document: dict[str, Any]) -> Any:
    body = json_answer(document).get_data()
    return lambda: Response(body, mimetype="application/json")


def _channel(channel: dict[str, Any]) -> dict[str, Any]:
    """A channel as the page shows it: only messages that say what they are for."""
    messages = [
        {"name": message["name"], "kind": key.rpartition(".")[2], "summary": message["summary"]}
        for key, message in channel["messages"].items()
        if message.get("summary")
    ]
    return {"title": channel["title"], "address": channel["address"], "messages": messages}
