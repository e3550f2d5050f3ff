"""A new request: the structure it is for, its kind and cadre, then its form; it is kept as a draft when the form is sent."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_contracts import requests as calls

from . import bus, done, espace_visit, files, kinds, pages_requests, request_draft, request_form
from .espace_visit import Visit
from .kinds import Brought
from .languages import gettext
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("request_new", __name__)

_ADDRESS = "/espaces/<key>/demandes/nouvelle"


@blueprint.get(_ADDRESS)
@signed_in
def new(key: str) -> Any:
    """Offer what the structure may begin, or show the form of what was chosen, filled in as the address says."""
    seen, structure = _acting(key)
    if not kinds.working_in(key):
        abort(404)  # its plugin was taken away: what is there can be read, nothing is begun
    chosen = _chosen(seen, structure)
    if chosen is None:
        wanted = request.args.get("kind")
        return render_template(
            "request_choice.html",
            visit=seen,
            structure=structure,
            structures=espace_visit.acting(seen),
            menu_of_espace=espace_visit.menu_of(seen, None),
            offered=[each for each in kinds.offered(structure, key) if wanted in (None, each[0][1].key)],
        )
    (of, kind), cadre = chosen
    typed = request_form.of_address(kind, cadre, request.args)
    return request_draft.page(seen, kind, cadre, typed, of=of, structure_id=structure.structure_id)


@blueprint.post(_ADDRESS)
@signed_in
@files.accepts_long_form
def create(key: str) -> Any:
    """Keep what was typed as a draft, complete or not."""
    seen, structure = _acting(key)
    chosen = _chosen(seen, structure)
    if chosen is None:
        raise errors.NotFound(what=gettext("cadre"))
    (of, kind), cadre = chosen
    typed = request_form.of_post(kind, cadre, request.form)
    named = {"structure_id": structure.structure_id, "espace": of, "kind": kind.key, "cadre": cadre.code}
    lines = {"lines": [values for _, values in sorted(typed.lines.items()) if values]} if kind.line else {}
    try:
        values = {**request_draft.values_of(kind, typed), **lines, "documents": request_draft.new_files()}
        saved = bus.call(calls.SaveRequest, key=form_key(), **named, **values).request
    except request_draft.TO_CORRECT as error:
        shown = request_draft.page(seen, kind, cadre, typed, of=of, structure_id=structure.structure_id, refusal=error)
        return shown, error.status
    return kept(key, saved, request.form.get("action", "save"))


def kept(key: str, saved: Any, action: str) -> Response:
    """Lead on from a draft that was kept, to where the button says."""
    address = {"key": key, "request_id": saved.request_id}
    if action == "confirm":
        if any(each.severity == "error" for each in saved.findings):
            return redirect(url_for("request_draft.edit", **address, controle="1"))
        return redirect(url_for("request_draft.confirmation", **address))
    if action == "add":
        last = request_form.pages(len(saved.lines))
        return redirect(url_for("request_draft.edit", **address, lignes=last, vides=10, _anchor="lignes"))
    page = request_draft.line_page()
    if action.startswith(request_form.MORE):
        role = action.removeprefix(request_form.MORE)
        return redirect(url_for("request_draft.edit", **address, lignes=page if page > 1 else None, plus=role, _anchor="t-acteurs"))
    if action == "compute":
        done.say(gettext("Les montants sont recalculés et le brouillon est enregistré. Il n'est pas envoyé."))
        return redirect(url_for("request_draft.edit", **address, lignes=page if page > 1 else None))
    done.say(gettext("Le brouillon est enregistré. Il n'est pas envoyé."))
    anchor = "lignes" if action.startswith("remove-") else "t-acteurs" if action.startswith(request_form.WITHOUT) else None
    return redirect(url_for("request_draft.edit", **address, lignes=page if page > 1 else None, _anchor=anchor))


def _acting(key: str) -> tuple[Visit, Any]:
    """Return the visit and the structure to act for. Errors: forbidden for who may only look."""
    seen = pages_requests.visit(key)
    able = espace_visit.acting(seen)
    if not able:
        raise errors.Forbidden(needed=espace_visit.MODIFICATION)
    if "structure" not in request.args and not seen.may_act:
        return seen, able[0]
    if not seen.may_act:
        raise errors.Forbidden(needed=espace_visit.MODIFICATION)
    return seen, seen.structure


def _chosen(seen: Visit, structure: Any) -> tuple[Brought, Any] | None:
    """Return the kind and cadre that the address names, or the only one there is; None while there is a choice. Errors: not-found for one
    that is not offered."""
    offered = [(brought, cadre) for brought, cadres in kinds.offered(structure, seen.key) for cadre in cadres]
    wanted, code = request.args.get("kind"), request.args.get("cadre")
    if wanted is not None:
        offered = [each for each in offered if each[0][1].key == wanted and code in (None, "", each[1].code)]
        # A kind of the espace itself comes before one of another espace with the same key.
        offered.sort(key=lambda each: each[0][0] != seen.key)
        if not offered:
            raise errors.NotFound(what=gettext("cadre"))
    return offered[0] if len(offered) == 1 or (offered and wanted and code) else None
