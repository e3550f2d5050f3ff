import base64
import re

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_contracts import account_life, errors, identity
from pupitre_identity import one_time_codes, tables

PASSPHRASE = "sept bateaux verts dérivent"
EMAIL, HOME, CAFE = "camille.durand@exemple.invalid", "192.0.2.10", "198.51.100.7"


def sign_in(bus, network=HOME, password=PASSPHRASE):
    return bus.call(identity.SignIn, email=EMAIL, password=password, network=network)


def challenge(bus, network=HOME):
    with pytest.raises(errors.SecondFactorNeeded) as caught:
        sign_in(bus, network)
    return caught.value.details["challenge"]


def with_code(bus, challenge, code, network=HOME):
    return bus.call(account_life.SignInWithCode, challenge=challenge, code=code, network=network, agent="Firefox")


class Authenticator:
    """What a person's telephone does: it was given the key, and shows a code."""

    def __init__(self, key, clock):
        self._key, self._clock = base64.b32decode(key), clock

    def code(self, steps=0):
        return one_time_codes.code_at(self._key, one_time_codes.step_of(self._clock.now()) + steps)

    def wrong(self):
        return str((int(self.code()) + 1) % 10**6).zfill(6)


@pytest.fixture
def start(me, service_clock):
    def start(current=PASSPHRASE):
        me.call(account_life.StartSecondFactor, current=current, network=HOME)
        return Authenticator(me.call(account_life.PendingSecondFactor).key, service_clock)

    return start


@pytest.fixture
def confirm(me):
    def confirm(code, session="-"):
        values = {"code": code, "session": session, "network": HOME}
        return me.call(account_life.ConfirmSecondFactor, **values).recovery_codes

    return confirm


@pytest.fixture
def enrolled(start, confirm, service_clock):
    """An account with a second factor: (authenticator, recovery codes). The next code is not the one that confirmed it."""
    authenticator = start()
    codes = confirm(authenticator.code())
    service_clock.advance(60)
    return authenticator, codes


@pytest.mark.requirement("RS-54")
def test_signing_in_asks_for_a_code_once_the_second_factor_is_confirmed(anybody, me, start, confirm, service_clock, bench):
    authenticator = start()
    assert sign_in(anybody).session
    assert me.call(identity.GetAccount).account.second_factor_at is None
    codes = confirm(authenticator.code())
    assert len(codes) == len(set(codes)) == 10 and all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    account = me.call(identity.GetAccount).account
    assert (account.second_factor_at, account.recovery_codes_left) == (service_clock.now(), 10)
    service_clock.advance(60)
    opened = with_code(anybody, challenge(anybody), authenticator.code())
    assert opened.user.given_name == "Camille"
    assert anybody.call(identity.ResumeSession, session=opened.session).user.user_id == opened.user.user_id
    assert [kind for kind, _ in bench.told("identity")][-1] == "second_factor.enabled.v1"


@pytest.mark.requirement("RS-54")
def test_what_opens_an_account_is_not_stored(bench, enrolled, anybody):
    authenticator, codes = enrolled
    secret = challenge(anybody)
    database = bench.database("identity")
    with database.reading() as db:
        stored = str([db.execute(sa.select(table)).all() for table in tables.metadata.sorted_tables])
    database.close()
    key = base64.b32encode(authenticator._key).decode()
    for text in (key, authenticator._key.hex(), secret, *codes, *(code.replace("-", "") for code in codes)):
        assert text not in stored


@pytest.mark.requirement("RS-54")
def test_the_key_is_what_an_authenticator_scans_and_is_shown_until_it_is_confirmed(me, start, confirm):
    authenticator = start()
    shown = me.call(account_life.PendingSecondFactor)
    assert shown.uri.startswith("otpauth://totp/Pupitre%3ACamille.Durand%40exemple.invalid?secret=" + shown.key)
    assert len(base64.b32decode(shown.key)) == 20
    confirm(authenticator.code())
    with pytest.raises(errors.NotFound):
        me.call(account_life.PendingSecondFactor)
    with pytest.raises(errors.Conflict):
        start()


@pytest.mark.requirement("RS-54")
def test_a_code_serves_once_in_enrolment_and_sign_in_together(anybody, start, confirm, service_clock):
    authenticator = start()
    confirm(authenticator.code())
    with pytest.raises(errors.CodeWrong):
        with_code(anybody, challenge(anybody), authenticator.code())
    service_clock.advance(60)
    first, code = challenge(anybody), authenticator.code()
    assert with_code(anybody, first, code).session
    with pytest.raises(errors.SignInExpired):
        with_code(anybody, first, code)
    with pytest.raises(errors.CodeWrong):
        with_code(anybody, challenge(anybody), code)


@pytest.mark.requirement("RS-54")
def test_of_two_sign_ins_with_one_code_at_once_one_is_refused(anybody, enrolled):
    authenticator, _ = enrolled
    secrets, code = [challenge(anybody, HOME), challenge(anybody, CAFE)], authenticator.code()

    def outcome(secret, network):
        try:
            return with_code(anybody, secret, code, network)
        except errors.PupitreError as error:
            return error

    threads = [eventlet.spawn(outcome, *pair) for pair in zip(secrets, (HOME, CAFE), strict=True)]
    outcomes = [thread.wait() for thread in threads]
    refused = [each for each in outcomes if isinstance(each, errors.CodeWrong | errors.SignInExpired)]
    assert len(refused) == 1


