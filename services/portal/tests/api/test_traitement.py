"""Status messages on received invoices through the compatible route."""

import uuid

import pytest
from portal_world import INVOICE, NOW, an_invoice
from pupitre_contracts import errors, invoicing

PROCESS = "factures/v1/traiter/recue"


def answered(bus, **changes):
    values = {"invoice_id": INVOICE, "number": "F-2026-1", "outcome": "done", "status": "MANDATEE"}
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(status="MANDATEE", portal_number=42, status_at=NOW)}
    bus.answers[invoicing.ProcessInvoices] = {"lines": [invoicing.MoveOutcome(**(values | changes))]}


def test_a_status_message_moves_the_invoice_and_answers_as_the_real_api_does(machine, bus):
    answered(bus)
    found = machine.ask(PROCESS, {"idFacture": 42, "nouveauStatut": "MANDATEE", "motif": "", "numeroDPMandat": ""})
    assert (found["codeRetour"], found["idFacture"], found["nouveauStatut"]) == (0, 42, "MANDATEE")
    assert found["dateTraitement"].startswith("2026-03-15T10:30:12")
    [move] = bus.requests(invoicing.ProcessInvoices)[0].moves
    assert (move.invoice_id, move.to, move.motive, move.version) == (INVOICE, "MANDATEE", None, None)


def test_a_late_status_message_is_refused_in_words(machine, bus):
    answered(bus, outcome="late", reason_fr="Rien n'a changé : trop tard.", reason_en="Nothing changed.")
    found = machine.ask(PROCESS, {"idFacture": 42, "nouveauStatut": "SERVICE_FAIT"})
    assert found["codeRetour"] != 0
    assert "Rien n'a changé" in found["libelle"]


@pytest.mark.parametrize("code, status", [(errors.Forbidden.code, 403), ("invoicing.motive-missing", 200)])
def test_what_is_not_allowed_is_refused_in_words(machine, bus, code, status):
    answered(bus, outcome="refused", code=code, reason_fr="Refusé parce que.", reason_en="Refused because.")
    answer = machine.post(PROCESS, {"idFacture": 42, "nouveauStatut": "REJETEE"})
    assert answer.status_code == status
    assert answer.json["codeRetour"] != 0


def test_a_foreign_invoice_is_not_found_and_an_altered_number_is_misunderstood(machine, bus):
    bus.answers[invoicing.GetInvoice] = errors.NotFound(what=f"invoice {uuid.uuid4()}")
    assert machine.ask(PROCESS, {"idFacture": 42, "nouveauStatut": "MANDATEE"})["codeRetour"] == 20000
    assert machine.post(PROCESS, {"idFacture": "x", "nouveauStatut": "MANDATEE"}).status_code == 400
    assert not bus.requests(invoicing.ProcessInvoices)
