"""With an antivirus, a file that it names is put aside and never processed, whichever way it came (RS-64)."""

import hashlib

import pytest
from pupitre_bus.blobs import BlobNotFound
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from support.clamd import Clamd, eicar

pytestmark = pytest.mark.requirement("RS-64")


@pytest.fixture
def clamd(stage):
    server = Clamd()
    stage.scope().resources.antivirus = server.antivirus
    yield server
    server.stop()


@pytest.fixture
def aside(stage, backend):
    """Tells whether a content is put aside: nobody gets it, the operator finds it."""

    def check(content):
        name = hashlib.sha256(content).hexdigest()
        with pytest.raises(BlobNotFound):
            stage.blobs.get(name)
        return (backend.folder / "blobs" / "quarantine" / name[:2] / name[2:4] / name).read_bytes() == content

    return check


def test_a_flux_that_the_antivirus_names_is_refused_under_its_code_and_put_aside(stage, ended, clamd, aside):
    flux = ended(stage.deposit_flux(eicar(), file_name="facture.xml"))
    assert (flux.state, [(each.code, each.rule, each.file) for each in flux.errors]) == (
        "IN_REJETE", [("F-VIR", "PUP-VIRUS", "facture.xml")],
    )
    assert "Eicar-Test-Signature" in flux.errors[0].message
    assert stage.engine.checked == []
    assert wait_until(lambda: aside(eicar()))


def test_one_file_of_a_lot_that_is_named_costs_the_others_nothing(stage, ended, clamd, aside, make_lot):
    content = make_lot({"1.xml": stage.file("V-1"), "2.xml": eicar(), "3.xml": stage.file("V-3")})
    flux = ended(stage.deposit_flux(content))
    assert (flux.state, flux.accepted) == ("IN_INTEGRE_PARTIEL", 2)
    assert [(each.file, each.code) for each in flux.errors] == [("2.xml", "F-VIR")]
    assert sorted(stage.engine.checked) == ["V-1", "V-3"]
    assert wait_until(lambda: aside(eicar()) and aside(content))


def test_a_file_deposited_on_the_page_is_refused_and_no_draft_is_kept(stage, clamd, aside):
    prepared = stage.prepare(eicar())
    assert prepared.invoice is None
    assert [(each.rule, each.severity) for each in prepared.report.findings] == [("PUP-VIRUS", "error")]
    assert stage.rows("SELECT * FROM invoice") == []
    assert aside(eicar())


def test_a_file_to_be_judged_only_is_refused_and_put_aside(stage, clamd, aside):
    reply = stage.call(stage.writer, contract.CheckFile, sha256=stage.blobs.put(eicar()), name="f.xml", language="en")
    assert (reply.report.verdict, [each.rule for each in reply.report.findings]) == ("invalid", ["PUP-VIRUS"])
    assert aside(eicar())


def test_an_attachment_that_is_named_stops_the_move(stage, clamd, aside):
    suspended = stage.move(stage.sent(), "SUSPENDUE", stage.agent, motive="Bon de livraison absent")
    document = {"name": "note.txt", "mime": "text/plain", "size": len(eicar()), "sha256": stage.blobs.put(eicar())}
    with pytest.raises(errors.Invalid, match="Eicar-Test-Signature"):
        stage.move(suspended, "COMPLETEE", stage.writer, comment="voici", documents=[document])
    assert stage.get(suspended, stage.writer).status == "SUSPENDUE"
    assert aside(eicar())


def test_a_scanner_that_does_not_answer_lets_nothing_pass_and_loses_nothing(stage, ended):
    server = Clamd()
    stage.scope().resources.antivirus = server.antivirus
    server.stop()
    flux = stage.deposit_flux(stage.file("S-1"), file_name="s.xml")
    with pytest.raises(errors.Unavailable):
        stage.prepare(stage.file("S-2"))
    assert stage.engine.checked == []
    assert stage.flux(flux).state.endswith("EN_ATTENTE_TRAITEMENT_SE_CPP")
    again = Clamd()
    stage.scope().resources.antivirus = again.antivirus
    assert ended(flux).state == "IN_INTEGRE"
    assert again.scanned
    again.stop()


def test_a_clean_file_is_scanned_and_processed(stage, ended, clamd):
    content = stage.file("C-1")
    assert ended(stage.deposit_flux(content, file_name="c.xml")).state == "IN_INTEGRE"
    assert clamd.scanned == [len(content)]
