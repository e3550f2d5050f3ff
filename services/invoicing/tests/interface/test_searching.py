"""Finding invoices and counting work, through the bus, on both backends."""

import datetime
from decimal import Decimal

import pytest
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

EMITTED, RECEIVED = "factures-emises", "factures-recues"


def numbers(stage, actor, **criteria):
    return [each.number for each in stage.call(actor, contract.SearchInvoices, **criteria).invoices]


def test_each_criterion_narrows_the_list(stage):
    first = stage.sent("F-1", engagement="BC-1")
    stage.sent(
        "F-2", code_service="VOIRIE", totals={"net": "1000.00", "vat": "200.00", "gross": "1200.00", "due": "1200.00"}
    )
    stage.prepare(stage.file("F-3"))
    stage.move(first, "SUSPENDUE", stage.agent, motive="pièce absente")

    def found(**criteria):
        return sorted(numbers(stage, stage.writer, side="issued", **criteria))

    now = stage.bench.clock.now()
    assert found() == ["F-1", "F-2", "F-3"]
    assert found(number="f-2") == ["F-2"]
    assert found(number="F*") == ["F-1", "F-2", "F-3"]
    assert found(statuses=["BROUILLON", "SUSPENDUE"]) == ["F-1", "F-3"]
    assert found(engagement="BC-1") == ["F-1"]
    assert found(gross_min=Decimal("1200"), gross_max=Decimal("1200.00")) == ["F-2"]
    assert found(net_max=Decimal("999.99"), statuses=["SUSPENDUE"]) == ["F-1"]
    assert found(text="exempleville") == ["F-1", "F-2", "F-3"]
    assert found(text="100%") == []
    assert found(counterpart_ids=[stage.body.structure_id]) == ["F-1", "F-2", "F-3"]
    assert found(counterpart_ids=[stage.supplier.structure_id]) == []
    assert found(issued_from=datetime.date(2026, 10, 2)) == []
    assert found(deposited_to=now + datetime.timedelta(minutes=1)) == ["F-1", "F-2"]
    assert found(kind="AVOIR") == []
    assert found(cadre="A1", deposit_mode="UPLOAD_PORTAIL") == ["F-1", "F-2", "F-3"]


def test_amounts_of_two_currencies_are_not_compared(stage):
    stage.sent("F-1")
    stage.sent("F-2", currency="USD")

    def found(**asked):
        return [
            each.number for each in stage.call(stage.writer, contract.SearchInvoices, side="issued", **asked).invoices
        ]

    assert found(net_min=Decimal(1)) == ["F-1"]
    assert found(net_min=Decimal(1), currency="usd") == ["F-2"]
    assert found(currency="USD") == ["F-2"]


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime.now(datetime.UTC))


@pytest.fixture
def shelf(stage):
    """Two invoices that differ in all that a criterion can ask."""
    stage.sent("F-1", engagement="BC-Été 1", contract="M-2026/1")
    stage.bench.clock.advance(days=1)
    amounts = {"net": "1000.00", "vat": "200.00", "gross": "1200.00", "due": "1100.00"}
    stage.sent("F-2", code_service="VOIRIE", totals=amounts, issue_date="2026-10-02", credit_note=True, type_code="381")
    return stage


CRITERIA = {
    "number": [({"number": "f-1"}, "F-1"), ({"number": "*-2"}, "F-2"), ({"number": "*"}, "F-1 F-2"), ({"number": "F"}, "")],
    "engagement": [({"engagement": "bc-ete 1"}, "F-1"), ({"engagement": "*ETE*"}, "F-1"), ({"engagement": "BC"}, "")],
    "contract": [({"contract": "m-2026/1"}, "F-1"), ({"contract": "m*"}, "F-1"), ({"contract": "m_2026/1"}, "")],
    "service": [({"code_service": "voirie"}, "F-2"), ({"code_service": "v*e"}, "F-2"), ({"code_service": "v"}, "")],
    "supplier": [({"supplier": "fournitures*"}, "F-1 F-2"), ({"supplier": "fournitures"}, ""), ({"supplier": "90000001000012"}, "F-1 F-2"),
                 ({"supplier": "900 000 010*"}, "F-1 F-2"), ({"supplier": "900000020*"}, "")],
    "recipient": [({"recipient": "*EXEMPLEVILLE"}, "F-1 F-2"), ({"recipient": "90000002000019"}, "F-1 F-2"), ({"recipient": "*quai*"}, "")],
    "text": [({"text": "ete"}, "F-1"), ({"text": "exemple*e"}, "F-1 F-2"), ({"text": "100%"}, "")],
    "status": [({"statuses": ["MISE_A_DISPOSITION", "REJETEE"]}, "F-1 F-2"), ({"statuses": ["REJETEE"]}, "")],
    "cadre": [({"cadre": "A1"}, "F-1 F-2"), ({"cadre": "A2"}, "")],
    "mode": [({"deposit_mode": "UPLOAD_PORTAIL"}, "F-1 F-2"), ({"deposit_mode": "UPLOAD_API"}, "")],
    "flux": [({"numero_flux": "*"}, ""), ({"numero_flux": "CPP"}, "")],
    "currency": [
        ({"currency": "eur"}, "F-1 F-2"),
        ({"currency": "USD"}, ""),
        ({"currency": "USD", "net_min": Decimal(1)}, ""),
    ],
    "net": [({"net_min": Decimal("100.01")}, "F-2"), ({"net_max": Decimal("999.99")}, "F-1")],
    "gross": [({"gross_min": Decimal("1200")}, "F-2"), ({"gross_max": Decimal("120")}, "F-1")],
    "due": [({"due_min": Decimal("1100")}, "F-2"), ({"due_max": Decimal("1099.99")}, "F-1")],
    "issued": [({"issued_from": datetime.date(2026, 10, 2)}, "F-2"), ({"issued_to": datetime.date(2026, 10, 1)}, "F-1")],
    "archived": [({"archived": False}, "F-1 F-2"), ({"archived": True}, "")],
}


