import uuid

import pytest
from notification_world import OTHER_SUPPLIER, STRANGER, SUPPLIER, TOWN
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import communication, errors
from pupitre_notifications import digests, tables

WORDS = {"structure_id": TOWN, "subject": "Clôture de l'exercice", "text": "Déposez avant le 15 décembre."}


@pytest.fixture
def people(stage, caller):
    """A caller for each person, by name."""
    world = stage.world
    return {
        user.given_name: caller(Actor("user", str(user.user_id), f"{user.given_name} L"))
        for user in (world.fanny, world.omar, world.alan, world.eve)
    }


@pytest.fixture
def delivered(stage):
    def wait(count=1):
        wait_until(lambda: len([row for row in stage.rows(tables.partner_message) if row.delivered_at]) == count, timeout=30)

    return wait


@pytest.mark.requirement("R007")
def test_a_message_reaches_the_suppliers_that_sent_an_invoice_and_nobody_else(stage, people, delivered):
    sent = people["Alan"].call(communication.SendMessage, **WORDS).message
    assert (sent.delivered, sent.author) == (False, "Alan L")
    delivered()
    (mine,) = people["Alan"].call(communication.SentMessages).messages
    assert (mine.addressees, mine.delivered) == (2, True)
    assert {row.structure_id for row in stage.rows(tables.message_addressee)} == {SUPPLIER, OTHER_SUPPLIER}

    found = people["Fanny"].call(communication.ReceivedMessages)
    assert found.total == 1  # once, though two of her structures have it
    assert (found.messages[0].subject, found.messages[0].author) == (WORDS["subject"], "Commune")
    assert people["Omar"].call(communication.ReadMessage, message_id=sent.message_id).message.text == WORDS["text"]

    assert people["Eve"].call(communication.ReceivedMessages).total == 0
    with pytest.raises(errors.NotFound):
        people["Eve"].call(communication.ReadMessage, message_id=sent.message_id)
    assert people["Fanny"].call(communication.SentMessages).total == 0


@pytest.mark.requirement("R007")
def test_nobody_can_answer(stage, people, delivered):
    """There is no call for it; a supplier cannot send a message of his own either."""
    with pytest.raises(errors.Forbidden):
        people["Fanny"].call(communication.SendMessage, **WORDS | {"structure_id": SUPPLIER})
    assert stage.rows(tables.partner_message) == []


@pytest.mark.requirement("R007")
def test_sending_takes_modification_for_one_s_own_public_structure(stage, people, caller):
    alan = stage.world.alan.user_id
    stage.world.habilitations[TOWN, "factures-recues"][alan] = "CONSULTATION"
    with pytest.raises(errors.Forbidden):
        people["Alan"].call(communication.SendMessage, **WORDS)
    stage.world.habilitations[TOWN, "mes-messages"] = {alan: "MODIFICATION"}
    people["Alan"].call(communication.SendMessage, **WORDS)
    stage.world.habilitations[TOWN, "factures-recues"][alan] = "MODIFICATION"
    stage.world.habilitations[TOWN, "mes-messages"] = {alan: "CONSULTATION"}
    with pytest.raises(errors.Forbidden):
        people["Alan"].call(communication.SendMessage, **WORDS)
    with pytest.raises(errors.NotFound):
        people["Fanny"].call(communication.SendMessage, **WORDS)
    for other in (Actor("technical", str(uuid.uuid4())), Actor.service("organisation")):
        with pytest.raises(errors.Forbidden):
            caller(other).call(communication.SendMessage, **WORDS)
        with pytest.raises(errors.Forbidden):
            caller(other).call(communication.ReceivedMessages)
    with pytest.raises(errors.ActorMissing):
        caller().call(communication.SendMessage, **WORDS)
    assert len(stage.rows(tables.partner_message)) == 1


@pytest.mark.parametrize(
    "wrong, field", [({"subject": " "}, "subject"), ({"subject": "a\nb"}, "subject"), ({"text": "x" * 10_001}, "text")]
)
def test_a_message_that_cannot_be_sent_says_why(stage, people, wrong, field):
    with pytest.raises(errors.Invalid) as refusal:
        people["Alan"].call(communication.SendMessage, **WORDS | wrong)
    assert field in refusal.value.details["fields"]
    assert stage.rows(tables.partner_message) == []


@pytest.mark.requirement("R007")
def test_the_digest_tells_the_users_of_the_addressed_structures(stage, people, delivered):
    stage.world.change(stage.world.omar, notify_invoicing=False)
    stage.world.habilitations[STRANGER, "factures-emises"] = {stage.world.eve.user_id: "MODIFICATION"}
    sent = people["Alan"].call(communication.SendMessage, **WORDS).message
    delivered()
    stage.clock.advance(days=1)
    (mail,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert mail.user_id == stage.world.fanny.user_id
    assert mail.body.count("Message : Commune, Clôture de l'exercice") == 2
    assert f"/communication/messages/{sent.message_id}" in mail.body


def test_delivery_goes_on_where_it_was_stopped(stage, people, delivered):
    stage.stop()
    with stage.bench.database("notifications").transaction() as tx:
        tx.execute(
            tables.partner_message.insert().values(
                message_id=uuid.uuid4(),
                structure_id=TOWN,
                structure_name="Commune",
                subject="x",
                text="y",
                author="z",
                sent_at=tx.now,
                sent_by="user:x",
                addressees=1,
                delivered_after=min(SUPPLIER, OTHER_SUPPLIER),
            )
        )
    stage.start()
    delivered()
    (row,) = stage.rows(tables.message_addressee)
    assert row.structure_id == max(SUPPLIER, OTHER_SUPPLIER)
    assert stage.rows(tables.partner_message)[0].addressees == 2
