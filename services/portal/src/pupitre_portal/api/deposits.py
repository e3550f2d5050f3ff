"""/api/v1/factures/emises: one invoice, entered as data or deposited as a file, checked and sent in one call (R162, R163).

The calls are those of the pages, and so is what is refused: `details.findings` say each problem. A refused invoice leaves no draft behind.
"""

from collections.abc import Mapping
from typing import Any

import flask_smorest
import marshmallow
from flask import g, request
from marshmallow import fields, validate
from pupitre_contracts import errors, invoicing
from pupitre_contracts import invoicing_entry as calls

from .. import bus, files, invoice_cadres
from . import callers, joined, named_parties, reading, sending, words
from .described import BYTES, KEY, LANG, schema_of
from .problems import problem

blueprint = flask_smorest.Blueprint(
    "api_deposits", __name__, url_prefix="/api/v1/factures", description="Deposit of single invoices of the account's structure"
)

InvoiceSchema = schema_of(invoicing.Invoice)
_FILE = {"schema": BYTES}


class _Typed(fields.String):
    """A text as people type it, which programs may write as a number."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return super()._deserialize(written, *args, **kwargs)


def _entered(message: type, **instead: fields.Field) -> type[marshmallow.Schema]:
    """Return the schema of what a program enters, made of what a person types: everything may be left out."""
    kinds = {fields.Boolean: fields.Boolean, fields.UUID: fields.UUID}
    found: dict[str, fields.Field] = {}
    for name, field in message.declared.items():
        if name == "read_in_pdf":  # nothing of it was
            continue
        made = next((kind() for of, kind in kinds.items() if isinstance(field, of)), None)
        choices = getattr(field, "choices", None)
        if choices:
            made = fields.String(validate=validate.OneOf(choices))
        found[name] = made or _Typed(metadata={"description": "A text, or a number"})
    return marshmallow.Schema.from_dict({**found, **instead}, name=f"Entered{message.__name__}Schema")


EnteredInvoiceSchema = _entered(
    calls.Entry,
    lines=fields.List(fields.Nested(_entered(calls.EntryLine)), validate=validate.Length(max=calls.MOST_LINES)),
    parties=fields.List(
        fields.Nested(named_parties.NamedValideurSchema), metadata={"description": "Who validates it, where its cadre wants that (A9, A12)"}
    ),
)


class CadreRoleSchema(marshmallow.Schema):
    key = fields.String(required=True, metadata={"description": "`role` of a party"})
    label_fr = fields.String(required=True)
    label_en = fields.String(required=True)
    espace = fields.String(required=True, metadata={"description": "Where the invoice waits for him"})
    needed = fields.Boolean(required=True, metadata={"description": "Without him the invoice is refused"})


class CadreSchema(marshmallow.Schema):
    code = fields.String(required=True)
    espace = fields.String(required=True, metadata={"description": "The espace that brings it"})
    label_fr = fields.String(required=True)
    label_en = fields.String(required=True)
    roles = fields.List(fields.Nested(CadreRoleSchema), required=True, metadata={"description": "Who is named, in this order"})


class CadresSchema(marshmallow.Schema):
    cadres = fields.List(fields.Nested(CadreSchema), required=True)


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


def _described(operation: str, *parameters: Any, **more: Any) -> Any:
    return blueprint.doc(operationId=operation, security=[{"client": []}], parameters=[*parameters, KEY, LANG], **more)


@blueprint.get("/cadres")
@blueprint.doc(operationId="listCadres", security=[{"client": []}])
@blueprint.response(200, CadresSchema, description="Those that espaces bring; A1 and A2 have nobody who validates")
@_problem(401, "A bearer token of a technical account is needed")
def cadres() -> dict[str, Any]:
    """List the cadres in which others validate an invoice before its recipient has it, and who is to be named for each."""
    callers.resume_client()
    found = sorted(invoice_cadres.all_cadres().items())
    return {"cadres": [_cadre(code, espace, cadre) for code, (espace, cadre) in found]}


@blueprint.post("/emises")
@_described(
    "enterInvoice",
    requestBody=joined.body_of(
        EnteredInvoiceSchema, "JSON; or multipart with that JSON as `body`, and files to be joined as `documents`, at most 10 MB each"
    ),
)
@blueprint.response(201, InvoiceSchema, description="The invoice as it was sent: to its recipient, or to those who validate it")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account may not deposit for its structure")
@_problem(404, "There are no such bank details for the account's structure")
@_problem(409, "The number is used already")
@_problem(422, "Something is wrong with it (`invoicing.invoice-refused`): `details.findings` says each problem, and nothing is kept")
@_problem(503, "A service, or the engine, does not answer: try again with the same Idempotency-Key")
@files.accepts_upload
def enter() -> Any:
    """Enter an invoice of the account's structure, and send it if nothing is wrong with it."""
    callers.resume_client()
    asked, given = reading.body(EnteredInvoiceSchema), reading.idempotency_key()
    key, documents = sending.key_of(given), joined.documents(calls.NewEntryDocument)
    state = bus.call(
        calls.SaveEntry,
        key=str(key),
        structure_id=g.account.structure_id,
        entry=_entry(asked),
        deposit_mode="SAISIE_API",
        language=words.language(),
        **({"documents": documents} if documents else {}),
    ).state
    return sending.confirm_and_send(key, state.invoice, words.language())


