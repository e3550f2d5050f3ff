"""Fields of forms: marshmallow fields that know how they are called, and what the portal needs to ask for them.

An espace declares a form, or a line, as a marshmallow schema of these fields. The portal makes its pages of them, the API its JSON
schema, the import of lines its columns; all read what was given with :func:`read`, so that the same input has the same problems everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import marshmallow
from marshmallow import fields, validate

from .values import Finding, Label

#: The rule that a finding of a form names.
RULE_REQUIRED, RULE_FORMAT = "form-required", "form-format"
LONGEST_TEXT = 2000
#: Digits before the decimal point that any number may have; beyond, arithmetic would round.
_MOST_DIGITS = 18

#: What a text may be chosen from: the names of the bank details of who deposits (R086). A page offers them, and any text is read.
BANK_DETAILS = "bank-details"

_MISSING = Label("Ce champ est obligatoire.", "This field is required.")
_FILL = Label("Renseignez-le.", "Fill it in.")
_UNREADABLE = {
    "text": Label(
        "Ce texte est trop long ou n'a pas la forme attendue.",
        "This text is too long, or not of the form that is wanted.",
    ),
    "number": Label("Ce n'est pas un nombre accepté ici.", "This is not a number that is accepted here."),
    "money": Label("Ce n'est pas un montant au centime.", "This is not an amount to the cent."),
    "date": Label("Ce n'est pas une date.", "This is not a date."),
    "choice": Label("Ce choix n'est pas proposé.", "This is not one of the choices."),
    "tick": Label("Cette case se coche ou ne se coche pas.", "This box is ticked or not."),
}
_REMEDY = {
    "text": Label("Raccourcissez ou corrigez le texte.", "Shorten or correct the text."),
    "number": Label("Écrivez un nombre, par exemple 12 ou 12,5.", "Write a number, for instance 12 or 12.5."),
    "money": Label("Écrivez un montant, par exemple 1250,00.", "Write an amount, for instance 1250.00."),
    "date": Label("Écrivez la date comme 2024-03-15.", "Write the date like 2024-03-15."),
    "choice": Label("Choisissez dans la liste.", "Choose from the list."),
    "tick": Label("Cochez ou décochez la case.", "Tick or untick the box."),
}


@dataclass(frozen=True, slots=True)
class Guide:
    """A page of the espace that helps to fill a field in, as a link beside it: its slug and what the link says."""

    page: str
    label: Label


def text(
    label: Label,
    *,
    needed: bool = False,
    longest: int = 200,
    pattern: str | None = None,
    rows: int = 1,
    help: Label | None = None,
    suggests: str = "",
    worked_out: bool = False,
) -> fields.Field:
    """A text of at most `longest` characters, in a box of `rows`; `pattern` is what all of it must match. `suggests`: `BANK_DETAILS`."""
    if suggests not in ("", BANK_DETAILS):
        raise ValueError(f"nothing is known to suggest as {suggests!r}")
    checks: list[Any] = [validate.Length(max=min(longest, LONGEST_TEXT))]
    if pattern is not None:
        checks.append(validate.Regexp(f"(?:{pattern})\\Z"))
    return fields.String(
        required=needed,
        validate=checks,
        metadata=_told("text", label, help, rows=rows, longest=longest, suggests=suggests, worked_out=worked_out),
    )


def number(
    label: Label,
    *,
    needed: bool = False,
    places: int = 2,
    least: Decimal | None = Decimal(0),
    most: Decimal = Decimal(10) ** 10,
    unit: str = "",
    help: Label | None = None,
    worked_out: bool = False,
) -> fields.Field:
    """An exact number with at most `places` decimals; `worked_out`: the espace fills it in, and nobody types it."""
    return fields.Decimal(
        required=needed,
        as_string=True,
        allow_nan=False,
        validate=[validate.Range(min=least, max=most), _Places(places)],
        metadata=_told("number", label, help, unit=unit, places=places, worked_out=worked_out),
    )


def money(
    label: Label,
    *,
    needed: bool = False,
    least: Decimal | None = Decimal(0),
    help: Label | None = None,
    worked_out: bool = False,
    guide: Guide | None = None,
) -> fields.Field:
    """An amount in euros, to the cent."""
    return fields.Decimal(
        required=needed,
        as_string=True,
        allow_nan=False,
        validate=[validate.Range(min=least, max=Decimal(10) ** 12), _Places(2)],
        metadata=_told("money", label, help, unit="EUR", places=2, worked_out=worked_out, guide=guide),
    )


def day(label: Label, *, needed: bool = False, help: Label | None = None, worked_out: bool = False) -> fields.Field:
    """A date; `worked_out`: the espace fills it in, and nobody types it (the last day of a delay)."""
    return fields.Date(required=needed, metadata=_told("date", label, help, worked_out=worked_out))


def choice(
    label: Label, choices: Mapping[str, Label], *, needed: bool = False, help: Label | None = None
) -> fields.Field:
    """One of `choices`: what is kept, and what people read."""
    return fields.String(
        required=needed,
        validate=validate.OneOf(list(choices)),
        metadata=_told("choice", label, help, choices=dict(choices)),
    )


def year(label: Label, *, needed: bool = False, help: Label | None = None) -> fields.Field:
    """A year of four digits."""
    return fields.Integer(
        required=needed, validate=validate.Range(1900, 2999), metadata=_told("number", label, help, places=0, unit="")
    )


def tick(label: Label, *, must: bool = False, help: Label | None = None) -> fields.Field:
    """A box to tick; `must`: a request is not sent without it (an attestation)."""
    return fields.Boolean(
        metadata=_told("tick", label, help, must=must), **({} if must else {"load_default": False}), required=must
    )


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as pages and programs show it. `shape` is text, number, money, date, choice or tick."""

    name: str
    shape: str
    label: Label
    help: Label | None
    needed: bool
    rows: int = 1
    longest: int = 200
    unit: str = ""
    places: int = 0
    worked_out: bool = False
    choices: Mapping[str, Label] | None = None
    #: `BANK_DETAILS`, or nothing.
    suggests: str = ""
    guide: Guide | None = None


