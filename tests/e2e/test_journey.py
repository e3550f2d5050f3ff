"""An invoice from deposit to payment, on the pages, and what the pages refuse."""

import pytest
from support import mailbox
from support.installation import until
from support.story import identifier_in
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MOTIVE = "Il manque le bon de livraison signé"
ANSWER = "Bon de livraison joint"
MAIL_SECONDS = 120


def _mail(installation, number, email, words):
    def look():
        return next(
            (mail for mail in mailbox.about(installation.state, number, email) if words in mail.get_content()), None
        )

    return until(look, MAIL_SECONDS, f"a mail to {email} about {number} with {words!r}")


def _gestionnaire(story, party):
    return next(each for each in story.people(party) if each["role"] == "GP")


def test_an_invoice_goes_from_deposit_to_payment(installation, story, new_number):
    number = new_number()
    supplier, recipient = story.visitor(story.supplier), story.visitor(story.easy)

    draft = story.deposit_on_page(supplier, story.invoice(number), number)
    assert draft.status == 200
    assert number in draft.main
    assert story.easy.name in draft.main
    identifier = identifier_in(draft.url)
    issued, received = f"/factures-emises/{identifier}", f"/factures-recues/{identifier}"
    assert recipient.open(received).status == 404, "a draft is not to be seen by its recipient"

    recap = story.send(supplier, draft)
    assert recap.status == 200
    assert number in recap.main
    assert "certificat" in supplier.open(recap.link("/certificat")).response.headers["Content-Disposition"]

    assert recipient.open("/factures-recues/").link(number)
    page = recipient.open(received)
    assert page.status == 200
    assert story.supplier.name in page.main
    original = recipient.open(page.link("/documents/original"))
    assert original.response.content == story.invoice(number)
    readable = recipient.open(page.link("/documents/readable"))
    assert readable.response.content.startswith(b"%PDF-")
    assert readable.response.headers["Content-Disposition"].startswith("attachment")
    _mail(installation, number, _gestionnaire(story, story.easy)["email"], story.supplier.name)

    refused = recipient.submit(page.form("/statut", to="SUSPENDUE"), to="SUSPENDUE", comment="Merci de compléter")
    assert refused.status == 422
    assert "motif" in refused.main.lower()
    assert "Merci de compléter" in refused.main, "what was typed is not lost"
    suspended = recipient.submit(refused.form("/statut", to="SUSPENDUE"), to="SUSPENDUE", motive=MOTIVE)
    assert suspended.status == 200
    assert "Suspendue" in suspended.main

    told = _mail(installation, number, _gestionnaire(story, story.supplier)["email"], MOTIVE)
    assert f"{installation.base_url}{issued}" in told.get_content()
    page = supplier.open(issued)
    assert MOTIVE in page.main
    empty = supplier.submit(page.form("/complement"))
    assert empty.status == 422
    completed = supplier.submit(
        page.form("/complement"),
        files=[("documents", ("bon.pdf", b"%PDF-1.4 signed", "application/pdf"))],
        comment=ANSWER,
    )
    assert completed.status == 200
    assert "Complétée" in completed.main
    _mail(installation, number, _gestionnaire(story, story.easy)["email"], ANSWER)

    page = recipient.open(received)
    assert ANSWER in page.main
    assert recipient.open(page.link("bon.pdf")).response.content == b"%PDF-1.4 signed"
    paid = recipient.submit(page.form("/statut", to="MISE_EN_PAIEMENT"), to="MISE_EN_PAIEMENT")
    assert paid.status == 200
    _mail(installation, number, _gestionnaire(story, story.supplier)["email"], "Mise en paiement")

    timelines = [visitor.open(address, vue="historique").timeline for visitor, address in ((supplier, issued), (recipient, received))]
    steps = ("Brouillon", "Déposée", "Mise à disposition", "Suspendue", "Complétée", "Mise en paiement")
    for timeline in timelines:
        assert all(any(step in entry for entry in timeline) for step in steps[1:]), timeline
        positions = [next(i for i, entry in enumerate(timeline) if entry.startswith(step)) for step in steps[1:]]
        assert positions == sorted(positions) or positions == sorted(positions, reverse=True)
        assert any(MOTIVE in entry for entry in timeline)
    assert not supplier.open(issued).offers("/complement")
    assert not recipient.open(received).offers("/statut")


def test_a_stranger_does_not_learn_that_an_invoice_exists(story, new_number):
    identifier = story.sent(story.visitor(story.supplier), new_number())
    for stranger in (story.visitor(story.other_supplier), story.visitor(story.strict)):
        for side in ("emises", "recues"):
            assert stranger.open(f"/factures-{side}/{identifier}").status == 404
            assert stranger.open(f"/factures-{side}/{identifier}/documents/original").status == 404


