"""Files that come and go: uploads into the blob store within limits, downloads that a browser never runs."""

import hashlib
import mimetypes
import pathlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from flask import Flask, Response, current_app, request
from pupitre_contracts import errors
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

FORM_LIMIT = 1_000_000
PAGE_LIMIT = 21_000_000
MOST_INPUTS = 5000
LINES_LIMIT = 4_000_000
FLUX_LIMIT = 1_000_000_000
_PIECE = 1 << 18
_NAME_LIMIT = 150


@dataclass(frozen=True)
class Stored:
    """A file in the blob store: its name as the sender gave it, cleaned, and what names it."""

    name: str
    mime: str
    size: int
    sha256: str


def accepts_upload(view: Callable) -> Callable:
    """Let a view receive bodies up to ``PUPITRE_MAX_UPLOAD`` octets; all others take forms of at most 1 MB."""
    view.accepts_upload = True
    return view


def accepts_page_form(view: Callable) -> Callable:
    """Let a view receive a form of a plugin's page, with files of 10 MB."""
    view.upload_limit = PAGE_LIMIT
    return view


def accepts_lines(view: Callable) -> Callable:
    """Let a view receive a request of an espace with all its lines, as JSON or CSV, up to :data:`LINES_LIMIT` octets."""
    view.upload_limit = LINES_LIMIT
    return view


def accepts_long_form(view: Callable) -> Callable:
    """Let a view receive a form of up to :data:`MOST_INPUTS` fields, with files up to ``PUPITRE_MAX_UPLOAD`` octets."""
    view.most_inputs = MOST_INPUTS
    return accepts_upload(view)


def accepts_flux(view: Callable) -> Callable:
    """Let a view receive a flux of up to :data:`FLUX_LIMIT` octets, to be read from the stream and not held."""
    view.upload_limit = FLUX_LIMIT
    return view


def store_stream(name: str | None, stream: IO[bytes], mime: str | None = None) -> Stored:
    """Put what comes on a stream into the blob store, durable when this returns; memory does not grow with it. Errors: invalid when it is
    empty, 413 beyond :data:`FLUX_LIMIT`."""
    cleaned = clean_name(name)
    with tempfile.NamedTemporaryFile(prefix="pupitre-flux-") as kept:
        size = 0
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > FLUX_LIMIT:
                raise RequestEntityTooLarge()
            kept.write(piece)
        kept.flush()
        if not size:
            raise errors.Invalid(what="fichier", fields={"fichier": ["vide / empty"]})
        sha256 = current_app.extensions["pupitre"].blobs.put_file(pathlib.Path(kept.name))
    return Stored(cleaned, mime or "application/octet-stream", size, sha256)


def store(name: str | None, content: bytes, mime: str | None = None) -> Stored:
    """Put content into the blob store, durable when this returns."""
    cleaned = clean_name(name)
    guessed = mime or mimetypes.guess_type(cleaned)[0] or "application/octet-stream"
    sha256 = current_app.extensions["pupitre"].blobs.put(content)
    return Stored(cleaned, guessed, len(content), sha256)


def store_upload(upload: FileStorage) -> Stored:
    """Put an uploaded file into the blob store. Errors: invalid when it is empty."""
    content = upload.stream.read()
    if not content:
        raise errors.Invalid(what="fichier", fields={"fichier": ["vide"]})
    return store(upload.filename, content, upload.mimetype)


def clean_name(name: str | None) -> str:
    """Return a file name without folder, control characters or excess length."""
    base = pathlib.PurePosixPath((name or "").replace("\\", "/")).name
    kept = "".join(char for char in base if char.isprintable() and char not in '<>:"|?*')[-_NAME_LIMIT:].strip(". ")
    return kept or "fichier"


def download(name: str, mime: str, sha256: str) -> Response:
    """Send a blob as an attachment that no browser opens in this site's name. Errors: not-found."""
    blobs = current_app.extensions["pupitre"].blobs
    if not blobs.exists(sha256):
        raise errors.NotFound(what=name)
    return attachment(name, mime, blobs.get(sha256))


def attachment(name: str, mime: str, content: bytes) -> Response:
    """Send content as an attachment; markup is sent as octets, whatever it claims to be."""
    harmless = mime if mime in _HARMLESS else "application/octet-stream"
    response = Response(content, mimetype=harmless)
    response.headers.set("Content-Disposition", "attachment", filename=clean_name(name))
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(hashlib.sha256(content).hexdigest())
    return response


_HARMLESS = frozenset(
    {"application/pdf", "application/xml", "text/plain", "text/csv", "image/png", "image/jpeg", "application/zip", "application/gzip"}
)


def _limit_body() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if hasattr(view, "most_inputs"):
        request.max_form_parts = view.most_inputs
    if getattr(view, "accepts_upload", False):
        request.max_content_length = current_app.extensions["pupitre"].settings.max_upload
    else:
        request.max_content_length = getattr(view, "upload_limit", FORM_LIMIT)


def init_app(app: Flask) -> None:
    """Set the size limit of each route before anything reads the body."""
    app.before_request(_limit_body)
