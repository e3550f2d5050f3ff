"""The bytes as deposited: hashed, kept unchanged, missed when they are gone, and swept when nothing cites them (RS-23)."""

import datetime
import hashlib
import os

import pytest
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import citing, verification

pytestmark = pytest.mark.requirement("RS-23")


@pytest.fixture(autouse=True)
def by_hand(stage):
    stage.hold("sweep-files")


def place(stage, sha256):
    return stage.bench.backend.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256


def age(stage, sha256):
    old = (datetime.datetime.now(datetime.UTC) - 2 * citing.MINIMUM_AGE).timestamp()
    os.utime(place(stage, sha256), (old, old))


def verified(stage):
    scope = stage.scope()
    with scope.reading() as db:
        return verification.verify(db, scope.resources.sealer, scope.resources.anchors, stage.blobs)


def test_sending_gives_a_receipt_of_the_bytes_deposited_and_of_the_instant(stage):
    content = stage.file()
    draft = stage.prepare(content).invoice
    assert (draft.receipt_sha256, draft.receipt_at) == (None, None)
    sent = stage.send(draft)
    assert sent.receipt_sha256 == hashlib.sha256(content).hexdigest()
    assert sent.receipt_at == sent.deposited_at
    original = stage.call(stage.agent, contract.DocumentFile, invoice_id=sent.invoice_id, kind="original").document
    assert stage.blobs.get(original.sha256) == content
    moved = stage.move(sent, "MANDATEE", stage.agent)
    assert (moved.receipt_sha256, moved.receipt_at) == (sent.receipt_sha256, sent.receipt_at)


def test_what_structures_and_users_keep_elsewhere_is_not_swept(stage):
    kept, own, forgotten = (stage.blobs.put(content) for content in (b"a RIB file", b"a user's document", b"nobody's"))
    stage.world.kept, stage.world.own = {kept}, {own}
    for each in (kept, own, forgotten):
        age(stage, each)
    assert citing.sweep(stage.scope()) == [forgotten]
    assert (stage.blobs.get(kept), stage.blobs.get(own)) == (b"a RIB file", b"a user's document")


def test_a_byte_changed_or_a_file_gone_is_found_and_named(stage, make_lot, make_file):
    """A document, a flux, and a file of a flux that was refused: all that anybody deposited."""
    changed, gone = stage.sent("F-1"), stage.sent("F-2")
    refused = make_file("F-3", verdict="invalid")
    archive = make_lot({"a.xml": refused, "b.xml": make_file("F-4")})
    flux = stage.deposit_flux(archive)
    wait_until(lambda: stage.flux(flux).state == "IN_INTEGRE_PARTIEL")
    assert (verified(stage).files, verified(stage).faults) == (5, [])

    path = place(stage, changed.receipt_sha256)
    path.write_bytes(path.read_bytes().replace(b"120.00", b"120.01", 1))
    for content in (gone.receipt_sha256, hashlib.sha256(refused).hexdigest(), hashlib.sha256(archive).hexdigest()):
        place(stage, content).unlink()
    told = {each.fault for each in verified(stage).faults}
    assert told == {
        f"file-damaged {changed.receipt_sha256} original of invoice {changed.invoice_id} (facture.xml)",
        f"file-missing {gone.receipt_sha256} original of invoice {gone.invoice_id} (facture.xml)",
        f"file-missing {hashlib.sha256(refused).hexdigest()} file 1 of flux {flux.numero_flux} (a.xml)",
        f"file-missing {hashlib.sha256(archive).hexdigest()} flux {flux.numero_flux} (lot.tar.gz)",
    }


def test_what_nothing_cites_is_swept_and_what_anybody_deposited_never(stage, make_lot, make_file):
    sent = stage.sent("F-1")
    flux = stage.deposit_flux(make_lot({"a.xml": make_file("F-3", verdict="invalid")}))
    wait_until(lambda: stage.flux(flux).state == "IN_REJETE")
    draft = stage.prepare(stage.file("F-2")).invoice
    deleted = stage.get(draft, stage.writer).documents[0].sha256
    stage.call(stage.writer, contract.DeleteDraft, invoice_id=draft.invoice_id)
    abandoned = stage.blobs.put(b"uploaded, and never deposited")
    folder = stage.bench.backend.folder / "blobs"
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        age(stage, file.name)

    assert set(citing.sweep(stage.scope())) == {deleted, abandoned}
    assert verified(stage).faults == []
    assert stage.blobs.get(sent.receipt_sha256)


def test_a_deposit_that_races_with_the_sweep_keeps_its_file(stage):
    """The bytes were put long ago and never cited; somebody deposits them by their name while the sweep runs."""
    content = stage.file()
    sha256 = stage.blobs.put(content)
    age(stage, sha256)
    scope = stage.scope()
    asked = citing.cited

    sent = []

    def deposit_once_asked(names):
        with scope.reading() as db:
            answer = asked(db, names)
        if not sent:
            values = {"structure_id": stage.supplier.structure_id, "sha256": sha256, "size": len(content), "name": "f.xml"}
            draft = stage.call(stage.writer, contract.PrepareInvoice, **values).invoice
            sent.append(stage.send(draft))
        return answer

    now = datetime.datetime.now(datetime.UTC)
    assert stage.blobs.sweep(deposit_once_asked, now, citing.MINIMUM_AGE) == [sha256]
    assert not place(stage, sha256).exists()
    assert stage.blobs.get(sha256) == content
    assert verified(stage).faults == []


def test_a_deposit_of_a_file_that_was_swept_for_good_is_refused(stage):
    content = stage.file()
    sha256 = stage.blobs.put(content)
    now = datetime.datetime.now(datetime.UTC)
    for days in (2, 4):
        stage.blobs.sweep(lambda names: set(), now + days * citing.MINIMUM_AGE, citing.MINIMUM_AGE)
    values = {"structure_id": stage.supplier.structure_id, "sha256": sha256, "size": len(content), "name": "f.xml"}
    with pytest.raises(errors.NotFound):
        stage.call(stage.writer, contract.PrepareInvoice, **values)