def test_who_is_not_signed_in_is_sent_to_sign_in(installation, story, new_number):
    identifier = story.sent(story.visitor(story.supplier), new_number())
    anybody = Visitor(installation)
    for path in ("/mon-compte", "/factures-emises/", f"/factures-emises/{identifier}", f"/factures-recues/{identifier}"):
        assert "/connexion" in anybody.open(path).url


def test_a_wrong_password_and_an_unknown_address_get_the_same_refusal(installation, story):
    # Somebody whom no other test signs in: after a failure an address has to wait.
    known = next(each for each in story.people(story.supplier) if each["role"] == "US")["email"]
    refused = [Visitor(installation).sign_in(email, "wrong") for email in (known, "nobody@demo.pupitre.invalid")]
    assert [page.status for page in refused] == [401, 401]
    words = [page.tree.xpath("string(//*[@role='alert'])") for page in refused]
    assert words[0] == words[1] != ""


def test_who_may_only_consult_sees_the_invoice_and_cannot_move_it(story, new_number):
    number = new_number()
    manager, reader = story.visitor(story.strict), story.visitor(story.strict, "US")
    content = story.invoice(number, seller=story.strict)
    draft = story.deposit_on_page(manager, content, number)
    assert story.send(manager, draft).status == 200
    identifier = identifier_in(draft.url)
    recipient = story.visitor(story.easy)
    received = recipient.open(f"/factures-recues/{identifier}")
    assert recipient.submit(received.form("/statut", to="SUSPENDUE"), to="SUSPENDUE", motive=MOTIVE).status == 200

    page = reader.open(f"/factures-emises/{identifier}")
    assert page.status == 200
    assert not page.offers("/complement")
    form = manager.open(f"/factures-emises/{identifier}").form("/complement")
    own_token = reader.open("/").form("/deconnexion").form_values()
    forged = reader.submit(form, comment="forged", csrf_token=dict(own_token)["csrf_token"])
    assert forged.status == 403
    assert "habilitation" in forged.main
    assert reader.open("/factures-emises/depot").status == 403
    assert manager.submit(form, comment="the gestionnaire may").status == 200


def test_nobody_moves_an_invoice_for_the_other_side(story, new_number):
    supplier = story.visitor(story.supplier)
    identifier = story.sent(supplier, new_number())
    page = supplier.open(f"/factures-emises/{identifier}")
    assert not page.offers("/statut", to="MISE_EN_PAIEMENT")
    form = story.visitor(story.easy).open(f"/factures-recues/{identifier}").form("/statut")
    token = dict(page.form("/deconnexion").form_values())["csrf_token"]
    for side in ("emises", "recues"):
        form.set("action", f"/factures-{side}/{identifier}/statut")
        forged = supplier.submit(form, to="MISE_EN_PAIEMENT", csrf_token=token)
        assert forged.status in (403, 404, 409)
    assert "Mise à disposition" in supplier.open(f"/factures-emises/{identifier}").main


@pytest.mark.parametrize("token", ["absent", "empty", "of another session"])
def test_a_form_without_its_own_token_does_nothing(story, new_number, token):
    identifier = story.sent(story.visitor(story.supplier), new_number())
    recipient = story.visitor(story.easy)
    form = recipient.open(f"/factures-recues/{identifier}").form("/statut")
    if token == "absent":
        answer = recipient.submit(form, without=("csrf_token",), to="MISE_EN_PAIEMENT")
    elif token == "empty":
        answer = recipient.submit(form, csrf_token="", to="MISE_EN_PAIEMENT")
    else:
        foreign = story.visitor(story.strict).open("/").form("/deconnexion")
        answer = recipient.submit(form, csrf_token=dict(foreign.form_values())["csrf_token"], to="MISE_EN_PAIEMENT")
    assert answer.status == 400
    assert "rien n'a été fait" in answer.main
    assert "Mise à disposition" in recipient.open(f"/factures-recues/{identifier}").main


