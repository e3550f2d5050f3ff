"""Drafts, sending, and who may: through the bus, on both backends."""

import uuid

import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

EMITTED, RECEIVED = "factures-emises", "factures-recues"


@pytest.mark.requirement("R162")
def test_a_prepared_invoice_is_a_draft_that_its_recipient_does_not_see(stage):
    draft = stage.prepare(stage.file()).invoice

    assert (draft.status, draft.version, draft.moves) == ("BROUILLON", 1, [])
    with pytest.raises(errors.NotFound):
        stage.get(draft, stage.agent)
    found = stage.call(stage.agent, contract.SearchInvoices, side="received")
    assert found.total == 0


@pytest.mark.requirement("R163")
@pytest.mark.requirement("R164")
def test_a_sent_invoice_is_with_its_recipient_at_once_and_has_a_receipt(stage):
    content = stage.file()
    invoice = stage.send(stage.prepare(content).invoice)

    assert (invoice.status, invoice.version) == ("MISE_A_DISPOSITION", 2)
    assert invoice.receipt_sha256 == stage.blobs.put(content)
    assert invoice.receipt_at == invoice.deposited_at
    assert [(line.status_from, line.status_to) for line in invoice.history] == [
        (None, "BROUILLON"),
        ("BROUILLON", "DEPOSEE"),
        ("DEPOSEE", "MISE_A_DISPOSITION"),
    ]
    assert "MANDATEE" in {move.to for move in stage.get(invoice, stage.agent).moves}


def test_sending_tells_the_submission_and_both_transitions_in_order(stage):
    invoice = stage.sent()

    rows = stage.rows("SELECT type, body FROM outbox ORDER BY seq")
    assert [row["type"] for row in rows] == ["invoice.submitted.v1", "invoice.moved.v1", "invoice.moved.v1"]
    assert str(invoice.invoice_id) in rows[0]["body"]


def test_an_invalid_file_is_kept_nowhere(stage):
    finding = {
        "rule": "BR-02",
        "severity": "error",
        "term": "BT-1",
        "location": "/Invoice",
        "message": "manque",
        "remedy": "ajoutez",
    }
    reply = stage.prepare(stage.file(verdict="invalid", stage="schematron", findings=[finding]))

    assert reply.invoice is None
    assert reply.report.findings[0].rule == "BR-02"
    assert stage.rows("SELECT * FROM invoice") == []


def test_the_draft_of_an_invoice_that_cannot_be_routed_says_so_and_cannot_be_sent(stage):
    reply = stage.prepare(stage.file(code_service="RIEN"))

    assert (reply.report.verdict, reply.report.stage) == ("invalid", "routing")
    assert reply.report.findings[0].rule == "PUP-ROUTING-SERVICE-UNKNOWN"
    assert "VOIRIE" in reply.report.findings[0].message
    with pytest.raises(errors.InvoiceRefused) as refusal:
        stage.send(reply.invoice, language="en")
    assert "does not exist" in refusal.value.details["findings"][0]["message"]


def test_routing_is_judged_again_when_the_draft_is_sent(stage):
    draft = stage.prepare(stage.file()).invoice
    demanding = stage.body.parameters.values | {"requires_engagement": True}
    stage.world.structures[stage.body.structure_id] = type(stage.body)(
        **stage.body.values | {"parameters": type(stage.body.parameters)(**demanding)}
    )
    with pytest.raises(errors.InvoiceRefused) as refusal:
        stage.send(draft)
    assert refusal.value.details["findings"][0]["rule"] == "PUP-ROUTING-ENGAGEMENT-REQUIRED"


@pytest.mark.parametrize("number", ["F-1", " f-1 ", "f-1"])
def test_a_number_serves_once_whatever_its_letter_case(stage, number):
    first = stage.sent("F-1")

    draft = stage.prepare(stage.file(number)).invoice
    assert "PUP-NUMBER-TAKEN" in {finding.rule for finding in draft.report.findings}
    with pytest.raises(errors.DuplicateInvoice):
        stage.send(draft)
    assert stage.get(first, stage.writer).version == first.version


def test_the_number_of_a_deleted_draft_is_free(stage):
    draft = stage.prepare(stage.file()).invoice
    stage.call(stage.writer, contract.DeleteDraft, invoice_id=draft.invoice_id)

    with pytest.raises(errors.NotFound):
        stage.get(draft, stage.writer)
    assert stage.sent("F-1").status == "MISE_A_DISPOSITION"


def test_a_sent_invoice_cannot_be_deleted(stage):
    invoice = stage.sent()
    with pytest.raises(errors.TransitionForbidden):
        stage.call(stage.writer, contract.DeleteDraft, invoice_id=invoice.invoice_id)


def test_who_only_reads_may_neither_prepare_nor_send_nor_delete(stage):
    draft = stage.prepare(stage.file()).invoice

    assert stage.get(draft, stage.reader).number == "F-1"
    with pytest.raises(errors.Forbidden):
        stage.prepare(stage.file("F-2"), actor=stage.reader)
    with pytest.raises(errors.Forbidden):
        stage.send(draft, actor=stage.reader)
    with pytest.raises(errors.Forbidden):
        stage.call(stage.reader, contract.DeleteDraft, invoice_id=draft.invoice_id)


