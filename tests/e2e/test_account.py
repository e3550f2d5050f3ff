"""A person gets an account by mail, changes his data and password, and gets in again after forgetting it."""

import re

import pytest
from support import mailbox
from support.installation import until
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FIRST, SECOND, THIRD = "sept bateaux verts dérivent", "neuf camions bleus reculent", "onze tramways jaunes attendent"
MAIL_SECONDS = 120


@pytest.fixture
def email(new_number):
    return f"ada-{new_number().lower()}@exemple.invalid"


def _link(installation, email, page):
    """The newest link of a mail to this address that leads to ``page``."""

    def look():
        bodies = [mail.get_content() for mail in mailbox.mails(installation.state) if mail["To"] == email]
        found = [match.group(0) for body in bodies for match in re.finditer(rf"http\S+/{page}/\S+", body)]
        return found[-1] if found else None

    return until(look, MAIL_SECONDS, f"a mail to {email} with a link to {page}")


def _sign_up(visitor, email):
    form = visitor.open("/inscription").form("/inscription")
    return visitor.submit(form, email=email, given_name="Ada", family_name="Leroy", password=FIRST, again=FIRST)


@pytest.mark.requirement("R014")
@pytest.mark.requirement("R022")
@pytest.mark.requirement("R027")
@pytest.mark.requirement("R028")
def test_an_account_from_sign_up_to_a_forgotten_password(installation, email):
    ada, elsewhere = Visitor(installation), Visitor(installation)
    assert "Consultez votre messagerie" in _sign_up(ada, email).main
    link = _link(installation, email, "activation")
    refused = ada.sign_in(email, FIRST)
    assert refused.status == 403
    assert "pas encore activé" in refused.main

    page = ada.open(link)
    activated = ada.submit(page.forms[-1], password=FIRST)
    assert "Votre compte est activé" in activated.main
    assert ada.open(page.url).status == 200, "a scanner of mails may open the link again"
    assert ada.submit(page.forms[-1], password=FIRST).status == 410

    home = ada.sign_in(email, FIRST)
    assert "rattaché à aucune structure" in home.main
    assert elsewhere.sign_in(email, FIRST).status == 200

    data = ada.open("/mon-compte/donnees")
    empty = ada.submit(data.form("/mon-compte/donnees"), family_name="", phone="abc")
    assert empty.status == 422
    assert "Indiquez votre nom" in empty.main
    wrong = ada.submit(data.form("/mon-compte/donnees"), phone="abc")
    assert wrong.status == 422
    assert "« abc » n'est pas un numéro de téléphone" in wrong.main
    saved = ada.submit(wrong.form("/mon-compte/donnees"), phone="01 23 45 67 89", city="Valbourg")
    assert "Valbourg" in saved.main
    stale = ada.submit(data.form("/mon-compte/donnees"), city="Ailleurs")
    assert stale.status == 409

    form = ada.open("/mon-compte/mot-de-passe").form("/mon-compte/mot-de-passe")
    changed = ada.submit(form, current=FIRST, password=SECOND, again=SECOND)
    assert "sessions terminées ailleurs : 1" in changed.main
    assert "/connexion" in elsewhere.open("/mon-compte").url

    form = elsewhere.open("/mot-de-passe/oublie").form("/mot-de-passe/oublie")
    assert "Consultez votre messagerie" in elsewhere.submit(form, email=email).main
    page = elsewhere.open(_link(installation, email, "mot-de-passe/nouveau"))
    assert "est changé" in elsewhere.submit(page.forms[-1], password=THIRD, again=THIRD).main
    assert "/connexion" in ada.open("/mon-compte").url, "every session ended"
    assert elsewhere.sign_in(email, THIRD).status == 200


@pytest.mark.requirement("R020")
def test_signing_up_with_the_address_of_somebody_else_tells_nothing_but_to_him(installation, email):
    known = installation.persona("traiteur")["email"]
    answers = [_sign_up(Visitor(installation), address).main.replace(address, "") for address in (known, email)]
    assert answers[0] == answers[1]

    def told():
        return [mail for mail in mailbox.mails(installation.state) if mail["To"] == known and "déjà un compte" in mail["Subject"]]

    until(told, MAIL_SECONDS, "a mail that tells the owner")
