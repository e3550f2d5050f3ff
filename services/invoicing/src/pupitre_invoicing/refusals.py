"""What a refusal says beside its rule: the value that the file has there, and where a number was met first (P03, P14)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import catalogue, messages
from .messages import Finding
from .model import civil_date

_MOST_VALUES = 3
_LONGEST = 80
#: The elements that are one of a group each, in UBL and in CII.
_REPEATED = {
    "BG-23": re.compile(r"/(?:TaxSubtotal|ApplicableTradeTax)\[(\d+)\]"),
    "BG-25": re.compile(r"/(?:InvoiceLine|CreditNoteLine|IncludedSupplyChainTradeLineItem)\[(\d+)\]"),
}


def number_taken(number: str, first: Mapping[str, Any]) -> Finding:
    """Return the finding that an invoice's number is taken; ``first`` is the row of the invoice that has it, or as much as is known of
    it: ``invoice_id``, and ``deposited_at`` and ``numero_flux`` where there are any."""
    day, first_flux = first.get("deposited_at"), first.get("numero_flux")
    french, english = [], []
    if day is not None:
        french.append(f"déposée le {civil_date(day):%d/%m/%Y}")
        english.append(f"deposited on {civil_date(day).isoformat()}")
    if first_flux:
        french.append(f"flux {first_flux}")
        english.append(f"flux {first_flux}")
    first_fr, first_en = (f" ({', '.join(words)})" if words else "" for words in (french, english))
    found = messages.finding("PUP-NUMBER-TAKEN", number=number, first_fr=first_fr, first_en=first_en)
    return replace(found, value=number, first_invoice_id=str(first["invoice_id"]), first_flux=first_flux)


def flux_again(first: Mapping[str, Any]) -> Finding:
    """Return the finding that a flux has the bytes of another, all of whose invoices were sent."""
    day = civil_date(first["deposited_at"]).isoformat()
    return replace(messages.finding("PUP-FLUX-AGAIN", first=first["numero_flux"], day=day), first_flux=first["numero_flux"])


def known(invoice: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Return, by term, what the engine read of an invoice where a file may write it in several places."""
    if invoice is None:
        return {}
    buyer, seller = invoice["buyer"], invoice["seller"]
    return {
        "BT-1": invoice.get("number"),
        "BT-10": buyer.get("code_service"),
        "BT-13": invoice.get("engagement"),
        "BT-23": invoice["cadre"].get("code"),
        "BT-30": seller.get("siret") or seller.get("siren"),
        "BT-46": buyer.get("siret"),
    }


def with_values(findings: Iterable[Finding], terms: Mapping[str, Any], known: Mapping[str, str | None]) -> list[Finding]:
    """Return the findings with what was read where they stand; ``known`` has the values of terms that were read more closely. What is
    wrong with one who validates is not what the notes of a file say."""
    return [each if _has_its_value(each) else replace(each, value=_value_of(each, terms, known)) for each in findings]


def _has_its_value(finding: Finding) -> bool:
    return finding.value is not None or (finding.location or "").startswith(catalogue.PARTY)


def _value_of(finding: Finding, terms: Mapping[str, Any], known: Mapping[str, str | None]) -> str | None:
    return known.get(finding.term or "") or value_read(finding.term, finding.location, terms)


def value_read(term: str | None, location: str | None, terms: Mapping[str, Any]) -> str | None:
    """Return what the file says for a term, of the line or tax rate that ``location`` names; None where it says nothing, or too much."""
    if not (term or "").startswith("BT-"):
        return None
    found = list(dict.fromkeys(_texts(term, location or "", terms)))
    if not found or len(found) > _MOST_VALUES:
        return None
    return " ; ".join(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…" for text in found)


def _texts(term: str, location: str, terms: Mapping[str, Any]) -> Iterator[str]:
    value = terms.get(term)
    if value is not None:
        yield from (str(each) for each in (value if isinstance(value, Sequence) and not isinstance(value, str) else [value]))
    for group, members in terms.items():
        if group.startswith("BG-") and isinstance(members, list):
            for member in _meant(group, members, location):
                yield from _texts(term, location, member)


def _meant(group: str, members: Sequence[Mapping[str, Any]], location: str) -> Sequence[Mapping[str, Any]]:
    place = _REPEATED[group].search(location) if group in _REPEATED else None
    return members[int(place[1]) - 1 : int(place[1])] if place else members