@pytest.mark.requirement("R270")
def test_each_criterion_alone_finds_what_it_says_on_both_sides(shelf):
    wrong = []
    for what, several in CRITERIA.items():
        for criteria, wanted in several:
            for actor, side in ((shelf.writer, "issued"), (shelf.agent, "received")):
                found = sorted(numbers(shelf, actor, side=side, **criteria))
                if found != wanted.split():
                    wrong.append((what, criteria, side, found))
    assert not wrong


def test_periods_of_deposit_and_of_status(shelf):
    between = shelf.bench.clock.now() - datetime.timedelta(hours=12)
    for name in ("deposited", "status"):
        assert numbers(shelf, shelf.agent, side="received", **{f"{name}_from": between}) == ["F-2"]
        assert numbers(shelf, shelf.agent, side="received", **{f"{name}_to": between}) == ["F-1"]


def test_kinds_and_services_by_their_identifiers(shelf):
    service = shelf.body.services[0].structure_service_id
    assert numbers(shelf, shelf.agent, side="received", structure_service_ids=[service]) == ["F-2"]
    found = shelf.call(shelf.agent, contract.SearchInvoices, side="received").invoices
    for each in found:
        assert each.number in numbers(shelf, shelf.agent, side="received", kinds=[each.kind])
        assert each.number in numbers(shelf, shelf.agent, side="received", kind=each.kind)
    assert numbers(shelf, shelf.agent, side="received", kinds=["ACOMPTE"]) == []


@pytest.mark.requirement("R160")
def test_what_is_finished_is_archived_when_its_year_is_closed(shelf):
    [second] = shelf.call(shelf.agent, contract.SearchInvoices, side="received", number="F-2").invoices
    shelf.move(second, "REJETEE", shelf.agent, motive="erreur")
    assert numbers(shelf, shelf.writer, side="issued", archived=True) == []
    shelf.bench.clock.advance(days=366)
    [archived] = shelf.call(shelf.writer, contract.SearchInvoices, side="issued", archived=True).invoices
    assert (archived.number, archived.status, archived.archived) == ("F-2", "REJETEE", True)
    assert numbers(shelf, shelf.writer, side="issued", archived=False) == ["F-1"]


@pytest.mark.requirement("R275")
def test_pages_follow_each_other_while_invoices_come_in(stage):
    for number in ("F-1", "F-2", "F-3"):
        stage.sent(number)
    asked = {"side": "received", "page_size": 2}
    first = stage.call(stage.agent, contract.SearchInvoices, **asked)
    stage.sent("F-4")
    second = stage.call(stage.agent, contract.SearchInvoices, **asked, after=first.next)
    assert [each.number for each in (*first.invoices, *second.invoices)] == ["F-3", "F-2", "F-1"]
    assert (second.next, second.total, second.total_exact) == (None, 4, True)
    back = stage.call(stage.agent, contract.SearchInvoices, **asked, before=second.previous)
    assert [each.number for each in back.invoices] == ["F-3", "F-2"]
    assert stage.call(stage.agent, contract.SearchInvoices, **asked, count_up_to=3).total_exact is False


@pytest.mark.parametrize("bound", ["0.001", "1" + "0" * 17])
def test_an_amount_that_no_invoice_could_have_is_refused_as_a_criterion(stage, bound):
    with pytest.raises(errors.Invalid) as refused:
        stage.call(stage.writer, contract.SearchInvoices, side="issued", gross_min=Decimal(bound))
    assert "gross_min" in refused.value.details["fields"]


