import datetime
import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import errors, organisation, rattachements

COMMENT = "Je remplace Camille au service des achats."


@pytest.fixture
def told(bench, service):
    """What organisation told of requests, oldest first: (type, data)."""
    kinds = ("rattachement.requested.v1", "habilitation.requested.v1", "approbation.decided.v1", "rattachement.ended.v1")
    return lambda: [(kind, data) for kind, data in bench.told("organisation") if kind in kinds]


@pytest.fixture
def newcomer(caller, service):
    """A user attached to nothing: (identifier, a bus that acts as him)."""
    actor = user()
    return uuid.UUID(actor.id), caller(actor)


def ask(bus, structure, **changes):
    values = {"structure_id": structure.structure_id, "comment": COMMENT}
    return bus.call(rattachements.AskRattachement, **(values | changes)).approbation


def wish(bus, structure, profile="MODIFICATION", espaces=("factures-recues",), **changes):
    wishes = [rattachements.Wish(espace=espace, profile=profile) for espace in espaces]
    return bus.call(rattachements.AskHabilitation, structure_id=structure.structure_id, wishes=wishes, **changes).approbation


def decide(bus, *asked, decision="APPROUVE", **changes):
    ids = [each.approbation_id for each in asked]
    return bus.call(rattachements.DecideApprobations, approbation_ids=ids, decision=decision, **changes).outcomes


def waiting(bus):
    return bus.call(rattachements.ListApprobations, side="to_decide").waiting


def profiles(bus, structure):
    found = bus.call(organisation.RightsOfActor, structure_id=structure.structure_id).structures
    return {right.espace: right.profile for right in found[0].espaces} if found else None


@pytest.mark.requirement("R106")
@pytest.mark.requirement("R150")
@pytest.mark.requirement("R153")
@pytest.mark.requirement("R154")
def test_a_request_waits_and_its_approval_takes_effect_at_once(commune, member, newcomer, told):
    gestionnaire_id, gestionnaire = member(commune, "GP")
    user_id, bus = newcomer
    asked = ask(bus, commune)
    assert (asked.state, asked.kind, asked.user_id, asked.structure_name) == ("DEMANDE", "RATTACHEMENT", user_id, commune.name)
    assert profiles(bus, commune) is None
    (shown,) = gestionnaire.call(rattachements.ListApprobations, side="to_decide").approbations
    read = gestionnaire.call(rattachements.GetApprobation, approbation_id=asked.approbation_id).approbation
    assert read.approvers == ["X Y"]
    assert {**shown.dump(), "approvers": ["X Y"]} == read.dump()
    assert (shown.number, shown.comment, shown.user_name) == (asked.number, COMMENT, "X Y")

    (outcome,) = decide(gestionnaire, asked)
    assert outcome.done
    assert profiles(bus, commune)["factures-recues"] == "CONSULTATION"
    seen = bus.call(rattachements.GetApprobation, approbation_id=asked.approbation_id).approbation
    assert (seen.state, seen.decided_by) == ("APPROUVE", f"user:{gestionnaire_id}")
    assert [kind for kind, _ in told()] == ["rattachement.requested.v1", "approbation.decided.v1"]
    assert told()[0][1]["approver_ids"] == [str(gestionnaire_id)]
    assert told()[1][1]["state"] == "APPROUVE"


@pytest.mark.requirement("R155")
def test_a_refusal_needs_a_reason_which_the_requester_sees(commune, member, newcomer, told):
    _, gestionnaire = member(commune, "GP")
    _, bus = newcomer
    asked = ask(bus, commune)
    for motive in ({}, {"motive": "  "}):
        with pytest.raises(errors.Invalid) as caught:
            decide(gestionnaire, asked, decision="REFUSE", **motive)
        assert list(caught.value.details["fields"]) == ["motive"]
    assert waiting(gestionnaire) == 1
    assert decide(gestionnaire, asked, decision="REFUSE", motive="Inconnu chez nous")[0].done
    seen = bus.call(rattachements.ListApprobations, side="mine").approbations[0]
    assert (seen.state, seen.motive) == ("REFUSE", "Inconnu chez nous")
    assert profiles(bus, commune) is None
    assert told()[-1][1]["motive"] == "Inconnu chez nous"
    ask(bus, commune)  # a refused request can be made anew