def describe(schema: type[marshmallow.Schema]) -> tuple[FormField, ...]:
    """Return the fields of a form in the order of their declaration. Raises ValueError for one that is not of this module."""
    return tuple(_describe(name, field) for name, field in schema._declared_fields.items())


def read(
    schema: type[marshmallow.Schema], raw: Mapping[str, Any], *, line: int | None = None
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return what was given as values, and the problems. A field that cannot be read, or is blank, is left out of the values.

    `raw` holds texts (of a page, a file) or JSON; names that the schema lacks, and what the espace works out itself, are
    ignored. `line` counts from 1, for the findings.
    """
    known = {field.name: field for field in describe(schema)}
    typed = [name for name, field in known.items() if name in raw and not field.worked_out]
    given = {name: _cleaned(raw[name], known[name]) for name in typed if not _blank(raw[name])}
    values, faults = {}, {}
    made = schema(unknown=marshmallow.EXCLUDE)
    try:
        values = made.load(given, partial=True)
    except marshmallow.ValidationError as error:
        faults = error.normalized_messages()
        values = {name: value for name, value in (error.valid_data or {}).items() if name not in faults}
    findings = [_finding(RULE_FORMAT, known[name], line, _UNREADABLE, _REMEDY) for name in faults if name in known]
    for name, field in known.items():
        absent = name not in values and name not in faults
        if field.needed and (absent or (field.shape == "tick" and values.get(name) is False)) and not field.worked_out:
            findings.append(_finding(RULE_REQUIRED, field, line))
    return values, tuple(findings)


def dump(schema: type[marshmallow.Schema], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON keeps them: decimals and dates as texts. What the schema lacks is left out."""
    known = {name: value for name, value in values.items() if name in schema._declared_fields and value is not None}
    return {name: value for name, value in schema().dump(known).items() if value is not None}


def load(schema: type[marshmallow.Schema], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what :func:`dump` wrote as values again, what the espace worked out included. What does not read is left out."""
    known = {name: value for name, value in kept.items() if name in schema._declared_fields and value is not None}
    try:
        return schema().load(known, partial=True)
    except marshmallow.ValidationError as error:
        return {name: value for name, value in (error.valid_data or {}).items() if name not in error.normalized_messages()}


def json_schema(schema: type[marshmallow.Schema]) -> dict[str, Any]:
    """Return the JSON schema of a form, for programs."""
    described = describe(schema)
    return {
        "type": "object",
        "properties": {field.name: _json_type(field) for field in described if not field.worked_out},
        "required": [field.name for field in described if field.needed and not field.worked_out],
    }


def _json_type(field: FormField) -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {
        "text": {"type": "string", "maxLength": field.longest},
        "number": {"type": ["string", "number"], "description": f"exact, at most {field.places} decimals"},
        "money": {"type": "string", "description": "EUR, two decimals"},
        "date": {"type": "string", "format": "date"},
        "choice": {"type": "string", "enum": list(field.choices or ())},
        "tick": {"type": "boolean"},
    }
    return {**shapes[field.shape], "title": field.label.en}


class _Places(validate.Validator):
    """Refuses numbers with more decimals than are kept, instead of rounding in silence."""

    def __init__(self, places: int) -> None:
        self._places = places

    def __call__(self, value: Decimal) -> Decimal:
        fits = value.is_finite() and value.adjusted() < _MOST_DIGITS
        if not fits or value != round(value, self._places):
            raise marshmallow.ValidationError(f"at most {self._places} decimals")
        return value


def _told(shape: str, label: Label, help: Label | None, **more: Any) -> dict[str, Any]:
    return {"pupitre": {"shape": shape, "label": label, "help": help, **more}}


def _describe(name: str, field: fields.Field) -> FormField:
    told = dict(field.metadata.get("pupitre") or {})
    if not told:
        raise ValueError(f"the field {name} is not one of pupitre_espaces.forms")
    told.pop("must", None)
    return FormField(name=name, needed=field.required, **told)


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _cleaned(value: Any, field: FormField) -> Any:
    """Return a text as people write it in the form that schemas read: a comma for decimals, blanks between thousands, days first."""
    if not isinstance(value, str):
        return value
    value = value.strip()
    if field.shape in ("number", "money"):
        return "".join(value.split()).replace("\u202f", "").replace(",", ".")
    if field.shape == "date" and value.count("/") == 2:
        day_, month, year_ = value.split("/")
        return f"{year_}-{month.zfill(2)}-{day_.zfill(2)}"
    return value


def _finding(
    rule: str,
    field: FormField,
    line: int | None,
    messages: Mapping[str, Label] | None = None,
    remedies: Mapping[str, Label] | None = None,
) -> Finding:
    message = messages[field.shape] if messages else _MISSING
    remedy = remedies[field.shape] if remedies else _FILL
    name = field.label.text
    where = Label(f"{name('fr')} : {message.fr}", f"{name('en')}: {message.en}")
    if line is not None:
        where = Label(f"Ligne {line}, {where.fr}", f"Line {line}, {where.en}")
    return Finding(rule, "error", where, remedy, term=field.name if line is None else f"{line}.{field.name}")


__all__ = [
    "BANK_DETAILS",
    "FormField",
    "Guide",
    "choice",
    "day",
    "describe",
    "dump",
    "json_schema",
    "load",
    "money",
    "number",
    "read",
    "text",
    "tick",
    "year",
]
