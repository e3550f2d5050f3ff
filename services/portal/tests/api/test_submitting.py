"""soumettre, deposer/pdf and ajouter/fichier: the same calls as the page of entry, in the words of programs."""

import base64
import datetime
import uuid
from decimal import Decimal

import pytest
from portal_world import INVOICE, NOW, SUPPLIER, an_invoice
from pupitre_contracts import bank_details, errors, invoicing, organisation
from pupitre_contracts import invoicing_entry as calls
from pupitre_portal import formats
from pupitre_portal.api import submitted

SUBMIT, PDF, FILE = "factures/v1/soumettre", "factures/v1/deposer/pdf", "transverses/v1/ajouter/fichier"
CONTENT = b"%PDF-1.4 x"
ENCODED = base64.b64encode(CONTENT).decode()
ACCOUNT = uuid.UUID(int=77)
BODY = {
    "modeDepot": "SAISIE_API",
    "numeroFactureSaisi": "F-1",
    "dateFacture": "2026-03-01",
    "destinataire": {"codeDestinataire": "21750001600019", "codeServiceExecutant": ""},
    "fournisseur": {"idFournisseur": "0", "codeCoordonneesBancairesFournisseur": 7},
    "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
    "references": {"deviseFacture": "EUR", "typeFacture": "FACTURE", "typeTva": "TVA_SUR_DEBIT", "modePaiement": "VIREMENT"},
    "lignePoste": [
        {
            "lignePosteNumero": 1,
            "lignePosteDenomination": "Chaise",
            "lignePosteQuantite": 10,
            "lignePosteUnite": "Heure",
            "lignePosteMontantUnitaireHT": 10.05,
            "lignePosteTauxTva": "TVA5.5",
        }
    ],
    "montantTotal": {"montantHtTotal": 100.5, "montantTVA": 5.53, "montantTtcTotal": 106.03, "montantAPayer": 106.03},
    "commentaire": "Merci",
}


def a_state(findings=()):
    summary = {name: an_invoice().values[name] for name in invoicing.InvoiceSummary.declared}
    sums = {"net": Decimal("100.50"), "tax": Decimal("5.53"), "gross": Decimal("106.03"), "due": Decimal("106.03")}
    return calls.EntryState(
        invoice=invoicing.InvoiceSummary(**{**summary, "status": "BROUILLON", "version": 1}),
        entry=calls.Entry(),
        totals=calls.EntryTotals(lines=[Decimal("100.50")], vat=[], **sums),
        findings=list(findings),
        documents=[],
        confirmed=True,
        territory="METROPOLE",
        rates=[],
        saved_at=NOW,
    )


@pytest.fixture(autouse=True)
def answers(bus):
    account = {"bank_details_id": ACCOUNT, "portal_number": 7, "name": "Courant", "kind": "IBAN", "masked": "FR76 •••• 0189"}
    sent = an_invoice(receipt_sha256="ab" * 32)
    bus.answers |= {
        calls.SaveEntry: {"state": a_state()},
        calls.ConfirmEntry: {"state": a_state(), "invoice": sent},
        invoicing.SendInvoice: {"invoice": sent},
        invoicing.DeleteDraft: {},
        bank_details.ListBankDetails: {"bank_details": [bank_details.BankDetailsSummary(**account, version=1)]},
        calls.KeepFile: lambda asked: {"file": _kept(41, asked.name, asked.sha256)},
        calls.KeptFiles: lambda asked: {"files": [_kept(each, f"{each}.pdf", "ab" * 32) for each in asked.portal_numbers]},
    }


def _kept(number, name, sha256):
    return calls.KeptFile(portal_number=number, name=name, mime="application/pdf", size=10, sha256=sha256)


def test_an_invoice_is_entered_confirmed_and_sent_in_one_call(machine, bus):
    found = machine.ask(SUBMIT, BODY)
    sent = an_invoice(receipt_sha256="ab" * 32)
    assert found == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "identifiantFactureCPP": sent.portal_number,
        "numeroFacture": sent.number,
        "statutFacture": "DEPOSEE",
        "dateDepot": found["dateDepot"],
        "identifiantStructure": sent.supplier_identifier,
        "empreinteCertificatDepot": base64.b64encode(bytes.fromhex("ab" * 32)).decode(),
    }
    [asked] = bus.requests(calls.SaveEntry)
    entry, [line] = asked.entry, asked.entry.lines
    assert (asked.structure_id, asked.deposit_mode) == (SUPPLIER, "SAISIE_API")
    assert (entry.number, entry.cadre, entry.issue_date, entry.code_service) == ("F-1", "A1", "2026-03-01", "")
    assert (entry.bank_details_id, entry.payment_mode, entry.comment) == (ACCOUNT, "VIREMENT", "Merci")
    assert (line.name, line.quantity, line.unit, line.price, line.rate) == ("Chaise", "10", "HUR", "10.05", "5.5")


