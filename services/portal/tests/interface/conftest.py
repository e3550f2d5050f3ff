"""The portal over services that answer from a table: everything outside this process is faked, everything inside is real."""

import json
import sys
from pathlib import Path

import jinja2
import pytest
from pupitre_contracts import (
    account_documents,
    account_life,
    bank_details,
    communication,
    directory,
    errors,
    identity,
    invoice_files,
    invoicing,
    notifications,
    organisation,
    platform,
    saved_filters,
    structure_documents,
)
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from pupitre_portal.app import create_app
from pupitre_portal.settings import Options

# Test modules are imported by path, each alone: this is how they find the values they share.
sys.path.insert(0, str(Path(__file__).parent))

from portal_world import (
    EVIL,
    NOW,
    SUPPLIER,
    TERMS,
    TOWN,
    Bonjour,
    Browser,
    FakeBlobs,
    FakeBus,
    a_listed_structure,
    a_mail,
    a_message,
    a_news,
    a_session,
    a_structure,
    a_successor,
    a_summary,
    a_user,
    an_account,
    an_entry,
    an_exported_file,
    an_invoice,
    rights,
)


@pytest.fixture
def bus():
    fake = FakeBus()
    tokens = {service: f"token-{service}" for service in ("identity", "organisation", "invoicing", "notifications")}
    town = a_structure()
    entries = [
        organisation.EspaceEntry(
            key="bonjour",
            label_fr="Bonjour",
            label_en="Hello",
            default=False,
            open=False,
            origin="pupitre-espace-bonjour",
            version="0.1.0",
        )
    ]
    counts = [invoicing.WorkCounts(structure_id=SUPPLIER, side="issued", to_do=3, drafts=2, total=9)]
    report = invoicing.Report(verdict="valid", findings=[], terms=TERMS)
    fake.answers = {
        identity.SignIn: lambda request: (
            {"session": "secret-256", "user": a_user()} if request.password == "bon" else errors.SignInRefused()
        ),
        identity.ResumeSession: lambda request: (
            {"user": a_user(), "tokens": tokens} if request.session == "secret-256" else errors.SessionEnded()
        ),
        identity.SignOut: {},
        identity.SignUp: {},
        identity.AskForLink: {},
        identity.ActivateAccount: {"email": "a@b.fr"},
        identity.ResetPassword: {"email": "a@b.fr"},
        identity.GetAccount: {"account": an_account()},
        identity.ChangePersonalData: {"account": an_account(version=4)},
        identity.ChangePassword: {"ended": 1},
        account_life.DescribeLink: {"purpose": "reset", "wants_question": False},
        account_life.AskReactivation: {},
        account_life.ReactivateAccount: {"email": "a@b.fr"},
        account_life.DeactivateAccount: {"done": True, "until": NOW},
        account_life.FindSuccessors: {"users": [a_successor()], "total": 1},
        account_life.AskSupport: {"number": 12},
        identity.ListSessions: {"sessions": [a_session(), a_session(session_id="b" * 64, current=True)]},
        identity.EndSessions: {"ended": 1},
        account_documents.ListAccountDocuments: {"documents": [], "total": 0},
        organisation.RightsOfActor: {"structures": [rights(espaces=("factures-emises", "bonjour"))]},
        organisation.GetStructure: {"structure": town},
        organisation.ListEspaces: {"espaces": entries},
        organisation.OpenEspace: {"espaces": entries},
        organisation.CloseEspace: {"espaces": entries},
        structure_documents.ListStructureDocuments: {"documents": []},
        bank_details.ListBankDetails: {"bank_details": []},
        organisation.FindStructures: {
            "structures": [
                organisation.StructureSummary(
                    structure_id=TOWN,
                    portal_number=2,
                    identifier_type="SIRET",
                    identifier="21750001600019",
                    name="Ville de Test",
                    type="PUBLIC",
                    active=True,
                )
            ],
            "total": 60,
        },
        directory.SearchDirectory: {"structures": [a_listed_structure()], "total": 60, "next": "suite"},
        directory.GetDirectoryEntry: {"entry": an_entry()},
        invoicing.CountWork: {"counts": counts},
        invoicing.SearchInvoices: {"invoices": [a_summary()], "total": 60, "next": "suite"},
        saved_filters.ListSavedFilters: {"filters": []},
        invoicing.GetInvoice: {"invoice": an_invoice()},
        invoice_files.ExportInvoice: {"file": an_exported_file()},
        invoicing.PrepareInvoice: {"report": report, "invoice": an_invoice(status="BROUILLON")},
        invoicing.SendInvoice: {"invoice": an_invoice()},
        invoicing.MoveInvoice: {"invoice": an_invoice()},
        invoicing.RecycleInvoice: {"invoice": an_invoice()},
        invoicing.ProcessInvoices: {"lines": []},
        invoicing.ListReturns: {"invoices": [], "total": 0, "overdue": 0},
        invoicing.AcknowledgeReturns: {"acknowledged": 1},
        invoicing.TreatRejection: {"invoice": an_invoice(status="REJETEE")},
        invoicing.DeleteDraft: {},
        invoicing.CheckFile: {"report": report},
        notifications.MyMails: {"mails": [a_mail()], "total": 1},
        notifications.GetMail: {"mail": a_mail()},
        notifications.LocalMailbox: {"mails": [a_mail()], "total": 1},
        notifications.LocalMail: {"mail": a_mail()},
        communication.ListNews: {"news": [a_news()], "total": 1},
        communication.GetNews: {"news": a_news()},
        communication.ReceivedMessages: {"messages": [a_message()], "total": 1},
        communication.SentMessages: {"messages": [a_message()], "total": 1},
        communication.ReadMessage: {"message": a_message()},
        communication.SendMessage: {"message": a_message()},
        communication.MyPreferences: {"preferences": {"mode": "immediate", "weekly_recap": True}},
        communication.SetPreferences: {"preferences": {"mode": "daily", "weekly_recap": False}},
        platform.Health: {"ok": True, "checks": [platform.Check(name="database", ok=True)]},
    }
    return fake


@pytest.fixture
def blobs():
    return FakeBlobs()


@pytest.fixture
def plugins():
    return [Bonjour()]


@pytest.fixture
def options(tmp_path):
    persona = {
        "key": "fournisseur",
        "email": "a@b.fr",
        "password": "bon",
        "role": "Fournisseur",
        "structures": [{"siret": "12345678200010", "name": f"Atelier {EVIL}"}],
    }
    (tmp_path / "demo.json").write_text(json.dumps({"personas": [persona]}), "utf-8")
    return Options(secret_key="k" * 32, demo=True, state=tmp_path, max_upload=2_000_000)


class CompiledTemplates(jinja2.BytecodeCache):
    """Keeps templates compiled from one test to the next: each test has an application of its own."""

    def __init__(self):
        self.compiled = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket):
        self.compiled[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def compiled():
    return CompiledTemplates()


@pytest.fixture
def app(options, bus, blobs, plugins, compiled):
    host = Host("portal", plugins=[Source.of(plugin) for plugin in plugins], discover=False, deadline=60)
    app = create_app(options, bus, blobs, host)
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def visitor(app):
    return app.test_client()


@pytest.fixture
def browser(visitor):
    visitor.set_cookie("pupitre", "secret-256")
    return Browser(visitor)
