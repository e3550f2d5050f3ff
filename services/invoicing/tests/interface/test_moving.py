"""The recipient's work and the supplier's answers, through the bus, on both backends."""

import uuid

import eventlet
import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

EMITTED, RECEIVED = "factures-emises", "factures-recues"


def test_the_whole_ladder_is_climbed_and_nothing_leads_back(stage):
    invoice = stage.sent()
    for status in ("SERVICE_FAIT", "MANDATEE", "MISE_A_DISPOSITION_COMPTABLE", "COMPTABILISEE", "MISE_EN_PAIEMENT"):
        invoice = stage.move(invoice, status, stage.agent)

    assert invoice.moves == []
    assert stage.move(invoice, "MANDATEE", stage.agent).status == "MISE_EN_PAIEMENT"


def test_steps_may_be_skipped_but_not_taken_backwards(stage):
    invoice = stage.move(stage.sent(), "COMPTABILISEE", stage.agent)
    assert stage.move(invoice, "MANDATEE", stage.agent).status == "COMPTABILISEE"
    assert stage.move(invoice, "MISE_EN_PAIEMENT", stage.agent).status == "MISE_EN_PAIEMENT"


@pytest.mark.parametrize("status", ["SUSPENDUE", "A_RECYCLER", "REJETEE"])
def test_a_return_needs_a_motive_that_the_supplier_then_reads(stage, status):
    invoice = stage.sent()
    with pytest.raises(errors.MotiveMissing):
        stage.move(invoice, status, stage.agent, motive="  ")

    stage.move(invoice, status, stage.agent, motive="Bon de livraison absent", comment="merci")
    seen = stage.get(invoice, stage.writer)
    assert (seen.status, seen.last_motive, seen.history[-1].comment) == (status, "Bon de livraison absent", "merci")


@pytest.mark.requirement("R165")
def test_processing_needs_the_modification_profile_on_the_side_of_the_move(stage):
    invoice = stage.sent()
    watcher = stage.world.user((stage.body, RECEIVED, "CONSULTATION"))

    assert stage.get(invoice, watcher).moves == []
    with pytest.raises(errors.Forbidden):
        stage.move(invoice, "MANDATEE", watcher)
    with pytest.raises(errors.Forbidden):
        stage.move(invoice, "MANDATEE", stage.writer)
    with pytest.raises(errors.NotFound):
        stage.move(invoice, "MANDATEE", stage.stranger)
    assert stage.move(invoice, "MANDATEE", stage.agent).status == "MANDATEE"


def test_a_suspended_invoice_is_completed_with_documents_and_returns_to_the_recipient(stage):
    suspended = stage.move(stage.sent(), "SUSPENDUE", stage.agent, motive="pièce absente")
    content = b"%PDF-1.4 bon de livraison"
    added = {"name": "bon.pdf", "mime": "application/pdf", "size": len(content), "sha256": stage.blobs.put(content)}

    completed = stage.move(suspended, "COMPLETEE", stage.writer, comment="voici", documents=[added])
    assert [document.name for document in completed.documents if document.kind == "document"] == ["bon.pdf"]
    document = completed.documents[-1]
    read = stage.call(
        stage.agent,
        contract.DocumentFile,
        invoice_id=completed.invoice_id,
        kind="document",
        document_id=document.document_id,
    )
    assert stage.blobs.get(read.document.sha256) == content
    assert stage.move(completed, "MANDATEE", stage.agent).status == "MANDATEE"


@pytest.mark.parametrize(
    "changes, fault",
    [
        ({"name": "bon.exe"}, "extension"),
        ({"name": "bon"}, "extension"),
        ({"name": "b" * 50 + ".pdf"}, "50"),
        ({"size": 10_000_001}, "10 M"),
        ({"sha256": "f" * 64}, "entrepôt"),
        ({"name": "../bon.pdf"}, "interdits"),
    ],
)
def test_a_document_outside_the_rules_is_refused_by_name(stage, changes, fault):
    suspended = stage.move(stage.sent(), "SUSPENDUE", stage.agent, motive="pièce absente")
    good = {"name": "bon.pdf", "mime": "application/pdf", "size": 3, "sha256": stage.blobs.put(b"abc")}

    with pytest.raises(errors.Invalid) as refusal:
        stage.move(suspended, "COMPLETEE", stage.writer, documents=[good | changes])
    assert fault in str(refusal.value.details["fields"])
    assert stage.get(suspended, stage.writer).status == "SUSPENDUE"


