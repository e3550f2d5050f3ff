"""Signing in through a real small identity provider of this process, and the forgeries that it is told apart from."""

import datetime
import uuid

import pytest
import sqlalchemy as sa
from joserfc.jwk import RSAKey
from pupitre_bus import settings
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, identity, organisation
from pupitre_contracts import external_sign_in as contract
from pupitre_identity import oidc, tables
from pupitre_identity.service import IdentityService
from support.oidc_provider import PERSON, OidcProvider

BACK = "http://portail.exemple/connexion/externe/retour"
PASSPHRASE = "sept bateaux verts dérivent"
WHO = {"network": "192.0.2.7", "agent": "Firefox"}


@pytest.fixture(scope="module")
def running_provider():
    provider = OidcProvider()
    yield provider
    provider.close()


@pytest.fixture
def provider(running_provider):
    """The provider as it is when nobody has spoilt anything."""
    running_provider.person, running_provider.token, running_provider.header = dict(PERSON), {}, {}
    running_provider.key = running_provider.raw_token = running_provider.told = None
    running_provider.status, running_provider.metadata = 200, {}
    return running_provider


@pytest.fixture
def start(bench, provider):
    def start(**more):
        environ = {"PUPITRE_ARGON2_MEMORY_KIB": "8", "PUPITRE_ARGON2_PASSES": "1", **provider.settings, **more}
        bench.settings = settings.load("pupitre_identity", environ=environ | {"PUPITRE_STATE": str(bench.backend.folder)})
        return bench.start(IdentityService)

    return start


@pytest.fixture
def service(start):
    return start()


@pytest.fixture
def visitor(service, caller):
    return caller()


def went(visitor, provider):
    """Go to the provider and come back; return what completes the sign-in."""
    begun = visitor.call(contract.BeginExternalSignIn, redirect_uri=BACK)
    state, code = provider.authorise(begun.address)
    return {"browser_secret": begun.browser_secret, "state": state, "code": code, "redirect_uri": BACK, **WHO}


def complete(visitor, provider, **changes):
    return visitor.call(contract.CompleteExternalSignIn, **(went(visitor, provider) | changes))


def confirm(visitor, pending, **changes):
    personal = visitor.call(contract.ExternalProfile, pending=pending).personal
    values = {name: value for name, value in personal.values.items() if value is not None}
    return visitor.call(
        contract.ConfirmExternalProfile, pending=pending, personal=identity.PersonalData(**(values | changes)), **WHO
    )


@pytest.mark.requirement("R024")
@pytest.mark.requirement("R025")
def test_at_the_first_time_the_data_are_checked_completed_and_validated_before_anything_is_stored(bench, visitor, provider, caller):
    first = complete(visitor, provider)
    assert first.session is None
    shown = visitor.call(contract.ExternalProfile, pending=first.pending)
    assert (shown.email, shown.known, shown.structure_identifier) == (PERSON["email"], False, "20007104100046")
    assert (shown.personal.given_name, shown.personal.city, shown.personal.phone) == ("Camille", "Valmont", "+33 1 23 45 67 89")
    assert _users(bench) == []
    with pytest.raises(errors.Invalid) as refused:
        confirm(visitor, first.pending, family_name=" ")
    assert "family_name" in refused.value.details["fields"]
    assert _users(bench) == []
    confirmed = confirm(visitor, first.pending, mobile="06 12 34 56 78")
    assert confirmed.structure_identifier == "20007104100046"
    assert confirmed.user.email == PERSON["email"]
    user = visitor.call(identity.ResumeSession, session=confirmed.session).user
    account = caller(Actor("user", str(user.user_id))).call(identity.GetAccount).account
    assert (account.personal.mobile, account.personal.street) == ("06 12 34 56 78", "1 place de la Mairie")
    assert _verified(bench) == [("agent-42", user.user_id)]


@pytest.mark.requirement("R024")
def test_later_times_open_a_session_at_once(visitor, provider):
    confirmed = confirm(visitor, complete(visitor, provider).pending)
    again = complete(visitor, provider)
    assert again.pending is None
    resumed = visitor.call(identity.ResumeSession, session=again.session).user
    assert resumed.user_id == confirmed.user.user_id
    assert resumed.last_sign_in_at is not None


