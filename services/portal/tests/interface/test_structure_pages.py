"""« Gérer une structure »: data, parameters, state, INSEE, and the services, as their people use the pages."""

import datetime
import uuid

import pytest
from portal_world import EVIL, NOW, TOWN, a_structure, an_entry, rights
from pupitre_contracts import directory, errors, organisation, structures

MANAGE = f"/structures/{TOWN}/gestion"
SERVICES = f"/structures/{TOWN}/services"
SERVICE = uuid.UUID(int=5)


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def the_town(**changes):
    service = a_structure().services[0].values | {"enabled": True, "version": 4, "label": f"Voirie {EVIL}"}
    values = {"version": 7, "label": "Mairie", "services": [organisation.StructureService(**service)]}
    return a_structure(**(values | changes))


def a_request(**changes):
    values = {
        "request_id": uuid.UUID(int=80),
        "number": 100001,
        "kind": "INACTIVATION",
        "state": "DEMANDE",
        "structure_id": TOWN,
        "identifier": "21750001600019",
        "structure_name": "Ville de Test",
        "motive": f"Fusion {EVIL}",
        "sirene_state": "ACTIF",
        "asked_by": "user:x",
        "requester": structures.Person(given_name="Ada", family_name=EVIL, email="ada@b.fr"),
        "asked_at": NOW,
        "mine": True,
    }
    return structures.StructureRequest(**(values | changes))


def a_sheet(structure=None, **changes):
    person = structures.Person(given_name="Jeanne", family_name="Chaource", email="j@b.fr")
    values = {"structure": structure or the_town(), "gestionnaire": person, "may_modify": True, "requests": [a_request()]}
    return values | changes


@pytest.fixture
def keeper(bus):
    """The visitor keeps the town's data."""
    bus.answers |= {
        organisation.RightsOfActor: {"structures": [rights(structure_id=TOWN, type="PUBLIC")]},
        structures.GetStructureSheet: a_sheet(),
        structures.ChangeStructure: {"structure": the_town()},
        structures.ReplaceIdentifier: {"structure": the_town()},
        organisation.SetParameters: {"structure": the_town()},
        structures.AskStructureState: {"request": a_request(), "structure": the_town()},
        structures.RateStructureRequest: {"request": a_request(rating="UP")},
        structures.ListStructureRequests: {"requests": [a_request(kind="CREATION")], "total": 1},
        structures.AskPublicStructure: {"request": a_request(kind="CREATION")},
        structures.UpdateFromSirene: {"structure": the_town(), "sirene_state": "ACTIF", "changes": []},
        organisation.CreateStructureService: {"structure_service": the_town().services[0]},
        structures.ChangeStructureService: {"structure_service": the_town().services[0]},
    }
    return bus


@pytest.mark.requirement("R066")
@pytest.mark.requirement("R067")
def test_the_sheet_shows_what_is_known_and_offers_the_five_requests(browser, keeper):
    page = words(browser.get(MANAGE))
    for shown in ("Jeanne Chaource", "ACTIF", "217 500 016 00019", "Mairie", "Le code service est obligatoire."):
        assert shown in page
    for offered in ("/gestion/donnees", "/gestion/parametres", "/gestion/etat", "/gestion/sirene", "/annuaire/"):
        assert offered in page
    assert "<script>" not in page


@pytest.mark.requirement("R067")
def test_who_may_not_change_anything_is_offered_nothing_and_refused_when_he_tries(browser, keeper):
    keeper.answers[structures.GetStructureSheet] = a_sheet(may_modify=False, requests=[])
    page = words(browser.get(MANAGE))
    assert "/gestion/donnees" not in page
    assert "Seuls le gestionnaire principal" in page
    for address in ("donnees", "parametres", "etat"):
        assert browser.get(f"{MANAGE}/{address}").status_code == 403
    assert browser.get(f"{SERVICES}/creation").status_code == 403
    assert "Créer un service" not in words(browser.get(f"{SERVICES}/"))


def test_a_foreign_structure_is_not_found(browser, keeper):
    keeper.answers[structures.GetStructureSheet] = errors.NotFound(what=f"structure {TOWN}")
    for address in (MANAGE, f"{MANAGE}/donnees", f"{SERVICES}/"):
        assert browser.get(address).status_code == 404


@pytest.mark.requirement("R067")
def test_general_data_are_changed_and_the_name_is_not_among_them(browser, keeper):
    page = words(browser.get(f"{MANAGE}/donnees"))
    assert 'name="name"' not in page
    assert 'name="identifier"' not in page
    data = {"label": " Hôtel de ville ", "email": "", "phone": "01", "rcs_number": "R1", "vat_number": "", "version": "7"}
    answer = browser.post(f"{MANAGE}/donnees", data)
    assert answer.headers["Location"] == MANAGE
    (asked,) = keeper.requests(structures.ChangeStructure)
    assert (asked.label, asked.email, asked.rcs_number, asked.version) == ("Hôtel de ville", None, "R1", 7)
    assert "sont enregistrées" in words(browser.get(MANAGE))