def test_without_a_number_the_portal_gives_one_and_without_a_date_it_is_today(machine, bus):
    machine.ask(SUBMIT, {**BODY, "numeroFactureSaisi": None, "dateFacture": None})
    [asked] = bus.requests(calls.SaveEntry)
    assert (asked.entry.number, asked.entry.generate_number) == ("", True)
    assert asked.entry.issue_date == datetime.datetime.now(formats.PARIS).date().isoformat()


def test_one_key_makes_one_invoice(machine, bus):
    for _ in range(2):
        machine.ask(SUBMIT, BODY, headers={"Idempotency-Key": "k-1"})
    for call in (calls.SaveEntry, calls.ConfirmEntry, invoicing.SendInvoice):
        first, second = bus.keys(call)
        assert first == second
    assert len({bus.keys(call)[0] for call in (calls.SaveEntry, calls.ConfirmEntry, invoicing.SendInvoice)}) == 3


def test_what_is_wrong_is_answered_field_by_field_and_no_draft_is_left(machine, bus):
    texts = {"message": "Il manque : le code service.", "remedy": "Ajoutez-le."}
    wrong = invoicing.Finding(rule="PUP-X", severity="error", location="code_service", **texts)
    bus.answers[calls.ConfirmEntry] = {"state": a_state([wrong])}
    found = machine.ask(SUBMIT, BODY)
    assert found["codeRetour"] == 20002
    assert found["listeErreurs"] == ["code_service : Il manque : le code service. Ajoutez-le."]
    assert [each.invoice_id for each in bus.requests(invoicing.DeleteDraft)] == [INVOICE]
    assert not bus.requests(invoicing.SendInvoice)


@pytest.mark.parametrize("member, said", [("montantHtTotal", 101), ("montantTVA", 6), ("montantAPayer", 90.5)])
def test_a_total_that_differs_is_refused_with_the_computed_one(machine, bus, member, said):
    found = machine.ask(SUBMIT, {**BODY, "montantTotal": {**BODY["montantTotal"], member: said}})
    assert found["codeRetour"] == 20002
    assert member in found["libelle"]
    assert "le portail calcule" in found["libelle"]
    assert bus.requests(invoicing.DeleteDraft)


def test_a_difference_of_a_cent_a_line_is_rounding(machine):
    assert machine.ask(SUBMIT, {**BODY, "montantTotal": {**BODY["montantTotal"], "montantTVA": 5.52}})["codeRetour"] == 0


def test_a_pdf_without_lines_is_entered_by_rate_with_the_pdf_as_what_people_read(machine, bus):
    main = {"pieceJointePrincipaleDesignation": "Facture", "pieceJointePrincipaleId": "41"}
    other = {
        "pieceJointeComplementaireId": 42,
        "pieceJointeComplementaireDesignation": "Bon",
        "pieceJointeComplementaireType": "BON_LIVRAISON",
        "pieceJointeComplementaireNumeroLigneFacture": 1,
    }
    rates = [{"ligneTvaTaux": "TVA20", "ligneTvaMontantBaseHtParTaux": 100.5, "ligneTvaMontantTvaParTaux": 20.1}]
    for given in ([main], main):
        body = {**BODY, "modeDepot": "DEPOT_PDF_API", "lignePoste": [], "ligneTva": rates, "pieceJointePrincipale": given}
        machine.ask(SUBMIT, {**body, "pieceJointeComplementaire": [other]})
        asked = bus.requests(calls.SaveEntry)[-1]
        assert [(each.price, each.rate) for each in asked.entry.lines] == [("100.5", "20")]
        joined = [(each.name, each.type, each.line) for each in asked.documents]
        assert joined == [("41.pdf", "LISIBLE", None), ("42.pdf", "BON_LIVRAISON", 1)]
        assert asked.deposit_mode == "DEPOT_PDF_API"


@pytest.mark.parametrize(
    "changes",
    [
        {"modeDepot": "AUTRE"},
        {"modeDepot": "DEPOT_PDF_API"},
        {"dateFacture": "hier"},
    ],
)
def test_what_cannot_be_understood_is_told_before_anything_is_kept(machine, bus, changes):
    answer = machine.post(SUBMIT, {**BODY, **changes})
    assert (answer.status_code, answer.json["codeRetour"]) == (400, 20000)
    assert not bus.requests(calls.SaveEntry)


def test_an_invoice_in_another_currency_says_its_tva_in_euros_by_a_rate_or_an_amount(machine, bus):
    references = {**BODY["references"], "deviseFacture": "USD", "coursEnEuros": 0.92}
    machine.ask(
        SUBMIT, {**BODY, "references": references, "montantTotal": {**BODY["montantTotal"], "montantTVAEnEuros": 5.09}}
    )
    [asked] = bus.requests(calls.SaveEntry)
    assert (asked.entry.currency, asked.entry.exchange_rate, asked.entry.tax_eur) == ("USD", "0.92", "5.09")


