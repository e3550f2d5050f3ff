"""Habilitations, levels, gestionnaires secondaires, activities and mandats: what the pages show and send."""

import datetime
import uuid

import pytest
from portal_world import EVIL, NOW, SUPPLIER, TOWN, USER, a_structure, rights
from pupitre_contracts import errors, habilitations, mandats, organisation, rattachements

OTHER, SERVICE, LINE, ASKED, MANDAT = (uuid.UUID(int=number) for number in (71, 72, 73, 74, 75))


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def a_service(**changes):
    values = {"structure_service_id": SERVICE, "portal_number": 5, "code": "VOIRIE", "label": f"Voirie {EVIL}", "active": True}
    dates = {"starts_on": datetime.date(2024, 1, 1), "requires_engagement": False}
    return organisation.StructureService(**(values | dates | changes))


def a_line(**changes):
    values = {
        "standing": "VALIDE",
        "habilitation_id": LINE,
        "structure_id": TOWN,
        "structure_identifier": "21750001600019",
        "structure_name": "Ville",
        "user_id": OTHER,
        "user_name": f"Bob {EVIL}",
        "user_email": "bob@b.fr",
        "espace": "factures-recues",
        "profile": "CONSULTATION",
        "structure_service_id": SERVICE,
        "code_service": "VOIRIE",
        "service_label": "Voirie",
        "service_active": True,
    }
    return habilitations.HabilitationLine(**(values | changes))


def a_member(**changes):
    values = {"user_id": OTHER, "email": "bob@b.fr", "given_name": "Bob", "family_name": EVIL, "role": "US", "espaces": []}
    service = rattachements.NamedService(structure_service_id=SERVICE, code="VOIRIE", label="Voirie", active=True)
    level = {"whole_structure": True, "services": [service], "manages_structure": True, "manages_users": False}
    return rattachements.Member(**(values | level | changes))


def a_mandat(**changes):
    values = {
        "mandat_id": MANDAT,
        "number": 100001,
        "structure_id": SUPPLIER,
        "structure_identifier": "12345678200010",
        "structure_name": "Atelier Duval",
        "mandataire_id": TOWN,
        "mandataire_identifier": "21750001600019",
        "mandataire_name": f"Cabinet {EVIL}",
        "starts_on": datetime.date(2026, 1, 1),
        "given_at": NOW,
        "in_force": True,
    }
    return mandats.Mandat(**(values | changes))


@pytest.fixture
def manager(bus):
    """The visitor manages the town, which has one service."""
    managing = {"role": "US", "manages_structure": True, "manages_users": True, "whole_structure": True}
    asked = rattachements.Approbation(
        approbation_id=ASKED,
        number=100001,
        kind="HABILITATION",
        state="DEMANDE",
        structure_id=TOWN,
        structure_identifier="21750001600019",
        structure_name="Ville",
        user_id=USER,
        user_name="Ada",
        user_email="ada@b.fr",
        wishes=[],
        asked_at=NOW,
        services=[rattachements.NamedService(structure_service_id=SERVICE, code="VOIRIE", label="Voirie", active=True)],
        generated_by="user:x",
        approvers=["Claire Vasseur"],
    )
    bus.answers |= {
        organisation.RightsOfActor: {
            "structures": [rights(structure_id=TOWN, espaces=("factures-recues",), structure_service_ids=[], **managing)],
            "approbations_waiting": 1,
        },
        organisation.GetStructure: {"structure": a_structure(services=[a_service()], espaces=["factures-recues", "engagements"])},
        organisation.SetHabilitation: {"rights": rights(structure_id=TOWN)},
        organisation.ResolveRecipients: {"recipients": []},
        habilitations.ListHabilitations: {
            "habilitations": [a_line(), a_line(standing="EN_COURS", approbation_id=ASKED, habilitation_id=None)],
            "total": 26,
        },
        habilitations.RemoveHabilitations: {"removed": 1},
        habilitations.AttachByAddress: {"rights": rights(structure_id=TOWN)},
        habilitations.SetGestionnaireSecondaire: {"member": a_member()},
        rattachements.ListMembers: {"members": [a_member()]},
        rattachements.ListApprobations: {"approbations": [asked], "total": 1, "waiting": 1},
        rattachements.GetApprobation: {"approbation": asked},
        rattachements.AskHabilitation: {"approbation": asked},
        rattachements.AskRattachement: {"approbation": asked},
        rattachements.Detach: {},
        mandats.ListMandats: {"mandats": [a_mandat()]},
        mandats.GiveMandat: {"mandat": a_mandat()},
        mandats.EndMandat: {"mandat": a_mandat(ended_at=NOW, in_force=False)},
    }
    return bus


HABILITATIONS = f"/structures/{TOWN}/habilitations/"


