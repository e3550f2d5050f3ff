"""Files that come with a body of JSON: how the document describes them, and how they are read."""

from collections.abc import Callable
from typing import Any, TypeVar

import marshmallow
from flask import request

from .. import attachments, files
from .described import BYTES

LARGEST = 10_000_000
OF_MOVES = "JSON; or multipart with that JSON as `body`, and the files of a move that takes `documents`"
FILES = {"type": "array", "items": BYTES}

Joined = TypeVar("Joined")


def multipart(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return what the document says of a form with these parts."""
    return {"multipart/form-data": {"schema": {"type": "object", "properties": properties, "required": list(required)}}}


def body_of(schema: type[marshmallow.Schema], description: str) -> dict[str, Any]:
    """Return what the document says of a body that is JSON, or a form with that JSON as ``body`` and files as ``documents``."""
    with_files = multipart({"body": {"type": "string"}, "documents": FILES}, "body")
    return {"required": True, "description": description, "content": {"application/json": {"schema": schema}, **with_files}}


def documents(made: Callable[..., Joined]) -> list[Joined]:
    """Return the ``documents`` of the request, put into the blob store, each as ``made`` makes it. Errors: invalid."""
    found = []
    for upload in request.files.getlist("documents"):
        attachments.check(upload, LARGEST)
        kept = files.store_upload(upload)
        found.append(made(name=kept.name, mime=kept.mime, size=kept.size, sha256=kept.sha256))
    return found
