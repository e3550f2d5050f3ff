"""The assistant: five intents led to their end, a conversation that is the visitor's own, and opinions that are kept."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from pupitre_espace_sollicitations_emises import hooks, intents
from pupitre_espaces import Label, PageRequest, PortRefused
from pupitre_espaces.testing import FixedClock, a_context, a_host

KEY = "sollicitations-emises"
FOUND = SimpleNamespace(
    number="F-2024-17",
    status_label=Label("Mandatée", "Payment order made"),
    supplier_name="Atelier <b>",
    recipient_name="Ville",
)


class Invoices:
    def search(self, side, *, number, limit):
        if side == "received":
            raise PortRefused("forbidden", "no such espace")
        return (FOUND,) if number == FOUND.number else ()


@pytest.fixture
def context():
    made = a_context(clock=FixedClock(datetime(2026, 11, 25, 9, tzinfo=UTC)))
    return replace(made, ports=replace(made.ports, invoices=Invoices()))


def say(context, body="", **form):
    """Send what a visitor types or presses on the page that `body` is."""
    kept = re.search(r'name="talk" value="([^"]*)"', body)
    form = {"talk": html.unescape(kept[1]) if kept else "", **form}
    request = PageRequest(context, "CONSULTATION", lambda slug: f"/espaces/{KEY}/{slug}", form=form)
    return a_host(hooks).submit(KEY, "assistant", request).body


TEXT = re.compile(r'assistant-assistant"><strong>[^<]*</strong> <span class="assistant-text">(.*?)</span>', re.DOTALL)


def last(body):
    return html.unescape(TEXT.findall(body)[-1])


@pytest.mark.parametrize(
    "text, intent",
    [
        ("J'ai oublié mon mot de passe", intents.PASSWORD),
        ("I forgot my password", intents.PASSWORD),
        ("je n'ai jamais reçu le lien d'activation", intents.ACTIVATION),
        ("where is my activation link?", intents.ACTIVATION),
        ("Où en est la facture F-2024-17 ?", intents.INVOICE),
        ("when will my invoice be paid", intents.INVOICE),
        ("je voudrais suivre une formation", intents.TRAINING),
        ("is there a webinar?", intents.TRAINING),
        ("Comment désactiver une structure publique ?", intents.STRUCTURE),
        ("inactivate a public structure", intents.STRUCTURE),
        ("quel temps fait-il", intents.UNKNOWN),
        ("", intents.UNKNOWN),
    ],
)
def test_what_people_say_is_recognised_in_both_languages(text, intent):
    assert intents.recognise(text) == intent


@pytest.mark.parametrize("each", intents.INTENTS, ids=lambda each: each.key)
def test_each_suggestion_is_recognised_as_what_it_says(each):
    assert intents.recognise(each.suggestion.fr) == intents.recognise(each.suggestion.en) == each.key


@pytest.mark.parametrize(
    "text, number",
    [
        ("Où en est la facture F-2024-17 ?", "F-2024-17"),
        ("facture n° 88", "88"),
        ("F-2024-17", "F-2024-17"),
        ("my invoice number: AB/12.", "AB/12"),
        ("où en est ma facture", None),
        ("la facture du mois", None),
    ],
)
def test_the_number_of_an_invoice_is_found_in_a_sentence(text, number):
    assert intents.number_in(text) == number


@pytest.mark.parametrize("intent", [intents.PASSWORD, intents.ACTIVATION, intents.STRUCTURE])
def test_a_procedure_is_told_in_three_steps_and_may_be_rated(context, intent):
    body = say(context, intent=intent)
    assert [line[:2] for line in last(body).splitlines()] == ["1.", "2.", "3."]
    rated = say(context, body, rating="up")
    assert last(rated) == "Merci de votre avis."
    assert 'name="rating"' not in rated
    assert dict(context.ports.records.get("avis", intent).document) == {"up": 1, "down": 0}


def test_an_invoice_is_followed_by_its_number_in_two_turns(context):
    body = say(context, text="Où en est ma facture ?")
    assert last(body) == "Quel est le numéro de la facture ?"
    body = say(context, body, text="c'est la F-2024-18")
    assert "F-2024-18" in last(body)
    assert "ne trouve pas" in last(body)
    body = say(context, body, text="F-2024-17")
    assert "Mandatée" in last(body)
    assert "<b>" not in body
    assert 'name="rating"' in body


def test_a_training_is_registered_for(context):
    body = say(context, text="Une formation ?")
    assert 'name="training" value="premiers-pas"' in body
    body = say(context, body, training="premiers-pas")
    assert "Vous êtes inscrit" in last(body)
    [kept] = context.ports.records.search("inscriptions")
    assert kept.document["training"] == "premiers-pas"
    assert last(say(context, body, training="inconnue")).startswith("Aucune formation")


def test_no_training_is_offered_once_they_are_over(context):
    late = replace(context, clock=FixedClock(datetime(2030, 1, 1, tzinfo=UTC)))
    assert last(say(late, text="formation")).startswith("Aucune formation")


def test_what_is_not_understood_leads_to_the_suggestions_and_to_people(context):
    body = say(context, text="xyzzy")
    assert "pas compris" in last(body)
    assert body.count('name="intent"') == 5
    assert f'href="/espaces/{KEY}/demandes"' in body


@pytest.mark.parametrize(
    "talk", ["x", "[]", "{}", '{"turns": 3}', '{"turns": [{"by": "me"}], "awaiting": "", "ended": ""}', "null"]
)
def test_a_conversation_that_was_tampered_with_is_begun_anew(context, talk):
    request = PageRequest(context, "CONSULTATION", lambda slug: f"/{slug}", form={"talk": talk, "text": "bonjour"})
    assert "Bonjour. Choisissez" in html.unescape(a_host(hooks).submit(KEY, "assistant", request).body)


def test_what_comes_back_is_text_and_bounded(context):
    body = ""
    for number in range(30):
        body = say(context, body, text=f"<script>{number}</script>")
    assert "<script>" not in body
    assert body.count("<li class=") == 20


def test_nothing_is_rated_that_was_not_led_to_its_end(context):
    assert last(say(context, rating="up")) == "Rien n'est à noter."
    assert context.ports.records.search("avis") == ()


def test_opinions_are_reported(context):
    for rating in ("up", "up", "down"):
        say(context, say(context, intent=intents.PASSWORD), rating=rating)
    request = PageRequest(context, "CONSULTATION", lambda slug: f"/{slug}")
    body = a_host(hooks).page(KEY, "avis", request).body
    assert '<td class="text-end">2</td><td class="text-end">1</td>' in body


def test_three_ways_to_be_helped(context):
    request = PageRequest(context, "CONSULTATION", lambda slug: f"/{slug}")
    body = a_host(hooks).page(KEY, "contact", request).body
    assert body.count("list-group-item") == 3
