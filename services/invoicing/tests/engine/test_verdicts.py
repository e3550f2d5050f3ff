"""What the engine says of invoices that break one thing."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from pupitre_invoicing.engine import rules, rules_data
from pupitre_invoicing.engine.schematron import RuleEngineError
from support import invoice_factory as factory

CREDIT = {"type_code": "381", "preceding": ("FA-2026-0001", datetime.date(2026, 9, 3))}
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "credit note": CREDIT,
    "extended with a service": {
        "profile": "extended-ctc-fr",
        "service": "SERV-1",
        "engagement": "EJ-1",
        "contract": "M-1",
    },
    "already paid": {"cadre": "S2", "prepaid": factory.parts().gross},
    "before the reform": {"issue_date": datetime.date(2026, 3, 1), "notes": ()},
}


def rules_of(report: dict[str, Any], severity: str = "error") -> set[str]:
    return {finding["rule"] for finding in report["findings"] if finding["severity"] == severity}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("build, format_", [(factory.ubl, "ubl"), (factory.cii, "cii"), (factory.facturx, "facturx")])
def test_a_correct_invoice_is_valid_in_every_syntax(build: Any, format_: str, variant: str, check: Any) -> None:
    report = check(build(**VARIANTS[variant]))

    assert (report["verdict"], report["stage"], report["findings"]) == ("valid", None, [])
    assert report["format"].startswith(format_)
    assert report["profile"] == VARIANTS[variant].get("profile", "en16931")


def test_the_report_has_exactly_the_keys_of_the_interface(check: Any) -> None:
    report = check(factory.ubl(cadre="A1"))

    assert set(report) == {"verdict", "stage", "format", "profile", "findings", "terms", "invoice"}
    assert set(report["findings"][0]) == {"rule", "severity", "term", "location", "message", "remedy"}


BROKEN = {
    "wrong total": (
        '<cbc:TaxInclusiveAmount currencyID="EUR">379.18',
        '<cbc:TaxInclusiveAmount currencyID="EUR">400.00',
        "BR-CO-15",
        "BT-112",
    ),
    "no buyer name": ("<cbc:RegistrationName>Commune d'Exempleville</cbc:RegistrationName>", "", "BR-07", "BT-44"),
    "no IBAN": (
        "<cac:PayeeFinancialAccount><cbc:ID>FR7630006000011234567890189</cbc:ID></cac:PayeeFinancialAccount>",
        "",
        "BR-61",
        "BT-84",
    ),
    "unknown currency": (">EUR</cbc:DocumentCurrencyCode>", ">EUX</cbc:DocumentCurrencyCode>", "BR-CL-04", "BT-5"),
    "old cadre": ("<cbc:ProfileID>S1", "<cbc:ProfileID>A1", "BR-FR-08_BT-23", "BT-23"),
    "no late payment note": (
        "<cbc:Note>#PMD#Pénalités de retard : trois fois le taux légal.</cbc:Note>",
        "",
        "BR-FR-05_BT-22-2",
        "BT-22",
    ),
    "SIRET of another": (
        f">{factory.SELLER.siret}</cbc:ID>",
        f">{factory.fictional_siret(7777)}</cbc:ID>",
        "BR-FR-09_BT-29",
        "BT-29",
    ),
}


@pytest.mark.parametrize("defect", BROKEN)
def test_one_defect_is_refused_by_its_official_rule_and_names_its_term(defect: str, check: Any) -> None:
    old, new, rule, term = BROKEN[defect]
    document = factory.ubl().decode()
    assert old in document

    report = check(document.replace(old, new).encode())

    assert (report["verdict"], report["stage"]) == ("invalid", "schematron")
    found = [finding for finding in report["findings"] if finding["rule"] == rule]
    assert [finding["term"] for finding in found] == [term]
    assert found[0]["location"].startswith("/Invoice")


def test_a_wrong_total_is_told_with_the_values_found(check: Any) -> None:
    document = factory.ubl().replace(
        b'TaxInclusiveAmount currencyID="EUR">379.18', b'TaxInclusiveAmount currencyID="EUR">400.00'
    )

    french = {finding["rule"]: finding for finding in check(document)["findings"]}["BR-CO-15"]
    english = {finding["rule"]: finding for finding in check(document, lang="en")["findings"]}["BR-CO-15"]

    assert "BT-112 = 400.00" in french["message"] and "toutes taxes" in french["message"]
    assert "BT-112 = 400.00" in english["message"] and "with VAT" in english["message"]


@pytest.mark.parametrize("wrong, stage", [("31/12/2026", "xsd"), ("2026-02-30", "xsd")])
def test_a_date_that_is_not_one_is_refused_by_the_schema(wrong: str, stage: str, check: Any) -> None:
    report = check(factory.ubl().replace(b"<cbc:IssueDate>2026-10-01", f"<cbc:IssueDate>{wrong}".encode()))

    assert (report["verdict"], report["stage"]) == ("invalid", stage)
    assert "cvc-datatype-valid.1.2.1" in rules_of(report)
    assert report["findings"][0]["term"] == "BT-2"


def test_a_cii_date_that_no_calendar_holds_is_refused(check: Any) -> None:
    report = check(factory.cii().replace(b">20261001<", b">20261332<"))

    assert report["verdict"] == "invalid"
    assert "PUP-DATE" in rules_of(report)


def test_a_date_with_a_time_zone_is_read_as_its_day(check: Any) -> None:
    report = check(factory.ubl().replace(b"<cbc:IssueDate>2026-10-01", b"<cbc:IssueDate>2026-10-01Z"))

    assert report["terms"]["BT-2"] == report["invoice"]["issue_date"] == "2026-10-01"


@pytest.mark.parametrize(
    "country, day, bound",
    [
        ("FR", datetime.date(2026, 8, 31), False),
        ("FR", datetime.date(2026, 9, 1), True),
        ("BE", datetime.date(2026, 10, 1), False),
    ],
)
def test_the_french_rules_bind_french_invoices_from_the_first_day_of_the_reform(
    country: str, day: datetime.date, bound: bool, check: Any
) -> None:
    document = factory.ubl(issue_date=day, cadre="A1").decode()
    seller, rest = document.split("</cac:AccountingSupplierParty>")
    buyer = rest.replace("<cbc:IdentificationCode>FR", f"<cbc:IdentificationCode>{country}", 1)

    assert ("BR-FR-08_BT-23" in rules_of(check(f"{seller}</cac:AccountingSupplierParty>{buyer}".encode()))) is bound


def test_the_first_day_of_the_reform_is_data(check: Any) -> None:
    assert check(factory.ubl(cadre="A1"), reform_first_day="2027-09-01")["verdict"] == "valid"


def test_a_rule_engine_that_stops_is_a_third_verdict(check: Any, worker: Any, monkeypatch: Any) -> None:
    def stop(rule_set: str, document: Any) -> list[Any]:
        raise RuleEngineError(rule_set)

    monkeypatch.setattr(worker._engine, "failures", stop)
    report = check(factory.ubl())

    assert (report["verdict"], report["stage"]) == ("error", "schematron")
    assert rules_of(report) == {"PUP-ENGINE"}


def test_an_unforeseen_failure_is_the_third_verdict_too(check: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "check", lambda *_: 1 / 0)

    assert check(factory.ubl())["verdict"] == "error"


def test_rules_that_are_not_installed_never_make_an_invoice_valid(check: Any, monkeypatch: Any) -> None:
    def missing(name: str) -> Any:
        raise rules_data.RulesMissing(name)

    monkeypatch.setattr("pupitre_invoicing.engine.schematron.rules_file", missing)
    monkeypatch.setattr("pupitre_invoicing.engine.schematron.RuleEngine._rules", lambda self, name: missing(name))

    assert check(factory.ubl())["verdict"] == "error"


def test_our_own_checks_warn_and_do_not_refuse(check: Any) -> None:
    document = factory.ubl(iban="FR7630006000011234567890188", seller=factory.Party("90000000000018", "Sans clé"))
    report = check(document)

    assert report["verdict"] == "valid"
    assert {"PUP-IBAN", "PUP-SIRET", "PUP-SIREN"} <= rules_of(report, "warning")


def test_a_line_that_is_not_quantity_times_price_warns(check: Any) -> None:
    report = check(factory.ubl().replace(b">3.90</cbc:PriceAmount>", b">4.90</cbc:PriceAmount>"))

    warned = [finding for finding in report["findings"] if finding["rule"] == "PUP-LINE-AMOUNT"]
    assert [finding["location"] for finding in warned] == ["/Invoice/InvoiceLine[1]/LineExtensionAmount"]
    assert "49.00" in warned[0]["message"]


def test_an_invoice_with_a_negative_total_warns_that_a_credit_note_is_expected(check: Any) -> None:
    report = check(factory.ubl(lines=[factory.Line(quantity="-10")]))

    assert report["verdict"] == "valid"
    assert "PUP-NEGATIVE-TOTAL" in rules_of(report, "warning")


def test_an_invoice_of_tomorrow_warns(check: Any) -> None:
    assert "PUP-DATE-FUTURE" in rules_of(check(factory.ubl(issue_date=datetime.date(2026, 11, 22))), "warning")
    assert "PUP-DATE-FUTURE" not in rules_of(check(factory.ubl(issue_date=datetime.date(2026, 11, 21))), "warning")


def test_the_two_places_of_the_service_code_must_agree(check: Any) -> None:
    document = factory.ubl(profile="extended-ctc-fr", service="SERV-1")
    report = check(document.replace(b"<cbc:BuyerReference>SERV-1", b"<cbc:BuyerReference>SERV-2"))

    assert "PUP-SERVICE-MISMATCH" in rules_of(report, "warning")
    assert report["invoice"]["buyer"]["code_service"] == "SERV-1"


def test_findings_are_bounded_and_the_rest_is_counted(check: Any) -> None:
    document = factory.ubl(lines=[factory.Line(unit="??") for _ in range(40)])
    report = check(document, limits={"findings": 10})

    assert len(report["findings"]) == 11
    assert report["findings"][-1]["rule"] == "PUP-FINDINGS"


def test_amounts_are_handed_on_as_written() -> None:
    assert factory.parts().gross == Decimal("379.18")
