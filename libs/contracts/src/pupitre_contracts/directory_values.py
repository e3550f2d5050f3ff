"""What the calls about the annuaire are made of: its entries, and structures as reference data gives them."""

from .message import Message, fields, nested
from .organisation_values import Address, Parameters, StructureService, StructureSummary


class DirectoryEntry(StructureSummary):
    """What the annuaire tells of a public structure (R260); ``change`` numbers its latest change."""

    address = nested(Address, required=True)
    parameters = nested(Parameters, required=True)
    services = nested(StructureService, many=True, required=True)
    change = fields.Integer(required=True)


class ImportedService(Message):
    """A service of a structure in reference data. A new one starts today and is active where nothing else is said."""

    code = fields.String(required=True)
    label = fields.String()
    active = fields.Boolean()
    starts_on = fields.Date()
    ends_on = fields.Date()
    requires_engagement = fields.Boolean()


class ImportedStructure(Message):
    """A public structure in reference data. A new one needs name, postal code and city, and is active where nothing else is said."""

    identifier_type = fields.String(load_default="SIRET")
    identifier = fields.String(required=True)
    name = fields.String()
    label = fields.String()
    email = fields.String()
    phone = fields.String()
    vat_number = fields.String()
    line = fields.String()
    complement = fields.String()
    postal_code = fields.String()
    city = fields.String()
    country = fields.String()
    active = fields.Boolean()
    requires_service = fields.Boolean()
    requires_engagement = fields.Boolean()
    requires_service_or_engagement = fields.Boolean()
    payment_not_reported = fields.Boolean()
    receives_edi = fields.Boolean()
    services = nested(ImportedService, many=True)


class ImportRefusal(Message):
    """Why a structure was left out: where it stood among those sent, and its service if that is to blame, both counted from 0."""

    position = fields.Integer(required=True)
    service_position = fields.Integer()
    field = fields.String(required=True)
    why_fr = fields.String(required=True)
    why_en = fields.String(required=True)
    remedy_fr = fields.String(required=True)
    remedy_en = fields.String(required=True)
