"""Invoices that are validated in the espaces of several plugins, listed together: what a valideur's software asks for."""
# ruff: noqa: F811  fixtures that come from a module are arguments of the tests

import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoice_parties as contract
from pupitre_espaces.discovery import Source
from support.endorsing_espace import AGENT, HOLDER, KEY, OTHER_KEY, Countersigning, Endorsing
from validation_circle import FIRST, SECOND, X9, circle, service_clock  # noqa: F401  its fixtures

X10 = {"code": "X10", "cadre": None}


@pytest.fixture
def plugins():
    return [Source.of(Endorsing()), Source.of(Countersigning())]


@pytest.fixture
def software(stage, circle):
    """An account of the first firm that has both espaces."""
    return stage.world.user((circle.first, KEY, "MODIFICATION"), (circle.first, OTHER_KEY, "MODIFICATION"), name="Logiciel")


def listed(stage, actor, structure, **values):
    """List what waits for a structure in one espace, or in both where none is said."""
    where = values if "espace" in values else {"espace": OTHER_KEY, "also": [KEY], **values}
    return stage.call(actor, contract.SearchInvoicesOfRole, structure_id=structure.structure_id, **where)


def numbers(found):
    return [each.number for each in found.invoices]


def countersigned(stage, circle, number, holder, agent):
    """Send an invoice that its holder has endorsed, and that waits for the agent."""
    sent = circle.sent(number, cadre=X10, named=((HOLDER, holder), (AGENT, agent)))
    actor = circle.holder if holder == FIRST else circle.agent
    return stage.move(stage.get(sent, actor), "VALIDEE_1", actor)


def test_a_search_in_several_espaces_finds_what_names_the_structure_in_each_of_them(stage, circle, software):
    circle.sent("F-1", cadre=X9, named=((HOLDER, FIRST),))
    countersigned(stage, circle, "F-2", SECOND, FIRST)
    circle.sent("F-3", cadre=X10, named=((HOLDER, SECOND), (AGENT, FIRST)))  # not yet for the first firm
    found = listed(stage, software, circle.first)
    assert (sorted(numbers(found)), found.total) == (["F-1", "F-2"], 2)
    assert numbers(listed(stage, software, circle.first, espace=KEY)) == ["F-1"]
    assert numbers(listed(stage, software, circle.first, espace=OTHER_KEY)) == ["F-2"]
    pages = [listed(stage, software, circle.first, page=page, page_size=1) for page in (1, 2, 3)]
    assert [each.total for each in pages] == [2, 2, 2]
    assert [number for each in pages for number in numbers(each)] == numbers(found)
    assert numbers(listed(stage, software, circle.first, number="F-2", to_do=True)) == ["F-2"]


def test_an_invoice_that_names_a_structure_in_two_espaces_is_listed_once(stage, circle, software):
    countersigned(stage, circle, "F-1", FIRST, FIRST)
    assert [numbers(listed(stage, software, circle.first, espace=each)) for each in (KEY, OTHER_KEY)] == [["F-1"], ["F-1"]]
    found = listed(stage, software, circle.first)
    assert (numbers(found), found.total) == (["F-1"], 1)


def test_what_the_actor_has_not_is_left_out_and_who_has_none_is_refused(stage, circle):
    circle.sent("F-1", cadre=X9, named=((HOLDER, FIRST),))
    countersigned(stage, circle, "F-2", SECOND, FIRST)
    assert numbers(listed(stage, circle.holder, circle.first)) == ["F-1"]
    with pytest.raises(errors.Forbidden):
        listed(stage, circle.colleague, circle.first)
    with pytest.raises(errors.NotFound):
        listed(stage, circle.holder, circle.second)
    for actor, found in ((circle.holder, ["F-1"]), (circle.colleague, [])):
        assert numbers(stage.call(actor, contract.SearchInvoicesOfRole, espace=OTHER_KEY, also=[KEY])) == found
