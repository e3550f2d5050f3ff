import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus import tables as platform_tables
from pupitre_bus.actors import Keyring
from pupitre_contracts import catalogue, errors, identity
from pupitre_identity import tables

PASSPHRASE = "sept bateaux verts dérivent"
HOME, CAFE = "192.0.2.10", "198.51.100.7"


def sign_in(bus, password=PASSPHRASE, network=HOME, email="camille.durand@exemple.invalid"):
    return bus.call(identity.SignIn, email=email, password=password, network=network)


def refused(bus, **values):
    with pytest.raises(errors.SignInRefused) as caught:
        sign_in(bus, **values)
    return caught.value


def rows(bench, table):
    database = bench.database("identity")
    with database.reading() as db:
        found = db.execute(sa.select(table)).mappings().all()
    database.close()
    return found


def test_a_session_tells_who_it_belongs_to_and_gives_one_token_per_service(bench, anybody, camille):
    session = sign_in(anybody, email=" CAMILLE.durand@exemple.invalid ").session
    resumed = anybody.call(identity.ResumeSession, session=session)
    assert resumed.user.user_id == camille.user_id
    assert sorted(resumed.tokens) == sorted(catalogue.SERVICES)
    keyring = Keyring(bench.backend.keys)
    for service, token in resumed.tokens.items():
        actor = keyring.verify(token, service)
        assert (actor.kind, actor.id) == ("user", str(camille.user_id))
    with pytest.raises(errors.ActorInvalid):
        keyring.verify(resumed.tokens["invoicing"], "organisation")


def test_a_refusal_is_the_same_for_a_wrong_password_and_for_an_unknown_address(anybody, camille):
    wrong = refused(anybody, password="huit bateaux verts dérivent")
    unknown = refused(anybody, email="personne@exemple.invalid")
    assert wrong.dump() == unknown.dump() == {"code": "identity.sign-in-refused", "details": {}}


def slowed(bus, **values):
    with pytest.raises(errors.TooManyTries) as caught:
        sign_in(bus, **values)
    return caught.value.details["seconds"]


@pytest.mark.requirement("RS-52")
def test_wrong_passwords_slow_down_their_network_alone_and_say_how_long(anybody, camille, service_clock):
    refused(anybody, password="faux mot de passe")
    assert slowed(anybody) == 1  # the right one, within a second of the wrong one
    assert sign_in(anybody, network=CAFE).session
    service_clock.advance(1)
    refused(anybody, password="faux mot de passe")
    service_clock.advance(1)
    assert slowed(anybody) == 1  # the second wrong one costs two seconds
    service_clock.advance(1)
    assert sign_in(anybody).session


@pytest.mark.requirement("RS-52")
def test_ten_wrong_passwords_pause_their_network_and_not_the_account(anybody, camille, service_clock):
    for _ in range(10):
        refused(anybody, password="faux mot de passe")
        service_clock.advance(60)
    service_clock.advance(-60)
    assert slowed(anybody) == 15 * 60
    assert slowed(anybody, email="camille.durand@exemple.invalid", password="faux mot de passe") == 15 * 60
    assert sign_in(anybody, network=CAFE).session
    service_clock.advance(minutes=15)
    assert sign_in(anybody).session


@pytest.mark.requirement("RS-52")
def test_a_network_that_guesses_at_many_accounts_is_paused_for_all_of_them(anybody, camille):
    for number in range(100):
        refused(anybody, email=f"personne-{number}@exemple.invalid")
    assert slowed(anybody) > 3500
    assert slowed(anybody, email="encore@exemple.invalid") > 3500
    assert sign_in(anybody, network=CAFE).session


def test_unknown_addresses_are_slowed_down_alike_and_counted_without_being_stored(bench, anybody, camille):
    refused(anybody, email="personne@exemple.invalid")
    counted = rows(bench, tables.wrong_sign_in)
    assert [row["count"] for row in counted] == [1]
    assert "personne" not in str(counted)


def test_guesses_sent_all_at_once_do_not_outrun_the_slow_down(bench, anybody, camille):
    def guess(password):
        try:
            return sign_in(anybody, password=password).session
        except (errors.SignInRefused, errors.TooManyTries):
            return None

    guesses = [eventlet.spawn(guess, f"faux mot de passe {number}") for number in range(5)]
    assert [each.wait() for each in guesses] == [None] * 5
    assert guess(PASSPHRASE) is None


def test_the_sign_in_before_this_one_is_told(anybody, camille, service_clock):
    first_at = service_clock.now()
    assert sign_in(anybody).user.last_sign_in_at is None
    service_clock.advance(hours=1)
    second = sign_in(anybody)
    assert second.user.last_sign_in_at == first_at
    assert anybody.call(identity.ResumeSession, session=second.session).user.last_sign_in_at == first_at


def test_each_sign_in_opens_a_new_session(anybody, camille):
    assert sign_in(anybody).session != sign_in(anybody).session


def test_a_session_ends_after_thirty_idle_minutes(anybody, camille, service_clock):
    session = sign_in(anybody).session
    for _ in range(3):
        service_clock.advance(minutes=29)
        anybody.call(identity.ResumeSession, session=session)
    service_clock.advance(minutes=30)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=session)


def test_a_session_ends_after_twelve_hours_however_busy(anybody, camille, service_clock):
    session = sign_in(anybody).session
    for _ in range(35):
        service_clock.advance(minutes=20)
        anybody.call(identity.ResumeSession, session=session)
    service_clock.advance(minutes=20)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=session)


def test_signing_out_ends_the_session_and_an_unknown_one_is_no_error(anybody, camille):
    session = sign_in(anybody).session
    anybody.call(identity.SignOut, session=session)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=session)
    anybody.call(identity.SignOut, session=session)
    anybody.call(identity.SignOut, session="unknown")


def test_a_made_up_session_is_refused(anybody, camille):
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session="made up")


def test_a_closed_account_can_neither_sign_in_nor_go_on(bench, anybody, camille):
    session = sign_in(anybody).session
    database = bench.database("identity")
    with database.transaction() as tx:
        tx.execute(tables.user_account.update().values(active=False))
    database.close()
    refused(anybody)
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=session)


def test_a_hash_made_with_other_parameters_is_renewed_at_sign_in(bench, service, start_identity, anybody, camille):
    before = rows(bench, tables.user_account)[0]["password_hash"]
    bench.stop(service)
    start_identity(16)
    sign_in(anybody)
    after = rows(bench, tables.user_account)[0]["password_hash"]
    assert "m=8," in before and "m=16," in after
    assert sign_in(anybody).session


def test_no_table_holds_a_password_or_a_session(bench, anybody, camille):
    session = sign_in(anybody).session
    stored = everything_stored(bench)
    assert "camille.durand@exemple.invalid" in stored
    assert PASSPHRASE not in stored
    assert session not in stored


def test_a_repeated_sign_in_stores_no_answer_under_its_key(bench, anybody, camille):
    values = {"email": "camille.durand@exemple.invalid", "password": PASSPHRASE, "network": HOME}
    first = anybody.call(identity.SignIn, idempotency_key="twice", **values).session
    second = anybody.call(identity.SignIn, idempotency_key="twice", **values).session
    assert first != second
    assert rows(bench, platform_tables.idempotency) == []


def everything_stored(bench):
    found = [*tables.metadata.sorted_tables, *platform_tables.metadata.sorted_tables]
    return " ".join(str(rows(bench, table)) for table in found)
