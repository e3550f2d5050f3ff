"""Every list of structures and people as a file: exactly what its page's search and filters show, all of its pages (R271 to R273)."""

import uuid
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from pupitre_contracts import directory, organisation, rattachements

from . import (
    bus,
    codes,
    exports,
    member_lists,
    navigation,
    own_rights,
    pages_approbations,
    pages_directory,
    pages_rattachements,
)
from .languages import gettext
from .sessions import signed_in

blueprint = Blueprint("exports", __name__)
PIECE = 500
PIECE_OF_REQUESTS = 100
KIND = f"<any({', '.join(exports.FORMATS)}):kind>"



@blueprint.get(f"/annuaire/export.{KIND}")
def annuaire(kind: str) -> Response:
    """The public structures that a search finds; for anybody, as the search."""
    criteria = pages_directory.search_values(pages_directory.criteria())
    return exports.answer(kind, "annuaire", _structure_columns(), _found_in_annuaire(criteria))


@blueprint.get(f"/rattachements/recherche/export.{KIND}")
@signed_in
def structures(kind: str) -> Response:
    """The structures, public or private, that a search finds (R104)."""
    criteria = pages_rattachements.search_values(pages_rattachements.criteria())

    def ask(page: int) -> tuple[list[exports.Row], int]:
        if not criteria:
            return [], 0
        found = bus.call(organisation.FindStructures, include_private=True, page=page, page_size=PIECE, **criteria)
        return [_structure(each) for each in found.structures], found.total

    return exports.answer(kind, "structures", _structure_columns(), exports.pages(ask))


@blueprint.get(f"/structures/<uuid:structure_id>/utilisateurs/export.{KIND}")
@signed_in
def members(structure_id: uuid.UUID, kind: str) -> Response:
    """The users of a structure, one row for each of their habilitations (R074, R272)."""
    columns = [
        gettext("Nom"), gettext("Prénom"), gettext("Courriel"), gettext("Rôle"), gettext("À partir du"), gettext("Jusqu'au"),
        gettext("Espace"), gettext("Profil"),
    ]
    labels = navigation.espace_labels()
    found = member_lists.found(structure_id, request.args.get("recherche", "").strip())
    rows = [row for member in found for row in _member(member, labels)]
    return exports.answer(kind, "utilisateurs", columns, [rows])


@blueprint.get(f"/rattachements/export.{KIND}")
@signed_in
def own_rattachements(kind: str) -> Response:
    """« Mes rattachements » (R112)."""
    columns, rows = own_rights.rattachement_rows(request.args.get("recherche", "").strip())
    return exports.answer(kind, "mes-rattachements", columns, [rows])


@blueprint.get(f"/mes-habilitations/export.{KIND}")
@signed_in
def own_habilitations(kind: str) -> Response:
    """« Mes habilitations » (R146)."""
    columns, rows = own_rights.habilitation_rows(request.args.get("recherche", "").strip())
    return exports.answer(kind, "mes-habilitations", columns, [rows])


@blueprint.get(f"/approbations/export.{KIND}")
@signed_in
def approbations(kind: str) -> Response:
    """The requests that the user decides as a gestionnaire (R152)."""
    columns = [
        gettext("Numéro"), gettext("État"), gettext("Description"), gettext("Demandeur"), gettext("Courriel"), gettext("Structure"),
        gettext("Raison sociale"), gettext("Service"), gettext("Date de création"), gettext("Motif"),
    ]
    wanted: dict[str, Any] = {} if request.args.get("etat") == "toutes" else {"state": "DEMANDE"}
    if structure := request.args.get("structure"):
        wanted["structure_id"] = pages_approbations.identifier(structure)
    labels = navigation.espace_labels()

    def ask(page: int) -> tuple[list[exports.Row], int]:
        found = bus.call(
            rattachements.ListApprobations, side="to_decide", page=page, page_size=PIECE_OF_REQUESTS, **wanted
        )
        return [_approbation(each, labels) for each in found.approbations], found.total

    return exports.answer(kind, "approbations", columns, exports.pages(ask))


def _found_in_annuaire(criteria: dict[str, Any]) -> Iterator[list[exports.Row]]:
    after: dict[str, Any] = {}
    while True:
        found = bus.call(directory.SearchDirectory, page_size=PIECE, **criteria, **after)
        yield [_structure(each) for each in found.structures]
        if found.next is None:
            return
        after = {"after": found.next}


def _structure_columns() -> list[str]:
    return [
        gettext("Type d'identifiant"), gettext("Identifiant"), gettext("Raison sociale"), gettext("Libellé"), gettext("Type"),
        gettext("État"), gettext("Code postal"), gettext("Ville"),
    ]


def _structure(structure: Any) -> exports.Row:
    kind = gettext("Structure publique") if structure.type == "PUBLIC" else gettext("Structure privée")
    state = gettext("active") if structure.active else gettext("inactive")
    facts = (structure.identifier_type, structure.identifier, structure.name, structure.label)
    return [*facts, kind, state, structure.postal_code, structure.city]


def _member(member: Any, labels: dict[str, str]) -> list[exports.Row]:
    who = [member.family_name, member.given_name, member.email, codes.role(member.role), member.starts_on, member.ends_on]
    given = [[labels.get(each.espace, each.espace), own_rights.profile(each.profile)] for each in member.espaces]
    return [[*who, *right] for right in given or [[None, None]]]


def _approbation(request_: Any, labels: dict[str, str]) -> exports.Row:
    if request_.kind == "RATTACHEMENT":
        what = gettext("Rattachement à la structure")
    else:
        what = ", ".join(f"{labels.get(each.espace, each.espace)} ({own_rights.profile(each.profile)})" for each in request_.wishes)
    who = (request_.user_name, request_.user_email, request_.structure_identifier, request_.structure_name)
    services = ", ".join(each.code for each in request_.services or ()) or None
    return [request_.number, gettext(codes.REQUEST_STATES[request_.state]), what, *who, services, request_.asked_at, request_.motive]
