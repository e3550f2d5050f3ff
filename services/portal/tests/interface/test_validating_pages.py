"""Invoices that others validate, on the pages: naming them, the work of those who do in three steps, and what the supplier does."""

import datetime

import pytest
from portal_world import EVIL, INVOICE, NOW, SUPPLIER, Bonjour, a_summary, an_invoice, rights
from pupitre_contracts import directory, errors, invoice_parties, invoicing, organisation
from pupitre_contracts import invoicing_entry as entries
from support.endorsing_espace import AGENT, HOLDER, KEY, STATEMENT, WRONG, Endorsing

WORK, PAGE = f"/espaces/{KEY}/factures", f"/espaces/{KEY}/factures/{INVOICE}"
SIRET = "90000005000014"


@pytest.fixture
def plugins():
    return [Bonjour(), Endorsing()]


def a_party(**values):
    labels = {"role_label_fr": "Titulaire", "role_label_en": "Holder"}
    given = {"role": HOLDER, "structure_id": SUPPLIER, "identifier": SIRET, "name": f"Gros Œuvre {EVIL}", "espace": KEY, "acts": True}
    return invoicing.InvoiceParty(**{**labels, **given, "sees": True, "due_at": NOW, **values})


def a_move(to="VALIDEE_1", role=HOLDER, **values):
    labels = {"label_fr": f"Passer à {to}", "label_en": f"Go to {to}"}
    return invoicing.RequestMove(**{"to": to, "role": role, "motive_required": False, "documents": False, **labels, **values})


VALIDATE = a_move(statement_fr=STATEMENT.fr, statement_en=STATEMENT.en, documents=True)
REFUSE = a_move(
    "REFUSEE_1",
    motive_required=True,
    motives=[invoicing.CodedMotive(code="NON_FAIT", label_fr="Travaux non faits", label_en="Work not done")],
)


def waiting(**values):
    given = {"status": "A_VALIDER_1", "status_label_fr": "À valider (1)", "status_label_en": "To be validated (1)", "cadre": "X9"}
    given |= {"in_validation": True, "parties": [a_party()], "role_moves": [VALIDATE, REFUSE], "answer_due_at": NOW}
    return an_invoice(**{**given, **values})


@pytest.fixture
def validating(bus):
    """The user's structure validates an invoice, and he may act for it."""
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=(KEY,))]}
    bus.answers[invoicing.GetInvoice] = {"invoice": waiting()}
    named = {**a_summary(status="A_VALIDER_1", cadre="X9", answer_due_at=NOW).values, "parties": [a_party()]}
    listed = invoice_parties.AssignedInvoice(**{name: value for name, value in named.items() if value is not None})
    bus.answers[invoice_parties.SearchInvoicesOfRole] = {"invoices": [listed], "total": 1}


