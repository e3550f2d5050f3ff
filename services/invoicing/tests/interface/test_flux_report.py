"""The report of a flux through the bus, on both backends: each file with its outcome, and of a refused one why and what to do."""

import pytest
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors
from pupitre_contracts import flux_report as contract

FINDING = {
    "rule": "BR-CO-15", "severity": "error", "term": "BT-112", "location": "/Invoice",
    "message": "Le total est faux.", "remedy": "Recalculez.",
    "message_en": "The total is wrong.", "remedy_en": "Recompute.",
}


@pytest.fixture
def report(stage):
    """Reads a page of the report of a flux."""

    def read(flux, actor=None, **values):
        return stage.call(actor or stage.writer, contract.ReadFluxReport, numero_flux=flux.numero_flux, **values)

    return read


@pytest.fixture
def mixed(stage, ended, make_lot):
    """A flux of four files, one of which is accepted."""
    files = {
        "bonne.xml": stage.file("R-1"),
        "deux.xml": stage.file("R-1", contract="OTHER"),
        "service.xml": stage.file("R-2", code_service="RIEN"),
        "total_faux.xml": stage.file("R-3", verdict="invalid", findings=[FINDING], terms={"BT-112": "1.00"}),
    }
    return ended(stage.deposit_flux(make_lot(files)))


def test_each_refused_file_has_its_code_field_value_rule_and_remedy(report, mixed):
    found = report(mixed)
    assert [(each.file_name, each.outcome, each.number) for each in found.files] == [
        ("bonne.xml", "accepted", "R-1"),
        ("deux.xml", "refused", "R-1"),
        ("service.xml", "refused", "R-2"),
        ("total_faux.xml", "refused", "R-3"),
    ]
    told = [(each.code, each.field, each.value, each.rule) for file in found.files for each in file.errors]
    assert told == [
        ("D-DBL", "Numéro de facture", "R-1", "PUP-NUMBER-TAKEN"),
        ("D-SRV", "Référence de l'acheteur (code service)", "RIEN", "PUP-ROUTING-SERVICE-UNKNOWN"),
        ("D-TOT", "Total toutes taxes comprises", "1.00", "BR-CO-15"),
    ]
    assert all(each.remedy and each.code_label for file in found.files for each in file.errors)
    assert [(each.code, each.count) for each in found.codes] == [("D-SRV", 1), ("D-DBL", 1), ("D-TOT", 1)]


def test_the_report_is_in_the_language_of_its_reader(report, mixed):
    last = report(mixed, language="en", code="D-TOT").files[0].errors[0]
    assert (last.message, last.remedy, last.code_label) == ("The total is wrong.", "Recompute.", "wrong amounts or totals")
    assert last.field == "Total with VAT"


def test_a_second_file_of_a_number_names_the_first_invoice_and_leaves_it_as_it_is(stage, report, mixed):
    before = stage.rows("SELECT * FROM invoice")
    again = stage.deposit_flux(stage.file("R-1", contract="AGAIN"), file_name="encore.xml")
    first = report(mixed).files[0]
    [file] = wait_until(lambda: report(again, outcome="refused").files, timeout=60)
    [fault] = file.errors
    assert (fault.first_invoice_id, fault.first_flux) == (first.invoice_id, mixed.numero_flux)
    assert mixed.numero_flux in fault.message
    assert stage.rows("SELECT * FROM invoice") == before


def test_the_same_bytes_again_name_the_first_flux_once_everything_of_it_was_sent(stage, ended, make_lot):
    content = make_lot({"1.xml": stage.file("T-1"), "2.xml": stage.file("T-2")})
    first = ended(stage.deposit_flux(content))
    before = stage.rows("SELECT * FROM invoice ORDER BY portal_number")
    again = ended(stage.deposit_flux(content, file_name="autre-nom.tar.gz"), language="en")
    assert (again.state, again.accepted, again.refused) == ("IN_REJETE", 0, 0)
    assert [(each.code, each.technical, each.first_flux) for each in again.errors] == [("F-DBL", True, first.numero_flux)]
    assert first.numero_flux in again.errors[0].message
    assert stage.rows("SELECT * FROM invoice ORDER BY portal_number") == before


def test_the_same_bytes_again_are_judged_anew_where_something_was_refused(stage, ended, mixed, make_lot):
    content = make_lot({"a.xml": stage.file("U-1"), "b.xml": stage.file("U-2", code_service="NEUF")})
    assert ended(stage.deposit_flux(content)).state == "IN_INTEGRE_PARTIEL"
    stage.body.services.append(stage.body.services[0].__class__(**{**stage.body.services[0].values, "code": "NEUF"}))
    again = ended(stage.deposit_flux(content))
    assert (again.state, again.accepted) == ("IN_INTEGRE_PARTIEL", 1)
    assert [(each.number, each.code) for each in again.errors] == [("U-1", "D-DBL")]


@pytest.mark.parametrize(
    "wanted, names",
    [
        ({"outcome": "accepted"}, ["bonne.xml"]),
        ({"outcome": "refused"}, ["deux.xml", "service.xml", "total_faux.xml"]),
        ({"outcome": "pending"}, []),
        ({"code": "D-SRV"}, ["service.xml"]),
        ({"code": "D"}, []),
        ({"text": "r-1"}, ["bonne.xml", "deux.xml"]),
        ({"text": "TOTAL_F"}, ["total_faux.xml"]),
        ({"text": "%"}, []),
        ({"text": "e.xml", "outcome": "refused", "code": "D-SRV"}, ["service.xml"]),
    ],
)
def test_files_are_found_by_outcome_code_name_and_number(report, mixed, wanted, names):
    found = report(mixed, **wanted)
    assert [each.file_name for each in found.files] == names
    assert found.total == len(names)
    assert len(found.codes) == 3


def test_a_report_is_read_page_by_page_in_the_order_of_the_flux(report, mixed):
    pages = [report(mixed, page=number, page_size=3) for number in (1, 2, 3)]
    assert [[each.position for each in found.files] for found in pages] == [[0, 1, 2], [3], []]
    assert {found.total for found in pages} == {4}
    assert len(report(mixed, page_size=100_000).files) == 4


@pytest.mark.requirement("R232")
def test_a_report_is_for_those_who_may_read_the_flux(stage, report, mixed):
    assert report(mixed, stage.reader).total == 4
    for other in (stage.agent, stage.stranger):
        with pytest.raises(errors.NotFound):
            report(mixed, other)
    attached = stage.world.user((stage.supplier, "", ""))
    with pytest.raises(errors.Forbidden):
        report(mixed, attached)
