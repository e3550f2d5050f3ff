"""The history of a structure, for its gestionnaires."""

import json

import pytest
from portal_world import EVIL, NOW, TOWN, a_structure, rights
from pupitre_contracts import errors, history, organisation

ADDRESS = f"/structures/{TOWN}/historique/"


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def a_line(**changes):
    values = {
        "number": 41,
        "at": NOW,
        "actor": "user:00000000-0000-0000-0000-000000000010",
        "actor_name": f"Ada {EVIL}",
        "action": "habilitation.given",
        "object": "user:00000000-0000-0000-0000-000000000011",
        "object_name": "Bob Roux",
        "changes": [history.Change(what="habilitations.factures-recues", before="CONSULTATION", after="MODIFICATION")],
        "noted": [],
        "digest": "d" * 64,
    }
    return history.HistoryLine(**(values | changes))


@pytest.fixture
def manager(bus):
    bus.answers |= {
        organisation.RightsOfActor: {"structures": [rights(structure_id=TOWN, role="GP", espaces=("factures-recues",))]},
        organisation.GetStructure: {"structure": a_structure(structure_id=TOWN)},
        history.ListHistory: {"lines": [a_line()], "total": 41},
    }
    return bus


@pytest.mark.requirement("R301")
def test_each_line_says_who_did_what_to_whom_when_and_what_was_before_and_after(browser, manager):
    page = words(browser.get(ADDRESS))
    assert "Ada &lt;script&gt;" in page
    assert "Bob Roux" in page
    assert "Habilitation donnée" in page
    assert "Factures reçues : consultation → modification" in page
    assert "Résultats 1 - 1 sur 41" in page
    assert EVIL not in page


def test_the_page_is_complete_in_english(browser, manager):
    page = words(browser.get(f"{ADDRESS}?lang=en"))
    assert "Habilitation given" in page
    assert "Results 1 - 1 of 41" in page
    assert "Avant" not in page


def test_whatever_was_done_is_said_even_where_no_words_are_known_for_it(browser, manager):
    changed = [
        history.Change(what="requires_service", before="false", after="true"),
        history.Change(what="role", after="GP"),
        history.Change(what="starts_on", before="2026-02-01"),
        history.Change(what="user_id", after="Ada Lovelace"),
    ]
    lines = [
        a_line(action="structure.merged", object="structure:x", changes=changed),
        a_line(actor="service:operator", actor_name=None, object="approbation:12", changes=[]),
        a_line(actor_name=None, object_name=None, object="service:COMPTA"),
        a_line(object="espace:factures-recues", actor="service:invoicing", actor_name=None),
    ]
    manager.answers[history.ListHistory] = {"lines": lines, "total": 4}
    page = words(browser.get(ADDRESS))
    for said in (
        "structure.merged",
        "code service obligatoire : non → oui",
        "rôle : gestionnaire principal",
        "du : 01/02/2026 → –",
        "exploitant de la plateforme",
        "demande n° 12",
        "compte supprimé",
        "service COMPTA",
    ):
        assert said.casefold() in page.casefold(), said


def test_the_page_asked_for_is_asked_of_organisation(browser, manager):
    browser.get(f"{ADDRESS}?page=2")
    [request] = manager.requests(history.ListHistory)
    assert (request.page, request.page_size, request.structure_id) == (2, 25, TOWN)


@pytest.mark.parametrize("refusal, status", [(errors.NotFound(what=f"structure {TOWN}"), 404), (errors.Forbidden(needed="GP"), 403)])
def test_who_may_not_read_it_is_told_so(browser, manager, refusal, status):
    manager.answers[history.ListHistory] = refusal
    assert browser.get(ADDRESS).status_code == status


def test_the_gestionnaire_finds_it_on_the_structure_s_page(browser, manager):
    manager.answers[organisation.ListEspaces] = {"espaces": []}
    assert ADDRESS in words(browser.get(f"/structures/{TOWN}"))


def test_what_is_limited_to_a_service_is_said_with_its_code_and_mandats_with_their_number(browser, manager):
    changed = [
        history.Change(what="services.VOIRIE.habilitations.factures-recues", after="CONSULTATION"),
        history.Change(what="services.VOIRIE.attached", after="true"),
        history.Change(what="manages_users", before="false", after="true"),
    ]
    lines = [
        a_line(action="gestionnaire_secondaire.named", changes=changed),
        a_line(action="mandat.given", object="mandat:100001", changes=[history.Change(what="mandataire", after="12345678200010")]),
    ]
    manager.answers[history.ListHistory] = {"lines": lines, "total": 2}
    page = words(browser.get(ADDRESS))
    for said in (
        "Rôle de gestionnaire secondaire modifié",
        "service VOIRIE, Factures reçues : consultation",
        "service VOIRIE, rattaché : oui",
        "gère les utilisateurs : non → oui",
        "mandat n° 100001",
        "mandataire : 12345678200010",
    ):
        assert said in page


def test_a_request_says_in_words_what_was_wished_and_what_became_of_it(browser, manager):
    service = a_structure(structure_id=TOWN).services[0]
    wished = [
        {"espace": "factures-travaux", "profile": "CONSULTATION"},
        {"espace": "factures-recues", "profile": "MODIFICATION", "structure_service_id": str(service.structure_service_id)},
    ]
    changed = [
        history.Change(what="wishes", after=json.dumps(wished)),
        history.Change(what="state", before="DEMANDE", after="REFUSE"),
    ]
    manager.answers[history.ListHistory] = {"lines": [a_line(object="approbation:12", changes=changed)], "total": 1}
    page = words(browser.get(ADDRESS))
    said = f"Factures de travaux (consultation), Factures reçues (modification), service {service.code}"
    assert f"habilitations : {said}" in page
    assert "état : en attente → refusée" in page