def text(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.requirement("R170", "R171")
def test_the_work_of_who_validates_leads_to_the_invoice_with_its_files_and_what_to_do(browser, bus, validating):
    listed = text(browser.get(WORK))
    assert f'href="{PAGE}' in listed
    assert "X9 (Sous-traitant)" in listed
    [asked] = bus.requests(invoice_parties.SearchInvoicesOfRole)
    assert (asked.espace, asked.structure_id, asked.to_do) == (KEY, SUPPLIER, True)
    browser.get(f"{WORK}?onglet=toutes&q=F-2026")
    assert (bus.requests(invoice_parties.SearchInvoicesOfRole)[-1].to_do, bus.requests(invoice_parties.SearchInvoicesOfRole)[-1].text) == (
        False,
        "F-2026",
    )
    page = text(browser.get(PAGE))
    assert f"{PAGE}/acte?vers=VALIDEE_1" in page
    assert f"{PAGE}/acte?vers=REFUSEE_1" in page
    assert "Pièces jointes" in page
    assert EVIL not in page
    assert f'href="/espaces/{KEY}/factures' in text(browser.get(f"/espaces/{KEY}/", follow_redirects=True))


@pytest.mark.requirement("R171")
def test_it_is_validated_with_the_tick_and_the_complement_of_information(browser, bus, validating):
    form = text(browser.get(f"{PAGE}/acte?vers=VALIDEE_1"))
    assert STATEMENT.fr in form
    assert "Complément d'information" in form
    bus.answers[invoicing.MoveInvoice] = errors.Invalid(what="MoveInvoice", fields={"stated": ["x"]})
    again = browser.post(f"{PAGE}/acte?vers=VALIDEE_1", {"vers": "VALIDEE_1", "version": "3", "comment": "Vu sur place"})
    assert again.status_code == 422
    assert "Cochez cette case" in text(again)
    assert "Vu sur place" in text(again)
    bus.answers[invoicing.MoveInvoice] = {"invoice": an_invoice()}
    values = {"vers": "VALIDEE_1", "version": "3", "comment": "Vu sur place", "stated": "1"}
    assert browser.post(f"{PAGE}/acte?vers=VALIDEE_1", values).headers["Location"] == f"{PAGE}/recapitulatif"
    made = bus.requests(invoicing.MoveInvoice)[-1]
    assert (made.to, made.stated, made.comment, made.version, made.parties) == ("VALIDEE_1", True, "Vu sur place", 3, None)
    assert bus.keys(invoicing.MoveInvoice)[-1]
    line = {"number": 1, "at": NOW, "actor": "user:x", "actor_name": "Tito", "action": "move", "digest": "ab" * 32}
    history = [invoicing.HistoryEntry(**line, comment=f"« {STATEMENT.fr} » Vu sur place")]
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(cadre="X9", parties=[a_party(acts=False)], history=history)}
    recap = text(browser.get(f"{PAGE}/recapitulatif"))
    assert "Vu sur place" in recap
    assert "Mise à disposition du destinataire" in recap


def test_it_is_refused_with_a_motive_and_an_act_that_is_not_possible_any_more_leads_back(browser, bus, validating):
    form = text(browser.get(f"{PAGE}/acte?vers=REFUSEE_1"))
    assert "Travaux non faits" in form
    bus.answers[invoicing.MoveInvoice] = errors.MotiveRefused(reason="Écrivez le motif.")
    values = {"vers": "REFUSEE_1", "version": "3", "motive_code": "NON_FAIT", "motive": "lot 3"}
    refused = browser.post(f"{PAGE}/acte?vers=REFUSEE_1", values)
    assert refused.status_code == 422
    assert "Écrivez le motif." in text(refused)
    bus.answers[invoicing.MoveInvoice] = {"invoice": an_invoice()}
    browser.post(f"{PAGE}/acte?vers=REFUSEE_1", values)
    made = bus.requests(invoicing.MoveInvoice)[-1]
    assert (made.motive_code, made.motive, made.stated) == ("NON_FAIT", "lot 3", False)
    assert browser.get(f"{PAGE}/acte?vers=EN_LITIGE").headers["Location"] == PAGE
    bus.answers[invoicing.MoveInvoice] = errors.Conflict(what="x")
    assert browser.post(f"{PAGE}/acte?vers=REFUSEE_1", values).headers["Location"] == PAGE


def test_who_only_consults_is_told_so_and_what_has_not_come_to_the_espace_is_not_there(browser, bus, validating):
    bus.answers[invoicing.GetInvoice] = {"invoice": waiting(role_moves=[])}
    page = text(browser.get(PAGE))
    assert "votre habilitation ne permet pas de la valider" in page
    assert "/acte" not in page
    bus.answers[invoicing.GetInvoice] = {"invoice": waiting(parties=[a_party(sees=False)])}
    assert browser.get(PAGE).status_code == 404
    bus.answers[invoicing.GetInvoice] = errors.NotFound(what="x")
    assert browser.get(PAGE).status_code == 404
    assert browser.get(f"/espaces/bonjour/factures/{INVOICE}").status_code == 404
    bus.answers[organisation.RightsOfActor] = {"structures": [rights()]}
    assert browser.get(WORK).status_code == 403


