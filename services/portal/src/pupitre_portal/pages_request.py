"""The page of a request for all its parties: what it says, its files, its history, its dossier, and what may be done with it now."""

import uuid
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_contracts import requests as calls

from . import (
    attachments,
    bus,
    done,
    espace_visit,
    files,
    kinds,
    navigation,
    pages_requests,
    request_draft,
    request_words,
)
from .errors import faults_of, message
from .espace_visit import Visit
from .languages import N_, current, gettext
from .request_draft import new_files, party_named
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("request", __name__)

BASE = "/espaces/<key>/demandes/<uuid:request_id>"
VIEWS = {"demande": N_("Demande"), "pieces": N_("Pièces jointes"), "historique": N_("Historique"), "dossier": N_("Dossier")}
_OVERTAKEN = (errors.Conflict, errors.TransitionForbidden)
_FREE_TEXT = 2000


@blueprint.get(BASE)
@signed_in
def show(key: str, request_id: uuid.UUID) -> Any:
    """Show a request, in the view that ``vue`` names; one's own draft is shown where one types it."""
    seen = pages_requests.visit(key)
    found = request_draft.get(seen, request_id)
    if request_draft.draft_of(found) is not None:
        return redirect(url_for("request_draft.edit", key=key, request_id=request_id))
    return _page(seen, found)


@blueprint.get(f"{BASE}/passage")
@signed_in
def ask(key: str, request_id: uuid.UUID) -> Any:
    """Ask for what a passage needs: motive, statement, parties, files. Errors: not-found for one that is not offered."""
    seen = pages_requests.visit(key)
    found = request_draft.get(seen, request_id)
    return _move_page(seen, found, _offered(found))


@blueprint.post(f"{BASE}/passage")
@signed_in
@files.accepts_upload
def move(key: str, request_id: uuid.UUID) -> Any:
    """Make a passage; what is missing is asked for on the same page, nothing that was typed is lost."""
    seen = pages_requests.visit(key)
    text = {name: request.form.get(name, "").strip()[:_FREE_TEXT] for name in ("motive_code", "motive", "comment")}
    parties = [party for name in request.form if name.startswith("party.") and (party := party_named(name.partition(".")[2])) is not None]
    try:
        moved = bus.call(
            calls.MoveRequest,
            key=form_key(),
            request_id=request_id,
            version=form_version(),
            to=request.args.get("vers", ""),
            stated=request.form.get("stated") == "1",
            documents=new_files(),
            language=current(),
            **{name: value for name, value in text.items() if value},
            **({"parties": parties} if parties else {}),
            **({"role": request.args["role"]} if request.args.get("role") else {}),
        ).request
    except (errors.MotiveMissing, errors.MotiveRefused) as error:
        found = request_draft.get(seen, request_id)
        return _move_page(seen, found, _offered(found), {"motive": [message(error)]}), error.status
    except errors.Invalid as error:
        found, faults = request_draft.get(seen, request_id), faults_of(error) or {"": [message(error)]}
        if "stated" in faults:
            faults["stated"] = [gettext("Cochez cette case pour continuer.")]
        return _move_page(seen, found, _offered(found), faults), error.status
    except _OVERTAKEN as error:
        return _page(seen, request_draft.get(seen, request_id), refusal=error), error.status
    done.say(gettext("La demande est maintenant : %(status)s.", status=request_words.status_of(moved)))
    return redirect(url_for("request.show", key=key, request_id=request_id))


@blueprint.post(f"{BASE}/suite")
@signed_in
def follow(key: str, request_id: uuid.UUID) -> Any:
    """Begin the piece that follows a request, as a draft of the structure that deposits it. Errors: forbidden for who may not."""
    seen = pages_requests.visit(key)
    found = request_draft.get(seen, request_id)
    kind = kinds.find(found.espace, found.kind)
    if kind is None:
        raise errors.EspaceSilent(espace=found.espace)
    cadre = request_draft.cadre_of(kind, request.form.get("cadre", ""))
    able = makers(found, kind, cadre)
    wanted = request.form.get("structure_id") or (str(able[0][0].structure_id) if able else "")
    structure, place = next((each for each in able if str(each[0].structure_id) == wanted), (None, ""))
    if structure is None:
        needed = kinds.place(found.espace, kind.role(cadre.maker))
        raise errors.Forbidden(needed=f"{needed}, {espace_visit.MODIFICATION}")
    saved = bus.call(
        calls.SaveRequest,
        key=form_key(),
        structure_id=structure.structure_id,
        espace=found.espace,
        kind=found.kind,
        cadre=cadre.code,
        previous_id=found.request_id,
        form={},
        language=current(),
    ).request
    done.say(gettext("La pièce suivante est commencée : complétez-la, puis envoyez-la."))
    return redirect(url_for("request_draft.edit", key=place, request_id=saved.request_id))


