"""Nobody learns from an answer which addresses have accounts (RS-57): same reply, and the same slow hashes made for it."""

import contextlib
import re

import greenlet
import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import account_life, errors, identity
from pupitre_identity import hashing, tables

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


def sign_up(bus, email, network=HOME):
    values = {"given_name": "Une", "family_name": "Personne", "password": "neuf camions bleus reculent", "network": network}
    return bus.call(identity.SignUp, email=email, **values)


CALLS = {
    "sign-up": sign_up,
    "sign-in": lambda bus, email, network=HOME: bus.call(identity.SignIn, email=email, password=WRONG, network=network),
    "reset": lambda bus, email, network=HOME: bus.call(identity.AskForLink, email=email, purpose="reset", network=network),
    "activation": lambda bus, email, network=HOME: bus.call(identity.AskForLink, email=email, purpose="activation", network=network),
    "reactivation": lambda bus, email, network=HOME: bus.call(account_life.AskReactivation, email=email, network=network),
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


@pytest.fixture
def statements(service):
    """What the last call asked of the database: each is answered by a greenthread of its own, and so is what timers do meanwhile."""
    done = {}

    def note(connection, cursor, statement, *rest):
        done.setdefault(greenlet.getcurrent(), []).append(" ".join(statement.split()))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)

    def look():
        kept = [asked for asked in done.values() if re.search(r"INSERT INTO \S*(account_wish|wrong_sign_in)", " ".join(asked))]
        done.clear()
        return kept

    yield look
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.mark.requirement("RS-57")
@pytest.mark.parametrize("name", CALLS)
def test_the_database_is_asked_the_same_for_every_address(addresses, caller, statements, name):
    """What differs between accounts happens after the answer."""
    bus, asked = caller(), {}
    for number, email in enumerate(addresses):
        statements()
        with contextlib.suppress(errors.SignInRefused):
            CALLS[name](bus, email, f"203.0.113.{number}")
        [asked[email]] = statements()
    assert len(asked[NOBODY]) >= 3
    assert list(asked.values()) == [asked[NOBODY]] * len(addresses)


def test_wishes_are_carried_out_a_moment_later_and_once(bench, caller, service, service_clock):
    bus, database = caller(), bench.database("identity")
    for _ in range(2):
        sign_up(bus, "neuve@exemple.invalid")

    def rows(table):
        with database.reading() as db:
            return db.execute(sa.select(table)).all()

    wait_until(lambda: service_clock.advance(1) or not rows(tables.account_wish))
    assert len(rows(tables.user_account)) == len(rows(tables.account_link)) == 1
    database.close()


@pytest.mark.requirement("RS-57")
def test_pauses_come_after_as_many_tries_for_every_address(anybody, addresses, service):
    for number, email in enumerate(addresses):
        network = f"203.0.113.{number}"
        with pytest.raises(errors.SignInRefused):
            anybody.call(identity.SignIn, email=email, password=WRONG, network=network)
        with pytest.raises(errors.TooManyTries) as caught:
            anybody.call(identity.SignIn, email=email, password=PASSPHRASE, network=network)
        assert caught.value.details == {"seconds": 1}
