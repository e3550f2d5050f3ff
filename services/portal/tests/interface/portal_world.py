"""Values, fakes and espaces that the tests of the portal share."""

import datetime
import decimal
import re
import uuid

from pupitre_contracts import (
    account_life,
    communication,
    directory,
    errors,
    identity,
    invoice_files,
    invoicing,
    notifications,
    organisation,
)
from pupitre_espaces import Card, Health, Html, Label, Manifest, Page, PageContent, hookimpl

NOW = datetime.datetime(2026, 3, 15, 9, 30, 12, tzinfo=datetime.UTC)
SUPPLIER, TOWN = uuid.UUID(int=1), uuid.UUID(int=2)
USER, INVOICE, MAIL = uuid.UUID(int=10), uuid.UUID(int=20), uuid.UUID(int=30)
SUCCESSOR = uuid.UUID(int=11)
EVIL = "<script>alert(1)</script>"


class FakeBus:
    """Answers calls from ``answers``: a reply's fields, a function of the request, or an error to raise. Records every call."""

    blocked = False

    def __init__(self):
        self.answers, self.calls, self.down = {}, [], set()

    def call_on(
        self, service, call, /, *, credentials=None, idempotency_key=None, timeout=None, correlation_id=None, **values
    ):
        request = call.Request(**values)
        token = credentials.token_for(service) if credentials else None
        self.calls.append((service, call, request, idempotency_key, token))
        if service in self.down:
            raise errors.Unavailable(service=service)
        answer = self.answers[call]
        if callable(answer) and not isinstance(answer, type):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return call.Reply(**answer)

    def requests(self, call):
        return [request for _, called, request, _, _ in self.calls if called is call]

    def keys(self, call):
        return [key for _, called, _, key, _ in self.calls if called is call]


EXPORTED = "e" * 64
"""A file that invoicing made: always in the store."""
EXPORTED_CONTENT = b"<Invoice>\n  <ID>F-2026-1</ID>\n</Invoice>"


class FakeBlobs:
    def __init__(self):
        self.kept = {}

    def put(self, content):
        name = f"{len(self.kept):064x}"
        self.kept[name] = content
        return name

    def put_file(self, path):
        return self.put(path.read_bytes())

    def get(self, sha256):
        return EXPORTED_CONTENT if sha256 == EXPORTED else self.kept[sha256]

    def exists(self, sha256):
        return sha256 == EXPORTED or sha256 in self.kept


class Bonjour:
    """A well-behaved espace with two pages and a card."""

    @hookimpl
    def espace_manifest(self):
        return Manifest("bonjour", Label("Bonjour", "Hello"), Label("Dit bonjour", "Says hello"))

    @hookimpl
    def espace_pages(self, context):
        def page(request):
            body = Html("<p>Bonjour {}, {}, <a href='{}'>suite</a></p>").format(
                context.user.name, request.context.structure.name, request.link("deux")
            )
            return PageContent("Salut", body)

        return [
            Page("un", Label("Un", "One"), page),
            Page("deux", Label("Deux", "Two"), lambda request: PageContent("Deux", EVIL)),
        ]

    @hookimpl
    def espace_cards(self, context):
        return [Card(Label("Carte bonjour", "Hello card"), Label("Venez", "Come"), "un")]


class Ill:
    """An espace that raises wherever it is called."""

    @hookimpl
    def espace_manifest(self):
        return Manifest("malade", Label("Malade", "Ill"), Label("Tombe", "Falls"))

    @hookimpl
    def espace_pages(self, context):
        raise RuntimeError("canary-secret")

    @hookimpl
    def espace_cards(self, context):
        raise RuntimeError("canary-secret")

    @hookimpl
    def espace_health(self):
        return Health(False, "canary-secret")


def a_user(**changes):
    values = {
        "user_id": USER,
        "email": "a@b.fr",
        "given_name": "Camille",
        "family_name": "Duval",
        "language": "fr",
        "last_sign_in_at": NOW,
    }
    return identity.User(**(values | changes))


