"""Invoices that are typed: drafts, what is said at each field, confirming, sending, copying; on both backends."""

import datetime
import uuid
from decimal import Decimal

import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_contracts import invoicing_entry as calls

EMITTED = "factures-emises"
PDF = b"%PDF-1.4 bon de livraison"
LINES = [
    {"reference": "R-1", "name": "Ramettes A4", "quantity": "10", "price": "3,90", "rate": "20"},
    {"name": "Formation", "quantity": "1,5", "unit": "DAY", "price": "400", "discount": "50", "rate": "5,5"},
]


def entry(stage, **values):
    said = {
        "number": "F-2026-1",
        "issue_date": "2026-10-01",
        "recipient_siret": stage.BUYER,
        "payment_mode": "CHEQUE",
        "lines": [calls.EntryLine.load(line) for line in values.pop("lines", LINES)],
        **values,
    }
    return calls.Entry(**said)


def save(stage, actor=None, **values):
    of = {} if "invoice_id" in values else {"structure_id": stage.supplier.structure_id}
    return stage.call(actor or stage.writer, calls.SaveEntry, **{**of, **values}).state


def again(state):
    return {"invoice_id": state.invoice.invoice_id, "version": state.invoice.version}


def confirm(stage, state, actor=None):
    return stage.call(actor or stage.writer, calls.ConfirmEntry, **again(state))


def faults(state, severity="error"):
    return {(each.location, each.rule) for each in state.findings if each.severity == severity}


def file(stage, name="bon.pdf", content=PDF, **values):
    stored = {"name": name, "mime": "application/pdf", "size": len(content), "sha256": stage.blobs.put(content)}
    return calls.NewEntryDocument(**stored, **values)


def test_an_entry_in_another_currency_is_rounded_to_its_unit_and_asks_for_its_tva_in_euros(stage):
    lines = [{"name": "Lampe", "quantity": "3", "price": "1234,5", "rate": "20"}]
    state = save(stage, entry=entry(stage, currency="jpy", lines=lines))
    assert (state.invoice.currency, state.totals.gross, state.totals.tax_eur) == ("JPY", Decimal(4445), None)
    assert faults(state) == {("tax_eur", "PUP-ENTRY-MISSING")}
    assert (state.currencies[0], "TND" in state.currencies) == ("EUR", True)
    for said, wrong in {
        ("exchange_rate", "0,0061"): set(),
        ("exchange_rate", "-1"): {("exchange_rate", "PUP-ENTRY-EXCHANGE-RATE")},
        ("exchange_rate", "x"): {("exchange_rate", "PUP-ENTRY-NUMBER")},
        ("tax_eur", "4,52"): set(),
        ("tax_eur", "-4"): {("tax_eur", "PUP-ENTRY-NEGATIVE")},
        ("global_discount", "0,5"): {("global_discount", "PUP-ENTRY-DECIMALS"), ("tax_eur", "PUP-ENTRY-MISSING")},
        ("currency", "EUX"): {("currency", "PUP-ENTRY-CURRENCY"), ("tax_eur", "PUP-ENTRY-MISSING")},
    }.items():
        state = save(stage, **again(state), entry=entry(stage, **{"currency": "JPY", "lines": lines, said[0]: said[1]}))
        assert faults(state) == wrong, said
    both = entry(stage, currency="JPY", lines=lines, tax_eur="9", exchange_rate="0,0061")
    assert faults(save(stage, **again(state), entry=both)) == {("tax_eur", "PUP-ENTRY-TAX-EUR")}
    assert faults(save(stage, entry=entry(stage, tax_eur="9"))) == {("tax_eur", "PUP-ENTRY-IN-EUROS")}


@pytest.mark.requirement("R162")
def test_a_draft_is_kept_however_little_was_typed_and_nobody_else_sees_it(stage):
    state = save(stage, entry=calls.Entry(recipient_siret=stage.BUYER))

    assert (state.invoice.status, state.invoice.number, state.confirmed) == ("BROUILLON", "", False)
    found = stage.call(stage.writer, contract.SearchInvoices, side="issued")
    assert [each.invoice_id for each in found.invoices] == [state.invoice.invoice_id]
    assert stage.call(stage.agent, contract.SearchInvoices, side="received").total == 0
    with pytest.raises(errors.NotFound):
        stage.call(stage.agent, calls.GetEntry, invoice_id=state.invoice.invoice_id)
    work = stage.call(stage.writer, contract.CountWork).counts
    assert [(each.side, each.drafts) for each in work] == [("issued", 1)]


