"""An invoice that a program enters, from what it says to what is sent: the calls of the page of entry, one after the other.

Each has a key of its own made of the program's: who tries again with the same key makes one invoice. What is refused leaves nothing behind.
"""

import uuid
from typing import Any

from flask import g
from pupitre_contracts import errors, invoicing
from pupitre_contracts import invoicing_entry as calls

from .. import bus


def key_of(given: str | None) -> uuid.UUID:
    """Return the key of a deposit: the one that the program gives is its client's alone, and without one each try is another."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{g.account.login} {given or uuid.uuid4()}")


def confirm_and_send(key: uuid.UUID, invoice: Any, language: str) -> invoicing.Invoice:
    """Write a draft that was entered, and send it. Errors: invoicing.invoice-refused, invoicing.duplicate; the draft is deleted then."""
    about = {"invoice_id": invoice.invoice_id, "version": invoice.version, "language": language}
    confirmed = bus.call(calls.ConfirmEntry, key=str(uuid.uuid5(key, "confirm")), **about)
    if confirmed.invoice is None:
        drop(key, invoice.invoice_id)
        raise refusal(confirmed.state.findings, "entry")
    return send(key, confirmed.invoice, language)


def send(key: uuid.UUID, draft: Any, language: str, **values: Any) -> invoicing.Invoice:
    """Send a draft. Errors: invoicing.invoice-refused, invoicing.duplicate; the draft is deleted then."""
    about = {"invoice_id": draft.invoice_id, "version": draft.version, "language": language}
    try:
        return bus.call(invoicing.SendInvoice, key=str(uuid.uuid5(key, "send")), **about, **values).invoice
    except (errors.InvoiceRefused, errors.DuplicateInvoice):
        drop(key, draft.invoice_id)
        raise


def drop(key: uuid.UUID, invoice_id: uuid.UUID) -> None:
    """Delete a draft: its number is free for another try."""
    bus.call(invoicing.DeleteDraft, key=str(uuid.uuid5(key, "delete")), invoice_id=invoice_id)


def refusal(findings: Any, stage: str) -> errors.InvoiceRefused:
    """Return the error that tells everything that was found."""
    count = sum(each.severity == "error" for each in findings)
    return errors.InvoiceRefused(count=count, stage=stage, findings=[each.dump() for each in findings])
