"""The fiche of a groupement conjoint of three in a real browser: members and sub-contractors are added and taken away in place."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from support.browser import DESKTOP, TELEPHONE, person

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
WORKS = "factures-travaux"


@pytest.fixture
def window(installation, tmp_path, size):
    with person(installation, tmp_path / "window", size) as opened:
        yield opened


def siret(installation, persona):
    [structure] = installation.persona(persona)["structures"]
    return structure["siret"]


def places(window, role):
    """The SIRETs that the page shows for a role, by the name of their input."""
    found = window.driver.find_elements(By.CSS_SELECTOR, f"main [name='party.{role}'], main [name^='party.{role}.']")
    return {each.get_attribute("name"): each.get_attribute("value") for each in found}


def keep(window):
    before = window.find("html")
    button = window.find("main .entry-actions [name='action'][value='save']")
    window.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
    button.click()
    window.until(staleness_of(before), "the page of the draft that was kept")
    window.sees("Le brouillon est enregistré.")


@pytest.mark.parametrize("installation", ["embedded"], indirect=True)
@pytest.mark.parametrize("size", [DESKTOP, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.requirement("R292")
def test_members_are_added_and_taken_away_and_each_gets_a_line_for_his_amount(installation, window, new_number):
    number = new_number()
    sirets = [siret(installation, who) for who in ("titulaire", "cotraitant", "maitrise-oeuvre", "sous-traitant")]
    holder, joint, other, subcontractor = sirets
    window.sign_in("titulaire")
    window.open(f"/espaces/{WORKS}/demandes/nouvelle?kind=fiche-marche&cadre=FICHE")
    window.sees("Brouillon, non envoyé")
    window.fill("form.marche", number)
    window.fill("form.objet", "Lycée")
    for name, value in (("groupement", "conjoint"), ("moe_mode", "portail"), ("moa_mode", "avec")):
        window.select(f"form.{name}", value)
    window.fill("party.titulaire", holder)
    window.fill("party.cotraitant", joint)
    window.fill("party.sous-traitant", subcontractor)
    for place in (2, 3):
        window.press("Ajouter : Cotraitant")
        window.find(f"main [name='party.cotraitant.{place}']")
    window.fill("party.cotraitant.2", subcontractor)
    window.fill("party.cotraitant.3", other)
    window.picture("places")
    window.press("Retirer Cotraitant 2")
    assert places(window, "cotraitant") == {"party.cotraitant": joint, "party.cotraitant.2": other}
    keep(window)
    assert places(window, "cotraitant") == {"party.cotraitant": joint, "party.cotraitant.2": other, "party.cotraitant.3": ""}
    for index, who in enumerate((holder, joint, other), 1):
        assert window.find(f"main [name='line.{index}.membre']").get_attribute("value") == who
        window.fill(f"line.{index}.ht", f"{index}000,00")
        window.fill(f"line.{index}.ttc", f"{index}200,00")
    wide, inner = window.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= inner
    window.picture("amounts")
    window.press("Vérifier et envoyer")
    window.sees("Confirmation d'envoi")
    window.press("Confirmer et envoyer")
    window.sees(f"La demande n° {number}-V1 est envoyée.")
    window.picture("sent")
    assert window.complaints() == []
