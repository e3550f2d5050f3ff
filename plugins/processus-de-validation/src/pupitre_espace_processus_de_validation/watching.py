"""What the espace does by itself: it opens the validation of what a rule takes, follows its invoices, and guards their payment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pupitre_espaces import EspaceContext, EspaceEvent, InvoiceView, Label, Objection

from . import circuit, rules, words

#: Documents that one search gives.
_TOGETHER = 200
LANGUAGES = ("fr", "en")
_HERE = Label(
    "La validation se fait dans l'espace « Processus de validation », page « À valider » ; un gestionnaire peut y désigner d'autres "
    "valideurs. D'ici là, la facture peut être suspendue, renvoyée ou rejetée.",
    "It is validated in the espace “Validation process”, page “To validate”; a gestionnaire may name other validators there. Until then "
    "the invoice may be suspended, sent back or rejected.",
)
_REFUSED = Label(
    "Suspendez-la, renvoyez-la ou rejetez-la ; ou un gestionnaire relance sa validation dans l'espace « Processus de validation ».",
    "Suspend it, send it back or reject it; or a gestionnaire has it validated again in the espace “Validation process”.",
)
#: Any move of the invoice opens what was missed while the plugin was away.
_SOON = Label(
    "Elle apparaît dans un instant dans l'espace « Processus de validation » ; si elle n'y vient pas, passez-la à « Prise en compte par le "
    "destinataire » : sa validation s'ouvre alors.",
    "It appears in the espace “Validation process” in a moment; if it does not, pass it to “Taken into account by the recipient”: its "
    "validation begins then.",
)


def moved(event: EspaceEvent, context: EspaceContext) -> None:
    """Follow an invoice that the structure received: it came, was sent back, suspended, completed, paid."""
    if "recipient" in event.roles:
        key = circuit.key_of(event.data["portal_number"])
        kept = context.ports.records.get(circuit.COLLECTION, key)
        _follow(context, key, kept.document if kept else None, context.ports.invoices.get(event.data["invoice_id"]))


def opened(event: EspaceEvent, context: EspaceContext) -> None:
    """Take up again where the espace was closed: what came meanwhile was not caught, and what waited may have been paid."""
    records, after = context.ports.records, ""
    records.put(*rules.OPENING, {"at": event.at.isoformat()})
    while True:
        found = records.search(circuit.COLLECTION, circuit.WAITING, limit=_TOGETHER, after=after)
        for each in found:
            _follow(context, each.key, each.document, context.ports.invoices.get(UUID(each.document["invoice_id"])))
        if len(found) < _TOGETHER:
            return
        after = found[-1].key


def eliminated(event: EspaceEvent, context: EspaceContext) -> None:
    """Forget an invoice that was eliminated at the end of keeping."""
    context.ports.records.delete(circuit.COLLECTION, circuit.key_of(event.data["portal_number"]))


def objections(invoice: InvoiceView, context: EspaceContext) -> Iterable[Objection]:
    """Say what an invoice waits for before it is paid."""
    kept = context.ports.records.get(circuit.COLLECTION, circuit.key_of(invoice.portal_number))
    if kept is None or not circuit.is_of(kept.document, invoice):
        # The reaction that opens the validation has not had its turn: the rules say the same already.
        rule = rules.catching(context, invoice)
        if rule is not None:
            steps = [[each.stored() for each in step] for step in rule.steps]
            yield Objection(Label(*(_waiting(rule.label.text(language), 1, steps, language) for language in LANGUAGES)), _SOON)
    elif kept.document["state"] == circuit.WAITING:
        yield Objection(Label(*(_waits(kept.document, language) for language in LANGUAGES)), _HERE)
    elif kept.document["state"] == circuit.REFUSED:
        yield Objection(Label(*(_refused(kept.document, language) for language in LANGUAGES)), _REFUSED)


def _follow(context: EspaceContext, key: str, kept: Mapping[str, Any] | None, invoice: InvoiceView | None) -> None:
    document = _followed(context, kept, invoice)
    if document is not None and document != kept:
        context.ports.records.put(circuit.COLLECTION, key, document)


def _followed(context: EspaceContext, kept: Mapping[str, Any] | None, invoice: InvoiceView | None) -> circuit.Document | None:
    now = context.clock.now()
    if invoice is not None and kept is not None and circuit.is_of(kept, invoice):
        return circuit.follow(kept, invoice, now)
    # One that went to another body has nothing to be validated here any more.
    rule = rules.catching(context, invoice) if invoice is not None else None
    if rule is not None:
        return circuit.begin(invoice, rule, now, kept)
    return circuit.close(kept, now) if kept is not None else None


def _waits(document: Mapping[str, Any], language: str) -> str:
    step = circuit.step_of(document)
    return _waiting(document[f"rule_{language}"], step + 1, [each["validators"] for each in document["steps"]], language)


def _waiting(rule: str, step: int, steps: list[list[Mapping[str, str]]], language: str) -> str:
    who = words.names(steps[step - 1], language)
    if language == "en":
        return f"by {rule} it is validated within first, step {step} of {len(steps)}, by {who}."
    return f"la {rule} veut d'abord une validation interne, étape {step} sur {len(steps)}, par {who}."


def _refused(document: Mapping[str, Any], language: str) -> str:
    act = circuit.last_refusal(document)
    when = words.moment(act["at"])
    if language == "en":
        return f"{act['by']} refused it within on {when}: “{act['motive']}”."
    return f"{act['by']} l'a refusée en interne le {when} : « {act['motive']} »."
