"""Documents kept with an account: their owner's alone, of at most 10 Mo."""

import json
import uuid

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_contracts import account_documents as contract
from pupitre_contracts import document_values, errors, identity
from pupitre_identity import tables

FILE = {"type": "CONTRAT", "name": "Marché 2026.pdf", "mime": "application/pdf", "size": 1234, "sha256": "ab" * 32}


@pytest.fixture
def owner(camille, caller):
    return caller(Actor("user", str(camille.user_id)))


@pytest.fixture
def other(operator, caller):
    made = operator.call(
        identity.CreateUser, email="b@exemple.invalid", given_name="B", family_name="B", password="huit bateaux verts dérivent"
    ).user
    return caller(Actor("user", str(made.user_id)))


def add(bus, **changes):
    return bus.call(contract.AddAccountDocument, **({"designation": "  Marché  de nettoyage "} | FILE | changes)).document


def listed(bus, **values):
    found = bus.call(contract.ListAccountDocuments, **values)
    return [each.designation for each in found.documents], found.total


@pytest.mark.requirement("R092")
def test_a_document_is_added_listed_changed_and_removed(owner):
    document = add(owner)
    assert (document.designation, document.type, document.version) == ("Marché de nettoyage", "CONTRAT", 1)
    assert listed(owner) == (["Marché de nettoyage"], 1)
    changed = owner.call(
        contract.ChangeAccountDocument, document_id=document.document_id, designation="Avenant", type="AUTRE", version=1
    ).document
    assert (changed.designation, changed.type, changed.version, changed.sha256) == ("Avenant", "AUTRE", 2, FILE["sha256"])
    assert owner.call(contract.RemoveAccountDocuments, document_ids=[document.document_id]).removed == 1
    assert listed(owner) == ([], 0)


@pytest.mark.requirement("R091")
def test_ten_megaoctets_are_taken_and_one_octet_more_is_refused(owner):
    assert add(owner, size=10_000_000).size == 10_000_000
    for size in (10_000_001, 0, -1):
        with pytest.raises(errors.Invalid) as refused:
            add(owner, size=size)
        assert "10 Mo" in str(refused.value.details["fields"]["size"])
    assert listed(owner)[1] == 1


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"designation": "  "}, "designation"),
        ({"designation": "d" * 101}, "designation"),
        ({"type": "PERSONNEL"}, "type"),
        ({"name": "outil.exe"}, "name"),
        ({"name": "sans-extension"}, "name"),
        ({"name": f"{'n' * 47}.pdf"}, "name"),
        ({"name": "../etc/a.pdf"}, "name"),
        ({"sha256": "not a hash"}, "sha256"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(owner, changes, field):
    with pytest.raises(errors.Invalid) as refused:
        add(owner, **changes)
    assert field in refused.value.details["fields"]


@pytest.mark.requirement("R092")
def test_nobody_sees_changes_or_removes_another_s_document(owner, other):
    document = add(owner)
    assert listed(other) == ([], 0)
    assert listed(other, document_ids=[document.document_id]) == ([], 0)
    with pytest.raises(errors.NotFound):
        other.call(contract.ChangeAccountDocument, document_id=document.document_id, designation="x", type="AUTRE", version=1)
    assert other.call(contract.RemoveAccountDocuments, document_ids=[document.document_id]).removed == 0
    assert listed(owner)[1] == 1


def test_only_people_keep_documents(service, caller):
    for actor in (Actor("technical", str(uuid.uuid4()), structure_id=uuid.uuid4()), Actor.service("invoicing")):
        with pytest.raises(errors.Forbidden):
            caller(actor).call(contract.ListAccountDocuments)
        with pytest.raises(errors.Forbidden):
            add(caller(actor))


def test_of_two_changes_at_once_one_succeeds(owner):
    document = add(owner)

    def change(designation):
        try:
            owner.call(
                contract.ChangeAccountDocument,
                document_id=document.document_id, designation=designation, type="AUTRE", version=1,
            )  # fmt: skip
        except errors.Conflict:
            return "conflict"
        return designation

    outcomes = [each.wait() for each in [eventlet.spawn(change, name) for name in ("un", "deux")]]
    assert outcomes.count("conflict") == 1
    (kept,) = [each for each in outcomes if each != "conflict"]
    assert listed(owner)[0] == [kept]


def test_a_form_sent_twice_keeps_one_document(owner):
    key = str(uuid.uuid4())
    first, again = (add(owner, idempotency_key=key) for _ in range(2))
    assert first == again
    assert listed(owner)[1] == 1


def test_documents_come_in_pages_by_designation(owner):
    for number in range(5):
        add(owner, designation=f"Pièce {number}")
    assert listed(owner, page=2, page_size=2) == (["Pièce 2", "Pièce 3"], 5)
    assert listed(owner, page=9, page_size=2) == ([], 5)


def test_an_account_keeps_so_many_documents_and_no_more(bench, owner, camille):
    database = bench.database("identity")
    with database.transaction() as tx:
        row = {"user_id": camille.user_id, "designation": "d", "version": 1, "changed_by": "t", **FILE}
        rows = [
            row | {"document_id": uuid.uuid4(), "added_at": tx.now, "changed_at": tx.now}
            for _ in range(document_values.MOST_DOCUMENTS)
        ]
        tx.execute(tables.account_document.insert(), rows)
    database.close()
    with pytest.raises(errors.Invalid) as full:
        add(owner)
    assert "200" in str(full.value.details["fields"]["file"])


def test_who_added_and_removed_what_is_logged(bench, owner, camille):
    document = add(owner)
    owner.call(contract.RemoveAccountDocuments, document_ids=[document.document_id])
    database = bench.database("identity")
    with database.reading() as db:
        log = tables.HISTORY.lines.c
        query = sa.select(log.action, log.actor, log.detail).where(log.action.like("document.%")).order_by(log.number)
        lines = db.execute(query).all()
    database.close()
    assert [(line.action, line.actor) for line in lines] == [
        (action, f"user:{camille.user_id}") for action in ("document.added", "document.removed")
    ]
    assert json.loads(lines[1].detail) == {"document_id": str(document.document_id), "sha256": FILE["sha256"]}


def test_services_alone_learn_which_files_are_kept(owner, caller):
    add(owner)
    asked = {"names": ["00" * 32, FILE["sha256"]]}
    assert caller(Actor.service("invoicing")).call(contract.CitedAccountFiles, **asked).cited == [FILE["sha256"]]
    with pytest.raises(errors.Forbidden):
        owner.call(contract.CitedAccountFiles, **asked)