@pytest.mark.requirement("R102")
def test_a_request_needs_a_comment(commune, newcomer):
    _, bus = newcomer
    for comment in ("", "  ", "x" * 2001):
        with pytest.raises(errors.Invalid) as caught:
            ask(bus, commune, comment=comment)
        assert list(caught.value.details["fields"]) == ["comment"]


@pytest.mark.requirement("R105")
def test_access_follows_the_days_of_validity(commune, member, newcomer, service_clock, operator):
    _, gestionnaire = member(commune, "GP")
    user_id, bus = newcomer
    today = service_clock.now().date()
    first, last = today + datetime.timedelta(days=10), today + datetime.timedelta(days=20)
    decide(gestionnaire, ask(bus, commune, starts_on=first, ends_on=last))

    def is_member():
        service_bus = operator.call(organisation.RightsOfActor, kind="user", actor_id=user_id).structures
        return bool(service_bus)

    assert not is_member()
    service_clock.advance(days=11)
    assert is_member()
    service_clock.advance(days=11)
    assert not is_member()


@pytest.mark.parametrize("days", [{"starts_on": 5, "ends_on": 4}, {"ends_on": -3}, {"starts_on": -9, "ends_on": -3}])
def test_days_that_are_over_or_upside_down_are_refused(commune, newcomer, service_clock, days):
    _, bus = newcomer
    dates = {name: service_clock.now().date() + datetime.timedelta(days=count) for name, count in days.items()}
    with pytest.raises(errors.Invalid) as caught:
        ask(bus, commune, **dates)
    assert list(caught.value.details["fields"]) == ["ends_on"]


def test_asking_for_what_one_has_or_asked_for_already_is_refused(commune, member, newcomer):
    _, attached = member(commune)
    _, bus = newcomer
    ask(bus, commune)
    for asking in (attached, bus):
        with pytest.raises(errors.RequestPointless):
            ask(asking, commune)
    with pytest.raises(errors.NotFound):
        bus.call(rattachements.AskRattachement, structure_id=uuid.uuid4(), comment=COMMENT)


@pytest.mark.requirement("R138")
def test_several_habilitations_are_one_request(commune, member):
    _, gestionnaire = member(commune, "GP")
    _, bus = member(commune)
    asked = wish(bus, commune, espaces=("factures-recues", "guichet"))
    assert waiting(gestionnaire) == 1
    assert profiles(bus, commune)["guichet"] == "CONSULTATION"
    assert decide(gestionnaire, asked)[0].done
    given = profiles(bus, commune)
    assert (given["factures-recues"], given["guichet"], given["factures-emises"]) == ("MODIFICATION", "MODIFICATION", "CONSULTATION")


def test_what_cannot_be_given_is_not_asked_for(commune, member, newcomer):
    _, bus = member(commune)
    with pytest.raises(errors.EspaceClosed):
        wish(bus, commune, espaces=("atelier",))
    for espaces in ((), ("factures-recues", "factures-recues")):
        with pytest.raises(errors.Invalid):
            wish(bus, commune, espaces=espaces)
    with pytest.raises(errors.NotFound):
        wish(newcomer[1], commune)


