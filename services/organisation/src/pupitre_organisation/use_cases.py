"""Creating structures, and their parameters. People and rights are in ``rattachements``, espaces in ``espaces``, services in
``structure_services``.
"""

import uuid
from typing import Any

from pupitre_bus.search_texts import search_key
from pupitre_contracts import organisation
from pupitre_contracts.errors import Conflict, Invalid, StructureExists

from . import access, applications, espaces, facts, identifiers, model, queries, rattachements, repository

#: Parameters that come with reference data: a gestionnaire sees them and cannot change them (R070).
_FROM_REFERENCE_DATA = ("receives_edi",)
_COUNTRY_CHARACTERS = 2


def create_structure(request: Any, scope: Any) -> organisation.CreateStructure.Reply:
    founder = _founder(scope.actor, request.type)
    values = structure_values(request, address_line_needed=founder is not None)
    with scope.begin() as tx:
        if founder is not None:
            access.refuse_departed(tx, founder, tx.now)
        structure = created_in(tx, scope, values, founder)
        return tx.answer(organisation.CreateStructure.Reply(structure=queries.whole_structure(tx, structure, tx.now)))


def created_in(tx: Any, scope: Any, values: dict[str, Any], founder: uuid.UUID | None) -> Any:
    """Store a structure with its first espaces and its gestionnaire principal, if it has a founder; return its row."""
    actor = access.signature(scope.actor)
    values["portal_number"] = repository.next_number(tx, "structure")
    if values["identifier"] is None:
        values["identifier"] = identifiers.reference(values["identifier_type"], values["portal_number"])
    if not repository.add_structure(tx, actor, values):
        raise StructureExists(identifier=values["identifier"])
    structure = queries.structure_row(tx, values["structure_id"])
    repository.log(tx, actor, "structure.created", structure.structure_id, after=facts.told(values))
    tx.publish(
        organisation.StructureCreated(
            structure_id=structure.structure_id,
            identifier=structure.identifier,
            structure_name=structure.name,
            structure_type=structure.type,
        )
    )
    for espace in applications.opened_at_creation(scope.resources.offers(), structure.type):
        espaces.open_in(tx, scope, structure, espace)
    if founder is not None:
        rattachements.attach_in(tx, scope, structure, founder, model.GP)
    return structure


def set_parameters(request: Any, scope: Any) -> organisation.SetParameters.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        before = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        if request.version not in (None, before.version):
            raise Conflict(what=f"structure {request.structure_id}")
        values = {name: getattr(request.parameters, name) for name in queries.PARAMETERS}
        if not access.is_operator(scope.actor):
            values |= {name: getattr(before, name) for name in _FROM_REFERENCE_DATA}
        _only_public_demand(before.type, values)
        changes = {name: value for name, value in values.items() if value != getattr(before, name)}
        held = {name: getattr(before, name) for name in changes}
        if changes:
            repository.change_structure(tx, actor, request.structure_id, values)
            repository.log(tx, actor, "structure.parameters_changed", request.structure_id, before=held, after=changes)
            tx.publish(
                organisation.StructureParametersChanged(
                    structure_id=request.structure_id,
                    parameters=organisation.Parameters(**values),
                    changed_by=actor,
                )
            )
        after = queries.structure_row(tx, request.structure_id)
        return tx.answer(organisation.SetParameters.Reply(structure=queries.whole_structure(tx, after, tx.now)))


def _founder(actor: Any, structure_type: str) -> uuid.UUID | None:
    """Return the user who becomes GP by creating a structure (R064), None for an operator.

    Public bodies come from reference data, and their gestionnaires are not made on the portal (R026).
    """
    access.require_anywhere(actor, "create_structure", structure_type)
    return access.user_id(actor)


def structure_values(request: Any, address_line_needed: bool) -> dict[str, Any]:
    """Return the columns of a structure to create; ``identifier`` is None where the portal gives one. Raises IdentifierWrong, Invalid."""
    name = _name(request)
    identifier = identifiers.completed(request.identifier_type, request.identifier, name)
    if identifier is not None:
        identifier = identifiers.checked(request.identifier_type, identifier)
    if request.type == model.PUBLIC and request.identifier_type != "SIRET":
        fault = "une structure publique est désignée par son SIRET / a public structure is known by its SIRET"
        raise Invalid(what="structure", fields={"identifier_type": [fault]})
    label = model.checked_text("label", request.label, 200, required=False)
    address = _address(request.address, address_line_needed)
    demands = {name: getattr(request.parameters or organisation.Parameters(), name) for name in queries.PARAMETERS}
    _only_public_demand(request.type, demands)
    return {
        "structure_id": uuid.uuid4(),
        "identifier_type": request.identifier_type,
        "identifier": identifier,
        "siren": identifiers.siren_of(request.identifier_type, identifier or ""),
        "name": name,
        "name_key": search_key(name),
        "label": label,
        "label_key": search_key(label),
        "type": request.type,
        "active": True,
        "email": model.checked_email("email", model.checked_text("email", request.email, 254, required=False)),
        "phone": model.checked_text("phone", request.phone, 30, required=False),
        "vat_number": identifiers.checked_vat_number(request.vat_number),
        "rcs_number": model.checked_text("rcs_number", request.rcs_number, 60, required=False),
        "non_diffusible": request.non_diffusible,
        **address,
        **demands,
    }


def _name(request: Any) -> str:
    """Return the raison sociale; a person has given and family name instead (H.1)."""
    if request.identifier_type != "PARTICULIER" or not (request.given_name or request.family_name):
        return model.checked_text("name", request.name, 200)
    return " ".join(model.checked_text(field, getattr(request, field), 99) for field in ("given_name", "family_name"))


def _address(address: Any, line_needed: bool) -> dict[str, Any]:
    country = model.checked_text("country", address.country or "FR", _COUNTRY_CHARACTERS).upper()
    if len(country) != _COUNTRY_CHARACTERS or not country.isalpha():
        raise Invalid(what="structure", fields={"country": ["deux lettres, ISO 3166 / two letters, ISO 3166"]})
    postal_code = model.checked_text("postal_code", address.postal_code, 20)
    city = model.checked_text("city", address.city, 100)
    return {
        "line": model.checked_text("line", address.line, 200, required=line_needed),
        "complement": model.checked_text("complement", address.complement, 200, required=False),
        "complement2": model.checked_text("complement2", address.complement2, 200, required=False),
        "postal_code": postal_code,
        "postal_code_key": search_key(postal_code),
        "city": city,
        "city_key": search_key(city),
        "country": country,
    }


def _only_public_demand(structure_type: str, parameters: dict[str, bool]) -> None:
    if structure_type != model.PUBLIC and any(parameters.values()):
        raise Invalid(what="structure", fields={"parameters": ["only public structures demand anything of invoices"]})
