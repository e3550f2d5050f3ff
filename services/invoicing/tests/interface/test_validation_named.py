"""Who validates an invoice is named in the call, in a note of the file, for a flux, or in an entry; what is wrong with it is said."""
# ruff: noqa: F811  fixtures that come from a module are arguments of the tests

import datetime

import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_contracts import invoicing_entry as entries
from support.endorsing_espace import AGENT, HOLDER, KEY
from validation_circle import FIRST, SECOND, X9, circle, of, plugins, rules, service_clock  # noqa: F401  its fixtures

NOTE = {"notes": [{"code": None, "text": f"Chantier 12. #acteur titulaire {FIRST[:9]} {FIRST[9:]}"}]}


def test_nobody_named_is_a_finding_that_says_how_to_mend_it_and_sending_may_name_him(stage, circle):
    draft = circle.draft(named=())
    [finding] = [each for each in draft.report.findings if each.rule == "PUP-PARTY-MISSING"]
    assert (finding.severity, finding.term) == ("error", "BT-22")
    assert "#acteur titulaire SIRET" in finding.remedy
    with pytest.raises(errors.InvoiceRefused):
        stage.send(draft)
    assert stage.send(draft, parties=of([(HOLDER, FIRST)])).status == "A_VALIDER_1"


@pytest.mark.parametrize(
    "named, rule",
    [
        ([(HOLDER, "90000007000018")], "PUP-PARTY-UNKNOWN"),
        ([(HOLDER, "90000001000012")], "PUP-PARTY-SELF"),
        ([(HOLDER, "90000002000019")], "PUP-PARTY-TYPE"),
        ([(HOLDER, "90000008000015")], "PUP-PARTY-INACTIVE"),
    ],
)
def test_who_cannot_validate_keeps_it_a_draft(stage, circle, named, rule):
    circle.structure("90000008000015", "Fermée SA", active=False)
    draft = circle.draft(named=named)
    assert (rule, "error") in rules(draft.report)
    with pytest.raises(errors.InvoiceRefused):
        stage.send(draft)


def test_an_espace_that_is_not_open_and_a_role_that_is_not_there_are_remarked(stage, circle):
    stage.world.structure("90000008000015", "Sans espace SA")
    draft = circle.draft(named=[(HOLDER, "90000008000015"), ("arbitre", FIRST)])
    assert {("PUP-PARTY-ESPACE", "warning"), ("PUP-PARTY-ROLE", "warning")} <= rules(draft.report)
    assert stage.send(draft).status == "A_VALIDER_1"
    assert ("PUP-PARTY-ROLE", "warning") in rules(circle.draft("F-2", cadre={"code": "S1", "cadre": "A1"}).report)


def test_a_note_of_the_file_names_him_and_the_call_has_the_last_word(stage, circle):
    sent = circle.sent(named=(), **NOTE)
    assert [each.identifier for each in sent.parties] == [FIRST]
    sent = circle.sent("F-2", named=[(HOLDER, SECOND)], **NOTE)
    assert [each.identifier for each in sent.parties] == [SECOND]


def test_a_flux_names_him_by_file_or_for_all_and_refuses_the_invoices_of_nobody(stage, circle, ended, make_lot):
    files = {"a.xml": stage.file("L-1", cadre=X9, **NOTE), "b.xml": stage.file("L-2", cadre=X9), "c.xml": stage.file("L-3")}
    flux = ended(stage.deposit_flux(make_lot(files)))
    assert (flux.accepted, [(each.number, each.rule, each.code) for each in flux.errors]) == (2, [("L-2", "PUP-PARTY-MISSING", "D-CAD")])
    found = {each.number: each.status for each in stage.call(stage.writer, contract.SearchInvoices, side="issued").invoices}
    assert found == {"L-1": "A_VALIDER_1", "L-3": "MISE_A_DISPOSITION"}
    before = stage.world.calls.count("resolve_recipients")
    again = {"d.xml": stage.file("L-4", cadre=X9), "e.xml": stage.file("L-5"), "f.xml": stage.file("L-6", cadre=X9, **NOTE)}
    deposited = stage.deposit_flux(make_lot(again), parties=of([(HOLDER, SECOND)]))
    stage.bench.clock.advance(seconds=5)
    flux = ended(deposited)
    assert (flux.accepted, flux.refused) == (3, 0)
    assert stage.world.calls.count("resolve_recipients") == before + 1
    assert {each.number for each in circle.work(circle.agent).invoices} == {"L-4"}
    assert {each.number for each in circle.work(circle.holder).invoices} == {"L-1", "L-6"}
    work = stage.call(stage.agent, contract.SearchInvoices, side="received")
    assert {each.number for each in work.invoices} == {"L-3", "L-5"}
    sent = circle.work(circle.holder, number="L-1").invoices[0]
    assert stage.move(sent, "VALIDEE_1", circle.holder, stated=True).delay_started_on == datetime.date(2026, 12, 1)


