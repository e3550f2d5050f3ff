"""The proof of a request that the claimant keeps, as a document that the platform draws. The same request gives the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pupitre_espaces import Paper, RequestDraft, paper
from pupitre_espaces.values import Language

from .reference import UNITS, Reference

#: How wide the columns of a line are, in millimetres, and which hold numbers; the fuel takes what is left.
COLUMNS = ((32, False), (21, False), (None, False), (21, True), (18, False), (19, True), (27, True))
TEXTS = {
    "fr": {
        "title": "Demande de remboursement de taxes sur les carburants",
        "claimant": "Demandeur",
        "examiner": "Service instructeur",
        "number": "Numéro",
        "year": "Année",
        "bank": "Coordonnées bancaires",
        "attested": "Attestation sur l'honneur (entreprise non en difficulté)",
        "advance": "Avance demandée",
        "advance_is": "{percent}, soit {amount}",
        "total": "Total demandé",
        "none": "Aucune livraison : demande à zéro.",
        "heads": ("Facture", "Livraison", "Carburant", "Volume", "Unité", "Taux", "Montant"),
        "yes": "oui",
        "no": "non",
    },
    "en": {
        "title": "Request for a refund of taxes on fuels",
        "claimant": "Claimant",
        "examiner": "Examining service",
        "number": "Number",
        "year": "Year",
        "bank": "Bank details",
        "attested": "Certified on honour (not a firm in difficulty)",
        "advance": "Advance asked for",
        "advance_is": "{percent}, that is {amount}",
        "total": "Total asked for",
        "none": "No delivery: a request of zero.",
        "heads": ("Invoice", "Delivery", "Fuel", "Volume", "Unit", "Rate", "Amount"),
        "yes": "yes",
        "no": "no",
    },
}


def draw(
    draft: RequestDraft,
    form: Mapping[str, Any],
    lines: list[dict[str, Any]],
    total: Decimal,
    reference: Reference,
) -> Paper:
    """Return the request as a document, in the language of who saves it."""
    words, language = TEXTS[draft.language], draft.language
    parts: list[paper.Part] = [paper.Facts(list(_header(draft, form, words)))]
    if lines:
        columns = [paper.Column(head, width, right) for head, (width, right) in zip(words["heads"], COLUMNS, strict=True)]
        parts.append(paper.Table(columns, [_cells(line, language, reference) for line in lines]))
    else:
        parts.append(paper.Text(words["none"]))
    parts.append(paper.Facts([(words["total"], _euros(total))]))
    return Paper(words["title"], parts, language)


def _header(draft: RequestDraft, form: Mapping[str, Any], words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    examiner = draft.party("instructeur")
    yield words["number"], draft.number or ""
    yield words["claimant"], f"{draft.structure.name} ({draft.structure.siret})"
    if examiner is not None:
        service = f", {examiner.code_service}" if examiner.code_service else ""
        yield words["examiner"], f"{examiner.structure.name} ({examiner.structure.siret}{service})"
    yield words["year"], str(form["year"])
    yield words["bank"], form.get("bank_details", "")
    yield words["attested"], words["yes"] if form.get("attested") else words["no"]
    yield words["advance"], words["advance_is"].format(percent=form["advance_taken"], amount=_euros(form["advance_amount"]))


def _cells(line: Mapping[str, Any], language: Language, reference: Reference) -> tuple[str, ...]:
    fuel, delivered = line.get("fuel"), line.get("delivered")
    unit = line.get("unit") or (reference.units(fuel)[0] if fuel else None)
    return (
        line.get("invoice", ""),
        delivered.isoformat() if delivered else "",
        reference.fuels[fuel].text(language) if fuel else "",
        _number(line.get("volume")),
        UNITS[unit].text(language) if unit else "",
        _number(line.get("rate")),
        _euros(line["amount"]) if "amount" in line else "",
    )


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}".replace(".", ",")


def _euros(value: Decimal) -> str:
    return f"{value:,.2f} EUR".replace(",", " ").replace(".", ",")