@pytest.mark.requirement("R137")
@pytest.mark.requirement("R140")
@pytest.mark.requirement("R145")
def test_the_habilitations_of_users_are_listed_narrowed_given_and_removed(browser, manager):
    page = words(browser.get(f"{HABILITATIONS}?utilisateur={OTHER}&service={SERVICE}&espace=factures-recues&profil=CONSULTATION"))
    (asked,) = manager.requests(habilitations.ListHabilitations)
    assert (asked.user_id, asked.structure_service_id, asked.espace, asked.profile) == (OTHER, SERVICE, "factures-recues", "CONSULTATION")
    for shown in ("Contact", "Statut du service", "VOIRIE, Voirie", "actif", "Validé", "En cours de validation", "Résultats 1 - 2 sur 26"):
        assert shown in page
    assert "<script>" not in page
    assert words(browser.post(f"{HABILITATIONS}retrait", {}, form_at=HABILITATIONS)).count("Cochez au moins une habilitation")
    assert browser.post(f"{HABILITATIONS}retrait", {"habilitation": str(LINE)}, form_at=HABILITATIONS).status_code == 302
    assert [each.habilitation_ids for each in manager.requests(habilitations.RemoveHabilitations)] == [[LINE]]
    data = {"utilisateur": str(OTHER), "espace": "engagements", "service": str(SERVICE), "profil": "MODIFICATION"}
    browser.post(HABILITATIONS, data, form_at=HABILITATIONS)
    (given,) = manager.requests(organisation.SetHabilitation)
    assert (given.espace, given.profile, given.structure_service_id) == ("engagements", "MODIFICATION", SERVICE)
    manager.answers[organisation.SetHabilitation] = errors.Forbidden(needed="rattachement")
    refused = browser.post(HABILITATIONS, data, form_at=HABILITATIONS)
    assert refused.status_code == 403
    assert 'value="engagements" selected' in words(refused)


@pytest.mark.requirement("R138")
@pytest.mark.requirement("R139")
@pytest.mark.parametrize(
    "level, whole",
    [({"whole_structure": True}, True), ({"whole_structure": False, "structure_service_ids": [SERVICE]}, False)],
)
def test_a_habilitation_is_asked_for_at_the_levels_one_is_attached_to_and_no_other_is_offered(browser, manager, level, whole):
    more = a_service(structure_service_id=uuid.UUID(int=99), code="ECOLES")
    manager.answers[organisation.GetStructure] = {"structure": a_structure(services=[a_service(), more], espaces=["factures-recues"])}
    manager.answers[organisation.RightsOfActor] = {"structures": [rights(structure_id=TOWN, role="US", **level)]}
    address = f"/rattachements/{TOWN}/habilitations"
    page = words(browser.get(address))
    assert ("Toute la structure" in page, "ECOLES" in page) == (whole, whole)
    data = {"espace": "factures-recues", f"profil-{SERVICE}": "MODIFICATION", "starts_on": "2026-12-01", "comment": "x"}
    assert browser.post(address, data).headers["Location"] == "/rattachements/"
    (asked,) = manager.requests(rattachements.AskHabilitation)
    wished = [(wish.espace, wish.profile, wish.structure_service_id) for wish in asked.wishes]
    assert wished == [("factures-recues", "MODIFICATION", SERVICE)]
    assert asked.starts_on == datetime.date(2026, 12, 1)
    assert browser.get(f"/rattachements/{SUPPLIER}/habilitations").status_code == 404


@pytest.mark.requirement("R101")
@pytest.mark.requirement("R102")
def test_services_are_chosen_when_asking_for_a_rattachement(browser, manager):
    browser.post(f"/rattachements/demande/{TOWN}", {"comment": "x", "service": [str(SERVICE), "nonsense"]})
    (asked,) = manager.requests(rattachements.AskRattachement)
    assert asked.structure_service_ids == [SERVICE]


@pytest.mark.requirement("R107")
@pytest.mark.requirement("R108")
@pytest.mark.requirement("R112")
def test_my_rattachements_have_their_columns_and_actions(browser, manager):
    asked = manager.answers[rattachements.ListApprobations]["approbations"][0]
    manager.answers[rattachements.ListApprobations] = {
        "approbations": [rattachements.Approbation(**{**asked.values, "kind": "RATTACHEMENT", "structure_name": "Attendue"})],
        "total": 1,
        "waiting": 0,
    }
    level = {"whole_structure": False, "structure_service_ids": [SERVICE]}
    manager.answers[organisation.RightsOfActor] = {"structures": [rights(structure_id=TOWN, role="US", **level), rights()]}
    page = words(browser.get("/rattachements/"))
    for shown in ("Utilisateur", "Raison sociale", "Libellé du service", "VOIRIE", "Toute la structure", "Ouvrir la demande", "Attendue"):
        assert shown in page
    assert "Résultats 1 - 1 sur 1" in page
    browser.post(f"/rattachements/{TOWN}/depart", {"confirmation": "oui", "niveau": str(SERVICE)}, form_at="/rattachements/")
    assert manager.requests(rattachements.Detach)[-1].structure_service_ids == [SERVICE]


