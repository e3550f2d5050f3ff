"""The annuaire through the compatible routes."""

import datetime
import uuid

import pytest
from portal_world import a_structure
from pupitre_contracts import errors, organisation

SEARCH, CONSULT, SERVICES = "structures/v1/rechercher", "structures/v1/consulter", "structures/v1/rechercher/services"


def a_service(number, code, **changes):
    values = {"structure_service_id": uuid.UUID(int=number), "portal_number": number, "code": code, "label": f"Service {code}",
              "active": True, "starts_on": datetime.date(2020, 1, 1), "requires_engagement": False}
    return organisation.StructureService(**(values | changes))


def test_a_structure_is_found_with_the_members_and_types_that_clients_read(machine, bus):
    body = {"structure": {"identifiantStructure": "217 500 016 00019", "typeIdentifiantStructure": "SIRET"}}
    assert machine.ask(SEARCH, body) == {
        "codeRetour": 0, "libelle": "TRA_MSG_00.000",
        "listeStructures": [{"idStructureCPP": 2, "identifiantStructure": "21750001600019", "typeIdentifiantStructure": "SIRET",
                             "designationStructure": "Ville de Test", "statut": "ACTIVE"}],
        "parametresRetour": {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 10, "total": 1}}
    [request] = bus.requests(organisation.FindStructures)
    assert (request.identifiers, request.identifier_type) == (["21750001600019"], "SIRET")


def test_nothing_found_is_an_empty_list_with_a_total(machine, bus):
    bus.answers[organisation.FindStructures] = {"structures": [], "total": 0}
    found = machine.ask(SEARCH, {"structure": {"identifiantStructure": "99999999999999"}})
    assert (found["listeStructures"], found["parametresRetour"]["total"]) == ([], 0)


@pytest.mark.parametrize("restricted, private", [({}, False), (True, False), (None, False), ("true", False), (False, True), ("", True),
                                                 ("false", True)])
def test_private_structures_of_others_come_only_when_asked_for(machine, bus, restricted, private):
    machine.ask(SEARCH, {} if restricted == {} else {"restreindreStructuresPrivees": restricted})
    assert bus.requests(organisation.FindStructures)[0].include_private is private


def test_every_criterion_reaches_organisation(machine, bus):
    machine.ask(SEARCH, {
        "structure": {"identifiantStructure": 21750001600019, "raisonSocialeStructure": "Ville*", "libelleStructure": "L",
                      "adresseVille": "Testville", "adresseCodePostal": 75001, "typeStructure": "PUBLIQUE", "statutStructure": "INACTIF"},
        "parametres": {"triColonne": "IdentifiantStructure", "triSens": "Descendant", "nbResultatsParPage": 3, "pageResultatDemandee": 2}})
    [request] = bus.requests(organisation.FindStructures)
    assert (request.identifiers, request.name, request.label) == (["21750001600019"], "Ville*", "L")
    assert (request.city, request.postal_code, request.type, request.active) == ("Testville", "75001", "PUBLIC", False)
    assert (request.sort, request.descending, request.page, request.page_size) == ("identifier", True, 2, 3)


@pytest.mark.parametrize("name", ["idStructureCPP", "idStructure"])
@pytest.mark.parametrize("value", [2, "2", " 2 ", 2.0])
def test_a_structure_is_consulted_by_its_number(machine, bus, name, value):
    found = machine.ask(CONSULT, {name: value, "codeLangue": "fr", "idStructureCPP" if name == "idStructure" else "x": None})
    assert bus.requests(organisation.GetStructure)[0].portal_number == 2
    assert found["informationGenerales"] == {
        "idStructureCPP": 2, "identifiantStructure": "21750001600019", "typeIdentifiantStructure": "SIRET",
        "raisonSocialeStructure": "Ville de Test", "structurePriveePublique": "PUBLIQUE"}
    assert found["adressePostaleDuSiege"] == {"ville": "Testville", "pays": "FR"}
    assert found["parametres"] == {
        "codeServiceDoitEtreRenseigne": True, "numeroEJDoitEtreRenseigne": True, "gestionNumeroEJOuCodeService": False,
        "statutMiseEnPaiementNestPasRemonte": False, "recevoirDonneesViaEDI": False, "getaMoa": False, "estMoaUniquement": False}


