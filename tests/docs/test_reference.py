"""The reference pages say what the code declares."""

import re

import pytest
from support import requirements
from support.cli import verbs
from support.repository import ROOT
from support.settings import declared, declared_names

CONFIGURATION = (ROOT / "docs/reference/configuration.md").read_text()
SETTINGS = {name: setting for name, (_, setting) in declared().items()}
COMPOSE_ONLY = {"PUPITRE_VERSION", "PUPITRE_ESPACES"}
TESTS_ONLY = {"PUPITRE_REQUIRE_SERVERS", "PUPITRE_BENCH_INVOICES"}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented_with_its_default(name: str):
    row = re.search(rf"^\| `{name}` \| (.+?) \|", CONFIGURATION, re.MULTILINE)
    assert row, f"{name} is missing in docs/reference/configuration.md"
    assert row[1] == (f"`{SETTINGS[name].default}`" if SETTINGS[name].default else "empty")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_says_what_it_means(name: str):
    assert len(SETTINGS[name].help.split()) >= 3


def test_no_setting_is_documented_that_is_none():
    rows = set(re.findall(r"^\| `(PUPITRE_[A-Z_]+)`", CONFIGURATION, re.MULTILINE))
    assert rows - set(SETTINGS) - TESTS_ONLY == set()


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("*.md")), ids=lambda path: path.name
)
def test_every_variable_that_a_page_names_exists(page):
    known = declared_names() | COMPOSE_ONLY | TESTS_ONLY
    families = re.compile(r"PUPITRE_([A-Z]+|<SERVICE>)_DATABASE_URI|PUPITRE_TEST_[A-Z_]+|PUPITRE_ESPACE(_[A-Z_]+)?")
    named = set(re.findall(r"\bPUPITRE_[A-Z_<>]*[A-Z]\b", page.read_text()))
    assert {name for name in named if name not in known and not families.fullmatch(name)} == set()


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("*.md")), ids=lambda path: path.name
)
def test_every_command_that_a_page_names_exists(page):
    known = verbs()
    groups = {verb.split()[0] for verb in known if " " in verb}
    written = re.findall(r"(?:^    |`|exec [a-z]+ )pupitre ([a-z][a-z -]*)", page.read_text(), re.MULTILINE)
    unknown = set()
    for words in (text.split() for text in written):
        full = " ".join(words[:2]) if words[0] in groups else words[0]
        if full not in known and not (words[0] in groups and len(words) == 1):
            unknown.add(full)
    assert unknown == set()


def test_tests_name_only_requirements_that_exist():
    assert set(requirements.shown()) - set(requirements.known()) == set()


def test_requirements_are_numbered_once_and_none_is_lost():
    tables = [[row[1] for row in requirements.ROW.finditer(table.read_text())] for table in requirements.TABLES]
    assert [len(ids) for ids in tables] == [192, 48]
    for ids, kind in zip(tables, ("R", "RS-"), strict=True):
        assert ids == sorted(set(ids))
        assert all(each.startswith(kind) for each in ids)


def test_every_item_of_reliability_says_how_it_is_checked():
    for name, text in requirements.known().items():
        if name.startswith("RS-"):
            holds, check = text.split(" | ")
            assert len(holds.split()) >= 4 and len(check.split()) >= 4, name