def test_an_unknown_account_and_a_missing_right_are_refused(machine, bus):
    wrong = {**BODY["fournisseur"], "codeCoordonneesBancairesFournisseur": 8}
    assert machine.ask(SUBMIT, {**BODY, "fournisseur": wrong})["codeRetour"] == 20000
    bus.answers[calls.SaveEntry] = errors.Forbidden(needed="factures-emises, MODIFICATION")
    assert machine.post(SUBMIT, BODY).status_code == 403


def test_a_file_is_kept_under_a_number(machine, bus, blobs):
    body = {"pieceJointeFichier": ENCODED, "pieceJointeNom": "bon", "pieceJointeExtension": "PDF", "pieceJointeTypeMime": "x/y"}
    assert machine.ask(FILE, body) == {"codeRetour": 0, "libelle": "GCU_MSG_01_000", "pieceJointeId": 41}
    [asked] = bus.requests(calls.KeepFile)
    assert (asked.name, asked.size, asked.structure_id) == ("bon.pdf", len(CONTENT), SUPPLIER)
    assert blobs.kept[asked.sha256] == CONTENT


def test_a_file_that_is_not_what_its_name_says_is_refused(machine, bus):
    answer = machine.post(FILE, {"pieceJointeFichier": base64.b64encode(b"MZ\0").decode(), "pieceJointeNom": "bon.pdf"})
    assert (answer.status_code, answer.json["codeRetour"]) == (400, 20000)
    assert not bus.requests(calls.KeepFile)


def test_a_pdf_is_read_and_kept(machine, bus):
    said = {"number": "F-9", "issue_date": "2026-03-02", "recipient_siret": "21750001600019", "engagement": "EJ-1"}
    read = calls.Entry(**said, read_in_pdf=["number", "engagement"])
    bus.answers[calls.ReadPdf] = {
        "entry": read,
        "has_text": True,
        "structured": False,
        "amounts": {"net": "1000.00", "vat": "200.00", "gross": "1200.00"},
    }
    structure = {"structure_id": SUPPLIER, "portal_number": 1, "identifier_type": "SIRET", "identifier": "12345678200010", "name": "A"}
    parts = {"address": organisation.Address(), "parameters": organisation.Parameters(), "services": [], "espaces": []}
    bus.answers[organisation.GetStructure] = {"structure": organisation.Structure(**structure, type="PRIVATE", active=True, **parts)}
    found = machine.ask(PDF, {"fichierFacture": ENCODED, "nomFichier": "f.pdf", "formatDepot": "PDF_NON_SIGNE"})
    assert (found["pieceJointeId"], found["numeroFacture"], found["dateFacture"]) == (41, "F-9", "2026-03-02")
    assert (found["montantHtTotal"], found["montantAPayer"], found["numeroBonCommande"]) == (Decimal("1000.00"), Decimal("1200.00"), "EJ-1")
    assert "codeDeviseFacture" not in found or found["codeDeviseFacture"] is None
    bus.answers[calls.ReadPdf]["currency"] = "USD"
    assert machine.ask(PDF, {"fichierFacture": ENCODED, "formatDepot": "PDF_NON_SIGNE"})["codeDeviseFacture"] == "USD"
    assert machine.post(PDF, {"fichierFacture": ENCODED, "formatDepot": "AUTRE"}).status_code == 400


def test_a_unit_without_a_code_stays_in_the_name_of_its_line(machine, bus):
    [line] = BODY["lignePoste"]
    for name, unit in (("Roses", " bouquet "), ("Chaise", "Heure"), ("Chaise", None), (None, "bouquet")):
        machine.ask(SUBMIT, {**BODY, "lignePoste": [{**line, "lignePosteDenomination": name, "lignePosteUnite": unit}]})
    written = [(line.name, line.unit) for asked in bus.requests(calls.SaveEntry) for line in asked.entry.lines]
    assert written == [("Roses (bouquet)", "C62"), ("Chaise", "HUR"), ("Chaise", "C62"), ("", "C62")]


def test_more_lines_than_an_entry_has_are_refused_and_none_is_left_out(machine, bus):
    most = calls.MOST_LINES
    answer = machine.post(SUBMIT, {**BODY, "lignePoste": BODY["lignePoste"] * (most + 1)})
    assert (answer.status_code, answer.json["codeRetour"]) == (400, 20000)
    assert f"lignePoste : au plus {most} lignes" in answer.json["libelle"]
    assert not bus.requests(calls.SaveEntry)
    machine.post(SUBMIT, {**BODY, "lignePoste": BODY["lignePoste"] * most})
    assert [len(asked.entry.lines) for asked in bus.requests(calls.SaveEntry)] == [most]


def test_units_are_understood_by_code_and_by_name_in_both_languages():
    day = datetime.date(2026, 1, 1)

    def unit(text):
        return submitted.entry_of({"lignePoste": [{"lignePosteUnite": text}]}, "SAISIE_API", day, None).lines[0].unit

    assert [unit(text) for text in ("HUR", "heure", "Hour", "kWh ?", None)] == ["HUR", "HUR", "HUR", "C62", "C62"]