@pytest.mark.requirement("R072")
@pytest.mark.parametrize(
    "presence, with_moa, only", [("SANS_MOA", False, False), ("AVEC_MOA", True, False), ("EXCLUSIVEMENT_MOA", False, True)]
)
def test_programs_read_the_presence_of_a_moa(machine, bus, presence, with_moa, only):
    parameters = organisation.Parameters(moa_presence=presence)
    bus.answers[organisation.GetStructure] = {"structure": a_structure(parameters=parameters)}
    found = machine.ask(CONSULT, {"idStructureCPP": 2})["parametres"]
    assert (found["getaMoa"], found["estMoaUniquement"]) == (with_moa, only)


@pytest.mark.parametrize("path", [CONSULT, SERVICES])
@pytest.mark.parametrize("value", [None, "", "deux", 1.5, True, [], {}, 2**63, "9" * 30, "1_0", "²"])
def test_a_number_that_is_none_is_refused_with_a_reason(machine, bus, path, value):
    answer = machine.post(path, {"idStructure": value})
    assert (answer.status_code, answer.json["codeRetour"]) == (400, 20000)
    assert "nombre entier" in answer.json["libelle"]
    assert not bus.requests(organisation.GetStructure)


@pytest.mark.parametrize("path", [CONSULT, SERVICES])
def test_a_structure_that_does_not_exist_is_a_business_error(machine, bus, path):
    bus.answers[organisation.GetStructure] = errors.NotFound(what="structure 9")
    answer = machine.post(path, {"idStructure": 9})
    assert (answer.status_code, answer.json) == (200, {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"})


def test_services_come_with_their_dates_page_by_page(machine, bus):
    services = [a_service(7, "B", active=False, ends_on=datetime.date(2025, 12, 31)), a_service(6, "A"), a_service(8, "C")]
    bus.answers[organisation.GetStructure] = {"structure": a_structure(services=services)}
    found = machine.ask(SERVICES, {"idStructure": 2, "parametresRechercherServicesStructure": {"nbResultatsParPage": 2}})
    assert found["parametresRetour"] == {"pageCourante": 1, "pages": 2, "nbResultatsParPage": 2, "total": 3}
    assert found["listeServices"] == [
        {"idService": 6, "codeService": "A", "libelleService": "Service A", "estActif": True, "statutService": "ACTIF",
         "dateDbtService": "2020-01-01 00:00"},
        {"idService": 7, "codeService": "B", "libelleService": "Service B", "estActif": False, "statutService": "INACTIF",
         "dateDbtService": "2020-01-01 00:00", "dateFinService": "2025-12-31 00:00"}]
    last = machine.ask(SERVICES, {"idStructure": 2, "parametresRechercherServicesStructure": {
        "nbResultatsParPage": 2, "pageResultatDemandee": 2}})
    assert [each["codeService"] for each in last["listeServices"]] == ["C"]


@pytest.mark.parametrize("column, codes", [("CodeService", "CBA"), ("EstActif", "ACB"), ("DateFinService", "ACB"), ("Rien", "CBA")])
def test_services_are_sorted_as_asked(machine, bus, column, codes):
    services = [a_service(6, "A"), a_service(8, "C"), a_service(7, "B", active=False, ends_on=datetime.date(2025, 12, 31))]
    bus.answers[organisation.GetStructure] = {"structure": a_structure(services=services)}
    order = {"triColonne": column, "triSens": "Descendant"}
    found = machine.ask(SERVICES, {"idStructure": 2, "parametresRechercherServicesStructure": order})
    assert "".join(each["codeService"] for each in found["listeServices"]) == codes
