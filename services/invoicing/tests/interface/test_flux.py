"""Flux through the bus, on both backends: each file exactly once, whatever happens."""

import math
import uuid

import eventlet
import pytest
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract


def test_a_flux_is_acknowledged_with_its_number_before_it_is_processed(stage):
    flux = stage.deposit_flux(stage.file(), file_name="facture.xml")

    assert flux.state == "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"
    assert len(flux.numero_flux) == 25
    assert flux.numero_flux.startswith("CPP0011100")
    assert flux.code_interface == "FSO1100A"


def test_every_invoice_of_a_good_lot_is_sent_once(stage, ended, make_lot):
    flux = ended(stage.deposit_flux(make_lot({f"{n}.xml": stage.file(f"L-{n}") for n in range(45)})))

    assert (flux.state, flux.total, flux.accepted, flux.refused) == ("IN_INTEGRE", 45, 45, 0)
    found = stage.call(
        stage.agent, contract.SearchInvoices, side="received", numero_flux=flux.numero_flux, page_size=100
    )
    assert sorted(each.number for each in found.invoices) == sorted(f"L-{n}" for n in range(45))
    assert {each.status for each in found.invoices} == {"MISE_A_DISPOSITION"}
    assert stage.world.calls.count("resolve_recipients") == 2
    assert len(stage.rows("SELECT * FROM outbox WHERE type = 'flux.processed.v1'")) == 1


def test_the_good_invoices_of_a_mixed_lot_are_sent_and_the_others_named(stage, ended, make_lot):
    finding = {
        "rule": "BR-02",
        "severity": "error",
        "term": "BT-1",
        "location": None,
        "message": "manque",
        "remedy": "ajoutez",
    }
    flux = ended(
        stage.deposit_flux(
            make_lot(
                {
                    "a.xml": stage.file("M-1"),
                    "b.xml": stage.file("M-1"),
                    "c.xml": stage.file("M-2", code_service="RIEN"),
                    "d.xml": stage.file("M-3", verdict="invalid", findings=[finding]),
                    "e.xml": stage.file("M-4", format="cii"),
                }
            )
        ),
        language="en",
    )

    assert (flux.state, flux.accepted, flux.refused) == ("IN_INTEGRE_PARTIEL", 1, 4)
    assert [(error.file, error.rule, error.number) for error in flux.errors] == [
        ("b.xml", "PUP-NUMBER-TAKEN", "M-1"),
        ("c.xml", "PUP-ROUTING-SERVICE-UNKNOWN", "M-2"),
        ("d.xml", "BR-02", "M-3"),
        ("e.xml", "PUP-FLUX-FORMAT", "M-4"),
    ]
    assert "already used" in flux.errors[0].message
    assert not flux.errors[0].technical


def test_a_flux_without_a_good_invoice_is_rejected(stage, ended):
    flux = ended(stage.deposit_flux(stage.file(recipient="11111111111111"), file_name="f.xml"))
    assert (flux.state, flux.errors[0].rule) == ("IN_REJETE", "PUP-ROUTING-RECIPIENT-UNKNOWN")


def test_an_unreadable_archive_is_a_technical_rejection(stage, ended):
    flux = ended(stage.deposit_flux(b"\x1f\x8b" + b"nothing"), language="en")
    assert flux.state == "IN_REJETE"
    assert flux.errors[0].technical
    assert "unreadable" in flux.errors[0].message


@pytest.mark.parametrize(
    "code, word",
    [("IN_DP_E3_FACTUR_X_10", "IN_DP_E2_CII_FACTURX"), ("IN_DP_E1_XCBL", "n'est pas lue"), ("RIEN", "inconnue")],
)
def test_a_wrong_syntax_is_refused_by_name(stage, code, word):
    with pytest.raises(errors.FluxRefused) as refusal:
        stage.deposit_flux(stage.file(), syntaxe_flux=code)
    assert code in refusal.value.message("fr")
    assert word in refusal.value.message("fr")


def test_an_empty_flux_is_refused(stage):
    with pytest.raises(errors.FluxRefused):
        stage.deposit_flux(b"")


def test_depositing_a_flux_needs_modification_and_reading_it_consultation(stage):
    flux = stage.deposit_flux(stage.file(), file_name="f.xml")

    assert stage.flux(flux, stage.reader).numero_flux == flux.numero_flux
    listed = stage.call(stage.reader, contract.SearchFlux)
    assert [each.numero_flux for each in listed.flux] == [flux.numero_flux]
    with pytest.raises(errors.Forbidden):
        stage.deposit_flux(stage.file("F-2"), actor=stage.reader)
    with pytest.raises(errors.NotFound):
        stage.flux(flux, stage.agent)
    with pytest.raises(errors.NotFound):
        stage.flux(flux, stage.stranger)
    assert stage.call(stage.stranger, contract.SearchFlux).total == 0


