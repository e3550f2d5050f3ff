import datetime
import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import communication, errors
from pupitre_notifications import tables

ITEM = {
    "title_fr": "Maintenance samedi",
    "title_en": "Maintenance on Saturday",
    "text_fr": "Le portail s'arrête.",
    "text_en": "The portal stops.",
    "author": "zoe@bureau",
}


@pytest.fixture
def operator(stage, caller):
    return caller(Actor.service("operator"))


@pytest.fixture
def anybody(stage, caller):
    return caller()


def titles(anybody, **wanted):
    return [item.title_fr for item in anybody.call(communication.ListNews, **wanted).news]


@pytest.mark.requirement("R006")
def test_an_item_shows_among_all_and_in_its_domain_alone(operator, anybody):
    item = operator.call(communication.PublishNews, **ITEM, domain="facturation").news
    assert titles(anybody) == ["Maintenance samedi"]
    assert titles(anybody, domain="facturation") == ["Maintenance samedi"]
    assert titles(anybody, domain="organisation") == []
    read = anybody.call(communication.GetNews, news_id=item.news_id).news
    assert (read.text_en, read.author) == ("The portal stops.", "zoe@bureau")


@pytest.mark.requirement("R006")
def test_an_item_shows_between_its_instants_and_not_once_withdrawn(stage, operator, anybody):
    now = stage.clock.now()
    when = {"published_from": now + datetime.timedelta(seconds=1), "published_until": now + datetime.timedelta(seconds=3)}
    item = operator.call(communication.PublishNews, **ITEM, **when).news
    assert titles(anybody) == []
    with pytest.raises(errors.NotFound):
        anybody.call(communication.GetNews, news_id=item.news_id)
    stage.clock.advance(seconds=2)
    assert titles(anybody) == ["Maintenance samedi"]
    stage.clock.advance(seconds=1)
    assert titles(anybody) == []

    other = operator.call(communication.PublishNews, **ITEM).news
    assert titles(anybody) == ["Maintenance samedi"]
    for _ in range(2):
        withdrawn = operator.call(communication.WithdrawNews, news_id=other.news_id, author="zoe@bureau").news
        assert withdrawn.withdrawn_at is not None
    assert titles(anybody) == []
    assert operator.call(communication.ListAllNews).total == 2
    by = {row.withdrawn_by for row in stage.rows(tables.news) if row.withdrawn_at}
    assert by == {"service:operator (zoe@bureau)"}


@pytest.mark.requirement("R044")
def test_exactly_those_with_the_switch_on_get_it_by_mail_once_in_their_language(stage, operator):
    stage.world.change(stage.world.omar, notify_news=False)
    stage.world.change(stage.world.alan, notify_invoicing=False)
    item = operator.call(communication.PublishNews, **ITEM).news
    wait_until(lambda: all(row.mailed_at for row in stage.rows(tables.news)), timeout=30)
    mails = {mail.to_address: mail for mail in stage.mails("news")}
    assert sorted(mails) == ["alan@demo.invalid", "eve@demo.invalid", "fanny@demo.invalid"]
    assert mails["alan@demo.invalid"].subject == "Maintenance on Saturday"
    assert "Le portail s'arrête." in mails["eve@demo.invalid"].body
    assert f"/actualites/{item.news_id}" in mails["eve@demo.invalid"].body
    assert len(stage.mails("news")) == 3


@pytest.mark.requirement("R044")
def test_an_item_to_come_is_mailed_when_it_comes_and_a_withdrawn_one_never(stage, operator):
    later = stage.clock.now() + datetime.timedelta(hours=1)
    operator.call(communication.PublishNews, **ITEM, published_from=later)
    gone = operator.call(communication.PublishNews, **ITEM | {"title_fr": "Retirée"}, published_from=later).news
    operator.call(communication.WithdrawNews, news_id=gone.news_id, author="zoe")
    stage.clock.advance(minutes=30)
    assert stage.mails("news") == []
    stage.clock.advance(minutes=31)
    mails = stage.wait_for_mails(4, "news")
    assert "Retirée" not in {mail.subject for mail in mails}


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"title_fr": " "}, "title_fr"),
        ({"title_en": "x" * 201}, "title_en"),
        ({"title_fr": "a\nBcc: b"}, "title_fr"),
        ({"text_en": ""}, "text_en"),
        ({"published_until": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)}, "published_until"),
        ({"domain": "cuisine"}, "domain"),
    ],
)
def test_an_item_that_cannot_be_published_says_why_and_leaves_nothing(stage, operator, wrong, field):
    with pytest.raises(errors.Invalid) as refusal:
        operator.call(communication.PublishNews, **ITEM | wrong)
    assert field in refusal.value.details["fields"]
    assert stage.rows(tables.news) == []


def test_only_an_operator_publishes_withdraws_and_sees_all(stage, operator, caller):
    item = operator.call(communication.PublishNews, **ITEM).news
    fanny = caller(Actor("user", str(stage.world.fanny.user_id)))
    for call, values in (
        (communication.PublishNews, ITEM),
        (communication.WithdrawNews, {"news_id": item.news_id, "author": "x"}),
        (communication.ListAllNews, {}),
    ):
        for other in (fanny, caller(Actor.service("organisation")), caller(Actor("technical", str(uuid.uuid4())))):
            with pytest.raises(errors.Forbidden):
                other.call(call, **values)
        with pytest.raises(errors.ActorMissing):
            caller().call(call, **values)
    with pytest.raises(errors.NotFound):
        operator.call(communication.WithdrawNews, news_id=uuid.uuid4(), author="x")


def test_publishing_again_with_the_same_key_publishes_once(stage, operator):
    key = str(uuid.uuid4())
    first, again = (operator.call(communication.PublishNews, idempotency_key=key, **ITEM).news for _ in range(2))
    assert first.news_id == again.news_id
    assert len(stage.rows(tables.news)) == 1