@pytest.mark.requirement("R025")
def test_data_are_validated_once_and_within_half_an_hour(visitor, provider, service_clock):
    pending = complete(visitor, provider).pending
    confirm(visitor, pending)
    with pytest.raises(errors.LinkRefused):
        visitor.call(contract.ExternalProfile, pending=pending)
    provider.person = PERSON | {"sub": "agent-43", "email": "b@ville.exemple"}
    late = complete(visitor, provider).pending
    service_clock.advance(minutes=30)
    with pytest.raises(errors.LinkRefused):
        confirm(visitor, late)
    with pytest.raises(errors.LinkRefused):
        visitor.call(contract.ExternalProfile, pending="made up")


def test_an_account_of_the_verified_address_is_kept_and_tied(visitor, provider, caller):
    known = caller(Actor.service("operator")).call(
        identity.CreateUser, email=PERSON["email"].lower(), given_name="Cam", family_name="D.", password=PASSPHRASE
    ).user
    pending = complete(visitor, provider).pending
    shown = visitor.call(contract.ExternalProfile, pending=pending)
    assert shown.known and shown.personal.given_name == "Cam"
    assert confirm(visitor, pending).user.user_id == known.user_id
    assert visitor.call(identity.SignIn, email=PERSON["email"], password=PASSPHRASE, network="n").user.user_id == known.user_id


def test_who_signed_up_with_another_s_address_keeps_no_way_in(visitor, provider):
    visitor.call(
        identity.SignUp, email=PERSON["email"], given_name="E", family_name="E", password=PASSPHRASE, network="198.51.100.9"
    )
    pending = complete(visitor, provider).pending
    shown = visitor.call(contract.ExternalProfile, pending=pending)
    assert not shown.known and shown.personal.given_name == "Camille"
    confirm(visitor, pending)
    with pytest.raises(errors.SignInRefused):
        visitor.call(identity.SignIn, email=PERSON["email"], password=PASSPHRASE, network="198.51.100.9")


FORGERIES = {
    "another nonce": {"token": {"nonce": "another"}},
    "no nonce": {"token": {"nonce": None}},
    "another audience": {"token": {"aud": "another-portal"}},
    "several audiences without saying for whom": {"token": {"aud": ["pupitre", "another"]}},
    "another authorised party": {"token": {"azp": "another"}},
    "another issuer": {"token": {"iss": "https://elsewhere.exemple"}},
    "expired": {"token": {"exp": 1_700_000_000}},
    "no expiry": {"token": {"exp": None}},
    "made long ago": {"token": {"iat": 1_700_000_000}},
    "not valid yet": {"token": {"nbf": 4_000_000_000}},
    "nobody": {"token": {"sub": None}},
    "an empty subject": {"token": {"sub": ""}},
    "algorithm none": {"header": {"alg": "none"}},
    "an unknown key": {"header": {"kid": "k9"}},
    "not a token": {"raw_token": "a.b.c"},
    "no token": {"raw_token": ""},
}


@pytest.mark.requirement("R024")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_answer_opens_nothing(bench, visitor, provider, forgery):
    for name, value in FORGERIES[forgery].items():
        setattr(provider, name, value)
    with pytest.raises(errors.ExternalSignInRefused):
        complete(visitor, provider)
    assert _pending(bench) == 0


@pytest.mark.requirement("R024")
def test_a_token_signed_with_another_key_or_with_a_shared_secret_opens_nothing(bench, visitor, provider):
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    with pytest.raises(errors.ExternalSignInRefused):
        complete(visitor, provider)
    provider.key, provider.header = provider.shared_secret_key(), {"alg": "HS256"}
    with pytest.raises(errors.ExternalSignInRefused):
        complete(visitor, provider)
    assert _pending(bench) == 0


def test_user_information_of_somebody_else_opens_nothing(visitor, provider):
    provider.told = PERSON | {"sub": "agent-1"}
    with pytest.raises(errors.ExternalSignInRefused):
        complete(visitor, provider)


@pytest.mark.requirement("R024")
def test_the_answer_belongs_to_the_browser_that_asked(visitor, provider):
    mine, other = went(visitor, provider), went(visitor, provider)
    wrong = (
        {"state": other["state"]},
        {"state": "made up"},
        {"browser_secret": other["browser_secret"]},
        # The code of another's sign-in, injected into mine: neither the verifier nor the nonce is of it.
        {"code": other["code"]},
    )
    for change in wrong:
        with pytest.raises(errors.ExternalSignInRefused):
            visitor.call(contract.CompleteExternalSignIn, **(mine | change))
    assert visitor.call(contract.CompleteExternalSignIn, **mine).pending
    with pytest.raises(errors.ExternalSignInRefused):
        visitor.call(contract.CompleteExternalSignIn, **mine)


