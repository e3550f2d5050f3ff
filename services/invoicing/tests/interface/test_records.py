"""Documents that espaces keep for structures: by key, by version, found by what they say, and for nobody else."""

import pytest
from pupitre_contracts import errors
from pupitre_contracts import requests as contract

ESPACE = "essais"


@pytest.fixture
def clerk(stage):
    return stage.world.user((stage.supplier, ESPACE, "MODIFICATION"), name="Anouk")


@pytest.fixture
def record(stage, clerk):
    def do(call, actor=clerk, **values):
        same = {"espace": ESPACE, "structure_id": stage.supplier.structure_id, "collection": "chantiers"}
        return stage.call(actor, call, **{**same, **values})

    return do


def test_a_document_is_kept_changed_by_version_and_forgotten(record):
    first = record(contract.PutRecord, key="a", document={"nom": "Quai Sud", "lots": [1, {"no": 2}], "clos": None}).record
    assert (first.version, first.changed_by, first.document["lots"]) == (1, "Anouk", [1, {"no": 2}])
    second = record(contract.PutRecord, key="a", document={"nom": "Quai Nord"}, version=1).record
    assert (second.version, record(contract.GetRecord, key="a").record) == (2, second)
    assert record(contract.PutRecord, key="a", document={"nom": "Quai"}).record.version == 3
    for version in (0, 1, 9):
        with pytest.raises(errors.Conflict):
            record(contract.PutRecord, key="a", document={}, version=version)
    with pytest.raises(errors.Conflict):
        record(contract.PutRecord, key="b", document={}, version=1)
    assert record(contract.PutRecord, key="b", document={}, version=0).record.version == 1
    for _ in range(2):
        record(contract.DeleteRecord, key="a")
    with pytest.raises(errors.NotFound):
        record(contract.GetRecord, key="a")
    assert record(contract.PutRecord, key="a", document={}, version=0).record.version == 1


def test_documents_are_found_by_what_they_say_in_the_order_of_their_keys(record):
    for key, name in (("c", "École du Nord"), ("a", "Quai sud"), ("b", "ecole du sud"), ("d", "100 % bois")):
        record(contract.PutRecord, key=key, document={"nom": name, "lots": [{"ref": f"LOT-{key}"}]})
    record(contract.PutRecord, collection="autres", key="a", document={"nom": "école"})

    def keys(**values):
        return [each.key for each in record(contract.SearchRecords, **values).records]

    assert keys() == ["a", "b", "c", "d"]
    assert keys(text="ÉCOLE") == ["b", "c"]
    assert keys(text="ecole*nord") == ["c"]
    assert keys(text="lot-a") == ["a"]
    assert keys(text="%") == ["d"]
    assert (keys(limit=2), keys(limit=2, after="b")) == (["a", "b"], ["c", "d"])


@pytest.mark.parametrize("values", [{"document": {"x": "é" * 40_000}}, {"key": ""}, {"collection": "c" * 101}])
def test_what_is_too_large_or_has_no_name_is_refused(record, values):
    with pytest.raises(errors.Invalid):
        record(contract.PutRecord, **{"key": "a", "document": {}, **values})


def test_a_document_is_for_who_has_the_espace_of_its_structure(stage, record):
    record(contract.PutRecord, key="a", document={"nom": "Quai"})
    reader = stage.world.user((stage.supplier, ESPACE, "CONSULTATION"))
    assert record(contract.GetRecord, reader, key="a").record.document == {"nom": "Quai"}
    for call in (contract.PutRecord, contract.DeleteRecord):
        values = {"key": "a"} | ({"document": {}} if call is contract.PutRecord else {})
        for actor in (reader, stage.writer):
            with pytest.raises(errors.Forbidden):
                record(call, actor, **values)
        with pytest.raises(errors.NotFound):
            record(call, stage.agent, **values)
    for call, values in ((contract.GetRecord, {"key": "a"}), (contract.SearchRecords, {})):
        with pytest.raises(errors.Forbidden):
            record(call, stage.writer, **values)
        with pytest.raises(errors.NotFound):
            record(call, stage.agent, **values)
    other = stage.world.user((stage.body, ESPACE, "MODIFICATION"))
    own = {"structure_id": stage.body.structure_id}
    assert record(contract.SearchRecords, other, **own).records == []
