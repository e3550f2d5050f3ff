"""Finding invoices and counting work, through the bus, on both backends."""

import datetime
from decimal import Decimal

import pytest
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
