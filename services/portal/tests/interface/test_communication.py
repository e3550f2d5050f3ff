"""Messages of public structures, and how somebody wants to be told."""

import uuid

import pytest
from portal_world import TOWN, a_message, a_user, rights
from pupitre_contracts import communication, errors, identity, organisation

MESSAGE = "/communication/messages/00000000-0000-0000-0000-000000000029"
WORDS = {"structure": str(TOWN), "subject": "Clôture", "text": "Déposez avant le 15."}


def page_of(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.fixture
def writer(bus):
    def having(espace, profile):
        bus.answers[organisation.RightsOfActor] = {
            "structures": [rights(TOWN, type="PUBLIC", name="Ville de Test", espaces=(espace,), profile=profile)]
        }
        return bus

    return having


@pytest.mark.requirement("R007")
@pytest.mark.parametrize("espace", ["factures-recues", "mes-messages"])
def test_a_user_of_a_public_structure_writes_to_its_suppliers(browser, writer, espace):
    bus = writer(espace, "MODIFICATION")
    assert 'href="/communication/nouveau"' in page_of(browser.get("/communication/envoyes"))
    answer = browser.post("/communication/nouveau", WORDS)
    assert answer.headers["Location"] == MESSAGE
    (request,) = bus.requests(communication.SendMessage)
    assert (request.structure_id, request.subject, request.text) == (TOWN, "Clôture", "Déposez avant le 15.")
    assert uuid.UUID(bus.keys(communication.SendMessage)[0])
    assert "Le message est envoyé" in page_of(browser.get(MESSAGE))


@pytest.mark.requirement("R007")
def test_a_message_is_read_and_offers_no_answer(browser, bus):
    page = page_of(browser.get(MESSAGE))
    assert "Déposez avant le 15." in page
    assert "on ne peut pas y répondre" in page
    main = page[page.index("<main") :]
    assert "<form" not in main[: main.index("</main>")]
    assert "Alex Martin" not in page


@pytest.mark.requirement("R007")
@pytest.mark.parametrize("espace, profile", [("factures-recues", "CONSULTATION"), ("factures-emises", "MODIFICATION")])
def test_who_may_not_write_is_offered_nothing_and_refused(browser, writer, espace, profile):
    bus = writer(espace, profile)
    assert "/communication/nouveau" not in page_of(browser.get("/communication"))
    answer = browser.get("/communication/nouveau")
    assert answer.status_code == 403
    assert "Mes messages, modification" in page_of(answer)
    assert not bus.requests(communication.SendMessage)


def test_a_refused_message_keeps_what_was_typed_and_names_the_field(browser, writer):
    bus = writer("factures-recues", "MODIFICATION")
    answer = browser.post("/communication/nouveau", {**WORDS, "subject": ""})
    assert answer.status_code == 422
    assert 'href="#subject"' in page_of(answer)
    assert "Déposez avant le 15." in page_of(answer)
    bus.answers[communication.SendMessage] = errors.Invalid(what="message", fields={"text": ["trop long / too long"]})
    answer = browser.post("/communication/nouveau", WORDS)
    assert answer.status_code == 422
    assert "trop long" in page_of(answer)
    foreign = browser.post("/communication/nouveau", {**WORDS, "structure": str(uuid.UUID(int=99))})
    assert foreign.status_code == 422


def test_the_list_says_how_many_and_how_far(browser, bus):
    bus.answers[communication.ReceivedMessages] = {"messages": [a_message()], "total": 60}
    page = page_of(browser.get("/communication?page=2"))
    assert "Résultats 26 - 50 sur 60" in page
    assert "?page=3" in page


@pytest.mark.requirement("R040")
@pytest.mark.requirement("R042")
def test_a_user_chooses_the_digest_and_the_recap(browser, bus):
    page = page_of(browser.get("/notifications/reglages"))
    assert page.count(" checked") == 2
    answer = browser.post("/notifications/reglages", {"mode": "daily"})
    assert answer.headers["Location"] == "/notifications/reglages"
    (request,) = bus.requests(communication.SetPreferences)
    assert (request.mode, request.weekly_recap) == ("daily", False)
    assert "Vos réglages sont enregistrés." in page_of(browser.get("/notifications/reglages"))
    assert browser.post("/notifications/reglages", {"mode": "jamais"}).status_code == 422
    assert browser.post("/notifications/reglages", {}).status_code == 422


@pytest.mark.requirement("R044")
@pytest.mark.parametrize("invoicing, news", [(True, False), (False, True)])
def test_each_switch_shows_as_true_or_false_by_itself(browser, bus, invoicing, news):
    user = a_user(notify_invoicing=invoicing, notify_news=news)
    resumed = bus.answers[identity.ResumeSession]
    bus.answers[identity.ResumeSession] = lambda request: {**resumed(request), "user": user}
    page = page_of(browser.get("/notifications/reglages"))
    words = {True: "VRAI", False: "FAUX"}
    assert f"<dt>Notification Facturation</dt><dd>{words[invoicing]}</dd>" in page
    assert f"<dt>Notification Actualités</dt><dd>{words[news]}</dd>" in page