def test_a_foreign_invoice_is_not_found_and_an_own_one_without_habilitation_is_forbidden(stage):
    invoice = stage.sent()
    attached = stage.world.user((stage.supplier, "", ""))

    assert stage.get(invoice, stage.agent).number == "F-1"
    with pytest.raises(errors.NotFound):
        stage.get(invoice, stage.stranger)
    with pytest.raises(errors.Forbidden):
        stage.get(invoice, attached)


def test_a_removed_right_bites_on_the_next_call(stage):
    draft = stage.prepare(stage.file()).invoice
    stage.world.grant(stage.writer)
    with pytest.raises(errors.NotFound):
        stage.send(draft)


@pytest.mark.requirement("R101")
def test_a_user_of_one_service_sees_the_invoices_of_that_service_only(stage):
    [service, _] = stage.body.services
    limited = stage.world.user((stage.body, RECEIVED, "MODIFICATION"), limited=[service.structure_service_id])
    mine, other = stage.sent("F-1", code_service="VOIRIE"), stage.sent("F-2")

    assert stage.get(mine, limited).number == "F-1"
    with pytest.raises(errors.NotFound):
        stage.get(other, limited)
    found = stage.call(limited, contract.SearchInvoices, side="received")
    assert [each.number for each in found.invoices] == ["F-1"]
    assert stage.call(limited, contract.CountWork).counts[0].total == 1


def test_the_invoice_of_another_structure_of_the_portal_is_refused(stage):
    other = stage.world.structure("90000009000034", "Autre vendeur")
    reply = stage.prepare(stage.file(seller=other.siret))

    assert [finding.rule for finding in reply.report.findings] == ["PUP-SELLER-OTHER"]
    with pytest.raises(errors.InvoiceRefused):
        stage.send(reply.invoice)


def test_the_invoice_of_a_seller_unknown_to_the_portal_is_taken_with_a_warning(stage):
    reply = stage.prepare(stage.file(seller=None))

    assert [(each.rule, each.severity) for each in reply.report.findings] == [("PUP-SELLER-UNKNOWN", "warning")]
    assert stage.send(reply.invoice).supplier_name == "Fournitures du Quai"


@pytest.mark.requirement("R161")
def test_a_works_cadre_cannot_be_deposited_in_factures_emises(stage):
    reply = stage.prepare(stage.file(cadre={"code": "A4", "cadre": "A4"}))
    assert reply.report.findings[0].rule == "PUP-CADRE-TRAVAUX"


def test_two_versions_of_a_draft_are_told_apart(stage):
    draft = stage.prepare(stage.file()).invoice
    stage.send(draft)
    with pytest.raises(errors.Conflict):
        stage.send(draft)


def test_an_unknown_file_is_not_found(stage):
    with pytest.raises(errors.NotFound):
        stage.call(
            stage.writer,
            contract.PrepareInvoice,
            structure_id=stage.supplier.structure_id,
            sha256="0" * 64,
            size=1,
            name="x.xml",
        )


def test_a_repeated_key_gets_the_first_answer(stage):
    content = stage.file()
    bus = stage.bench.caller(stage.writer)
    values = {
        "structure_id": stage.supplier.structure_id,
        "sha256": stage.blobs.put(content),
        "size": len(content),
        "name": "f.xml",
    }
    key = str(uuid.uuid4())

    first, second = (bus.call(contract.PrepareInvoice, idempotency_key=key, **values) for _ in range(2))
    assert first.invoice.invoice_id == second.invoice.invoice_id
    assert len(stage.rows("SELECT * FROM invoice")) == 1


def test_the_readable_pdf_is_made_once_per_language(stage):
    invoice = stage.sent()
    ask = {"invoice_id": invoice.invoice_id, "kind": "readable"}

    french = stage.call(stage.agent, contract.DocumentFile, **ask).document
    again = stage.call(stage.writer, contract.DocumentFile, **ask).document
    english = stage.call(stage.writer, contract.DocumentFile, language="en", **ask).document
    assert french == again
    assert stage.blobs.get(english.sha256) == b"%PDF-en"
    with pytest.raises(errors.NotFound):
        stage.call(stage.stranger, contract.DocumentFile, **ask)


def test_the_original_is_the_deposited_file(stage):
    content = stage.file()
    invoice = stage.send(stage.prepare(content, name="../../F 1.xml").invoice)
    document = stage.call(stage.agent, contract.DocumentFile, invoice_id=invoice.invoice_id, kind="original").document

    assert stage.blobs.get(document.sha256) == content
    assert document.name == "F 1.xml"


def test_checking_a_file_needs_nobody_and_keeps_nothing(stage):
    content = stage.file()
    reply = stage.bench.caller().call(contract.CheckFile, sha256=stage.blobs.put(content))
    assert reply.report.verdict == "valid"
    assert stage.rows("SELECT * FROM invoice") == []


def test_the_health_of_the_service_names_its_workers(stage):
    from pupitre_contracts import platform

    checks = stage.bench.caller().call_on("invoicing", platform.Health).checks
    assert "workers" in {check.name for check in checks}
