"""Pages point at what exists: targets of make, files, decisions."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.repository import ROOT, kept_files, relative

PAGES = [path for path in kept_files() if path.suffix == ".md"]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):.*?## ", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_make_target_that_a_page_names_exists(page: Path):
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= TARGETS


def test_every_target_is_declared_phony_and_explained():
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == TARGETS
    assert {
        "help",
        "setup",
        "run",
        "test",
        "up",
        "migrate",
        "demo",
        "lint",
        "requirements",
        "docs",
        "bench",
        "clean",
    } <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_inside_the_repository_leads_somewhere(page: Path):
    links = re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_decision_is_indexed_and_short():
    index = (ROOT / "docs/decisions/README.md").read_text()
    for page in sorted((ROOT / "docs/decisions").glob("[0-9]*.md")):
        lines = page.read_text().splitlines()
        title = re.fullmatch(r"# (?:ADR )?(?:\d{4}[.:]? )?(.+)", lines[0])
        assert title, page.name
        assert f"| {page.name[:4]} | [{title[1].strip()}]({page.name}) |" in index
        assert len(lines) <= 120


def test_decisions_have_numbers_of_their_own():
    numbers = [page.name[:4] for page in (ROOT / "docs/decisions").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("picture", sorted((ROOT / "docs/images").glob("*.svg")), ids=lambda path: path.name)
def test_pictures_describe_themselves_and_fetch_nothing(picture: Path):
    tree = ElementTree.parse(picture)
    space = "{http://www.w3.org/2000/svg}"
    assert tree.find(f"{space}title").text
    assert tree.find(f"{space}desc").text
    text = picture.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|<script|href=", text)


def test_the_readme_shows_its_picture_with_words_beside_it():
    (shown,) = re.findall(r"!\[([^\]]+)\]\(docs/images/data-flow\.svg\)", (ROOT / "README.md").read_text())
    assert len(shown) > 100