@pytest.mark.requirement("RS-54")
@pytest.mark.parametrize("steps, taken", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_codes_of_the_neighbouring_half_minutes_are_taken(anybody, enrolled, steps, taken):
    authenticator, _ = enrolled
    secret, code = challenge(anybody), authenticator.code(steps)
    if taken:
        assert with_code(anybody, secret, f"{code[:3]} {code[3:]}").session
    else:
        with pytest.raises(errors.CodeWrong):
            with_code(anybody, secret, code)


@pytest.mark.requirement("RS-54")
def test_a_recovery_code_serves_once_however_it_is_typed(anybody, me, enrolled, service_clock):
    _, codes = enrolled
    assert with_code(anybody, challenge(anybody), f" {codes[3].upper().replace('-', ' ')} ").session
    assert me.call(identity.GetAccount).account.recovery_codes_left == 9
    with pytest.raises(errors.CodeWrong):
        with_code(anybody, challenge(anybody), codes[3])
    service_clock.advance(1)
    renewed = me.call(account_life.RenewRecoveryCodes, current=PASSPHRASE, network=HOME).recovery_codes
    assert not set(renewed) & set(codes)
    with pytest.raises(errors.CodeWrong):
        with_code(anybody, challenge(anybody, CAFE), codes[4], CAFE)
    service_clock.advance(2)
    assert with_code(anybody, challenge(anybody), renewed[0]).session


@pytest.mark.requirement("RS-54")
@pytest.mark.requirement("RS-52")
def test_guessing_codes_is_slowed_down_and_ends(anybody, enrolled, service_clock):
    authenticator, codes = enrolled
    secret = challenge(anybody)
    with pytest.raises(errors.CodeWrong):
        with_code(anybody, secret, authenticator.wrong())
    with pytest.raises(errors.TooManyTries):
        with_code(anybody, secret, authenticator.code())
    with pytest.raises(errors.TooManyTries):
        sign_in(anybody)
    for wait in (1, 2, 4, 8):
        service_clock.advance(wait)
        with pytest.raises(errors.CodeWrong):
            with_code(anybody, secret, authenticator.wrong())
    with pytest.raises(errors.SignInExpired):
        with_code(anybody, secret, authenticator.code(), CAFE)
    assert with_code(anybody, challenge(anybody, CAFE), codes[0], CAFE).session


@pytest.mark.requirement("RS-54")
def test_many_networks_together_get_a_hundred_codes_an_hour_and_the_owner_his_recovery_codes(anybody, enrolled, service_clock):
    authenticator, codes = enrolled
    for number in range(100):
        network = f"203.0.113.{number}"
        with pytest.raises(errors.CodeWrong):
            with_code(anybody, challenge(anybody, network), authenticator.wrong(), network)
    with pytest.raises(errors.TooManyTries):
        with_code(anybody, challenge(anybody), authenticator.code())
    assert with_code(anybody, challenge(anybody), codes[0]).session


@pytest.mark.requirement("RS-54")
def test_the_second_step_has_five_minutes(anybody, enrolled, service_clock):
    authenticator, _ = enrolled
    secret = challenge(anybody)
    service_clock.advance(minutes=5)
    with pytest.raises(errors.SignInExpired):
        with_code(anybody, secret, authenticator.code())
    with pytest.raises(errors.SignInExpired):
        with_code(anybody, "inventé", authenticator.code())


@pytest.mark.requirement("RS-54")
def test_turning_the_second_factor_on_and_off_needs_the_password(anybody, me, start, enrolled, service_clock, bench):
    values = {"current": "faux mot de passe", "network": CAFE}
    for call in (account_life.StartSecondFactor, account_life.RenewRecoveryCodes, account_life.DisableSecondFactor):
        with pytest.raises(errors.PasswordWrong):
            me.call(call, **values)
        service_clock.advance(30)
    me.call(account_life.DisableSecondFactor, current=PASSPHRASE, network=HOME)
    assert sign_in(anybody).session
    with pytest.raises(errors.NotFound):
        me.call(account_life.DisableSecondFactor, current=PASSPHRASE, network=HOME)
    kind, data = bench.told("identity")[-1]
    assert kind == "second_factor.disabled.v1" and data["disabled_by"].startswith("user:")


@pytest.mark.requirement("RS-54")
def test_a_new_authenticator_has_another_key(start, confirm, me):
    first = start()
    second = start()
    assert first.code() != second.code()
    with pytest.raises(errors.CodeWrong):
        confirm(first.code())


@pytest.mark.requirement("RS-54")
def test_an_operator_takes_it_off_for_who_lost_everything(operator, enrolled, anybody, caller, camille):
    with pytest.raises(errors.Forbidden):
        caller(Actor("user", str(camille.user_id))).call(account_life.RemoveSecondFactor, email=EMAIL)
    operator.call(account_life.RemoveSecondFactor, email=EMAIL)
    assert sign_in(anybody).session
    with pytest.raises(errors.NotFound):
        operator.call(account_life.RemoveSecondFactor, email="personne@exemple.invalid")


@pytest.mark.requirement("RS-53")
def test_confirming_ends_the_other_sessions(anybody, start, confirm):
    mine, other = sign_in(anybody).session, sign_in(anybody, CAFE).session
    confirm(start().code(), mine)
    assert anybody.call(identity.ResumeSession, session=mine)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=other)


@pytest.mark.requirement("RS-57")
def test_only_who_knows_the_password_is_asked_for_a_code(anybody, enrolled):
    with pytest.raises(errors.SignInRefused):
        sign_in(anybody, password="une autre phrase assez longue")
