"""Public structures from reference data: R065."""

import datetime
import json

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import outbox
from pupitre_bus.actors import Actor
from pupitre_contracts import directory, errors, organisation
from pupitre_organisation import applications, tables

MAIRIE = {"identifier": "20007104100046", "name": "Mairie d'Été", "postal_code": "44000", "city": "Nantes", "line": "1 place Neuve"}
ECOLE = {"identifier": "73282932000074", "name": "École du Port", "postal_code": "29200", "city": "Brest", "requires_service": True}


def delivered(bus, *structures, **options):
    reply = bus.call(directory.ImportStructures, structures=[directory.ImportedStructure(**each) for each in structures], **options)
    counts = (reply.created, reply.changed, reply.unchanged)
    return counts, reply


@pytest.fixture
def rows(bench):
    def rows(table):
        database = bench.database("organisation")
        with database.reading() as db:
            found = db.execute(sa.select(table)).all()
        database.close()
        return found

    return rows


@pytest.fixture
def events(bench):
    def types():
        database = bench.database("organisation")
        with database.reading() as db:
            found = list(db.execute(sa.select(outbox.table.c.type).order_by(outbox.table.c.seq)).scalars())
        database.close()
        return found

    return types


def read(bus, identifier):
    return bus.call(directory.GetDirectoryEntry, identifier=identifier).entry


@pytest.mark.requirement("R132")
@pytest.mark.requirement("R134")
def test_the_espaces_of_imported_structures_have_rows_of_their_own(operator, rows):
    delivered(operator, MAIRIE, ECOLE)
    opened = rows(tables.open_espace)
    usual = {*applications.DEFAULTS["PUBLIC", "GP"], "guichet"}
    assert len({row.structure_id for row in opened}) == 2
    assert all({row.espace for row in opened if row.structure_id == each} == usual for each in {row.structure_id for row in opened})
    assert len({row.open_espace_id for row in opened}) == len(opened) == 2 * len(usual)
    assert {row.open_espace_id.version for row in opened} == {4}
    assert {(row.created_by, row.ended_at) for row in opened} == {("service:operator", None)}
    assert len({(row.started_at, row.created_at, row.changed_at) for row in opened}) == 1


@pytest.mark.requirement("R065")
def test_structures_are_created_then_left_alone_by_the_same_delivery(operator, events, rows):
    services = [{"code": "VOIRIE", "label": "Voirie", "starts_on": datetime.date(2024, 1, 1)}, {"code": "EAU"}]
    delivery = ({**MAIRIE, "services": [directory.ImportedService(**each) for each in services]}, ECOLE)
    counts, reply = delivered(operator, *delivery)
    assert (counts, reply.services_created, reply.refused) == ((2, 0, 0), 2, [])
    mairie = read(operator, MAIRIE["identifier"])
    assert (mairie.name, mairie.type, mairie.active, mairie.address.city) == ("Mairie d'Été", "PUBLIC", True, "Nantes")
    assert [(each.code, each.label, each.active) for each in mairie.services] == [("EAU", "EAU", True), ("VOIRIE", "Voirie", True)]
    assert read(operator, ECOLE["identifier"]).parameters.requires_service
    whole = operator.call(organisation.GetStructure, structure_id=mairie.structure_id).structure
    assert whole.espaces == sorted([*applications.DEFAULTS["PUBLIC", "GP"], "guichet"])
    assert whole.portal_number + 1 == read(operator, ECOLE["identifier"]).portal_number
    assert events() == ["structure.created.v1"] * 2
    logged, changes = rows(tables.HISTORY.lines), rows(tables.directory_change)
    assert sorted(each.action for each in logged) == [*["structure.imported"] * 2, *["structure_service.created"] * 2]
    assert {each.actor for each in logged} == {"service:operator"}

    counts, reply = delivered(operator, *delivery)
    assert (counts, reply.services_created, reply.services_changed) == ((0, 0, 2), 0, 0)
    assert (rows(tables.HISTORY.lines), rows(tables.directory_change)) == (logged, changes)
    assert events() == ["structure.created.v1"] * 2


