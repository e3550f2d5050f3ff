"""Who has sent invoices to whom, for messages to suppliers."""

import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract


@pytest.mark.requirement("R007")
def test_the_partners_of_a_structure_are_those_that_sent_it_an_invoice_each_once(stage):
    service = Actor.service("notifications")
    asked = {"structure_id": stage.body.structure_id}
    stage.prepare(stage.file("F-0"))
    assert stage.call(service, contract.PartnersOfStructure, **asked).structure_ids == []
    stage.sent("F-1")
    stage.sent("F-2")
    found = stage.call(service, contract.PartnersOfStructure, **asked).structure_ids
    assert found == [stage.supplier.structure_id]
    assert stage.call(service, contract.PartnersOfStructure, **asked, after=found[-1]).structure_ids == []
    assert stage.call(service, contract.PartnersOfStructure, structure_id=stage.supplier.structure_id).structure_ids == []


def test_the_pages_of_partners_are_in_order_and_miss_nobody(stage):

    from pupitre_invoicing import queries
    from pupitre_invoicing.tables import invoice

    stage.sent("F-1")
    suppliers = [uuid.uuid4() for _ in range(7)]
    service = stage.scope()
    with service.begin() as tx:
        row = dict(tx.execute(invoice.select()).mappings().one())
        for number, supplier in enumerate(suppliers):
            fresh = {"portal_number": 1000 + number, "invoice_id": uuid.uuid4(), "supplier_structure_id": supplier}
            tx.execute(invoice.insert().values(**row | fresh))
    seen, after = [], None
    with service.reading() as db:
        while page := queries.partners(db, stage.body.structure_id, after, 3):
            assert len(page) <= 3
            seen, after = seen + page, page[-1]
    assert seen == sorted([*suppliers, stage.supplier.structure_id])


def test_only_services_ask_for_partners(stage):
    for actor in (stage.agent, Actor.service("portal", behalf_of=stage.agent)):
        with pytest.raises(errors.Forbidden):
            stage.call(actor, contract.PartnersOfStructure, structure_id=stage.body.structure_id)