def test_the_supplier_sees_who_validates_and_names_another(browser, bus):
    correct = a_move("A_VALIDER_1", role="supplier", corrects=[HOLDER])
    back = {"status": "ERREUR_FOURNISSEUR_SUR_VALIDEUR", "last_motive": f"[{WRONG.code}] {WRONG.label.fr}"}
    bus.answers[invoicing.GetInvoice] = {"invoice": waiting(role_moves=[correct], **back)}
    page = text(browser.get(f"/factures-emises/{INVOICE}"))
    address = f"/factures-emises/{INVOICE}/acte?vers=A_VALIDER_1"
    assert address in page
    assert "Gros Œuvre" in page
    assert WRONG.label.fr in page
    assert 'name="parties-titulaire"' in text(browser.get(address))
    bus.answers[invoicing.MoveInvoice] = errors.InvoiceRefused(
        count=1, stage="routing", findings=[{"rule": "PUP-PARTY-UNKNOWN", "message": "SIRET inconnu", "remedy": "Vérifiez"}]
    )
    values = {"vers": "A_VALIDER_1", "version": "3", "parties-titulaire": "900 000 050 00014"}
    assert "SIRET inconnu Vérifiez" in text(browser.post(address, values))
    bus.answers[invoicing.MoveInvoice] = {"invoice": an_invoice()}
    assert browser.post(address, values).headers["Location"] == f"/factures-emises/{INVOICE}"
    assert bus.requests(invoicing.MoveInvoice)[-1].parties == [invoicing.NamedParty(role=HOLDER, identifier=SIRET)]


def test_a_deposit_names_who_validates_and_so_does_sending(browser, bus):
    page = text(browser.get("/factures-emises/depot"))
    assert "Titulaire (X9)" in page
    assert "Mandataire (X12, X9)" in page
    draft = waiting(status="BROUILLON", parties=None, role_moves=None, in_validation=None)
    missing = {"rule": "PUP-PARTY-MISSING", "severity": "error", "message": "Titulaire : pas désigné", "location": "parties-titulaire"}
    report = invoicing.Report(verdict="invalid", findings=[invoicing.Finding(**missing)], terms={})
    bus.answers[invoicing.GetInvoice] = {"invoice": invoicing.Invoice(**{**draft.values, "report": report})}
    shown = text(browser.get(f"/factures-emises/{INVOICE}"))
    assert "Titulaire : pas désigné" in shown
    assert 'name="parties-titulaire"' in shown
    confirmation = f"/factures-emises/{INVOICE}/confirmation?parties-titulaire={SIRET}"
    assert f'name="parties-titulaire" value="{SIRET}"' in text(browser.get(confirmation))
    browser.post(f"/factures-emises/{INVOICE}/envoi", {"version": "3", "parties-titulaire": SIRET}, form_at=confirmation)
    [sent] = bus.requests(invoicing.SendInvoice)
    assert sent.parties == [invoicing.NamedParty(role=HOLDER, identifier=SIRET)]
    bus.answers[invoicing.GetInvoice] = {"invoice": waiting()}
    assert "à ceux qui la valident" in text(browser.get(f"/factures-emises/{INVOICE}/recapitulatif"))


def test_an_entry_offers_the_cadres_and_asks_for_those_of_the_one_that_is_chosen(browser, bus):
    bus.answers[directory.GetDirectoryEntry] = errors.NotFound(what="x")
    entry = entries.Entry(cadre="X9", recipient_siret="21750001600019", parties=[invoicing.NamedParty(role=AGENT, identifier=SIRET)])
    totals = entries.EntryTotals(lines=[], vat=[], net=0, tax=0, gross=0, due=0)
    state = entries.EntryState(
        invoice=a_summary(status="BROUILLON", deposit_mode="SAISIE_PORTAIL"), entry=entry, totals=totals, findings=[], documents=[],
        confirmed=False, territory="METROPOLE", rates=[], saved_at=datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC),
    )
    bus.answers[entries.GetEntry] = bus.answers[entries.SaveEntry] = {"state": state}
    address = f"/factures-emises/{INVOICE}/saisie"
    page = text(browser.get(address))
    assert '<option value="X9" selected' in page
    assert f'name="parties-mandataire" value="{SIRET}"' in page
    values = {"version": "3", "cadre": "X9", "parties-titulaire": SIRET, "parties-mandataire": "", "action": "save"}
    browser.post(address, values)
    kept = bus.requests(entries.SaveEntry)[-1].entry
    assert (kept.cadre, kept.parties) == ("X9", [invoicing.NamedParty(role=HOLDER, identifier=SIRET)])