def test_amounts_are_computed_by_the_server_with_commas_and_points_alike(stage):
    state = save(stage, entry=entry(stage, global_discount="10", global_discount_reason="Fidélité", prepaid="100,50"))

    sums = state.totals
    assert sums.lines == [Decimal("39.00"), Decimal("550.00")]
    assert [(each.rate, each.base, each.amount) for each in sums.vat] == [
        (Decimal(20), Decimal("39.00"), Decimal("7.80")),
        (Decimal("5.5"), Decimal("550.00"), Decimal("30.25")),
    ]
    assert (sums.net, sums.tax, sums.gross, sums.due) == tuple(map(Decimal, ("589.00", "38.05", "627.05", "516.55")))
    assert (state.invoice.gross, state.invoice.due) == (sums.gross, sums.due)
    assert faults(state) == set()


@pytest.mark.requirement("R168")
def test_what_the_recipient_demands_is_asked_at_its_field_and_keeps_the_draft_from_being_confirmed(stage):
    demands = {"services": [("ACHATS",)], "requires_service": True, "requires_engagement": True}
    strict = stage.world.structure(stage.STRICT, "Région", public=True, **demands)
    state = save(stage, entry=entry(stage, recipient_siret=strict.siret))

    assert faults(state) == {
        ("code_service", "PUP-ROUTING-SERVICE-REQUIRED"),
        ("engagement", "PUP-ROUTING-ENGAGEMENT-REQUIRED"),
    }
    reply = confirm(stage, state)
    assert reply.invoice is None
    assert faults(reply.state) == faults(state)
    with pytest.raises(errors.InvoiceRefused):
        stage.call(stage.writer, contract.SendInvoice, **again(state))
    state = save(stage, **again(state), entry=entry(stage, recipient_siret=strict.siret, code_service="achats", engagement="EJ-1"))
    assert faults(state) == set()


def test_what_is_wrong_is_said_at_its_field(stage):
    lines = [{"name": "Vis", "quantity": "1,23456", "price": "abc", "rate": ""}]
    said = {"number": "é", "issue_date": "32/01/2026", "recipient_siret": "", "payment_mode": "VIREMENT", "lines": lines}
    state = save(stage, entry=entry(stage, **said, global_discount="5"))

    assert faults(state) == {
        ("number", "PUP-ENTRY-NUMBER-SIGNS"),
        ("issue_date", "PUP-ENTRY-DAY"),
        ("recipient_siret", "PUP-ENTRY-MISSING"),
        ("bank_details_id", "PUP-ENTRY-MISSING"),
        ("global_discount_reason", "PUP-ENTRY-MISSING"),
        ("lines-1-quantity", "PUP-ENTRY-DECIMALS"),
        ("lines-1-price", "PUP-ENTRY-NUMBER"),
        ("lines-1-rate", "PUP-ENTRY-MISSING"),
    }


@pytest.mark.requirement("R161")
def test_a_travaux_cadre_cannot_be_entered(stage):
    state = save(stage, entry=entry(stage, cadre="A4"))

    assert ("cadre", "PUP-ENTRY-CADRE") in faults(state)
    assert confirm(stage, state).invoice is None


def test_an_avoir_names_the_invoice_that_it_corrects_and_has_no_payment_mode(stage):
    state = save(stage, entry=entry(stage, kind="AVOIR"))
    assert faults(state) == {("origin_number", "PUP-ENTRY-MISSING"), ("payment_mode", "PUP-ENTRY-PAYMENT-OF-AVOIR")}

    said = {"kind": "AVOIR", "origin_number": "F-1", "payment_mode": ""}
    state = save(stage, **again(state), entry=entry(stage, **said))
    assert faults(state) == {("origin_date", "PUP-ENTRY-MISSING")}
    stage.sent("F-1")
    state = save(stage, **again(state), entry=entry(stage, **said))
    assert faults(state) == set()
    invoice = confirm(stage, state).invoice
    assert (invoice.kind, invoice.content["preceding"]) == ("AVOIR", [{"number": "F-1", "issue_date": "2026-10-01"}])


