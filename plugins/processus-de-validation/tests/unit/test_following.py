"""What becomes of an invoice that waits: refusals, days left, lists, what comes again, and a closed espace that opens again."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from pupitre_espace_processus_de_validation import circuit
from pupitre_espaces import Ports, Redirect
from pupitre_espaces.testing import a_context, a_received_invoice
from validation_body import ANNA, BENO, CHIEF, MOVED, TOWN, said


@pytest.mark.requirement("R283")
def test_a_refusal_needs_its_motive_which_who_pays_then_reads(body):
    body.rule()
    invoice = body.receive()
    status, page = said(body.decides(invoice, ANNA, "refuser", "  "))
    assert (status, "le motif est obligatoire" in page) == (409, True)
    assert isinstance(body.decides(invoice, ANNA, "refuser", "Prix <faux>"), Redirect)
    [objection] = body.desk.objections(invoice, TOWN)
    assert objection.why.fr == "Anna l'a refusée en interne le 15/03/2024 10:30 : « Prix <faux> »."
    assert "Suspendez-la" in objection.remedy.fr
    page = body.page(invoice, CHIEF)
    assert "Prix &lt;faux&gt;" in page
    assert "<faux>" not in page
    assert isinstance(body.decides(invoice, CHIEF, "relancer"), Redirect)
    assert "étape 1 sur 1, par Anna" in body.why(invoice)
    assert isinstance(body.decides(invoice, ANNA, "valider"), Redirect)
    assert body.desk.objections(invoice, TOWN) == []


def test_an_invoice_that_was_refused_and_completed_by_its_supplier_is_validated_anew(body):
    body.rule(first=("anna",), second=("béno",))
    invoice = body.receive()
    body.decides(invoice, ANNA, "valider")
    body.decides(invoice, BENO, "refuser", "Bon de livraison absent")
    invoice = body.moves(invoice, "SUSPENDUE", due_on=None)
    assert body.document(invoice)["state"] == circuit.REFUSED
    invoice = body.moves(invoice, "COMPLETEE", due_on=date(2024, 5, 1))
    assert "étape 1 sur 2, par Anna" in body.why(invoice)
    body.decides(invoice, ANNA, "valider")
    body.decides(invoice, BENO, "refuser", "Toujours pas")
    body.tell(invoice)
    assert body.document(invoice)["state"] == circuit.REFUSED, "it was completed once"


@pytest.mark.requirement("R283")
def test_the_days_left_to_pay_are_those_of_the_delai_which_runs_on(body):
    body.rule()
    invoice = body.receive(due_on=date(2024, 4, 14))
    assert "30 j" in body.ask("a-valider", ANNA).body
    body.desk.clock.time += timedelta(days=10)
    assert "20 j" in body.ask("a-valider", ANNA).body
    body.moves(invoice, "SUSPENDUE", due_on=None)
    assert "délai interrompu" in body.ask("a-valider", ANNA).body
    body.moves(invoice, "COMPLETEE", due_on=date(2024, 3, 20))
    assert "en retard de 5 j" in body.ask("a-valider", ANNA).body
    assert "5 d late" in body.ask("a-valider", ANNA, language="en").body


def test_the_lists_say_what_waits_for_me_what_waits_and_what_was_decided(body):
    body.rule(first=("anna",), second=("béno",))
    one, two, three = body.receive(1), body.receive(2), body.receive(3)
    body.decides(two, ANNA, "valider")
    body.decides(three, ANNA, "refuser", "Non")

    def listed(user, view):
        page = body.ask("a-valider", user, query={"vue": view}).body
        return [each.number for each in (one, two, three) if f">{each.number}</a>" in page], page

    assert listed(ANNA, "miennes")[0] == ["F-1"]
    assert listed(BENO, "miennes")[0] == ["F-2"]
    assert listed(BENO, "attente")[0] == ["F-1", "F-2"]
    assert listed(BENO, "refusees")[0] == ["F-3"]
    numbers, page = listed(CHIEF, "miennes")
    assert (numbers, "Pour vous : 0. En attente dans la structure : 2." in page) == ([], True)
    assert listed(CHIEF, "nulle part")[0] == []


def test_the_home_page_has_a_card_for_whoever_is_awaited(body):
    body.rule()
    body.receive(1)
    body.receive(2)

    def cards(user):
        context = a_context(structure=TOWN, user=user, clock=body.desk.clock, ports=Ports(records=body.desk.records(TOWN)))
        return [each.text.fr for _, cards in body.host.call("espace_cards", context=context) for each in cards]

    assert cards(ANNA) == ["Factures qui attendent votre validation : 2."]
    assert cards(BENO) == []


def test_of_two_who_act_at_once_one_is_told_to_look_again(body):
    body.rule(first=("anna", "béno"))
    invoice = body.receive()
    status, page = said(body.decides(invoice, ANNA, "valider", version="7"))
    assert (status, "vient d&#x27;agir" in page) == (409, True)
    assert body.document(invoice)["state"] == circuit.WAITING


@pytest.mark.parametrize("status", ["REJETEE", "A_RECYCLER", "MISE_EN_PAIEMENT"])
def test_an_invoice_that_went_back_or_was_paid_waits_for_nobody(body, status):
    body.rule()
    invoice = body.receive()
    body.moves(invoice, status)
    assert body.document(invoice)["state"] == circuit.CLOSED
    assert said(body.decides(invoice, ANNA, "valider"))[0] == 409


def test_an_invoice_that_comes_again_is_judged_anew_with_its_story(body):
    body.rule(code_service="VOIRIE")
    body.rule(code_service="ECOLES", first=("béno",))
    invoice = body.receive()
    body.decides(invoice, ANNA, "valider")
    body.moves(invoice, "A_RECYCLER")
    body.desk.clock.time += timedelta(hours=1)
    again = replace(invoice, code_service="ECOLES", received_at=body.desk.clock.now())
    assert "par Béno" in body.why(again), "the guard knows it before the reaction"
    body.tell(again)
    document = body.document(again)
    assert (document["state"], document["rule"]) == (circuit.WAITING, "regle-0002")
    assert [each["act"] for each in document["acts"]] == ["ouverte", "validee", "ouverte"]
    del body.desk.invoices[invoice.id]
    data = {**MOVED, "invoice_id": invoice.id, "portal_number": 17, "status_to": "MISE_A_DISPOSITION"}
    body.desk.fire("invoice.moved.v1", TOWN, roles={"recipient"}, **data)
    assert body.document(again)["state"] == circuit.CLOSED, "it went to another body"


def test_what_the_body_issued_is_not_its_to_validate(body):
    body.rule()
    invoice = a_received_invoice(received_at=body.desk.clock.now())
    body.desk.invoices[invoice.id] = invoice
    data = {**MOVED, "invoice_id": invoice.id, "portal_number": 17, "status_to": "MISE_A_DISPOSITION"}
    body.desk.fire("invoice.moved.v1", TOWN, roles={"supplier"}, **data)
    assert body.document(invoice) is None


@pytest.mark.requirement("R283")
def test_an_espace_that_was_closed_and_is_opened_again_holds_nothing_that_it_did_not_see(body):
    body.rule()
    paid, waits = body.receive(1), body.receive(2)
    body.desk.clock.time += timedelta(days=1)
    unseen = a_received_invoice(id=UUID(int=3), portal_number=3, received_at=body.desk.clock.now())
    body.desk.invoices[paid.id] = replace(paid, status="MISE_EN_PAIEMENT")
    body.desk.clock.time += timedelta(days=1)
    body.opens()
    assert body.document(paid)["state"] == circuit.CLOSED
    assert body.document(waits)["state"] == circuit.WAITING
    assert body.desk.objections(unseen, TOWN) == [], "it came while the espace was closed: nobody would find it"
    body.desk.clock.time += timedelta(minutes=1)
    assert body.desk.objections(body.receive(4), TOWN)


def test_an_invoice_that_was_eliminated_is_forgotten(body):
    body.rule()
    invoice = body.receive()
    body.desk.fire("invoice.eliminated.v1", TOWN, roles={"recipient"}, invoice_id=invoice.id, portal_number=17, number="F-17")
    assert body.document(invoice) is None
