"""Processing many received invoices, what came back to a supplier, and the payment delay on the pages of both sides."""

import datetime
import decimal
import uuid

import pytest
from portal_world import INVOICE, NOW, SUPPLIER, TOWN, a_summary, an_invoice, rights
from pupitre_contracts import errors, invoicing, organisation

LIST, CHOICE, MASS = "/factures-recues/", "/factures-recues/traitement/choix", "/factures-recues/traitement/"
IDS = [uuid.UUID(int=300 + number) for number in range(10)]


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("\xa0", " ")


@pytest.fixture
def agent(bus):
    """Ten invoices in a list that the user may process."""
    bus.answers[organisation.RightsOfActor] = {
        "structures": [rights(structure_id=TOWN, espaces=("factures-recues",), type="PUBLIC")]
    }
    found = [a_summary(invoice_id=each, number=f"F-{each.int}", version=2, status="MISE_A_DISPOSITION") for each in IDS]
    bus.answers[invoicing.SearchInvoices] = {"invoices": found, "total": 12}
    return bus


def carried(page):
    """The invoices that a form carries on, as their hidden fields."""
    return [text.split('"')[0] for text in page.split('name="facture" value="')[1:]]


def test_rows_can_be_ticked_where_the_user_may_process(browser, agent):
    page = words(browser.get(LIST))
    assert page.count('type="checkbox" name="facture"') == 10
    assert "Traiter les 12 factures trouvées" in page


def test_who_only_consults_processes_nothing(browser, bus, agent):
    bus.answers[organisation.RightsOfActor] = {
        "structures": [rights(structure_id=TOWN, espaces=("factures-recues",), type="PUBLIC", profile="CONSULTATION")]
    }
    page = words(browser.get(LIST))
    assert "Télécharger la sélection" in page
    assert "Traiter les" not in page
    assert "/traitement/choix" not in page


def test_ticked_rows_get_a_status_and_a_report_line_by_line(browser, bus, agent):
    ticked = [str(each) for each in IDS[:2]]
    page = words(browser.post(f"{CHOICE}?onglet=synthese", {"facture": ticked, "portee": "choix"}, form_at=LIST))
    assert "2 factures sont choisies." in page
    chosen = carried(page)
    assert [each.split("|")[:2] for each in chosen] == [[identifier, "2"] for identifier in ticked]

    refused = browser.post(MASS, {"facture": chosen, "to": "SUSPENDUE", "comment": "Merci"}, form_at=LIST)
    assert refused.status_code == 422
    assert "Un motif est obligatoire" in words(refused)
    assert carried(words(refused)) == chosen
    assert "Merci" in words(refused)
    assert not bus.requests(invoicing.ProcessInvoices)

    outcomes = [
        invoicing.MoveOutcome(invoice_id=IDS[0], number="F-300", outcome="done", status="SUSPENDUE"),
        invoicing.MoveOutcome(
            invoice_id=IDS[1], outcome="refused", code="conflict", reason_fr="L'objet a changé", reason_en="Changed"
        ),
    ]
    bus.answers[invoicing.ProcessInvoices] = {"lines": outcomes}
    report = browser.post(MASS, {"facture": chosen, "to": "SUSPENDUE", "motive": "Bon absent"}, form_at=LIST)
    page = words(report)
    assert report.status_code == 200
    assert "1 facture traitée, 0 déjà plus loin, sans changement, 1 refusée" in page
    assert "L'objet a changé" in page
    asked = bus.requests(invoicing.ProcessInvoices)[0].moves
    assert [(each.invoice_id, each.version, each.to, each.motive) for each in asked] == [
        (identifier, 2, "SUSPENDUE", "Bon absent") for identifier in IDS[:2]
    ]
    assert bus.keys(invoicing.ProcessInvoices)[0]


def test_all_that_the_list_finds_is_taken_with_its_filters(browser, bus, agent):
    page = words(browser.post(f"{CHOICE}?onglet=tout&number=F-3*&page=2", {"portee": "toutes"}, form_at=LIST))
    assert "10 factures sont choisies." in page
    asked = bus.requests(invoicing.SearchInvoices)[-1]
    assert (asked.side, asked.number, asked.page, asked.page_size) == ("received", "F-3*", 1, 500)


