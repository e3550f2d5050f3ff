"""A public body has its invoices validated within before it pays them: it opens the espace, makes a rule, and two people decide."""

from urllib.parse import urlsplit

import pytest
from support.cast import operator
from support.installation import until
from support.invoice_factory import Party
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEY = "processus-de-validation"
PLACE = f"/espaces/{KEY}"
RECEIVED = "factures-recues"
SERVICE, SECONDS = "VOIRIE", 60


def signed_in(installation, somebody):
    visitor = Visitor(installation)
    assert visitor.sign_in(somebody.email, somebody.password).status == 200
    return visitor


def box(page, prefix, name):
    """The field that ticks somebody among the validators of a step."""
    [field] = [
        each.get("name")
        for each in page.tree.xpath(f"//main//input[starts-with(@name, '{prefix}.')]")
        if name in each.getparent().text_content()
    ]
    return field


def pays(visitor, invoice):
    """Try to put an invoice into payment on its page."""
    return visitor.submit(visitor.open(f"/factures-recues/{invoice}").form("/statut"), to="MISE_EN_PAIEMENT")


def pays_in_mass(visitor, invoice, number):
    page = visitor.open(f"/factures-recues/?onglet=tout&number={number}")
    chosen = visitor.submit(page.form("/traitement/choix"), facture=[invoice], portee="choix")
    return visitor.submit(chosen.form("/traitement/"), to="MISE_EN_PAIEMENT")


@pytest.mark.requirement("R283")
def test_an_invoice_received_waits_for_two_people_of_the_body_before_it_is_paid(installation, story, new_number):
    tag = new_number()
    with operator(installation) as cast:
        body = cast.structure(tag, f"Ville Quatre-Yeux {tag}", "PUBLIC", codes=(SERVICE,))
        boss = signed_in(installation, cast.gestionnaire(body, "Gaëlle"))
        structures = f"/structures/{body.structure_id}"
        assert boss.open(f"{PLACE}/").status == 403, "it is off until it is opened"
        opened = boss.submit(boss.open(structures).form(f"{KEY}/ouverture"))
        assert opened.status == 200
        anna, beno = (signed_in(installation, cast.user(body, name, (KEY,))) for name in ("Anna", "Béno"))
        payer = signed_in(installation, cast.user(body, "Paul", (RECEIVED,)))
    stranger = story.visitor(story.easy)
    assert (payer.open(f"{PLACE}/").status, stranger.open(f"{PLACE}/").status) == (403, 403)

    page = boss.open(f"{PLACE}/regles")
    first, second = box(page, "etape1", "Anna"), box(page, "etape2", "Béno")
    assert not any("Paul" in each.text_content() for each in page.tree.xpath("//main//label")), "he has no habilitation here"
    same = boss.submit(page.form("/regles"), **{first: "1", first.replace("etape1", "etape2"): "1"}, acte="ajouter")
    assert (same.status, "valideurs différents" in same.main) == (422, True)
    made = boss.submit(page.form("/regles"), **{first: "1", second: "1"}, code_service=SERVICE, montant="1", acte="ajouter")
    assert (made.status, "La règle est en vigueur." in made.text) == (200, True)
    assert not anna.open(f"{PLACE}/regles").offers("/regles"), "who validates decides about no rule"

    supplier, buyer = story.visitor(story.supplier), Party(body.identifier, body.name)

    def comes(number):
        invoice = story.sent(supplier, number, buyer=buyer, service=SERVICE)
        until(lambda: number in anna.open(f"{PLACE}/a-valider").main, SECONDS, f"{number} waits for its validation")
        return invoice

    number = new_number()
    invoice = comes(number)
    waiting = anna.open(f"{PLACE}/a-valider")
    assert "Pour vous : 1. En attente dans la structure : 1." in waiting.main
    assert "30 j" in waiting.main or "29 j" in waiting.main
    assert "Factures qui attendent votre validation : 1." in anna.open("/").main

    barred = pays(payer, invoice)
    assert barred.status == 409
    assert "veut d'abord une validation interne, étape 1 sur 2, par Anna" in barred.main
    assert "ne peut pas passer à « Mise en paiement »" in barred.main
    report = pays_in_mass(payer, invoice, number)
    assert "refusée" in report.main
    assert "étape 1 sur 2, par Anna" in report.main
    english = payer.open(f"/factures-recues/{invoice}", lang="en")
    assert "by Anna" in payer.submit(english.form("/statut"), to="MANDATEE").main
    payer.open("/", lang="fr")

    address = urlsplit(waiting.link(number))
    place = f"{address.path}?{address.query}"
    assert "Vous n'avez rien à décider ici." in beno.open(place).main, "the first step is not his"
    assert stranger.open(place).status in (403, 404)
    validated = anna.submit(anna.open(place).form("/facture"), acte="valider", motif="Conforme")
    assert "Votre validation est enregistrée." in validated.text
    assert not any(form.xpath(".//button[@value='valider']") for form in validated.forms), "four eyes"
    assert pays(payer, invoice).status == 409
    beno.submit(beno.open(place).form("/facture"), acte="valider")
    paid = pays(payer, invoice)
    assert paid.status == 200
    assert "Mise en paiement" in paid.main
    story_of_it = boss.open(place).main
    assert all(words in story_of_it for words in ("validée par Anna", "validée par Béno", "Conforme"))

    refused = comes(new_number())
    place = f"{PLACE}/facture?{urlsplit(anna.open(f'{PLACE}/a-valider').link('/facture')).query}"
    anna.submit(anna.open(place).form("/facture"), acte="refuser", motif="Prix faux")
    barred = pays(payer, refused)
    assert (barred.status, "refusée en interne" in barred.main, "« Prix faux »" in barred.main) == (409, True, True)
    suspended = payer.submit(payer.open(f"/factures-recues/{refused}").form("/statut"), to="SUSPENDUE", motive="Prix à corriger")
    assert (suspended.status, "Suspendue" in suspended.main) == (200, True)

    stuck = comes(new_number())
    assert pays(payer, stuck).status == 409
    closed = boss.submit(boss.open(structures).form(f"{KEY}/fermeture"))
    assert closed.status == 200
    assert pays(payer, stuck).status == 200, "a body that closes the espace pays as it did before"
