"""Which espaces a structure has open. A plugin hears of it after the commit, and cannot undo it."""

import uuid
from functools import partial
from typing import Any

from pupitre_contracts import organisation
from pupitre_contracts.errors import EspaceUnknown, Invalid
from pupitre_espaces.context import Structure

from . import access, applications, facts, model, queries, repository, requests
from .habilitations import give


def list_espaces(request: Any, scope: Any) -> organisation.ListEspaces.Reply:
    with scope.reading() as db:
        structure = queries.structure_row(db, request.structure_id)
        access.require(db, scope.actor, "list_espaces", request.structure_id, day=model.today(scope.clock.now()))
        return organisation.ListEspaces.Reply(espaces=_entries(db, scope, structure))


def espaces_of_structures(request: Any, scope: Any) -> organisation.EspacesOfStructures.Reply:
    access.require_questioner(scope.actor, "espaces_of_structures")
    if len(request.structure_ids) > model.MOST_ASKED:
        raise Invalid(what="espaces_of_structures", fields={"structure_ids": [f"at most {model.MOST_ASKED}"]})
    with scope.reading() as db:
        found = queries.open_espaces(db, request.structure_ids)
    return organisation.EspacesOfStructures.Reply(
        structures=[
            organisation.StructureEspaces(structure_id=structure_id, espaces=sorted(found.get(structure_id, ())))
            for structure_id in request.structure_ids
        ]
    )


def open_espace(request: Any, scope: Any) -> organisation.OpenEspace.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "open_espace", request.structure_id)
        offers = {offer.key: offer for offer in scope.resources.offers()}
        if request.espace not in offers or not offers[request.espace].meant_for(structure.type):
            raise EspaceUnknown(espace=request.espace)
        if request.espace not in _opened(tx, request.structure_id):
            open_espace_id = open_in(tx, scope, structure, request.espace)
            _give_or_ask(tx, actor, structure, request.espace, open_espace_id)
            tx.publish(
                organisation.EspaceOpened(
                    structure_id=structure.structure_id,
                    espace=request.espace,
                    structure_name=structure.name,
                    opened_by=actor,
                )
            )
        return tx.answer(organisation.OpenEspace.Reply(espaces=_entries(tx, scope, structure)))


def close_espace(request: Any, scope: Any) -> organisation.CloseEspace.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "close_espace", request.structure_id)
        opened = _opened(tx, request.structure_id).get(request.espace)
        if opened is not None:
            told = {"before": facts.of_espace(tx, structure.structure_id, request.espace), "after": {"open": False}}
            repository.close_espace(tx, actor, opened)
            requests.withdraw(tx, actor, structure.structure_id, request.espace)
            repository.log(tx, actor, "espace.closed", structure.structure_id, object=f"espace:{request.espace}", **told)
            tx.publish(
                organisation.EspaceClosed(
                    structure_id=structure.structure_id,
                    espace=request.espace,
                    structure_name=structure.name,
                    closed_by=actor,
                )
            )
            tx.after_commit(
                partial(scope.resources.espace_closed, request.espace, _as_seen_by_plugins(structure), tx.now)
            )
        return tx.answer(organisation.CloseEspace.Reply(espaces=_entries(tx, scope, structure)))


def open_in(tx: Any, scope: Any, structure: Any, espace: str) -> uuid.UUID:
    """Open an espace for a structure, and return the row's id; nobody gets it by that alone."""
    actor = access.signature(scope.actor)
    open_espace_id = repository.open_espace(tx, actor, structure.structure_id, espace)
    told = {"before": {"open": False}, "after": facts.of_espace(tx, structure.structure_id, espace)}
    repository.log(tx, actor, "espace.opened", structure.structure_id, object=f"espace:{espace}", **told)
    tx.after_commit(partial(scope.resources.espace_opened, espace, _as_seen_by_plugins(structure), tx.now))
    return open_espace_id


def _give_or_ask(tx: Any, actor: str, structure: Any, espace: str, open_espace_id: uuid.UUID) -> None:
    """Give an espace that was added to the gestionnaire principal, and make a request for every other user (R141)."""
    links = queries.rattachements(tx, structure.structure_id)
    for link in (each for each in links if each.role == model.GP):
        give(tx, actor, link, espace, open_espace_id, applications.profile_asked_for(model.GP))
    others = [link for link in links if link.role != model.GP]
    requests.generate(tx, actor, structure, espace, others)


def _opened(db: Any, structure_id: uuid.UUID) -> dict[str, uuid.UUID]:
    return queries.open_espaces(db, [structure_id])[structure_id]


def _entries(db: Any, scope: Any, structure: Any) -> list[organisation.EspaceEntry]:
    opened = _opened(db, structure.structure_id)
    offers = [offer for offer in scope.resources.offers() if offer.meant_for(structure.type) or offer.key in opened]
    missing = sorted(set(opened) - {offer.key for offer in offers})
    return [
        *(_entry(offer, offer.key in opened, structure.type) for offer in offers),
        *(_entry_of_missing(espace) for espace in missing),
    ]


def _entry(offer: model.EspaceOffer, is_open: bool, structure_type: str) -> organisation.EspaceEntry:
    return organisation.EspaceEntry(
        key=offer.key,
        label_fr=offer.label_fr,
        label_en=offer.label_en,
        description_fr=offer.description_fr,
        description_en=offer.description_en,
        default=applications.from_the_start(offer, structure_type),
        addable=applications.addable(offer, structure_type),
        open=is_open,
        origin=offer.origin,
        version=offer.version,
        problem=offer.problem,
    )


def _entry_of_missing(espace: str) -> organisation.EspaceEntry:
    """An espace that is open and whose plugin is gone: it can still be closed."""
    return organisation.EspaceEntry(
        key=espace,
        label_fr=espace,
        label_en=espace,
        default=False,
        open=True,
        origin="",
        version="",
        problem="not installed",
    )


def as_seen_by_plugins(structure_id: uuid.UUID, identifier_type: str, identifier: str, name: str, kind: str) -> Structure:
    """Return what a plugin is told of a structure."""
    siret = identifier if identifier_type == "SIRET" else ""
    return Structure(id=str(structure_id), siret=siret, name=name, type=kind.lower())


def _as_seen_by_plugins(row: Any) -> Structure:
    return as_seen_by_plugins(row.structure_id, row.identifier_type, row.identifier, row.name, row.type)