def test_nothing_ticked_does_nothing_and_altered_rows_are_left_out(browser, bus, agent):
    assert browser.post(CHOICE, {"portee": "choix"}, form_at=LIST).status_code == 302
    assert "Cochez au moins une facture" in words(browser.get(LIST))
    assert browser.post(MASS, {"facture": ["x|y|z", "'"], "to": "MANDATEE"}, form_at=LIST).status_code == 302
    assert not bus.requests(invoicing.ProcessInvoices)


def test_a_status_that_is_none_is_refused(browser, bus, agent):
    answer = browser.post(MASS, {"facture": [f"{IDS[0]}|2|F|S"], "to": "BROUILLON"}, form_at=LIST)
    assert answer.status_code == 422
    assert not bus.requests(invoicing.ProcessInvoices)


def came_back(bus, back, overdue=0):
    bus.answers[invoicing.ListReturns] = {"invoices": [back], "total": 1, "overdue": overdue}
    count = {"structure_id": SUPPLIER, "side": "issued", "to_do": 1, "drafts": 0, "total": 1}
    bus.answers[invoicing.CountWork] = {"counts": [invoicing.WorkCounts(**count, returned=1, returned_overdue=overdue)]}
    bus.answers[invoicing.SearchInvoices] = {"invoices": [], "total": 0, "returns_overdue": overdue}


def test_the_home_page_lists_what_came_back_until_it_is_acknowledged(browser, bus):
    back = a_summary(status="REJETEE", number="F-9", last_motive="montant faux", status_at=NOW)
    came_back(bus, back)
    page = words(browser.get("/"))
    assert "Factures revenues, à acquitter" in page
    assert "montant faux" in page

    browser.post("/factures-emises/retours/", {"facture": [str(INVOICE)], "portee": "choix"}, form_at="/")
    assert bus.requests(invoicing.AcknowledgeReturns)[0].invoice_ids == [INVOICE]
    browser.post("/factures-emises/retours/", {"portee": "toutes"}, form_at="/")
    assert bus.requests(invoicing.AcknowledgeReturns)[1].invoice_ids is None


def test_after_seven_days_acknowledging_comes_before_anything_else_of_the_espace(browser, bus):
    back = a_summary(status="SUSPENDUE", number="F-9", last_motive="pièce absente", status_at=NOW)
    came_back(bus, back, overdue=1)
    for address in ("/", "/factures-emises/"):
        assert browser.get(address).headers["Location"] == "/factures-emises/retours/"
    assert "plus de sept jours" in words(browser.get("/factures-emises/retours/"))


def test_the_pages_do_without_the_returns_when_invoicing_cannot_tell(browser, bus):
    bus.answers[invoicing.CountWork] = errors.TimedOut(service="invoicing")
    assert browser.get("/factures-emises/").status_code == 200


def test_a_rejection_is_done_with_from_the_page_of_the_invoice(browser, bus):
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(status="REJETEE")}
    address = f"/factures-emises/{INVOICE}"
    assert f"/factures-emises/retours/{INVOICE}/rejet" in words(browser.get(address))
    assert browser.post(f"/factures-emises/retours/{INVOICE}/rejet", {}, form_at=address).headers["Location"] == address
    assert bus.requests(invoicing.TreatRejection)[0].invoice_id == INVOICE
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(status="REJETEE", treated_at=NOW)}
    assert "/rejet" not in words(browser.get(address))


@pytest.mark.parametrize("side", ["emises", "recues"])
def test_both_sides_see_the_delay_its_events_and_what_lateness_costs(browser, bus, side):
    day = datetime.date
    event = {"days": 30, "effect": True}
    events = [
        {"kind": "START", "on": day(2026, 1, 1), "due_on": day(2026, 1, 31), **event},
        {"kind": "INTERRUPT", "on": day(2026, 1, 5), "balance": 26, **event},
        {"kind": "RESUME", "on": day(2026, 1, 10), "due_on": day(2026, 2, 9), **event},
        {"kind": "INTERRUPT", "on": day(2026, 1, 12), "days": 30, "effect": False, "reason": "second"},
    ]
    bus.answers[invoicing.GetInvoice] = {
        "invoice": an_invoice(
            delay_days=30,
            delay_started_on=day(2026, 1, 1),
            due_on=day(2026, 2, 9),
            delay_state="RUNNING",
            days_left=-3,
            delay_alert="late",
            delay_events=[invoicing.DelayEvent(**each) for each in events],
            interest=invoicing.Interest(
                base=decimal.Decimal("12000.00"),
                rate=decimal.Decimal("12.50"),
                days=30,
                interest=decimal.Decimal("123.29"),
                indemnity=decimal.Decimal("40.00"),
                until=day(2026, 2, 12),
                final=False,
            ),
        )
    }
    page = words(browser.get(f"/factures-{side}/{INVOICE}"))
    for said in ("en retard de 3 jours", "09/02/2026", "il restait 26 jours", "déjà été interrompu une fois", "123,29", "40,00", "12,5 %"):
        assert said in page, said
    english = words(browser.get(f"/factures-{side}/{INVOICE}?lang=en"))
    assert "3 days late" in english
    assert "interrupted once before" in english


