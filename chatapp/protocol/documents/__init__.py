"""The documents of the wire, made from its declaration: nobody writes them, so none can lag behind."""

from chatapp.protocol.documents.asyncapi import asyncapi_document
from chatapp.protocol.documents.openapi import openapi_document
from chatapp.protocol.documents.schemas import json_schemas

__all__ = ["asyncapi_document", "json_schemas", "openapi_document"]
