"""What a public body demands holds for every way of depositing: prepared on a page, sent, and in a flux of the API or of EDI (R070)."""

import contextlib

import pytest
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors, organisation
from pupitre_contracts import invoicing as contract

WITH_SERVICE, WITH_ENGAGEMENT = {"code_service": "VOIRIE"}, {"engagement": "E-88"}
DEMANDS = [
    ({"requires_service": True}, WITH_ENGAGEMENT, WITH_SERVICE, "PUP-ROUTING-SERVICE-REQUIRED"),
    ({"requires_engagement": True}, WITH_SERVICE, WITH_ENGAGEMENT, "PUP-ROUTING-ENGAGEMENT-REQUIRED"),
    ({"requires_service_or_engagement": True}, {}, WITH_SERVICE, "PUP-ROUTING-SERVICE-OR-ENGAGEMENT"),
    ({"requires_service_or_engagement": True}, {"engagement": " "}, WITH_ENGAGEMENT, "PUP-ROUTING-SERVICE-OR-ENGAGEMENT"),
]


def changed(stage, structure, **values):
    stage.world.structures[structure.structure_id] = type(structure)(**(structure.values | values))


def on_a_page(stage, number, **said):
    """Return the rules that refuse an invoice prepared and sent on a page, or by the API's submission of one invoice."""
    draft = stage.prepare(stage.file(number, **said)).invoice
    try:
        stage.send(draft)
    except errors.InvoiceRefused as refusal:
        return [each["rule"] for each in refusal.details["findings"]]
    return []


def in_a_flux(stage, number, **said):
    """Return the rules that refuse an invoice in a flux, whether it was deposited on a page, by API or by EDI."""
    flux = stage.deposit_flux(stage.file(number, **said), file_name=f"{number}.xml")

    def ended():
        with contextlib.suppress(errors.TimedOut):
            seen = stage.flux(flux)
            return seen if seen.accepted + seen.refused == 1 else None

    return [each.rule for each in wait_until(ended, timeout=120, every=0.1).errors]


@pytest.mark.requirement("R070")
@pytest.mark.parametrize("way", [on_a_page, in_a_flux])
@pytest.mark.parametrize("demand, lacking, enough, rule", DEMANDS)
def test_a_demand_is_honoured_whichever_way_an_invoice_comes(stage, way, demand, lacking, enough, rule):
    changed(stage, stage.body, parameters=organisation.Parameters(**demand))
    assert way(stage, "D-1", **lacking) == [rule]
    assert way(stage, "D-2", **enough) == []
    found = stage.call(stage.agent, contract.SearchInvoices, side="received")
    assert [each.number for each in found.invoices] == ["D-2"]


@pytest.mark.requirement("R069")
@pytest.mark.parametrize("way", [on_a_page, in_a_flux])
def test_an_inactive_structure_neither_receives_nor_deposits(stage, way):
    changed(stage, stage.body, active=False)
    assert way(stage, "I-1") == ["PUP-ROUTING-RECIPIENT-INACTIVE"]
    changed(stage, stage.body, active=True)
    changed(stage, stage.supplier, active=False)
    assert way(stage, "I-2") == ["PUP-SELLER-INACTIVE"]
    changed(stage, stage.supplier, active=True)
    assert way(stage, "I-3") == []
