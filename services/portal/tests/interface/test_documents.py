"""« Mes pièces jointes » : adding, changing, downloading and deleting, one by one and by ticking."""

import dataclasses
import io
import uuid
import zipfile

import pytest
from portal_world import INVOICE, NOW, an_invoice
from pupitre_contracts import account_documents as contract
from pupitre_contracts import errors, invoicing
from pupitre_contracts.document_values import KeptDocument

PLACE = "/mon-compte/pieces-jointes/"
ONE, TWO = uuid.UUID(int=81), uuid.UUID(int=82)


class Keeping:
    """Identity as far as documents go: what one user keeps."""

    def __init__(self):
        self.kept = {}

    def listed(self, request):
        wanted = [each for each in self.kept.values() if request.document_ids is None or each.document_id in request.document_ids]
        start = (request.page - 1) * request.page_size if request.document_ids is None else 0
        return {"documents": wanted[start : start + request.page_size], "total": len(wanted)}

    def added(self, request):
        document_id = uuid.UUID(int=81 + len(self.kept))
        values = {name: value for name, value in request.values.items() if value is not None}
        self.kept[document_id] = KeptDocument(document_id=document_id, added_at=NOW, version=1, **values)
        return {"document": self.kept[document_id]}

    def changed(self, request):
        before = self.kept[request.document_id]
        if before.version != request.version:
            return errors.Conflict(what="document")
        values = {**before.values, "designation": request.designation, "type": request.type, "version": before.version + 1}
        self.kept[request.document_id] = KeptDocument(**values)
        return {"document": self.kept[request.document_id]}

    def removed(self, request):
        return {"removed": sum(self.kept.pop(each, None) is not None for each in request.document_ids)}


@pytest.fixture(autouse=True)
def keeping(bus):
    keeping = Keeping()
    bus.answers |= {
        contract.ListAccountDocuments: keeping.listed,
        contract.AddAccountDocument: keeping.added,
        contract.ChangeAccountDocument: keeping.changed,
        contract.RemoveAccountDocuments: keeping.removed,
    }
    return keeping


@pytest.fixture
def options(options):
    return dataclasses.replace(options, max_upload=12_000_000)


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def add(browser, content=b"%PDF-1.7 un", name="bon.pdf", designation="Bon n° 1", kind="BON_COMMANDE", **options):
    data = {"file": (io.BytesIO(content), name), "designation": designation, "type": kind}
    return browser.post(PLACE, data, content_type="multipart/form-data", **options)


@pytest.mark.requirement("R092")
def test_a_file_is_added_with_designation_and_type_and_listed(browser, blobs, keeping):
    page = words(add(browser, follow_redirects=True))
    assert "La pièce est ajoutée" in page
    assert "Bon n° 1" in page and "Bon de commande" in page and "Résultats 1 - 1 sur 1" in page
    (document,) = keeping.kept.values()
    assert blobs.kept[document.sha256] == b"%PDF-1.7 un"
    assert (document.mime, document.size, document.name) == ("application/pdf", 11, "bon.pdf")


@pytest.mark.requirement("R091")
def test_ten_megaoctets_are_taken_and_one_octet_more_is_said_beside_the_file(browser, bus, blobs):
    assert add(browser, b"a" * 10_000_000, "grand.txt").status_code == 302
    before = dict(blobs.kept)
    answer = add(browser, b"a" * 10_000_001, "grand.txt")
    assert answer.status_code == 422
    assert 'href="#file"' in words(answer) and "dépasse 10 Mo" in words(answer)
    assert "Bon n° 1" in words(answer)
    assert len(bus.requests(contract.AddAccountDocument)) == 1 and blobs.kept == before


@pytest.mark.requirement("R092")
@pytest.mark.parametrize(
    "changes, said",
    [
        ({"designation": ""}, "Indiquez une désignation."),
        ({"name": "outil.exe"}, "Extensions admises"),
        ({"content": b"MZ\x90"}, "n'est pas celui d'un fichier .pdf"),
        ({"content": b""}, "Ce fichier est vide"),
        ({"name": ""}, "Choisissez un fichier."),
    ],
)
def test_what_is_not_taken_is_said_and_nothing_is_stored(browser, bus, blobs, changes, said):
    answer = add(browser, **changes)
    assert answer.status_code == 422
    assert said in words(answer)
    assert not bus.requests(contract.AddAccountDocument) and not blobs.kept


