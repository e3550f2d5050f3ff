"""A public structure writes to its suppliers, and a person chooses how he is told, through every service."""

import datetime
import re
import uuid
import zoneinfo

import pytest
from support.installation import until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SECONDS = 120
PARIS = zoneinfo.ZoneInfo("Europe/Paris")


@pytest.mark.requirement("R007")
def test_a_message_reaches_who_sent_an_invoice_and_shows_no_answer(installation, story, new_number):
    supplier, town = story.visitor(story.supplier), story.visitor(story.easy)
    story.sent(supplier, new_number())
    subject = f"Clôture {uuid.uuid4().hex[:6]}"
    form = town.open("/communication/nouveau").form("/communication/nouveau")
    sent = town.submit(form, subject=subject, text="Déposez avant le 15 décembre.")
    assert "Le message est envoyé" in sent.main

    def reached():
        page = supplier.open("/communication")
        return page if subject in page.main else None

    page = until(reached, SECONDS, "the message at the supplier's")
    read = supplier.open(page.link(subject))
    assert "Déposez avant le 15 décembre." in read.main
    assert story.easy.name in read.main
    assert not read.tree.xpath("//main//form")
    assert supplier.open("/communication/nouveau").status == 403


@pytest.mark.requirement("R009")
def test_the_second_sign_in_shows_the_first_to_the_second(story):
    before = datetime.datetime.now(PARIS).replace(microsecond=0)
    story.newcomer(story.supplier)
    after = datetime.datetime.now(PARIS)
    header = story.newcomer(story.supplier).open("/support").tree.xpath("//header")[0].text_content()
    told = re.search(r"Dernière connexion : (\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)", header)[1]
    assert before <= datetime.datetime.strptime(told, "%d/%m/%Y %H:%M:%S").replace(tzinfo=PARIS) <= after


@pytest.mark.requirement("R040")
def test_the_choice_of_the_digest_is_kept(story):
    somebody = story.visitor(story.supplier)
    page = somebody.open("/notifications/reglages")
    assert page.tree.xpath('//input[@name="mode" and @checked]/@value') == ["immediate"]
    kept = somebody.submit(page.form("/notifications/reglages"), mode="daily")
    assert "enregistrés" in kept.main
    chosen = somebody.open("/notifications/reglages").tree.xpath('//input[@name="mode" and @checked]/@value')
    assert chosen == ["daily"]
    page = somebody.open("/notifications/reglages")
    somebody.submit(page.form("/notifications/reglages"), mode="immediate")
