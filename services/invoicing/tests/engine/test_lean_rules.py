"""The rules as they are run find exactly what the published stylesheets find, at the same places, in the same order."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree
from pupitre_invoicing.engine import rare_codes, rules, rules_data, safe_xml, schematron
from pupitre_invoicing.engine.container import open_container
from pupitre_invoicing.engine.findings import Refused
from pupitre_invoicing.engine.lean_rules import XSL, lean, short, shortest
from pupitre_invoicing.engine.limits import Limits
from pupitre_invoicing.engine.syntax import NAMESPACES, detect
from pupitre_invoicing.engine.terms import read
from support import corpus
from support.invoice_factory import cii, ubl
from support.mutants import mutants

SEED = 20261121
MUTANTS = 10
MUTATED = 2


class Published(schematron.RuleEngine):
    """Runs the stylesheets as they are published."""

    def _rules(self, rule_set: str, document: schematron.Document) -> Any:
        if rule_set not in self._whole:
            file = str(rules_data.rules_file(rule_set))
            self._whole[rule_set] = self._saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=file)
        return self._whole[rule_set]


@pytest.fixture(scope="module")
def engines() -> tuple[schematron.RuleEngine, schematron.RuleEngine]:
    return schematron.RuleEngine(), Published()


def _documents(rule_set: str) -> list[etree._Element]:
    """Invoices that this rule set judges, ours, some with rare VAT categories, and the samples, and mutants of the first."""
    ours = [build(profile=profile) for build in (ubl, cii) for profile in ("en16931", "extended-ctc-fr")]
    ours += [_in_category(content, code) for content in ours for code in rare_codes.RARE]
    judged = [content for content in (*ours, *_samples()) if rule_set in _rule_sets(content)]
    changed = (mutant for content in judged[:MUTATED] for mutant in mutants(content, MUTANTS, SEED))
    return [safe_xml.parse(content) for content in (*judged, *changed)]


def _in_category(content: bytes, code: str) -> bytes:
    assert content.count(b">S<") > 1
    return content.replace(b">S<", f">{code}<".encode())


def _samples() -> Iterator[bytes]:
    for sample in corpus.invoices():
        with contextlib.suppress(Refused):
            yield open_container(sample.path.read_bytes(), Limits()).xml


def _rule_sets(content: bytes) -> list[str]:
    with contextlib.suppress(Refused):
        root = safe_xml.parse(content)
        syntax = detect(root)
        return rules.rule_sets(syntax, read(root, syntax.family), None)
    return []


@pytest.mark.slow
@pytest.mark.parametrize("rule_set", sorted(rules_data.RULES))
def test_the_same_failures_in_the_same_order(engines, rule_set):
    documents = _documents(rule_set)
    if not documents:
        pytest.skip(f"no document of this profile: {corpus.ABSENT}")
    told = 0
    for root in documents:
        outcomes = [_outcome(engine, rule_set, root) for engine in engines]
        assert outcomes[0] == outcomes[1], etree.tostring(root, encoding="unicode")
        told += len(outcomes[0] or ())
    assert told > 2, "the documents break too few rules to compare anything"


def _outcome(engine: schematron.RuleEngine, rule_set: str, root: etree._Element) -> list[schematron.Failure] | None:
    """What a rule set says, None when it stops: some rules do, on documents that the schema refuses."""
    try:
        return engine.failures(rule_set, engine.document(root))
    except schematron.RuleEngineError:
        return None


@pytest.mark.parametrize("rule_set", sorted(rules_data.RULES))
def test_every_pattern_is_led_to_its_elements(rule_set):
    """A publisher that changes the shape of his stylesheets would make us slow without a word: this says it."""
    text = lean(rules_data.rules_file(rule_set))
    assert "fired-rule" not in text
    assert "active-pattern" not in text
    walked = text.count('select="/" mode="M')
    assert walked <= 1, f"{walked} patterns of {rule_set} walk the whole document"


@pytest.mark.parametrize("rule_set", [name for name in sorted(rules_data.RULES) if name.startswith("E")])
def test_what_a_short_sheet_leaves_out_names_something_that_is_not_there(rule_set):
    """No document without the watched names can fail what was left out, and every one with such a name gets the whole sheet."""
    sheet = short(rules_data.rules_file(rule_set))
    watched, kept = sheet.names, Counter(_tests(sheet.text))
    left_out = Counter(_tests(lean(rules_data.rules_file(rule_set)))) - kept
    assert sum(left_out.values()) > 300
    assert all(test.strip().startswith("not") for test in left_out)
    invoice = safe_xml.parse(ubl() if rule_set.endswith("UBL") else cii())
    engine = schematron.RuleEngine()
    assert engine.document(invoice).names.isdisjoint(watched)
    for name in sorted(watched)[:: len(watched) // 4]:
        foreign = etree.fromstring(etree.tostring(invoice))
        if name.startswith("{"):
            etree.SubElement(foreign, name)
        else:
            foreign.set(name, "x")
        document = engine.document(foreign)
        assert name in document.names
        assert engine._rules(rule_set, document) is engine._whole[rule_set]


@pytest.mark.parametrize("build, rule_set", [(ubl, "EN16931-UBL"), (cii, "EN16931-CII")])
def test_a_rare_category_and_an_unusual_ending_get_the_sheet_that_knows_them(build, rule_set):
    engine = schematron.RuleEngine()
    plain, rare, unusual = build(), _in_category(build(), "E"), safe_xml.parse(build())
    etree.SubElement(unusual, f"{{{NAMESPACES['cbc' if build is ubl else 'ram']}}}StrangeAmount")
    used = [engine._rules(rule_set, engine.document(root)) for root in (safe_xml.parse(plain), safe_xml.parse(rare), unusual)]
    assert used == [engine._sheets[rule_set, shortest][0], engine._sheets[rule_set, short][0], engine._whole[rule_set]]


@pytest.mark.parametrize("rule_set", [name for name in sorted(rules_data.RULES) if name.startswith("E")])
def test_the_shortest_sheet_leaves_out_what_begins_with_a_rare_code(rule_set):
    text, sheet = short(rules_data.rules_file(rule_set)).text, shortest(rules_data.rules_file(rule_set))
    left_out = Counter(_tests(text)) - Counter(_tests(sheet.text))
    assert sum(left_out.values()) > 50
    assert sheet.codes == set(rare_codes.RARE)
    assert sheet.names == short(rules_data.rules_file(rule_set)).names


IDS = "//x:Category/x:ID[normalize-space(.) = 'AE']"


@pytest.mark.parametrize(
    "test",
    [
        f"not({IDS})",
        f"not(exists({IDS}))",
        f"(exists({IDS}) and x:Reason) or not(exists({IDS}))",
        f"(count({IDS}) + count({IDS})) = 0 and count({IDS}) >= 0",
        f"not({IDS}) or every $a in x:Rate satisfies $a = 1 or $a = 2",
        "not(x:Category/x:ID = 'AE')",
        "not(x:Category[x:Type = 'VAT' and x:ID = 'AE']) and not(x:Category[x:ID = 'AE'][2])",
        f"not({IDS} | //x:Other[x:ID='AE'])",
    ],
)
def test_what_holds_without_a_code(test):
    assert rare_codes.needed(test) == "AE"


@pytest.mark.parametrize(
    "test",
    [
        f"exists({IDS})",
        f"exists({IDS}) or x:Reason",
        f"not({IDS}) and x:Reason",
        f"count({IDS}) = 1",
        f"not(x:ID) or not({IDS}) and x:Reason",
        "not(x:Category/x:ID != 'AE')",
        "not(x:Category/@x:ID = 'AE')",
        "not(x:Category[@x:ID = 'AE'])",
        "not(x:Category/@x:ID[. = 'AE'])",
        "not(x:Category[x:ID = 'AE' or x:ID = 'S'])",
        "not(x:Category[not(x:ID = 'AE')])",
        "not(x:Category[x:Name = 'AE'])",
        "not(//x:ID[concat(., 'E') = 'AE'])",
        f"not({IDS} | //x:Other)",
        f"every $a in x:Rate satisfies not({IDS}) or $a = 2",
        f'x:Name = "or not({IDS})" or x:Name',
        "not(x:Category[x:ID = 'S'])",
    ],
)
def test_what_is_asked_nevertheless(test):
    assert rare_codes.needed(test) is None


def test_a_code_is_found_however_it_is_written():
    def codes(inner: str) -> set[str]:
        return set(rare_codes.codes_in(etree.fromstring(f"<a xmlns:x='x'><x:ID>{inner}</x:ID><x:Name>K</x:Name></a>")))

    assert codes("AE") == codes("\n  AE ") == codes("<![CDATA[AE]]>") == codes("<b>A</b>E") == {"AE", "K"}
    assert codes("AEE") == codes("ae") == {"K"}


def _tests(text: str) -> list[str]:
    return [test.get("test") for test in etree.fromstring(text).iter(XSL + "when")]


@pytest.mark.parametrize(
    "build, parent, name, rule",
    [
        (ubl, "{*}LegalMonetaryTotal/..", f"{{{NAMESPACES['cbc']}}}UUID", "UBL-CR-005"),
        (cii, "{*}ExchangedDocumentContext", f"{{{NAMESPACES['ram']}}}TestIndicator", "CII-SR-002"),
    ],
)
def test_a_rule_that_is_rarely_asked_is_asked_when_it_matters(build, parent, name, rule):
    root = safe_xml.parse(build())
    etree.SubElement(root.find(parent), name)
    engine = schematron.RuleEngine()
    rule_set = f"EN16931-{'UBL' if build is ubl else 'CII'}"
    assert rule in {failure.rule for failure in engine.failures(rule_set, engine.document(root))}