@blueprint.get(f"{BASE}/pieces/<uuid:document_id>")
@signed_in
def document(key: str, request_id: uuid.UUID, document_id: uuid.UUID) -> Response:
    """Send one file of a request."""
    pages_requests.visit(key)
    found = bus.call(calls.RequestFile, request_id=request_id, document_id=document_id).document
    return files.download(found.name, found.mime, found.sha256)


@blueprint.get(f"{BASE}/pieces.zip")
@signed_in
def everything(key: str, request_id: uuid.UUID) -> Response:
    """Send all files of a request in one zip. Errors: not-found where there are none."""
    found = request_draft.get(pages_requests.visit(key), request_id)
    return attachments.zipped(files.clean_name(f"{found.number or found.portal_number}.zip"), found.documents)


def makers(found: Any, kind: Any, cadre: Any) -> list[tuple[Any, str]]:
    """Return the user's structures that may deposit a piece with a cadre, each with the espace where it does: those that have a role of its
    in the request; where nobody has the first of these roles, all that may have it too."""
    able: dict[Any, tuple[Any, str]] = {}
    for role in cadre.makers:
        place = kinds.place(found.espace, kind.role(role))
        named = {each.structure_id for each in found.parties if each.role == role}
        for each in navigation.structures_with(place, espace_visit.MODIFICATION):
            is_open = role == cadre.maker and not named and role in kinds.roles_of(each, place, (found.espace, kind))
            if each.structure_id in named or is_open:
                able.setdefault(each.structure_id, (each, place))
    return list(able.values())


def _page(seen: Visit, found: Any, refusal: errors.PupitreError | None = None) -> str:
    kind = kinds.find(found.espace, found.kind) if not found.plugin_away else None
    asked = request.args.get("vue")
    view = asked if asked in VIEWS and (asked != "dossier" or found.dossier_id) else "demande"
    heads, rows = request_words.table(kind, found.lines)
    pieces = bus.call(calls.GetDossier, dossier_id=found.dossier_id, language=current()).pieces if view == "dossier" else []
    return render_template(
        "request.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        found=found,
        kind=kind,
        view=view,
        views={name: label for name, label in VIEWS.items() if name != "dossier" or found.dossier_id},
        facts=request_words.facts(kind, found.form),
        heads=heads,
        rows=rows,
        pieces=pieces,
        next_pieces=_next_pieces(found, kind),
        status_name=lambda code: request_words.status_label(kind, code),
        is_away=kind is None,
        refusal=refusal,
        done=done.said(),
    )


def _next_pieces(found: Any, kind: Any) -> list[tuple[Any, list[Any]]]:
    """Return the cadres that invoicing offers for the next piece, each with the user's structures that may deposit it."""
    shown = []
    for each in found.next_cadres if kind is not None else ():
        cadre = next((of for of in kind.cadres if of.code == each.code), None)
        able = [structure for structure, _ in makers(found, kind, cadre)] if cadre else []
        if able:
            shown.append((each, able))
    return shown


def _offered(found: Any) -> Any:
    """Return the passage that the address names. Errors: not-found when invoicing does not offer it (any more)."""
    to, role = request.args.get("vers", ""), request.args.get("role", "")
    offered = next((each for each in found.moves if each.to == to and role in ("", each.role)), None)
    if offered is None:
        raise errors.NotFound(what=gettext("passage"))
    return offered


def _move_page(seen: Visit, found: Any, offered: Any, faults: dict[str, list[str]] | None = None) -> str:
    kind = kinds.find(found.espace, found.kind)
    roles = {each.key: each for each in kind.roles} if kind else {}
    return render_template(
        "request_move.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        found=found,
        move=offered,
        corrected=[
            (role, roles[role].label.text(current()) if role in roles else role, role in roles and roles[role].has_service)
            for role in offered.corrects or []
        ],
        faults=faults or {},
        typed=request.form,
    )
