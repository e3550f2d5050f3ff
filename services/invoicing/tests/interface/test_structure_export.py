"""All invoices and flux of a structure with their files, for who answers for it; refusals of everybody else."""

import json
import uuid

import pytest
from export_people import OPERATOR, chief_of, exported
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, flux_report, invoicing_entry
from pupitre_contracts import invoicing as contract
from pupitre_contracts import structure_export as calls
from pupitre_invoicing import structure_export
from support import invoice_factory as factory


@pytest.fixture
def gestionnaire(stage):
    """The gestionnaire principal of the supplier, without any espace."""
    return chief_of(stage, stage.supplier)


def test_what_was_issued_and_received_comes_with_history_and_files_page_by_page(stage, gestionnaire, monkeypatch):
    monkeypatch.setattr(structure_export, "INVOICES", 2)
    for number in range(3):
        stage.sent(f"F-{number}")
    stage.prepare(stage.file("D-1"))
    typed = {"structure_id": stage.supplier.structure_id, "entry": invoicing_entry.Entry(recipient_siret=stage.BUYER)}
    stage.call(stage.writer, invoicing_entry.SaveEntry, **typed)

    found = exported(stage, gestionnaire)
    listed = stage.call(stage.writer, contract.SearchInvoices, side="issued").invoices
    assert {each.invoice.invoice_id for each in found} == {each.invoice_id for each in listed}
    assert len(found) == 5
    first = found[0]
    assert first.invoice.history == stage.get(first.invoice, stage.writer).history
    assert len(first.invoice.history) == 3
    assert [(each.kind, each.name) for each in first.files] == [("original", "facture.xml")]
    assert json.loads(stage.blobs.get(first.files[0].sha256))["invoice"]["number"] == "F-0"

    received = exported(stage, chief_of(stage, stage.body), "received", stage.body)
    assert [each.invoice.number for each in received] == ["F-0", "F-1", "F-2"]


def test_flux_come_as_deposited_with_their_whole_reports(stage, gestionnaire, make_lot, make_file, ended, monkeypatch):
    monkeypatch.setattr(structure_export, "FLUX", 1)
    lot = make_lot({"a.xml": make_file("F-1"), "b.xml": make_file("F-2", verdict="invalid")})
    flux = [stage.deposit_flux(lot), stage.deposit_flux(make_file("F-3"), file_name="f.xml")]
    assert [ended(each).state for each in flux] == ["IN_INTEGRE_PARTIEL", "IN_INTEGRE"]
    found, after = [], 0
    while after is not None:
        page = stage.call(gestionnaire, calls.ExportFlux, structure_id=stage.supplier.structure_id, after=after)
        found, after = [*found, *page.flux], page.next
    assert [each.flux.numero_flux for each in found] == [each.numero_flux for each in flux]
    assert stage.blobs.get(found[0].file.sha256) == lot
    report = stage.call(stage.writer, flux_report.ReadFluxReport, numero_flux=flux[0].numero_flux)
    assert found[0].files == report.files
    assert [each.outcome for each in found[0].files] == ["accepted", "refused"]


@pytest.mark.parametrize("call", [calls.ExportInvoices, calls.ExportFlux])
def test_a_user_is_refused_whatever_his_espaces_and_for_strangers_there_is_nothing(stage, gestionnaire, call):
    where = {"structure_id": stage.supplier.structure_id, **({"side": "issued"} if call is calls.ExportInvoices else {})}
    program = Actor("technical", str(uuid.uuid4()), structure_id=stage.supplier.structure_id)
    stage.world.grant(program, (stage.supplier, "factures-emises", "CONSULTATION"))
    for allowed in (gestionnaire, program, OPERATOR):
        stage.call(allowed, call, **where)
    for refused in (stage.writer, stage.reader):
        with pytest.raises(errors.Forbidden):
            stage.call(refused, call, **where)
    for stranger in (stage.stranger, stage.agent, chief_of(stage, stage.body)):
        with pytest.raises(errors.NotFound):
            stage.call(stranger, call, **where)


class TestWithTheEngine:
    """What is inside a file comes out of it: the XML of a PDF, files embedded in an invoice."""

    @pytest.fixture
    def engine(self, real_engine):
        return real_engine

    def test_embedded_files_come_by_themselves(self, stage, gestionnaire, parties):
        content = factory.ubl(**parties, attachments=[("bon.pdf", "application/pdf", b"%PDF-1.4 bon")])
        stage.send(stage.prepare(content).invoice)
        for _ in range(2):
            [found] = exported(stage, gestionnaire)
            assert (found.absent, sorted(each.kind for each in found.files)) == ([], ["attachment-0", "original"])
        [embedded] = [each for each in found.files if each.kind == "attachment-0"]
        assert (embedded.name, stage.blobs.get(embedded.sha256)) == ("bon.pdf", b"%PDF-1.4 bon")
