"""What organisation promises about a structure's own affairs: its data, its state, its services, bank details and documents.

"MODIFICATION of organisation" is said of the gestionnaire principal and of users with that habilitation (R085, R122).
"""

from .message import Call, Event, Message, fields, nested
from .organisation_values import Address, Structure, StructureService
from .structure_values import (
    RATINGS,
    REQUEST_STATES,
    SIRENE_STATES,
    FieldChange,
    Person,
    StructureRequest,
)

__all__ = [
    "REQUEST_STATES",
    "AskPublicStructure",
    "AskStructureState",
    "ChangeStructure",
    "ChangeStructureService",
    "DecideStructureRequest",
    "FieldChange",
    "GetStructureSheet",
    "ListStructureRequests",
    "Person",
    "RateStructureRequest",
    "ReplaceIdentifier",
    "StructureActivated",
    "StructureChanged",
    "StructureInactivated",
    "StructureRequest",
    "StructureServiceChanged",
    "StructureServiceCreated",
    "UpdateFromSirene",
]


class StructureChanged(Event):
    """General data of a structure changed: ``changed`` names the fields (R067)."""

    name, version, owner, subject_field = "structure.changed", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    changed = fields.List(fields.String(), required=True)
    changed_by = fields.String(required=True)


class StructureActivated(Event):
    """A structure takes part again (R069)."""

    name, version, owner, subject_field = "structure.activated", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    activated_by = fields.String(required=True)


class StructureInactivated(Event):
    """A structure neither receives nor issues invoices any more (R069)."""

    name, version, owner, subject_field = "structure.inactivated", 1, "organisation", "structure_id"

    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    inactivated_by = fields.String(required=True)


class StructureServiceCreated(Event):
    """A structure has one service more (R081)."""

    name, version, owner, subject_field = "structure_service.created", 1, "organisation", "structure_service_id"

    structure_service_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    code = fields.String(required=True)
    created_by = fields.String(required=True)


class StructureServiceChanged(Event):
    """A service of a structure has other dates, demands or words, or was switched on or off (R085)."""

    name, version, owner, subject_field = "structure_service.changed", 1, "organisation", "structure_service_id"

    structure_service_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    code = fields.String(required=True)
    enabled = fields.Boolean(required=True)
    changed_by = fields.String(required=True)


class GetStructureSheet(Call):
    """Read a structure as its own users see it: gestionnaire principal, what may be changed, requests about it (R066, R067).

    Users attached to it, operators. Errors: not-found, for everybody else too.
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        structure = nested(Structure, required=True)
        gestionnaire = nested(Person)
        may_modify = fields.Boolean(required=True)
        requests = nested(StructureRequest, many=True, required=True)


class ChangeStructure(Call):
    """Replace the general data that may be changed; what is absent becomes empty (R067).

    Identifier and raison sociale stay. MODIFICATION of organisation, or operator. Errors: forbidden, not-found, invalid, conflict (changed
    since ``version``).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        label = fields.String()
        email = fields.String()
        phone = fields.String()
        rcs_number = fields.String()
        vat_number = fields.String()
        non_diffusible = fields.Boolean()

    class Reply(Message):
        structure = nested(Structure, required=True)


class ReplaceIdentifier(Call):
    """Give a structure in course of registration (AUTRE) its SIRET (H.1, R067). MODIFICATION of organisation, or operator.

    Errors: forbidden, not-found, invalid (another type of identifier), organisation.identifier-wrong, organisation.structure-exists.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        siret = fields.String(required=True)

    class Reply(Message):
        structure = nested(Structure, required=True)


class UpdateFromSirene(Call):
    """Bring raison sociale and address in line with the INSEE register (R066); ``changes`` tells what was different.

    The structure's state stays: ``sirene_state`` says whether the establishment is open. MODIFICATION of organisation, or operator. Errors:
    forbidden, not-found, invalid (no SIRET), organisation.sirene-unavailable, organisation.sirene-unknown.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        structure = nested(Structure, required=True)
        sirene_state = fields.Choice(*SIRENE_STATES, required=True)
        changes = nested(FieldChange, many=True, required=True)


class AskStructureState(Call):
    """Activate or inactivate a structure (R069). Done at once (state APPROUVE of the reply) or left to the operator (DEMANDE).

    A public structure whose SIRET is closed in SIRENE is inactivated at once; one whose SIRET is open there, or of which nothing is known,
    needs a motive and the operator's decision. Activating needs both when the SIRET is closed. A private structure is inactivated at once.
    MODIFICATION of organisation, or operator, for whom all is done at once. Errors: forbidden, not-found,
    organisation.structure-state-same, organisation.motive-needed, organisation.request-pointless (one waits already).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        wanted = fields.Choice("ACTIVE", "INACTIVE", required=True)
        motive = fields.String()

    class Reply(Message):
        request = nested(StructureRequest, required=True)
        structure = nested(Structure, required=True)


class AskPublicStructure(Call):
    """Ask the operator for a public structure that the portal does not know (R068, D05). Users.

    Errors: invalid, organisation.identifier-wrong, organisation.structure-exists, organisation.request-pointless (one waits already).
    """

    service, writes = "organisation", True

    class Request(Message):
        identifier = fields.String(required=True)
        name = fields.String(required=True)
        address = nested(Address, required=True)
        motive = fields.String(required=True)

    class Reply(Message):
        request = nested(StructureRequest, required=True)


class DecideStructureRequest(Call):
    """Approve a waiting request, which takes effect at once, or refuse it with a motive. Operators.

    ``requester_manages`` makes the requester of a creation the gestionnaire principal. Errors: forbidden, not-found, invalid,
    organisation.request-decided, organisation.structure-exists.
    """

    service, writes = "organisation", True

    class Request(Message):
        number = fields.Integer(required=True)
        decision = fields.Choice("APPROUVE", "REFUSE", required=True)
        motive = fields.String()
        requester_manages = fields.Boolean(load_default=False)

    class Reply(Message):
        request = nested(StructureRequest, required=True)


class ListStructureRequests(Call):
    """List requests about structures, newest first: an operator's are all, a user's his own (R068)."""

    service = "organisation"

    class Request(Message):
        state = fields.Choice(*REQUEST_STATES)
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        requests = nested(StructureRequest, many=True, required=True)
        total = fields.Integer(required=True)


class RateStructureRequest(Call):
    """Say whether one was well served, thumb up or down, at the end of one's own request (R069). Errors: not-found."""

    service, writes = "organisation", True

    class Request(Message):
        request_id = fields.UUID(required=True)
        rating = fields.Choice(*RATINGS, required=True)

    class Reply(Message):
        request = nested(StructureRequest, required=True)


class ChangeStructureService(Call):
    """Replace what is said of a service, its code excepted; ``enabled`` switches it on or off (R081, R085).

    MODIFICATION of organisation, or operator. Errors: forbidden, not-found, invalid, conflict (changed since ``version``).
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        structure_service_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        label = fields.String(required=True)
        description = fields.String()
        starts_on = fields.Date(required=True)
        ends_on = fields.Date()
        requires_engagement = fields.Boolean(required=True)
        enabled = fields.Boolean(required=True)

    class Reply(Message):
        structure_service = nested(StructureService, required=True)