def test_a_rate_that_the_territory_does_not_have_warns_and_no_more(stage):
    lines = [{"name": "Fer", "quantity": "1", "price": "100", "rate": "19,6"}]
    state = save(stage, entry=entry(stage, lines=lines))

    assert faults(state, "warning") == {("lines-1-rate", "PUP-ENTRY-RATE")}
    assert state.territory == "METROPOLE"
    assert state.rates == [Decimal(rate) for rate in ("20", "10", "5.5", "2.1")]
    assert confirm(stage, state).invoice is not None


@pytest.mark.requirement("R162")
@pytest.mark.requirement("R163")
@pytest.mark.requirement("R164")
def test_an_entry_is_confirmed_then_sent_and_the_written_file_is_the_original(stage):
    account = stage.world.accounts.add(stage.supplier)
    state = save(stage, entry=entry(stage, payment_mode="VIREMENT", bank_details_id=account.bank_details_id))
    reply = confirm(stage, state)
    draft = reply.invoice

    assert (draft.status, draft.number, draft.deposit_mode) == ("BROUILLON", "F-2026-1", "SAISIE_PORTAIL")
    assert draft.content["payment"]["iban"] == "FR7630006000011234567890189"
    assert reply.state.confirmed
    [original] = [each for each in draft.documents if each.kind == "original"]
    with pytest.raises(errors.NotFound):
        stage.get(draft, stage.agent)
    sent = stage.send(draft)
    assert (sent.status, sent.receipt_sha256) == ("MISE_A_DISPOSITION", original.sha256)
    assert [line.action for line in sent.history] == ["prepare", "confirm", "send", "route"]
    assert stage.get(sent, stage.agent).gross == Decimal("627.05")
    with pytest.raises(errors.TransitionForbidden):
        save(stage, invoice_id=sent.invoice_id, version=sent.version, entry=entry(stage))


@pytest.mark.requirement("R167")
def test_a_sent_entry_leaves_the_synthese(stage):
    state = save(stage, entry=entry(stage))
    search = {"side": "issued", "statuses": ["BROUILLON", "A_RECYCLER", "SUSPENDUE"]}
    assert stage.call(stage.writer, contract.SearchInvoices, **search).total == 1
    stage.send(confirm(stage, state).invoice)
    assert stage.call(stage.writer, contract.SearchInvoices, **search).total == 0


def test_a_confirmed_entry_that_is_changed_is_to_be_confirmed_again(stage):
    state = confirm(stage, save(stage, entry=entry(stage))).state
    state = save(stage, **again(state), entry=entry(stage, comment="Livré en deux fois"))

    assert not state.confirmed
    with pytest.raises(errors.InvoiceRefused) as refusal:
        stage.call(stage.writer, contract.SendInvoice, **again(state))
    assert refusal.value.details["findings"][0]["rule"] == "PUP-ENTRY-UNCONFIRMED"
    invoice = stage.send(confirm(stage, state).invoice)
    assert [line.action for line in invoice.history] == ["prepare", "confirm", "reopen", "confirm", "send", "route"]


def test_of_two_windows_the_second_is_told_and_overwrites_nothing(stage):
    state = save(stage, entry=entry(stage))
    first = save(stage, **again(state), entry=entry(stage, comment="Première fenêtre"))
    with pytest.raises(errors.Conflict):
        save(stage, **again(state), entry=entry(stage, comment="Seconde fenêtre"))

    kept = stage.call(stage.writer, calls.GetEntry, invoice_id=state.invoice.invoice_id).state
    assert (kept.entry.comment, kept.invoice.version) == ("Première fenêtre", first.invoice.version)


def test_the_history_stays_whole_while_an_entry_is_typed(stage):
    from pupitre_bus.actors import Actor

    state = save(stage, entry=entry(stage))
    state = save(stage, **again(state), entry=entry(stage, comment="Plus tard"))
    operator = Actor.service("operator")
    assert stage.call(operator, contract.VerifyHistory).faults == []
    state = confirm(stage, state).state
    assert stage.call(operator, contract.VerifyHistory).faults == []
    state = save(stage, **again(state), entry=entry(stage))
    stage.call(stage.writer, contract.DeleteDraft, invoice_id=state.invoice.invoice_id)
    assert stage.call(operator, contract.VerifyHistory).faults == []


