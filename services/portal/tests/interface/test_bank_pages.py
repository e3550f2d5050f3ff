"""Bank details and documents of a structure, as its people use the pages."""

import io
import uuid
import zipfile

import pytest
from portal_world import EVIL, INVOICE, NOW, SUPPLIER, TERMS, a_structure, an_invoice, rights
from pupitre_contracts import bank_details, errors, invoicing, organisation, structure_documents, structures

BANK, KEPT = f"/structures/{SUPPLIER}/coordonnees-bancaires", f"/structures/{SUPPLIER}/pieces-jointes"
DETAILS, DOCUMENT = uuid.UUID(int=90), uuid.UUID(int=91)
ACCOUNT = bank_details.Account(kind="IBAN", country="FR", key="76", national="30006000011234567890189", bic="AGRIFRPP882")
FORM = {
    "name": "Compte",
    "kind": "IBAN",
    "country": "FR",
    "iban_key": "76",
    "national": "30006000011234567890189",
    "bic": "AGRIFRPP882",
    "factor_identifier_type": "SIRET",
}


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def a_summary():
    return bank_details.BankDetailsSummary(
        bank_details_id=DETAILS, portal_number=1, name=f"Compte {EVIL}", kind="IBAN", masked="FR76 •••• 0189", version=3
    )


def details(sha256="a" * 64):
    file = bank_details.AccountFile(name="rib.pdf", mime="application/pdf", size=9, sha256=sha256)
    return bank_details.BankDetails(**a_summary().values, account=ACCOUNT, file=file)


def a_document(sha256, **changes):
    values = {"document_id": DOCUMENT, "designation": f"Pouvoir {EVIL}", "type": "POUVOIR", "name": "p.pdf", "version": 2}
    told = {"mime": "application/pdf", "size": 9, "sha256": sha256, "added_at": NOW}
    return structure_documents.KeptDocument(**(values | told | changes))


def pdf(name="rib.pdf", content=b"%PDF-1.7 rib"):
    return (io.BytesIO(content), name)


@pytest.fixture
def keeper(bus, blobs):
    structure = a_structure(structure_id=SUPPLIER, type="PRIVATE", parameters=organisation.Parameters(), version=1)
    sheet = {"structure": structure, "may_modify": True, "requests": []}
    sha256 = blobs.put(b"%PDF-1.7")
    bus.answers |= {
        organisation.RightsOfActor: {"structures": [rights()]},
        structures.GetStructureSheet: sheet,
        bank_details.ListBankDetails: {"bank_details": [a_summary()]},
        bank_details.GetBankDetails: {"bank_details": details(sha256)},
        bank_details.AddBankDetails: {"bank_details": a_summary()},
        bank_details.ChangeBankDetails: {"bank_details": a_summary()},
        bank_details.RemoveBankDetails: {},
        structure_documents.ListStructureDocuments: {"documents": [a_document(sha256)]},
        structure_documents.AddStructureDocument: {"document": a_document(sha256)},
        structure_documents.ChangeStructureDocument: {"document": a_document(sha256)},
        structure_documents.RemoveStructureDocuments: {"removed": 1},
    }
    return bus


@pytest.mark.requirement("R087")
@pytest.mark.parametrize("address", ["/", "/creation", f"/{DETAILS}"])
def test_the_notice_that_the_payer_is_not_bound_is_visible(browser, keeper, address):
    assert "le payeur n'est pas lié par elles" in words(browser.get(f"{BANK}{address}"))


@pytest.mark.requirement("R086")
@pytest.mark.requirement("R089")
def test_an_account_is_added_with_its_file_and_shown_masked(browser, keeper, blobs):
    answer = browser.post(f"{BANK}/creation", {**FORM, "file": pdf()}, content_type="multipart/form-data")
    assert answer.headers["Location"] == f"{BANK}/"
    (asked,) = keeper.requests(bank_details.AddBankDetails)
    assert (asked.account, asked.factor, asked.name) == (ACCOUNT, None, "Compte")
    assert blobs.get(asked.file.sha256) == b"%PDF-1.7 rib"
    page = words(browser.get(f"{BANK}/"))
    assert "FR76 •••• 0189" in page
    assert "30006000011234567890189" not in page
    assert "<script>" not in page


