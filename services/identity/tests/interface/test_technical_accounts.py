import re
import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor, Keyring
from pupitre_bus.testing import user, wait_until
from pupitre_contracts import errors, identity, platform
from pupitre_identity import tables


@pytest.fixture
def member(directory):
    """Make a user with a role in the structure."""

    def make(role):
        someone = user()
        directory[uuid.UUID(someone.id)] = role
        return someone

    return make


@pytest.fixture
def created(operator, directory, structure_id):
    return operator.call(identity.CreateTechnicalAccount, structure_id=structure_id, label="Logiciel de paie")


def bearer(bus, created, **changes):
    values = {"client_id": created.account.client_id, "client_secret": created.client_secret}
    return bus.call(identity.IssueAccessToken, **(values | changes))


@pytest.mark.requirement("R126")
def test_the_gestionnaire_principal_creates_a_technical_account(service, member, structure_id, caller):
    reply = caller(member("GP")).call(identity.CreateTechnicalAccount, structure_id=structure_id)
    assert reply.account.structure_id == structure_id
    assert re.fullmatch(r"TECH_1_\d+@pupitre\.invalid", reply.account.login)
    assert len(reply.client_secret) == len(reply.password) == 43


@pytest.mark.requirement("R126")
def test_nobody_else_creates_a_technical_account(service, member, structure_id, caller):
    refused = [
        member("US"),
        user(),
        Actor("technical", str(uuid.uuid4()), structure_id=structure_id),
        Actor.service("invoicing"),
        Actor.service("invoicing", behalf_of=member("US")),
        Actor.service("operator", behalf_of=user()),
    ]
    for actor in refused:
        with pytest.raises(errors.Forbidden):
            caller(actor).call(identity.CreateTechnicalAccount, structure_id=structure_id)


def test_the_gestionnaire_of_one_structure_has_no_say_in_another(service, member, caller):
    with pytest.raises(errors.Forbidden):
        caller(member("GP")).call(identity.CreateTechnicalAccount, structure_id=uuid.uuid4())


def test_an_operator_cannot_create_one_for_a_structure_that_does_not_exist(operator, directory):
    with pytest.raises(errors.NotFound):
        operator.call(identity.CreateTechnicalAccount, structure_id=uuid.uuid4())


def test_accounts_have_numbers_and_logins_of_their_own(operator, created, structure_id):
    other = operator.call(identity.CreateTechnicalAccount, structure_id=structure_id)
    assert other.account.portal_number == created.account.portal_number + 1
    assert other.account.login != created.account.login


def test_the_event_names_the_account_and_no_secret(operator, created):
    def published():
        return operator.call_on("identity", platform.EventsAfter, after=0).events

    events = wait_until(published)
    assert created.account.login in events[0]
    assert created.password not in events[0] and created.client_secret not in events[0]


def test_a_client_gets_a_token_of_one_hour_that_speaks_for_its_account(bench, anybody, created, structure_id):
    token = bearer(anybody, created, scope="openid profile")
    assert (token.expires_in, token.scope) == (3600, "openid")
    resumed = anybody.call(identity.ResumeAccessToken, access_token=token.access_token)
    assert resumed.account == created.account
    actor = Keyring(bench.backend.keys).verify(resumed.tokens["invoicing"], "invoicing")
    assert (actor.kind, actor.id) == ("technical", str(created.account.technical_account_id))
    assert actor.structure_id == structure_id


def test_a_wrong_secret_or_an_unknown_client_gets_no_token(anybody, created):
    for changes in ({"client_secret": "wrong"}, {"client_id": "unknown"}):
        with pytest.raises(errors.ClientRefused):
            bearer(anybody, created, **changes)


def test_a_token_ends_after_an_hour(anybody, created, service_clock):
    token = bearer(anybody, created).access_token
    service_clock.advance(minutes=59)
    anybody.call(identity.ResumeAccessToken, access_token=token)
    service_clock.advance(minutes=1)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeAccessToken, access_token=token)


def test_a_made_up_token_is_refused(anybody, created):
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeAccessToken, access_token="made up")


def test_the_login_names_the_account_that_acts(operator, anybody, created, structure_id):
    vendor = bearer(anybody, created).access_token
    customer = operator.call(identity.CreateTechnicalAccount, structure_id=structure_id)
    login, password = customer.account.login, customer.password
    resumed = anybody.call(identity.ResumeAccessToken, access_token=vendor, login=login, password=password)
    assert resumed.account == customer.account


def test_a_wrong_login_or_password_is_refused_even_with_a_good_token(anybody, created):
    token, login = bearer(anybody, created).access_token, created.account.login
    for values in (
        {"login": login, "password": "wrong"},
        {"login": login},
        {"login": "TECH_1_1@pupitre.invalid", "password": created.password},
    ):
        with pytest.raises(errors.AccountRefused):
            anybody.call(identity.ResumeAccessToken, access_token=token, **values)


def test_no_table_holds_a_secret(bench, anybody, created):
    token = bearer(anybody, created).access_token
    database = bench.database("identity")
    with database.reading() as db:
        names = sa.inspect(db).get_table_names()
        stored = " ".join(str(db.execute(sa.text(f"SELECT * FROM {name}")).all()) for name in names)
    database.close()
    assert "technical_account" in names
    assert created.account.client_id in stored
    for secret in (created.client_secret, created.password, token):
        assert secret not in stored


def test_what_no_longer_opens_anything_is_deleted(bench, service, anybody, created, service_clock):
    bearer(anybody, created)
    service_clock.advance(hours=2)
    database = bench.database("identity")

    def remaining():
        with database.reading() as db:
            return db.execute(sa.select(sa.func.count()).select_from(tables.access_token)).scalar_one()

    wait_until(lambda: remaining() == 0)
    database.close()


@pytest.mark.requirement("R234")
def test_a_technical_account_cannot_sign_in(anybody, created):
    for name, secret in ((created.account.login, created.password), (created.account.client_id, created.client_secret)):
        with pytest.raises(errors.SignInRefused):
            anybody.call(identity.SignIn, email=name, password=secret, network="192.0.2.1")