@pytest.mark.requirement("R093")
def test_a_document_belongs_to_a_line_and_says_so_to_the_recipient(stage):
    state = save(stage, entry=entry(stage), documents=[file(stage, designation="Bon de livraison", line=2), file(stage, "autre.pdf")])
    assert [(each.name, each.designation, each.line) for each in state.documents] == [
        ("autre.pdf", None, None),
        ("bon.pdf", "Bon de livraison", 2),
    ]
    other, delivery = state.documents
    changes = [
        calls.DocumentChange(document_id=delivery.document_id, line=1),
        calls.DocumentChange(document_id=other.document_id, remove=True),
    ]
    state = save(stage, **again(state), entry=entry(stage), document_changes=changes)
    sent = stage.send(confirm(stage, state).invoice)
    documents = stage.get(sent, stage.agent).documents
    assert [(each.name, each.line) for each in documents if each.kind == "document"] == [("bon.pdf", 1)]


def test_a_file_that_an_invoice_cannot_have_is_refused_with_the_reason(stage):
    with pytest.raises(errors.Invalid) as refusal:
        save(stage, entry=entry(stage), documents=[file(stage, "programme.exe")])
    assert "programme.exe" in refusal.value.details["fields"]


def test_the_portal_gives_numbers_in_a_sequence_of_each_structure_and_year(stage):
    def given(**values):
        return confirm(stage, save(stage, entry=entry(stage, number="", generate_number=True, **values))).invoice

    first, second, before = given(), given(), given(issue_date="2025-12-31")
    assert [each.number for each in (first, second, before)] == ["2026-000001", "2026-000002", "2025-000001"]
    stage.call(stage.writer, contract.DeleteDraft, invoice_id=second.invoice_id)
    third = given()
    assert third.number == "2026-000002"
    state = save(stage, invoice_id=third.invoice_id, version=third.version, entry=entry(stage, number="", generate_number=True))
    assert confirm(stage, state).invoice.number == "2026-000002"


def test_a_second_invoice_of_a_number_is_refused_at_the_number_and_the_first_is_untouched(stage):
    sent = stage.sent("F-2026-1")
    state = save(stage, entry=entry(stage))

    assert ("number", "PUP-NUMBER-TAKEN") in faults(state)
    reply = confirm(stage, state)
    assert (reply.invoice, reply.state.confirmed) == (None, False)
    assert stage.get(sent, stage.writer).version == sent.version


def test_an_inactive_recipient_is_refused_at_the_siret(stage):
    closed = stage.world.structure("90000009000027", "Fermée", public=True, active=False)
    state = save(stage, entry=entry(stage, recipient_siret=closed.siret))
    assert ("recipient_siret", "PUP-ROUTING-RECIPIENT-INACTIVE") in faults(state)
    assert confirm(stage, state).invoice is None


def test_what_the_engine_finds_in_the_written_invoice_is_said_at_the_field_that_caused_it(stage, engine):
    told = {"rule": "BR-X", "severity": "error", "message": "faux", "remedy": "corrigez"}
    engine.of_written = {
        "verdict": "invalid",
        "findings": [
            {**told, "term": "BT-146", "location": "/Invoice[1]/cac:InvoiceLine[2]/cac:Price[1]"},
            {**told, "term": "BT-31", "location": "/Invoice[1]/cac:AccountingSupplierParty[1]"},
            {**told, "term": None, "location": "/Invoice[1]"},
        ],
    }
    reply = confirm(stage, save(stage, entry=entry(stage, lines=[LINES[0], {}, LINES[1]])))

    assert reply.invoice is None
    assert faults(reply.state) == {("lines-3-price", "BR-X"), ("seller_vat", "BR-X"), (None, "BR-X")}
    assert reply.report.verdict == "invalid"