@pytest.mark.parametrize("side", ["emises", "recues"])
def test_the_delay_of_an_invoice_outside_the_euro_says_on_either_side_that_no_interest_is_computed(browser, bus, side):
    known = {"delay_days": 30, "delay_started_on": datetime.date(2026, 1, 1), "due_on": datetime.date(2026, 1, 31), "days_left": -3}
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(**known, delay_state="RUNNING", delay_alert="late", currency="USD")}
    page = words(browser.get(f"/factures-{side}/{INVOICE}"))
    assert "en retard de 3 jours" in page
    assert "Les intérêts moratoires ne sont pas calculés" in page
    assert "la facture est en USD" in page
    assert "Indemnité forfaitaire" not in page
    assert "Interest for late payment is not computed" in words(browser.get(f"/factures-{side}/{INVOICE}?lang=en"))
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(**known, delay_state="RUNNING", delay_alert="late")}
    assert "ne sont pas calculés" not in words(browser.get(f"/factures-{side}/{INVOICE}"))


def test_lists_say_the_due_date_and_the_days_left(browser, bus):
    soon = a_summary(due_on=datetime.date(2026, 4, 1), delay_state="RUNNING", days_left=5, delay_alert="soon")
    bus.answers[invoicing.SearchInvoices] = {"invoices": [soon], "total": 1}
    for address in ("/factures-emises/", LIST):
        page = words(browser.get(address))
        assert "5 jours restants" in page
        assert "tone-warning" in page
        assert "01/04/2026" in page


def test_a_late_status_is_said_and_is_a_line_of_the_history_in_words(browser, bus):
    line = invoicing.HistoryEntry(
        number=4, at=NOW, actor="user:x", action="late", status_from="COMPTABILISEE", status_to="MANDATEE", digest="a" * 64
    )
    move = invoicing.Move(to="MISE_EN_PAIEMENT", label_fr="p", label_en="p", motive_required=False, side="recipient")
    shown = an_invoice(status="COMPTABILISEE", history=[line], moves=[move])
    bus.answers[invoicing.GetInvoice] = {"invoice": shown}
    bus.answers[invoicing.MoveInvoice] = {"invoice": shown, "outcome": "late"}
    address = f"/factures-recues/{INVOICE}"
    browser.post(f"{address}/statut", {"version": "3", "to": "MANDATEE"}, form_at=address)
    assert "Rien n'a changé" in words(browser.get(address))
    page = words(browser.get(f"{address}?vue=historique"))
    assert "Message arrivé trop tard, sans effet : Mandatée" in page


def test_the_statement_about_the_accountant_and_coded_motives_are_asked_for_and_sent(browser, bus):
    motive = invoicing.CodedMotive(code="PIECE_MANQUANTE", label_fr="Pièce manquante", label_en="Missing")
    move = invoicing.Move(
        to="SUSPENDUE", label_fr="Suspendue", label_en="S", motive_required=True, side="recipient", mandat_refused=True, motives=[motive]
    )
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(status="MANDATEE", moves=[move])}
    bus.answers[invoicing.MoveInvoice] = errors.MandatNotRefused(status_from="MANDATEE", status_to="SUSPENDUE")
    address = f"/factures-recues/{INVOICE}"
    assert "le comptable a refusé le mandat" in words(browser.get(address))
    data = {"version": "3", "to": "SUSPENDUE", "motive_code": "PIECE_MANQUANTE"}
    refused = browser.post(f"{address}/statut", data, form_at=address)
    assert refused.status_code == 409
    assert "Attestez-le" in words(refused)
    bus.answers[invoicing.MoveInvoice] = {"invoice": an_invoice(status="SUSPENDUE")}
    browser.post(f"{address}/statut", {**data, "mandat_refused": "1"}, form_at=address)
    sent = bus.requests(invoicing.MoveInvoice)[-1]
    assert (sent.mandat_refused, sent.motive_code) == (True, "PIECE_MANQUANTE")
