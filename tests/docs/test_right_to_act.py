"""The table that people read and the one that the service asks are the same: a rule is never changed in one of them alone."""

import re

import pytest
from pupitre_organisation import right_to_act
from support.repository import ROOT

WORDS = {
    "yes": right_to_act.YES,
    "own": right_to_act.OWN,
    "own, else 404": right_to_act.OWN_OR_UNSEEN,
    "–": right_to_act.NO,
    "404": right_to_act.UNSEEN,
}
ROW = re.compile(r"^\| `(?P<action>[a-z_]+(: [^`]+)?)`(, (?P<type>private|public))? \| (?P<cells>.+) \|$", re.MULTILINE)


@pytest.mark.requirement("RS-40")
def test_the_documented_right_to_act_is_the_one_that_counts():
    text = (ROOT / "docs/reference/organisation.md").read_text()
    read = {}
    for row in ROW.finditer(text[text.index("### The right to act") :]):
        cells = [WORDS[cell.strip()] for cell in row["cells"].split("|")]
        for structure_type in [row["type"].upper()] if row["type"] else ["PRIVATE", "PUBLIC"]:
            read[row["action"], structure_type] = dict(zip(right_to_act.RELATIONS, cells, strict=True))
    assert read == right_to_act.TABLE
