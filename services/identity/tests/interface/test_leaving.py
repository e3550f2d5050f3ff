import datetime
import uuid

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.tables import lease
from pupitre_bus.testing import wait_until
from pupitre_contracts import account_life, errors, identity
from pupitre_identity import leaving, life_records, model, repository, tables

PASSPHRASE, NEW = "sept bateaux verts dérivent", "neuf camions bleus reculent"
EMAIL, HOME, CAFE = "camille.durand@exemple.invalid", "192.0.2.10", "198.51.100.7"


@pytest.fixture
def ada(operator):
    return operator.call(
        identity.CreateUser, email="ada@exemple.invalid", given_name="Ada", family_name="Leroy-Petit", password=NEW
    ).user


def sign_in(bus, password=PASSPHRASE, network=HOME, email=EMAIL):
    return bus.call(identity.SignIn, email=email, password=password, network=network)


def leave(bus, **successors):
    named = [account_life.Succession(structure_id=uuid.UUID(at), user_id=to) for at, to in successors.items()]
    return bus.call(account_life.DeactivateAccount, successors=named)


def ask_back(bus, email=EMAIL, network=HOME):
    bus.call(account_life.AskReactivation, email=email, network=network)


def back(bus, link, password=NEW, **values):
    return bus.call(account_life.ReactivateAccount, link=link, password=password, **values)


def stored(bench, table, *where):
    database = bench.database("identity")
    with database.reading() as db:
        rows = db.execute(sa.select(table).where(*where)).all()
    database.close()
    return rows


@pytest.mark.requirement("R051")
@pytest.mark.requirement("RS-53")
def test_every_session_and_token_of_a_deactivated_account_stops_at_once(me, anybody, structures, camille, bench):
    sessions = [sign_in(anybody).session, sign_in(anybody, network=CAFE).session]
    assert leave(me).done
    for session in sessions:
        with pytest.raises(errors.SessionEnded):
            anybody.call(identity.ResumeSession, session=session)
    with pytest.raises(errors.AccountDeactivated):
        sign_in(anybody)
    # The token of a request that had begun is still good for a minute: it opens nothing of his own either.
    for call, values in ((identity.GetAccount, {}), (identity.ListSessions, {"session": sessions[0]})):
        with pytest.raises(errors.SessionEnded):
            me.call(call, **values)
    assert ("user.deactivated.v1", str(camille.user_id)) in [(kind, data["user_id"]) for kind, data in bench.told("identity")]


@pytest.mark.requirement("R050")
def test_only_a_user_closes_an_account_and_only_his_own(caller, structures, camille, anybody, operator):
    for actor in (Actor("technical", str(uuid.uuid4())), Actor.service("invoicing"), Actor.service("operator")):
        with pytest.raises(errors.Forbidden):
            leave(caller(actor))
    with pytest.raises(errors.ActorMissing):
        leave(anybody)
    assert sign_in(anybody).session


@pytest.mark.requirement("R052")
def test_the_account_closes_only_when_every_structure_has_a_successor(me, anybody, structures, camille, ada, bench):
    first, second = uuid.uuid4(), uuid.uuid4()
    structures.managed[camille.user_id] = [first, second]
    with pytest.raises(errors.SuccessorsNeeded):
        leave(me, **{str(first): ada.user_id})
    assert sign_in(anybody).session
    assert stored(bench, tables.leaving) == []
    assert leave(me, **{str(first): ada.user_id, str(second): ada.user_id}).done
    assert structures.managed == {ada.user_id: [first, second]}
    actor, request = structures.asked[-1]
    assert (actor, request.user_id) == ("service:identity", camille.user_id)
    with pytest.raises(errors.AccountDeactivated):
        sign_in(anybody)


