"""The life of technical accounts' secrets: who renews them, until when they are good, and who is told before they are not."""

import datetime
import json
import uuid

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import settings
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user, wait_until
from pupitre_contracts import errors, identity, technical_accounts
from pupitre_identity import tables
from pupitre_identity.service import IdentityService

PASSWORD, CLIENT_SECRET = technical_accounts.SECRET_KINDS


@pytest.fixture
def member(directory):
    """Make a user with a role in the structure."""

    def make(role):
        someone = user()
        directory[uuid.UUID(someone.id)] = role
        return someone

    return make


@pytest.fixture
def manager(service, member, caller):
    """The gestionnaire principal, calling."""
    return caller(member("GP"))


@pytest.fixture
def created(manager, structure_id):
    return manager.call(identity.CreateTechnicalAccount, structure_id=structure_id, label="Logiciel de paie")


def renew(bus, created, *kinds, overlap_days=0, version=1):
    return bus.call(
        technical_accounts.RenewTechnicalSecrets,
        technical_account_id=created.account.technical_account_id,
        kinds=list(kinds or (PASSWORD,)),
        overlap_days=overlap_days,
        version=version,
    )


def bearer(bus, created, secret=None):
    return bus.call(
        identity.IssueAccessToken, client_id=created.account.client_id, client_secret=secret or created.client_secret
    )


def resume(bus, created, token, password=None):
    return bus.call(
        identity.ResumeAccessToken,
        access_token=token,
        login=created.account.login,
        password=password or created.password,
    )


def announced(bench):
    kind = technical_accounts.TechnicalSecretExpiryAnnounced.type
    return [data for name, data in bench.told("identity") if name == kind]


@pytest.mark.requirement("R233")
def test_a_person_s_credentials_open_nothing_to_programs(anybody, camille, created):
    token = bearer(anybody, created).access_token
    session = anybody.call(identity.SignIn, email=camille.email, password="sept bateaux verts dérivent", network="n").session
    with pytest.raises(errors.ClientRefused):
        anybody.call(identity.IssueAccessToken, client_id=camille.email, client_secret="sept bateaux verts dérivent")
    with pytest.raises(errors.AccountRefused):
        anybody.call(
            identity.ResumeAccessToken, access_token=token, login=camille.email, password="sept bateaux verts dérivent"
        )
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeAccessToken, access_token=session)
    assert resume(anybody, created, token).account == created.account


@pytest.mark.requirement("R235")
def test_the_secrets_are_made_by_the_system_told_once_and_kept_as_hashes(bench, manager, created, structure_id):
    renewed = renew(manager, created, PASSWORD, CLIENT_SECRET)
    listed = manager.call(technical_accounts.ListTechnicalAccounts, structure_ids=[structure_id])
    told = f"{listed.dump()} {bench.told('identity')}"
    database = bench.database("identity")
    with database.reading() as db:
        names = sa.inspect(db).get_table_names()
        stored = " ".join(str(db.execute(sa.text(f"SELECT * FROM {name}")).all()) for name in names)
    database.close()
    secrets = (created.password, created.client_secret, renewed.password, renewed.client_secret)
    assert len({len(secret) for secret in secrets}) == 1 and len(set(secrets)) == 4
    assert created.account.login in told and created.account.login in stored
    for secret in secrets:
        assert secret not in told and secret not in stored


@pytest.mark.requirement("R235")
def test_a_form_sent_twice_makes_one_account_and_shows_nothing_again(manager, structure_id):
    key = str(uuid.uuid4())
    manager.call(identity.CreateTechnicalAccount, idempotency_key=key, structure_id=structure_id)
    with pytest.raises(errors.SecretsShown):
        manager.call(identity.CreateTechnicalAccount, idempotency_key=key, structure_id=structure_id)
    listed = manager.call(technical_accounts.ListTechnicalAccounts, structure_ids=[structure_id])
    assert len(listed.accounts) == 1


