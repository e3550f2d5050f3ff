"""A public body that opened the espace, its people, and the invoices that it receives."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from pupitre_espace_processus_de_validation import circuit, hooks
from pupitre_espaces import Label, PageRequest, PortRefused, Ports, Redirect, User
from pupitre_espaces.ports import Member
from pupitre_espaces.testing import a_context, a_host, a_received_invoice, a_structure
from pupitre_espaces.testing_desk import Desk

KEY = "processus-de-validation"
TOWN = a_structure(id="town", siret="21750001600019", name="Ville de Test", type="public")
NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)
CHIEF, ANNA, BENO = (User(name.lower(), name, name == "Chef") for name in ("Chef", "Anna", "Béno"))
STAFF = (Member("anna", "Anna", True), Member("béno", "Béno", True), Member("chef", "Chef", True), Member("lea", "Léa", False))
MOVED = {
    "number": "F-2024-17", "status_from": None, "by": "system", "motive": None, "comment": None, "supplier_structure_id": "s",
    "supplier_name": "S", "recipient_structure_id": "town", "recipient_name": "Ville", "currency": "EUR", "gross": Decimal("120.00"),
}  # fmt: skip


class Members:
    def __init__(self, user):
        self.user = user

    def all(self):
        if not self.user.manages_users:
            raise PortRefused("forbidden", "not yours")
        return STAFF


class Body:
    """A public body that opened the espace, with its pages and the invoices that it receives."""

    def __init__(self):
        self.desk = Desk(hooks, NOW)
        self.host = a_host(hooks)

    def ask(self, slug, user, form=None, query=None, language="fr", profile="MODIFICATION"):
        ports = Ports(records=self.desk.records(TOWN), members=Members(user))
        context = a_context(language, structure=TOWN, user=user, clock=self.desk.clock, ports=ports)
        request = PageRequest(context, profile, lambda to: f"/espaces/{KEY}/{to}?structure=1", query or {}, form or {})
        return (self.host.page if form is None else self.host.submit)(KEY, slug, request)

    def rule(self, user=CHIEF, first=("anna",), second=(), **form):
        ticked = {f"etape1.{each}": "1" for each in first} | {f"etape2.{each}": "1" for each in second}
        return self.ask("regles", user, {"acte": "ajouter", **form, **ticked})

    def end(self, key="regle-0001", user=CHIEF):
        return self.ask("regles", user, {"acte": "terminer", "regle": key})

    def tell(self, invoice, to=None, **changes):
        self.desk.invoices[invoice.id] = invoice
        data = {**MOVED, "invoice_id": invoice.id, "portal_number": invoice.portal_number, "status_to": to or invoice.status, **changes}
        self.desk.fire("invoice.moved.v1", TOWN, roles={"recipient"}, **data)
        return invoice

    def receive(self, number=17, **changes):
        values = {"id": UUID(int=number), "number": f"F-{number}", "portal_number": number, "received_at": self.desk.clock.now()}
        return self.tell(a_received_invoice(**values | changes))

    def moves(self, invoice, status, **changes):
        return self.tell(replace(invoice, status=status, status_label=Label(status, status), **changes))

    def document(self, invoice):
        found = self.desk.records(TOWN).get(circuit.COLLECTION, circuit.key_of(invoice.portal_number))
        return found.document if found else None

    def decides(self, invoice, user, act, motive="", **form):
        return self.ask("facture", user, {"acte": act, "motif": motive, **form}, {"f": circuit.key_of(invoice.portal_number)})

    def page(self, invoice, user, **options):
        return self.ask("facture", user, query={"f": circuit.key_of(invoice.portal_number)}, **options).body

    def why(self, invoice, language="fr"):
        return " ".join(each.why.text(language) for each in self.desk.objections(invoice, TOWN))

    def opens(self):
        self.desk.fire("espace.opened.v1", TOWN, structure_id=TOWN.id, structure_name=TOWN.name, espace=KEY)


def said(answer):
    assert not isinstance(answer, Redirect), answer
    return answer.status, answer.body
