import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import errors, identity

PASSPHRASE, NEW = "sept bateaux verts dérivent", "neuf camions bleus reculent"
EMAIL, HOME, CAFE = "camille.durand@exemple.invalid", "192.0.2.10", "198.51.100.7"
EVERYTHING = {
    "given_name": "Camille",
    "family_name": "Durand-Petit",
    "language": "en",
    "contact_email": "camille@mairie.invalid",
    "notification_email": "factures@mairie.invalid",
    "phone": "01 23 45 67 89",
    "mobile": "+33 6 12 34 56 78",
    "street": "3 rue du Port",
    "city": "Valbourg",
    "postal_code": "29000",
    "region": "Bretagne",
    "country": "FR",
    "notify_invoicing": False,
    "notify_news": True,
}


@pytest.fixture
def me(caller, camille):
    return caller(Actor("user", str(camille.user_id), "Camille Durand"))


@pytest.fixture
def sign_in(anybody):
    def ask(password=PASSPHRASE, network=HOME, agent=None):
        return anybody.call(identity.SignIn, email=EMAIL, password=password, network=network, agent=agent).session

    return ask


def change(bus, version=1, **changes):
    personal = identity.PersonalData(**{**EVERYTHING, **changes})
    return bus.call(identity.ChangePersonalData, personal=personal, version=version).account


def change_password(bus, session, current=PASSPHRASE, new=NEW):
    return bus.call(identity.ChangePassword, current=current, new=new, session=session, network=HOME)


@pytest.mark.requirement("R021")
@pytest.mark.requirement("R044")
def test_all_personal_data_can_be_read_and_changed(me):
    before = me.call(identity.GetAccount).account
    assert (before.email, before.version, before.personal.given_name) == ("Camille.Durand@exemple.invalid", 1, "Camille")
    assert (before.personal.notify_invoicing, before.personal.notify_news) == (True, True)
    assert change(me).version == 2
    assert me.call(identity.GetAccount).account.personal.dump() == EVERYTHING


@pytest.mark.requirement("R027")
def test_an_empty_name_is_named_and_nothing_is_changed(me):
    with pytest.raises(errors.Invalid) as caught:
        change(me, family_name=" ", phone="non")
    assert sorted(caught.value.details["fields"]) == ["family_name", "phone"]
    account = me.call(identity.GetAccount).account
    assert (account.personal.family_name, account.version) == ("Durand", 1)


def test_a_change_made_on_an_old_page_is_refused(me):
    change(me)
    with pytest.raises(errors.Conflict):
        change(me, city="Ailleurs")
    assert me.call(identity.GetAccount).account.personal.city == "Valbourg"


def test_a_person_sees_and_changes_his_own_account_only(caller, service, camille):
    for actor in (Actor("technical", str(uuid.uuid4())), Actor.service("invoicing"), Actor.service("operator")):
        with pytest.raises(errors.Forbidden):
            caller(actor).call(identity.GetAccount)
        with pytest.raises(errors.Forbidden):
            change(caller(actor))
    with pytest.raises(errors.NotFound):
        caller(user()).call(identity.GetAccount)


@pytest.mark.requirement("R028")
def test_a_new_password_needs_the_current_one(me, anybody, sign_in, service_clock):
    session = sign_in()
    with pytest.raises(errors.PasswordWrong):
        change_password(me, session, current="faux mot de passe")
    with pytest.raises(errors.TooManyTries):
        change_password(me, session)
    service_clock.advance(1)
    with pytest.raises(errors.PasswordTooWeak):
        change_password(me, session, new="camille durand")
    assert sign_in()
    change_password(me, session)
    assert sign_in(NEW)
    with pytest.raises(errors.SignInRefused):
        sign_in(PASSPHRASE)


@pytest.mark.requirement("RS-53")
def test_a_new_password_ends_the_other_sessions_at_once(me, anybody, sign_in):
    mine, elsewhere = sign_in(), sign_in(network=CAFE)
    assert change_password(me, mine).ended == 1
    assert anybody.call(identity.ResumeSession, session=mine).user.given_name == "Camille"
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=elsewhere)


@pytest.mark.requirement("RS-53")
def test_sessions_are_listed_and_ended_one_by_one(me, anybody, sign_in, service_clock):
    mine = sign_in(agent="Firefox")
    service_clock.advance(minutes=1)
    elsewhere = sign_in(network=CAFE)
    listed = me.call(identity.ListSessions, session=mine).sessions
    assert [(each.network, each.agent, each.current) for each in listed] == [(CAFE, None, False), (HOME, "Firefox", True)]
    assert mine not in str(listed) and elsewhere not in str(listed)
    assert me.call(identity.EndSessions, session_ids=[listed[0].session_id, "inconnue"]).ended == 1
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=elsewhere)
    assert len(me.call(identity.ListSessions, session=mine).sessions) == 1
    service_clock.advance(minutes=31)
    assert me.call(identity.ListSessions, session=mine).sessions == []


@pytest.mark.requirement("RS-53")
def test_nobody_ends_the_sessions_of_another(caller, me, operator, anybody, sign_in):
    mine = sign_in()
    (listed,) = me.call(identity.ListSessions, session=mine).sessions
    other = operator.call(
        identity.CreateUser, email="autre@exemple.invalid", given_name="Autre", family_name="Personne", password=NEW
    ).user
    somebody = caller(Actor("user", str(other.user_id)))
    assert somebody.call(identity.EndSessions, session_ids=[listed.session_id]).ended == 0
    assert somebody.call(identity.ListSessions, session=mine).sessions == []
    assert anybody.call(identity.ResumeSession, session=mine)
