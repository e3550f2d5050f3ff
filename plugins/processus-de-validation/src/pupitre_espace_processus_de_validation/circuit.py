"""The validation of one invoice: a document with its steps, of whom it waits, and every act with who and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pupitre_espaces import InvoiceView, Label, User

from .rules import Rule, Validator

COLLECTION = "factures"
#: States are words that nothing else holds: lists are found by them.
WAITING, VALIDATED, REFUSED, CLOSED = "etat-attente", "etat-validee", "etat-refusee", "etat-close"
BEGUN, ACCEPTED, DECLINED, REASSIGNED, RELAUNCHED, DROPPED = "ouverte", "validee", "refusee", "reattribuee", "relancee", "close"
LONGEST_MOTIVE = 500
#: Who acts where no person does.
SYSTEM = "Pupitre"
#: Statuses in which nobody within has anything to say any more: it went back to its supplier for good, or is paid.
_ENDED = frozenset({"REJETEE", "A_RECYCLER", "ABANDONNEE", "MISE_EN_PAIEMENT"})
_COMPLETED = "COMPLETEE"

Document = dict[str, Any]


class Refused(Exception):
    """An act that is not possible; `label` says why."""

    def __init__(self, label: Label) -> None:
        super().__init__(label.en)
        self.label = label


def key_of(portal_number: int) -> str:
    """Return the key of an invoice's document: in the order in which invoices came to the platform."""
    return f"f-{portal_number:012}"


def begin(invoice: InvoiceView, rule: Rule, now: datetime, before: Mapping[str, Any] | None = None) -> Document:
    """Return the document of an invoice that begins to wait; what happened to it `before`, at this body, stays readable."""
    label = rule.label
    document = {
        **_seen(invoice),
        "received_at": invoice.received_at.isoformat(),
        "rule": rule.key,
        "rule_fr": label.fr,
        "rule_en": label.en,
        "steps": [{"validators": [each.stored() for each in step], "by": None, "at": None} for step in rule.steps],
        "state": WAITING,
        "acts": list(before["acts"]) if before else [],
    }
    return _act(document, BEGUN, None, now)


def follow(document: Mapping[str, Any], invoice: InvoiceView, now: datetime) -> Document:
    """Return the document once its invoice has moved: its status and délai, and what follows from them.

    An invoice that was refused and that its supplier then completed is another one: it is validated anew.
    """
    before, changed = document["status"], {**document, **_seen(invoice)}
    if invoice.status in _ENDED:
        return close(changed, now)
    if invoice.status == _COMPLETED and before != _COMPLETED and document["state"] == REFUSED:
        return _act({**changed, "state": WAITING, "steps": _blank(document)}, RELAUNCHED, None, now)
    return changed


def close(document: Mapping[str, Any], now: datetime) -> Document:
    """Return the document of an invoice that waits for nobody any more, though not everybody has validated it."""
    if document["state"] in (CLOSED, VALIDATED):
        return dict(document)
    return _act({**document, "state": CLOSED}, DROPPED, None, now)


def is_of(document: Mapping[str, Any], invoice: InvoiceView) -> bool:
    """Tell whether the document is about the invoice as it came this time: one that came anew is judged anew."""
    return document["received_at"] == invoice.received_at.isoformat()


def step_of(document: Mapping[str, Any]) -> int | None:
    """Return the step that waits, from 0; None where none does."""
    if document["state"] != WAITING:
        return None
    return next(index for index, each in enumerate(document["steps"]) if each["by"] is None)