@pytest.mark.requirement("R065")
def test_what_differs_is_updated_and_what_is_left_out_stays(operator, events, rows):
    first = {**MAIRIE, "email": "mairie@exemple.invalid", "services": [directory.ImportedService(code="EAU", label="Eau")]}
    delivered(operator, first)
    service = directory.ImportedService(code="EAU", active=False)
    changed = {"identifier": MAIRIE["identifier"], "name": "Mairie nouvelle", "active": False, "receives_edi": True, "services": [service]}
    counts, reply = delivered(operator, changed)
    assert (counts, reply.services_changed) == ((0, 1, 0), 1)
    mairie = operator.call(organisation.FindStructures, name="mairie nouvelle").structures[0]
    whole = operator.call(organisation.GetStructure, structure_id=mairie.structure_id).structure
    assert (whole.active, whole.email, whole.address.city) == (False, "mairie@exemple.invalid", "Nantes")
    assert whole.parameters.receives_edi
    assert [(each.label, each.active) for each in whole.services] == [("Eau", False)]
    assert events() == ["structure.created.v1", "structure.parameters_changed.v1"]
    written = {each.action: (each.object, json.loads(each.before or "null"), json.loads(each.after)) for each in rows(tables.HISTORY.lines)}
    before, after = {"name": "Mairie d'Été", "active": True}, {"name": "Mairie nouvelle", "active": False}
    assert written["structure.changed"] == (f"structure:{mairie.structure_id}", before, after)
    assert written["structure_service.changed"] == ("service:EAU", {"active": True}, {"active": False})


WRONG = [
    ({**ECOLE, "identifier": "73282932000075"}, "identifier", None),
    ({**ECOLE, "identifier_type": "PARTICULIER"}, "identifier_type", None),
    ({"identifier": ECOLE["identifier"], "name": "Sans ville", "postal_code": "29200"}, "city", None),
    ({**ECOLE, "name": "x" * 201}, "name", None),
    ({**ECOLE, "name": "deux\nlignes"}, "name", None),
    ({**ECOLE, "country": "France"}, "country", None),
    ({**ECOLE, "vat_number": "FR00123456789"}, "vat_number", None),
    ({**ECOLE, "services": [directory.ImportedService(code="A"), directory.ImportedService(code=" ")]}, "code_service", 1),
    ({**ECOLE, "services": [directory.ImportedService(code="A"), directory.ImportedService(code="A")]}, "code_service", 1),
    ({**ECOLE, "services": [directory.ImportedService(code="A", ends_on=datetime.date(2000, 1, 1))]}, "service_ends_on", 0),
]


@pytest.mark.requirement("R065")
@pytest.mark.parametrize("wrong, field, place", WRONG, ids=[f"{field}-{number}" for number, (_, field, _) in enumerate(WRONG)])
def test_a_wrong_structure_is_refused_whole_with_field_reason_and_remedy_and_the_others_are_taken(operator, rows, wrong, field, place):
    counts, reply = delivered(operator, MAIRIE, wrong)
    assert counts == (1, 0, 0)
    (refused,) = reply.refused
    assert (refused.position, refused.field, refused.service_position) == (1, field, place)
    assert refused.why_fr and refused.why_en and refused.remedy_fr and refused.remedy_en
    assert [each.name for each in rows(tables.structure)] == ["Mairie d'Été"]
    assert rows(tables.structure_service) == []


def test_a_structure_twice_in_a_delivery_and_one_that_is_private_are_refused(operator, create):
    private = create(type="PRIVATE", name="Une entreprise")
    _, reply = delivered(operator, MAIRIE, MAIRIE, {**ECOLE, "identifier": private.identifier})
    assert [(each.position, each.field) for each in reply.refused] == [(1, "identifier"), (2, "identifier")]
    assert reply.created == 1


def test_only_operators_import(service, caller, somebody, create, member):
    manager = member(create(), "GP")[1]
    for other in (somebody, manager, caller(Actor.service("invoicing"))):
        with pytest.raises(errors.Forbidden):
            delivered(other, MAIRIE)
    with pytest.raises(errors.ActorMissing):
        delivered(caller(), MAIRIE)


def test_a_repeated_key_gets_the_first_answer(operator):
    assert delivered(operator, MAIRIE, idempotency_key="k")[0] == (1, 0, 0)
    assert delivered(operator, MAIRIE, idempotency_key="k")[0] == (1, 0, 0)


def test_a_delivery_has_a_largest_size(operator):
    with pytest.raises(errors.Invalid):
        delivered(operator, *[MAIRIE] * 1001)


@pytest.mark.requirement("R060")
def test_two_deliveries_and_a_creation_at_once_make_each_structure_once(operator, create, rows):
    def deliver():
        try:
            return delivered(operator, MAIRIE, ECOLE)[1]
        except errors.PupitreError as error:
            return error

    def make():
        try:
            return create(identifier=MAIRIE["identifier"])
        except errors.StructureExists as error:
            return error

    threads = [eventlet.spawn(work) for work in (deliver, make, deliver, deliver)]
    outcomes = [thread.wait() for thread in threads]
    assert sorted(each.identifier for each in rows(tables.structure)) == [MAIRIE["identifier"], ECOLE["identifier"]]
    replies = [each for each in outcomes if isinstance(each, directory.ImportStructures.Reply)]
    assert len(replies) == 3
    assert all(each.field == "identifier" for reply in replies for each in reply.refused)