@pytest.mark.requirement("R052")
def test_what_organisation_did_not_answer_is_carried_out_later(me, anybody, structures, camille, ada, operator, bench, service_clock):
    at = uuid.uuid4()
    structures.managed[camille.user_id] = [at]
    structures.trouble = errors.Unavailable(service="organisation")
    assert not leave(me, **{str(at): ada.user_id}).done
    assert sign_in(anybody).session
    found = operator.call(identity.UsersByIds, user_ids=[camille.user_id, ada.user_id]).users
    assert {user.given_name: user.active for user in found} == {"Camille": False, "Ada": True}
    structures.trouble = None
    service_clock.advance(leaving.LEFT_BEHIND.total_seconds())
    wait_until(lambda: stored(bench, tables.leaving) == [], timeout=30)
    assert structures.managed == {ada.user_id: [at]}
    with pytest.raises(errors.AccountDeactivated):
        sign_in(anybody, network=CAFE)


@pytest.mark.requirement("R052")
def test_after_a_crash_between_the_two_services_the_account_still_closes(
    me, anybody, structures, camille, ada, bench, service_clock, monkeypatch
):
    """The roles are handed over and identity dies before it closes the account."""
    at = uuid.uuid4()
    structures.managed[camille.user_id] = [at]
    closing = leaving.repository.end_sessions_of

    def die(*arguments, **options):
        raise KeyError("the process dies here")

    monkeypatch.setattr(leaving.repository, "end_sessions_of", die)
    with pytest.raises(errors.Internal):
        leave(me, **{str(at): ada.user_id})
    assert structures.managed == {ada.user_id: [at]}
    assert sign_in(anybody).session
    monkeypatch.setattr(leaving.repository, "end_sessions_of", closing)
    service_clock.advance(leaving.LEFT_BEHIND.total_seconds())
    wait_until(lambda: stored(bench, tables.leaving) == [], timeout=30)
    with pytest.raises(errors.AccountDeactivated):
        sign_in(anybody, network=CAFE)


def test_asking_again_with_the_same_key_gives_the_first_answer(me, structures, bench):
    key = str(uuid.uuid4())
    first = me.call(account_life.DeactivateAccount, successors=[], idempotency_key=key)
    assert me.call(account_life.DeactivateAccount, successors=[], idempotency_key=key).dump() == first.dump()
    assert [kind for kind, _ in bench.told("identity")].count("user.deactivated.v1") == 1


def test_of_several_wishes_at_once_one_closes_the_account(me, structures, bench):
    def outcome():
        try:
            return leave(me).done
        except errors.PupitreError as error:
            return error

    threads = [eventlet.spawn(outcome) for _ in range(4)]
    outcomes = [thread.wait() for thread in threads]
    refused = [each for each in outcomes if each is not True]
    assert len(refused) < 4 and all(isinstance(each, errors.Conflict | errors.SessionEnded) for each in refused)
    assert [kind for kind, _ in bench.told("identity")].count("user.deactivated.v1") == 1


def test_a_wish_that_is_refused_later_leaves_the_account_open(me, anybody, structures, camille, bench, service_clock):
    structures.trouble = errors.TimedOut(service="organisation")
    assert not leave(me).done
    structures.trouble, structures.managed[camille.user_id] = None, [uuid.uuid4()]
    service_clock.advance(leaving.LEFT_BEHIND.total_seconds())
    wait_until(lambda: stored(bench, tables.leaving) == [], timeout=30)
    assert sign_in(anybody).session


@pytest.mark.requirement("R053")
@pytest.mark.parametrize(
    "criterion",
    [
        {"name": "leroy ADA"},
        {"name": "petit"},
        {"address": "valbourg Église"},
        {"email": "ada@exemple"},
        {"name": "Ada", "address": "29000"},
    ],
)
def test_a_successor_is_found_by_name_address_or_email(me, caller, structures, camille, ada, criterion):
    structures.managed[camille.user_id] = [uuid.uuid4()]
    himself = caller(Actor("user", str(ada.user_id), "Ada"))
    personal = identity.PersonalData(
        given_name="Ada", family_name="Leroy-Petit", language="fr", street="3 rue de l'Eglise", city="Valbourg",
        postal_code="29000", notify_invoicing=True, notify_news=True,
    )  # fmt: skip
    himself.call(identity.ChangePersonalData, personal=personal, version=1)
    found = me.call(account_life.FindSuccessors, **criterion)
    assert [(each.user_id, each.city) for each in found.users] == [(ada.user_id, "Valbourg")]
    assert found.total == 1
    assert me.call(account_life.FindSuccessors, user_ids=[ada.user_id]).users[0].email == "ada@exemple.invalid"


