import datetime

import pytest
import sqlalchemy as sa
from organisation_world import ADDRESS, events_of
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import errors, organisation
from pupitre_organisation import tables


@pytest.mark.requirement("R060")
def test_one_siret_is_one_structure_whatever_the_spaces(create):
    commune = create(identifier="200 071 041 00046")
    assert commune.identifier == commune.siret == "20007104100046"
    with pytest.raises(errors.StructureExists):
        create(identifier="20007104100046", type="PRIVATE")


@pytest.mark.requirement("R062")
def test_a_wrong_siret_is_refused_at_once_and_the_field_says_why(create):
    with pytest.raises(errors.IdentifierWrong) as caught:
        create(identifier="20007104100047")
    assert "clé" in caught.value.message("fr")
    assert "check digit" in caught.value.message("en")


@pytest.mark.requirement("R062")
@pytest.mark.parametrize("missing", ["city", "postal_code"])
def test_a_structure_without_its_place_is_refused(create, missing):
    address = {"line": "1 place", "postal_code": "76540", "city": "Valmont"} | {missing: " "}
    with pytest.raises(errors.Invalid) as caught:
        create(address=organisation.Address(**address))
    assert missing in caught.value.details["fields"]


@pytest.mark.requirement("R062")
@pytest.mark.parametrize(
    "kind, typed, stored",
    [
        ("SIRET", "732 829 320 00074", "73282932000074"),
        ("UE_HORS_FRANCE", "DE 136 695 976", "DE136695976"),
        ("HORS_UE", "ch", "CHATELIERDUVAL"),
        ("HORS_UE", "CH Uhren AG", "CHUHRENAG"),
        ("RIDET", "1234567 001", "1234567001"),
        ("TAHITI", "A12345 001", "A12345001"),
        ("AUTRE", "", "IMMAT-"),
        ("PARTICULIER", "", "PART-"),
    ],
)
def test_each_type_of_identifier_is_created_in_its_own_form(create, somebody, kind, typed, stored):
    made = create(somebody, type="PRIVATE", name="Atelier Duval", identifier_type=kind, identifier=typed)
    given = {"IMMAT-": f"IMMAT-{made.portal_number:08d}", "PART-": f"PART-{made.portal_number:08d}"}
    assert (made.identifier_type, made.identifier) == (kind, given.get(stored, stored))
    with pytest.raises(errors.StructureExists):
        create(somebody, type="PRIVATE", name="Atelier Duval", identifier_type=kind, identifier=made.identifier)


@pytest.mark.requirement("R062")
@pytest.mark.parametrize(
    "kind, typed",
    [
        ("SIRET", ""),
        ("SIRET", "73282932000075"),
        ("UE_HORS_FRANCE", "FR44732829320"),
        ("UE_HORS_FRANCE", "DE136695977"),
        ("HORS_UE", "DE"),
        ("RIDET", "12345678"),
        ("TAHITI", "AB2345"),
        ("PARTICULIER", "1 84 12 76 451 089 46"),
        ("PARTICULIER", "2 69 05 49 588 157"),
    ],
)
def test_a_wrong_identifier_of_any_type_is_refused_in_both_languages(create, somebody, kind, typed):
    with pytest.raises(errors.IdentifierWrong) as caught:
        create(somebody, type="PRIVATE", identifier_type=kind, identifier=typed)
    assert caught.value.message("fr") != caught.value.message("en")


@pytest.mark.requirement("R062")
def test_a_person_has_two_names_instead_of_a_raison_sociale(create, somebody):
    person = {"type": "PRIVATE", "identifier_type": "PARTICULIER", "identifier": "", "name": ""}
    assert create(somebody, **person, given_name="Ada", family_name="Martin").name == "Ada Martin"
    with pytest.raises(errors.Invalid) as caught:
        create(somebody, **person, given_name="Ada")
    assert "family_name" in caught.value.details["fields"]


@pytest.mark.requirement("R061")
def test_a_public_structure_has_a_siret(create):
    with pytest.raises(errors.Invalid):
        create(identifier_type="RIDET", identifier="1234567001")


