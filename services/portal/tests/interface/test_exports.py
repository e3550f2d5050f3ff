"""Lists of people and rights: searched, exported as they are shown, with « Résultats a - b sur n »."""

import csv
import io
import uuid
import zipfile

import pytest
from lxml import etree
from portal_world import NOW, SUPPLIER, TOWN, USER, a_listed_structure, a_structure, rights
from pupitre_contracts import errors, identity, organisation, rattachements

SERVICE = uuid.UUID(int=5)
SHEET = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
MEMBERS = f"/structures/{TOWN}/utilisateurs/"


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def csv_rows(answer):
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), words(answer)
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet_rows(answer):
    assert answer.status_code == 200, words(answer)
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [[cell.xpath("string()") for cell in row] for row in sheet.xpath("//x:row", namespaces=SHEET)]


def a_member(given, family, email, *espaces, **changes):
    right = [organisation.EspaceRight(espace=espace, profile=profile) for espace, profile in espaces]
    values = {"user_id": uuid.uuid4(), "email": email, "given_name": given, "family_name": family, "role": "US", "espaces": right}
    return rattachements.Member(**(values | changes))


def a_request(number, **changes):
    values = {
        "approbation_id": uuid.uuid4(), "number": number, "kind": "RATTACHEMENT", "state": "DEMANDE", "structure_id": TOWN,
        "structure_identifier": "21750001600019", "structure_name": "Ville", "user_id": USER, "user_name": "Ada L",
        "user_email": "ada@b.fr", "wishes": [], "asked_at": NOW,
    }
    return rattachements.Approbation(**(values | changes))


@pytest.fixture
def bus(bus):
    both = (("factures-recues", "MODIFICATION"), ("bonjour", "CONSULTATION"))
    members = [
        a_member("Élodie", "Martin", "elodie@b.fr", *both),
        a_member("Bob", "=cmd()", "bob@b.fr"),
        a_member("Ana", "Petit", "ana@c.fr", both[0]),
    ]
    bus.answers |= {
        rattachements.ListMembers: {"members": members},
        rattachements.ListApprobations: {"approbations": [a_request(100001)], "total": 1, "waiting": 1},
        organisation.RightsOfActor: {"structures": [rights(), rights(TOWN, name="Ville de Test", espaces=("factures-recues",))]},
    }
    return bus


@pytest.mark.requirement("R074")
@pytest.mark.requirement("R272")
def test_the_users_of_a_structure_are_exported_with_a_row_for_each_habilitation(browser, bus):
    for rows in (csv_rows(browser.get(MEMBERS + "export.csv")), sheet_rows(browser.get(MEMBERS + "export.xlsx"))):
        assert [(row[0], row[2], *row[-2:]) for row in rows[1:]] == [
            ("Martin", "elodie@b.fr", "Factures reçues", "modification"),
            ("Martin", "elodie@b.fr", "Bonjour", "consultation"),
            ("'=cmd()", "bob@b.fr", "", ""),
            ("Petit", "ana@c.fr", "Factures reçues", "modification"),
        ]
    assert f'href="{MEMBERS}export.xlsx"' in words(browser.get(MEMBERS))


@pytest.mark.requirement("R270")
@pytest.mark.requirement("R275")
@pytest.mark.parametrize(
    "wanted, names",
    [
        ("*@b.fr", ["Martin", "Martin", "'=cmd()"]), ("elodie m*", ["Martin", "Martin"]), ("*MARTIN", ["Martin", "Martin"]),
        ("pet", ["Petit"]), ("ana@c.fr", ["Petit"]), ("pet*x", []), ("*", ["Martin", "Martin", "'=cmd()", "Petit"]),
    ],
)
def test_users_are_searched_with_stars_and_the_export_is_what_was_found(browser, wanted, names):
    found = len(set(names))
    page = words(browser.get(MEMBERS, query_string={"recherche": wanted}))
    assert f"Résultats {min(1, found)} - {found} sur {found}" in page
    rows = csv_rows(browser.get(MEMBERS + "export.csv", query_string={"recherche": wanted}))
    assert [row[0] for row in rows[1:]] == names


def test_many_users_have_pages(browser, bus):
    bus.answers[rattachements.ListMembers] = {"members": [a_member("U", f"Nom {number:02d}", "u@b.fr") for number in range(30)]}
    page = words(browser.get(MEMBERS + "?page=2"))
    assert "Résultats 26 - 30 sur 30" in page
    assert "Nom 29" in page and "Nom 01" not in page


def test_who_may_not_list_the_users_may_not_export_them(browser, bus, visitor):
    bus.answers[rattachements.ListMembers] = errors.Forbidden(needed="GP")
    assert browser.get(MEMBERS + "export.csv").status_code == 403
    bus.answers[identity.ResumeSession] = errors.SessionEnded()
    for address in (MEMBERS + "export.csv", "/rattachements/export.csv", "/mes-habilitations/export.xlsx", "/approbations/export.csv"):
        assert browser.get(address).status_code == 302


@pytest.fixture
def at_a_service(bus):
    """The visitor is attached to a service of the town, and has an espace there alone."""
    right = organisation.EspaceRight(espace="factures-recues", profile="CONSULTATION", structure_service_ids=[SERVICE])
    whole = organisation.EspaceRight(espace="bonjour", profile="MODIFICATION")
    town = rights(
        TOWN, name="Ville de Test", identifier="21750001600019", role="US", structure_service_ids=[SERVICE], whole_structure=True,
        espaces=[],
    )
    town = organisation.StructureRights(**{**{k: v for k, v in town.values.items() if v is not None}, "espaces": [right, whole]})
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(), town]}
    bus.answers[organisation.ResolveRecipients] = lambda request: {
        "recipients": [
            organisation.ResolvedRecipient(siret=each.siret, structure=a_structure(), suggestions=[]) for each in request.recipients
        ]
    }
    return bus