def test_keys_that_the_provider_renews_are_read_again(visitor, provider):
    complete(visitor, provider)
    provider.keys["k2"] = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})
    provider.key, provider.header = provider.keys["k2"], {"kid": "k2"}
    # Keys just read are not read again for the first token that names an unknown one: nobody can make us hammer the provider.
    with pytest.raises(errors.ExternalSignInRefused):
        complete(visitor, provider)
    again, oidc.AGAIN = oidc.AGAIN, 0
    try:
        assert complete(visitor, provider).pending
    finally:
        oidc.AGAIN = again
        provider.keys.pop("k2")


@pytest.mark.parametrize("spoilt", [{"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": "no address"}])
def test_an_address_that_the_provider_does_not_vouch_for_is_not_taken(bench, visitor, provider, spoilt):
    provider.person = {name: value for name, value in {**PERSON, **spoilt}.items() if value is not None}
    with pytest.raises(errors.ExternalSignInRefused):
        complete(visitor, provider)
    assert _pending(bench) == 0


def test_values_that_do_not_fit_are_left_to_the_person(visitor, provider):
    provider.person = {**PERSON, "given_name": None, "phone_number": "<script>", "address": "not an object", "siret": ["1", "2"]}
    shown = visitor.call(contract.ExternalProfile, pending=complete(visitor, provider).pending)
    assert (shown.personal.given_name, shown.personal.phone, shown.structure_identifier) == ("", None, "1")


def test_a_provider_that_fails_or_pretends_to_be_another_is_said_to_be_unavailable(start, provider, caller, bench):
    bench.stop(start())
    provider.metadata = {"issuer": "https://elsewhere.exemple"}
    host = start()
    with pytest.raises(errors.ProviderUnavailable):
        caller().call(contract.BeginExternalSignIn, redirect_uri=BACK)
    provider.metadata = {"token_endpoint": "http://192.0.2.1/token"}
    went_there = went(caller(), provider)
    with pytest.raises(errors.ProviderUnavailable):
        caller().call(contract.CompleteExternalSignIn, **went_there)
    provider.metadata = {}
    bench.stop(host)
    start()
    provider.status = 502
    with pytest.raises(errors.ProviderUnavailable):
        complete(caller(), provider)


def test_without_a_provider_there_is_no_such_sign_in(start, caller):
    start(PUPITRE_OIDC_ISSUER="")
    with pytest.raises(errors.NotFound):
        caller().call(contract.BeginExternalSignIn, redirect_uri=BACK)


@pytest.mark.requirement("R024")
def test_signing_in_by_password_can_be_closed_to_a_type_of_structure(start, caller, fake_service):
    types = {}

    def rights(request, scope):
        found = types.get(request.actor_id)
        one = {"structure_id": uuid.uuid4(), "portal_number": 1, "identifier": "1", "name": "S", "role": "US", "espaces": []}
        return {"structures": [organisation.StructureRights(type=found, **one)] if found else []}

    fake_service("organisation", {organisation.RightsOfActor: rights})
    start(PUPITRE_LOCAL_SIGN_IN_CLOSED="PUBLIC")
    operator = caller(Actor.service("operator"))
    for number, kind in enumerate((None, "PRIVATE", "PUBLIC")):
        email = f"u{number}@exemple.invalid"
        user = operator.call(identity.CreateUser, email=email, given_name="A", family_name="B", password=PASSPHRASE).user
        types[user.user_id] = kind
        if kind == "PUBLIC":
            with pytest.raises(errors.LocalSignInClosed):
                caller().call(identity.SignIn, email=email, password=PASSPHRASE, network="n")
            with pytest.raises(errors.SignInRefused):
                caller().call(identity.SignIn, email=email, password="wrong", network="n")
        else:
            assert caller().call(identity.SignIn, email=email, password=PASSPHRASE, network="n").session


def _users(bench):
    return _read(bench, sa.select(tables.user_account.c.email))


def _verified(bench):
    table = tables.external_identity.c
    return [tuple(row) for row in _read(bench, sa.select(table.subject, table.user_id).where(table.verified_at <= _later()))]


def _pending(bench):
    return len(_read(bench, sa.select(tables.external_pending.c.digest)))


def _later():
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1)


def _read(bench, query):
    database = bench.database("identity")
    with database.reading() as db:
        rows = db.execute(query).all()
    database.close()
    return rows
