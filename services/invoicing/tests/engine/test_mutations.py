"""Invoices changed at random: the engine always answers with a verdict and its reason, and nothing of one file is told of another."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import corpus
from support import invoice_factory as factory
from support.mutants import mutants

SEEDS = (factory.ubl(), factory.cii(), factory.facturx())
INSERTED = (b"<!DOCTYPE x>", b"<a>" * 120, b"&x;", b"\x00", b"]]>", b"\xff\xfe", b"<?xml?>", b"%PDF-")
VALID = [each for each in corpus.invoices() if each.valid and each.path.suffix == ".xml"]
CANARY = "CANARY-OF-ANOTHER-FILE"
BOUNDED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def judged(check, content):
    """The report on a mutant, which must hold together whatever the mutant is."""
    report = check(content)
    assert report["verdict"] in ("valid", "invalid", "error")
    errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
    assert bool(errors) is (report["verdict"] != "valid"), report["findings"]
    assert (report["stage"] is None) is (report["verdict"] == "valid")
    for finding in report["findings"]:
        assert finding["rule"] and finding["message"] and finding["remedy"]
    said = json.dumps(report)
    assert "Traceback" not in said
    assert CANARY not in said
    return report


@st.composite
def damaged(draw):
    """A file with some of its bytes replaced, cut out, doubled or moved."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        length = draw(st.integers(0, 64))
        kind = draw(st.sampled_from(("replace", "cut", "double", "insert", "end")))
        if kind == "replace":
            content[at : at + length] = draw(st.binary(min_size=length, max_size=length))
        elif kind == "cut":
            del content[at : at + length]
        elif kind == "double":
            content[at:at] = content[at : at + length] * draw(st.integers(1, 40))
        elif kind == "insert":
            content[at:at] = draw(st.sampled_from(INSERTED))
        else:
            del content[at:]
    return bytes(content)


@pytest.mark.requirement("RS-60")
@given(content=damaged())
@BOUNDED
def test_bytes_changed_at_random_always_get_a_verdict_with_its_reason(check, content):
    check(factory.ubl(seller=factory.Party(factory.SELLER.siret, CANARY)))
    judged(check, content)


@given(seed=st.integers(0, 2**32), source=st.sampled_from(SEEDS[:2]))
@settings(BOUNDED, max_examples=15)
def test_elements_changed_at_random_always_get_a_verdict_with_its_reason(check, seed, source):
    for content in mutants(source, 4, seed):
        judged(check, content)


@pytest.mark.corpus
@pytest.mark.skipif(not corpus.invoices(), reason=corpus.ABSENT)
@pytest.mark.parametrize("sample", VALID, ids=lambda each: each.id)
def test_a_sample_changed_at_random_always_gets_a_verdict_with_its_reason(check, sample):
    for content in mutants(sample.path.read_bytes(), 6, 2026):
        judged(check, content)
