"""Requests in lists and counts, and who sees them, at every level of a right; a forgotten condition shows nothing foreign (RS-42)."""

import pytest
import sqlalchemy as sa
from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as contract
from pupitre_espaces.discovery import Source
from pupitre_invoicing import citing, request_tables, rights, tables, verification
from request_people import Desk
from request_plugin import ESPACE, RECEIVED, Trials


@pytest.fixture
def plugins():
    return [Source.of(Trials())]


@pytest.fixture
def desk(stage):
    return Desk(stage)


def numbers(found):
    return [each.number for each in found.requests]


def test_a_list_goes_newest_first_page_by_page_and_finds_by_text(desk):
    sent = [desk.sent(form={"year": 2000 + n, "subject": "x"}) for n in range(1, 6)]
    draft = desk.draft()
    found = desk.list(desk.maker, limit=4)
    assert (numbers(found), found.total) == ([draft.number, *(each.number for each in reversed(sent[2:]))], 6)
    rest = desk.list(desk.maker, limit=4, after=found.next)
    assert (numbers(rest), rest.next) == ([sent[1].number, sent[0].number], None)
    assert found.previous is None
    back = desk.list(desk.maker, limit=4, before=rest.previous)
    assert (numbers(back), back.previous, back.next) == (numbers(found), None, found.next)
    middle = desk.list(desk.maker, limit=2, before=rest.previous)
    assert numbers(middle) == numbers(found)[2:]
    assert numbers(desk.list(desk.maker, limit=2, before=middle.previous)) == numbers(found)[:2]
    with pytest.raises(errors.Invalid):
        desk.list(desk.maker, before="page 1")
    with pytest.raises(errors.Invalid):
        desk.list(desk.maker, after="page 2")

    assert numbers(desk.list(desk.maker, text="d'EXEMPLEVILLE"))[1:] == numbers(desk.list(desk.agent, RECEIVED))
    assert numbers(desk.list(desk.maker, text=f"{sent[0].number[:4]}*{sent[0].number[-6:]}")) == [sent[0].number]
    assert numbers(desk.list(desk.maker, status="BROUILLON")) == [draft.number]
    assert numbers(desk.list(desk.maker, to_do=True)) == [draft.number]
    assert desk.list(desk.agent, RECEIVED, to_do=True).total == 5
    assert desk.list(desk.maker, kind="marche").total == 0
    assert desk.list(desk.maker, role="demandeur", cadre="A21").total == 6
    assert desk.list(desk.agent, RECEIVED, sent_to=sent[0].sent_at.date().replace(year=2020)).total == 0
    counts = desk.call(desk.maker, contract.CountRequests, espace=ESPACE).counts
    assert [(each.total, each.drafts, each.to_do) for each in counts] == [(6, 1, 1)]


def test_a_structure_with_two_roles_has_one_line_of_the_list(desk):
    both = desk.sent(parties=[desk.named("instructeur", desk.stage.BUYER, "VOIRIE"), desk.named("garant", desk.stage.SELLER)])
    desk.move(both, "SERVICE_FAIT", desk.agent, stated=True)
    found = desk.list(desk.maker)
    assert (found.total, [each.roles for each in found.requests]) == (1, [["demandeur", "garant"]])


@pytest.mark.requirement("R101")
def test_a_right_that_is_limited_to_a_service_shows_and_moves_what_is_of_it_alone(desk):
    world, body = desk.stage.world, desk.stage.body
    roads = next(each for each in body.services if each.code == "VOIRIE").structure_service_id
    here = world.user((body, RECEIVED, "MODIFICATION"), limited=[roads])
    there = world.user((body, RECEIVED, "MODIFICATION"), limited=[body.services[1].structure_service_id])
    ours = desk.sent()
    whole = desk.sent(form={"year": 2024, "subject": "x"}, parties=[desk.named("instructeur", desk.stage.BUYER)])

    assert numbers(desk.list(here, RECEIVED)) == [ours.number]
    assert numbers(desk.list(there, RECEIVED)) == []
    assert desk.get(ours, here).moves
    for actor, request in ((there, ours), (here, whole), (there, whole)):
        with pytest.raises(errors.NotFound):
            desk.get(request, actor)
    limited = world.user((desk.stage.supplier, ESPACE, "MODIFICATION"), limited=[roads])
    with pytest.raises(errors.Forbidden):
        desk.draft(limited)
    world.rights[there.id] = [
        organisation.StructureRights(
            **{**each.values, "espaces": [organisation.EspaceRight(espace=RECEIVED, profile="MODIFICATION", modification_service_ids=[])]}
        )
        for each in world.rights[there.id]
    ]
    assert desk.get(ours, there).moves == []
    with pytest.raises(errors.Forbidden):
        desk.move(ours, "A_RECYCLER", there)