@pytest.mark.requirement("R053")
def test_who_cannot_take_over_is_not_found(me, anybody, caller, structures, camille, ada):
    structures.managed[camille.user_id] = [uuid.uuid4()]
    anybody.call(
        identity.SignUp, email="waits@exemple.invalid", given_name="Wanda", family_name="Attend", password=NEW, network=HOME
    )
    leave(caller(Actor("user", str(ada.user_id))))
    for criterion in ({"name": "Wanda"}, {"name": "Leroy"}, {"name": "Camille"}, {"email": "%%%"}, {"user_ids": [ada.user_id]}):
        assert me.call(account_life.FindSuccessors, **criterion).users == []
    for criterion in ({}, {"name": "Ad"}, {"name": " ", "email": "é"}):
        with pytest.raises(errors.Invalid):
            me.call(account_life.FindSuccessors, **criterion)


@pytest.mark.requirement("R053")
def test_who_manages_nothing_searches_nobody(me, structures, ada, caller):
    for bus in (me, caller(Actor.service("notifications"))):
        with pytest.raises(errors.Forbidden):
            bus.call(account_life.FindSuccessors, name="Leroy")


@pytest.mark.requirement("R054")
@pytest.mark.requirement("R055")
def test_day_60_reactivates_with_a_new_password_and_day_61_does_not(me, anybody, structures, camille, link_for, service_clock, bench):
    leave(me)
    service_clock.advance(days=60)
    ask_back(anybody)
    link = link_for("reactivation")
    with pytest.raises(errors.PasswordTooWeak) as caught:
        back(anybody, link, PASSPHRASE)
    assert "avant la désactivation" in caught.value.message("fr")
    assert back(anybody, link).email == "Camille.Durand@exemple.invalid"
    with pytest.raises(errors.SignInRefused):
        sign_in(anybody, PASSPHRASE)
    assert sign_in(anybody, NEW, network=CAFE).session
    with pytest.raises(errors.LinkRefused):
        back(anybody, link, PASSPHRASE)
    assert bench.told("identity")[-1] == ("user.reactivated.v1", {"user_id": str(camille.user_id)})


@pytest.mark.requirement("R054")
@pytest.mark.requirement("R056")
def test_on_day_61_no_link_is_sent_and_an_older_one_says_that_it_is_over(me, anybody, structures, camille, link_for, service_clock, bench):
    leave(me)
    service_clock.advance(days=60)
    ask_back(anybody)
    link = link_for("reactivation")
    service_clock.advance(days=1)
    with pytest.raises(errors.ReactivationOver):
        back(anybody, link)
    with pytest.raises(errors.ReactivationOver):
        anybody.call(account_life.DescribeLink, link=link)
    ask_back(anybody)
    assert len(stored(bench, tables.account_link, tables.account_link.c.purpose == "reactivation")) == 1
    with pytest.raises(errors.AccountDeactivated) as caught:
        sign_in(anybody)
    assert caught.value.details["over"] is True


@pytest.mark.requirement("R054")
def test_an_expired_link_can_be_asked_for_again(me, anybody, structures, camille, link_for, service_clock):
    leave(me)
    ask_back(anybody)
    old = link_for("reactivation")
    service_clock.advance(hours=24)
    with pytest.raises(errors.LinkRefused):
        back(anybody, old)
    ask_back(anybody)
    back(anybody, link_for("reactivation"))
    assert sign_in(anybody, NEW).session


@pytest.mark.requirement("R056")
def test_an_operator_reopens_what_is_not_erased_yet(me, anybody, operator, structures, camille, ada, link_for, service_clock, caller):
    with pytest.raises(errors.NotFound):
        operator.call(account_life.ReopenAccount, email=EMAIL)
    leave(me)
    service_clock.advance(days=70)
    with pytest.raises(errors.Forbidden):
        caller(Actor("user", str(ada.user_id))).call(account_life.ReopenAccount, email=EMAIL)
    operator.call(account_life.ReopenAccount, email=EMAIL)
    back(anybody, link_for("reopening"))
    assert sign_in(anybody, NEW).session


