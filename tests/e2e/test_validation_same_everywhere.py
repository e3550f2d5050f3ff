"""One engine judges a file: the page, the API, the command line and the errors of a flux say the same of it."""

import json
import re

import pytest
import requests
from support.machine import SECONDS, UBL, rules_in
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DEFECTS = {
    "valid": lambda content: content,
    "total": lambda content: re.sub(rb"(<cbc:TaxInclusiveAmount[^>]*>)[^<]*", rb"\g<1>1.00", content),
    "currency": lambda content: content.replace(b"<cbc:DocumentCurrencyCode>EUR", b"<cbc:DocumentCurrencyCode>EURO"),
    "schema": lambda content: content.replace(b"<cbc:IssueDate>", b"<cbc:IssueDate>x"),
    "cut": lambda content: content[: len(content) // 2],
    "foreign": lambda content: b"<?xml version='1.0'?><order/>",
}


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_every_way_in_gives_the_same_findings(installation, story, new_number, tmp_path, defect):
    number = new_number()
    content = DEFECTS[defect](story.invoice(number))
    file = tmp_path / f"{number}.xml"
    file.write_bytes(content)

    report = requests.post(
        f"{installation.base_url}/api/v1/validations",
        data=content,
        headers={"Content-Type": "application/xml"},
        timeout=SECONDS,
    ).json()
    assert report.keys() == {"verdict", "stage", "format", "profile", "findings", "terms"}

    command = installation.command("validate", str(file), check=False)
    assert command.returncode == (0 if report["verdict"] == "valid" else 1)
    assert {name: value for name, value in json.loads(command.stdout).items() if name != "file"} == report

    visitor = Visitor(installation)
    page = visitor.submit(
        visitor.open("/validation").form("/validation"), files={"file": (file.name, content, "application/xml")}
    )
    assert page.status == 200
    for finding in report["findings"]:
        assert finding["rule"] in page.main
        assert " ".join(finding["message"].split()) in page.main
    assert _shown_rules(page) == sorted(finding["rule"] for finding in report["findings"])

    outcome = story.machine.settled(story.machine.deposit(content, file.name, UBL))
    blocking = {finding["rule"] for finding in report["findings"] if finding["severity"] == "error"}
    assert rules_in(outcome["listeErreurDP"]) == blocking
    assert (outcome["etatCourantDepotFlux"] == "IN_INTEGRE") == (report["verdict"] == "valid")


def test_a_visitor_without_account_may_have_a_file_judged(installation, story, new_number):
    visitor = Visitor(installation)
    form = visitor.open("/validation").form("/validation")
    page = visitor.submit(form, files={"file": ("a.xml", story.invoice(new_number()), "application/xml")})
    assert page.status == 200
    assert "valide" in page.main


def test_the_texts_come_in_english_for_who_asks_for_english(installation, story, new_number):
    content = DEFECTS["total"](story.invoice(new_number()))
    reports = {
        language: requests.post(
            f"{installation.base_url}/api/v1/validations",
            data=content,
            headers={"Accept-Language": language},
            timeout=SECONDS,
        ).json()
        for language in ("fr", "en")
    }
    french, english = ([finding["message"] for finding in reports[language]["findings"]] for language in ("fr", "en"))
    assert len(french) == len(english) > 0
    assert set(french).isdisjoint(english)


def _shown_rules(page):
    shown = page.tree.xpath("//div[@class='finding-error' or @class='finding-warning']/p[last()]")
    return sorted(re.match(r"\s*(?:Règle|Rule)\s+([^\s,]+)", text.text_content())[1] for text in shown)