@pytest.mark.parametrize(
    "name, content, fault",
    [
        ("bon.pdf", b"MZ\x90\0", "extension annonce"),
        ("bon.png", b"%PDF-1.7", "extension annonce"),
        ("note.svg", b"#!/bin/sh", "extension annonce"),
        ("compte.xlsx", b"PK\x03\x04 xl/vbaProject.bin", "macros"),
    ],
)
def test_a_document_is_what_its_extension_says_and_brings_no_macro(stage, name, content, fault):
    suspended = stage.move(stage.sent(), "SUSPENDUE", stage.agent, motive="Bon de livraison absent")
    wrong = {"name": name, "mime": "application/pdf", "size": len(content), "sha256": stage.blobs.put(content)}
    with pytest.raises(errors.Invalid) as refusal:
        stage.move(suspended, "COMPLETEE", stage.writer, documents=[wrong])
    assert fault in str(refusal.value.details["fields"])
    assert stage.get(suspended, stage.writer).status == "SUSPENDUE"


def test_only_completing_takes_documents(stage):
    good = {"name": "bon.pdf", "mime": "application/pdf", "size": 3, "sha256": stage.blobs.put(b"abc")}
    with pytest.raises(errors.Invalid):
        stage.move(stage.sent(), "MANDATEE", stage.agent, documents=[good])


def test_a_recycled_invoice_keeps_its_number_and_goes_where_it_now_says(stage):
    other = stage.world.structure("90000004000013", "Autre commune", public=True)
    other_agent = stage.world.user((other, RECEIVED, "MODIFICATION"))
    returned = stage.move(stage.sent(), "A_RECYCLER", stage.agent, motive="mauvais destinataire")
    assert [move.to for move in stage.get(returned, stage.writer).moves] == ["DEPOSEE", "ABANDONNEE"]
    assert stage.get(returned, stage.reader).moves == []

    recycled = stage.call(
        stage.writer,
        contract.RecycleInvoice,
        invoice_id=returned.invoice_id,
        version=returned.version,
        recipient_siret=other.siret,
        engagement="BC-7",
        comment="corrigé",
    ).invoice
    assert (recycled.number, recycled.status, recycled.engagement) == (returned.number, "MISE_A_DISPOSITION", "BC-7")
    assert recycled.deposited_at == returned.deposited_at
    assert stage.get(recycled, other_agent).recipient_name == "Autre commune"
    with pytest.raises(errors.NotFound):
        stage.get(recycled, stage.agent)


def test_recycling_to_nowhere_is_refused_and_changes_nothing(stage):
    returned = stage.move(stage.sent(), "A_RECYCLER", stage.agent, motive="mauvais service")
    with pytest.raises(errors.InvoiceRefused):
        stage.call(
            stage.writer,
            contract.RecycleInvoice,
            invoice_id=returned.invoice_id,
            version=returned.version,
            code_service="RIEN",
        )
    assert stage.get(returned, stage.writer).version == returned.version


def test_only_an_invoice_to_be_recycled_is_recycled_and_only_by_its_supplier(stage):
    invoice = stage.sent()
    with pytest.raises(errors.TransitionForbidden):
        stage.call(stage.writer, contract.RecycleInvoice, invoice_id=invoice.invoice_id, version=invoice.version)
    returned = stage.move(invoice, "A_RECYCLER", stage.agent, motive="mauvais service")
    for actor in (stage.reader, stage.agent):
        with pytest.raises(errors.Forbidden):
            stage.call(actor, contract.RecycleInvoice, invoice_id=returned.invoice_id, version=returned.version)