@pytest.mark.requirement("R107")
@pytest.mark.requirement("R109")
def test_ticked_rattachements_are_ended_together_after_a_tick_and_a_gestionnaire_principal_is_told_to_hand_over(browser, manager):
    manager.answers[organisation.RightsOfActor] = {"structures": [rights(structure_id=TOWN, role="US"), rights()]}
    ticked = {"structure": [str(TOWN), str(SUPPLIER)]}
    browser.post("/rattachements/departs", ticked, form_at="/rattachements/")
    assert not manager.requests(rattachements.Detach)

    def answer(request):
        return errors.SuccessorNeeded(structure="Atelier Duval") if request.structure_id == SUPPLIER else {}

    manager.answers[rattachements.Detach] = answer
    browser.post("/rattachements/departs", {**ticked, "confirmation": "oui"}, form_at="/rattachements/")
    assert len(manager.requests(rattachements.Detach)) == 2
    page = words(browser.get("/rattachements/"))
    assert "Rattachements supprimés : 1." in page
    assert "transmettez d'abord son rôle" in page


@pytest.mark.requirement("R110")
def test_a_user_is_attached_by_address_and_an_unknown_one_is_said(browser, manager):
    listing = f"/structures/{TOWN}/utilisateurs/"
    browser.post(f"{listing}rattachement", {"email": " bob@b.fr ", "service": [str(SERVICE)]}, form_at=listing)
    (asked,) = manager.requests(habilitations.AttachByAddress)
    assert (asked.email, asked.structure_service_ids) == ("bob@b.fr", [SERVICE])
    manager.answers[habilitations.AttachByAddress] = errors.NotFound(what="user")
    refused = browser.post(f"{listing}rattachement", {"email": "qui@b.fr"}, form_at=listing)
    assert refused.status_code == 422
    assert "Aucun compte n'utilise l'adresse qui@b.fr" in words(refused)
    assert 'value="qui@b.fr"' in words(refused)


@pytest.mark.requirement("R123")
def test_a_gestionnaire_secondaire_is_named_with_two_flags(browser, manager):
    listing = f"/structures/{TOWN}/utilisateurs/"
    page = words(browser.get(listing))
    assert "Gestionnaire secondaire : structure" in page
    browser.post(f"{listing}{OTHER}/gestionnaire-secondaire", {"utilisateurs": "oui"}, form_at=listing)
    (named,) = manager.requests(habilitations.SetGestionnaireSecondaire)
    assert (named.manages_structure, named.manages_users) == (False, True)


def test_one_level_of_a_user_is_ended(browser, manager):
    listing = f"/structures/{TOWN}/utilisateurs/"
    for level in (str(SERVICE), "structure", ""):
        browser.post(f"{listing}{OTHER}/detachement", {"niveau": level}, form_at=listing)
    one, structure, everything = manager.requests(rattachements.Detach)
    assert one.structure_service_ids == [SERVICE]
    assert (structure.structure_level_only, everything.structure_level_only) == (True, False)
    assert everything.structure_service_ids is None
    assert browser.post(f"{listing}{OTHER}/detachement", {"niveau": "x"}, form_at=listing).status_code == 404


@pytest.mark.requirement("R127")
@pytest.mark.requirement("R142")
@pytest.mark.requirement("R156")
def test_the_activities_of_the_gestionnaire_show_to_gestionnaires_alone_with_the_same_requests(browser, manager, bus):
    address = "/activites-du-gestionnaire/"
    page = words(browser.get(address))
    assert f'href="{address}"' in page
    assert f"/approbations/?structure={TOWN}" in page
    assert "Demandes à traiter</a> : 1" in page
    assert f"/structures/{TOWN}#espaces" in page
    browser.get(f"/approbations/?structure={TOWN}")
    assert manager.requests(rattachements.ListApprobations)[-1].structure_id == TOWN
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(structure_id=TOWN, role="US")]}
    assert browser.get(address).status_code == 403
    assert address not in words(browser.get("/rattachements/"))


@pytest.mark.requirement("R147")
def test_the_six_applications_about_users(browser, manager, bus):
    page = words(browser.get("/utilisateurs/"))
    for shown in (
        "Demander un rattachement",
        "Rattacher un utilisateur",
        "Détacher un utilisateur",
        "Consulter les utilisateurs",
        "Afficher un utilisateur",
        "Gérer les habilitations des utilisateurs",
    ):
        assert shown in page
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(structure_id=TOWN, role="US")]}
    page = words(browser.get("/utilisateurs/"))
    assert "Demander un rattachement" in page and "Détacher un utilisateur" not in page


