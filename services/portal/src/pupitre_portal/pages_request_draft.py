"""A request while it is typed: kept at any time, confirmed, sent, deleted."""

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_contracts import requests as calls
from pupitre_contracts.invoicing_values import Finding
from pupitre_espaces import RequestKind

from . import (
    bus,
    done,
    espace_visit,
    files,
    formats,
    pages_request_new,
    pages_requests,
    request_draft,
    request_form,
    request_words,
)
from . import errors as error_pages
from .espace_visit import Visit
from .languages import current, gettext
from .request_draft import Draft
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("request_draft", __name__)

BASE = "/espaces/<key>/demandes/<uuid:request_id>"


@blueprint.get(f"{BASE}/saisie")
@signed_in
def edit(key: str, request_id: uuid.UUID) -> Any:
    """Show a draft to go on with it; what cannot be typed on is shown as it is."""
    seen = pages_requests.visit(key)
    draft = request_draft.draft_of(request_draft.get(seen, request_id))
    if draft is None:
        return redirect(url_for("request.show", key=key, request_id=request_id))
    return draft_page(seen, draft)


@blueprint.post(f"{BASE}/saisie")
@signed_in
@files.accepts_long_form
def save(key: str, request_id: uuid.UUID) -> Any:
    """Keep what was typed, and do what the button says: more rows, one row less, or on to the confirmation."""
    seen = pages_requests.visit(key)
    draft = editable(seen, request_id)
    found, typed = draft.request, request_form.of_post(draft.kind, draft.cadre, request.form)
    action = request.form.get("action", "save")
    gone = action.removeprefix("remove-") if action.startswith("remove-") else ""
    lines, places = request_form.merged(found.lines, typed.lines, int(gone) if gone.isascii() and gone.isdecimal() else None)
    keeps_itself = bool(request.headers.get(request_draft.AUTOSAVE))
    if keeps_itself and (len(lines) < len(found.lines) or any(old != new for old, new in places.items())):
        # Lines would get other numbers than the page shows: that waits for a button, after which the page is shown anew.
        return jsonify(said=gettext("Les lignes changent de numéro : enregistrez pour continuer."))
    values = request_draft.values_of(draft.kind, typed)
    try:
        moved, left = request_form.moved_files(found.documents, places)
        if not keeps_itself:
            values["documents"] = [*request_draft.new_files(), *moved]
            values["remove_documents"] = [*request_draft.ticked_files(found), *left]
        if draft.kind.line is not None:
            values["lines"] = lines
        saved = bus.call(calls.SaveRequest, key=form_key(), request_id=request_id, version=form_version(), **values).request
    except errors.Conflict as error:
        if keeps_itself:
            return jsonify(said=error_pages.message(error), conflict=True), error.status
        return draft_page(seen, draft, _over(draft, typed), is_conflict=True), 409
    except request_draft.TO_CORRECT as error:
        if keeps_itself:
            return jsonify(said=error_pages.message(error)), error.status
        return draft_page(seen, draft, _over(draft, typed), refusal=error), error.status
    if keeps_itself:
        return _autosaved(draft.kind, saved)
    return pages_request_new.kept(key, saved, action)


@blueprint.post(f"{BASE}/suppression")
@signed_in
def delete(key: str, request_id: uuid.UUID) -> Response:
    """Delete a draft."""
    pages_requests.visit(key)
    bus.call(calls.DeleteRequest, key=form_key(), request_id=request_id, version=form_version())
    done.say(gettext("Le brouillon est supprimé."))
    return redirect(url_for("requests.listing", key=key))


@blueprint.get(f"{BASE}/confirmation")
@signed_in
def confirmation(key: str, request_id: uuid.UUID) -> Any:
    """Show once more to whom a request goes and its amounts, before it is sent."""
    seen = pages_requests.visit(key)
    draft = request_draft.draft_of(request_draft.get(seen, request_id))
    if draft is None:
        return redirect(url_for("request.show", key=key, request_id=request_id))
    if any(each.severity == "error" for each in draft.request.findings):
        return redirect(url_for("request_draft.edit", key=key, request_id=request_id, controle="1"))
    return _confirmation(seen, draft)


