"""What French law and the rules BR-FR want of every invoice, added where a person who types one leaves it out.

Dated data, as the texts stood on 1 January 2026: recovery costs and late interest owed by a public buyer (code de la
commande publique, articles R. 2192-31 to R. 2192-36 and D. 2192-35), early payment discount (code de commerce, L. 441-9).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from . import amounts
from .french import FRENCH_TERRITORY
from .invoice import DIRECTORY

#: Notes that BR-FR-05 demands, by subject code.
NOTES = {
    "PMT": "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 euros.",
    "PMD": (
        "En cas de retard de paiement, intérêts moratoires au taux de la Banque centrale européenne "
        "majoré de huit points de pourcentage."
    ),
    "AAB": "Pas d'escompte en cas de paiement anticipé.",
}
_NOT_DEFINED = "1"  # UNTDID 4461: instrument not defined


def completed(invoice: Mapping[str, Any]) -> dict[str, Any]:
    """The invoice with its missing French notes, electronic addresses and SIREN, when seller and buyer are in France."""
    whole = dict(invoice)
    sides = {side: dict(whole.get(side) or {}) for side in ("seller", "buyer")}
    for side, party in sides.items():
        siret = "".join((party.get("siret") or "").split()) or None
        party["siret"] = siret
        party["siren"] = party.get("siren") or (siret[:9] if siret else None)
        if siret and not party.get("electronic_address"):
            party["electronic_address"] = {"scheme": DIRECTORY, "value": f"{party['siren']}_{siret}"}
        if siret and not party.get("country"):
            party["country"] = "FR"
        whole[side] = party
    if all(party.get("country") in FRENCH_TERRITORY for party in sides.values()):
        notes = list(whole.get("notes") or ())
        told = {note.get("code") for note in notes}
        whole["notes"] = notes + [{"code": code, "text": text} for code, text in NOTES.items() if code not in told]
    _payment(whole)
    whole["lines"] = [_priced(line) for line in whole.get("lines") or ()]
    return whole


def _payment(invoice: dict[str, Any]) -> None:
    """UBL writes the due date of a credit note inside its payment means, which a credit note does not have here."""
    payment = dict(invoice.get("payment") or {})
    if not payment.get("means") and (payment.get("iban") or (invoice.get("credit_note") and invoice.get("due_date"))):
        payment["means"] = "30" if payment.get("iban") else _NOT_DEFINED
    invoice["payment"] = payment


def _priced(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line whose price, discount and gross price are all there when one of the last two is."""
    net, gross, discount = (amounts.parse(line.get(name)) for name in ("price", "gross_price", "discount"))
    if net is None or (gross is None and discount is None):
        return dict(line)
    if gross is None:
        return {**line, "gross_price": str(net + (discount or Decimal(0)))}
    return {**line, "discount": line.get("discount") or str(gross - net)} if discount is None else dict(line)
