"""The table that people read and the one that the service asks are the same: a rule is never changed in one of them alone."""

import re

import pytest
from pupitre_bus import admission
from pupitre_contracts import catalogue
from pupitre_identity import right_to_act as of_identity
from pupitre_invoicing import right_to_act as of_invoicing
from pupitre_notifications import right_to_act as of_notifications
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


DOOR_WORDS = {
    "yes": admission.YES,
    "own": admission.OWN,
    "as the person": admission.AS_PERSON,
    "–": admission.NO,
    "404": admission.UNSEEN,
}


@pytest.mark.requirement("RS-40")
@pytest.mark.parametrize(
    "title, rights", [("Identity", of_identity.RIGHTS), ("Invoicing", of_invoicing.RIGHTS), ("Notifications", of_notifications.RIGHTS)]
)
def test_the_documented_door_of_each_service_is_the_one_that_counts(title, rights):
    text = (ROOT / "docs/reference/rights.md").read_text()
    (section,) = [part for part in text.split("\n## ") if part.startswith(f"{title}\n")]
    read = {}
    for row in ROW.finditer(section):
        cells = [DOOR_WORDS[cell.strip()] for cell in row["cells"].split("|")]
        read[row["action"]] = dict(zip(rights.relations, cells, strict=True))
    assert read == rights.table


def test_every_service_of_the_suite_has_a_table():
    tables = {"identity": of_identity.RIGHTS.table, "invoicing": of_invoicing.RIGHTS.table, "notifications": of_notifications.RIGHTS.table}
    tables["organisation"] = {action for action, _ in right_to_act.TABLE}
    assert set(tables) == set(catalogue.SERVICES)
    assert [call.method for call in catalogue.CALLS if call.service and call.method not in tables[call.service]] == []
