"""The whole table of the right to act: every call of notifications, by everybody, on what is his own and on what is another's."""

import datetime
import uuid

import pytest
from notification_world import TOWN
from pupitre_bus.actors import Actor
from pupitre_bus.admission import FOR_SOMEBODY, NO, OWN, UNSEEN, YES
from pupitre_contracts import catalogue, communication, errors
from pupitre_contracts import notifications as contract
from pupitre_notifications import right_to_act as table
from pupitre_notifications import tables
from pupitre_notifications.service import NotificationsService

CALLS = {call.method: call for call in catalogue.CALLS if call.service == "notifications"}
TABLE = table.RIGHTS.table
ALLOWED, FORBIDDEN, HIDDEN = "allowed", "forbidden", "hidden"
ARTICLE = {"title_fr": "Une", "title_en": "One", "text_fr": "Texte", "text_en": "Text", "author": "Support"}
WORDS = {"structure_id": TOWN, "subject": "Clôture", "text": "Avant le 15."}
PEOPLE = (table.MODIFICATION, table.CONSULTATION, table.STRANGER)


class Everybody:
    """Somebody of every relation to a town that writes to its suppliers; each person has a mail of his own."""

    def __init__(self, stage, caller):
        self.stage = stage
        people = {relation: uuid.uuid4() for relation in PEOPLE}
        profiles = {people[table.MODIFICATION]: "MODIFICATION", people[table.CONSULTATION]: "CONSULTATION"}
        stage.world.habilitations[TOWN, "mes-messages"] = profiles
        self.mails = {relation: self._mail(user_id) for relation, user_id in people.items()}
        self.actors = {
            table.OPERATOR: Actor.service("operator"),
            table.SERVICE: Actor.service("invoicing"),
            **{relation: Actor("user", str(user_id), "Une Personne") for relation, user_id in people.items()},
            table.TECHNICAL: Actor("technical", str(uuid.uuid4()), structure_id=TOWN),
            table.ANONYMOUS: None,
        }
        self.buses = {relation: caller(actor) for relation, actor in self.actors.items()}
        self.message = self.buses[table.MODIFICATION].call(communication.SendMessage, **WORDS).message.message_id

    def _mail(self, user_id):
        values = {"mail_id": uuid.uuid4(), "event_id": uuid.uuid4(), "template": "x", "user_id": user_id, "to_address": "a@b.invalid"}
        values |= {"subject": "Objet", "body": "Texte", "state": "sent", "attempts": 1, "created_at": datetime.datetime.now(datetime.UTC)}
        with self.stage.scope().begin() as tx:
            tx.execute(tables.mail.insert().values(**values))
        return values["mail_id"]

    def article(self):
        return self.buses[table.OPERATOR].call(communication.PublishNews, **ARTICLE).news.news_id

    def own_mail(self, relation):
        return {"mail_id": self.mails.get(relation, self.mails[table.STRANGER])}


ASKED = {
    "my_mails": lambda world, relation: {},
    "get_mail": lambda world, relation: world.own_mail(relation),
    "my_preferences": lambda world, relation: {},
    "set_preferences": lambda world, relation: {"mode": communication.MODES[0], "weekly_recap": True},
    "local_mailbox": lambda world, relation: {},
    "local_mail": lambda world, relation: world.own_mail(table.STRANGER),
    "publish_news": lambda world, relation: ARTICLE,
    "withdraw_news": lambda world, relation: {"news_id": world.article(), "author": "Support"},
    "list_all_news": lambda world, relation: {},
    "list_news": lambda world, relation: {},
    "get_news": lambda world, relation: {"news_id": world.article()},
    "send_message": lambda world, relation: WORDS,
    "sent_messages": lambda world, relation: {},
    "received_messages": lambda world, relation: {},
    "read_message": lambda world, relation: {"message_id": world.message},
}


@pytest.fixture
def everybody(stage, caller):
    return Everybody(stage, caller)


def outcome(bus, action, values):
    """Ask, and say what came of it; anything but a refusal of rights fails the test."""
    try:
        bus.call(CALLS[action], **values)
    except (errors.Forbidden, errors.ActorMissing):
        return FORBIDDEN
    except errors.NotFound as error:
        # Mails leave this machine: who is let in learns that there is no such mailbox.
        return ALLOWED if error.details["what"] == "local mailbox" else HIDDEN
    return ALLOWED


def expected(action, relation):
    return {YES: ALLOWED, OWN: ALLOWED, NO: FORBIDDEN, UNSEEN: HIDDEN}[TABLE[action][relation]]


@pytest.mark.requirement("RS-40")
def test_every_call_has_its_row_and_every_row_its_call():
    offered = {name for name in CALLS if hasattr(NotificationsService, name)}
    assert set(TABLE) == offered == set(CALLS) == set(ASKED)
    assert {name for name, row in TABLE.items() if row[table.ANONYMOUS] == YES} == {
        name for name, call in CALLS.items() if call.anonymous
    }


@pytest.mark.requirement("RS-40")
def test_the_whole_table_holds(everybody, caller):
    wrong = []
    for action, ask in ASKED.items():
        for relation, bus in everybody.buses.items():
            found = outcome(bus, action, ask(everybody, relation))
            if found != expected(action, relation):
                wrong.append((action, relation, found))
        for relation in PEOPLE:
            behalf = caller(Actor.service("portal", behalf_of=everybody.actors[relation]))
            found = outcome(behalf, action, ask(everybody, relation))
            if found != expected(action, FOR_SOMEBODY):
                wrong.append((action, f"for {relation}", found))
    assert not wrong


@pytest.mark.requirement("RS-40")
def test_what_is_another_s_is_not_there(everybody):
    modification, stranger = (everybody.buses[relation] for relation in (table.MODIFICATION, table.STRANGER))
    assert outcome(stranger, "get_mail", everybody.own_mail(table.MODIFICATION)) == HIDDEN
    assert [each.mail_id for each in stranger.call(contract.MyMails).mails] == [everybody.mails[table.STRANGER]]
    assert modification.call(communication.SentMessages).total == 1
    assert stranger.call(communication.SentMessages).total == stranger.call(communication.ReceivedMessages).total == 0
    stranger.call(communication.SetPreferences, mode=communication.MODES[1], weekly_recap=False)
    assert modification.call(communication.MyPreferences).preferences.mode == communication.MODES[0]
