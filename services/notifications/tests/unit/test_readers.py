"""Whom to write to is asked once for all the events that had happened by then, and anew for those that happened later."""

import datetime
import uuid
from types import SimpleNamespace

import pytest
from pupitre_contracts import identity, organisation
from pupitre_notifications import readers
from pupitre_notifications.model import Audience

NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
HALL = Audience(uuid.uuid4(), "factures-recues", "invoice-received")
FANNY = identity.User(user_id=uuid.uuid4(), email="fanny@demo.invalid", given_name="Fanny", family_name="Q", language="fr")


def at(seconds):
    return NOON + datetime.timedelta(seconds=seconds)


class Callees:
    """Organisation and identity, which count how often they are asked."""

    def __init__(self):
        self.asked, self.members = 0, [FANNY.user_id]

    def call(self, call, **values):
        if call is organisation.MembersOfEspace:
            self.asked += 1
            [structure_id] = values["structure_ids"]
            return call.Reply(structures=[organisation.StructureMembers(structure_id=structure_id, user_ids=self.members)])
        return call.Reply(users=[FANNY])


@pytest.fixture
def callees():
    return Callees()


@pytest.fixture
def handled(callees):
    """Handles an event that happened at one moment at a later one, and returns whom to write to."""
    asked = readers.Readers()

    def handle(happened, now):
        scope = SimpleNamespace(bus=callees, clock=SimpleNamespace(now=lambda: at(now)))
        [users] = asked.of(scope, [HALL], at(happened))
        return users

    return handle


def test_one_answer_serves_every_event_that_had_happened_when_it_was_asked(callees, handled):
    assert [handled(happened, now=10) for happened in (1, 2, 9)] == [[FANNY]] * 3
    assert callees.asked == 1


def test_an_event_that_happened_later_asks_anew(callees, handled):
    handled(1, now=10)
    callees.members = []
    assert handled(10, now=11) == []
    assert callees.asked == 2


def test_an_answer_is_not_kept_for_long_whatever_the_clock_says(callees, handled, monkeypatch):
    handled(1, now=10)
    monkeypatch.setattr(readers, "LONGEST", 0)
    handled(2, now=10)
    assert callees.asked == 2


@pytest.mark.requirement("R101")
def test_who_is_limited_to_services_is_written_to_about_his_own_only():
    achats, voirie = uuid.uuid4(), uuid.uuid4()

    class Limited(Callees):
        def call(self, call, **values):
            if call is not organisation.MembersOfEspace:
                return super().call(call, **values)
            [structure_id] = values["structure_ids"]
            limited = [organisation.LimitedMember(user_id=FANNY.user_id, structure_service_ids=[achats])]
            return call.Reply(structures=[organisation.StructureMembers(structure_id=structure_id, user_ids=[], limited=limited)])

    scope = SimpleNamespace(bus=Limited(), clock=SimpleNamespace(now=lambda: at(10)))
    audiences = [Audience(HALL.structure_id, HALL.espace, HALL.template, service) for service in (achats, voirie, None)]
    assert readers.Readers().of(scope, audiences, at(1)) == [[FANNY], [], []]
