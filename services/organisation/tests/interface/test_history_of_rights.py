"""What the history keeps of levels, gestionnaires secondaires, requests that the portal makes, and mandats: before and after (RS-22)."""

import datetime

import pytest
from organisation_world import logged
from pupitre_contracts import habilitations, mandats, organisation, rattachements


@pytest.fixture
def voirie(operator, commune):
    values = {"structure_id": commune.structure_id, "code": "VOIRIE", "label": "Voirie", "starts_on": datetime.date(2024, 1, 1)}
    return operator.call(organisation.CreateStructureService, **values).structure_service.structure_service_id


@pytest.mark.requirement("RS-22")
def test_a_rattachement_to_a_service_is_kept_with_the_habilitations_there(bench, operator, commune, voirie, member):
    user_id, _ = member(commune)
    ids = {"structure_id": commune.structure_id, "user_id": user_id}
    operator.call(organisation.SetHabilitation, **ids, espace="factures-recues", profile="MODIFICATION", structure_service_id=voirie)
    (given,) = logged(bench, "habilitation.given")
    assert "services" not in given["before"]
    assert given["after"]["services"] == {"VOIRIE": {"habilitations": {"factures-recues": "MODIFICATION"}}}
    operator.call(rattachements.Detach, **ids)
    (ended,) = logged(bench, "rattachement.ended")
    assert (ended["before"]["services"], ended["after"]) == (given["after"]["services"], None)


@pytest.mark.requirement("RS-22")
def test_leaving_one_level_keeps_what_stays(bench, operator, commune, voirie, member):
    user_id, _ = member(commune)
    ids = {"structure_id": commune.structure_id, "user_id": user_id}
    operator.call(rattachements.Detach, **ids)
    operator.call(organisation.AttachUser, **ids, structure_service_ids=[voirie])
    limited = logged(bench, "rattachement.validated")[-1]["after"]
    assert limited["whole_structure"] is False
    assert limited["services"]["VOIRIE"]["attached"] is True
    operator.call(organisation.AttachUser, **ids)
    operator.call(rattachements.Detach, **ids, structure_service_ids=[voirie])
    ended = logged(bench, "rattachement.ended")[-1]
    assert [ended[side]["services"]["VOIRIE"].get("attached") for side in ("before", "after")] == [True, None]
    assert "whole_structure" not in ended["after"]


@pytest.mark.requirement("RS-22")
def test_a_gestionnaire_secondaire_is_kept_with_what_he_managed_before(bench, operator, commune, member):
    user_id, _ = member(commune)
    flags = {"manages_structure": True, "manages_users": False}
    operator.call(habilitations.SetGestionnaireSecondaire, structure_id=commune.structure_id, user_id=user_id, **flags)
    (line,) = logged(bench, "gestionnaire_secondaire.named")
    assert line["object"] == f"user:{user_id}"
    assert (line["before"], line["after"]) == ({"manages_structure": False, "manages_users": False}, flags)


@pytest.mark.requirement("RS-22")
@pytest.mark.requirement("R141")
def test_requests_that_the_portal_makes_and_takes_back_have_their_lines(bench, operator, commune, member):
    user_id, _ = member(commune)
    for call in (organisation.OpenEspace, organisation.CloseEspace):
        operator.call(call, structure_id=commune.structure_id, espace="atelier")
    (asked,) = logged(bench, "habilitation.requested")
    assert (asked["after"]["state"], asked["after"]["user_id"]) == ("DEMANDE", str(user_id))
    assert asked["after"]["wishes"] == [{"espace": "atelier", "profile": "CONSULTATION"}]
    (gone,) = logged(bench, "approbation.cancelled")
    assert gone["object"] == asked["object"]
    assert (gone["before"], gone["after"]) == ({"state": "DEMANDE"}, {"state": "ANNULE"})


@pytest.mark.requirement("RS-22")
@pytest.mark.requirement("R280")
def test_a_mandat_is_kept_when_it_begins_and_when_it_ends(bench, operator, create, service_clock):
    mandant, mandataire = create(type="PRIVATE"), create(type="PRIVATE")
    values = {"structure_id": mandant.structure_id, "mandataire_id": mandataire.structure_id, "starts_on": service_clock.now().date()}
    made = operator.call(mandats.GiveMandat, **values).mandat
    operator.call(mandats.EndMandat, mandat_id=made.mandat_id)
    (given,), (ended,) = logged(bench, "mandat.given"), logged(bench, "mandat.ended")
    assert given["object"] == ended["object"] == f"mandat:{made.number}"
    assert (given["before"], given["after"]["mandataire"]) == (None, mandataire.identifier)
    assert (ended["before"], ended["after"]) == ({"mandataire": mandataire.identifier}, {"mandataire": None})
