"""Nobody learns from an answer which addresses have accounts (RS-57): same reply, and the same slow hashes made for it."""

import pytest
from pupitre_bus.actors import Actor
from pupitre_contracts import account_life, errors, identity
from pupitre_identity import hashing

PASSPHRASE, WRONG = "sept bateaux verts dérivent", "une autre phrase assez longue"
HOME, CAFE = "192.0.2.10", "198.51.100.7"
NOBODY = "personne@exemple.invalid"


@pytest.fixture
def hashed(service, monkeypatch):
    """The slow work done since it was last looked at: names of argon2's functions, in order."""
    done, away = [], hashing.PasswordHasher._away

    def noted(self, function, *arguments):
        done.append(function.__name__)
        return away(self, function, *arguments)

    monkeypatch.setattr(hashing.PasswordHasher, "_away", noted)

    def look():
        found = list(done)
        done.clear()
        return found

    return look


@pytest.fixture
def addresses(anybody, operator, structures, caller):
    """An address in each state that an account can be in, and one without."""

    def create(email):
        values = {"given_name": "Une", "family_name": "Personne", "password": PASSPHRASE}
        return operator.call(identity.CreateUser, email=email, **values).user

    create("active@exemple.invalid")
    left = create("deactivated@exemple.invalid")
    caller(Actor("user", str(left.user_id))).call(account_life.DeactivateAccount, successors=[])
    anybody.call(
        identity.SignUp, email="waiting@exemple.invalid", given_name="Une", family_name="Personne", password=PASSPHRASE, network=CAFE
    )
    return ["active@exemple.invalid", "deactivated@exemple.invalid", "waiting@exemple.invalid", NOBODY]


def sign_up(bus, email):
    values = {"given_name": "Une", "family_name": "Personne", "password": "neuf camions bleus reculent", "network": HOME}
    return bus.call(identity.SignUp, email=email, **values)


CALLS = {
    "sign-up": sign_up,
    "sign-in": lambda bus, email: bus.call(identity.SignIn, email=email, password=WRONG, network=HOME),
    "reset": lambda bus, email: bus.call(identity.AskForLink, email=email, purpose="reset", network=HOME),
    "activation": lambda bus, email: bus.call(identity.AskForLink, email=email, purpose="activation", network=HOME),
    "reactivation": lambda bus, email: bus.call(account_life.AskReactivation, email=email, network=HOME),
}


@pytest.mark.requirement("RS-57")
@pytest.mark.parametrize("name", CALLS)
def test_answers_and_slow_work_are_the_same_for_every_address(anybody, addresses, hashed, name):
    def answer(email):
        try:
            told = CALLS[name](anybody, email).dump()
        except errors.PupitreError as error:
            told = error.dump()
        return told, hashed()

    hashed()
    answers = [answer(email) for email in addresses]
    assert answers == [answers[-1]] * len(addresses)
    assert bool(answers[0][1]) == (name in ("sign-up", "sign-in"))


@pytest.mark.requirement("RS-57")
def test_pauses_come_after_as_many_tries_for_every_address(anybody, addresses, service):
    for number, email in enumerate(addresses):
        network = f"203.0.113.{number}"
        with pytest.raises(errors.SignInRefused):
            anybody.call(identity.SignIn, email=email, password=WRONG, network=network)
        with pytest.raises(errors.TooManyTries) as caught:
            anybody.call(identity.SignIn, email=email, password=PASSPHRASE, network=network)
        assert caught.value.details == {"seconds": 1}
