"""Structures, their parameters and services. People and rights are in ``rattachements``, espaces in ``espaces``."""

import uuid
from typing import Any

from pupitre_contracts import organisation
from pupitre_contracts.errors import Forbidden, Invalid, StructureExists, StructureServiceExists

from . import access, espaces, identifiers, model, queries, rattachements, repository

#: Parameters that come with reference data: a gestionnaire sees them and cannot change them (R070).
_FROM_REFERENCE_DATA = ("receives_edi",)
_COUNTRY_CHARACTERS = 2


def create_structure(request: Any, scope: Any) -> organisation.CreateStructure.Reply:
    founder = _founder(scope.actor, request.type)
    values = _structure_values(request, address_line_needed=founder is not None)
    actor = access.signature(scope.actor)
    offers = scope.resources.offers()
    with scope.begin() as tx:
        values["portal_number"] = repository.next_number(tx, "structure")
        if not repository.add_structure(tx, actor, values):
            raise StructureExists(identifier=values["identifier"])
        structure = queries.structure_row(tx, values["structure_id"])
        repository.log(tx, actor, "structure.created", structure.structure_id, identifier=structure.identifier)
        tx.publish(
            organisation.StructureCreated(
                structure_id=structure.structure_id,
                identifier=structure.identifier,
                structure_name=structure.name,
                structure_type=structure.type,
            )
        )
        for espace in model.default_espaces(offers, structure.type):
            espaces.open_in(tx, scope, structure, espace)
        if founder is not None:
            rattachements.attach_in(tx, scope, structure, founder, model.GP)
        return tx.answer(organisation.CreateStructure.Reply(structure=queries.whole_structure(tx, structure, tx.now)))


def set_parameters(request: Any, scope: Any) -> organisation.SetParameters.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        before = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_gestionnaire(tx, scope.actor, request.structure_id)
        values = dict(request.parameters.values)
        if not access.is_operator(scope.actor):
            values |= {name: getattr(before, name) for name in _FROM_REFERENCE_DATA}
        _only_public_demand(before.type, values)
        changes = {name: value for name, value in values.items() if value != getattr(before, name)}
        if changes:
            repository.set_parameters(tx, actor, request.structure_id, values)
            repository.log(tx, actor, "structure.parameters_changed", request.structure_id, **changes)
            tx.publish(
                organisation.StructureParametersChanged(
                    structure_id=request.structure_id,
                    parameters=organisation.Parameters(**values),
                    changed_by=actor,
                )
            )
        after = queries.structure_row(tx, request.structure_id)
        return tx.answer(organisation.SetParameters.Reply(structure=queries.whole_structure(tx, after, tx.now)))


def create_structure_service(request: Any, scope: Any) -> organisation.CreateStructureService.Reply:
    actor = access.signature(scope.actor)
    values = _service_values(request)
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_gestionnaire(tx, scope.actor, request.structure_id)
        values["portal_number"] = repository.next_number(tx, "structure_service")
        if not repository.add_structure_service(tx, actor, values):
            raise StructureServiceExists(code=values["code"])
        repository.log(tx, actor, "structure_service.created", request.structure_id, code=values["code"])
        active = model.in_service(values["active"], values["starts_on"], values["ends_on"], model.today(tx.now))
        told = {name: value for name, value in values.items() if name not in ("structure_id", "active")}
        return tx.answer(
            organisation.CreateStructureService.Reply(
                structure_service=organisation.StructureService(**told, active=active)
            )
        )


def _founder(actor: Any, structure_type: str) -> uuid.UUID | None:
    """Return the user who becomes GP by creating a structure (R064), None for an operator.

    Public bodies come from reference data, and their gestionnaires are not made on the portal (R026).
    """
    if access.is_operator(actor):
        return None
    user_id = access.user_id(actor)
    if user_id is None or structure_type == model.PUBLIC:
        raise Forbidden(needed=access.OPERATOR)
    return user_id


def _structure_values(request: Any, address_line_needed: bool) -> dict[str, Any]:
    identifier = identifiers.checked(request.identifier_type, request.identifier)
    name = model.checked_text("name", request.name, 200)
    label = model.checked_text("label", request.label, 200, required=False)
    address = _address(request.address, address_line_needed)
    demands = dict((request.parameters or organisation.Parameters()).values)
    _only_public_demand(request.type, demands)
    return {
        "structure_id": uuid.uuid4(),
        "identifier_type": request.identifier_type,
        "identifier": identifier,
        "siren": identifiers.siren_of(request.identifier_type, identifier),
        "name": name,
        "name_key": model.search_key(name),
        "label": label,
        "label_key": model.search_key(label),
        "type": request.type,
        "active": True,
        "email": model.checked_text("email", request.email, 254, required=False),
        "phone": model.checked_text("phone", request.phone, 30, required=False),
        "vat_number": identifiers.checked_vat_number(request.vat_number),
        **address,
        **demands,
    }


def _address(address: Any, line_needed: bool) -> dict[str, Any]:
    country = model.checked_text("country", address.country or "FR", _COUNTRY_CHARACTERS).upper()
    if len(country) != _COUNTRY_CHARACTERS or not country.isalpha():
        raise Invalid(what="structure", fields={"country": ["two letters, ISO 3166"]})
    postal_code = model.checked_text("postal_code", address.postal_code, 20)
    city = model.checked_text("city", address.city, 100)
    return {
        "line": model.checked_text("line", address.line, 200, required=line_needed),
        "complement": model.checked_text("complement", address.complement, 200, required=False),
        "postal_code": postal_code,
        "postal_code_key": model.search_key(postal_code),
        "city": city,
        "city_key": model.search_key(city),
        "country": country,
    }


def _only_public_demand(structure_type: str, parameters: dict[str, bool]) -> None:
    if structure_type != model.PUBLIC and any(parameters.values()):
        raise Invalid(what="structure", fields={"parameters": ["only public structures demand anything of invoices"]})


def _service_values(request: Any) -> dict[str, Any]:
    if request.ends_on is not None and request.ends_on < request.starts_on:
        raise Invalid(what="structure_service", fields={"ends_on": ["before starts_on"]})
    return {
        "structure_service_id": uuid.uuid4(),
        "structure_id": request.structure_id,
        "code": model.checked_text("code", request.code, model.CODE_CHARACTERS),
        "label": model.checked_text("label", request.label, 200),
        "description": model.checked_text("description", request.description, 1000, required=False),
        "starts_on": request.starts_on,
        "ends_on": request.ends_on,
        "requires_engagement": request.requires_engagement,
        "active": request.active,
    }