def test_a_list_is_sorted_and_paged(stage):
    for number in ("F-2", "F-1", "F-3"):
        stage.sent(number)

    def page(**criteria):
        return numbers(stage, stage.agent, side="received", sort="number", page_size=2, **criteria)

    assert page(descending=False) == ["F-1", "F-2"]
    assert page(descending=False, page=2) == ["F-3"]
    assert page() == ["F-3", "F-2"]
    assert stage.call(stage.agent, contract.SearchInvoices, side="received", page_size=1).total == 3


def test_nobody_sees_the_invoices_of_a_structure_that_is_not_his(stage):
    stage.sent()
    other = stage.world.structure("90000005000011", "Autre", public=True)
    elsewhere = stage.world.user((other, RECEIVED, "MODIFICATION"), (other, EMITTED, "MODIFICATION"))

    assert numbers(stage, stage.agent, side="received") == ["F-1"]
    assert numbers(stage, elsewhere, side="received") == []
    assert numbers(stage, elsewhere, side="issued") == []
    with pytest.raises(errors.NotFound):
        numbers(stage, elsewhere, side="received", structure_id=stage.body.structure_id)
    with pytest.raises(errors.Forbidden):
        numbers(stage, stage.agent, side="issued", structure_id=stage.body.structure_id)


@pytest.mark.requirement("R167")
def test_work_is_counted_per_structure_and_side(stage):
    stage.sent("F-1")
    stage.prepare(stage.file("F-2"))
    stage.move(stage.sent("F-3"), "SUSPENDUE", stage.agent, motive="pièce absente")

    [supplier] = stage.call(stage.writer, contract.CountWork).counts
    [recipient] = stage.call(stage.agent, contract.CountWork).counts
    assert (supplier.side, supplier.to_do, supplier.drafts, supplier.total) == ("issued", 2, 1, 3)
    assert (recipient.side, recipient.to_do, recipient.drafts, recipient.total) == ("received", 1, 0, 2)
    assert stage.call(stage.stranger, contract.CountWork).counts == []


def test_an_invoice_is_found_by_the_ones_that_it_names(stage):
    stage.sent("F-1")
    one, *several = [{"number": each, "issue_date": None} for each in ("F-1", "F-É 7", "F-8")]
    stage.sent("AV-1", credit_note=True, type_code="381", preceding=[one])
    stage.sent("AV-2", credit_note=True, type_code="381", preceding=several)
    for actor, side in ((stage.writer, "issued"), (stage.agent, "received")):
        asked = ("f-1", "F*", "f-e 7", "F-8", "*8", "f-*7", "F", "AV-1", "F_8")
        found = [" ".join(sorted(numbers(stage, actor, side=side, origin=text))) for text in asked]
        assert found == ["AV-1", "AV-1 AV-2", "AV-2", "AV-2", "AV-2", "AV-2", "", "", ""]
    with pytest.raises(errors.Invalid):
        numbers(stage, stage.writer, side="issued", origin="x" * 201)


def test_pages_of_what_an_origin_finds_follow_each_other(stage):
    named = [{"number": "F-1", "issue_date": None}]
    for number in range(5):
        stage.sent(f"AV-{number}", credit_note=True, type_code="381", preceding=named)
    read, after = [], {}
    while True:
        page = stage.call(stage.writer, contract.SearchInvoices, side="issued", origin="F-1", page_size=2, order_by="number", **after)
        read += [each.number for each in page.invoices]
        assert page.total == 5
        if page.next is None:
            break
        after = {"after": page.next}
    assert read == [f"AV-{number}" for number in (4, 3, 2, 1, 0)]


def test_who_issues_finds_invoices_by_who_made_them_and_nobody_else_does(stage):
    other = stage.world.user((stage.supplier, EMITTED, "MODIFICATION"), name="Zoé Élan")
    stage.sent("F-1")
    # Another sends what she prepared: she made it.
    stage.send(stage.prepare(stage.file("F-2"), actor=other).invoice)

    def found(**asked):
        return sorted(numbers(stage, stage.writer, side="issued", **asked))

    assert found(creator="zoe elan") == ["F-2"]
    assert found(creator="*é*a*") == ["F-1", "F-2"]
    assert found(creator="Zo") == []
    assert found(creator=other.reference) == found(creators=[other.reference]) == ["F-2"]
    assert found(creators=[other.reference, stage.writer.reference]) == ["F-1", "F-2"]
    assert found(creators=["technical:none"]) == []
    for asked in ({"creator": "*"}, {"creators": [other.reference]}):
        with pytest.raises(errors.Invalid) as refused:
            numbers(stage, stage.agent, side="received", **asked)
        assert "creator" in refused.value.details["fields"]
    without = stage.world.user((stage.supplier, RECEIVED, "MODIFICATION"))
    with pytest.raises(errors.Forbidden):
        numbers(stage, without, side="issued", creator="*", structure_id=stage.supplier.structure_id)
