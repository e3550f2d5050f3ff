"""A works contract by five people in a real browser: from the sub-contractor's demand to the payment, then the account at its end."""

import re

import pytest
from support import cast
from support.browser import person

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)

WORKS, VALIDATING = "factures-travaux", "factures-a-valider"
CONTRACT = {"form.marche": "M-2026-7", "form.lot": "2", "form.objet": "Groupe scolaire Jean-Zay"}
MONTH = {**CONTRACT, "form.mois": "2026-10", "form.travaux": "10000,00", "form.tva": "2000,00"}
END = {**CONTRACT, "form.travaux": "100000,00", "form.acomptes": "90000,00", "form.tva": "2000,00"}


class Site:
    """One window in which the actors of a contract sit down in turn, with pictures of every page at both widths."""

    def __init__(self, window, cast):
        self.window, self.cast, self._step = window, cast, 0

    def sit_down(self, who):
        self.window.sign_in_with(self.cast[who].email, self.cast[who].password)
        return self.window

    def picture(self, name):
        self._step += 1
        self.window.pictures_at_both_widths(f"w{self._step:02}-{name}")

    def begin(self, who, kind, cadre):
        """Open the form of a first document, over the list and the choice."""
        window = self.sit_down(who)
        window.open(f"/espaces/{WORKS}/demandes")
        self.picture(f"{cadre}-list")
        window.press("Nouvelle demande")
        window.sees(f"{cadre}, ")
        self.picture(f"{cadre}-choice")
        window.find(f"main a[href*='kind={kind}&cadre={cadre}']").click()
        window.sees("Brouillon, non envoyé")

    def fill(self, **values):
        for name, text in values.items():
            self.window.fill(name, text)

    def send(self, tag, number):
        """Check, confirm and send what is typed."""
        window = self.window
        self.picture(f"{tag}-form")
        window.press("Vérifier et envoyer")
        window.sees("Confirmation d'envoi")
        self.picture(f"{tag}-confirmation")
        window.press("Confirmer et envoyer")
        window.sees(f"La demande n° {number} est envoyée.")
        self.picture(f"{tag}-sent")

    def open_work(self, who, number, espace=WORKS):
        """Open what waits for somebody, from the list of what is to be done."""
        window = self.sit_down(who)
        window.open(f"/espaces/{espace}/demandes")
        window.press(number)
        window.sees("Que faire maintenant")
        window.sees("Cette demande attend votre action.")

    def answer(self, words, status, tag, stated=False, **values):
        """Make one passage of the request that is open."""
        window = self.window
        window.press(words)
        window.find("main form [name='comment']")
        if stated:
            assert window.tick("stated") == 1
        self.fill(**values)
        self.picture(f"{tag}-asked")
        window.press(words)
        window.sees(f"La demande est maintenant : {status}.")
        self.picture(f"{tag}-done")

    def next_piece(self, cadre):
        """Begin the piece that is deposited from the request that is open."""
        self.window.press(f"Déposer la pièce suivante : {cadre},")
        self.window.sees("La pièce suivante est commencée")

    def name(self, **parties):
        """Fill in who takes part: a member of the cast, or one with a code service."""
        for role, (who, code) in parties.items():
            role = role.replace("_", "-")
            self.window.fill(f"party.{role}", self.cast[who].siret)
            if code:
                self.window.fill(f"service.{role}", code)


@pytest.fixture
def people(installation, new_number):
    with cast.operator(installation) as operator:
        sub = operator.structure(new_number(), "Plâtrerie du Quai", "PRIVATE")
        holder = operator.structure(new_number(), "Constructions Morel", "PRIVATE")
        moe = operator.structure(new_number(), "Atelier Ligne Claire", "PRIVATE")
        town = operator.structure(
            new_number(), "Ville de Montclair", "PUBLIC", ("TRAVAUX", "COMPTA"), moa_presence="AVEC_MOA"
        )
        yield {
            "sub": operator.gestionnaire(sub, "Sonia", (WORKS,)),
            "holder": operator.gestionnaire(holder, "Thierry", (WORKS, VALIDATING)),
            "moe": operator.gestionnaire(moe, "Maud", (WORKS,)),
            "moa": operator.gestionnaire(town, "Odile", (WORKS,)),
            "payer": operator.user(town, "Paul", ("factures-recues",)),
        }


@pytest.fixture
def site(installation, people, tmp_path):
    with person(installation, tmp_path / "site") as window:
        yield Site(window, people)


@embedded
@pytest.mark.requirement("R180")
@pytest.mark.requirement("R183")
def test_the_month_from_the_sub_contractor_and_the_holder_to_who_pays(site, new_number):
    sub_contractor_then_valideur(site, new_number())
    number = new_number()
    monthly_account(site, number)
    paid(site, f"{number}-EAV")
    dossier(site, number)
    # The statement that was not ticked is answered with 422.
    assert [each for each in site.window.complaints() if "status of 422" not in each] == []


