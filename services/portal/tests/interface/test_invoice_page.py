"""The page of an invoice: what each side may do with it, its history and its documents."""

import io
import uuid

import pytest
from portal_world import EVIL, INVOICE, NOW, SUPPLIER, an_invoice
from pupitre_contracts import errors, invoicing, structure_documents

ISSUED, RECEIVED = f"/factures-emises/{INVOICE}", f"/factures-recues/{INVOICE}"


def a_move(to, side="recipient", motive_required=False):
    return invoicing.Move(to=to, label_fr=f"{to} fr", label_en=f"{to} en", motive_required=motive_required, side=side)


def offer(bus, *moves, **changes):
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(moves=list(moves), **changes)}


def test_only_the_moves_that_invoicing_allows_are_offered_and_compulsory_motives_are_told(browser, bus):
    offer(bus, a_move("SUSPENDUE", motive_required=True), a_move("MANDATEE"))
    page = browser.get(RECEIVED).get_data(as_text=True)
    assert 'value="SUSPENDUE"' in page
    assert 'value="MANDATEE"' in page
    assert 'value="REJETEE"' not in page
    assert page.count("motif obligatoire") == 1


def test_somebody_who_may_not_act_sees_no_form(browser, bus):
    offer(bus)
    page = browser.get(RECEIVED).get_data(as_text=True)
    assert "Changer le statut" not in page


def test_a_move_carries_motive_version_and_key(browser, bus):
    offer(bus, a_move("SUSPENDUE", motive_required=True), version=9)
    answer = browser.post(
        f"{RECEIVED}/statut", {"version": "9", "to": "SUSPENDUE", "motive": "Bon de livraison absent"}, form_at=RECEIVED
    )
    assert answer.headers["Location"] == RECEIVED
    request = bus.requests(invoicing.MoveInvoice)[0]
    assert (request.to, request.motive, request.version) == ("SUSPENDUE", "Bon de livraison absent", 9)
    assert bus.keys(invoicing.MoveInvoice)[0]


def test_what_was_done_is_said_once(browser, bus):
    offer(bus, a_move("SUSPENDUE", motive_required=True), version=9)
    browser.post(f"{RECEIVED}/statut", {"version": "9", "to": "SUSPENDUE", "motive": "Bon absent"}, form_at=RECEIVED)
    said = "Le statut de la facture a changé."
    assert said in browser.get(RECEIVED).get_data(as_text=True)
    assert said not in browser.get(RECEIVED).get_data(as_text=True)