def test_invoices_are_found_by_who_validates_them(stage, circle):
    first, second = circle.sent("F-1"), circle.sent("F-2", named=[(HOLDER, SECOND)])
    stage.sent("F-3")

    def found(actor=stage.writer, side="issued", **asked):
        return sorted(each.number for each in stage.call(actor, contract.SearchInvoices, side=side, **asked).invoices)

    assert found(valideur="gros œuvre*") == found(valideur="GROS Œuvre SA") == found(valideur=f"{FIRST[:9]} {FIRST[9:]}") == ["F-1"]
    assert found(valideur=f"{SECOND[:9]}*") == found(valideur_ids=[circle.second.structure_id]) == ["F-2"]
    assert found(valideur_ids=[circle.first.structure_id], valideur="Mandataire SARL") == []
    assert found(valideur="*") == ["F-1", "F-2"]
    # Until it is handed over its recipient finds it by nothing, and nobody else ever does.
    assert found(stage.agent, "received", valideur="*") == []
    stage.move(first, "VALIDEE_1", circle.holder, stated=True)
    stage.move(second, "VALIDEE_1", circle.agent, stated=True)
    assert found(stage.agent, "received", valideur=FIRST) == ["F-1"]
    assert found(circle.colleague, valideur="*") == []


def entry(stage, **values):
    said = {"number": "E-1", "issue_date": "2026-10-01", "recipient_siret": stage.BUYER, "payment_mode": "CHEQUE", "cadre": "X9"}
    line = entries.EntryLine(name="Ramettes", quantity="10", price="3,90", rate="20")
    return entries.Entry(**{**said, "lines": [line], **values})


def save(stage, **values):
    return stage.call(stage.writer, entries.SaveEntry, structure_id=stage.supplier.structure_id, entry=entry(stage, **values)).state


def test_an_entry_asks_for_him_at_his_field_and_is_sent_to_him(stage, circle):
    state = save(stage)
    assert ("parties-titulaire", "PUP-PARTY-MISSING") in {(each.location, each.rule) for each in state.findings}
    state = save(stage, number="E-2", parties=of([(HOLDER, FIRST)]))
    assert state.findings == []
    reply = stage.call(stage.writer, entries.ConfirmEntry, invoice_id=state.invoice.invoice_id, version=state.invoice.version)
    assert reply.invoice is not None, reply.state.findings
    assert [each.identifier for each in reply.invoice.parties] == [FIRST]
    sent = stage.send(reply.invoice)
    assert (sent.status, sent.cadre) == ("A_VALIDER_1", "X9")
    assert circle.work(circle.holder).total == 1


def test_a_cadre_that_no_plugin_brings_is_no_cadre(stage):
    stage.host.runtime("invoicing").resources.espaces._cadres = {}
    report = stage.prepare(stage.file("F-1", cadre=X9)).report
    assert ("PUP-CADRE-UNKNOWN", "error") in rules(report)
    assert "PUP-ENTRY-CADRE" in {each.rule for each in save(stage).findings}
    assert KEY not in str(report.dump())
    assert AGENT not in str(report.dump())
