"""Filters that a user keeps for his lists: his own, bounded, one of them at most the beginning of a list."""

import uuid

import pytest
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, identity
from pupitre_contracts import saved_filters as contract

LIST = "factures-recues"


@pytest.fixture
def owner(camille, caller):
    return caller(Actor("user", str(camille.user_id)))


@pytest.fixture
def other(operator, caller):
    made = operator.call(
        identity.CreateUser, email="b@exemple.invalid", given_name="B", family_name="B", password="huit bateaux verts dérivent"
    ).user
    return caller(Actor("user", str(made.user_id)))


def save(bus, name, **values):
    return bus.call(contract.SaveFilter, **{"list": LIST, "name": name, "query": "onglet=tout", **values}).filter


def names(bus, list_=LIST):
    return [(each.name, each.default) for each in bus.call(contract.ListSavedFilters, list=list_).filters]


def test_filters_are_kept_by_name_and_one_begins_the_list(owner, other):
    save(owner, "  Suspendues  2026 ", default=True)
    save(owner, "à payer", query="due_min=1")
    assert sorted(names(owner)) == [("Suspendues 2026", True), ("à payer", False)]
    changed = save(owner, "à payer", query="due_min=2", default=True)
    assert changed.query == "due_min=2"
    assert sorted(names(owner)) == [("Suspendues 2026", False), ("à payer", True)]
    assert names(owner, "factures-emises") == names(other) == []


def test_another_s_filter_is_not_found(owner, other):
    kept = save(owner, "mien")
    for bus, filter_id in ((other, kept.filter_id), (owner, uuid.uuid4())):
        with pytest.raises(errors.NotFound):
            bus.call(contract.DeleteSavedFilter, filter_id=filter_id)
    owner.call(contract.DeleteSavedFilter, filter_id=kept.filter_id)
    assert names(owner) == []


def test_what_can_not_be_kept_is_refused_by_its_field(owner):
    for values in ({"name": " "}, {"name": "n" * 61}, {"query": "q" * 2001}, {"query": "é"}, {"list": "autre"}):
        with pytest.raises(errors.Invalid) as refused:
            save(owner, **{"name": "bon", **values})
        assert next(iter(values)) in refused.value.details["fields"]
    for number in range(contract.MOST_FILTERS):
        save(owner, f"filtre {number}")
    with pytest.raises(errors.Invalid) as full:
        save(owner, "un de trop")
    assert "20 filtres" in full.value.details["fields"]["name"][0]
    save(owner, "filtre 0", query="number=1")
