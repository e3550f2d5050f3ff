"""The audit history of accounts: every change is a line, none holds personal data, and tampering shows (RS-22)."""

import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_contracts import identity
from pupitre_identity import concealment, tables
from support.audited import Audited
from support.tampering import SHOWS

PASSPHRASE, NEW = "sept bateaux verts dérivent", "neuf camions bleus reculent"
HOME = "192.0.2.10"
EMPTY = dict.fromkeys(("contact_email", "notification_email", "phone", "mobile", "street", "city", "region"))
PERSONAL = {"given_name": "Camille", "family_name": "Durand", "language": "fr", "notify_invoicing": True, "notify_news": True}


@pytest.fixture
def audited(bench, service):
    return Audited(bench, "identity", tables.HISTORY)


@pytest.fixture
def me(caller, camille):
    return caller(Actor("user", str(camille.user_id), "Camille Durand"))


@pytest.fixture
def change(me):
    """Change personal data; the version is counted along."""
    versions = iter(range(1, 100))

    def change(**changes):
        personal = identity.PersonalData(**{**EMPTY, **PERSONAL, **changes})
        return me.call(identity.ChangePersonalData, personal=personal, version=next(versions)).account

    return change


@pytest.fixture
def eventful(camille, change):
    """An account with a history of six lines."""
    for family_name in ("Petit", "Petit-Durand", "Roux", "Morin", "Durand"):
        change(family_name=family_name)
    return camille.user_id


def test_a_change_of_personal_data_names_the_fields_and_keeps_none_of_their_values(audited, camille, change):
    change(family_name="Petit", phone="01 23 45 67 89", notify_news=False)
    created, changed = audited.lines(camille.user_id)
    assert (created["actor"], created["action"]) == ("service:operator", "user.created")
    assert (changed["actor"], changed["object"]) == (f"user:{camille.user_id}", f"user:{camille.user_id}")
    assert set(changed["before"]) == set(changed["after"]) == {"family_name", "phone", "notify_news"}
    assert (changed["before"]["phone"], changed["before"]["notify_news"], changed["after"]["notify_news"]) == (None, True, False)
    assert changed["before"]["family_name"] == created["after"]["family_name"] != changed["after"]["family_name"]
    for secret in ("Camille", "Durand", "Petit", "exemple.invalid", "01 23", PASSPHRASE):
        assert secret not in str(audited.lines(camille.user_id))


def test_equal_values_of_two_accounts_have_unequal_digests(audited, operator, camille):
    other = operator.call(
        identity.CreateUser, email="c@exemple.invalid", given_name="Camille", family_name="Durand", password=PASSPHRASE
    ).user
    [mine], [theirs] = audited.lines(camille.user_id), audited.lines(other.user_id)
    assert mine["after"]["family_name"] != theirs["after"]["family_name"]


@pytest.mark.requirement("RS-22")
def test_erasing_an_account_s_secret_leaves_the_chain_intact_and_its_digests_without_meaning(bench, audited, eventful, change):
    database = bench.database("identity")
    with database.transaction() as tx:
        concealment.forget(tx, eventful)
    database.close()
    assert audited.faults() == set()
    change(family_name="Petit")
    lines = audited.lines(eventful)
    assert lines[1]["after"]["family_name"] != lines[-1]["after"]["family_name"]


def test_signing_up_activating_and_changing_passwords_are_lines_and_sign_ins_are_none(audited, bench, anybody, sign_up_and_activate):
    user_id = sign_up_and_activate("lou@exemple.invalid")
    session = anybody.call(identity.SignIn, email="lou@exemple.invalid", password=PASSPHRASE, network=HOME).session
    lou = bench.caller(Actor("user", str(user_id), "Lou"))
    lou.call(identity.ChangePassword, current=PASSPHRASE, new=NEW, session=session, network=HOME)
    lines = audited.lines(user_id)
    assert [line["action"] for line in lines] == ["user.signed_up", "user.activated", "password.changed"]
    assert (lines[1]["before"], lines[1]["after"]) == ({"activated": False}, {"activated": True})


@pytest.fixture
def sign_up_and_activate(bench, anybody):
    def sign_up(email):
        names = {"given_name": "Lou", "family_name": "Martin", "language": "fr"}
        anybody.call(identity.SignUp, email=email, password=PASSPHRASE, network=HOME, **names)
        [asked] = [data for kind, data in bench.told("identity") if kind == "account_link.asked.v1"]
        sender = bench.caller(Actor.service("notifications"))
        link = sender.call(identity.LinkToSend, link_id=uuid.UUID(asked["link_id"])).link
        anybody.call(identity.ActivateAccount, link=link, password=PASSPHRASE, network=HOME)
        return uuid.UUID(asked["user_id"])

    return sign_up


def test_a_technical_account_has_a_chain_of_its_own_without_its_secrets(audited, operator, directory, structure_id):
    made = operator.call(identity.CreateTechnicalAccount, structure_id=structure_id, label="Logiciel")
    [line] = audited.lines(made.account.technical_account_id)
    assert (line["actor"], line["action"]) == ("service:operator", "technical_account.created")
    assert line["after"]["login"] == made.account.login
    assert made.client_secret not in str(line)
    assert made.password not in str(line)


@pytest.mark.requirement("RS-22")
@pytest.mark.parametrize("way", SHOWS, ids=lambda way: way.__name__)
def test_every_way_of_tampering_with_an_account_s_history_shows(audited, eventful, way):
    audited.anchor()
    assert audited.faults() == set()
    audited.tamper(eventful, way)
    assert SHOWS[way] in audited.faults()