@pytest.mark.parametrize(
    "error, status, said",
    [
        (errors.Invalid(what="s", fields={"vat_number": ["clé fausse / wrong key"]}), 422, "clé fausse"),
        (errors.Conflict(what=f"structure {TOWN}"), 409, "a changé entre-temps"),
    ],
)
def test_a_refused_change_says_why_and_keeps_what_was_typed(browser, keeper, error, status, said):
    keeper.answers[structures.ChangeStructure] = error
    data = {"label": "Hôtel de ville", "vat_number": "FR00", "version": "6"}
    answer = browser.post(f"{MANAGE}/donnees", data)
    assert answer.status_code == status
    assert said in words(answer)
    assert "Hôtel de ville" in words(answer)
    assert 'name="version" value="6"' in words(answer)


@pytest.mark.requirement("R070")
@pytest.mark.requirement("R072")
def test_parameters_are_ticked_and_the_edi_flag_is_only_shown(browser, keeper):
    keeper.answers[structures.GetStructureSheet] = a_sheet(
        the_town(parameters=organisation.Parameters(receives_edi=True, requires_service=True))
    )
    page = words(browser.get(f"{MANAGE}/parametres"))
    assert 'id="receives_edi" disabled checked' in page
    assert 'name="receives_edi"' not in page
    data = {"requires_service_or_engagement": "y", "payment_not_reported": "y", "moa_presence": "AVEC_MOA", "version": "7"}
    assert browser.post(f"{MANAGE}/parametres", {**data, "receives_edi": ""}).headers["Location"] == MANAGE
    (asked,) = keeper.requests(organisation.SetParameters)
    assert asked.parameters == organisation.Parameters(
        requires_service_or_engagement=True, payment_not_reported=True, receives_edi=True, moa_presence="AVEC_MOA"
    )
    assert asked.version == 7


@pytest.mark.requirement("R061")
def test_a_private_structure_has_no_parameters(browser, keeper):
    keeper.answers[structures.GetStructureSheet] = a_sheet(the_town(type="PRIVATE", parameters=organisation.Parameters()))
    assert browser.get(f"{MANAGE}/parametres").status_code == 404
    assert "/gestion/parametres" not in words(browser.get(MANAGE))


@pytest.mark.requirement("R070")
@pytest.mark.requirement("R071")
@pytest.mark.requirement("R072")
def test_the_annuaire_shows_every_demand(browser, keeper):
    demands = {"requires_service_or_engagement": True, "payment_not_reported": True, "receives_edi": True}
    parameters = organisation.Parameters(**demands, moa_presence="EXCLUSIVEMENT_MOA")
    keeper.answers[directory.GetDirectoryEntry] = {"entry": an_entry(parameters=parameters, active=False)}
    page = words(browser.get(f"/annuaire/{TOWN}"))
    for shown in (
        "obligatoire, à défaut de numéro d'engagement",
        "obligatoire, à défaut de code service",
        "la structure ne la fait pas connaître sur le portail",
        "la structure peut en recevoir",
        "structure exclusivement MOA",
        "Cette structure est inactive",
    ):
        assert shown in page


@pytest.mark.requirement("R069")
@pytest.mark.parametrize("active, wanted", [(True, "INACTIVE"), (False, "ACTIVE")])
def test_the_state_is_asked_for_with_a_motive_and_rated_at_the_end(browser, keeper, active, wanted):
    keeper.answers[structures.GetStructureSheet] = a_sheet(the_town(active=active))
    answer = browser.post(f"{MANAGE}/etat", {"motive": " Fusion "})
    assert answer.headers["Location"] == MANAGE
    (asked,) = keeper.requests(structures.AskStructureState)
    assert (asked.wanted, asked.motive) == (wanted, "Fusion")
    page = words(browser.get(MANAGE))
    assert "Demande n° 100001 envoyée" in page
    rating = f"{MANAGE}/demandes/{uuid.UUID(int=80)}/UP"
    assert f'action="{rating}"' in page
    assert browser.post(rating, form_at=MANAGE).headers["Location"] == MANAGE
    assert keeper.requests(structures.RateStructureRequest)[0].rating == "UP"


@pytest.mark.requirement("R069")
def test_a_missing_motive_is_asked_for_beside_its_field(browser, keeper):
    keeper.answers[structures.AskStructureState] = errors.MotiveNeeded(why_fr="le SIRET est actif", why_en="active")
    answer = browser.post(f"{MANAGE}/etat", {"motive": ""})
    assert answer.status_code == 422
    assert 'id="motive-erreur"' in words(answer)
    assert "le SIRET est actif" in words(answer)


