"""All that organisation knows of a structure, for who answers for it; refusals of everybody else are in the table of rights."""

import datetime

import pytest
from pupitre_bus.actors import Actor
from pupitre_contracts import (
    bank_details,
    document_values,
    errors,
    history,
    organisation,
    rattachements,
    structure_documents,
)
from pupitre_contracts import structure_export as calls
from pupitre_organisation import structure_export

ACCOUNT = bank_details.Account(kind="IBAN", country="FR", key="76", national="30006000011234567890189", bic="AGRIFRPP882")
FILE = bank_details.AccountFile(name="rib.pdf", mime="application/pdf", size=1000, sha256="ab" * 32)
START = datetime.date(2020, 1, 1)
KBIS = {"designation": "Kbis", "type": document_values.TYPES[0], "name": "kbis.pdf", "mime": "application/pdf"}
KBIS |= {"size": 9, "sha256": "cd" * 32}


@pytest.fixture
def commune(create):
    return create()


@pytest.fixture
def gestionnaire(commune, member):
    _, bus = member(commune, "GP")
    here = {"structure_id": commune.structure_id}
    agent, _ = member(commune)
    bus.call(organisation.SetHabilitation, **here, user_id=agent, espace="guichet", profile="MODIFICATION")
    bus.call(organisation.CreateStructureService, **here, code="VOIRIE", label="Voirie", starts_on=START, requires_engagement=True)
    bus.call(bank_details.AddBankDetails, **here, name="Compte principal", account=ACCOUNT, file=FILE)
    bus.call(structure_documents.AddStructureDocument, **here, **KBIS)
    return bus


def test_everything_comes_whole_to_the_gestionnaire_the_program_and_the_operator(gestionnaire, commune, caller, operator):
    program = caller(Actor("technical", "9", structure_id=commune.structure_id))
    for bus in (gestionnaire, program, operator):
        found = bus.call(calls.ExportStructure, structure_id=commune.structure_id)
        assert found.structure.structure_id == commune.structure_id
        assert [each.code for each in found.structure.services] == ["VOIRIE"]
        assert [(each.name, each.account, each.file) for each in found.bank_details] == [("Compte principal", ACCOUNT, FILE)]
        assert [(each.kind, each.name, each.sha256) for each in found.documents] == [("kept", "kbis.pdf", "cd" * 32)]
        assert found.members == gestionnaire.call(rattachements.ListMembers, structure_id=commune.structure_id).members
        assert len(found.members) == 2


def test_the_history_comes_whole_and_in_its_order(gestionnaire, commune, monkeypatch):
    monkeypatch.setattr(structure_export, "LINES", 2)
    lines, after = [], 0
    while after is not None:
        page = gestionnaire.call(calls.ExportStructureHistory, structure_id=commune.structure_id, after=after)
        lines, after = [*lines, *page.lines], page.next
    shown = gestionnaire.call(history.ListHistory, structure_id=commune.structure_id, page_size=100).lines
    assert lines == shown[::-1]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@pytest.mark.parametrize("call", [calls.ExportStructure, calls.ExportStructureHistory])
def test_a_simple_user_is_refused_and_for_strangers_there_is_nothing(gestionnaire, commune, create, member, caller, call):
    _, simple = member(commune)
    with pytest.raises(errors.Forbidden):
        simple.call(call, structure_id=commune.structure_id)
    other = create(type="PRIVATE")
    _, stranger = member(other, "GP")
    for bus in (stranger, caller(Actor("technical", "9", structure_id=other.structure_id))):
        with pytest.raises(errors.NotFound):
            bus.call(call, structure_id=commune.structure_id)
