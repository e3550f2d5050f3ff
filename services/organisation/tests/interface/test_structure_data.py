"""« Gérer une structure »: what its own people see and change of it, and what the INSEE register says (R066, R067)."""

import pytest
from organisation_world import logged, register_with, told
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, organisation, structures
from pupitre_organisation.sirene import SireneFile

SHEET, CHANGE = structures.GetStructureSheet, structures.ChangeStructure
GENERAL = {"label": "Mairie", "email": "mairie@exemple.fr", "phone": "02 35 00 00 00", "rcs_number": "ROUEN 732 829 320"}


def change(bus, structure, **values):
    return bus.call(CHANGE, structure_id=structure.structure_id, **({"version": structure.version} | values)).structure


@pytest.mark.requirement("R067")
def test_a_gestionnaire_changes_general_data_and_everybody_attached_sees_them(bench, operator, commune, member):
    _, gestionnaire = member(commune, "GP")
    _, simple = member(commune)
    changed = change(gestionnaire, commune, **GENERAL, vat_number="FR 44 732829320")
    assert {name: getattr(changed, name) for name in GENERAL} == GENERAL
    assert (changed.vat_number, changed.name, changed.identifier) == ("FR44732829320", commune.name, commune.identifier)
    sheet = simple.call(SHEET, structure_id=commune.structure_id)
    assert (sheet.structure, sheet.may_modify, sheet.structure.active) == (changed, False, True)
    assert sheet.gestionnaire == structures.Person(given_name="X", family_name="Y", email="x@exemple.invalid")
    assert gestionnaire.call(SHEET, structure_id=commune.structure_id).may_modify
    (line,) = logged(bench, "structure.changed")
    assert (line["before"]["label"], line["after"]["label"]) == (None, "Mairie")
    assert str(commune.structure_id) in told(operator, "structure.changed.v1")[0]


@pytest.mark.requirement("R067")
def test_raison_sociale_and_identifier_are_no_part_of_a_change():
    assert not {"name", "identifier", "identifier_type", "type", "active"} & CHANGE.Request.declared.keys()


@pytest.mark.requirement("R085")
@pytest.mark.requirement("R122")
def test_modification_of_organisation_is_enough_and_consultation_is_not(commune, member, keeper, somebody, caller):
    member(commune, "GP")
    assert change(keeper(commune), commune, label="Ville").label == "Ville"
    outsiders = (keeper(commune, "CONSULTATION"), member(commune)[1], somebody, caller(Actor.service("invoicing")))
    for bus in outsiders:
        with pytest.raises(errors.Forbidden):
            change(bus, commune, label="Autre")
        with pytest.raises(errors.Forbidden):
            bus.call(structures.UpdateFromSirene, structure_id=commune.structure_id)


def test_the_sheet_of_a_foreign_structure_does_not_exist(commune, somebody, caller):
    for bus in (somebody, caller(Actor.service("invoicing"))):
        with pytest.raises(errors.NotFound):
            bus.call(SHEET, structure_id=commune.structure_id)


def test_a_change_of_what_somebody_else_changed_meanwhile_is_a_conflict(commune, member):
    _, gestionnaire = member(commune, "GP")
    change(gestionnaire, commune, label="Une")
    with pytest.raises(errors.Conflict):
        change(gestionnaire, commune, label="Deux")
    with pytest.raises(errors.Conflict):
        gestionnaire.call(
            organisation.SetParameters,
            structure_id=commune.structure_id,
            parameters=organisation.Parameters(),
            version=commune.version,
        )


@pytest.mark.parametrize("field, value", [("email", "pas une adresse"), ("vat_number", "FR45732829320"), ("phone", "0" * 31)])
def test_a_wrong_value_names_its_field_and_changes_nothing(operator, commune, field, value):
    with pytest.raises(errors.Invalid) as caught:
        change(operator, commune, **(GENERAL | {field: value}))
    assert field in caught.value.details["fields"]
    assert " / " in caught.value.details["fields"][field][0]
    assert operator.call(organisation.GetStructure, structure_id=commune.structure_id).structure == commune