def test_a_dead_engine_costs_a_retry_and_no_invoice(stage, ended, make_lot, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr("pupitre_invoicing.flux.retry_after", lambda attempts: timedelta(0))
    stage.engine.failures = ["E-1", "E-1"]
    flux = ended(stage.deposit_flux(make_lot({"1.xml": stage.file("E-1"), "2.xml": stage.file("E-2")})))
    assert (flux.state, flux.accepted) == ("IN_INTEGRE", 2)


def test_a_file_that_the_engine_never_judges_is_an_incident(stage, ended, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr("pupitre_invoicing.flux.retry_after", lambda attempts: timedelta(0))
    flux = ended(stage.deposit_flux(stage.file("E-1", verdict="error"), file_name="f.xml"))
    assert (flux.state, flux.errors[0].rule) == ("IN_INCIDENTE", "PUP-FLUX-INCIDENT")


@pytest.mark.faults
def test_a_service_killed_in_the_middle_of_a_flux_carries_on_where_it_was(stage, ended, make_lot):
    stage.engine.most = 40
    flux = stage.deposit_flux(make_lot({f"{n}.xml": stage.file(f"K-{n}") for n in range(100)}))
    wait_until(lambda: stage.flux(flux).accepted > 0, every=0.01)

    stage.bench.stop(stage.host, kill=True)
    settled = stage.rows("SELECT count(*) AS n FROM invoice")[0]["n"]
    stage.engine.most = math.inf
    stage.host = stage.restart()
    flux = ended(flux)
    assert 0 < settled < 100
    assert (flux.state, flux.accepted) == ("IN_INTEGRE", 100)
    assert stage.rows("SELECT count(*) AS n FROM invoice")[0]["n"] == 100
    assert stage.rows("SELECT count(*) AS n FROM outbox WHERE type = 'invoice.submitted.v1'")[0]["n"] == 100


@pytest.fixture
def deposit(stage):
    """Deposits files on one connection, as a patient client: what was not answered in time is asked again under its key."""
    bus = stage.bench.caller(stage.writer)

    def ask(content, key):
        sha256 = stage.blobs.put(content)
        values = {"structure_id": stage.supplier.structure_id, "sha256": sha256, "size": len(content), "file_name": "f.xml"}
        for _ in range(20):
            try:
                return bus.call(
                    contract.DepositFlux, idempotency_key=key, timeout=60, syntaxe_flux="IN_DP_E1_UBL_INVOICE", **values
                ).flux
            except (errors.TimedOut, errors.IdempotencyInProgress):
                continue
        raise AssertionError("never answered")

    return ask


@pytest.mark.requirement("RS-20")
def test_fifty_deposits_of_one_invoice_with_one_key_are_one_deposit(stage, deposit):
    content, key = stage.file(), str(uuid.uuid4())
    first, *others = (flux.dump() for flux in eventlet.GreenPool(50).imap(lambda _: deposit(content, key), range(50)))
    assert others == [first] * 49
    assert [each["numero_flux"] for each in stage.rows("SELECT numero_flux FROM flux")] == [first["numero_flux"]]
    with pytest.raises(errors.IdempotencyMismatch):
        deposit(stage.file("F-2"), key)


@pytest.mark.requirement("RS-20")
def test_fifty_deposits_of_one_invoice_with_keys_of_their_own_give_one_invoice_and_name_it_to_the_others(
    stage, ended, deposit
):
    content = stage.file()
    deposited = list(eventlet.GreenPool(50).imap(lambda _: deposit(content, str(uuid.uuid4())), range(50)))
    wait_until(lambda: not stage.rows("SELECT * FROM flux WHERE open"), timeout=120, every=0.2)
    outcomes = [ended(flux) for flux in deposited]
    assert sorted(each.state for each in outcomes) == ["IN_INTEGRE"] + ["IN_REJETE"] * 49
    [first] = [each.numero_flux for each in outcomes if each.state == "IN_INTEGRE"]
    told = [each.errors for each in outcomes if each.state == "IN_REJETE"]
    assert {(finding.code, finding.rule, finding.first_flux) for [finding] in told} == {("F-DBL", "PUP-FLUX-AGAIN", first)}
    assert len(stage.rows("SELECT * FROM invoice")) == 1
    assert len(stage.rows("SELECT * FROM outbox WHERE type = 'invoice.submitted.v1'")) == 1
