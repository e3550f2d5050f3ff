"""A kind of request for the tests of the portal: farmers claim, an instructor of the town answers in an espace of his own."""

import datetime
import decimal
import uuid

import marshmallow
from portal_world import EVIL, NOW, SUPPLIER, TOWN
from pupitre_contracts import requests as calls
from pupitre_contracts.invoicing_values import CodedMotive, DelayEvent, Finding, HistoryEntry
from pupitre_espaces import (
    Cadre,
    Html,
    Label,
    Lifecycle,
    Manifest,
    Motive,
    Page,
    PageContent,
    RequestKind,
    Role,
    Transition,
    forms,
    hookimpl,
)

REQUEST, DOSSIER, DOCUMENT = uuid.UUID(int=50), uuid.UUID(int=51), uuid.UUID(int=52)


def label(french, english=None):
    return Label(french, english or f"{french} (en)")


class Form(marshmallow.Schema):
    subject = forms.text(label("Objet", "Subject"), needed=True, help=label("Ce que vous demandez", "What you claim"))
    year = forms.year(label("Année", "Year"))
    why = forms.text(label("Raisons", "Reasons"), rows=4)
    on = forms.day(label("Jour", "Day"))
    fuel = forms.choice(label("Carburant", "Fuel"), {"GNR": label("Gazole", "Gas oil"), "FL": label("Fioul", "Fuel oil")})
    amount = forms.money(label("Montant demandé", "Amount claimed"), guide=forms.Guide("aide", label("Calculer", "Work out")))
    account = forms.text(label("Compte", "Account"), suggests=forms.BANK_DETAILS)
    total = forms.money(label("Total", "Total"), worked_out=True)
    honest = forms.tick(label("J'atteste", "I attest"), must=True)


class Line(marshmallow.Schema):
    volume = forms.number(label("Volume", "Volume"), needed=True, unit="hl")
    fuel = forms.choice(label("Type", "Type"), {"GNR": label("Gazole", "Gas oil")})
    amount = forms.money(label("Calculé", "Worked out"), worked_out=True)


WideLine = marshmallow.Schema.from_dict(
    {
        **{f"field{number}": forms.money(label(f"Champ {number}")) for number in range(8)},
        "costs": forms.money(
            label("Frais", "Costs"), help=label("Case F30", "Cell F30"), guide=forms.Guide("aide", label("Détail", "Detail"))
        ),
        "amount": forms.money(label("Calculé", "Worked out"), worked_out=True),
    },
    name="WideLine",
)


TABLE = Lifecycle(
    "aide",
    [
        Transition("BROUILLON", "MISE_A_DISPOSITION", "fermier", call="send"),
        Transition("MISE_A_DISPOSITION", "SERVICE_FAIT", "instructeur"),
        Transition(
            "MISE_A_DISPOSITION",
            "REJETEE",
            "instructeur",
            motive="required",
            motives=[Motive("AUTRE", label("Autre")), Motive("MONTANT", label("Montant"), blocked=label("Corrigez-le."))],
        ),
    ],
)


def a_kind(**changes):
    values = {
        "key": "aide",
        "label": label("Demande d'aide", "Claim of aid"),
        "roles": [
            Role("fermier", label("Fermier", "Farmer")),
            Role("instructeur", label("Instructeur", "Instructor"), espace="instruction", structure_types={"public"}, has_service=True),
            Role("etat", label("État", "State"), espace="instruction", always="11000201100044"),
        ],
        "cadres": [
            Cadre("D1", label("Première demande", "First claim"), "fermier", needs=["instructeur"], may_name=["etat"]),
            Cadre("D2", label("Complément", "Addition"), "fermier", needs=["instructeur"], after={"D1"}),
        ],
        "lifecycles": [TABLE],
        "form": Form,
        "line": Line,
        "numbering": "typed",
        "has_dossier": True,
        "help": label("Remplissez le formulaire.", "Fill in the form."),
    }
    return RequestKind(**(values | changes))


class Aides:
    """An espace that brings a kind of request, with a page of its own."""

    def __init__(self, *kinds, pages=True):
        self.kinds, self.pages = kinds or (a_kind(),), pages

    @hookimpl
    def espace_manifest(self):
        return Manifest("aides", Label("Aides agricoles", "Farm aid"), Label("Aides", "Aid"))

    @hookimpl
    def espace_requests(self):
        return list(self.kinds)

    @hookimpl
    def espace_pages(self, context):
        page = Page("aide", label("Mode d'emploi", "Manual"), lambda request: PageContent("Mode d'emploi", Html("<p>Voici.</p>")))
        return [page] if self.pages else []