def test_nobody_types_for_a_structure_where_he_may_not(stage):
    for actor in (stage.reader, stage.stranger, stage.agent):
        with pytest.raises(errors.Forbidden):
            save(stage, actor, entry=entry(stage))
    state = save(stage, entry=entry(stage))
    with pytest.raises(errors.Forbidden):
        save(stage, stage.reader, **again(state), entry=entry(stage))
    with pytest.raises(errors.Forbidden):
        confirm(stage, state, stage.reader)
    with pytest.raises(errors.NotFound):
        confirm(stage, state, stage.stranger)
    assert stage.call(stage.reader, calls.GetEntry, invoice_id=state.invoice.invoice_id).state.entry.number == "F-2026-1"


def test_a_mandataire_types_for_whoever_gave_the_mandat(stage):
    mandant = stage.world.structure("90000007000011", "Ferme du Lac")
    stage.world.give_mandat(mandant, stage.supplier, stage.writer)
    state = stage.call(stage.writer, calls.SaveEntry, structure_id=mandant.structure_id, entry=entry(stage)).state
    sent = stage.send(confirm(stage, state).invoice)
    assert (sent.supplier_name, sent.status) == ("Ferme du Lac", "MISE_A_DISPOSITION")


@pytest.mark.requirement("R169")
def test_a_public_body_issues_too_and_picks_its_account(stage):
    clerk = stage.world.user((stage.body, EMITTED, "MODIFICATION"), name="Régie")
    other = stage.world.structure(stage.STRICT, "Région", public=True)
    account = stage.world.accounts.add(stage.body, "Régie")
    said = entry(stage, recipient_siret=other.siret, payment_mode="VIREMENT", bank_details_id=account.bank_details_id)
    state = stage.call(clerk, calls.SaveEntry, structure_id=stage.body.structure_id, entry=said).state
    sent = stage.send(confirm(stage, state, clerk).invoice, clerk)
    assert (sent.supplier_name, sent.recipient_name) == (stage.body.name, "Région")


def test_an_invoice_is_copied_without_its_number_and_dates(stage):
    state = save(stage, entry=entry(stage, comment="Merci", due_date="2026-11-01"))
    sent = stage.send(confirm(stage, state).invoice)
    copy = stage.call(stage.writer, calls.CopyInvoice, invoice_id=sent.invoice_id).state
    latest = stage.call(stage.writer, calls.CopyInvoice, structure_id=stage.supplier.structure_id).state

    for each in (copy, latest):
        assert (each.entry.number, each.entry.due_date, each.entry.comment) == ("", "", "Merci")
        assert each.totals.gross == sent.gross
        assert each.invoice.invoice_id != sent.invoice_id
    with pytest.raises(errors.Forbidden):
        stage.call(stage.reader, calls.CopyInvoice, invoice_id=sent.invoice_id)
    with pytest.raises(errors.NotFound):
        stage.call(stage.writer, calls.CopyInvoice, structure_id=stage.supplier.structure_id, recipient_siret="90000009000027")


def test_an_invoice_that_came_as_a_file_is_copied_line_by_line(stage):
    line = {"name": "Vis", "quantity": "100", "price": "12.00", "base_quantity": "100", "unit": "C62", "vat_rate": "20"}
    sent = stage.sent("F-7", lines=[line], vat=[], type_tva=None, payment={"means": "30", "mode": "VIREMENT"})
    copy = stage.call(stage.writer, calls.CopyInvoice, invoice_id=sent.invoice_id).state

    assert [(each.name, each.quantity, each.price, each.rate) for each in copy.entry.lines] == [("Vis", "100", "0.12", "20")]
    assert (copy.entry.recipient_siret, copy.entry.payment_mode) == (stage.BUYER, "VIREMENT")


def test_a_draft_that_is_no_entry_is_not_found_as_one(stage):
    draft = stage.prepare(stage.file()).invoice
    with pytest.raises(errors.NotFound):
        stage.call(stage.writer, calls.GetEntry, invoice_id=draft.invoice_id)
    with pytest.raises(errors.NotFound):
        stage.call(stage.writer, calls.GetEntry, invoice_id=uuid.uuid4())


def test_an_invoice_dated_after_today_is_told_at_its_date(stage):
    later = (datetime.date.today() + datetime.timedelta(days=40)).isoformat()  # noqa: DTZ011 - far from any midnight
    state = save(stage, entry=entry(stage, issue_date=later))
    assert ("issue_date", "PUP-ISSUE-DATE") in faults(state)