@pytest.mark.requirement("R126")
@pytest.mark.requirement("R235")
def test_who_may_modify_the_organisation_but_is_not_principal_makes_and_resets_no_technical_account(
    service, member, structure_id, caller, created
):
    deputy = caller(member("US"))
    account_id = created.account.technical_account_id
    refused = [
        (identity.CreateTechnicalAccount, {"structure_id": structure_id}),
        (technical_accounts.RenewTechnicalSecrets, {"technical_account_id": account_id, "kinds": [PASSWORD], "version": 1}),
        (technical_accounts.RevokeTechnicalAccount, {"technical_account_id": account_id, "version": 1}),
        (technical_accounts.TakeConnectionData, {"technical_account_id": account_id, "password": created.password}),
        (technical_accounts.ListTechnicalAccounts, {"structure_ids": [structure_id]}),
    ]
    for call, values in refused:
        with pytest.raises(errors.Forbidden):
            deputy.call(call, **values)


@pytest.mark.requirement("R126")
def test_strangers_and_machines_see_no_technical_account(service, caller, structure_id, created):
    account_id = created.account.technical_account_id
    strangers = (
        user(),
        Actor("technical", str(account_id), structure_id=structure_id),
        Actor.service("invoicing"),
        Actor.service("operator", behalf_of=user()),
    )
    for actor in strangers:
        with pytest.raises(errors.NotFound):
            caller(actor).call(technical_accounts.ListTechnicalAccounts, structure_ids=[structure_id])
        with pytest.raises(errors.NotFound):
            renew(caller(actor), created)
        with pytest.raises(errors.NotFound):
            caller(actor).call(technical_accounts.RevokeTechnicalAccount, technical_account_id=account_id, version=1)


@pytest.mark.requirement("R239")
def test_a_structure_has_several_technical_accounts_each_reset_alone(manager, anybody, created, structure_id):
    other = manager.call(identity.CreateTechnicalAccount, structure_id=structure_id, label="Facturier")
    renewed = renew(manager, other)
    listed = manager.call(technical_accounts.ListTechnicalAccounts, structure_ids=[structure_id]).accounts
    assert [(each.account.label, each.version) for each in listed] == [("Logiciel de paie", 1), ("Facturier", 2)]
    token = bearer(anybody, created).access_token
    assert resume(anybody, created, token).account == created.account
    assert resume(anybody, other, token, renewed.password).account == other.account


@pytest.mark.requirement("R237")
def test_after_a_reset_the_new_password_works_and_the_old_one_is_refused_at_once(bench, manager, anybody, created):
    token = bearer(anybody, created).access_token
    resume(anybody, created, token)
    renewed = renew(manager, created)
    assert renewed.client_secret is None and renewed.former_until is None
    with pytest.raises(errors.AccountRefused):
        resume(anybody, created, token)
    assert resume(anybody, created, token, renewed.password).account == created.account
    ((_, told),) = [each for each in bench.told("identity") if each[0] == "technical_secret.renewed.v1"]
    assert (told["how"], told["kinds"], told["login"]) == ("reset", [PASSWORD], created.account.login)


@pytest.mark.requirement("RS-55")
def test_a_reset_of_the_client_secret_ends_the_tokens_that_were_given_for_it(manager, anybody, created):
    token = bearer(anybody, created).access_token
    renewed = renew(manager, created, CLIENT_SECRET)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeAccessToken, access_token=token)
    with pytest.raises(errors.ClientRefused):
        bearer(anybody, created)
    bearer(anybody, created, renewed.client_secret)


@pytest.mark.requirement("RS-55")
def test_on_a_rotation_both_secrets_are_good_until_the_overlap_ends(manager, anybody, created, service_clock):
    renewed = renew(manager, created, PASSWORD, CLIENT_SECRET, overlap_days=7)
    assert renewed.former_until == service_clock.now() + datetime.timedelta(days=7)
    service_clock.advance(days=6, hours=23)
    token = bearer(anybody, created)
    assert token.secret_expires_at == renewed.former_until
    for password in (created.password, renewed.password):
        resume(anybody, created, token.access_token, password)
    bearer(anybody, created, renewed.client_secret)
    service_clock.advance(hours=1)
    with pytest.raises(errors.ClientRefused):
        bearer(anybody, created)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeAccessToken, access_token=token.access_token)
    fresh = bearer(anybody, created, renewed.client_secret).access_token
    with pytest.raises(errors.AccountRefused):
        resume(anybody, created, fresh)
    resume(anybody, created, fresh, renewed.password)