@pytest.mark.requirement("R062")
def test_a_structure_that_insee_keeps_private_shows_no_street_and_no_contact_to_strangers(create, somebody, caller, commune):
    address = organisation.Address(line="3 rue", complement="A", complement2="B", postal_code="76540", city="Valmont")
    made = create(somebody, type="PRIVATE", non_diffusible=True, email="a@b.fr", phone="01", address=address)
    assert (made.address, made.non_diffusible) == (address, True)
    read = {"structure_id": made.structure_id}
    assert somebody.call(organisation.GetStructure, **read).structure == made
    assert caller(Actor.service("invoicing")).call(organisation.GetStructure, **read).structure == made
    seen = caller(user()).call(organisation.GetStructure, **read).structure
    assert (seen.email, seen.phone, seen.address.line, seen.address.complement, seen.address.complement2) == (None,) * 5
    assert (seen.address.city, seen.name) == ("Valmont", made.name)


@pytest.mark.requirement("R064")
def test_who_creates_a_private_structure_is_its_gestionnaire_principal(create, somebody):
    atelier = create(somebody, type="PRIVATE", name="Atelier Duval")
    (rights,) = somebody.call(organisation.RightsOfActor).structures
    assert (rights.structure_id, rights.role) == (atelier.structure_id, "GP")
    assert [(right.espace, right.profile) for right in rights.espaces] == [
        ("factures-emises", "MODIFICATION"),
        ("organisation", "MODIFICATION"),
        ("sollicitations-emises", "MODIFICATION"),
    ]


@pytest.mark.requirement("R026")
def test_a_user_cannot_make_himself_gestionnaire_of_a_public_body(create, somebody):
    with pytest.raises(errors.Forbidden):
        create(somebody, type="PUBLIC")


def test_neither_a_service_nor_a_technical_account_creates_structures(service, create, caller, commune):
    technical = Actor("technical", "6f2c7a9e-7d58-4f0d-9f5c-3f0f4f6f9a11", structure_id=commune.structure_id)
    for actor in (Actor.service("invoicing"), technical, Actor.service("operator", behalf_of=technical)):
        with pytest.raises(errors.Forbidden):
            create(caller(actor), type="PRIVATE")


def test_a_repeated_creation_gives_the_first_answer(service, operator):
    values = {"identifier": "20007104100046", "name": "Commune", "type": "PUBLIC", "address": ADDRESS}
    first = operator.call(organisation.CreateStructure, idempotency_key="one", **values)
    assert operator.call(organisation.CreateStructure, idempotency_key="one", **values) == first


def test_structures_have_numbers_that_follow_each_other(create):
    assert create().portal_number + 1 == create().portal_number


@pytest.mark.requirement("R132")
@pytest.mark.requirement("R134")
def test_espaces_of_the_start_depend_on_the_type(create):
    assert {"factures-emises", "factures-recues", "guichet"} <= set(create(type="PUBLIC").espaces)
    assert create(type="PRIVATE").espaces == ["factures-emises", "organisation", "sollicitations-emises"]


@pytest.mark.requirement("R070")
def test_the_gestionnaire_sets_what_his_structure_demands_except_what_reference_data_say(operator, commune, member):
    _, gestionnaire = member(commune, "GP")
    wanted = organisation.Parameters(requires_service=True, receives_edi=True)
    changed = gestionnaire.call(organisation.SetParameters, structure_id=commune.structure_id, parameters=wanted)
    assert changed.structure.parameters == organisation.Parameters(requires_service=True)
    by_operator = operator.call(organisation.SetParameters, structure_id=commune.structure_id, parameters=wanted)
    assert by_operator.structure.parameters == wanted
    assert sum("structure.parameters_changed.v1" in event for event in events_of(operator, 4)) == 2


def test_others_do_not_set_what_a_structure_demands(commune, member, somebody, caller):
    _, user_of_it = member(commune)
    for bus in (user_of_it, somebody, caller(Actor.service("invoicing"))):
        with pytest.raises(errors.Forbidden):
            bus.call(
                organisation.SetParameters, structure_id=commune.structure_id, parameters=organisation.Parameters()
            )


