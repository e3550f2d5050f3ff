import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import account_life, errors

ASKED = {"name": " Ada Leroy ", "email": "ada@exemple.invalid", "message": "Rouvrez mon compte.\nMerci", "network": "192.0.2.10"}


@pytest.mark.requirement("R056")
def test_a_sollicitation_without_account_is_kept_with_a_number(bench, anybody, operator, caller):
    number = anybody.call(account_life.AskSupport, **ASKED).number
    assert anybody.call(account_life.AskSupport, **ASKED, language="en").number == number + 1
    latest, first = operator.call(account_life.ListSollicitations).sollicitations
    assert (first.number, first.name, first.message, latest.language) == (number, "Ada Leroy", ASKED["message"], "en")
    (told, _) = [data for kind, data in bench.told("identity") if kind == "support_sollicitation.sent.v1"]
    assert told == {"sollicitation_id": str(first.sollicitation_id), "number": number}
    sender = caller(Actor.service("notifications"))
    sent = sender.call(account_life.SollicitationToSend, sollicitation_id=first.sollicitation_id).sollicitation
    assert (sent.email, sent.message) == (ASKED["email"], ASKED["message"])
    with pytest.raises(errors.NotFound):
        sender.call(account_life.SollicitationToSend, sollicitation_id=uuid.uuid4())


def test_sollicitations_are_read_by_operators_and_sent_by_notifications_alone(anybody, operator, caller):
    anybody.call(account_life.AskSupport, **ASKED)
    (kept,) = operator.call(account_life.ListSollicitations).sollicitations
    for bus in (caller(user()), caller(Actor.service("notifications")), caller(Actor.service("invoicing"))):
        with pytest.raises(errors.Forbidden):
            bus.call(account_life.ListSollicitations)
    for bus in (caller(user()), operator, caller(Actor.service("invoicing"))):
        with pytest.raises(errors.Forbidden):
            bus.call(account_life.SollicitationToSend, sollicitation_id=kept.sollicitation_id)


@pytest.mark.parametrize("field, text", [("name", " "), ("email", "ada"), ("message", ""), ("message", "x" * 5001)])
def test_what_is_wrong_with_a_sollicitation_is_named(anybody, field, text):
    with pytest.raises(errors.Invalid) as caught:
        anybody.call(account_life.AskSupport, **{**ASKED, field: text})
    assert list(caught.value.details["fields"]) == [field]


@pytest.mark.requirement("RS-52")
def test_a_network_writes_twenty_times_an_hour(anybody, service_clock):
    for _ in range(20):
        anybody.call(account_life.AskSupport, **ASKED)
    with pytest.raises(errors.TooManyTries):
        anybody.call(account_life.AskSupport, **ASKED)
    service_clock.advance(hours=1)
    anybody.call(account_life.AskSupport, **ASKED)
