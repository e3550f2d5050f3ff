"""Mails about invoices that nobody moves: delays of payment that end, drafts that stay unsent (B.4, B.8)."""

from typing import Any

from pupitre_contracts import invoicing

from . import digest_texts, digests, model, reminder_texts, repository, use_cases

#: What an event is about: the template, the espace whose users are told, and the side in the address.
_TOLD = {
    "due-soon": ("invoice-due-soon", model.RECEIVED, "recues"),
    "due-now": ("invoice-due-now", model.RECEIVED, "recues"),
    "draft-unsent": ("draft-unsent", model.ISSUED, "emises"),
}


def remind(event: invoicing.InvoiceReminded, scope: Any) -> None:
    """Tell the users whom the invoice waits for, at once or in their digest."""
    template, espace, side = _TOLD[event.about]
    received = espace == model.RECEIVED
    structure_id = event.recipient_structure_id if received else event.supplier_structure_id
    service_id = event.structure_service_id if received else None
    audience = model.Audience(structure_id, espace, template, service_id)
    (users,) = scope.resources.readers.of(scope, [audience], scope.event_meta.time)
    chosen = use_cases.chosen(scope, [users])
    daily = [user for user in users if digests.wants(user, chosen)]
    at_once = [user for user in users if user not in daily]
    path = f"/factures-{side}/{event.invoice_id}"
    values = {
        "number": event.number,
        "supplier": event.supplier_name,
        "gross": f"{event.gross:.2f} {event.currency}" if event.gross is not None else event.currency,
        "due_on": f"{event.due_on:%d/%m/%Y}" if event.due_on else "-",
        "since": f"{event.since:%d/%m/%Y}",
        "link": f"{scope.resources.public_url}{path}",
    }
    render = reminder_texts.TEMPLATES[template].render
    mails = use_cases.mails(scope.event_meta.id, template, render, at_once, values, about=str(event.invoice_id))
    line = {
        "structure_name": event.recipient_name if received else event.supplier_name,
        "kind": digest_texts.REMINDER,
        "about": event.number,
        "status_to": template,
        "path": path,
        "happened_at": scope.event_meta.time,
    }
    lines = [digests.line(scope.event_meta.id, user, line) for user in daily]
    with scope.begin() as tx:
        repository.add(tx, mails)
        digests.add(tx, lines, scope.resources.digest_hour)
