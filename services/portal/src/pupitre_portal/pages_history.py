"""The audit history of a structure, for its gestionnaires: who did what when, what was before and is after."""

import datetime
import json
import re
import uuid
from typing import Any

from flask import Blueprint, render_template
from pupitre_contracts import history, organisation

from . import bus, codes, formats, navigation
from .languages import N_, gettext
from .paging import last_page, page_number
from .sessions import signed_in

blueprint = Blueprint("history", __name__, url_prefix="/structures/<uuid:structure_id>/historique")
PAGE_SIZE = 25

ACTIONS = {
    "structure.created": N_("Structure créée"),
    "structure.parameters_changed": N_("Paramètres modifiés"),
    "structure.changed": N_("Données de la structure modifiées"),
    "structure.identifier_replaced": N_("Identifiant remplacé"),
    "structure.activated": N_("Structure activée"),
    "structure.inactivated": N_("Structure inactivée"),
    "structure_request.asked": N_("Demande sur la structure"),
    "structure_request.approuve": N_("Demande sur la structure approuvée"),
    "structure_request.refuse": N_("Demande sur la structure refusée"),
    "structure_request.rated": N_("Traitement d'une demande noté"),
    "structure_document.added": N_("Document ajouté"),
    "structure_document.changed": N_("Document modifié"),
    "structure_document.removed": N_("Document supprimé"),
    "bank_details.added": N_("Coordonnées bancaires ajoutées"),
    "bank_details.changed": N_("Coordonnées bancaires modifiées"),
    "bank_details.removed": N_("Coordonnées bancaires supprimées"),
    "structure_service.changed": N_("Service modifié"),
    "structure_service.created": N_("Service créé"),
    "rattachement.requested": N_("Rattachement demandé"),
    "rattachement.validated": N_("Rattachement validé"),
    "rattachement.ended": N_("Rattachement terminé"),
    "habilitation.requested": N_("Habilitations demandées"),
    "habilitation.given": N_("Habilitation donnée"),
    "habilitation.taken": N_("Habilitation retirée"),
    "approbation.approuve": N_("Demande approuvée"),
    "approbation.refuse": N_("Demande refusée"),
    "approbation.cancelled": N_("Demande annulée"),
    "espace.opened": N_("Espace ouvert"),
    "espace.closed": N_("Espace fermé"),
    "gestionnaire_principal.transferred": N_("Rôle de gestionnaire principal transmis"),
    "gestionnaire_secondaire.named": N_("Rôle de gestionnaire secondaire modifié"),
    "mandat.given": N_("Mandat de facturation donné"),
    "mandat.ended": N_("Mandat de facturation terminé"),
    "annuaire.subscribed": N_("Abonnement aux fichiers de l'annuaire ouvert"),
    "annuaire.unsubscribed": N_("Abonnement aux fichiers de l'annuaire terminé"),
}
FIELDS = {
    "role": N_("rôle"),
    "state": N_("état"),
    "motive": N_("motif"),
    "wishes": N_("habilitations"),
    "open": N_("ouvert"),
    "user_id": N_("utilisateur"),
    "espace": N_("espace"),
    "starts_on": N_("du"),
    "ends_on": N_("au"),
    "requires_service": N_("code service obligatoire"),
    "requires_engagement": N_("engagement obligatoire"),
    "requires_service_or_engagement": N_("code service ou engagement obligatoire"),
    "payment_not_reported": N_("mise en paiement non remontée"),
    "name": N_("nom"),
    "label": N_("libellé"),
    "code": N_("code"),
    "identifier": N_("identifiant"),
    "identifier_type": N_("type d'identifiant"),
    "type": N_("type"),
    "siren": N_("SIREN"),
    "vat_number": N_("TVA intracommunautaire"),
    "active": N_("en activité"),
    "line": N_("adresse"),
    "complement": N_("complément d'adresse"),
    "postal_code": N_("code postal"),
    "city": N_("ville"),
    "country": N_("pays"),
    "email": N_("courriel"),
    "phone": N_("téléphone"),
    "description": N_("description"),
    "portal_number": N_("numéro sur le portail"),
    "receives_edi": N_("reçoit par EDI"),
    "whole_structure": N_("rattaché à toute la structure"),
    "manages_structure": N_("gère la structure"),
    "manages_users": N_("gère les utilisateurs"),
    "attached": N_("rattaché"),
    "mandataire": N_("mandataire"),
    "asked_in": N_("demande"),
    "for_good": N_("définitif"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES_NO = {"true": N_("oui"), "false": N_("non")}


@blueprint.get("/")
@signed_in
def listing(structure_id: uuid.UUID) -> str:
    """List the lines, newest first, a page at a time."""
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    page = page_number()
    found = bus.call(history.ListHistory, structure_id=structure_id, page=page, page_size=PAGE_SIZE)
    # Lines name espaces and services by their keys.
    labels = navigation.espace_labels() | {str(each.structure_service_id): each.code for each in structure.services}
    first = (page - 1) * PAGE_SIZE + 1
    return render_template(
        "history.html",
        structure=structure,
        lines=[_shown(line, labels) for line in found.lines],
        first=first if found.lines else 0,
        last=first + len(found.lines) - 1 if found.lines else 0,
        total=found.total,
        page=page,
        last_page=last_page(found.total, PAGE_SIZE),
    )


def _shown(line: Any, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "number": line.number,
        "at": line.at,
        "who": line.actor_name or _who(line.actor),
        "what": gettext(ACTIONS[line.action]) if line.action in ACTIONS else line.action,
        "object": _object(line, labels),
        "changes": [
            {
                "what": _field(each.what, labels),
                "before": _value(each.what, each.before, labels),
                "after": _value(each.what, each.after, labels),
            }
            for each in line.changes
        ],
    }


def _who(actor: str) -> str:
    if actor.startswith("service:operator"):
        return gettext("exploitant de la plateforme")
    return gettext("compte supprimé") if actor.startswith("user:") else actor


def _object(line: Any, labels: dict[str, str]) -> str:
    kind, _, name = line.object.partition(":")
    if kind == "user":
        return line.object_name or gettext("compte supprimé")
    if kind == "approbation":
        return gettext("demande n° %(number)s", number=name)
    if kind == "mandat":
        return gettext("mandat n° %(number)s", number=name)
    if kind == "service":
        return gettext("service %(code)s", code=name)
    return labels.get(name, name) if kind == "espace" else ""


def _field(what: str, labels: dict[str, str]) -> str:
    """Say in words what changed: a field, or the habilitation in an espace or of a user; of a service, with its code."""
    head, _, rest = what.partition(".")
    if head == "habilitations":
        return labels.get(rest, rest)
    if head == "services":
        code, _, rest = rest.partition(".")
        return f"{gettext('service %(code)s', code=code)}, {_field(rest, labels)}"
    return gettext(FIELDS[what]) if what in FIELDS else what


def _value(what: str, value: str | None, labels: dict[str, str]) -> str | None:
    if value is None:
        return None
    if what == "wishes" and value:
        return ", ".join(_wish(each, labels) for each in json.loads(value))
    if what == "state" and value in codes.REQUEST_STATES:
        return gettext(codes.REQUEST_STATES[value])
    if _DAY.fullmatch(value):
        return formats.day(datetime.date.fromisoformat(value))
    if value in _YES_NO:
        return gettext(_YES_NO[value])
    return codes.role(value) if what == "role" else value.lower() if "habilitations." in what else value


def _wish(wish: dict[str, str], labels: dict[str, str]) -> str:
    profile, service = wish["profile"], wish.get("structure_service_id")
    said = f"{labels.get(wish['espace'], wish['espace'])} ({gettext(codes.HABILITATIONS.get(profile, profile))})"
    return f"{said}, {gettext('service %(code)s', code=labels.get(service, service))}" if service else said
