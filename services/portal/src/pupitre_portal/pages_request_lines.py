"""Lines of a draft from a CSV file: the template, and the import, which keeps what is right and names what is not."""

import uuid
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_contracts import requests as calls
from pupitre_espaces import lines_csv

from . import bus, done, espace_visit, files, pages_request_draft, pages_requests, request_lines
from . import errors as error_pages
from .errors import message
from .languages import current, gettext, ngettext
from .request_draft import TO_CORRECT, Draft
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("request_lines", __name__)


@blueprint.get(f"{pages_request_draft.BASE}/modele.csv")
@signed_in
def template(key: str, request_id: uuid.UUID) -> Response:
    """Give the head of a file of lines. Errors: not-found for a kind without lines."""
    draft = _draft(key, request_id)
    head = lines_csv.template(draft.kind.line, current())
    # The mark tells spreadsheets that the text is UTF-8.
    return files.attachment(f"{draft.kind.key}.csv", "text/csv", ("\ufeff" + head).encode())


@blueprint.post(f"{pages_request_draft.BASE}/lignes")
@signed_in
@files.accepts_upload
def import_lines(key: str, request_id: uuid.UUID) -> Any:
    """Read a file of lines and keep the good ones in the draft, after those that are there or in their place."""
    seen = pages_requests.visit(key)
    draft = _draft(key, request_id)
    upload = request.files.get("lines_file")
    if upload is None or not upload.filename:
        return _report(seen, draft, fault=gettext("Choisissez un fichier.")), 422
    try:
        given = upload.stream.read(request_lines.MOST_READ)
        found = request_lines.read(draft.request, draft.kind, given, replace=request.form.get("mode") == "replace")
        if found.new:
            values = {"lines": found.lines, "form": draft.request.form, "language": current()}
            bus.call(calls.SaveRequest, key=form_key(), request_id=request_id, version=form_version(), **values)
    except errors.Invalid as error:
        return _report(seen, draft, fault="; ".join(error_pages.faults_of(error).get("lines") or [message(error)])), error.status
    except (errors.Conflict, *TO_CORRECT) as error:
        return _report(seen, draft, fault=message(error)), error.status
    if found.refused:
        return _report(seen, draft, kept=found.new, refused=found.refused)
    done.say(ngettext("%(num)s ligne est importée.", "%(num)s lignes sont importées.", found.new))
    return redirect(url_for("request_draft.edit", key=key, request_id=request_id, _anchor="lignes"))


def _draft(key: str, request_id: uuid.UUID) -> Draft:
    draft = pages_request_draft.editable(pages_requests.visit(key), request_id)
    if draft.kind.line is None:
        raise errors.NotFound(what=gettext("lignes"))
    return draft


def _report(seen: Any, draft: Draft, *, kept: int = 0, refused: Any = (), fault: str = "") -> str:
    rows = [(each["row"], each["label"], each["message"], each["remedy"]) for each in request_lines.faults(draft.kind, refused)]
    return render_template(
        "request_import.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        found=draft.request,
        kept=kept,
        count=len(refused),
        rows=rows,
        fault=fault,
    )
