"""What each node would make anew when it starts, made where it is imported: the forks have it."""

from __future__ import annotations

from chatapp.protocol.documents import asyncapi_document, json_schemas, openapi_document

for make in (asyncapi_document, openapi_document, json_schemas):
    make()