@blueprint.post("/emises/fichier")
@_described(
    "depositInvoice",
    {"name": "name", "in": "query", "schema": {"type": "string"}, "description": "Name of the file"},
    named_parties.PARAMETER,
    requestBody={
        "required": True,
        "description": "The invoice itself: UBL or CII XML, or a Factur-X PDF. It is recognised by its content.",
        "content": dict.fromkeys(("application/xml", "application/pdf", "application/octet-stream"), _FILE),
    },
)
@blueprint.response(201, InvoiceSchema, description="The invoice as it was sent: to its recipient, or to those who validate it")
@_problem(401, "A bearer token of a technical account is needed")
@_problem(403, "The account may not deposit for its structure")
@_problem(409, "The number is used already")
@_problem(413, "The file is larger than this site takes")
@_problem(422, "Something is wrong with it (`invoicing.invoice-refused`): `details.findings` says each problem, and nothing is kept")
@_problem(503, "A service, or the engine, does not answer: try again with the same Idempotency-Key")
@files.accepts_upload
def deposit() -> Any:
    """Deposit the file of one invoice of the account's structure, and send it if nothing is wrong with it.

    Who validates is named by `party`, or by a note of the file (BT-22): `#acteur valideur-1 90000005000014`. What is named here counts.
    """
    callers.resume_client()
    named, key = named_parties.of_address(), sending.key_of(reading.idempotency_key())
    content = request.get_data()
    if not content:
        raise errors.Invalid(what="fichier", fields={"fichier": ["vide / empty"]})
    stored = files.store(request.args.get("name"), content, request.mimetype or None)
    prepared = bus.call(
        invoicing.PrepareInvoice,
        key=str(key),
        structure_id=g.account.structure_id,
        sha256=stored.sha256,
        size=stored.size,
        name=stored.name,
        content_type=stored.mime,
        deposit_mode="UPLOAD_API",
        language=words.language(),
        **named,
    )
    if prepared.invoice is None:
        raise sending.refusal(prepared.report.findings, prepared.report.stage or "container")
    return sending.send(key, prepared.invoice, words.language(), **named)


def _entry(asked: Mapping[str, Any]) -> calls.Entry:
    lines = [calls.EntryLine(**each) for each in asked.get("lines", ())]
    parties = {"parties": named_parties.of_body(asked["parties"])} if "parties" in asked else {}
    return calls.Entry(**{**asked, "lines": lines, **parties})


def _cadre(code: str, espace: str, cadre: Any) -> dict[str, Any]:
    roles = [
        {
            "key": role.key,
            "label_fr": role.label.fr,
            "label_en": role.label.en,
            "espace": role.espace or espace,
            "needed": role.key in cadre.needs,
        }
        for role in cadre.roles
    ]
    return {"code": code, "espace": espace, "label_fr": cadre.label.fr, "label_en": cadre.label.en, "roles": roles}