@pytest.mark.requirement("R086")
@pytest.mark.requirement("R087")
@pytest.mark.parametrize("iban, named", [("fr76 3000 6000 0112 3456 7890 189", True), ("FR1420041010050500013M02606", False)])
def test_who_confirms_a_deposit_sees_the_accounts_in_use_and_which_one_the_invoice_names(browser, keeper, iban, named):
    report = invoicing.Report(verdict="valid", findings=[], terms=TERMS | {"BT-84": iban})
    keeper.answers[invoicing.GetInvoice] = {"invoice": an_invoice(status="BROUILLON", report=report)}
    address = f"/factures-emises/{INVOICE}/confirmation"
    page = words(browser.get(address))
    assert "FR76 •••• 0189" in page
    assert ("(citées par la facture)" in page, "ne cite aucune" in page) == (named, not named)
    assert "le payeur n'est pas lié par elles" in page
    keeper.answers[bank_details.ListBankDetails] = errors.Unavailable(service="organisation")
    assert browser.get(address).status_code == 200


@pytest.mark.requirement("R089")
def test_the_factor_is_sent_only_when_it_is_ticked(browser, keeper):
    factor = {"factor_name": "Factor SA", "factor_country": "FR", "factor_identifier": "732 829 320 00074"}
    browser.post(f"{BANK}/creation", {**FORM, **factor, "file": pdf()}, content_type="multipart/form-data")
    browser.post(f"{BANK}/creation", {**FORM, **factor, "is_factored": "y", "file": pdf()}, content_type="multipart/form-data")
    without, with_factor = keeper.requests(bank_details.AddBankDetails)
    assert without.factor is None
    assert (with_factor.factor.name, with_factor.factor.identifier) == ("Factor SA", "73282932000074")


