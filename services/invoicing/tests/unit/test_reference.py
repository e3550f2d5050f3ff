"""The reference pages say what the code does."""

import re
from pathlib import Path

from pupitre_invoicing import catalogue, flux, messages
from pupitre_invoicing.lifecycle import INVOICE, LABELS

REFERENCE = Path(__file__).parents[4] / "docs" / "reference"


def rows(page, columns):
    text = (REFERENCE / page).read_text()
    found = [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in text.splitlines() if line[:1] == "|"
    ]
    return [row for row in found if len(row) == columns and not row[0].startswith("---")]


def test_the_page_of_the_lifecycle_has_exactly_the_transitions_of_the_table():
    written = {row for row in rows("lifecycle.md", 6) if row[0] != "From"}
    assert written == {(row.source or "-", row.target, row.who, row.motive, row.condition or "-", row.call) for row in INVOICE.transitions}


def test_the_page_of_the_lifecycle_has_every_name():
    written = {row for row in rows("lifecycle.md", 3) if row[0] != "Status"}
    assert written == {(code, *LABELS[code]) for code in INVOICE.statuses}


def test_the_page_of_the_lifecycle_has_every_rule_of_this_service():
    assert {row[0] for row in rows("lifecycle.md", 4) if row[0] != "Rule"} == set(messages.own_rules())


def test_the_page_of_flux_has_every_syntax_with_its_interface_and_every_state():
    text = (REFERENCE / "flux.md").read_text()
    written = {row[:2] for row in rows("flux.md", 3) if row[0].startswith(("IN_DP", "FLUX_"))}
    assert written == {(code, syntax.interface) for code, syntax in flux.SYNTAXES.items()}
    states = {flux.WAITING, flux.PROCESSING} | {
        flux.final_state({"accepted": a, "refused": r, "incident": i}) for a in (0, 1) for r in (0, 1) for i in (0, 1)
    }
    assert states <= set(re.findall(r"IN_[A-Z_]+", text))
    assert set(flux.MISTAKEN_SYNTAXES) <= set(re.findall(r"IN_[A-Z0-9_]+", text))


def test_the_page_of_flux_has_every_code_of_the_catalogue_in_both_languages():
    written = {row[0]: row[1:] for row in rows("flux.md", 3) if re.fullmatch(r"[FD]-[A-Z]+", row[0])}
    assert written == catalogue.CODES