def test_the_last_day_is_a_day_of_france_whatever_the_hour():
    summer = datetime.datetime(2026, 7, 1, 22, 30, tzinfo=datetime.UTC)  # already the 2nd in France
    assert model.last_day(summer) == datetime.date(2026, 8, 31)
    assert model.reactivation_ends(summer) == datetime.datetime(2026, 8, 31, 22, 0, tzinfo=datetime.UTC)
    winter = datetime.datetime(2026, 9, 1, 8, 0, tzinfo=datetime.UTC)  # the end lies in winter time
    assert model.reactivation_ends(winter) == datetime.datetime(2026, 10, 31, 23, 0, tzinfo=datetime.UTC)


@pytest.mark.requirement("RS-75")
def test_after_the_delay_nothing_personal_is_left_and_the_address_is_free(me, anybody, structures, camille, operator, bench, service_clock):
    sign_in(anybody)
    kept_beside_the_account(bench, camille.user_id)
    leave(me)
    ask_back(anybody)
    service_clock.advance(days=89)
    bench_erase(bench, service_clock)
    with pytest.raises(errors.AccountDeactivated):
        sign_in(anybody)
    service_clock.advance(days=1)
    wait_until(lambda: bench.told("identity")[-1] == ("user.erased.v1", {"user_id": str(camille.user_id)}), timeout=30)
    (row,) = stored(bench, tables.user_account)
    kept = {name: value for name, value in row._asdict().items() if value is not None}
    assert not any(word in str(kept).casefold() for word in ("camille", "durand", "argon2"))
    for table in (*life_records.OF_USER, tables.history_secret):
        assert stored(bench, table) == []
    told = str(stored(bench, tables.HISTORY.lines)).casefold()
    assert not any(word in told for word in ("durand", "exemple.invalid", "argon2"))
    assert operator.call(identity.UsersByIds, user_ids=[camille.user_id]).users == operator.call(identity.ListUsers).users == []
    with pytest.raises(errors.NotFound):
        operator.call(identity.UserByEmail, email=row.email)
    with pytest.raises(errors.SignInRefused):
        sign_in(anybody, network=CAFE)
    new = operator.call(
        identity.CreateUser, email=EMAIL, given_name="Camille", family_name="Durand", password=PASSPHRASE
    ).user
    assert new.user_id != camille.user_id


@pytest.mark.requirement("RS-75")
def test_no_table_of_users_is_forgotten_when_one_is_erased():
    of_users = {table.name for table in tables.metadata.sorted_tables if "user_id" in table.c}
    assert of_users == {"user_account"} | {table.name for table in life_records.OF_USER}


@pytest.mark.requirement("RS-75")
def test_who_came_back_is_not_erased(me, anybody, structures, camille, link_for, bench, service_clock):
    leave(me)
    ask_back(anybody)
    back(anybody, link_for("reactivation"))
    service_clock.advance(days=100)
    bench_erase(bench, service_clock)
    assert sign_in(anybody, NEW).user.given_name == "Camille"


def kept_beside_the_account(bench, user_id):
    """A document, and who the person is at an identity provider."""
    document = {"designation": "RIB de Camille", "type": "RIB", "name": "rib.pdf", "mime": "application/pdf", "size": 9, "sha256": "a" * 64}
    database = bench.database("identity")
    with database.transaction() as tx:
        repository.add_document(tx, f"user:{user_id}", user_id, document)
        assert repository.add_external_identity(tx, "https://idp.exemple.invalid", "camille", user_id)
    database.close()


def bench_erase(bench, clock):
    """Wait until the hourly work has run at the present instant."""
    database = bench.database("identity")

    def done():
        with database.reading() as db:
            row = db.execute(sa.select(lease).where(lease.c.name == "erase")).one_or_none()
        return row is not None and row.last_run_at == row.until == clock.now()

    wait_until(done, timeout=30)
    database.close()