@pytest.mark.requirement("RS-55")
def test_at_most_two_secrets_of_a_kind_are_good_at_a_time(manager, anybody, created):
    second = renew(manager, created, CLIENT_SECRET, overlap_days=30)
    third = renew(manager, created, CLIENT_SECRET, overlap_days=30, version=2)
    with pytest.raises(errors.ClientRefused):
        bearer(anybody, created)
    for secret in (second.client_secret, third.client_secret):
        bearer(anybody, created, secret)
    last = renew(manager, created, CLIENT_SECRET, version=3)
    for secret in (second.client_secret, third.client_secret):
        with pytest.raises(errors.ClientRefused):
            bearer(anybody, created, secret)
    bearer(anybody, created, last.client_secret)


def test_of_two_renewals_at_once_one_succeeds(service, member, caller, created):
    actor = member("GP")
    outcomes = [each.wait() for each in [eventlet.spawn(_tried, caller(actor), created) for _ in range(2)]]
    assert sorted(type(each).__name__ for each in outcomes) == ["Conflict", "Reply"]


def _tried(bus, created):
    try:
        return renew(bus, created)
    except errors.Conflict as error:
        return error


def test_a_wish_that_cannot_be_is_refused_with_its_field(manager, created):
    for days in (31, -1):
        with pytest.raises(errors.Invalid) as refused:
            renew(manager, created, overlap_days=days)
        assert "overlap_days" in refused.value.details["fields"]
    values = {"technical_account_id": created.account.technical_account_id, "kinds": [], "version": 1}
    with pytest.raises(errors.Invalid):
        manager.call(technical_accounts.RenewTechnicalSecrets, **values)


@pytest.mark.requirement("R236")
@pytest.mark.requirement("R302")
def test_on_day_425_calls_fail_with_an_error_of_their_own(anybody, created, service_clock):
    service_clock.advance(days=423, hours=23, minutes=30)
    token = bearer(anybody, created)
    assert token.secret_expires_at == created.secret_expires_at
    assert token.expires_in == 1800
    assert resume(anybody, created, token.access_token).secret_expires_at == created.secret_expires_at
    service_clock.advance(minutes=30)
    with pytest.raises(errors.SecretExpired) as expired:
        bearer(anybody, created)
    told = expired.value.details
    assert (told["login"], told["since"]) == (created.account.login, created.secret_expires_at.date().isoformat())
    with pytest.raises(errors.SecretExpired):
        resume(anybody, created, token.access_token)
    with pytest.raises(errors.ClientRefused):
        bearer(anybody, created, "wrong")


@pytest.mark.requirement("R236")
def test_an_expired_password_is_told_from_a_wrong_one(manager, anybody, created, service_clock):
    service_clock.advance(days=10)
    later = renew(manager, created, CLIENT_SECRET)
    service_clock.advance(days=414)
    token = bearer(anybody, created, later.client_secret).access_token
    with pytest.raises(errors.SecretExpired) as expired:
        resume(anybody, created, token)
    assert "mot de passe" in expired.value.message("fr")
    with pytest.raises(errors.AccountRefused):
        resume(anybody, created, token, "wrong")


@pytest.mark.requirement("R236")
def test_the_life_of_secrets_is_a_dated_setting(bench, fake_service, structure_id, caller, member):
    today = datetime.datetime.now(datetime.UTC).date()
    later = today + datetime.timedelta(days=1)
    environ = {
        "PUPITRE_STATE": str(bench.backend.folder),
        "PUPITRE_ARGON2_MEMORY_KIB": "8",
        "PUPITRE_ARGON2_PASSES": "1",
        "PUPITRE_TECHNICAL_SECRET_DAYS": f"100, {later}=90",
    }
    bench.settings = settings.load("pupitre_identity", environ=environ)
    bench.start(IdentityService)
    made = caller(member("GP")).call(identity.CreateTechnicalAccount, structure_id=structure_id)
    assert made.secret_expires_at - bench.clock.now() == datetime.timedelta(days=100)


@pytest.mark.requirement("R236")
@pytest.mark.requirement("R302")
def test_each_expiry_is_announced_once_before_and_at_its_time(bench, service, created, service_clock):
    expires_at = created.secret_expires_at
    assert not announced(bench)
    for number, (moment, days) in enumerate(((394, 30), (409, 15), (417, 7), (423, 1), (424, 0)), 1):
        service_clock.advance((expires_at - datetime.timedelta(days=424 - moment) - service_clock.now()).total_seconds())
        found = wait_until(lambda number=number: (told := announced(bench)) and len(told) == number and told, timeout=20)
        assert found[-1]["days"] == days
        assert sorted(found[-1]["kinds"]) == sorted(technical_accounts.SECRET_KINDS)
        assert found[-1]["login"] == created.account.login
    service_clock.advance(days=60)
    eventlet.sleep(2.5)
    assert [told["days"] for told in announced(bench)] == [30, 15, 7, 1, 0]


