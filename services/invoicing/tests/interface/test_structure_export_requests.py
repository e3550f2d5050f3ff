"""The requests of a structure and what espaces keep for it, for who answers for it; refusals of all others."""

import uuid

import pytest
from export_people import OPERATOR, chief_of
from pupitre_bus.actors import Actor
from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_contracts import structure_export as calls
from pupitre_espaces.discovery import Source
from pupitre_invoicing import structure_export
from request_people import Desk
from request_plugin import ESPACE, Trials

WHAT_IS_OFFERED = {"moves": [], "next_cadres": [], "can_edit": False}


@pytest.fixture
def plugins():
    return [Source.of(Trials())]


@pytest.fixture
def desk(stage):
    return Desk(stage)


def taken(stage, structure, call=calls.ExportRequests, actor=None):
    """What the gestionnaire principal of a structure, or somebody else, takes along of it."""
    found, after, actor = [], None, actor or chief_of(stage, structure)
    while True:
        page = stage.call(actor, call, structure_id=structure.structure_id, after=after)
        found, after = [*found, *(page.requests if call is calls.ExportRequests else page.records)], page.next
        if after is None:
            return found


def test_requests_come_whole_page_by_page_whatever_the_espaces_of_who_asks(stage, desk, monkeypatch):
    monkeypatch.setattr(structure_export, "REQUESTS", 2)
    sent = desk.sent(documents=[desk.file()])
    desk.move(sent, "SUSPENDUE", desk.agent, motive_code="PIECE")
    kept = [sent, desk.draft(form={"year": 2024}), desk.send(desk.piece()), desk.sent(form={"year": 2023, "subject": "x"})]
    found = taken(stage, stage.supplier)
    assert [each.request_id for each in found] == [each.request_id for each in kept]
    for each in found:
        seen = desk.get(each, desk.maker)
        assert each == contract.Request(**{**seen.values, **WHAT_IS_OFFERED})
    first = found[0]
    assert (first.form["subject"], first.lines[0]["volume"], str(first.gross)) == ("Semences", "2.5", "25.00")
    assert [line.status_to for line in first.history][-1] == "SUSPENDUE"
    assert {each.name: each.made for each in first.documents} == {"bon.pdf": False, "recap.txt": True}
    assert all(stage.blobs.exists(each.sha256) for each in first.documents)
    assert found[2].dossier_number and found[2].delay
    assert (found[0].roles, found[0].acts) == (["demandeur"], True)
    assert [each.roles for each in taken(stage, stage.body)] == [["instructeur"], ["moa"], ["instructeur"]]


def test_a_request_that_the_structure_does_not_see_is_not_in_it(stage, desk):
    """Drafts of others, roles that see it later, structures that have no role at all."""
    desk.draft(parties=[desk.named("instructeur", stage.BUYER), desk.named("garant", desk.MOE)])
    desk.piece()
    assert len(taken(stage, stage.supplier)) == 2
    for other in (stage.body, desk.moe, desk.support):
        assert taken(stage, other) == []

    guarded = desk.sent(
        form={"year": 2024, "subject": "x"}, parties=[desk.named("instructeur", stage.BUYER, "VOIRIE"), desk.named("garant", desk.MOE)]
    )
    piece = desk.send(desk.piece("P-2"))
    assert [each.request_id for each in taken(stage, desk.moe)] == [piece.request_id]
    assert taken(stage, desk.support) == []
    desk.move(piece, "REFUSEE_MOE", desk.architect, motive="non")
    desk.move(guarded, "SERVICE_FAIT", desk.agent, stated=True)
    assert [each.roles for each in taken(stage, desk.support)] == [["support"]]
    assert [each.roles for each in taken(stage, desk.moe)] == [["garant"], ["moe"]]
    # Who answers for two structures takes along one of them.
    both = chief_of(stage, stage.supplier)
    stage.world.rights[both.id] += stage.world.rights[chief_of(stage, desk.support).id]
    assert len(taken(stage, desk.support, actor=both)) == 1
    assert len(taken(stage, stage.supplier, actor=OPERATOR)) == 4


def test_what_espaces_keep_comes_in_order_page_by_page_and_nothing_of_others(stage, desk, monkeypatch):
    monkeypatch.setattr(structure_export, "RECORDS", 2)
    other = stage.world.user((desk.moe, ESPACE, "MODIFICATION"), (stage.supplier, "travaux", "MODIFICATION"))
    own = {"structure_id": stage.supplier.structure_id}
    kept = [(ESPACE, "chantiers", "a"), (ESPACE, "chantiers", "b"), (ESPACE, "lots", "a"), ("travaux", "chantiers", "a")]
    for espace, collection, key in reversed(kept):
        place = {"espace": espace, "collection": collection, "key": key}
        actor = other if espace == "travaux" else desk.maker
        desk.call(actor, contract.PutRecord, **own, **place, document={"nom": f"{collection} {key}", "clos": None})
    desk.call(other, contract.PutRecord, espace=ESPACE, structure_id=desk.moe.structure_id, collection="chantiers", key="z", document={})
    found = taken(stage, stage.supplier, calls.ExportRecords)
    assert [(each.espace, each.collection, each.key) for each in found] == kept
    assert (found[0].document, found[0].version, found[0].changed_by) == ({"nom": "chantiers a", "clos": None}, 1, "Anouk")
    assert [each.key for each in taken(stage, desk.moe, calls.ExportRecords)] == ["z"]
    assert taken(stage, stage.body, calls.ExportRecords) == []


@pytest.mark.parametrize("call", [calls.ExportRequests, calls.ExportRecords])
def test_a_user_is_refused_whatever_his_espaces_and_for_strangers_there_is_nothing(stage, desk, call):
    desk.sent()
    program = Actor("technical", str(uuid.uuid4()), structure_id=stage.supplier.structure_id)
    stage.world.grant(program, (stage.supplier, ESPACE, "CONSULTATION"))
    for allowed in (program, OPERATOR):
        taken(stage, stage.supplier, call, allowed)
    for refused in (desk.maker, desk.reader, stage.writer):
        with pytest.raises(errors.Forbidden):
            taken(stage, stage.supplier, call, refused)
    for stranger in (desk.agent, desk.stranger, chief_of(stage, stage.body)):
        with pytest.raises(errors.NotFound):
            taken(stage, stage.supplier, call, stranger)
