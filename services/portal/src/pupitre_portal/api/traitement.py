"""/cpro/factures/v1/traiter: status messages of a recipient's software on the invoices that its structure received."""

from typing import Any

from flask import Blueprint, Response
from pupitre_contracts import errors, invoicing

from .. import bus
from . import words
from .answers import DONE, REFUSED, compatible, failure, moment, success
from .callers import technical_account
from .criteria import Unreadable, body, number, text
from .factures import idempotency_key

blueprint = Blueprint("cpro_traitement", __name__, url_prefix="/cpro/factures/v1/traiter")


@blueprint.post("/recue")
@compatible
@technical_account
def process_received() -> Response:
    """Give a received invoice a new status. One that the invoice has overtaken changes nothing: the answer is a refusal that says so.

    ``numeroDPMandat`` is read by nobody here. A mandat that the accountant refused is stated on the pages, or with ``mandatRefuse``,
    which the real API does not have.
    """
    asked = body()
    portal_number = number(asked.get("idFacture"))
    if portal_number is None:
        raise Unreadable("idFacture : un nombre entier", "idFacture: an integer")
    invoice = bus.call(invoicing.GetInvoice, portal_number=portal_number).invoice
    move = invoicing.WantedMove(
        invoice_id=invoice.invoice_id,
        to=text(asked.get("nouveauStatut")) or "",
        motive=text(asked.get("motif")),
        mandat_refused=asked.get("mandatRefuse") in (True, "true"),
    )
    [line] = bus.call(invoicing.ProcessInvoices, key=idempotency_key(), moves=[move]).lines
    return _answered(line, portal_number)


def _answered(line: Any, portal_number: int) -> Response:
    if line.code == errors.Forbidden.code:
        raise errors.Forbidden(needed="factures-recues, MODIFICATION")
    if line.outcome != "done":
        return failure(REFUSED, words.either(line.reason_fr, line.reason_en))
    now = bus.call(invoicing.GetInvoice, portal_number=portal_number).invoice
    return success(
        DONE,
        idFacture=now.portal_number,
        numeroFacture=now.number,
        dateTraitement=moment(now.status_at),
        nouveauStatut=line.status,
    )