def test_a_missing_motive_is_asked_for_and_what_was_typed_is_kept(browser, bus):
    offer(bus, a_move("REJETEE", motive_required=True))
    bus.answers[invoicing.MoveInvoice] = errors.MotiveMissing(status_to="REJETEE")
    answer = browser.post(
        f"{RECEIVED}/statut", {"version": "3", "to": "REJETEE", "comment": "deux fois"}, form_at=RECEIVED
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#statut-motive"' in page
    assert "deux fois" in page
    assert 'value="REJETEE" checked' in page


def test_no_status_chosen_is_said_without_calling_anybody(browser, bus):
    offer(bus, a_move("MANDATEE"))
    answer = browser.post(f"{RECEIVED}/statut", {"version": "3"}, form_at=RECEIVED)
    assert answer.status_code == 422
    assert "Choisissez le nouveau statut." in answer.get_data(as_text=True)
    assert not bus.requests(invoicing.MoveInvoice)


@pytest.mark.parametrize(
    "refusal, status",
    [
        (errors.Forbidden(needed="modification"), 403),
        (errors.TransitionForbidden(status_from="A", status_to="B", allowed="C"), 409),
        (errors.Conflict(what="facture"), 409),
        (errors.NotFound(what="facture"), 404),
        (errors.GuardSilent(number="F-1", espace_fr="Garde", espace_en="Guard"), 503),
    ],
)
def test_a_refusal_of_invoicing_is_shown_in_words(browser, bus, refusal, status):
    offer(bus, a_move("MANDATEE"))
    bus.answers[invoicing.MoveInvoice] = refusal
    answer = browser.post(f"{RECEIVED}/statut", {"version": "3", "to": "MANDATEE"}, form_at=RECEIVED)
    assert answer.status_code == status
    assert refusal.message("fr") in answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.parametrize("version", ["", "trois", "-1", "9" * 30])
def test_an_altered_version_is_refused(browser, bus, version):
    offer(bus, a_move("MANDATEE"))
    assert (
        browser.post(f"{RECEIVED}/statut", {"version": version, "to": "MANDATEE"}, form_at=RECEIVED).status_code == 422
    )
    assert not bus.requests(invoicing.MoveInvoice)


def test_completing_sends_the_comment_and_the_files(browser, bus, blobs):
    offer(bus, a_move("COMPLETEE", "supplier"), status="SUSPENDUE")
    files = [(io.BytesIO(b"%PDF-1.7"), "bon.pdf"), (io.BytesIO(b"texte"), "note.txt")]
    answer = browser.post(
        f"{ISSUED}/complement", {"version": "3", "comment": "Voici", "documents": files}, form_at=ISSUED
    )
    assert answer.status_code == 302
    request = bus.requests(invoicing.MoveInvoice)[0]
    assert (request.to, request.comment) == ("COMPLETEE", "Voici")
    assert [(each.name, blobs.get(each.sha256)) for each in request.documents] == [
        ("bon.pdf", b"%PDF-1.7"),
        ("note.txt", b"texte"),
    ]


@pytest.mark.requirement("R073")
@pytest.mark.requirement("R090")
def test_a_suspension_is_answered_with_a_document_that_the_structure_keeps(browser, bus, blobs):
    offer(bus, a_move("COMPLETEE", "supplier"), status="SUSPENDUE")
    document = structure_documents.KeptDocument(
        document_id=uuid.UUID(int=91),
        designation=f"Attestation {EVIL}",
        type="ATTESTATION",
        name="a.pdf",
        mime="application/pdf",
        size=8,
        sha256=blobs.put(b"%PDF-1.7"),
        added_at=NOW,
        version=1,
    )
    bus.answers[structure_documents.ListStructureDocuments] = {"documents": [document]}
    page = browser.get(ISSUED).get_data(as_text=True)
    assert f'name="shared" id="shared-{document.document_id}"' in page
    assert "<script>" not in page
    data = {"version": "3", "comment": "", "shared": str(document.document_id)}
    assert browser.post(f"{ISSUED}/complement", data, form_at=ISSUED).status_code == 302
    (sent,) = bus.requests(invoicing.MoveInvoice)[0].documents
    assert (sent.name, sent.sha256, sent.size) == ("a.pdf", document.sha256, 8)
    assert bus.requests(structure_documents.ListStructureDocuments)[-1].structure_id == SUPPLIER
    foreign = {**data, "shared": str(uuid.UUID(int=99))}
    assert browser.post(f"{ISSUED}/complement", foreign, form_at=ISSUED).status_code == 404
    bus.answers[structure_documents.ListStructureDocuments] = errors.Unavailable(service="organisation")
    assert browser.get(ISSUED).status_code == 200


def test_completing_with_nothing_is_asked_for_something(browser, bus):
    offer(bus, a_move("COMPLETEE", "supplier"), status="SUSPENDUE")
    answer = browser.post(f"{ISSUED}/complement", {"version": "3"}, form_at=ISSUED)
    assert answer.status_code == 422
    assert "joignez un fichier" in answer.get_data(as_text=True)
    assert not bus.requests(invoicing.MoveInvoice)


def test_recycling_corrects_the_routing_and_forgives_spaces(browser, bus):
    offer(bus, a_move("DEPOSEE", "supplier"), status="A_RECYCLER")
    assert 'value="21750001600019"' in browser.get(ISSUED).get_data(as_text=True)
    answer = browser.post(
        f"{ISSUED}/recyclage",
        {"version": "3", "recipient_siret": "217 500 016 00019", "code_service": "EAU"},
        form_at=ISSUED,
    )
    assert answer.status_code == 302
    request = bus.requests(invoicing.RecycleInvoice)[0]
    assert (request.recipient_siret, request.code_service) == ("21750001600019", "EAU")


def test_recycling_to_what_is_no_siret_is_refused_on_the_form(browser, bus):
    offer(bus, a_move("DEPOSEE", "supplier"), status="A_RECYCLER")
    answer = browser.post(f"{ISSUED}/recyclage", {"version": "3", "recipient_siret": "123"}, form_at=ISSUED)
    assert answer.status_code == 422
    assert "Un SIRET compte 14 chiffres." in answer.get_data(as_text=True)
    assert not bus.requests(invoicing.RecycleInvoice)


def test_the_history_shows_who_did_what_when_and_why(browser, bus):
    entry = invoicing.HistoryEntry(
        number=4,
        at=NOW,
        actor="user:1",
        actor_name="Lou Martin",
        structure_name="Ville de Test",
        action="move",
        status_from="MISE_A_DISPOSITION",
        status_to="SUSPENDUE",
        motive=f"Pièce {EVIL}",
        digest="cd" * 32,
    )
    offer(bus, history=[entry], status="SUSPENDUE", last_motive="Pièce absente")
    page = browser.get(f"{ISSUED}?vue=historique").get_data(as_text=True)
    for text in ("Suspendue", "Lou Martin", "15/03/2026 10:30:12", "Pièce absente", "Ajoutez les pièces"):
        assert text in page
    assert EVIL not in page


@pytest.mark.parametrize(
    "mime, sent_as",
    [
        ("application/pdf", "application/pdf"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
    ],
)
def test_a_document_comes_as_an_attachment_that_no_browser_runs(browser, bus, blobs, mime, sent_as):
    sha256 = blobs.put(b"contenu")
    document = invoicing.Document(
        document_id=uuid.UUID(int=9), kind="document", name='a"<b>\r\nX: y.pdf', mime=mime, size=7, sha256=sha256
    )
    bus.answers[invoicing.DocumentFile] = {"document": document}
    answer = browser.get(f"{ISSUED}/documents/document/{uuid.UUID(int=9)}")
    assert answer.data == b"contenu"
    assert answer.mimetype == sent_as
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X" not in answer.headers


def test_a_document_of_others_is_not_found(browser, bus):
    bus.answers[invoicing.DocumentFile] = errors.NotFound(what="document")
    assert browser.get(f"{ISSUED}/documents/original").status_code == 404


def test_a_document_missing_from_the_store_is_not_found(browser, bus):
    document = invoicing.Document(
        document_id=uuid.UUID(int=9), kind="original", name="a.xml", mime="application/xml", size=7, sha256="0" * 64
    )
    bus.answers[invoicing.DocumentFile] = {"document": document}
    assert browser.get(f"{ISSUED}/documents/original").status_code == 404


def test_what_bars_an_invoice_stands_on_its_page_with_what_may_still_be_done(browser, bus):
    offer(bus, a_move("MANDATEE"))
    why = {"why_fr": f"elle attend {EVIL}.", "why_en": "it waits.", "remedy_fr": "Demandez-lui.", "remedy_en": "Ask him."}
    bus.answers[invoicing.MoveInvoice] = errors.PassageBarred(number="F-1", status_to="MANDATEE", **why)
    answer = browser.post(f"{RECEIVED}/statut", {"version": "3", "to": "MANDATEE"}, form_at=RECEIVED)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "La facture F-1 ne peut pas passer à « Mandatée » : elle attend &lt;script&gt;" in page
    assert EVIL not in page
    assert f'action="{RECEIVED}/statut' in page


def test_statuses_in_a_refusal_are_called_by_their_names(browser, bus):
    offer(bus, a_move("MANDATEE"))
    bus.answers[invoicing.MoveInvoice] = errors.TransitionForbidden(
        status_from="MISE_EN_PAIEMENT", status_to="MANDATEE", allowed="SUSPENDUE, REJETEE"
    )
    page = browser.post(f"{RECEIVED}/statut", {"version": "3", "to": "MANDATEE"}, form_at=RECEIVED).get_data(
        as_text=True
    )
    assert "« Mise en paiement » ne peut pas passer à « Mandatée »" in page
    assert "Suspendue, Rejetée" in page