def test_what_can_no_longer_be_given_is_said_and_waits(commune, member):
    _, gestionnaire = member(commune, "GP")
    _, bus = member(commune)
    gestionnaire.call(organisation.OpenEspace, structure_id=commune.structure_id, espace="atelier")
    asked, other = wish(bus, commune, espaces=("factures-recues", "atelier")), wish(bus, commune, espaces=("guichet",))
    gestionnaire.call(organisation.CloseEspace, structure_id=commune.structure_id, espace="atelier")
    first, second = decide(gestionnaire, asked, other)
    assert (first.done, second.done) == (False, True)
    assert "atelier" in first.why_fr and "atelier" in first.why_en
    assert profiles(bus, commune)["factures-recues"] == "CONSULTATION"
    assert waiting(gestionnaire) == 1


@pytest.mark.requirement("R151")
def test_the_count_is_that_of_the_list_and_falls_with_each_decision(commune, create, member, caller):
    _, gestionnaire = member(commune, "GP")
    asked = [ask(caller(user()), commune) for _ in range(3)]
    ask(caller(user()), create())

    def counts():
        badge = gestionnaire.call(organisation.RightsOfActor).approbations_waiting
        shown = gestionnaire.call(rattachements.ListApprobations, side="to_decide", state="DEMANDE")
        return badge, shown.waiting, shown.total, len(shown.approbations)

    assert counts() == (3,) * 4
    decide(gestionnaire, asked[0])
    assert counts() == (2,) * 4
    assert all(outcome.done for outcome in decide(gestionnaire, *asked[1:], decision="REFUSE", motive="Non"))
    assert counts() == (0,) * 4


def test_a_request_is_decided_once(commune, member, newcomer):
    _, gestionnaire = member(commune, "GP")
    asked = ask(newcomer[1], commune)
    decide(gestionnaire, asked, decision="REFUSE", motive="Non")
    (outcome,) = decide(gestionnaire, asked)
    assert not outcome.done
    assert str(asked.number) in outcome.why_fr
    assert profiles(newcomer[1], commune) is None


@pytest.mark.requirement("R121")
@pytest.mark.requirement("R124")
def test_who_does_not_manage_the_structure_neither_sees_nor_decides(commune, create, member, newcomer, somebody, caller):
    asked = ask(newcomer[1], commune)
    _, simple = member(commune)
    _, elsewhere = member(create(), "GP")
    for bus in (simple, elsewhere, somebody):
        assert bus.call(rattachements.ListApprobations, side="to_decide").approbations == []
        with pytest.raises(errors.NotFound):
            bus.call(rattachements.GetApprobation, approbation_id=asked.approbation_id)
        (outcome,) = decide(bus, asked)
        assert not outcome.done and commune.name not in outcome.why_fr
    assert not decide(newcomer[1], asked)[0].done
    technical = caller(Actor("technical", str(uuid.uuid4()), structure_id=commune.structure_id))
    for call, values in (
        (rattachements.AskRattachement, {"structure_id": commune.structure_id, "comment": COMMENT}),
        (rattachements.ListApprobations, {"side": "mine"}),
    ):
        with pytest.raises(errors.Forbidden):
            technical.call(call, **values)
    assert profiles(newcomer[1], commune) is None


def test_a_request_is_taken_back_by_its_author_alone_while_it_waits(commune, member, newcomer, somebody):
    _, gestionnaire = member(commune, "GP")
    asked = ask(newcomer[1], commune)
    for bus in (gestionnaire, somebody):
        with pytest.raises(errors.NotFound):
            bus.call(rattachements.CancelApprobation, approbation_id=asked.approbation_id)
    cancelled = newcomer[1].call(rattachements.CancelApprobation, approbation_id=asked.approbation_id).approbation
    assert cancelled.state == "ANNULE"
    assert waiting(gestionnaire) == 0
    with pytest.raises(errors.RequestDecided):
        newcomer[1].call(rattachements.CancelApprobation, approbation_id=asked.approbation_id)


def test_too_many_decisions_at_once_are_refused(operator, service):
    for count in (0, 201):
        with pytest.raises(errors.Invalid):
            operator.call(
                rattachements.DecideApprobations, approbation_ids=[uuid.uuid4() for _ in range(count)], decision="APPROUVE"
            )
