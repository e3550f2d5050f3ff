"""Turning a second factor on and off, and the code of a sign-in (RS-54)."""

import re

import pytest
from portal_world import NOW, Browser, a_user, an_account
from pupitre_contracts import account_life, errors, identity
from pupitre_portal import qr

PAGE, KEY = "/mon-compte/second-facteur", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Pupitre%3Aa%40b.fr?secret={KEY}&issuer=Pupitre&algorithm=SHA1&digits=6&period=30"
CODES = [f"aaaa-bbbb-cccc-dd{number:02}" for number in range(10)]


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.fixture
def anybody(visitor):
    return Browser(visitor)


@pytest.fixture
def enrolment(bus):
    bus.answers |= {
        account_life.StartSecondFactor: {},
        account_life.PendingSecondFactor: {"key": KEY, "uri": URI},
        account_life.ConfirmSecondFactor: {"recovery_codes": CODES},
    }


@pytest.mark.requirement("RS-54")
def test_the_key_is_shown_as_a_drawing_and_as_text_without_scripts(browser, bus, enrolment):
    assert f'href="{PAGE}"' in words(browser.get("/mon-compte"))
    assert browser.post(PAGE, {"current": "bon"}).headers["Location"] == f"{PAGE}/cle"
    (asked,) = bus.requests(account_life.StartSecondFactor)
    assert asked.current == "bon"
    page = words(browser.get(f"{PAGE}/cle"))
    assert "<svg" in page and "JBSW Y3DP EHPK 3PXP" in page
    assert "<script" not in page and " style=" not in page.partition("<svg")[2].partition("</svg>")[0]


@pytest.mark.requirement("RS-54")
def test_recovery_codes_are_shown_once_the_first_code_is_right(browser, bus, enrolment):
    bus.answers[account_life.ConfirmSecondFactor] = errors.CodeWrong()
    answer = browser.post(f"{PAGE}/cle", {"code": "111111"})
    assert answer.status_code == 422 and 'href="#code">Ce code est incorrect' in words(answer) and "<svg" in words(answer)
    bus.answers[account_life.ConfirmSecondFactor] = {"recovery_codes": CODES}
    page = words(browser.post(f"{PAGE}/cle", {"code": " 123 456 "}))
    assert all(code in page for code in CODES) and "ne seront plus affichés" in page
    asked = bus.requests(account_life.ConfirmSecondFactor)[-1]
    assert (asked.code, asked.session) == ("123 456", "secret-256")


@pytest.mark.requirement("RS-54")
def test_it_is_turned_off_with_the_password_and_codes_are_replaced(browser, bus):
    bus.answers[identity.GetAccount] = {"account": an_account(second_factor_at=NOW, recovery_codes_left=3)}
    assert "3 codes de secours restent" in words(browser.get(PAGE))
    bus.answers[account_life.DisableSecondFactor] = errors.PasswordWrong()
    answer = browser.post(f"{PAGE}/arret", {"current": "faux"}, form_at=PAGE)
    assert answer.status_code == 422 and 'href="#current">Le mot de passe actuel' in words(answer)
    assert browser.post(f"{PAGE}/arret", {"current": ""}, form_at=PAGE).status_code == 422
    assert len(bus.requests(account_life.DisableSecondFactor)) == 1
    bus.answers[account_life.DisableSecondFactor] = {}
    assert browser.post(f"{PAGE}/arret", {"current": "bon"}, form_at=PAGE).headers["Location"] == "/mon-compte"
    bus.answers[account_life.RenewRecoveryCodes] = {"recovery_codes": CODES}
    page = words(browser.post(f"{PAGE}/codes", {"current": "bon"}, form_at=PAGE))
    assert CODES[0] in page and "Les anciens codes ne servent plus" in page


@pytest.mark.requirement("RS-54")
def test_signing_in_asks_for_the_code_after_the_password(anybody, bus):
    bus.answers[identity.SignIn] = errors.SecondFactorNeeded(challenge="défi-256")
    page = anybody.post("/connexion?suite=/annuaire", {"email": "a@b.fr", "password": "bon"})
    assert page.status_code == 200
    assert 'name="challenge" value="défi-256"' in words(page) and 'action="/connexion/code?suite=/annuaire"' in words(page)
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', words(page))[1] for name in ("csrf_token", "challenge")}
    bus.answers[account_life.SignInWithCode] = errors.CodeWrong()
    answer = anybody.client.post("/connexion/code?suite=/annuaire", data={**hidden, "code": "111111"})
    assert answer.status_code == 422 and 'href="#code">Ce code est incorrect' in words(answer)
    assert 'value="défi-256"' in words(answer)
    bus.answers[account_life.SignInWithCode] = errors.TooManyTries(seconds=4)
    assert anybody.client.post("/connexion/code", data={**hidden, "code": "111111"}).status_code == 429
    bus.answers[account_life.SignInWithCode] = errors.SignInExpired()
    answer = anybody.client.post("/connexion/code", data={**hidden, "code": "111111"})
    assert "fin=code" in answer.headers["Location"]
    bus.answers[account_life.SignInWithCode] = {"session": "secret-256", "user": a_user()}
    answer = anybody.client.post("/connexion/code?suite=/annuaire", data={**hidden, "code": "123456"})
    assert answer.headers["Location"] == "/annuaire"
    assert "pupitre=secret-256" in answer.headers["Set-Cookie"]
    asked = bus.requests(account_life.SignInWithCode)[-1]
    assert (asked.challenge, asked.code) == ("défi-256", "123456")


def test_the_drawing_has_the_size_and_the_finder_patterns_of_a_qr_code():
    drawing = qr.drawing_of(URI)
    side = drawing.side - 2 * qr.QUIET
    dark = {(int(x) - qr.QUIET, int(y) - qr.QUIET) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawing.path)}
    assert (side - 17) % 4 == 0
    for left, top in ((0, 0), (side - 7, 0), (0, side - 7)):
        ring = {(left + x, top + y) for x in range(7) for y in range(7) if {x, y} & {0, 6}}
        core = {(left + x, top + y) for x in range(2, 5) for y in range(2, 5)}
        gap = {(left + x, top + y) for x in range(1, 6) for y in range(1, 6)} - core
        assert ring | core <= dark and not gap & dark