def test_drafts_are_their_makers_alone_and_readers_move_nothing(desk):
    draft = desk.draft()
    assert desk.get(draft, desk.reader).can_edit is False
    for actor in (desk.agent, desk.architect, desk.stranger):
        with pytest.raises(errors.NotFound):
            desk.get(draft, actor)
    for act in (
        lambda: desk.save(desk.reader, request_id=draft.request_id, version=1),
        lambda: desk.send(draft, desk.reader),
        lambda: desk.draft(desk.reader),
        lambda: desk.draft(desk.agent),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    sent = desk.send(draft)
    assert desk.get(sent, desk.watcher).moves == []
    with pytest.raises(errors.Forbidden):
        desk.move(sent, "A_RECYCLER", desk.watcher)
    with pytest.raises(errors.Forbidden):
        desk.move(sent, "A_RECYCLER", desk.agent, role="demandeur")
    elsewhere = desk.stage.world.user((desk.stage.body, "factures-emises", "MODIFICATION"))
    with pytest.raises(errors.Forbidden):
        desk.get(sent, elsewhere)
    with pytest.raises(errors.Forbidden):
        desk.list(elsewhere, RECEIVED, structure_id=desk.stage.body.structure_id)
    with pytest.raises(errors.NotFound):
        desk.list(desk.maker, structure_id=desk.stage.body.structure_id)


def test_the_files_of_requests_are_cited_and_their_history_is_verified(desk):
    sent = desk.sent(documents=[desk.file()])
    names = {each.sha256 for each in sent.documents}
    with desk.stage.scope().reading() as db:
        assert citing.cited(db, [*names, "0" * 64]) == names
        assert {sha256 for page in citing.cited_files(db, 1) for sha256, _ in page} == names


@pytest.mark.requirement("RS-22")
def test_a_request_that_is_changed_by_hand_is_found(desk):
    sent, other = desk.sent(documents=[desk.file()]), desk.sent(form={"year": 2024, "subject": "x"})
    desk.draft(form={"year": 2023, "subject": "x"})
    database = desk.stage.bench.database("invoicing")
    scope = desk.stage.scope()

    def faults():
        with scope.reading() as db:
            return {each.fault for each in verification.verify(db, scope.resources.sealer).faults}

    assert faults() == set()
    with scope.begin() as tx:
        mine = request_tables.request.c.request_id == sent.request_id
        tx.execute(request_tables.request.update().where(mine).values(form={"year": 1999}))
        tx.execute(sa.delete(request_tables.request_document).where(request_tables.request_document.c.request_id == other.request_id))
    database.close()
    assert faults() == {f"request-altered {sent.request_id}", f"request-altered {other.request_id}"}


@pytest.mark.requirement("RS-42")
@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_a_query_without_condition_gives_the_requests_of_the_actors_structures_alone(desk):
    desk.sent(documents=[desk.file()])
    desk.draft(form={"year": 2024, "subject": "x"})
    first = desk.send(desk.piece())
    own = (request_tables.request, request_tables.request_party, request_tables.request_document)
    covered = (*own, tables.history, tables.delay_event)
    seen = {}
    for name, actor in (("maker", desk.maker), ("body", desk.agent), ("moe", desk.architect), ("support", desk.helper)):
        scope = desk.stage.host.runtime("invoicing").scope(actor=actor)
        rights.ask(scope)
        with scope.reading() as db:
            seen[name] = [len(db.execute(sa.select(table)).all()) for table in covered]
    assert seen == {"maker": [3, 3, 3, 7, 1], "body": [2, 2, 2, 6, 1], "moe": [1, 1, 0, 3, 1], "support": [0, 0, 0, 0, 0]}
    assert first.delay
