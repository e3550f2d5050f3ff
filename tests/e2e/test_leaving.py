"""A gestionnaire principal leaves with a successor, comes back by a link, and turns a second factor on; all through the pages."""

import base64
import datetime
import re
import uuid

import pytest
from pupitre_identity import one_time_codes
from stdnum import luhn
from support import mailbox
from support.installation import until
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FIRST, SECOND = "sept bateaux verts dérivent", "neuf camions bleus reculent"
MAIL_SECONDS = 60
NAMES = {"given_name": "Nour", "family_name": "Petit"}


def _mail(installation, email, words):
    def look():
        found = [mail for mail in mailbox.mails(installation.state) if mail["To"] == email and words in mail["Subject"]]
        return found[-1] if found else None

    return until(look, MAIL_SECONDS, f"a mail to {email} about {words!r}").get_content()


@pytest.fixture
def sign_up(installation, new_number):
    def sign_up(**names):
        email, visitor = f"personne-{new_number().lower()}@exemple.invalid", Visitor(installation)
        form = visitor.open("/inscription").form("/inscription")
        visitor.submit(form, email=email, **{**NAMES, **names}, password=FIRST, again=FIRST)
        link = re.search(r"http\S+/activation/\S+", _mail(installation, email, "Activez"))[0]
        visitor.submit(visitor.open(link).forms[-1], password=FIRST)
        assert visitor.sign_in(email, FIRST).status == 200
        return visitor, email

    return sign_up


def _create_firm(visitor, new_number):
    digits = f"{uuid.uuid5(uuid.NAMESPACE_OID, new_number()).int % 10**8:08d}"
    siren = digits + luhn.calc_check_digit(digits)
    siret = siren + "0001" + luhn.calc_check_digit(siren + "0001")
    form = visitor.open("/structures/creation").forms[-1]
    values = {"identifier": siret, "name": f"Atelier {digits}", "line": "3 rue du Port", "postal_code": "29000", "city": "Valbourg"}
    page = visitor.submit(form, **values)
    assert page.status == 200, page.main
    return values["name"]


@pytest.mark.requirement("R050")
@pytest.mark.requirement("R051")
@pytest.mark.requirement("R052")
@pytest.mark.requirement("R053")
@pytest.mark.requirement("R054")
@pytest.mark.requirement("R055")
def test_a_gestionnaire_leaves_with_a_successor_and_comes_back(installation, sign_up, new_number):
    nour, email = sign_up()
    heir, heir_email = sign_up(given_name="Iris", family_name="Lemaire")
    firms = [_create_firm(nour, new_number) for _ in range(2)]

    page = nour.open("/mon-compte/desactivation")
    assert page.main.count("à désigner") == 2 and "OK, désactiver" not in page.main
    found = nour.open("/mon-compte/desactivation", mail=heir_email)
    [who] = found.tree.xpath("//main//input[@name='qui']/@value")
    ready = nour.open("/mon-compte/desactivation", qui=who, pour="toutes")
    assert "à désigner" not in ready.main
    left = nour.submit(next(form for form in ready.forms if form.xpath(".//button[contains(., 'OK, désactiver')]")))
    assert "Votre compte est désactivé" in left.main
    assert "/connexion" in nour.open("/mon-compte").url

    shown = heir.open("/mon-compte").main
    assert all(f"{firm} " in shown for firm in firms) and shown.count("Gestionnaire principal") == 2
    assert "vous est transmis" in _mail(installation, heir_email, "gestionnaire principal")
    assert "/reactivation" in _mail(installation, email, "est désactivé")

    refused = nour.sign_in(email, FIRST)
    assert refused.status == 403 and "Vous pouvez le réactiver jusqu'au" in refused.main
    asked = nour.submit(nour.open(refused.link("/reactivation")).forms[-1])
    assert "Consultez votre messagerie" in asked.main
    link = re.search(r"http\S+/reactivation/\S+", _mail(installation, email, "Réactivez"))[0]
    same = nour.submit(nour.open(link).forms[-1], password=FIRST, again=FIRST)
    assert same.status == 422 and "celui d'avant la désactivation" in same.main
    assert "Votre compte est réactivé" in nour.submit(same.forms[-1], password=SECOND, again=SECOND).main
    assert nour.sign_in(email, FIRST).status == 401
    again = Visitor(installation)
    until(lambda: again.sign_in(email, SECOND).status == 200, 30, "a sign-in after the pause")
    assert "Gestionnaire principal" not in again.open("/mon-compte").main


@pytest.mark.requirement("RS-54")
def test_a_second_factor_is_turned_on_and_asked_for(installation, sign_up):
    nour, email = sign_up()
    key_page = nour.submit(nour.open("/mon-compte/second-facteur").form("/mon-compte/second-facteur"), current=FIRST)
    text = key_page.tree.xpath("//main//code")[0].text_content().replace(" ", "")
    now = datetime.datetime.now(datetime.UTC)
    code = one_time_codes.code_at(base64.b32decode(text), one_time_codes.step_of(now))
    codes = nour.submit(key_page.forms[-1], code=code)
    recovery = codes.tree.xpath("//main//li//code")[0].text_content()
    assert "Gardez vos codes de secours" in _mail(installation, email, "demande maintenant un code")

    elsewhere = Visitor(installation)
    asked = elsewhere.sign_in(email, FIRST)
    assert "Code de connexion" in asked.main
    assert "/connexion" in elsewhere.open("/mon-compte").url
    assert elsewhere.submit(asked.forms[-1], code=recovery).status == 200
    assert re.search(r"Second facteur ?activé", elsewhere.open("/mon-compte").main)
