"""The rules of notifications: which event concerns whom, and how long a mail that the server refused waits."""

import datetime
import uuid
from dataclasses import dataclass

from pupitre_contracts import invoicing

NAMESPACE = uuid.UUID("6f0f5f0e-3a55-5f0a-9a5c-3b7f0a4f7f11")

RETRY_DELAYS = tuple(datetime.timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 28800))
"""How long a mail waits after its first, second, … failure; after the last one it is given up and shown as failed."""

ISSUED, RECEIVED = "factures-emises", "factures-recues"

OPTIONAL = frozenset(
    {
        "invoice-received",
        "invoice-completed",
        "invoice-status",
        "flux-processed",
        "invoice-due-soon",
        "invoice-due-now",
        "draft-unsent",
        "validation-status",
        "request-to-do",
        "request-status",
        "request-reminded",
    }
)
"""Templates that a person's switch stops (R043, R044); those that expect something of him, or tell of his account, always go."""

REJECTED = "REJETEE"

RETURNED = frozenset({"A_RECYCLER", "SUSPENDUE", "REJETEE"})
"""Statuses that ask something of the supplier: his mail says the motive and what to do."""


def waits_for_digest(template: str, status: str | None) -> bool:
    """Tell whether a person who chose one digest a day is told in it instead of at once: a rejection never waits."""
    return template in OPTIONAL or (template == "invoice-returned" and status != REJECTED)


@dataclass(frozen=True)
class Audience:
    """Users of a structure who have a habilitation in an espace, and the template they get.

    Those whose habilitation is limited to services are among them when it covers ``structure_service_id`` (R101).
    """

    structure_id: uuid.UUID
    espace: str
    template: str
    structure_service_id: uuid.UUID | None = None


def audiences_of_move(event: invoicing.InvoiceMoved) -> list[Audience]:
    """Say who is told of a transition (section of notifications of the portal's rules).

    The recipient is told of what arrives or comes back; the supplier of everything the recipient or the portal does after the
    deposit. DEPOSEE lasts an instant before MISE_A_DISPOSITION and is told with it.
    """
    to_supplier = Audience(event.supplier_structure_id, ISSUED, "invoice-status")
    to_recipient = Audience(event.recipient_structure_id, RECEIVED, "invoice-received", event.structure_service_id)
    if event.status_to == "DEPOSEE":
        return []
    if event.status_to == "MISE_A_DISPOSITION":
        return [to_recipient, to_supplier]
    if event.status_to == "COMPLETEE":
        return [Audience(event.recipient_structure_id, RECEIVED, "invoice-completed", event.structure_service_id)]
    if event.by == "supplier":
        return []
    if event.status_to in RETURNED:
        return [Audience(event.supplier_structure_id, ISSUED, "invoice-returned")]
    return [to_supplier]


def mail_id(event_id: uuid.UUID | str, template: str, user_id: uuid.UUID | str) -> uuid.UUID:
    """The identity of a mail: the same event, template and reader always give the same mail."""
    return uuid.uuid5(NAMESPACE, f"{event_id}/{template}/{user_id}")


def next_attempt(attempts: int, now: datetime.datetime) -> datetime.datetime | None:
    """When a mail that failed ``attempts`` times is tried again; None when it is given up."""
    if attempts > len(RETRY_DELAYS):
        return None
    return now + RETRY_DELAYS[attempts - 1]