@pytest.mark.requirement("R092")
def test_designation_and_type_are_changed(browser, keeping):
    add(browser)
    address = f"{PLACE}{ONE}"
    assert 'value="Bon n° 1"' in words(browser.get(address))
    data = {"designation": "Commande", "type": "AUTRE", "version": "1"}
    assert "La pièce est modifiée" in words(browser.post(address, data, follow_redirects=True))
    assert (keeping.kept[ONE].designation, keeping.kept[ONE].type) == ("Commande", "AUTRE")
    answer = browser.post(address, data)
    assert answer.status_code == 409
    assert browser.get(f"{PLACE}{TWO}").status_code == 404


@pytest.mark.requirement("R092")
def test_a_file_goes_out_as_an_attachment_that_no_browser_runs(browser):
    add(browser, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "dessin.svg")
    answer = browser.get(f"{PLACE}{ONE}/fichier")
    assert answer.data.startswith(b"<svg")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"].startswith("application/octet-stream")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert browser.get(f"{PLACE}{TWO}/fichier").status_code == 404


@pytest.mark.requirement("R092")
def test_the_ticked_documents_come_in_one_zip(browser):
    add(browser)
    add(browser, b"%PDF-1.7 deux", designation="Bon n° 2")
    add(browser, b"%PDF-1.7 trois", designation="Bon n° 3")
    data = {"document": [str(ONE), str(TWO), "not one"], "action": "telecharger"}
    answer = browser.post(f"{PLACE}selection", data, form_at=PLACE)
    assert answer.headers["Content-Disposition"] == "attachment; filename=pieces-jointes.zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "bon.pdf": b"%PDF-1.7 un",
            "bon (2).pdf": b"%PDF-1.7 deux",
        }


@pytest.mark.requirement("R092")
def test_the_ticked_documents_are_deleted_once_that_is_confirmed(browser, keeping):
    add(browser)
    add(browser, designation="Bon n° 2")
    data = {"document": [str(ONE), str(TWO)], "action": "supprimer"}
    page = words(browser.post(f"{PLACE}selection", data, form_at=PLACE))
    assert "Bon n° 1" in page and "Bon n° 2" in page
    assert len(keeping.kept) == 2
    page = words(browser.post(f"{PLACE}selection", data | {"confirmation": "oui"}, form_at=PLACE, follow_redirects=True))
    assert "2 pièces supprimées" in page
    assert not keeping.kept


@pytest.mark.requirement("R092")
def test_one_document_is_deleted_from_its_row(browser, keeping):
    add(browser)
    add(browser, designation="Bon n° 2")
    data = {"document": [str(TWO)], "supprimer": str(ONE)}
    page = words(browser.post(f"{PLACE}selection", data, form_at=PLACE))
    assert "Bon n° 1" in page and "Bon n° 2" not in page
    browser.post(f"{PLACE}selection", {"document": str(ONE), "action": "supprimer", "confirmation": "oui"}, form_at=PLACE)
    assert list(keeping.kept) == [TWO]


@pytest.mark.requirement("R091")
def test_a_kept_document_is_used_again_to_complete_an_invoice(browser, bus):
    add(browser)
    move = invoicing.Move(to="COMPLETEE", label_fr="Complétée", label_en="Completed", motive_required=False, side="supplier")
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(status="SUSPENDUE", moves=[move])}
    address = f"/factures-emises/{INVOICE}"
    assert f'name="kept" value="{ONE}"' in words(browser.get(address))
    answer = browser.post(f"{address}/complement", {"version": "3", "kept": str(ONE)}, form_at=address)
    assert answer.status_code == 302
    (document,) = bus.requests(invoicing.MoveInvoice)[0].documents
    kept = bus.requests(contract.AddAccountDocument)[0]
    assert (document.name, document.size, document.sha256) == ("bon.pdf", 11, kept.sha256)
    answer = browser.post(f"{address}/complement", {"version": "3", "kept": str(TWO)}, form_at=address)
    assert answer.status_code == 404
    bus.answers[contract.ListAccountDocuments] = errors.Unavailable(service="identity")
    assert browser.get(address).status_code == 200


def test_ticking_nothing_is_said(browser):
    add(browser)
    page = words(browser.post(f"{PLACE}selection", {"action": "telecharger"}, form_at=PLACE, follow_redirects=True))
    assert "Cochez au moins une pièce" in page


def test_a_list_of_many_has_pages(browser):
    for number in range(21):
        add(browser, designation=f"Pièce {number}")
    assert "Résultats 1 - 20 sur 21" in words(browser.get(PLACE))
    assert "Résultats 21 - 21 sur 21" in words(browser.get(f"{PLACE}?page=2"))
    assert browser.get(f"{PLACE}?page=9").headers["Location"].endswith("page=2")


@pytest.mark.requirement("R030")
def test_the_account_page_leads_there(browser):
    assert f'href="{PLACE}"' in words(browser.get("/mon-compte"))