def test_a_form_sent_twice_does_its_work_once(story, new_number):
    identifier = story.sent(story.visitor(story.supplier), new_number())
    recipient = story.visitor(story.easy)
    form = recipient.open(f"/factures-recues/{identifier}").form("/statut")
    first, second = (recipient.submit(form, to="SERVICE_FAIT") for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    timeline = recipient.open(f"/factures-recues/{identifier}", vue="historique").timeline
    assert len([entry for entry in timeline if entry.startswith("Service fait")]) == 1


def test_a_page_that_is_out_of_date_is_refused_in_words(story, new_number):
    identifier = story.sent(story.visitor(story.supplier), new_number())
    recipient = story.visitor(story.easy)
    stale = recipient.open(f"/factures-recues/{identifier}").form("/statut")
    fresh = recipient.open(f"/factures-recues/{identifier}").form("/statut")
    assert recipient.submit(fresh, to="SERVICE_FAIT").status == 200
    refused = recipient.submit(stale, to="MISE_EN_PAIEMENT")
    assert refused.status == 409
    assert "changé" in refused.main


@pytest.mark.parametrize(
    "parts, rule, words",
    [
        ({"engagement": "EJ-1"}, "PUP-ROUTING-SERVICE-REQUIRED", "exige un code service"),
        ({"engagement": "EJ-1", "service": "INCONNU"}, "PUP-ROUTING-SERVICE-UNKNOWN", "n'existe pas"),
        ({"engagement": "EJ-1", "service": "{inactive}"}, "PUP-ROUTING-SERVICE-INACTIVE", "n'est pas actif"),
    ],
)
def test_a_body_that_demands_a_service_lists_its_active_ones(installation, story, new_number, parts, rule, words):
    services = installation.public_structure(requires_service=True)["services"]
    active = {each["code"] for each in services if each["active"]}
    [inactive] = {each["code"] for each in services} - active
    parts = {name: value.format(inactive=inactive) for name, value in parts.items()}
    page = _refused_draft(story, new_number(), parts)
    assert rule in page.main
    assert words in page.main
    listed = page.main.split("Codes actifs :", 1)[1].split(".", 1)[0]
    assert {code.strip() for code in listed.split(",")} == active


def test_a_body_that_demands_an_engagement_says_so(installation, story, new_number):
    service = _active_service(installation)
    page = _refused_draft(story, new_number(), {"service": service})
    assert "engagement" in page.main
    assert "PUP-ROUTING-ENGAGEMENT-REQUIRED" in page.main


def test_with_service_and_engagement_the_demanding_body_is_served(installation, story, new_number):
    number = new_number()
    identifier = story.sent(
        story.visitor(story.supplier),
        number,
        buyer=story.strict,
        service=_active_service(installation),
        engagement="EJ-1",
    )
    assert number in story.visitor(story.strict, "US").open(f"/factures-recues/{identifier}").main


def test_an_invoice_to_be_recycled_keeps_its_number_and_goes_to_the_right_body(installation, story, new_number):
    number = new_number()
    supplier, wrong, right = (story.visitor(party) for party in (story.supplier, story.easy, story.strict))
    identifier = story.sent(supplier, number)
    page = wrong.open(f"/factures-recues/{identifier}")
    assert (
        wrong.submit(page.form("/statut", to="A_RECYCLER"), to="A_RECYCLER", motive="Ce n'est pas pour nous").status
        == 200
    )
    form = supplier.open(f"/factures-emises/{identifier}").form("/recyclage")
    incomplete = supplier.submit(form, recipient_siret=story.strict.siret)
    assert incomplete.status == 422
    service = _active_service(installation)
    mended = supplier.submit(
        incomplete.form("/recyclage"),
        recipient_siret=story.strict.siret,
        code_service=service,
        engagement="EJ-2",
        comment="Adresse corrigée",
    )
    assert mended.status == 200
    assert number in right.open(f"/factures-recues/{identifier}").main
    assert wrong.open(f"/factures-recues/{identifier}").status == 404


def test_an_invalid_file_is_kept_nowhere_and_each_problem_has_its_remedy(story, new_number):
    number = new_number()
    content = story.invoice(number).replace(b"<cbc:DocumentCurrencyCode>EUR", b"<cbc:DocumentCurrencyCode>EURO")
    visitor = story.visitor(story.supplier)
    page = story.deposit_on_page(visitor, content, number)
    assert page.status == 422
    assert "BT-5" in page.main
    assert "Que faire" in page.main
    assert visitor.open("/factures-emises/", onglet="tout", number=number).tree.xpath("//table") == []


def test_every_page_is_complete_in_english(story, new_number):
    visitor = story.visitor(story.supplier)
    identifier = story.sent(visitor, new_number())
    reader = story.newcomer(story.supplier)
    page = reader.open(f"/factures-emises/{identifier}", lang="en")
    assert page.tree.get("lang") == "en" or page.tree.xpath("/html/@lang") == ["en"]
    assert "Made available" in page.main
    assert "Mise à disposition" not in page.main


def test_the_local_mailbox_is_a_page_of_the_demonstration(installation, story, new_number):
    number = new_number()
    visitor = story.visitor(story.supplier)
    story.sent(visitor, number)
    email = _gestionnaire(story, story.easy)["email"]
    _mail(installation, number, email, number)
    page = visitor.open("/boite-locale", destinataire=email)
    assert number in visitor.open(page.link(number)).main


def test_the_history_is_intact_after_all_this(installation):
    assert installation.command("verify").returncode == 0


def _active_service(installation):
    services = installation.public_structure(requires_service=True)["services"]
    return next(each["code"] for each in services if each["active"])


def _refused_draft(story, number, parts):
    """The page of a draft to the demanding body, which its routing keeps from being sent."""
    visitor = story.visitor(story.supplier)
    page = story.deposit_on_page(visitor, story.invoice(number, buyer=story.strict, **parts), number)
    assert page.status == 200
    assert not page.tree.xpath("//main//a[contains(@href, '/confirmation')]")
    return page
