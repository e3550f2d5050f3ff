"""From what the engine and the routing say of a written invoice back to the field of the entry that caused it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .messages import Finding

_FIELDS = {
    "BT-1": "number",
    "BT-2": "issue_date",
    "BT-3": "kind",
    "BT-5": "currency",
    "BT-6": "tax_eur",
    "BT-8": "type_tva",
    "BT-9": "due_date",
    "BT-10": "code_service",
    "BT-12": "contract",
    "BT-13": "engagement",
    "BT-22": "comment",
    "BT-23": "cadre",
    "BT-25": "origin_number",
    "BT-26": "origin_date",
    "BT-31": "seller_vat",
    "BT-46": "recipient_siret",
    "BT-47": "recipient_siret",
    "BT-49": "recipient_siret",
    "BT-50": "recipient_siret",
    "BT-72": "delivery_date",
    "BT-81": "payment_mode",
    "BT-84": "bank_details_id",
    "BT-111": "tax_eur",
    "BT-113": "prepaid",
    "BT-115": "prepaid",
    "BT-120": "exemption_reason",
}
_LINE_FIELDS = {
    "BT-129": "quantity",
    "BT-130": "unit",
    "BT-131": "price",
    "BT-136": "discount",
    "BT-146": "price",
    "BT-151": "rate",
    "BT-152": "rate",
    "BT-153": "name",
    "BT-155": "reference",
}
_LINE = re.compile(r"(?:InvoiceLine|CreditNoteLine)(?:\[(\d+)\])?")


def located(findings: Iterable[Finding], positions: Sequence[int]) -> list[Finding]:
    """Return findings of a written invoice with the field of each as its location; ``positions`` are those of the lines that were
    written, blank ones being left out. One that no single field caused keeps no location: the page shows it above all fields."""
    return [replace(each, location=_field(each, positions)) for each in findings]


def _field(finding: Finding, positions: Sequence[int]) -> str | None:
    match = _LINE.search(finding.location or "")
    if match:
        written = int(match[1] or 1)
        position = positions[written - 1] if written <= len(positions) else written
        return f"lines-{position}-{_LINE_FIELDS.get(finding.term or '', 'name')}"
    if (finding.location or "").startswith("parties-"):
        return finding.location
    return _FIELDS.get(finding.term or "")
