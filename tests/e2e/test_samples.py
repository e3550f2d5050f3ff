"""The shared samples, through the whole portal: what is valid is accepted, what is not is refused with its stage and rules."""

import mimetypes
import re
from dataclasses import dataclass

import pytest
import requests
from support.corpus import ABSENT, Sample, invoices
from support.machine import CII, FACTURX, SECONDS, UBL, rules_in, tar_gz
from support.readdressing import readdressed
from support.story import Story

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.corpus,
    pytest.mark.skipif(not invoices(), reason=ABSENT),
]

SAMPLES = invoices()


@dataclass(frozen=True)
class Outcome:
    """What became of one sample: its invoice, if there is one, and the errors of its file."""

    invoice: dict | None
    errors: list[dict]
    content: bytes


def _syntaxe(sample: Sample) -> str:
    if sample.path.suffix == ".pdf":
        return FACTURX
    return CII if b"CrossIndustryInvoice" in sample.path.read_bytes() else UBL


@pytest.fixture(scope="module")
def outcomes(installation) -> dict[str, Outcome]:
    """Every sample re-addressed to the body that demands nothing, and deposited in one lot for each syntax."""
    story = Story(installation)
    names = {
        sample.id: (f"SAMPLE-{position}", f"{position}{sample.path.suffix}") for position, sample in enumerate(SAMPLES)
    }
    found: dict[str, Outcome] = {}
    for syntaxe in (UBL, CII, FACTURX):
        lot = [sample for sample in SAMPLES if _syntaxe(sample) == syntaxe]
        files = {
            names[each.id][1]: readdressed(each.path.read_bytes(), story.easy.siret, names[each.id][0]) for each in lot
        }
        numero = story.machine.deposit(tar_gz(files), "samples.tar.gz", syntaxe)
        errors = story.machine.settled(numero)["listeErreurDP"]
        invoices_by_number = {each["numeroFacture"]: each for each in story.machine.issued(numeroFluxDepot=numero)}
        for each in lot:
            number, file = names[each.id]
            found[each.id] = Outcome(
                invoices_by_number.get(number),
                [error for error in errors if error["numeroDP"] in (number, file)],
                files[file],
            )
    return found


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.valid], ids=lambda sample: sample.id)
def test_a_valid_sample_is_accepted(outcomes, story, sample):
    outcome = outcomes[sample.id]
    assert outcome.errors == []
    assert outcome.invoice["codeDestinataire"] == story.easy.siret
    assert outcome.invoice["statut"] == "MISE_A_DISPOSITION"


@pytest.mark.parametrize("sample", [each for each in SAMPLES if not each.valid], ids=lambda sample: sample.id)
def test_an_invalid_sample_is_refused_with_its_rules(outcomes, sample):
    outcome = outcomes[sample.id]
    assert outcome.invoice is None
    assert outcome.errors
    assert sample.rules <= rules_in(outcome.errors)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_the_validation_api_gives_the_verdict_of_the_table(installation, sample):
    answer = requests.post(
        f"{installation.base_url}/api/v1/validations",
        data=sample.path.read_bytes(),
        headers={"Content-Type": mimetypes.guess_type(sample.path.name)[0]},
        timeout=SECONDS,
    )
    assert answer.status_code == 200
    report = answer.json()
    assert (report["verdict"], report["stage"]) == ("valid" if sample.valid else "invalid", sample.stage), report[
        "findings"
    ]
    blocking = {finding["rule"] for finding in report["findings"] if finding["severity"] == "error"}
    assert sample.rules <= blocking
    assert bool(blocking) is not sample.valid
    for finding in report["findings"]:
        assert finding["message"]
        assert finding.keys() == {"rule", "severity", "term", "location", "message", "remedy"}


def _rules_on(page) -> set[str]:
    texts = page.tree.xpath("//div[@class='finding-error']/p[last()]")
    return {re.match(r"\s*(?:Règle|Rule)\s+([^\s,]+)", text.text_content())[1] for text in texts}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_page_api_and_flux_refuse_a_sample_for_the_same_rules(installation, outcomes, story, sample):
    outcome, mime = outcomes[sample.id], mimetypes.guess_type(sample.path.name)[0]
    answer = requests.post(
        f"{installation.base_url}/api/v1/validations", data=outcome.content, headers={"Content-Type": mime}, timeout=SECONDS
    )
    assert answer.status_code == 200
    blocking = {finding["rule"] for finding in answer.json()["findings"] if finding["severity"] == "error"}
    visitor = story.visitor(story.supplier)
    given = {"file": (sample.path.name, outcome.content, mime)}
    checked = visitor.submit(visitor.open("/validation").form("/validation"), files=given)
    deposited = visitor.submit(visitor.open("/factures-emises/depot").form("/depot"), files=given)

    assert rules_in(outcome.errors) == blocking
    assert (checked.status, _rules_on(checked)) == (200, blocking)
    assert deposited.status == (200 if sample.valid else 422)
    if not sample.valid:
        assert _rules_on(deposited) == blocking
