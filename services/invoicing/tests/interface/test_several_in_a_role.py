"""Several structures in one role of a request: each is kept, sees it, is told of it and may act, and nobody is named twice."""

import json

import pytest
import sqlalchemy as sa
from circulars import OTHER, Circulars, circular
from export_people import chief_of
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_contracts import structure_export as export
from pupitre_espaces.discovery import Source
from pupitre_invoicing import rights
from pupitre_invoicing.request_tables import request, request_party
from request_people import Desk
from request_plugin import ESPACE

OF_WHOM = request_party.c.structure_id
THIRD, NOBODY = "90000007000016", "90000009000019"


@pytest.fixture
def circulars():
    return Circulars()


@pytest.fixture
def plugins(circulars):
    return [Source.of(circulars)]


@pytest.fixture
def desk(stage):
    desk = Desk(stage)
    desk.second = stage.world.structure(OTHER, "Menuiserie Claire")
    desk.joiner = stage.world.user((desk.second, ESPACE, "MODIFICATION"), name="Claire")
    return desk


def names(found, role="membre"):
    return [each.name for each in found.parties if each.role == role]


def terms(found):
    return [(each.rule, each.term) for each in found.findings]


def test_each_of_them_is_kept_finds_it_reads_it_and_may_act(desk):
    sent = desk.send(circular(desk))
    assert names(sent) == ["Atelier du Plan", "Menuiserie Claire"]
    for actor in (desk.architect, desk.joiner):
        seen = desk.get(sent, actor)
        assert (seen.roles, seen.acts, [each.to for each in seen.moves]) == (["membre"], True, ["SIGNEE"])
        assert (seen.lines, seen.lines_hidden) == ([{"amount": "12.50"}], False)
        for found in (desk.list(actor, to_do=True), desk.list(actor, role="membre", text="*Claire*")):
            assert ([each.request_id for each in found.requests], found.total) == ([sent.request_id], 1)
        [counted] = desk.call(actor, contract.CountRequests, espace=ESPACE).counts
        assert (counted.to_do, counted.total) == (1, 1)
    with pytest.raises(errors.NotFound):
        desk.get(sent, desk.stranger)
    assert desk.list(desk.stranger).requests == []

    signed = desk.move(sent, "SIGNEE", desk.joiner)
    [line] = [each for each in signed.history if each.status_to == "SIGNEE"]
    assert (line.structure_name, line.actor_name) == ("Menuiserie Claire", "Claire")
    with pytest.raises((errors.Conflict, errors.TransitionForbidden)):
        desk.move(sent, "SIGNEE", desk.architect)
    rows = desk.stage.rows("SELECT body FROM outbox WHERE type = 'request.moved.v1' ORDER BY seq")
    event = json.loads(rows[-1]["body"])
    assert (event["status_to"], event["by"], event["by_structure_id"]) == ("SIGNEE", "membre", str(desk.second.structure_id))
    told = [(each["role"], each["structure_id"]) for each in event["parties"] if each["role"] == "membre"]
    assert told == [("membre", str(desk.moe.structure_id)), ("membre", str(desk.second.structure_id))]


def test_who_works_for_two_of_them_has_the_best_of_his_rights_and_acts_where_he_has_it(desk):
    world = desk.stage.world
    both_sides = world.user((desk.moe, ESPACE, "CONSULTATION"), (desk.second, ESPACE, "MODIFICATION"), name="Basile")
    reader = world.user((desk.second, ESPACE, "CONSULTATION"), name="Lise")
    sent = desk.send(circular(desk))
    with pytest.raises(errors.Forbidden):
        desk.move(sent, "SIGNEE", reader)
    found = desk.list(both_sides)
    assert ([each.request_id for each in found.requests], found.total) == ([sent.request_id], 1)
    signed = desk.move(sent, "SIGNEE", both_sides)
    assert [each.structure_name for each in signed.history if each.status_to == "SIGNEE"] == ["Menuiserie Claire"]


@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_the_database_shows_the_row_to_each_of_them_and_to_nobody_else(desk):
    sent = desk.send(circular(desk))
    seen = []
    for actor in (desk.architect, desk.joiner, desk.stranger):
        scope = desk.stage.host.runtime("invoicing").scope(actor=actor)
        rights.ask(scope)
        with scope.reading() as db:
            seen.append((db.execute(sa.select(request.c.request_id)).scalars().all(), db.execute(sa.select(OF_WHOM)).scalars().all()))
    mine = [[desk.moe.structure_id], [desk.second.structure_id]]
    assert seen == [*(([sent.request_id], each) for each in mine), ([], [])]


