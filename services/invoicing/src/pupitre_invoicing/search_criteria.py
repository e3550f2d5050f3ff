"""What a search of invoices asks, as conditions: criteria narrow each other, and what makes no sense is refused by its name."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from pupitre_bus.search_texts import ESCAPE, like_pattern, literal_pieces, search_key
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import archives
from .currencies import EUR
from .lifecycle import TO_DO
from .model import LARGEST_AMOUNT
from .party_tables import invoice_party
from .tables import invoice

LONGEST_TEXT = 200
MOST_LISTED = 1000
CENT = Decimal("0.01")
#: A trigram index can help from this length.
_SHORTEST_PIECE = 3

UNTREATED_REJECTION = sa.and_(invoice.c.status == "REJETEE", invoice.c.treated_at.is_(None))
"""What a supplier has not done with yet."""

_EQUAL = {"kind": "kind", "cadre": "cadre", "deposit_mode": "deposit_mode"}
_LISTED = {"statuses": "status", "kinds": "kind", "structure_service_ids": "structure_service_id"}
_TEXTS = {
    "number": "search_number",
    "engagement": "search_engagement",
    "contract": "search_contract",
    "code_service": "search_service",
}
_PARTIES = {"supplier": "supplier_identifier", "recipient": "recipient_siret"}
_PERIODS = {"deposited": "deposited_at", "issued": "issue_date", "status": "status_at"}
_AMOUNTS = ("net", "gross", "due")


def conditions(
    request: contract.SearchInvoices.Request,
    now: datetime.datetime,
    by_trigrams: bool,
    finished: archives.Finished,
    awaiting: Collection[str],
) -> Iterable[Any]:
    """Yield the condition of each criterion. Raises Invalid for one that makes no sense."""
    asked = request.values
    for name, column in _EQUAL.items():
        if asked[name]:
            yield invoice.c[column] == _checked_text(name, asked[name])
    for name, column in _LISTED.items():
        if asked[name]:
            yield invoice.c[column].in_(_checked_list(name, asked[name]))
    for name, column in _PERIODS.items():
        yield from _between(invoice.c[column], asked[f"{name}_from"], asked[f"{name}_to"])
    bounded = any(asked[f"{name}_{end}"] is not None for name in _AMOUNTS for end in ("min", "max"))
    if asked["currency"] or bounded:
        # Amounts of two currencies are not compared: a bound without a currency is one in euros.
        yield invoice.c.currency == (_checked_text("currency", asked["currency"]) or EUR).upper()
    for name in _AMOUNTS:
        yield from _between(invoice.c[name], _bound(asked, f"{name}_min"), _bound(asked, f"{name}_max"))
    if asked["work"]:
        waits = invoice.c.status.in_((*TO_DO[request.side], *(sorted(awaiting) if request.side == "issued" else ())))
        yield sa.or_(waits, UNTREATED_REJECTION) if request.side == "issued" else waits
    if asked["counterpart_ids"]:
        ids = _checked_list("counterpart_ids", asked["counterpart_ids"])
        if request.side == "issued":
            yield sa.or_(invoice.c.recipient_structure_id.in_(ids), invoice.c.destined_structure_id.in_(ids))
        else:
            yield invoice.c.supplier_structure_id.in_(ids)
    yield from _people_criteria(asked, request.side)
    if asked["archived"] is not None:
        archived = sa.and_(finished.where(), invoice.c.status_at < archives.year_began(now))
        yield archived if asked["archived"] else sa.not_(archived)
    yield from _text_criteria(asked, by_trigrams)
    if text := _checked_text("origin", asked["origin"]):
        yield _names_origin(text)


def _people_criteria(asked: Mapping[str, Any], side: str) -> Iterable[Any]:
    """Yield the conditions on who made an invoice, which its recipient cannot ask, and on who validates it."""
    if (asked["creator"] or asked["creators"]) and side != "issued":
        fault = "seul l'émetteur cherche par créateur / only who issues searches by creator"
        raise errors.Invalid(what="SearchInvoices", fields={"creator": [fault]})
    if text := _checked_text("creator", asked["creator"]):
        yield sa.or_(invoice.c.created_by == text, _matches(invoice.c.search_creator, text))
    if asked["creators"]:
        yield invoice.c.created_by.in_(_checked_list("creators", asked["creators"]))
    named = [invoice_party.c.invoice_id == invoice.c.invoice_id]
    if text := _checked_text("valideur", asked["valideur"]):
        identifier = sa.func.lower(invoice_party.c.identifier)
        named.append(sa.or_(_matches(invoice_party.c.search_name, text), _matches(identifier, "".join(text.split()))))
    if asked["valideur_ids"]:
        named.append(invoice_party.c.structure_id.in_(_checked_list("valideur_ids", asked["valideur_ids"])))
    if len(named) > 1:
        yield sa.exists().where(*named)


def _names_origin(text: str) -> Any:
    """Return the condition that one of the invoices that an invoice names is the one: mostly there is one."""
    column = invoice.c.search_origin
    lines = sa.literal("\n") + column + sa.literal("\n")
    among = lines.like(f"%\n{like_pattern(text)}\n%", escape=ESCAPE)
    return sa.or_(_matches(column, text), sa.and_(column.contains("\n"), among))


def _text_criteria(asked: Mapping[str, Any], by_trigrams: bool) -> Iterable[Any]:
    texts = {name: text for name in (*_TEXTS, *_PARTIES, "numero_flux", "text") if (text := _checked_text(name, asked[name]))}
    for name, text in texts.items():
        if name in _TEXTS:
            yield _matches(invoice.c[_TEXTS[name]], text)
        elif name in _PARTIES:
            identifier = sa.func.lower(invoice.c[_PARTIES[name]])
            yield sa.or_(_matches(invoice.c[f"search_{name}"], text), _matches(identifier, "".join(text.split())))
        elif name == "numero_flux":
            yield _matches_flux(text)
        else:
            yield invoice.c.searched.like(f"%{like_pattern(text)}%", escape=ESCAPE)
        if by_trigrams and name in (*_TEXTS, *_PARTIES):
            yield from _by_trigrams(text, name in _PARTIES)


def _by_trigrams(text: str, party: bool) -> Iterable[Any]:
    """Say once more what a text criterion finds, in the words of the one trigram index, which is on all texts together."""
    if party and any(sign.isdigit() for sign in text) and any(sign.isspace() for sign in text):
        return  # an identifier may be written in groups, of which the index does not know
    for piece in literal_pieces(text):
        if len(piece) >= _SHORTEST_PIECE:
            yield invoice.c.searched.contains(piece, autoescape=True)


def _matches_flux(text: str) -> Any:
    if "*" not in text:
        return invoice.c.numero_flux == text.upper()
    return invoice.c.numero_flux.like(like_pattern(text).upper(), escape=ESCAPE)


def _matches(column: Any, text: str) -> Any:
    if "*" not in text:
        return column == search_key(text)
    return column.like(like_pattern(text), escape=ESCAPE)


def _checked_text(name: str, text: str | None) -> str | None:
    text = (text or "").strip()
    if len(text) > LONGEST_TEXT or "\0" in text:
        fault = f"au plus {LONGEST_TEXT} caractères lisibles / at most {LONGEST_TEXT} readable characters"
        raise errors.Invalid(what="SearchInvoices", fields={name: [fault]})
    return text or None


def _checked_list(name: str, values: Sequence[Any]) -> Sequence[Any]:
    if len(values) > MOST_LISTED or any(isinstance(value, str) and "\0" in value for value in values):
        raise errors.Invalid(what="SearchInvoices", fields={name: [f"au plus {MOST_LISTED} / at most {MOST_LISTED}"]})
    return values


def _bound(asked: Mapping[str, Any], name: str) -> Decimal | None:
    """Return an amount to compare with. Raises Invalid for one that no invoice could have."""
    bound = asked[name]
    if bound is not None and (abs(bound) > LARGEST_AMOUNT or bound != bound.quantize(CENT)):
        fault = "un montant, au plus deux décimales / an amount with at most two decimals"
        raise errors.Invalid(what="SearchInvoices", fields={name: [fault]})
    return bound


def _between(column: Any, low: Any, high: Any) -> Iterable[Any]:
    if low is not None:
        yield column >= low
    if high is not None:
        yield column <= high
