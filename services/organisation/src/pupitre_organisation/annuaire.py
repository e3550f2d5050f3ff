"""The annuaire: finding structures, and resolving where invoices say they go."""

import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_bus.search_texts import ESCAPE, like_pattern, search_key
from pupitre_contracts import organisation
from pupitre_contracts.errors import Invalid

from . import access, identifiers, model, queries, tables

#: Each is looked for by reading the whole annuaire.
MOST_PATTERNS = 20
#: Nothing that is searched is longer.
LONGEST_TEXT = 200

_structure = tables.structure
_TEXTS = {"name": "name_key", "label": "label_key", "city": "city_key", "postal_code": "postal_code_key"}


def find_structures(request: Any, scope: Any) -> organisation.FindStructures.Reply:
    _check_page(request)
    found = _criteria(request)
    with scope.reading() as db:
        if not request.include_private:
            found.append(sa.or_(_structure.c.type == model.PUBLIC, _structure.c.structure_id.in_(_own(scope.actor))))
        total = db.execute(sa.select(sa.func.count()).select_from(_structure).where(*found)).scalar_one()
        rows = db.execute(_page(sa.select(_structure).where(*found), request)).all()
    structures = [organisation.StructureSummary(**queries.summary(row)) for row in rows]
    return organisation.FindStructures.Reply(structures=structures, total=total)


def get_structure(request: Any, scope: Any) -> organisation.GetStructure.Reply:
    if (request.structure_id is None) == (request.portal_number is None):
        raise Invalid(what="get_structure", fields={"structure_id": ["either this or portal_number is needed"]})
    with scope.reading() as db:
        if request.structure_id is not None:
            row = queries.structure_row(db, request.structure_id)
        else:
            row = queries.structure_by_number(db, request.portal_number)
        structure = queries.whole_structure(db, row, scope.clock.now())
        if row.non_diffusible and not access.belongs(db, scope.actor, row.structure_id, scope.clock.now()):
            structure = queries.withheld(structure)
        return organisation.GetStructure.Reply(structure=structure)


def resolve_recipients(request: Any, scope: Any) -> organisation.ResolveRecipients.Reply:
    """Answer for all recipients together: four queries, whatever their number."""
    if len(request.recipients) > model.MOST_ASKED:
        raise Invalid(what="resolve_recipients", fields={"recipients": [f"at most {model.MOST_ASKED}"]})
    asked = [("".join(recipient.siret.split()), recipient) for recipient in request.recipients]
    with scope.reading() as db:
        rows = queries.structures_by_siret(db, (siret for siret, _ in asked))
        missed = {siret[:9] for siret, _ in asked if siret not in rows or not rows[siret].active}
        suggestions = queries.active_public_by_siren(db, missed) if missed else {}
        structures = queries.whole_structures(db, list(rows.values()), scope.clock.now())
    resolved = []
    for siret, recipient in asked:
        row = rows.get(siret)
        resolved.append(
            organisation.ResolvedRecipient(
                siret=recipient.siret,
                code_service=recipient.code_service,
                structure=structures[row.structure_id] if row is not None else None,
                suggestions=[
                    organisation.StructureSummary(**queries.summary(each))
                    for each in suggestions.get(siret[:9], ())
                    if row is None or not row.active
                ],
            )
        )
    return organisation.ResolveRecipients.Reply(recipients=resolved)


def _criteria(request: Any) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    for field, column in (("structure_ids", "structure_id"), ("portal_numbers", "portal_number")):
        values = getattr(request, field)
        if values is not None:
            found.append(_structure.c[column].in_(_not_too_many(field, values)))
    if request.identifiers is not None:
        found.append(identified(_not_too_many("identifiers", request.identifiers)))
    found += text_criteria(request)
    for field in ("identifier_type", "type", "active"):
        value = getattr(request, field)
        if value is not None:
            found.append(_structure.c[field] == value)
    return found


def text_criteria(request: Any) -> list[sa.ColumnElement[bool]]:
    """Return what the texts of a request narrow a search to. Raises Invalid."""
    found = []
    for field, column in _TEXTS.items():
        text = getattr(request, field)
        if text and len(text) > LONGEST_TEXT:
            raise Invalid(what="find_structures", fields={field: [f"at most {LONGEST_TEXT} characters"]})
        if text:
            found.append(_matches(_structure.c[column], text))
    return found


def _not_too_many(field: str, values: list[Any]) -> list[Any]:
    if len(values) > model.MOST_ASKED:
        raise Invalid(what="find_structures", fields={field: [f"at most {model.MOST_ASKED}"]})
    return values


def _matches(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Compare with ``*`` as a wildcard; without one, the whole value (R103)."""
    if "*" not in text:
        return column == search_key(text)
    return column.like(like_pattern(text), escape=ESCAPE)


def identified(texts: list[str]) -> sa.ColumnElement[bool]:
    """Return what finds structures by identifiers, whole or with ``*``. Raises Invalid."""
    texts = [identifiers.normalised(text) for text in texts]
    patterns = [like_pattern(text) for text in texts if "*" in text]
    if len(patterns) > MOST_PATTERNS:
        raise Invalid(what="find_structures", fields={"identifiers": [f"at most {MOST_PATTERNS} with *"]})
    exact = _structure.c.identifier.in_([text for text in texts if "*" not in text])
    return sa.or_(exact, *(sa.func.lower(_structure.c.identifier).like(pattern, escape=ESCAPE) for pattern in patterns))


def _page(query: sa.Select, request: Any) -> sa.Select:
    column = _structure.c.name_key if request.sort == "name" else _structure.c.identifier
    order = column.desc() if request.descending else column.asc()
    query = query.order_by(order, _structure.c.portal_number)
    return query.limit(request.page_size).offset((request.page - 1) * request.page_size)


def _check_page(request: Any) -> None:
    if not 1 <= request.page <= 1_000_000:
        raise Invalid(what="find_structures", fields={"page": ["pages are numbered from 1"]})
    if not 1 <= request.page_size <= model.LARGEST_PAGE:
        raise Invalid(what="find_structures", fields={"page_size": [f"1 to {model.LARGEST_PAGE}"]})


def _own(actor: Any) -> Any:
    """The structures that the actor at the origin belongs to, as something to search in."""
    origin = actor.origin
    if origin.kind == "user":
        link = tables.rattachement
        return sa.select(link.c.structure_id).where(link.c.user_id == uuid.UUID(origin.id), link.c.ended_at.is_(None))
    return [origin.structure_id] if origin.structure_id is not None else []