class Instruction:
    """An espace without pages and kinds of its own: the instructors' role works in it."""

    @hookimpl
    def espace_manifest(self):
        return Manifest("instruction", Label("Instruction", "Instruction"), Label("Instruit", "Instructs"))


def a_party(role="fermier", **changes):
    known = {
        "fermier": {"structure_id": SUPPLIER, "identifier": "12345678200010", "name": f"Atelier {EVIL}", "espace": "aides"},
        "instructeur": {
            "structure_id": TOWN,
            "identifier": "21750001600019",
            "name": "Ville de Test",
            "espace": "instruction",
            "code_service": "VOIRIE",
        },
    }
    values = {"role": role, "role_label_fr": role.capitalize(), "role_label_en": f"{role} en", "acts": False, "sees": True}
    return calls.RequestParty(**(values | known[role] | changes))


def a_request(**changes):
    values = {
        "request_id": REQUEST,
        "portal_number": 501,
        "espace": "aides",
        "kind": "aide",
        "kind_label_fr": "Demande d'aide",
        "kind_label_en": "Claim of aid",
        "cadre": "D1",
        "number": f"A-1 {EVIL}",
        "status": "MISE_A_DISPOSITION",
        "status_label_fr": "Mise à disposition",
        "status_label_en": "Made available",
        "version": 4,
        "created_at": NOW,
        "sent_at": NOW,
        "status_at": NOW,
        "due_at": NOW + datetime.timedelta(days=15),
        "dossier_id": DOSSIER,
        "dossier_number": "DOS-7",
        "maker_role": "fermier",
        "maker_structure_id": SUPPLIER,
        "maker_name": f"Atelier {EVIL}",
        "net": decimal.Decimal("1000.00"),
        "vat": decimal.Decimal("0.00"),
        "gross": decimal.Decimal("1000.00"),
        "parties": [a_party(), a_party("instructeur")],
        "roles": ["fermier"],
        "acts": False,
        "form": {"subject": f"Gazole {EVIL}", "year": 2025, "on": "2026-03-01", "fuel": "GNR", "amount": "1000.00", "honest": True},
        "lines": [{"volume": "12.50", "fuel": "GNR", "amount": "25.00"}],
        "documents": [a_document()],
        "findings": [],
        "moves": [],
        "next_cadres": [],
        "history": [an_entry()],
        "delay": [DelayEvent(kind="START", on=datetime.date(2026, 3, 15), days=30, due_on=datetime.date(2026, 4, 14), effect=True)],
        "can_edit": False,
    }
    return calls.Request(**(values | changes))


def a_draft(**changes):
    values = {
        "status": "BROUILLON",
        "status_label_fr": "Brouillon",
        "status_label_en": "Draft",
        "sent_at": None,
        "due_at": None,
        "delay": None,
        "can_edit": True,
        "acts": True,
        "history": [],
    }
    values |= changes
    whole = {name: value for name, value in a_request().values.items() if name not in values}
    return calls.Request(**{name: value for name, value in {**whole, **values}.items() if value is not None})


def a_summary(**changes):
    whole, names = a_request(**changes).values, calls.RequestSummary.declared
    return calls.RequestSummary(**{name: value for name, value in whole.items() if name in names and value is not None})


def a_document(**changes):
    values = {
        "document_id": DOCUMENT,
        "name": "facture.pdf",
        "mime": "application/pdf",
        "size": 1200,
        "sha256": "e" * 64,
        "made": False,
        "added_at": NOW,
        "line": 1,
        "designation": f"Facture {EVIL}",
    }
    return calls.RequestDocument(**(values | changes))


def an_entry(**changes):
    values = {
        "number": 1,
        "at": NOW,
        "actor": "user",
        "actor_name": f"Camille {EVIL}",
        "structure_name": "Atelier Duval",
        "action": "send",
        "status_to": "MISE_A_DISPOSITION",
        "digest": "d" * 64,
    }
    return HistoryEntry(**(values | changes))


def a_move(to="SERVICE_FAIT", **changes):
    values = {
        "to": to,
        "role": "instructeur",
        "label_fr": f"Vers {to}",
        "label_en": f"To {to}",
        "motive_required": False,
        "documents": False,
    }
    return calls.RequestMove(**(values | changes))


def a_motive(code="AUTRE"):
    return CodedMotive(code=code, label_fr=f"Motif {code}", label_en=f"Motive {code}")


def a_finding(term, **changes):
    values = {"rule": "essai", "severity": "error", "term": term, "message": f"Faux : {term}", "remedy": f"Corrigez {term}."}
    return Finding(**(values | changes))