@pytest.mark.requirement("R072")
@pytest.mark.parametrize("presence", [None, "SANS_MOA", "AVEC_MOA", "EXCLUSIVEMENT_MOA"])
def test_the_presence_of_a_moa_is_one_of_three_or_not_said(commune, member, presence):
    _, gestionnaire = member(commune, "GP")
    wanted = organisation.Parameters(moa_presence=presence, payment_not_reported=True)
    changed = gestionnaire.call(organisation.SetParameters, structure_id=commune.structure_id, parameters=wanted).structure
    assert changed.parameters == wanted
    with pytest.raises(errors.Invalid):
        organisation.Parameters(moa_presence="PEUT_ETRE")


@pytest.mark.requirement("R066")
@pytest.mark.parametrize("name", ["sirene.csv", "sirene.json"])
def test_a_structure_is_brought_in_line_with_the_insee_register(commune, member, register, tmp_path, name):
    _, gestionnaire = member(commune, "GP")
    register_with(register, tmp_path / name, siret=commune.siret)
    done = gestionnaire.call(structures.UpdateFromSirene, structure_id=commune.structure_id)
    assert (done.structure.name, done.structure.address.line) == ("COMMUNE DE VALMONT", "12 RUE DE LA MAIRIE")
    assert {each.field: (each.before, each.after) for each in done.changes} == {
        "name": ("Commune de Valmont", "COMMUNE DE VALMONT"),
        "line": ("1 place de la Mairie", "12 RUE DE LA MAIRIE"),
        "city": ("Valmont", "VALMONT"),
    }
    assert done.sirene_state == "ACTIF"
    found = gestionnaire.call(organisation.FindStructures, name="commune de valmont").structures
    assert [each.structure_id for each in found] == [commune.structure_id]
    assert gestionnaire.call(structures.UpdateFromSirene, structure_id=commune.structure_id).changes == []


@pytest.mark.requirement("R066")
def test_what_the_register_keeps_to_itself_stays_as_it_was(commune, operator, register, tmp_path):
    hidden = dict.fromkeys(("denominationUniteLegale", "numeroVoieEtablissement", "typeVoieEtablissement"), "[ND]")
    register_with(register, tmp_path / "s.csv", siret=commune.siret, **hidden, libelleVoieEtablissement="[ND]")
    done = operator.call(structures.UpdateFromSirene, structure_id=commune.structure_id)
    assert (done.structure.name, done.structure.address.line) == (commune.name, commune.address.line)


@pytest.mark.requirement("R066")
def test_without_a_register_or_with_a_broken_one_the_action_says_so(commune, create, operator, register, tmp_path):
    def update():
        return operator.call(structures.UpdateFromSirene, structure_id=commune.structure_id)

    with pytest.raises(errors.SireneUnavailable) as caught:
        update()
    assert "PUPITRE_SIRENE_FILE" in caught.value.message("fr")
    broken = tmp_path / "s.csv"
    register.source = SireneFile(broken)
    for text in (None, "siret\n1", "rien\n", f"siret,etatAdministratifEtablissement\n{commune.siret},X\n"):
        if text is not None:
            broken.write_text(text)
        if text == "rien\n":
            continue
        with pytest.raises(errors.SireneUnavailable):
            update()
    register_with(register, tmp_path / "t.csv", siret=create().siret)
    with pytest.raises(errors.SireneUnknown):
        update()
    register_with(register, tmp_path / "t.csv", siret=commune.siret, etatAdministratifEtablissement="F")
    assert update().sirene_state == "FERME"


@pytest.mark.requirement("R067")
def test_a_structure_in_course_of_registration_is_given_its_siret_once(create, somebody):
    made = create(somebody, type="PRIVATE", identifier_type="AUTRE", identifier="")
    values = {"structure_id": made.structure_id, "siret": "732 829 320 00074"}
    after = somebody.call(structures.ReplaceIdentifier, **values).structure
    assert (after.siret, after.identifier_type, after.structure_id) == ("73282932000074", "SIRET", made.structure_id)
    with pytest.raises(errors.Invalid):
        somebody.call(structures.ReplaceIdentifier, **values)
    other = create(somebody, type="PRIVATE", identifier_type="AUTRE", identifier="")
    with pytest.raises(errors.StructureExists):
        somebody.call(structures.ReplaceIdentifier, **(values | {"structure_id": other.structure_id}))
