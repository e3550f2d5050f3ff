"""Checks that espaces add to a deposit, on both backends."""

import pytest
from pupitre_contracts import errors
from pupitre_espaces import Finding, Label, Manifest, hookimpl
from pupitre_espaces.discovery import Source


class Controls:
    """An espace that wants an engagement, remarks on small amounts, and breaks on invoice X-1."""

    @hookimpl
    def espace_manifest(self):
        label = Label("Contrôles", "Controls")
        return Manifest(key="controles", label=label, description=label)

    @hookimpl
    def espace_checks(self, invoice, context):
        if invoice.number == "X-1":
            raise RuntimeError("broken")
        if not invoice.engagement:
            text = Label("Engagement absent", "No engagement")
            yield Finding(rule="ENG", severity="error", message=text, remedy=text, term="BT-13")
        text = Label("Petit montant", "Small amount")
        yield Finding(rule="SMALL", severity="information", message=text, remedy=text)


@pytest.fixture
def plugins():
    return [Source.of(Controls())]


def test_the_findings_of_an_espace_are_those_of_the_deposit(stage):
    refused = stage.prepare(stage.file("F-1"), language="en")
    assert [(each.rule, each.severity) for each in refused.report.findings] == [
        ("controles:ENG", "error"),
        ("controles:SMALL", "warning"),
    ]
    assert refused.report.findings[0].message == "No engagement"
    with pytest.raises(errors.InvoiceRefused):
        stage.send(refused.invoice)
    assert stage.sent("F-2", engagement="BC-1").status == "MISE_A_DISPOSITION"


def test_an_espace_that_breaks_refuses_no_invoice(stage):
    assert stage.sent("X-1").status == "MISE_A_DISPOSITION"


def test_an_espace_that_the_supplier_did_not_open_is_not_asked(stage):
    closed = stage.supplier.values | {"espaces": ["factures-emises"]}
    stage.world.structures[stage.supplier.structure_id] = type(stage.supplier)(**closed)
    assert stage.prepare(stage.file("F-1")).report.findings == []