def test_a_suspended_invoice_may_be_abandoned_and_its_number_stays_taken(stage):
    suspended = stage.move(stage.sent(), "SUSPENDUE", stage.agent, motive="pièce absente")
    assert stage.move(suspended, "ABANDONNEE", stage.writer, motive="émise par erreur").moves == []
    with pytest.raises(errors.DuplicateInvoice):
        stage.sent()


@pytest.mark.requirement("RS-20")
def test_fifty_sends_of_one_draft_at_once_send_one_invoice(stage):
    draft = stage.prepare(stage.file()).invoice
    bus = stage.bench.caller(stage.writer)

    def send(_):
        try:
            return bus.call(
                contract.SendInvoice, invoice_id=draft.invoice_id, version=draft.version, timeout=60
            ).invoice.status
        except (errors.Conflict, errors.DuplicateInvoice, errors.TransitionForbidden):
            return "refused"

    answers = list(eventlet.GreenPool(50).imap(send, range(50)))
    assert sorted(answers) == ["MISE_A_DISPOSITION"] + ["refused"] * 49
    assert len(stage.rows("SELECT * FROM outbox WHERE type = 'invoice.submitted.v1'")) == 1
    assert len(stage.rows("SELECT * FROM history")) == 3


@pytest.mark.requirement("RS-20")
def test_fifty_sends_with_one_key_get_one_answer(stage):
    draft = stage.prepare(stage.file()).invoice
    bus, key = stage.bench.caller(stage.writer), str(uuid.uuid4())

    def send(_):
        values = {"invoice_id": draft.invoice_id, "version": draft.version}
        return bus.call(contract.SendInvoice, idempotency_key=key, timeout=60, **values).dump()

    first, *others = eventlet.GreenPool(50).imap(send, range(50))
    assert others == [first] * 49
    with pytest.raises(errors.IdempotencyMismatch):
        bus.call(contract.SendInvoice, idempotency_key=key, invoice_id=draft.invoice_id, version=draft.version + 1)


@pytest.mark.requirement("RS-20")
def test_of_twenty_drafts_with_one_number_one_is_sent(stage):
    drafts = [stage.prepare(stage.file("F-9")).invoice for _ in range(20)]

    def send(draft):
        try:
            return stage.call(
                stage.writer, contract.SendInvoice, invoice_id=draft.invoice_id, version=1, timeout=60
            ).invoice.status
        except errors.DuplicateInvoice:
            return "duplicate"

    answers = sorted(eventlet.GreenPool(20).imap(send, drafts))
    assert answers == ["MISE_A_DISPOSITION"] + ["duplicate"] * 19


@pytest.mark.requirement("RS-21")
def test_of_twenty_contradictory_moves_at_once_one_wins(stage):
    invoice = stage.sent()
    bus = stage.bench.caller(stage.agent)
    wanted = ["MANDATEE", "REJETEE", "SUSPENDUE", "A_RECYCLER"] * 5

    def move(to):
        try:
            values = {"invoice_id": invoice.invoice_id, "version": invoice.version, "to": to, "motive": "parce que"}
            return bus.call(contract.MoveInvoice, timeout=60, **values).invoice.status
        except errors.Conflict as lost:
            told.add((lost.message("fr"), lost.message("en")))
            return None

    told = set()
    winners = [status for status in eventlet.GreenPool(20).imap(move, wanted) if status]
    assert len(winners) == 1
    assert told == {
        (
            "L'objet a changé entre-temps (invoice F-1). Rechargez la page puis recommencez.",
            "The object changed meanwhile (invoice F-1). Reload the page and start again.",
        )
    }
    seen = stage.get(invoice, stage.agent)
    assert (seen.status, seen.version, len(seen.history)) == (winners[0], invoice.version + 1, 4)
    assert len(stage.rows("SELECT * FROM history WHERE action = 'move'")) == 1
    assert len(stage.rows("SELECT * FROM outbox WHERE type = 'invoice.moved.v1'")) == 3
