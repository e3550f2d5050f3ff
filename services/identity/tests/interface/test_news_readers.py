"""Who wants news by mail."""

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import communication, errors, identity
from pupitre_identity import tables

PASSPHRASE = "sept bateaux verts dérivent"


@pytest.fixture
def four(operator, service):
    """Four users: one as all are, one without news, one whose account is closed, one who never followed his link."""
    created = [
        operator.call(
            identity.CreateUser,
            email=f"n{number}@exemple.invalid",
            given_name=f"N{number}",
            family_name="L",
            password=PASSPHRASE,
        ).user
        for number in range(4)
    ]
    table = tables.user_account
    with service.runtime("identity").database.transaction() as tx:
        for person, change in zip(
            created[1:], ({"notify_news": False}, {"active": False}, {"activated_at": None}), strict=True
        ):
            tx.execute(sa.update(table).where(table.c.user_id == person.user_id).values(**change))
    return created


@pytest.mark.requirement("R044")
def test_those_with_the_switch_on_and_an_account_in_use_want_news(four, caller):
    notifications = caller(Actor.service("notifications"))
    found = notifications.call(communication.NewsReaders).users
    assert [each.user_id for each in found] == [four[0].user_id]
    assert notifications.call(communication.NewsReaders, after=found[-1].user_id).users == []


def test_the_pages_follow_each_other(four, service, caller):
    with service.runtime("identity").database.transaction() as tx:
        every = {"notify_news": True, "active": True, "activated_at": tx.now}
        tx.execute(sa.update(tables.user_account).values(**every))
    notifications = caller(Actor.service("notifications"))
    seen, after = [], {}
    while page := notifications.call(communication.NewsReaders, limit=3, **after).users:
        seen += [each.user_id for each in page]
        after = {"after": seen[-1]}
    assert seen == sorted(each.user_id for each in four)


def test_only_services_ask_who_wants_news(service, caller):
    with pytest.raises(errors.Forbidden):
        caller(user()).call(communication.NewsReaders)
    with pytest.raises(errors.ActorMissing):
        caller().call(communication.NewsReaders)