def test_a_structure_that_does_not_exist_is_not_found(operator):
    nowhere = "11111111-1111-4111-8111-111111111111"
    with pytest.raises(errors.NotFound):
        operator.call(organisation.SetParameters, structure_id=nowhere, parameters=organisation.Parameters())
    with pytest.raises(errors.NotFound):
        operator.call(organisation.GetStructure, structure_id=nowhere)
    with pytest.raises(errors.NotFound):
        operator.call(organisation.GetStructure, portal_number=999_999)
    with pytest.raises(errors.Invalid):
        operator.call(organisation.GetStructure)


def test_a_private_structure_demands_nothing_of_invoices(operator, create):
    private = create(type="PRIVATE")
    with pytest.raises(errors.Invalid):
        operator.call(
            organisation.SetParameters,
            structure_id=private.structure_id,
            parameters=organisation.Parameters(requires_engagement=True),
        )


@pytest.mark.requirement("R082")
@pytest.mark.requirement("R085")
def test_a_code_service_is_unique_inside_its_structure_alone(operator, create, member):
    first, second = create(), create()
    _, gestionnaire = member(first, "GP")
    values = {"code": " VOIRIE ", "label": "Voirie", "starts_on": datetime.date(2020, 1, 1)}
    made = gestionnaire.call(organisation.CreateStructureService, structure_id=first.structure_id, **values)
    assert (made.structure_service.code, made.structure_service.active) == ("VOIRIE", True)
    with pytest.raises(errors.StructureServiceExists):
        gestionnaire.call(organisation.CreateStructureService, structure_id=first.structure_id, **values)
    operator.call(organisation.CreateStructureService, structure_id=second.structure_id, **values)
    read = gestionnaire.call(organisation.GetStructure, portal_number=first.portal_number).structure
    assert [each.code for each in read.services] == ["VOIRIE"]


@pytest.mark.requirement("R085")
def test_a_simple_user_or_a_stranger_creates_no_service(commune, member, somebody):
    _, simple = member(commune)
    for bus in (simple, somebody):
        with pytest.raises(errors.Forbidden):
            bus.call(
                organisation.CreateStructureService,
                structure_id=commune.structure_id,
                code="VOIRIE",
                label="Voirie",
                starts_on=datetime.date(2020, 1, 1),
            )


@pytest.mark.requirement("R081")
def test_a_service_is_active_between_its_dates(operator, commune, service_clock):
    today = service_clock.now().date()
    day = datetime.timedelta(days=1)
    dates = {
        "PASSE": (today - 9 * day, today - 3 * day),
        "FUTUR": (today + 3 * day, None),
        "OUVERT": (today - day, today + day),
    }
    for code, (starts_on, ends_on) in dates.items():
        operator.call(
            organisation.CreateStructureService,
            structure_id=commune.structure_id,
            code=code,
            label=code,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    read = operator.call(organisation.GetStructure, structure_id=commune.structure_id).structure
    assert {each.code: each.active for each in read.services} == {"PASSE": False, "FUTUR": False, "OUVERT": True}
    with pytest.raises(errors.Invalid):
        operator.call(
            organisation.CreateStructureService,
            structure_id=commune.structure_id,
            code="RIEN",
            label="Rien",
            starts_on=today,
            ends_on=today - day,
        )


def test_the_log_says_who_did_what_and_cannot_be_rewritten(bench, create, caller, service):
    founder = user()
    made = create(caller(founder), type="PRIVATE")
    database = bench.database("organisation")
    with database.reading() as db:
        lines = db.execute(sa.select(tables.HISTORY.lines).order_by(tables.HISTORY.lines.c.number)).mappings().all()
        row = db.execute(sa.select(tables.structure.c.created_by)).scalar_one()
    assert row == founder.reference
    assert [line["action"] for line in lines] == [
        "structure.created",
        *["espace.opened"] * 3,
        "rattachement.validated",
    ]
    assert {line["actor"] for line in lines} == {founder.reference}
    assert {line["structure_id"] for line in lines} == {made.structure_id}
    for statement in (tables.HISTORY.lines.update().values(actor="nobody"), tables.HISTORY.lines.delete()):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.transaction() as tx:
            tx.execute(statement)
    database.close()
