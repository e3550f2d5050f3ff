"""The machine API over services that answer from a table: what crosses HTTP is real, what is behind the bus is faked."""

import dataclasses
import sys
from pathlib import Path

import pytest
from pupitre_contracts import errors, flux_report, identity, invoicing, organisation
from pupitre_espaces.host import Host
from pupitre_portal.app import create_app
from pupitre_portal.settings import Options

# Test modules are imported by path, each alone: this is how they find the values they share.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "interface")]

from machine_world import ACCOUNT, BEARER, CLIENT, LOGIN, PASSWORD, SECRET, ContentBlobs, Machine, a_flux, issued_token
from portal_world import FakeBus, a_structure, a_summary


def issue(request):
    return issued_token(request.scope) if (request.client_id, request.client_secret) == (CLIENT, SECRET) else errors.ClientRefused()


def resume(request):
    if request.access_token != BEARER:
        return errors.SessionEnded()
    if request.login is not None and (request.login, request.password) != (LOGIN, PASSWORD):
        return errors.AccountRefused()
    return {"account": ACCOUNT, "tokens": {service: f"token-{service}" for service in ("organisation", "invoicing")}}


def summary_of(structure):
    names = organisation.StructureSummary.declared
    kept = {name: value for name, value in structure.values.items() if name in names and value is not None}
    return organisation.StructureSummary(**kept)


@pytest.fixture
def bus():
    fake = FakeBus()
    fake.answers = {
        identity.IssueAccessToken: issue,
        identity.ResumeAccessToken: resume,
        organisation.FindStructures: {"structures": [summary_of(a_structure())], "total": 1},
        organisation.GetStructure: {"structure": a_structure()},
        invoicing.SearchInvoices: {"invoices": [a_summary()], "total": 1},
        invoicing.DepositFlux: {"flux": a_flux()},
        invoicing.GetFlux: {"flux": a_flux()},
        flux_report.ReadFluxReport: {"flux": a_flux(), "files": [], "total": 0, "codes": []},
        invoicing.CheckFile: {"report": invoicing.Report(verdict="valid", format="ubl-invoice", findings=[], terms={"BT-1": "F-1"})},
    }
    return fake


@pytest.fixture
def blobs():
    return ContentBlobs()


@pytest.fixture
def options(tmp_path):
    return Options(secret_key="k" * 32, state=tmp_path, max_upload=300_000)


@pytest.fixture(scope="session")
def app():
    """One application for all tests: making it is slow, and what differs between tests is in its ``Portal``."""
    return create_app(Options(secret_key="k" * 32), None, None, Host("portal", plugins=[], discover=False))


@pytest.fixture
def new_portal(app, bus, blobs):
    """Give a client of a portal with these options over the services of the test."""

    def client(options):
        app.extensions["pupitre"] = dataclasses.replace(app.extensions["pupitre"], settings=options, bus=bus, blobs=blobs)
        return app.test_client()

    return client


@pytest.fixture
def http(new_portal, options):
    return new_portal(options)


@pytest.fixture
def machine(http):
    return Machine(http)