@pytest.mark.requirement("R112")
@pytest.mark.requirement("R273")
@pytest.mark.requirement("R275")
def test_my_rattachements_have_their_columns_search_and_export(browser, at_a_service):
    page = words(browser.get("/rattachements/"))
    for column in ("Utilisateur", "Structure", "Raison sociale", "Code service", "Libellé du service"):
        assert f'<th scope="col">{column}</th>' in page
    assert "Résultats 1 - 3 sur 3" in page
    assert "Résultats 1 - 1 sur 1" in words(browser.get("/rattachements/?recherche=*duval"))
    rows = csv_rows(browser.get("/rattachements/export.csv"))
    assert [row[:5] for row in rows[1:]] == [
        ["a@b.fr", "12345678200010", "Atelier Duval", "", ""],
        ["a@b.fr", "21750001600019", "Ville de Test", "", ""],
        ["a@b.fr", "21750001600019", "Ville de Test", "VOIRIE", "Voirie"],
    ]
    assert len(csv_rows(browser.get("/rattachements/export.csv?recherche=voir*"))) == 2
    assert len(sheet_rows(browser.get("/rattachements/export.xlsx"))) == 4


@pytest.mark.requirement("R146")
@pytest.mark.requirement("R273")
def test_my_habilitations_are_shown_read_only_searched_and_exported(browser, at_a_service):
    page = words(browser.get("/mes-habilitations"))
    for text in ("Résultats 1 - 3 sur 3", "Factures émises (modification)", "Factures reçues (consultation)", "VOIRIE", "Voirie"):
        assert text in page
    assert 'method="post"' not in page.split("<main")[1]
    rows = csv_rows(browser.get("/mes-habilitations/export.csv?recherche=*ville*"))
    assert rows == [
        ["Structure", "Raison sociale", "Code service", "Libellé du service", "Profils"],
        ["21750001600019", "Ville de Test", "VOIRIE", "Voirie", "Factures reçues (consultation)"],
        ["21750001600019", "Ville de Test", "", "", "Bonjour (modification)"],
    ]
    assert len(at_a_service.requests(organisation.ResolveRecipients)) == 2


@pytest.mark.requirement("R152")
@pytest.mark.requirement("R273")
@pytest.mark.requirement("R275")
def test_approbations_are_exported_as_they_are_filtered_page_after_page(browser, bus):
    wish = rattachements.Wish(espace="factures-recues", profile="CONSULTATION")

    def answer(request):
        numbers = range(100000 + (request.page - 1) * request.page_size, 100000 + min(130, request.page * request.page_size))
        found = [a_request(number, kind="HABILITATION", wishes=[wish], state=request.state or "REFUSE") for number in numbers]
        return {"approbations": found, "total": 130, "waiting": 1}

    bus.answers[rattachements.ListApprobations] = answer
    assert "Résultats 26 - 50 sur 130" in words(browser.get("/approbations/?page=2"))
    rows = csv_rows(browser.get("/approbations/export.csv"))
    assert [int(row[0]) for row in rows[1:]] == list(range(100000, 100130))
    assert rows[1][1:7] == [
        "en attente", "Factures reçues (consultation)", "Ada L", "ada@b.fr", "21750001600019", "Ville"]
    assert csv_rows(browser.get("/approbations/export.csv?etat=toutes"))[1][1] == "refusée"
    assert {request.state for request in bus.requests(rattachements.ListApprobations)[1:3]} == {"DEMANDE"}


@pytest.mark.requirement("R104")
@pytest.mark.requirement("R271")
def test_the_structures_found_for_a_rattachement_are_exported(browser, bus):
    bus.answers[organisation.FindStructures] = {"structures": [a_listed_structure(type="PRIVATE")], "total": 1}
    page = words(browser.get("/rattachements/recherche?nom=*ville*"))
    assert "Résultats 1 - 1 sur 1" in page
    assert "/rattachements/recherche/export.csv?identifiant=&amp;nom=*ville*" in page
    rows = csv_rows(browser.get("/rattachements/recherche/export.csv?nom=*ville*"))
    assert [row[1:5] for row in rows[1:]] == [["21750001600019", "Ville de Test", "", "Structure privée"]]
    request = bus.requests(organisation.FindStructures)[-1]
    assert (request.name, request.include_private) == ("*ville*", True)
    assert len(csv_rows(browser.get("/rattachements/recherche/export.csv"))) == 1


@pytest.mark.requirement("R275")
@pytest.mark.parametrize("address", ["/factures-emises/?onglet=tout&page=2", "/notifications", "/boite-locale"])
def test_every_other_list_says_which_results_it_shows(browser, address):
    assert ("Résultats 26 - 26 sur 60" if "page=2" in address else "Résultats 1 - 1 sur 1") in words(browser.get(address))


def test_the_structure_ids_of_others_are_not_in_my_lists(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights()]}
    assert "Ville de Test" not in words(browser.get("/mes-habilitations"))
    assert str(SUPPLIER) in words(browser.get("/rattachements/"))