def an_account(**changes):
    personal = identity.PersonalData(
        given_name="Camille",
        family_name="Duval",
        language="fr",
        city=f"Testville {EVIL}",
        notify_invoicing=True,
        notify_news=False,
    )
    values = {"user_id": USER, "email": "a@b.fr", "personal": personal, "version": 3, "password_changed_at": NOW, "created_at": NOW}
    return identity.Account(**(values | changes))


def a_successor(**changes):
    values = {"user_id": SUCCESSOR, "given_name": "Ada", "family_name": f"Leroy {EVIL}", "email": "ada@b.fr", "city": "Testville"}
    return account_life.Successor(**(values | changes))


def a_session(**changes):
    values = {"session_id": "a" * 64, "opened_at": NOW, "seen_at": NOW, "network": "192.0.2.7", "current": False}
    return identity.OpenSession(**(values | {"agent": f"Firefox {EVIL}"} | changes))


def rights(structure_id=SUPPLIER, espaces=("factures-emises",), profile="MODIFICATION", **changes):
    values = {
        "structure_id": structure_id,
        "portal_number": 1,
        "identifier": "12345678200010",
        "name": "Atelier Duval",
        "type": "PRIVATE",
        "role": "GP",
        "espaces": [organisation.EspaceRight(espace=espace, profile=profile) for espace in espaces],
    }
    return organisation.StructureRights(**(values | changes))


def an_invoice(**changes):
    values = {
        "invoice_id": INVOICE,
        "portal_number": 77,
        "number": "F-2026-1",
        "kind": "FACTURE",
        "cadre": "A1",
        "status": "MISE_A_DISPOSITION",
        "status_label_fr": "Mise à disposition du destinataire",
        "status_label_en": "Made available to the recipient",
        "version": 3,
        "issue_date": datetime.date(2026, 3, 14),
        "deposited_at": NOW,
        "status_at": NOW,
        "supplier_structure_id": SUPPLIER,
        "supplier_identifier": "12345678200010",
        "supplier_name": "Atelier Duval",
        "recipient_structure_id": TOWN,
        "recipient_siret": "21750001600019",
        "recipient_name": "Ville de Test",
        "code_service": "VOIRIE",
        "engagement": "E-88",
        "currency": "EUR",
        "net": decimal.Decimal("1000.00"),
        "vat": decimal.Decimal("234.56"),
        "gross": decimal.Decimal("1234.56"),
        "due": decimal.Decimal("1234.56"),
        "deposit_mode": "UPLOAD_PORTAIL",
        "format": "UBL",
        "content": {},
        "report": invoicing.Report(verdict="valid", findings=[], terms=TERMS),
        "documents": [],
        "history": [],
        "moves": [],
        "receipt_sha256": "ab" * 32,
        "receipt_at": NOW,
    }
    return invoicing.Invoice(**(values | changes))


def a_summary(**changes):
    whole = an_invoice(**changes)
    names = invoicing.InvoiceSummary.declared
    return invoicing.InvoiceSummary(
        **{name: value for name, value in whole.values.items() if name in names and value is not None}
    )


TERMS = {
    "BT-1": "F-2026-1",
    "BT-27": "Atelier Duval",
    "BT-35": "3 rue du Lac",
    "BT-38": "75001",
    "BT-37": "Paris",
    "BT-44": "Ville de Test",
    "BT-46": "21750001600019",
    "BT-84": "FR7612345",
    "BT-112": "1234.56",
    "BT-115": "1234.56",
    "BG-25": [
        {
            "BT-126": "1",
            "BT-153": "Chaise",
            "BT-129": "2",
            "BT-130": "C62",
            "BT-146": "500.00",
            "BT-131": "1000.00",
            "BT-152": "20",
        }
    ],
    "BG-23": [{"BT-116": "1000.00", "BT-117": "234.56", "BT-118": "S", "BT-119": "20"}],
    "BG-1": [{"BT-22": "Merci"}],
}


