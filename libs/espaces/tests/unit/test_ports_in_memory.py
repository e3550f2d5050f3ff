"""The ports of the test kit keep documents as the platform does."""

import uuid

import pytest
from pupitre_espaces import PortRefused
from pupitre_espaces.testing import a_context


def test_documents_are_kept_found_and_forgotten():
    records = a_context().ports.records
    assert records.get("fiches", "a") is None
    first = records.put("fiches", "a", {"marché": "M-1"}, version=0)
    assert (first.version, first.changed_by) == (1, "Camille Duval")
    records.put("fiches", "b", {"marché": "M-2"})
    assert [each.key for each in records.search("fiches", "m-2")] == ["b"]
    assert [each.key for each in records.search("fiches", "M*")] == ["a", "b"]
    assert [each.key for each in records.search("fiches", after="a")] == ["b"]
    assert records.search("autres") == ()
    records.delete("fiches", "a")
    records.delete("fiches", "a")
    assert records.get("fiches", "a") is None


def test_of_two_who_change_one_version_the_second_is_refused():
    records = a_context().ports.records
    records.put("fiches", "a", {})
    records.put("fiches", "a", {"x": 1}, version=1)
    for version in (0, 1, 3):
        with pytest.raises(PortRefused) as refused:
            records.put("fiches", "a", {"x": 2}, version=version)
        assert refused.value.code == "conflict"


def test_two_contexts_share_nothing():
    a_context().ports.records.put("fiches", "a", {})
    assert a_context().ports.records.get("fiches", "a") is None


def test_what_only_the_platform_has_is_empty():
    ports = a_context().ports
    assert ports.requests.search() == ports.invoices.search("issued") == ports.flux.search() == ports.flux.faults("x") == ()
    assert ports.requests.count() == ports.invoices.count("received") == 0
    assert ports.requests.get(uuid.uuid4()) is None
    assert ports.flux.check("a.xml", b"<a/>").verdict == "valid"