@blueprint.post(f"{BASE}/confirmation")
@signed_in
def send(key: str, request_id: uuid.UUID) -> Any:
    """Send a draft. What keeps it from being sent is shown on the page where it is typed."""
    seen = pages_requests.visit(key)
    try:
        sent = bus.call(calls.SendRequest, key=form_key(), request_id=request_id, version=form_version(), language=current()).request
    except (errors.RequestNotReady, errors.Conflict, errors.TransitionForbidden, errors.EspaceSilent) as error:
        draft = request_draft.draft_of(request_draft.get(seen, request_id))
        if draft is None:
            raise
        if isinstance(error, errors.RequestNotReady):
            findings = _findings(error) or draft.request.findings
            return draft_page(seen, draft, refusal=error, findings=findings), error.status
        return _confirmation(seen, draft, refusal=error), error.status
    return redirect(url_for("request_draft.recap", key=key, request_id=sent.request_id))


@blueprint.get(f"{BASE}/envoi")
@signed_in
def recap(key: str, request_id: uuid.UUID) -> Any:
    """Show that a request was sent, under which number and to whom."""
    seen = pages_requests.visit(key)
    found = request_draft.get(seen, request_id)
    if found.sent_at is None:
        return redirect(url_for("request_draft.edit", key=key, request_id=request_id))
    return render_template(
        "request_recap.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        found=found,
        may_begin=pages_requests.may_begin(seen),
    )


def editable(seen: Visit, request_id: uuid.UUID) -> Draft:
    """Return a draft that the user may type on. Errors: not-found, invoicing.transition-forbidden or forbidden."""
    found = request_draft.get(seen, request_id)
    draft = request_draft.draft_of(found)
    if draft is not None:
        return draft
    if found.plugin_away:
        raise errors.EspaceSilent(espace=found.espace)
    raise errors.Forbidden(needed=espace_visit.MODIFICATION)


def draft_page(seen: Visit, draft: Draft, typed: Any = None, *, findings: Any = None, **more: Any) -> str:
    """Render the page of a draft, as it is kept or as it was typed just now."""
    found = draft.request
    given = found.findings if findings is None and typed is None else findings or ()
    shown = typed or request_form.of_request(found)
    structure_id = found.maker_structure_id
    return request_draft.page(
        seen, draft.kind, draft.cadre, shown, of=found.espace, structure_id=structure_id, found=found, findings=given, **more
    )


def _autosaved(kind: RequestKind, saved: Any) -> Response:
    """Tell the page that keeps itself what it needs: the version to go on from, and what was worked out."""
    values = request_form.worked_out(kind, request_form.of_request(saved))
    totals = None
    if saved.gross is not None and not request_words.has_own_totals(kind, saved):
        totals = {name: formats.money(getattr(saved, name)) for name in ("net", "vat", "gross")}
    return jsonify(
        version=saved.version,
        said=gettext("Le brouillon est enregistré. Il n'est pas envoyé."),
        values={each.name: request_words.shown(each.field, each.value) for each in values},
        totals=totals,
    )


def _over(draft: Draft, typed: request_form.Typed) -> request_form.Typed:
    """Return what was typed over the lines of the draft that the page did not show."""
    typed.lines = dict(enumerate((dict(each) for each in draft.request.lines), 1)) | typed.lines
    return typed


def _confirmation(seen: Visit, draft: Draft, refusal: Any = None) -> str:
    found = draft.request
    return render_template(
        "request_confirm.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        found=found,
        kind=draft.kind,
        facts=request_words.facts(draft.kind, found.form),
        refusal=refusal,
    )


def _findings(error: errors.RequestNotReady) -> list[Any]:
    """Return what is wrong, as the refusal tells it."""
    given = error.details.get("findings") or []
    return [each if isinstance(each, Finding) else Finding(**each) for each in given if each]