def a_structure(**changes):
    values = {
        "structure_id": TOWN,
        "portal_number": 2,
        "identifier_type": "SIRET",
        "identifier": "21750001600019",
        "name": "Ville de Test",
        "type": "PUBLIC",
        "active": True,
        "city": "Testville",
        "address": organisation.Address(city="Testville"),
        "parameters": organisation.Parameters(requires_service=True, requires_engagement=True),
        "espaces": ["factures-recues"],
        "services": [
            organisation.StructureService(
                structure_service_id=uuid.UUID(int=5),
                portal_number=5,
                code="VOIRIE",
                label="Voirie",
                active=True,
                starts_on=datetime.date(2020, 1, 1),
                requires_engagement=False,
            )
        ],
    }
    return organisation.Structure(**(values | changes))


def a_listed_structure(**changes):
    whole = a_structure(**changes)
    names = organisation.StructureSummary.declared
    return organisation.StructureSummary(
        **{name: value for name, value in whole.values.items() if name in names and value is not None}
    )


def an_entry(**changes):
    """What the annuaire tells of the town."""
    kept = {name: value for name, value in a_structure().values.items() if name in directory.DirectoryEntry.declared and value is not None}
    return directory.DirectoryEntry(**(kept | {"change": 7} | changes))


def a_mail(**changes):
    values = {
        "mail_id": MAIL,
        "to": "a@b.fr",
        "subject": f"Facture suspendue {EVIL}",
        "body": f"Motif : {EVIL}",
        "template": "moved",
        "state": "sent",
        "created_at": NOW,
        "sent_at": NOW,
    }
    return notifications.Mail(**(values | changes))


def a_news(**changes):
    values = {
        "news_id": uuid.UUID(int=40),
        "title_fr": f"Maintenance {EVIL}",
        "title_en": f"Maintenance in English {EVIL}",
        "text_fr": f"Le portail s'arrête.\n\n- samedi\n- {EVIL}",
        "text_en": "The portal stops.",
        "published_from": NOW,
        "author": "zoe@demo",
        "created_at": NOW,
    }
    return communication.News(**(values | changes))


def a_message(**changes):
    values = {
        "message_id": uuid.UUID(int=41),
        "structure_id": TOWN,
        "structure_name": "Ville de Test",
        "subject": f"Clôture {EVIL}",
        "text": f"Déposez avant le 15.\n{EVIL}",
        "author": "Alex Martin",
        "sent_at": NOW,
        "addressees": 3,
        "delivered": True,
    }
    return communication.PartnerMessage(**(values | changes))


class Browser:
    """A client that reads the form it was shown before it posts, as a browser does."""

    def __init__(self, client):
        self.client = client

    def get(self, address, **options):
        return self.client.get(address, **options)

    def token(self, address, **options):
        return self._hidden(address, "csrf_token", options)

    def post(self, address, data=None, form_at=None, form_base=None, **options):
        page = self.client.get(
            form_at or address, follow_redirects=True, **({"base_url": form_base} if form_base else {})
        )
        hidden = {name: self._value(page, name) for name in ("csrf_token", "idempotency_key")}
        if form_base:
            options.setdefault("headers", {"Referer": form_base})
        return self.client.post(address, data={**hidden, **(data or {})}, **options)

    def _hidden(self, address, name, options):
        return self._value(self.client.get(address, **options), name)

    @staticmethod
    def _value(page, name):
        return re.search(rf'name="{name}" value="([^"]+)"', page.get_data(as_text=True)).group(1)


def an_exported_file(**changes):
    values = {"name": "F-2026-1.xml", "mime": "application/xml", "size": len(EXPORTED_CONTENT), "sha256": EXPORTED}
    return invoice_files.ExportedFile(**(values | changes))