@pytest.mark.requirement("R152")
@pytest.mark.requirement("R153")
def test_requests_tell_service_approvers_and_where_they_come_from(browser, manager):
    page = words(browser.get("/approbations/"))
    assert "VOIRIE, Voirie" in page and "Résultats 1 - 1 sur 1" in page
    browser.get("/approbations/?tri=anciennes")
    assert manager.requests(rattachements.ListApprobations)[-1].oldest_first is True
    page = words(browser.get(f"/approbations/{ASKED}"))
    for shown in ("VOIRIE, Voirie", "Claire Vasseur", "Espace ajouté à la structure"):
        assert shown in page


GIVEN = {"structure": str(TOWN), "mandataire": "732 829 320 00074", "starts_on": "2026-12-01", "ends_on": ""}


@pytest.mark.requirement("R280")
def test_a_mandat_is_given_listed_and_ended_after_a_tick(browser, manager):
    answer = browser.post("/mandats/souscrire", GIVEN)
    assert answer.headers["Location"] == "/mandats/"
    (asked,) = manager.requests(mandats.GiveMandat)
    assert (asked.structure_id, asked.starts_on, asked.ends_on) == (TOWN, datetime.date(2026, 12, 1), None)
    page = words(browser.get("/mandats/"))
    assert "en vigueur" in page and "n° 100001" in page and "<script>" not in page
    for ticked, count in (("", 0), ("oui", 1)):
        browser.post(f"/mandats/{MANDAT}/fin", {"confirmation": ticked}, form_at="/mandats/")
        assert len(manager.requests(mandats.EndMandat)) == count


@pytest.mark.requirement("R280")
@pytest.mark.parametrize(
    "changes, answers, told",
    [
        ({"mandataire": ""}, {}, 'href="#mandataire"'),
        ({"starts_on": ""}, {}, 'href="#starts_on"'),
        ({}, {organisation.FindStructures: {"structures": [], "total": 0}}, "Aucune structure ne porte cet identifiant"),
        ({}, {mandats.GiveMandat: errors.MandatExists(structure="Cabinet")}, "dispose déjà d'un mandat"),
        ({}, {mandats.GiveMandat: errors.Invalid(what="mandat", fields={"mandataire_id": ["x"]})}, "Données invalides"),
    ],
)
def test_what_is_wrong_with_a_mandat_is_said_and_what_was_typed_stays(browser, manager, changes, answers, told):
    manager.answers |= answers
    answer = browser.post("/mandats/souscrire", {**GIVEN, **changes})
    assert answer.status_code == 422
    assert told in words(answer)
    assert ('value="732 829 320 00074"' in words(answer)) == ("mandataire" not in changes)


def test_who_manages_nothing_has_no_mandats(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(structure_id=TOWN, role="US")]}
    assert browser.get("/mandats/").status_code == 403
    assert browser.get("/mandats/souscrire").status_code == 403


@pytest.mark.requirement("R280")
def test_a_deposit_offers_the_structures_that_gave_a_mandat(browser, bus):
    mandant = organisation.Mandant(mandataire_id=SUPPLIER, structure_id=TOWN, identifier="21750001600019", name="Mandante")
    foreign = organisation.Mandant(mandataire_id=OTHER, structure_id=OTHER, identifier="21750001600019", name="Autre")
    bus.answers[organisation.RightsOfActor] = {"structures": [rights()], "mandants": [mandant, foreign]}
    page = words(browser.get("/factures-emises/depot"))
    assert "Mandante (217 500 016 00019), par mandat" in page
    assert "Autre" not in page


@pytest.mark.requirement("R031")
def test_the_account_page_offers_to_ask_for_an_espace_and_to_give_one_up(browser, bus, manager):
    page = words(browser.get("/mon-compte"))
    assert f'href="/rattachements/{TOWN}/habilitations"' in page and "Renoncer à l'espace Factures reçues" in page
    answer = browser.post(f"/rattachements/{TOWN}/renoncement", {"espace": "factures-recues"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/mon-compte#habilitations")
    (asked,) = bus.requests(organisation.SetHabilitation)
    assert (asked.structure_id, asked.user_id, asked.espace, asked.profile) == (TOWN, USER, "factures-recues", None)
    assert browser.post(f"/rattachements/{TOWN}/renoncement", {"espace": "engagements"}).status_code == 404
    assert browser.post(f"/rattachements/{OTHER}/renoncement", {"espace": "factures-recues"}).status_code == 404
