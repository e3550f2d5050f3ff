"""Lines of a draft from a CSV file: the template, and the import, which keeps what is right and names what is not."""

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_contracts import requests as calls
from pupitre_espaces import forms, lines_csv
from pupitre_espaces.host import EspaceSilent

from . import bus, done, espace_visit, files, pages_request_draft, pages_requests
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
        imported = current_app.extensions["pupitre"].espaces.import_lines(
            draft.request.espace, draft.kind, upload.stream.read(lines_csv.LARGEST + 1)
        )
    except EspaceSilent as error:
        raise errors.EspaceSilent(espace=draft.request.espace) from error
    if imported.fault is not None:
        return _report(seen, draft, fault=imported.fault.text(current())), 422
    read = [forms.dump(draft.kind.line, each) for each in imported.lines]
    lines = read if request.form.get("mode") == "replace" else [*draft.request.lines, *read]
    if len(lines) > calls.MOST_LINES:
        return _report(seen, draft, fault=gettext("Une demande a %(most)s lignes au plus.", most=calls.MOST_LINES)), 422
    if read:
        values = {"lines": lines, "form": draft.request.form, "language": current()}
        try:
            bus.call(calls.SaveRequest, key=form_key(), request_id=request_id, version=form_version(), **values)
        except (errors.Conflict, *TO_CORRECT) as error:
            return _report(seen, draft, fault=message(error)), error.status
    if imported.refused:
        return _report(seen, draft, kept=len(read), refused=imported.refused)
    done.say(ngettext("%(num)s ligne est importée.", "%(num)s lignes sont importées.", len(read)))
    return redirect(url_for("request_draft.edit", key=key, request_id=request_id, _anchor="lignes"))


def _draft(key: str, request_id: uuid.UUID) -> Draft:
    draft = pages_request_draft.editable(pages_requests.visit(key), request_id)
    if draft.kind.line is None:
        raise errors.NotFound(what=gettext("lignes"))
    return draft


def _report(seen: Any, draft: Draft, *, kept: int = 0, refused: Any = (), fault: str = "") -> str:
    labels = {each.name: each.label.text(current()) for each in forms.describe(draft.kind.line)}
    rows = [
        (row, labels.get((each.term or "").partition(".")[2], ""), each.message.text(current()), each.remedy.text(current()))
        for row, findings in refused
        for each in findings
    ]
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