def sub_contractor_then_valideur(site, number):
    """The sub-contractor's demand goes to the MOE once the holder has agreed, with the tick by which he says what he is."""
    site.begin("sub", "acompte", "A10")
    site.fill(number=number, **MONTH)
    site.name(valideur_1=("holder", ""), moe=("moe", ""), moa=("moa", "TRAVAUX"))
    site.send("A10", number)
    site.open_work("holder", number, VALIDATING)
    site.picture("A10-to-validate")
    site.window.press("Valider")
    site.window.find("main form [name='stated']")
    site.window.press("Valider")
    site.window.sees("Cochez cette case pour continuer.")
    site.picture("A10-statement-missing")
    assert site.window.tick("stated") == 1
    site.fill(comment="Travaux faits, vus sur place le 30.")
    site.window.press("Valider")
    site.window.sees("La demande est maintenant")
    site.picture("A10-validated")
    site.open_work("moe", number)
    site.window.sees("Plâtrerie du Quai")
    site.window.press("Historique")
    site.window.sees("Travaux faits, vus sur place le 30.")
    site.picture("A10-history-of-moe")


def monthly_account(site, number):
    site.begin("holder", "acompte", "A4")
    site.fill(number=number, **MONTH)
    site.name(moe=("moe", ""), moa=("moa", "TRAVAUX"))
    site.send("A4", number)
    site.open_work("moe", number)
    site.picture("A4-with-moe")
    site.answer("Prendre en compte", "Prise en compte MOE", "A4-taken", comment="Reçu, je vérifie les métrés.")
    site.next_piece("A15")
    site.fill(**{"form.travaux": "9500,00", "form.tva": "1900,00", "form.ecart": "Métré du mur nord : 20 m² de moins."})
    site.send("A15", f"{number}-EA")
    site.open_work("moa", f"{number}-EA")
    site.picture("A15-with-moa")
    site.next_piece("A19")
    site.name(service_financier=("moa", "COMPTA"))
    site.send("A19", f"{number}-EAV")


def paid(site, number):
    """What the MOA validated is an invoice of Factures reçues, and is paid there."""
    window = site.sit_down("payer")
    window.open("/factures-recues/?onglet=tout")
    window.press(number)
    window.sees("Constructions Morel")
    # What was typed stands in the notes of the invoice's file, as people write it.
    window.sees("Travaux du mois (HT) : 9\u202f500,00 €")
    site.picture("invoice")
    window.choose("to", "MISE_EN_PAIEMENT")
    window.press("Enregistrer le nouveau statut")
    window.until(lambda driver: "Mise en paiement" in driver.find_element("css selector", "main h1").text, "paid")
    site.picture("invoice-paid")


def dossier(site, number):
    """Every piece with who deposited it and when, the délai, and what was claimed and admitted at each stage."""
    window = site.sit_down("holder")
    window.open(f"/espaces/{WORKS}/demandes?onglet=tout")
    window.press(number)
    window.press("Dossier")
    window.press("Voir le dossier en entier")
    window.sees("Pièces du dossier")
    shown = window.content
    for piece, maker in (("", "Constructions Morel"), ("-EA", "Atelier Ligne Claire"), ("-EAV", "Ville de Montclair")):
        assert f"{number}{piece}" in shown and maker in shown
    for amount in ("12 000,00", "11 400,00"):
        assert amount in re.sub(r"\s", " ", shown)
    for name in ("Thierry", "Maud", "Odile"):
        assert name in shown
    site.picture("dossier")
    window.open(f"/espaces/{WORKS}/montants")
    site.picture("amounts")


@embedded
@pytest.mark.requirement("R181")
@pytest.mark.requirement("R182")
def test_the_account_at_the_end_goes_from_the_holder_over_moe_and_moa_back_to_him(site, new_number):
    number = new_number()
    site.begin("holder", "decompte-final", "A7")
    site.fill(number=number, **END)
    site.name(moe=("moe", ""), moa=("moa", "TRAVAUX"))
    site.send("A7", number)
    site.open_work("moe", number)
    site.next_piece("A17")
    site.send("A17", f"{number}-PDG")
    site.open_work("moa", f"{number}-PDG")
    site.next_piece("A20")
    site.send("A20", f"{number}-DG")
    site.open_work("holder", f"{number}-DG")
    site.picture("A20-with-holder")
    site.next_piece("A8")
    site.name(service_financier=("moa", "COMPTA"))
    site.send("A8", f"{number}-DGD")
    site.window.press("Suivre la demande")
    site.window.press("Dossier")
    site.picture("A8-dossier")
    assert site.window.complaints() == []