@pytest.mark.requirement("R088")
@pytest.mark.parametrize(
    "kind, faults, ids",
    [
        ("IBAN", {"key": ["clé fausse / wrong"], "bic": ["8 ou 11 / 8 or 11"]}, ["iban_key", "bic"]),
        ("IBAN", {"file": ["nécessaire / needed"]}, ["file"]),
        ("RIB", {"bank": ["5 chiffres / 5 digits"], "key": ["clé fausse / wrong"]}, ["bank", "rib_key"]),
    ],
)
def test_what_is_wrong_is_said_beside_its_block_and_nothing_typed_is_lost(browser, keeper, kind, faults, ids):
    keeper.answers[bank_details.AddBankDetails] = errors.Invalid(what="bank_details", fields=faults)
    answer = browser.post(f"{BANK}/creation", {**FORM, "kind": kind, "bank": "3000"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    for name in ids:
        assert f'id="{name}-erreur"' in words(answer)
    assert 'value="30006000011234567890189"' in words(answer)
    assert 'value="3000"' in words(answer)


@pytest.mark.requirement("R089")
def test_an_account_is_changed_without_another_file_and_the_file_is_viewed(browser, keeper):
    page = words(browser.get(f"{BANK}/{DETAILS}"))
    assert 'value="30006000011234567890189"' in page
    assert "rib.pdf" in page
    answer = browser.post(f"{BANK}/{DETAILS}", {**FORM, "version": "3"}, content_type="multipart/form-data")
    assert answer.headers["Location"] == f"{BANK}/"
    (asked,) = keeper.requests(bank_details.ChangeBankDetails)
    assert (asked.file, asked.version) == (None, 3)
    sent = browser.get(f"{BANK}/{DETAILS}/fichier")
    assert sent.get_data() == b"%PDF-1.7"
    assert "attachment" in sent.headers["Content-Disposition"]


def test_a_file_that_is_not_what_it_says_is_refused_before_anything_is_kept(browser, keeper):
    answer = browser.post(
        f"{BANK}/creation", {**FORM, "file": pdf(content=b"MZ program")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    assert 'id="file-erreur"' in words(answer)
    assert not keeper.requests(bank_details.AddBankDetails)


def test_taking_an_account_out_of_use_is_confirmed_first(browser, keeper):
    assert "FR76" in words(browser.get(f"{BANK}/{DETAILS}/suppression"))
    assert not keeper.requests(bank_details.RemoveBankDetails)
    assert browser.post(f"{BANK}/{DETAILS}/suppression").headers["Location"] == f"{BANK}/"
    assert len(keeper.requests(bank_details.RemoveBankDetails)) == 1


def test_who_may_not_change_them_sees_masked_lines_without_actions(browser, keeper):
    keeper.answers[structures.GetStructureSheet] |= {"may_modify": False}
    page = words(browser.get(f"{BANK}/"))
    assert "FR76 •••• 0189" in page
    assert f"{DETAILS}" not in page
    assert browser.get(f"{BANK}/creation").status_code == 403
    assert 'name="designation"' not in words(browser.get(f"{KEPT}/"))


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("size, status", [(4_000_000, 302), (4_000_001, 422)])
def test_four_megabytes_pass_and_one_octet_more_is_refused(app, browser, keeper, size, status):
    content = b"%PDF-1.7" + b" " * (size - 8)
    data = {"designation": "Gros", "type": "AUTRE", "file": pdf("gros.pdf", content)}
    with_room = app.extensions["pupitre"].settings
    object.__setattr__(with_room, "max_upload", 5_000_000)
    answer = browser.post(f"{KEPT}/", data, content_type="multipart/form-data")
    assert answer.status_code == status
    assert len(keeper.requests(structure_documents.AddStructureDocument)) == (status == 302)


@pytest.mark.requirement("R092")
def test_a_document_is_changed_downloaded_and_deleted_alone_or_with_others(browser, keeper):
    page = words(browser.get(f"{KEPT}/"))
    assert "p.pdf" in page
    assert "<script>" not in page
    changed = {"designation": "Délégation", "type": "POUVOIR", "version": "2"}
    assert browser.post(f"{KEPT}/{DOCUMENT}", changed).headers["Location"] == f"{KEPT}/"
    assert keeper.requests(structure_documents.ChangeStructureDocument)[0].designation == "Délégation"
    assert browser.get(f"{KEPT}/{DOCUMENT}/fichier").get_data() == b"%PDF-1.7"
    ticked = {"document": str(DOCUMENT), "action": "telecharger"}
    packed = browser.post(f"{KEPT}/selection", ticked, form_at=f"{KEPT}/")
    assert zipfile.ZipFile(io.BytesIO(packed.get_data())).read("p.pdf") == b"%PDF-1.7"
    delete = {"document": str(DOCUMENT), "action": "supprimer"}
    assert "Supprimer définitivement" in words(browser.post(f"{KEPT}/selection", delete, form_at=f"{KEPT}/"))
    assert not keeper.requests(structure_documents.RemoveStructureDocuments)
    browser.post(f"{KEPT}/selection", {**delete, "confirmation": "oui"}, form_at=f"{KEPT}/")
    assert keeper.requests(structure_documents.RemoveStructureDocuments)[0].document_ids == [DOCUMENT]
    assert "1 pièce supprimée." in words(browser.get(f"{KEPT}/"))


def test_nothing_ticked_and_a_foreign_document_are_said(browser, keeper):
    browser.post(f"{KEPT}/selection", {"action": "telecharger"}, form_at=f"{KEPT}/")
    assert "Cochez au moins une pièce." in words(browser.get(f"{KEPT}/"))
    assert browser.get(f"{KEPT}/{uuid.UUID(int=99)}/fichier").status_code == 404
    nonsense = {"document": "x", "action": "telecharger"}
    assert browser.post(f"{KEPT}/selection", nonsense, form_at=f"{KEPT}/").status_code == 404


@pytest.mark.parametrize("address", [f"{BANK}/", f"{BANK}/creation", f"{BANK}/{DETAILS}", f"{KEPT}/", f"{KEPT}/{DOCUMENT}"])
def test_the_pages_are_complete_in_english(browser, keeper, address):
    page = words(browser.get(f"{address}?lang=en"))
    for french in ("Enregistrer", "Annuler", "Coordonnées", "Pièces jointes", "chiffres", "Fichier"):
        assert french not in page
