"""The requests that the user decides as a gestionnaire (R150 to R155)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, rattachements

from . import bus, done, navigation
from .errors import faults_of
from .languages import N_, current, gettext
from .paging import last_page, page_number
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("approbations", __name__, url_prefix="/approbations")
PAGE_SIZE = 25
_SAID = {"APPROUVE": N_("Demandes approuvées : %(count)s."), "REFUSE": N_("Demandes refusées : %(count)s.")}


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the requests that wait, or all of them, newest first."""
    return _listing()


@blueprint.get("/<uuid:approbation_id>")
@signed_in
def show(approbation_id: uuid.UUID) -> str:
    """Show one request to whoever decides it, or asked for it (R153)."""
    return _shown(approbation_id)


@blueprint.post("/decision")
@signed_in
def decide() -> Any:
    """Approve or refuse the requests that were ticked, or the one whose page was shown; back to the list (R154)."""
    ids = [identifier(text) for text in request.form.getlist("approbation")]
    decision, motive = request.form.get("decision", ""), request.form.get("motive", "")
    if not ids:
        return _listing(refusal=gettext("Cochez au moins une demande.")), 422
    try:
        outcomes = bus.call(
            rattachements.DecideApprobations, key=form_key(), approbation_ids=ids, decision=decision, motive=motive
        ).outcomes
    except errors.Invalid as error:
        faults = faults_of(error)
        if "motive" not in faults:
            raise
        refusal = gettext("Écrivez le motif du refus : le demandeur le lira.")
        return (_shown(ids[0], refusal) if request.form.get("alone") else _listing(refusal=refusal, ticked=ids)), 422
    decided = sum(outcome.done for outcome in outcomes)
    said = gettext(_SAID[decision], count=decided)
    left = [outcome.why_en if current() == "en" else outcome.why_fr for outcome in outcomes if not outcome.done]
    done.say(" ".join([said, *left]))
    return redirect(url_for("approbations.listing"))


def _listing(refusal: str | None = None, ticked: list[uuid.UUID] | None = None) -> str:
    everything = request.args.get("etat") == "toutes"
    page = page_number()
    oldest_first = request.args.get("tri") == "anciennes"
    wanted: dict[str, Any] = {} if everything else {"state": "DEMANDE"}
    if structure := request.args.get("structure"):
        wanted["structure_id"] = identifier(structure)
    if oldest_first:
        wanted["oldest_first"] = True
    found = bus.call(rattachements.ListApprobations, side="to_decide", page=page, page_size=PAGE_SIZE, **wanted)
    return render_template(
        "approbations.html",
        approbations=found.approbations,
        total=found.total,
        size=PAGE_SIZE,
        everything=everything,
        oldest_first=oldest_first,
        structure=request.args.get("structure", ""),
        page=page,
        last_page=last_page(found.total, PAGE_SIZE),
        labels=navigation.espace_labels(),
        refusal=refusal,
        ticked=ticked or [],
        motive=request.form.get("motive", ""),
        done=done.said(),
    )


def _shown(approbation_id: uuid.UUID, refusal: str | None = None) -> str:
    found = bus.call(rattachements.GetApprobation, approbation_id=approbation_id).approbation
    managed = {each.structure_id for each in navigation.rights() if navigation.manages(each, "users")}
    return render_template(
        "approbation.html",
        approbation=found,
        labels=navigation.espace_labels(),
        decides=found.state == "DEMANDE" and found.structure_id in managed,
        refusal=refusal,
        motive=request.form.get("motive", ""),
    )


def identifier(text: str) -> uuid.UUID:
    """Return an identifier out of an address. Raises NotFound for another text."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise errors.NotFound(what="approbation") from None
