"""Mails about invoices that others validate: to those who are asked, to the supplier, and to the recipient where the rules want it.

When such an invoice comes to its recipient it is told as every other is, by ``invoice.moved``.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pupitre_contracts import identity, invoice_parties

from . import digest_texts, digests, model, repository, use_cases, validation_texts

PARIS = ZoneInfo("Europe/Paris")
HANDED = "DEPOSEE"


@dataclass(frozen=True)
class Told:
    """Users who are told of it, in the name of ``structure``, and where they find it; ``path`` is empty where they do not."""

    audience: model.Audience
    structure: str
    path: str


def tell_of_passage(event: invoice_parties.InvoicePassed, scope: Any) -> None:
    """Write the mails that a passage calls for."""
    _tell(event, list(_told_of_passage(event)), scope)


def remind(event: invoice_parties.InvoiceAwaited, scope: Any) -> None:
    """Remind those who are asked that their time runs out."""
    told = [_party(each, event, "validation-awaited") for each in event.parties if each.acts]
    if event.supplier_acts:
        told.append(_supplier(event, "validation-awaited"))
    _tell(event, told, scope)


def _told_of_passage(event: invoice_parties.InvoicePassed) -> Iterator[Told]:
    asked = [each for each in event.parties if each.acts]
    for each in asked:
        yield _party(each, event, "invoice-to-validate")
    if event.by == "system" and not asked and event.status_to != HANDED:
        # Nobody answered in time: those who were asked are told what came of it.
        for each in event.parties:
            yield _party(each, event, "validation-status")
    if event.by != "supplier" and event.status_to != HANDED:
        returned = event.supplier_acts or event.motive is not None
        yield _supplier(event, "validation-returned" if returned else "validation-status")
    if event.recipient_structure_id is not None:
        audience = model.Audience(event.recipient_structure_id, model.RECEIVED, "validation-notice", event.structure_service_id)
        yield Told(audience, event.recipient_name or "-", "")


def _party(party: Any, event: Any, template: str) -> Told:
    audience = model.Audience(party.structure_id, party.espace, template)
    return Told(audience, party.name, f"/espaces/{party.espace}/factures/{event.invoice_id}")


def _supplier(event: Any, template: str) -> Told:
    audience = model.Audience(event.supplier_structure_id, model.ISSUED, template)
    return Told(audience, event.supplier_name, f"/factures-emises/{event.invoice_id}")


def _tell(event: Any, told: Sequence[Told], scope: Any) -> None:
    if not told:
        return
    audiences = scope.resources.readers.of(scope, [each.audience for each in told], scope.event_meta.time)
    wishes = use_cases.chosen(scope, audiences)
    mails: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for each, users in zip(told, audiences, strict=True):
        template = each.audience.template
        optional = template in model.OPTIONAL
        daily = [user for user in users if optional and each.path and digests.wants(user, wishes)]
        at_once: list[identity.User] = [user for user in users if user not in daily]
        values = _values(event, each, scope.resources.public_url)
        render = validation_texts.TEMPLATES[template].render
        mails += use_cases.mails(scope.event_meta.id, template, render, at_once, values, about=str(event.invoice_id))
        line = {
            "structure_name": each.structure,
            "kind": digest_texts.INVOICE,
            "about": event.number,
            "status_from": event.values.get("status_from"),
            "status_to": event.values.get("status_to"),
            "path": each.path,
            "happened_at": scope.event_meta.time,
        }
        lines += [digests.line(scope.event_meta.id, user, line) for user in daily]
    with scope.begin() as tx:
        repository.add(tx, mails)
        digests.add(tx, lines, scope.resources.digest_hour)


def _values(event: Any, told: Told, public_url: str) -> dict[str, Any]:
    known = event.values
    until = {"until_fr": "", "until_en": ""}
    if event.due_at is not None:
        # The time ends with the first instant of the day after the last one.
        last = (event.due_at - datetime.timedelta(seconds=1)).astimezone(PARIS)
        day = f"{last:%d/%m/%Y}"
        until = {"until_fr": validation_texts.UNTIL_FR.format(day=day), "until_en": validation_texts.UNTIL_EN.format(day=day)}
    return {
        "number": event.number,
        "supplier": event.supplier_name,
        "structure": told.structure,
        "recipient": known.get("recipient_name") or "-",
        "gross": f"{event.gross:.2f} {event.currency}",
        "cadre_fr": f"{event.cadre} ({known['cadre_label_fr']})" if known.get("cadre_label_fr") else event.cadre,
        "cadre_en": f"{event.cadre} ({known['cadre_label_en']})" if known.get("cadre_label_en") else event.cadre,
        "status_fr": event.status_label_fr,
        "status_en": event.status_label_en,
        "motive": known.get("motive") or "-",
        "comment": known.get("comment") or "-",
        "days_left": known.get("days_left") or 0,
        **until,
        "link": f"{public_url}{told.path}",
    }