def test_nobody_has_a_role_twice_however_his_number_is_written(desk):
    draft = circular(desk, desk.MOE, OTHER, "900 000 05 000010", language="en")
    assert terms(draft) == [("party-twice", "party.membre.3")]
    [twice] = draft.findings
    assert twice.message == "Membre (en): Atelier du Plan (90000005000010) is named twice."
    with pytest.raises(errors.RequestNotReady) as refusal:
        desk.send(draft)
    [told] = refusal.value.details["findings"]
    assert (told["term"], "est désignée deux fois" in told["message"]) == ("party.membre.3", True)
    whole = desk.save(request_id=draft.request_id, version=1, parties=[desk.named("membre", each) for each in (desk.MOE, OTHER)])
    assert (whole.findings, names(whole)) == ([], ["Atelier du Plan", "Menuiserie Claire"])
    assert names(desk.send(whole), "invite") == ["Commune d'Exempleville"], "a role that is not named stays"


def test_each_fault_stands_at_the_one_it_is_about(desk):
    draft = circular(desk, desk.MOE, NOBODY, desk.stage.BUYER)
    assert terms(draft) == [("party-unknown", "party.membre.3"), ("role-type", "party.membre.2")], "whom nobody knows comes last"
    assert [(each.role, each.identifier) for each in draft.unknown_parties] == [("membre", NOBODY)]


def test_more_than_may_have_a_role_are_refused_with_the_role(desk):
    desk.stage.world.structure(THIRD, "Toitures")
    with pytest.raises(errors.Invalid, match=r"3 au plus, 4 désignées / Membre \(en\): at most 3, 4 are named") as refusal:
        circular(desk, desk.MOE, OTHER, THIRD, NOBODY)
    assert list(refusal.value.details["fields"]) == ["party.membre"]
    with pytest.raises(errors.Invalid, match=r"party\.auteur"):
        circular(desk, parties=[desk.named("auteur", desk.MOE), desk.named("auteur", OTHER), desk.named("membre", OTHER)])


def test_the_next_piece_takes_them_all_over_and_names_them_anew_as_a_whole(desk):
    sent = desk.send(circular(desk))
    new = {"previous_id": sent.request_id, "parties": []}
    assert names(circular(desk, **new)) == ["Atelier du Plan", "Menuiserie Claire"]
    alone = circular(desk, **{**new, "parties": [desk.named("membre", OTHER)]})
    assert (names(alone), names(alone, "invite")) == (["Menuiserie Claire"], names(sent, "invite"))
    none = desk.save(request_id=alone.request_id, version=1, parties=[desk.named("membre", "")])
    assert (names(none), terms(none)) == ([], [("role-missing", "party.membre")])


def test_a_role_that_does_not_see_the_lines_gets_neither_them_nor_their_files_anywhere(desk, stage):
    files = [desk.file(), desk.file(name="prix.pdf", line=1)]
    sent = desk.send(circular(desk, documents=files))
    of_line = next(each for each in sent.documents if each.line == 1)
    asked = {"request_id": sent.request_id, "document_id": of_line.document_id}
    for actor, lines, documents in ((desk.joiner, [{"amount": "12.50"}], ["bon.pdf", "prix.pdf"]), (desk.agent, [], ["bon.pdf"])):
        pieces = desk.call(actor, contract.GetDossier, dossier_id=sent.dossier_id).pieces
        for seen in (desk.get(sent, actor), *pieces):
            assert (seen.lines, seen.lines_hidden, [each.name for each in seen.documents]) == (lines, not lines, documents)
    assert desk.call(desk.joiner, contract.RequestFile, **asked).document.name == "prix.pdf"
    with pytest.raises(errors.NotFound):
        desk.call(desk.agent, contract.RequestFile, **asked)
    for structure, lines in ((desk.second, [{"amount": "12.50"}]), (stage.body, [])):
        [taken] = stage.call(chief_of(stage, structure), export.ExportRequests, structure_id=structure.structure_id).requests
        assert (taken.request_id, taken.lines) == (sent.request_id, lines)


def test_espaces_react_for_each_of_them_and_see_lines_where_the_role_does(desk, stage, circulars):
    for structure in (stage.body, desk.moe, desk.second):
        now = stage.world.structures[structure.structure_id]
        stage.world.structures[structure.structure_id] = type(now)(**now.values | {"espaces": [*now.espaces, ESPACE]})
    desk.send(circular(desk))
    wait_until(lambda: len(circulars.told) == 4, timeout=30)
    assert sorted(circulars.told) == [
        ("DEPOSEE", "Atelier du Plan", ["membre"], ["12.50"]),
        ("DEPOSEE", "Commune d'Exempleville", ["invite"], []),
        ("DEPOSEE", "Fournitures du Quai", ["auteur"], ["12.50"]),
        ("DEPOSEE", "Menuiserie Claire", ["membre"], ["12.50"]),
    ]
