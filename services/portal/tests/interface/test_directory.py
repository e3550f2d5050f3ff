"""The annuaire as a page for everybody: R260, R261, R270, R271, R275."""

import csv
import io

import pytest
from portal_world import EVIL, TOWN, a_listed_structure, an_entry
from pupitre_contracts import directory, errors, organisation


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.requirement("R261")
@pytest.mark.requirement("R103")
def test_anybody_searches_the_annuaire_without_an_account(visitor, bus):
    page = words(visitor.get("/annuaire/?nom=ville&identifiant=217 500 016 00019&ville=*test*&etat=actives&page=2"))
    assert "Ville de Test" in page
    [(_, _, request, _, token)] = bus.calls
    assert token is None
    asked = (request.name, request.identifier, request.city, request.active, request.page)
    assert asked == ("*ville*", "21750001600019", "*test*", True, 2)
    assert 'href="/annuaire/"' in words(visitor.get("/connexion"))


@pytest.mark.requirement("R275")
def test_the_page_says_which_results_it_shows(visitor, bus):
    assert "Résultats 26 - 26 sur 60" in words(visitor.get("/annuaire/?page=2"))
    assert "Results 1 - 1 of 60" in words(visitor.get("/annuaire/?lang=en"))
    bus.answers[directory.SearchDirectory] = {"structures": [], "total": 0}
    assert "Results 0 - 0 of 0" in words(visitor.get("/annuaire/?nom=rien"))


@pytest.mark.requirement("R260")
@pytest.mark.requirement("R071")
def test_the_card_has_all_six_facts(visitor, bus):
    demands = organisation.Parameters(requires_service=True, payment_not_reported=True, moa_presence="AVEC_MOA")
    address = organisation.Address(line="1 place Neuve", postal_code="44000", city="Testville")
    bus.answers[directory.GetDirectoryEntry] = {"entry": an_entry(active=False, parameters=demands, address=address, label=EVIL)}
    for place in (f"/annuaire/{TOWN}", "/annuaire/structure/21750001600019"):
        page = words(visitor.get(place))
        for fact in (
            "inactive : elle ne reçoit plus de factures", "Ville de Test", "1 place Neuve, 44000 Testville, France",
            "<dt>Code service</dt><dd>obligatoire</dd>", "facultatif, sauf si le service l'exige", "VOIRIE", "actif",
            "ne la fait pas connaître", "structure avec MOA",
        ):
            assert fact in page, fact
        assert EVIL not in page
    assert bus.requests(directory.GetDirectoryEntry)[1].identifier == "21750001600019"
    bus.answers[directory.GetDirectoryEntry] = {"entry": an_entry(parameters=organisation.Parameters(requires_service_or_engagement=True))}
    page = words(visitor.get(f"/annuaire/{TOWN}"))
    for fact in ("à défaut de numéro d'engagement", "à défaut de code service", "la fait connaître", "non précisée"):
        assert fact in page
    bus.answers[directory.GetDirectoryEntry] = errors.NotFound(what="structure")
    assert visitor.get(f"/annuaire/{TOWN}").status_code == 404


@pytest.mark.requirement("R271")
def test_what_a_search_finds_is_exported_with_all_its_pages(visitor, bus):
    def search(request):
        assert (request.name, request.active) == ("*ville*", False)
        if request.after is None:
            return {"structures": [a_listed_structure(name="=Ville")], "total": 2, "next": "suite"}
        assert request.after == "suite"
        return {"structures": [a_listed_structure(name="Ville; deux", active=False)], "total": 2}

    bus.answers[directory.SearchDirectory] = search
    page = words(visitor.get("/connexion"))
    bus.answers[directory.SearchDirectory] = search
    answer = visitor.get("/annuaire/export.csv?nom=ville&etat=inactives")
    assert answer.status_code == 200, page
    assert answer.headers["Content-Disposition"] == 'attachment; filename="annuaire.csv"'
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Type d'identifiant", "Identifiant", "Raison sociale"]
    assert [row[2] for row in rows[1:]] == ["'=Ville", "Ville; deux"]
    assert visitor.get("/annuaire/export.xlsx?nom=ville&etat=inactives").get_data()[:2] == b"PK"


def test_an_export_that_cannot_begin_is_an_error_page_and_not_a_file(visitor, bus):
    bus.down.add("organisation")
    answer = visitor.get("/annuaire/export.csv")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert visitor.get("/annuaire/export.pdf").status_code == 404
