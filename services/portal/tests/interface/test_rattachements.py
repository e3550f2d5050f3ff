"""Asking for a rattachement, deciding on it, the users of a structure, and creating one."""

import datetime
import uuid

import pytest
from portal_world import EVIL, NOW, SUPPLIER, TOWN, USER, a_structure, rights
from pupitre_contracts import errors, organisation, rattachements

ASKED, OTHER = uuid.UUID(int=70), uuid.UUID(int=71)
FORM = {"comment": " Je remplace Camille ", "starts_on": "2026-12-01", "ends_on": ""}
CREATE = {
    "type": "PRIVATE",
    "identifier_type": "SIRET",
    "identifier": "732 829 320 00074",
    "name": "Papeterie",
    "line": "1 rue du Port",
    "postal_code": "29000",
    "city": "Quimper",
    "country": "FR",
}


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def a_request(**changes):
    values = {
        "approbation_id": ASKED,
        "number": 100001,
        "kind": "RATTACHEMENT",
        "state": "DEMANDE",
        "structure_id": TOWN,
        "structure_identifier": "21750001600019",
        "structure_name": f"Ville {EVIL}",
        "user_id": USER,
        "user_name": f"Ada {EVIL}",
        "user_email": "ada@b.fr",
        "wishes": [],
        "comment": f"Bonjour {EVIL}",
        "asked_at": NOW,
    }
    return rattachements.Approbation(**(values | changes))


def a_member(**changes):
    values = {"user_id": OTHER, "email": "bob@b.fr", "given_name": "Bob", "family_name": EVIL, "role": "US"}
    right = organisation.EspaceRight(espace="factures-recues", profile="CONSULTATION")
    return rattachements.Member(**(values | {"espaces": [right]} | changes))


@pytest.fixture
def manager(bus):
    """The visitor manages the town, where one request waits."""
    bus.answers |= {
        organisation.RightsOfActor: {
            "structures": [rights(structure_id=TOWN, role="GP", espaces=("factures-recues",))],
            "approbations_waiting": 1,
        },
        organisation.SetHabilitation: {"rights": rights(structure_id=TOWN)},
        rattachements.ListApprobations: {"approbations": [a_request()], "total": 1, "waiting": 1},
        rattachements.GetApprobation: {"approbation": a_request()},
        rattachements.DecideApprobations: {"outcomes": [rattachements.Outcome(approbation_id=ASKED, done=True)]},
        rattachements.AskRattachement: {"approbation": a_request()},
        rattachements.CancelApprobation: {"approbation": a_request(state="ANNULE")},
        rattachements.ListMembers: {"members": [a_member(), a_member(user_id=USER, role="GP", given_name="Camille")]},
        rattachements.Detach: {},
        rattachements.TransferGestionnairePrincipal: {"member": a_member(role="GP")},
    }
    return bus


@pytest.mark.requirement("R151")
@pytest.mark.requirement("R152")
def test_a_gestionnaire_sees_how_many_requests_wait_and_their_list(browser, manager):
    page = words(browser.get("/approbations/"))
    assert 'aria-label="1 demande en attente">1<' in page
    for shown in ("n° 100001", "Rattachement à la structure", "ada@b.fr", "217 500 016 00019", "en attente"):
        assert shown in page
    assert "<script>" not in page


def test_who_manages_nothing_has_no_such_entry(browser):
    assert "Approbations" not in words(browser.get("/"))


@pytest.mark.requirement("R154")
@pytest.mark.parametrize("form_at", ["/approbations/", f"/approbations/{ASKED}"])
def test_approving_comes_back_to_the_list(browser, manager, form_at):
    data = {"approbation": str(ASKED), "decision": "APPROUVE"}
    answer = browser.post("/approbations/decision", data, form_at=form_at)
    assert answer.headers["Location"] == "/approbations/"
    (asked,) = manager.requests(rattachements.DecideApprobations)
    assert (asked.approbation_ids, asked.decision) == ([ASKED], "APPROUVE")
    assert "Demandes approuvées : 1." in words(browser.get("/approbations/"))


@pytest.mark.requirement("R155")
@pytest.mark.parametrize("alone", ["", "1"])
def test_a_refusal_without_motive_is_not_sent_off_and_nothing_is_lost(browser, manager, alone):
    manager.answers[rattachements.DecideApprobations] = errors.Invalid(what="approbation", fields={"motive": ["x / y"]})
    data = {"approbation": str(ASKED), "decision": "REFUSE", "motive": "", "alone": alone}
    answer = browser.post("/approbations/decision", data, form_at="/approbations/")
    assert answer.status_code == 422
    assert "Écrivez le motif du refus" in words(answer)
    assert str(ASKED) in words(answer)


