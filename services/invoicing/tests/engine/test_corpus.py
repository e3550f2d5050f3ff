"""Every shared sample gets the verdict of its table."""

import time
from typing import Any

import pytest
from support import corpus

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not corpus.SAMPLES.is_dir(), reason=corpus.ABSENT)]

REFUSED = ("reject", "no-xml", "reject-or-limit")


@pytest.mark.parametrize("sample", corpus.invoices(), ids=lambda sample: sample.id)
def test_a_sample_invoice_gets_its_expected_verdict(sample: Any, check: Any) -> None:
    report = check(sample.path.read_bytes())

    assert (report["verdict"], report["stage"]) == ("valid" if sample.valid else "invalid", sample.stage)
    broken = {finding["rule"] for finding in report["findings"] if finding["severity"] == "error"}
    if sample.valid:
        assert not broken
    elif sample.stage != "xsd":
        assert sample.rules <= broken


@pytest.mark.parametrize("sample", corpus.invoices(), ids=lambda sample: sample.id)
def test_every_finding_of_a_sample_speaks_both_languages(sample: Any, check: Any) -> None:
    for finding in check(sample.path.read_bytes(), lang="both")["findings"]:
        assert finding["message"] and finding["remedy"] and finding["message_en"] and finding["remedy_en"]
        assert finding["rule"]
        assert finding["message"] != finding["message_en"]


@pytest.mark.parametrize("name", corpus.hostile())
def test_a_hostile_file_is_refused_or_neutralised_without_delay(name: str, check: Any, worker: Any) -> None:
    path, expected = corpus.hostile()[name]
    data = path.read_bytes()
    started = time.process_time()
    report = check(data)
    elapsed = time.process_time() - started

    assert report["verdict"] != "error"
    assert elapsed < 5
    if path.suffix == ".zip":
        assert report["stage"] == "container"
    elif expected in REFUSED:
        assert report["verdict"] == "invalid"
    elif expected.startswith("accept"):
        assert report["verdict"] == "valid"
    assert "root:" not in str(report)


def test_the_good_lot_gives_two_invoices_and_the_bomb_none(worker: Any, check: Any) -> None:
    lots = {name: path.read_bytes() for name, (path, _) in corpus.hostile().items() if path.suffix == ".zip"}

    listed, _ = worker.handle({"op": "list"}, lots["lot-good.zip"])
    contents = [
        worker.handle({"op": "entry", "index": entry["index"]}, lots["lot-good.zip"])[1] for entry in listed["entries"]
    ]

    assert [check(content)["verdict"] for content in contents] == ["valid", "valid"]
    assert worker.handle({"op": "list"}, lots["lot-zip-bomb.zip"])[0]["refused"]["rule"] == "PUP-LOT-RATIO"
    slipped, _ = worker.handle({"op": "list"}, lots["lot-zip-slip.zip"])
    assert not [entry["name"] for entry in slipped["entries"] if "/" in entry["name"] or ".." in entry["name"]]