def awaited(document: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return of whom one is to act."""
    step = step_of(document)
    return [] if step is None else document["steps"][step]["validators"]


def awaits(document: Mapping[str, Any], user: User | None) -> bool:
    """Tell whether it waits for this user."""
    return user is not None and any(each["id"] == user.id for each in awaited(document)) and user.id not in _done_by(document)


def accept(document: Mapping[str, Any], user: User, now: datetime, comment: str = "") -> Document:
    """Return the document once a user has validated its step. Raises Refused."""
    step = _own_step(document, user)
    steps = _with(document, step, by={"id": user.id, "name": user.name}, at=now.isoformat())
    state = VALIDATED if all(each["by"] for each in steps) else WAITING
    return _act({**document, "steps": steps, "state": state}, ACCEPTED, user, now, step, _motive(comment))


def decline(document: Mapping[str, Any], user: User, now: datetime, motive: str) -> Document:
    """Return the document once a user has refused, with a motive. Raises Refused."""
    step, said = _own_step(document, user), _motive(motive)
    if not said:
        raise Refused(Label("Dites pourquoi : le motif est obligatoire.", "Say why: the motive is mandatory."))
    return _act({**document, "state": REFUSED}, DECLINED, user, now, step, said)


def reassign(document: Mapping[str, Any], validators: Iterable[Validator], user: User, now: datetime) -> Document:
    """Return the document with other validators for the step that waits, chosen by who manages the users. Raises Refused."""
    step, chosen = step_of(document), list(validators)
    if step is None:
        raise Refused(_NOTHING_WAITS)
    _check_choice(chosen)
    if any(each.id in _done_by(document) for each in chosen):
        raise Refused(_FOUR_EYES)
    steps = _with(document, step, validators=[each.stored() for each in chosen])
    return _act({**document, "steps": steps}, REASSIGNED, user, now, step, to=[each.name for each in chosen])


def relaunch(document: Mapping[str, Any], user: User, now: datetime) -> Document:
    """Return the document of a refused invoice that is to be validated after all, from its first step. Raises Refused."""
    if document["state"] != REFUSED:
        raise Refused(Label("Cette facture n'a pas été refusée en interne.", "This invoice was not refused within."))
    return _act({**document, "state": WAITING, "steps": _blank(document)}, RELAUNCHED, user, now)


def check_steps(steps: Iterable[Iterable[Validator]]) -> None:
    """Raise Refused unless each step has validators, and nobody is in two of them."""
    chosen = [list(step) for step in steps]
    for step in chosen:
        _check_choice(step)
    everybody = [each.id for step in chosen for each in step]
    if len(set(everybody)) < len(everybody):
        raise Refused(
            Label(
                "Une personne ne valide qu'une des deux étapes : choisissez des valideurs différents.",
                "A person validates one of the two steps only: choose different validators.",
            )
        )


def last_refusal(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the act by which an invoice was refused."""
    return next(each for each in reversed(document["acts"]) if each["act"] == DECLINED)


_NOTHING_WAITS = Label("Cette facture n'attend plus de validation.", "This invoice waits for no validation any more.")
_FOUR_EYES = Label(
    "Qui a validé une étape ne valide pas l'autre : il faut deux personnes.",
    "Who validated one step does not validate the other: it takes two people.",
)


def _check_choice(chosen: list[Validator]) -> None:
    if not chosen:
        raise Refused(Label("Choisissez au moins un valideur par étape.", "Choose at least one validator for each step."))


def _own_step(document: Mapping[str, Any], user: User) -> int:
    step = step_of(document)
    if step is None:
        raise Refused(_NOTHING_WAITS)
    if user.id in _done_by(document):
        raise Refused(_FOUR_EYES)
    if not any(each["id"] == user.id for each in awaited(document)):
        who = " / ".join(each["name"] for each in awaited(document))
        raise Refused(Label(f"Cette étape revient à : {who}.", f"This step is for: {who}."))
    return step


def _done_by(document: Mapping[str, Any]) -> set[str]:
    return {each["by"]["id"] for each in document["steps"] if each["by"]}


def _blank(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**each, "by": None, "at": None} for each in document["steps"]]


def _with(document: Mapping[str, Any], step: int, **changes: Any) -> list[dict[str, Any]]:
    return [{**each, **(changes if index == step else {})} for index, each in enumerate(document["steps"])]


def _motive(text: str) -> str:
    said = text.strip()
    if len(said) > LONGEST_MOTIVE:
        raise Refused(Label(f"{LONGEST_MOTIVE} signes au plus.", f"At most {LONGEST_MOTIVE} signs."))
    return said


def _act(
    document: Mapping[str, Any],
    act: str,
    user: User | None,
    now: datetime,
    step: int | None = None,
    motive: str = "",
    to: Iterable[str] = (),
) -> Document:
    who = {"by_id": user.id, "by": user.name} if user is not None else {"by_id": None, "by": SYSTEM}
    line = {"at": now.isoformat(), **who, "act": act, "step": step, "motive": motive, "to": list(to)}
    return {**document, "acts": [*document["acts"], line]}


def _seen(invoice: InvoiceView) -> Document:
    return {
        "invoice_id": str(invoice.id),
        "number": invoice.number,
        "supplier": invoice.supplier_name,
        "supplier_siret": invoice.supplier_siret,
        "code_service": invoice.code_service,
        "currency": invoice.currency,
        "gross": str(invoice.gross) if invoice.gross is not None else None,
        "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
        "status": invoice.status,
        "status_fr": invoice.status_label.fr,
        "status_en": invoice.status_label.en,
    }