@pytest.mark.requirement("R066")
def test_the_update_from_insee_says_what_changed_or_that_there_is_no_source(browser, keeper):
    changed = [structures.FieldChange(field="name", before="A", after="B")]
    keeper.answers[structures.UpdateFromSirene] = {"structure": the_town(), "sirene_state": "FERME", "changes": changed}
    browser.post(f"{MANAGE}/sirene", form_at=MANAGE)
    page = words(browser.get(MANAGE))
    assert "Mis à jour depuis la base INSEE : Raison sociale. Cet établissement y est fermé" in page
    keeper.answers[structures.UpdateFromSirene] = errors.SireneUnavailable(why_fr="aucune source", why_en="no source")
    browser.post(f"{MANAGE}/sirene", form_at=MANAGE)
    assert "La base INSEE n'est pas consultable : aucune source. Rien n'a été changé." in words(browser.get(MANAGE))


@pytest.mark.requirement("R068")
def test_a_public_structure_is_asked_for_and_the_outcome_is_shown(browser, keeper):
    data = {"identifier": "200 071 041 00046", "name": "CC", "line": "1 rue", "postal_code": "10130", "city": "Chaource"}
    answer = browser.post("/structures/demande-publique", {**data, "motive": "Nouvelle"})
    assert answer.headers["Location"] == "/structures/demande-publique"
    (asked,) = keeper.requests(structures.AskPublicStructure)
    assert (asked.identifier, asked.address.city) == ("20007104100046", "Chaource")
    page = words(browser.get("/structures/demande-publique"))
    for shown in ("Demande n° 100001 envoyée", "Création", "en attente"):
        assert shown in page
    answer = browser.post("/structures/demande-publique", data)
    assert answer.status_code == 422
    assert 'href="#motive"' in words(answer)


@pytest.mark.requirement("R076")
@pytest.mark.requirement("R291")
def test_the_notice_for_invoices_received_outside_is_ready_with_the_name_of_the_body(browser, keeper):
    page = words(browser.get("/structures/facture-hors-portail"))
    for shown in ("R. 2192-3", "Atelier Duval", "12345678200010", "sera rejetée"):
        assert shown in page
    assert "/structures/facture-hors-portail" in words(browser.get(MANAGE))


@pytest.mark.requirement("R085")
@pytest.mark.requirement("R081")
def test_services_are_listed_created_changed_and_switched(browser, keeper):
    page = words(browser.get(f"{SERVICES}/"))
    for shown in ("VOIRIE", "Résultats 1 - 1 sur 1", "sans limite", "Désactiver"):
        assert shown in page
    assert "<script>" not in page
    new = {"code": " EAU ", "label": "Eau", "starts_on": "2026-01-01", "ends_on": "", "requires_engagement": "y"}
    assert browser.post(f"{SERVICES}/creation", new).headers["Location"] == f"{SERVICES}/"
    (asked,) = keeper.requests(organisation.CreateStructureService)
    assert (asked.code, asked.starts_on, asked.ends_on, asked.requires_engagement) == ("EAU", datetime.date(2026, 1, 1), None, True)
    changed = {"label": "Routes", "starts_on": "2020-01-01", "ends_on": "2030-01-01", "version": "4"}
    assert browser.post(f"{SERVICES}/{SERVICE}", changed).headers["Location"] == f"{SERVICES}/"
    browser.post(f"{SERVICES}/{SERVICE}/etat", {"enabled": "non", "version": "4"}, form_at=f"{SERVICES}/")
    changed, switched = keeper.requests(structures.ChangeStructureService)
    assert (changed.label, changed.ends_on, changed.enabled, changed.version) == ("Routes", datetime.date(2030, 1, 1), True, 4)
    assert (switched.label, switched.enabled) == (f"Voirie {EVIL}", False)


@pytest.mark.requirement("R082")
def test_a_code_that_is_taken_and_wrong_days_are_said_beside_their_fields(browser, keeper):
    keeper.answers[organisation.CreateStructureService] = errors.StructureServiceExists(code="EAU")
    new = {"code": "EAU", "label": "Eau", "starts_on": "2026-01-01"}
    answer = browser.post(f"{SERVICES}/creation", new)
    assert answer.status_code == 422
    assert 'id="code-erreur"' in words(answer)
    answer = browser.post(f"{SERVICES}/creation", {**new, "ends_on": "2025-01-01"})
    assert 'id="ends_on-erreur"' in words(answer)
    assert 'value="2025-01-01"' in words(answer)


def test_many_services_come_in_pages(browser, keeper):
    one = the_town().services[0].values
    many = [organisation.StructureService(**(one | {"code": f"S{number:03}"})) for number in range(60)]
    keeper.answers[structures.GetStructureSheet] = a_sheet(the_town(services=many))
    page = words(browser.get(f"{SERVICES}/?page=3"))
    assert "Résultats 51 - 60 sur 60" in page
    assert "S059" in page
    assert "S049" not in page


@pytest.mark.parametrize("address", [MANAGE, f"{MANAGE}/donnees", f"{MANAGE}/parametres", f"{MANAGE}/etat", f"{SERVICES}/"])
def test_the_pages_are_complete_in_english(browser, keeper, address):
    page = words(browser.get(f"{address}?lang=en"))
    for french in ("Modifier", "Enregistrer", "Annuler", "Paramètres", "Libellé", "Statut", "obligatoire"):
        assert french not in page
