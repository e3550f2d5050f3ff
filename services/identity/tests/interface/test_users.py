import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import errors, identity, platform
from pupitre_identity import tables

PASSPHRASE = "sept bateaux verts dérivent"


def create(bus, **changes):
    values = {
        "email": "lou.martin@exemple.invalid",
        "given_name": "Lou",
        "family_name": "Martin",
        "password": PASSPHRASE,
    }
    return bus.call(identity.CreateUser, **(values | changes)).user


@pytest.mark.requirement("R020")
def test_one_address_is_one_account_in_any_letter_case(operator):
    create(operator)
    with pytest.raises(errors.UserExists):
        create(operator, email="LOU.Martin@EXEMPLE.invalid")


def test_creating_a_user_is_told_once_in_an_event(operator, service):
    created = create(operator)
    page = operator.call_on("identity", platform.EventsAfter, after=0)
    assert page.head <= 1
    assert created.language == "fr"


def test_a_weak_password_is_refused_in_both_languages(operator):
    with pytest.raises(errors.PasswordTooWeak) as caught:
        create(operator, password="Azerty123456!")
    assert "deviner" in caught.value.message("fr")
    assert "guess" in caught.value.message("en")


@pytest.mark.parametrize("email", ["", "lou", "lou@exemple", "lou martin@exemple.invalid", "a@b@exemple.invalid"])
def test_what_is_no_address_is_refused(operator, email):
    with pytest.raises(errors.Invalid):
        create(operator, email=email)


@pytest.mark.parametrize(
    "actor",
    [user(), Actor("technical", str(uuid.uuid4())), Actor.service("invoicing"), Actor.service("operator", user())],
    ids=["user", "technical account", "other service", "operator's key for somebody else"],
)
def test_only_an_operator_creates_and_lists_users(service, caller, actor):
    with pytest.raises(errors.Forbidden):
        create(caller(actor))
    with pytest.raises(errors.Forbidden):
        caller(actor).call(identity.ListUsers)


def test_nobody_may_create_a_user_without_saying_who_he_is(anybody):
    with pytest.raises(errors.ActorMissing):
        create(anybody)


def test_services_read_names_and_addresses_and_users_do_not(service, operator, caller):
    lou = create(operator)
    notifications = caller(Actor.service("notifications", behalf_of=user()))
    known = notifications.call(identity.UsersByIds, user_ids=[lou.user_id, uuid.uuid4()]).users
    assert [each.email for each in known] == ["lou.martin@exemple.invalid"]
    assert notifications.call(identity.UserByEmail, email="LOU.MARTIN@exemple.invalid").user.user_id == lou.user_id
    with pytest.raises(errors.NotFound):
        notifications.call(identity.UserByEmail, email="personne@exemple.invalid")
    for call, values in (
        (identity.UsersByIds, {"user_ids": [lou.user_id]}),
        (identity.UserByEmail, {"email": lou.email}),
    ):
        with pytest.raises(errors.Forbidden):
            caller(user()).call(call, **values)


def test_an_operator_lists_users_by_address(operator):
    create(operator)
    create(operator, email="ana.petit@exemple.invalid", given_name="Ana", family_name="Petit")
    assert [each.given_name for each in operator.call(identity.ListUsers).users] == ["Ana", "Lou"]
    assert len(operator.call(identity.ListUsers, limit=1).users) == 1


def test_the_log_says_who_did_what_and_cannot_be_rewritten(bench, operator):
    lou = create(operator)
    database = bench.database("identity")
    with database.reading() as db:
        line = db.execute(sa.select(tables.HISTORY.lines)).mappings().one()
    assert (line["actor"], line["action"]) == ("service:operator", "user.created")
    assert line["object"] == f"user:{lou.user_id}"
    for statement in (tables.HISTORY.lines.update().values(actor="nobody"), tables.HISTORY.lines.delete()):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.transaction() as tx:
            tx.execute(statement)
    database.close()
