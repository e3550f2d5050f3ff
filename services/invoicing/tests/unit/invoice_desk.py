"""The use cases of invoicing on a SQLite file, without a bus: a supplier, two public bodies and their people, a clock to be moved."""

import datetime
import json
import uuid
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pupitre_bus import tables as platform
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_bus.database import Database
from pupitre_bus.scope import Scope
from pupitre_bus.sealing import KeySealer
from pupitre_contracts import invoicing as contract
from pupitre_contracts import organisation
from pupitre_espaces.host import Host
from pupitre_invoicing import circuits, model, parties, payment_rules, routing, storing, tables
from pupitre_invoicing.checking import Judgement
from pupitre_invoicing.deposit import Depositor, Examined, File
from pupitre_invoicing.model import ReadInvoice

ISSUED, RECEIVED = "factures-emises", "factures-recues"
START = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)


class Desk:
    """``call`` does what the bus does: a scope for the call, its stored answer first."""

    def __init__(
        self, folder: Any, at: datetime.datetime = START, rules: payment_rules.PaymentRules | None = None, plugins: Any = ()
    ) -> None:
        self.clock = FrozenClock(at)
        self.database = Database(f"sqlite:///{folder}/desk-{uuid.uuid4().hex}.sqlite3", "invoicing", self.clock)
        with self.database.transaction() as tx:
            for metadata in (platform.metadata, tables.metadata):
                metadata.create_all(tx.connection)
        self.sealer = KeySealer(Ed25519PrivateKey.generate())
        host = Host("invoicing", discover=False, plugins=plugins)
        means = {"espaces": host, "sealer": self.sealer, "payment": rules or payment_rules.packaged()}
        self.resources = SimpleNamespace(**means, anchors=None, blobs=None)
        self.structures: dict[uuid.UUID, organisation.Structure] = {}
        self.rights: dict[str, list[organisation.StructureRights]] = {}
        self.supplier = self.structure("90000001000012", "Fournitures du Quai", public=False)
        self.body = self.structure("90000002000019", "Commune d'Exempleville")
        self.other = self.structure("90000004000013", "Autre commune")
        self.writer = self.user((self.supplier, ISSUED, "MODIFICATION"))
        self.reader = self.user((self.supplier, ISSUED, "CONSULTATION"))
        self.agent = self.user((self.body, RECEIVED, "MODIFICATION"))
        self.watcher = self.user((self.body, RECEIVED, "CONSULTATION"))
        self.other_agent = self.user((self.other, RECEIVED, "MODIFICATION"))
        self.stranger = self.user()

    def structure(self, identifier: str, name: str, public: bool = True) -> organisation.Structure:
        made = organisation.Structure(
            structure_id=uuid.uuid4(),
            portal_number=len(self.structures) + 1,
            identifier_type="SIRET",
            identifier=identifier,
            siret=identifier,
            name=name,
            type="PUBLIC" if public else "PRIVATE",
            active=True,
            address=organisation.Address(city="Bordeaux"),
            parameters=organisation.Parameters(),
            services=[],
            espaces=[ISSUED, RECEIVED] if public else [ISSUED],
        )
        self.structures[made.structure_id] = made
        return made

    def user(self, *rights: tuple[organisation.Structure, str, str]) -> Actor:
        actor = Actor("user", str(uuid.uuid4()), "Camille Durand")
        self.rights[actor.id] = [
            organisation.StructureRights(
                structure_id=structure.structure_id,
                portal_number=structure.portal_number,
                identifier=structure.identifier,
                name=structure.name,
                type=structure.type,
                role="US",
                espaces=[organisation.EspaceRight(espace=espace, profile=profile)],
            )
            for structure, espace, profile in rights
        ]
        return actor

    def answer(self, call: Any, **values: Any) -> Any:
        """What organisation says."""
        if call is organisation.RightsOfActor:
            return organisation.RightsOfActor.Reply(structures=self.rights[str(values["actor_id"])], mandants=[])
        assert call is organisation.ResolveRecipients, call
        by_siret = {each.siret: each for each in self.structures.values()}
        found = [
            organisation.ResolvedRecipient(
                siret=each.siret, code_service=each.code_service, structure=by_siret.get(each.siret), suggestions=[]
            )
            for each in values["recipients"]
        ]
        return organisation.ResolveRecipients.Reply(recipients=found)

    def scope(self, actor: Actor, call: Any = None, request: Any = None, key: str | None = None) -> Scope:
        return Scope(
            database=self.database,
            clock=self.clock,
            resources=self.resources,
            bus=SimpleNamespace(call=self.answer),
            actor=actor,
            call=call,
            request=request,
            idempotency_key=key,
        )

    def call(self, use_case: Any, call: Any, actor: Actor, key: str | None = None, **values: Any) -> Any:
        request = call.Request(**values)
        scope = self.scope(actor, call, request, key or str(uuid.uuid4()))
        stored = scope.stored_answer() if call.writes else None
        return stored if stored is not None else use_case(request, scope)

    def sent(self, number: str, gross: str = "120.00", recipient: Any = None, named: Any = None, **changes: Any) -> uuid.UUID:
        """Deposit an invoice that is sent at once, and return its identifier; ``named`` are those who validate it, by role."""
        to = recipient or self.body
        values = {
            "number": number,
            "kind": "FACTURE",
            "cadre": "A1",
            "cadre_code": "S1",
            "issue_date": datetime.date(2020, 1, 1),
            "currency": "EUR",
            "net": None,
            "vat": None,
            "gross": storing.Decimal(gross),
            "due": storing.Decimal(gross),
            "seller_name": self.supplier.name,
            "seller_siret": self.supplier.siret,
            "seller_siren": None,
            "recipient_name": to.name,
            "recipient_siret": to.siret,
            "code_service": None,
            "engagement": None,
            "contract": None,
            **changes,
        }
        circuit = circuits.of_cadre(self.resources.espaces, values["cadre"], model.civil_date(self.clock.now()))
        who = tuple(parties.Party(circuit.cadre.role(role), circuit.espace, each) for role, each in (named or {}).items())
        examined = Examined(ReadInvoice(**values), routing.Route(to, None, ()), (), circuit, who)
        judgement = Judgement("valid", None, "ubl-invoice", "en16931", (), {}, {})
        sent = storing.Sent(uuid.uuid4(), examined, judgement, File("0" * 64, 1, "f.xml", "application/xml"))
        by = Depositor(self.supplier, (self.supplier.structure_id,), self.writer.reference, self.writer.name, None)
        with self.scope(self.writer).begin() as tx:
            storing.store_sent(tx, self.sealer, by, [sent], "UPLOAD_PORTAIL", "FLUX-1")
        return sent.invoice_id

    def row(self, invoice_id: uuid.UUID) -> Any:
        with self.database.reading() as db:
            return db.execute(sa.select(tables.invoice).where(tables.invoice.c.invoice_id == invoice_id)).mappings().one()

    def rows(self, table: sa.Table, *where: Any) -> list[Any]:
        with self.database.reading() as db:
            return list(db.execute(sa.select(table).where(*where)).mappings())

    def told(self, name: str = "invoice.moved.v1") -> list[dict[str, Any]]:
        rows = self.rows(platform.outbox, platform.outbox.c.type == name)
        return [json.loads(row["body"]) for row in sorted(rows, key=lambda row: row["seq"])]


def as_move(desk: Desk, actor: Actor, invoice_id: uuid.UUID, to: str, **values: Any) -> Any:
    """Make a move as the caller sees the invoice now; return the whole reply."""
    from pupitre_invoicing import moves

    version = desk.row(invoice_id)["version"]
    return desk.call(
        moves.move_invoice, contract.MoveInvoice, actor, invoice_id=invoice_id, version=version, to=to, **values
    )
