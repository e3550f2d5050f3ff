"""Where the original files of several invoices lie: for who may read each of them, and nobody else."""

import uuid

import pytest
from pupitre_contracts import errors, invoicing_entry
from pupitre_contracts import invoice_search as contract


def test_the_files_are_told_in_the_order_asked_and_never_of_a_foreign_invoice(stage):
    first, second = stage.sent("F-1"), stage.sent("F-2")
    wanted = [second.invoice_id, first.invoice_id, second.invoice_id]
    found = stage.call(stage.agent, contract.OriginalFiles, invoice_ids=wanted).files
    assert [each.number for each in found] == ["F-2", "F-1"]
    assert [each.sha256 for each in found] == [stage.blobs.put(stage.file(number)) for number in ("F-2", "F-1")]
    draft = stage.prepare(stage.file("F-3")).invoice
    for actor, ids in ((stage.stranger, wanted), (stage.agent, [first.invoice_id, draft.invoice_id])):
        with pytest.raises(errors.NotFound):
            stage.call(actor, contract.OriginalFiles, invoice_ids=ids)
    with pytest.raises(errors.Invalid):
        stage.call(stage.agent, contract.OriginalFiles, invoice_ids=[uuid.UUID(int=number) for number in range(501)])


def test_a_draft_that_is_still_being_typed_has_no_file_yet(stage):
    draft = stage.prepare(stage.file("F-1")).invoice
    typed = stage.call(
        stage.writer, invoicing_entry.SaveEntry, structure_id=stage.supplier.structure_id, entry=invoicing_entry.Entry()
    ).state.invoice
    found = stage.call(stage.writer, contract.OriginalFiles, invoice_ids=[typed.invoice_id, draft.invoice_id]).files
    assert [each.invoice_id for each in found] == [draft.invoice_id]