@pytest.mark.requirement("R236")
def test_what_fell_due_while_everything_was_down_is_announced_once_as_it_is_by_then(bench, service, created, service_clock):
    bench.stop(service)
    service_clock.advance(days=419)
    again = bench.start(IdentityService)
    wait_until(lambda: announced(bench), timeout=20)
    bench.stop(again)
    bench.start(IdentityService)
    service_clock.advance(hours=2)
    eventlet.sleep(2.5)
    assert [told["days"] for told in announced(bench)] == [7]


def test_nothing_is_announced_of_a_secret_that_was_replaced_or_an_account_that_was_revoked(
    bench, manager, created, structure_id, service_clock
):
    other = manager.call(identity.CreateTechnicalAccount, structure_id=structure_id)
    renew(manager, created, PASSWORD, CLIENT_SECRET, overlap_days=30)
    manager.call(
        technical_accounts.RevokeTechnicalAccount, technical_account_id=other.account.technical_account_id, version=1
    )
    database = bench.database("identity")
    with database.reading() as db:
        table = tables.technical_secret
        waiting = db.execute(sa.select(table.c.technical_account_id, table.c.ends_at).where(table.c.warn_at.isnot(None))).all()
    database.close()
    assert waiting == [(created.account.technical_account_id, None)] * 2


def test_a_revoked_account_opens_nothing_from_the_next_request_on(bench, manager, anybody, created, structure_id):
    token = bearer(anybody, created).access_token
    manager.call(
        technical_accounts.RevokeTechnicalAccount, technical_account_id=created.account.technical_account_id, version=1
    )
    with pytest.raises(errors.SessionEnded):
        resume(anybody, created, token)
    with pytest.raises(errors.ClientRefused):
        bearer(anybody, created)
    with pytest.raises(errors.NotFound):
        renew(manager, created, version=2)
    (listed,) = manager.call(technical_accounts.ListTechnicalAccounts, structure_ids=[structure_id]).accounts
    assert not listed.active and listed.secrets == []
    assert "technical_account.revoked.v1" in [name for name, _ in bench.told("identity")]


@pytest.mark.requirement("R238")
def test_connection_data_are_taken_away_once_and_only_by_who_holds_them(manager, created):
    def take(**secrets):
        account_id = created.account.technical_account_id
        return manager.call(technical_accounts.TakeConnectionData, technical_account_id=account_id, **secrets)

    with pytest.raises(errors.AccountRefused):
        take(password="wrong", client_secret=created.client_secret)
    with pytest.raises(errors.Invalid):
        take()
    taken = take(password=created.password, client_secret=created.client_secret)
    assert (taken.account, taken.secret_expires_at) == (created.account, created.secret_expires_at)
    for secrets in ({"password": created.password}, {"client_secret": created.client_secret}):
        with pytest.raises(errors.AlreadyExported):
            take(**secrets)
    renewed = renew(manager, created)
    take(password=renewed.password)


def test_every_act_on_a_technical_account_is_logged_with_who_and_when(bench, manager, created, member):
    renew(manager, created, overlap_days=2)
    manager.call(
        technical_accounts.RevokeTechnicalAccount, technical_account_id=created.account.technical_account_id, version=2
    )
    database = bench.database("identity")
    with database.reading() as db:
        lines = db.execute(
            sa.select(tables.HISTORY.lines)
            .where(tables.HISTORY.lines.c.account_id == created.account.technical_account_id)
            .order_by(tables.HISTORY.lines.c.number)
        ).all()
    database.close()
    assert [line.action for line in lines] == [
        "technical_account.created",
        "technical_secret.renewed",
        "technical_account.revoked",
    ]
    assert {line.actor.partition(":")[0] for line in lines} == {"user"}
    assert json.loads(lines[1].detail)["overlap_days"] == 2


def test_an_operator_sees_and_renews_without_a_role(operator, created, structure_id):
    assert operator.call(technical_accounts.ListTechnicalAccounts, structure_ids=[structure_id]).accounts
    renew(operator, created)