def test_no_ticked_request_and_nonsense_are_said(browser, manager):
    answer = browser.post("/approbations/decision", {"decision": "APPROUVE"}, form_at="/approbations/")
    assert answer.status_code == 422
    assert "Cochez au moins une demande" in words(answer)
    nonsense = {"approbation": "x", "decision": "APPROUVE"}
    assert browser.post("/approbations/decision", nonsense, form_at="/approbations/").status_code == 404
    assert not manager.requests(rattachements.DecideApprobations)


def test_a_request_that_was_left_as_it_is_says_why_in_the_visitors_language(browser, manager):
    left = rattachements.Outcome(approbation_id=ASKED, done=False, why_fr="déjà traitée", why_en="dealt with already")
    manager.answers[rattachements.DecideApprobations] = {"outcomes": [left]}
    browser.post("/approbations/decision", {"approbation": str(ASKED), "decision": "APPROUVE"}, form_at="/approbations/")
    assert "Demandes approuvées : 0. déjà traitée" in words(browser.get("/approbations/"))


@pytest.mark.requirement("R153")
def test_the_author_of_a_request_sees_it_without_the_buttons(browser, manager, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": []}
    page = words(browser.get(f"/approbations/{ASKED}"))
    assert "Demande n° 100001" in page
    assert "decision" not in page


@pytest.mark.requirement("R102")
@pytest.mark.requirement("R105")
def test_a_rattachement_is_asked_for_with_a_comment_and_days(browser, manager):
    answer = browser.post(f"/rattachements/demande/{TOWN}", FORM)
    assert answer.headers["Location"] == "/rattachements/"
    (asked,) = manager.requests(rattachements.AskRattachement)
    assert (asked.comment, asked.starts_on, asked.ends_on) == ("Je remplace Camille", datetime.date(2026, 12, 1), None)
    assert "Demande n° 100001 envoyée" in words(browser.get("/rattachements/"))


@pytest.mark.requirement("R102")
@pytest.mark.parametrize(
    "changes, field", [({"comment": ""}, "comment"), ({"ends_on": "2026-11-01"}, "ends_on"), ({"starts_on": "x"}, "starts_on")]
)
def test_what_is_wrong_with_a_request_is_said_beside_its_field(browser, manager, changes, field):
    answer = browser.post(f"/rattachements/demande/{TOWN}", {**FORM, **changes})
    assert answer.status_code == 422
    assert f'href="#{field}"' in words(answer)
    assert not manager.requests(rattachements.AskRattachement)


def test_a_request_for_what_one_has_is_refused_in_words(browser, manager):
    manager.answers[rattachements.AskRattachement] = errors.RequestPointless(why_fr="déjà rattaché", why_en="attached")
    answer = browser.post(f"/rattachements/demande/{TOWN}", FORM)
    assert answer.status_code == 422
    assert "Demande inutile : déjà rattaché." in words(answer)


@pytest.mark.requirement("R103")
@pytest.mark.requirement("R111")
def test_the_structure_is_searched_for_first_and_created_only_if_absent(browser, manager):
    page = words(browser.get("/rattachements/recherche"))
    assert "aucun rattachement à ce client n'est nécessaire" in page
    assert not manager.requests(organisation.FindStructures)
    page = words(browser.get("/rattachements/recherche?nom=*menuiserie*"))
    (asked,) = manager.requests(organisation.FindStructures)
    assert (asked.name, asked.include_private) == ("*menuiserie*", True)
    assert f'href="/rattachements/demande/{TOWN}"' in page
    manager.answers[organisation.FindStructures] = {"structures": [], "total": 0}
    page = words(browser.get("/rattachements/recherche?identifiant=732 829 320 00074"))
    assert "créez-la" in page
    assert "/structures/creation?identifiant=732" in page


def test_a_request_is_taken_back(browser, manager):
    answer = browser.post(f"/rattachements/demandes/{ASKED}/annulation", form_at="/rattachements/")
    assert answer.headers["Location"] == "/rattachements/"
    assert manager.requests(rattachements.CancelApprobation)[0].approbation_id == ASKED


@pytest.mark.requirement("R108")
@pytest.mark.requirement("R109")
def test_leaving_wants_a_ticked_box(browser, manager):
    for ticked, count in (("", 0), ("oui", 1)):
        browser.post(f"/rattachements/{SUPPLIER}/depart", {"confirmation": ticked}, form_at="/rattachements/")
        assert len(manager.requests(rattachements.Detach)) == count
    assert manager.requests(rattachements.Detach)[0].user_id == USER


@pytest.mark.requirement("R145")
def test_the_users_of_a_structure_and_only_what_changed_of_their_habilitations(browser, manager):
    page = words(browser.get(f"/structures/{TOWN}/utilisateurs/"))
    assert "bob@b.fr" in page
    assert '<option value="CONSULTATION" selected>' in page
    assert "<script>" not in page
    address, form_at = f"/structures/{TOWN}/utilisateurs/{OTHER}/habilitations", f"/structures/{TOWN}/utilisateurs/"
    browser.post(address, {"profil-factures-recues": "CONSULTATION"}, form_at=form_at)
    assert not manager.requests(organisation.SetHabilitation)
    browser.post(address, {"profil-factures-recues": "MODIFICATION"}, form_at=form_at)
    browser.post(address, {"profil-factures-recues": ""}, form_at=form_at)
    given, taken = manager.requests(organisation.SetHabilitation)
    assert (given.user_id, given.espace, given.profile) == (OTHER, "factures-recues", "MODIFICATION")
    assert taken.profile is None


def test_a_user_is_detached(browser, manager):
    answer = browser.post(
        f"/structures/{TOWN}/utilisateurs/{OTHER}/detachement", form_at=f"/structures/{TOWN}/utilisateurs/"
    )
    assert answer.headers["Location"] == f"/structures/{TOWN}/utilisateurs/"
    assert manager.requests(rattachements.Detach)[0].user_id == OTHER


@pytest.mark.requirement("R026")
@pytest.mark.requirement("R109")
def test_the_role_is_handed_over_with_a_ticked_box_and_never_on_the_page_of_a_public_structure(browser, manager):
    listing = f"/structures/{TOWN}/utilisateurs/"
    assert "Transmettre" not in words(browser.get(listing))
    manager.answers[organisation.GetStructure] = {"structure": a_structure(type="PRIVATE")}
    assert "Transmettre le rôle" in words(browser.get(listing))
    for ticked, count in (("", 0), ("oui", 1)):
        browser.post(f"{listing}{OTHER}/transmission", {"confirmation": ticked}, form_at=listing)
        assert len(manager.requests(rattachements.TransferGestionnairePrincipal)) == count


@pytest.mark.requirement("R062")
@pytest.mark.requirement("R063")
@pytest.mark.requirement("R064")
def test_a_private_structure_is_created(browser, manager):
    manager.answers[organisation.CreateStructure] = {"structure": a_structure(type="PRIVATE")}
    answer = browser.post("/structures/creation", CREATE)
    assert answer.headers["Location"] == f"/structures/{TOWN}"
    (asked,) = manager.requests(organisation.CreateStructure)
    assert (asked.identifier, asked.type, asked.address.city) == ("73282932000074", "PRIVATE", "Quimper")
    assert "vous en êtes le gestionnaire principal" in words(browser.get(answer.headers["Location"]))


@pytest.mark.requirement("R062")
@pytest.mark.parametrize(
    "refusal, told",
    [
        (
            errors.IdentifierWrong(identifier="1", kind="SIRET", why_fr="la clé est fausse", why_en="wrong key"),
            'href="#identifier">L\'identifiant 1',
        ),
        (errors.StructureExists(identifier="1"), f'href="/rattachements/demande/{TOWN}"'),
        (errors.Invalid(what="structure", fields={"city": ["trop long / too long"]}), 'href="#city">trop long'),
    ],
)
def test_what_organisation_refuses_of_a_structure_is_said_and_nothing_typed_is_lost(browser, manager, refusal, told):
    manager.answers[organisation.CreateStructure] = refusal
    answer = browser.post("/structures/creation", CREATE)
    assert answer.status_code == 422
    assert told in words(answer)
    assert 'value="Papeterie"' in words(answer)


@pytest.mark.requirement("R062")
def test_types_without_an_identifier_or_a_raison_sociale_do_without(browser, manager):
    manager.answers[organisation.CreateStructure] = {"structure": a_structure(type="PRIVATE")}
    browser.post("/structures/creation", {**CREATE, "identifier_type": "AUTRE", "identifier": "", "non_diffusible": "y"})
    person = {"identifier_type": "PARTICULIER", "identifier": "", "name": "", "given_name": "Ada", "family_name": "Martin"}
    browser.post("/structures/creation", {**CREATE, **person, "complement2": "Bât. B"})
    registering, named = manager.requests(organisation.CreateStructure)
    assert (registering.identifier_type, registering.identifier, registering.non_diffusible) == ("AUTRE", "", True)
    assert (named.given_name, named.family_name, named.address.complement2) == ("Ada", "Martin", "Bât. B")
    answer = browser.post("/structures/creation", {**CREATE, **person, "given_name": ""})
    assert 'href="#given_name"' in words(answer)


@pytest.mark.requirement("R061")
@pytest.mark.requirement("R068")
def test_a_public_structure_is_not_created_here_but_asked_for(browser, manager):
    answer = browser.post("/structures/creation", {**CREATE, "type": "PUBLIC"})
    assert answer.status_code == 422
    assert 'href="#type"' in words(answer)
    assert 'href="/structures/demande-publique"' in words(answer)
    assert not manager.requests(organisation.CreateStructure)


def test_an_empty_creation_names_every_needed_field(browser, manager):
    answer = browser.post("/structures/creation", {"type": "PRIVATE", "identifier_type": "SIRET"})
    assert answer.status_code == 422
    for field in ("identifier", "name", "line", "postal_code", "city"):
        assert f'href="#{field}"' in words(answer)
