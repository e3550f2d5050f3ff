"""The whole table of the right to act: every call of invoicing, by everybody, on what is his structure's and what is another's."""

import itertools
import uuid

import marshmallow
import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.admission import AS_PERSON, FOR_SOMEBODY, NO, OWN, UNSEEN, YES
from pupitre_contracts import catalogue, errors, invoicing_entry
from pupitre_contracts import invoicing as contract
from pupitre_contracts import requests as asking
from pupitre_espaces import (
    Cadre,
    Completed,
    Label,
    Lifecycle,
    MadeFile,
    Manifest,
    RequestKind,
    Role,
    Transition,
    hookimpl,
)
from pupitre_espaces.discovery import Source
from pupitre_espaces.lifecycle import DRAFT
from pupitre_invoicing import right_to_act as table
from pupitre_invoicing.service import InvoicingService

CALLS = {call.method: call for call in catalogue.CALLS if call.service == "invoicing"}
TABLE = table.RIGHTS.table
ALLOWED, FORBIDDEN, HIDDEN = "allowed", "forbidden", "hidden"
ENTRY = invoicing_entry.Entry(recipient_siret="90000002000019")
FILE = {"name": "bon.pdf", "mime": "application/pdf"}
EMITTED, RECEIVED = "factures-emises", "factures-recues"
LABEL = Label("Essai", "Trial")
RECORD = {"espace": EMITTED, "collection": "notes", "key": "une"}
_numbers = itertools.count(1)


class Essai:
    """An espace whose one kind of request has the espaces of invoices for its roles."""

    @hookimpl
    def espace_manifest(self):
        return Manifest(key="essai", label=LABEL, description=LABEL)

    @hookimpl
    def espace_requests(self):
        passages = [
            Transition(DRAFT, "MISE_A_DISPOSITION", "demandeur", call="send"),
            Transition("MISE_A_DISPOSITION", "SERVICE_FAIT", "destinataire"),
        ]
        yield RequestKind(
            key="essai",
            label=LABEL,
            roles=(Role("demandeur", LABEL, espace=EMITTED), Role("destinataire", LABEL, espace=RECEIVED)),
            cadres=(Cadre("A1", LABEL, "demandeur", needs=("destinataire",)),),
            lifecycles=(Lifecycle("essai", passages),),
            form=marshmallow.Schema,
            complete=lambda draft: Completed({}, files=(MadeFile("note.txt", "text/plain", b"note"),)),
            has_dossier=True,
        )


@pytest.fixture
def plugins():
    return [Source.of(Essai())]


class Everybody:
    """Somebody of every relation to the supplier, and to the recipient of its invoices."""

    def __init__(self, stage):
        self.stage, self.side = stage, {}
        for name, structure, espace in (("supplier", stage.supplier, EMITTED), ("recipient", stage.body, RECEIVED)):
            self.side[name] = {
                table.OPERATOR: Actor.service("operator"),
                table.SERVICE: Actor.service("notifications"),
                table.MODIFICATION: stage.world.user((structure, espace, "MODIFICATION")),
                table.CONSULTATION: stage.world.user((structure, espace, "CONSULTATION")),
                table.NO_ESPACE: stage.world.user((structure, "", "")),
                table.STRANGER: self._elsewhere(Actor("user", str(uuid.uuid4()))),
                table.TECHNICAL: Actor("technical", str(uuid.uuid4()), structure_id=structure.structure_id),
                table.ELSEWHERE: self._elsewhere(Actor("technical", str(uuid.uuid4()), structure_id=self.other.structure_id)),
                table.ANONYMOUS: None,
            }
            stage.world.grant(self.side[name][table.TECHNICAL], (structure, espace, "MODIFICATION"))

    def _elsewhere(self, actor):
        """Who may do everything for another structure."""
        self.other = getattr(self, "other", None) or self.stage.world.structure("90000009000010", "Ailleurs", public=True)
        self.stage.world.grant(actor, (self.other, EMITTED, "MODIFICATION"), (self.other, RECEIVED, "MODIFICATION"))
        return actor

    def draft(self):
        return self.stage.prepare(self.stage.file(f"D-{next(_numbers)}")).invoice

    def sent(self):
        return self.stage.sent(f"S-{next(_numbers)}")

    def entry(self):
        values = {"structure_id": self.stage.supplier.structure_id, "entry": ENTRY}
        return self.stage.call(self.stage.writer, invoicing_entry.SaveEntry, **values).state.invoice

    def back(self, status):
        return self.stage.move(self.sent(), status, self.stage.agent, motive="mauvais destinataire")

    def deposit(self):
        content = self.stage.file(f"F-{next(_numbers)}")
        return {
            "structure_id": self.stage.supplier.structure_id,
            "sha256": self.stage.blobs.put(content),
            "size": len(content),
        }


    def request(self):
        """A request whose two sides are the ones of invoices: a draft of the supplier."""
        parties = [asking.NamedParty(role="destinataire", identifier=self.stage.BUYER)]
        values = {"structure_id": self.stage.supplier.structure_id, "espace": "essai", "kind": "essai", "cadre": "A1", "parties": parties}
        return self.stage.call(self.stage.writer, asking.SaveRequest, **values).request

    def sent_request(self):
        return self.stage.call(self.stage.writer, asking.SendRequest, **about(self.request(), "version")).request

    def file(self):
        sent = self.sent_request()
        return about(sent) | {"document_id": sent.documents[0].document_id}

    def record(self, **values):
        """A document of an espace that is there."""
        record = RECORD | {"structure_id": self.stage.supplier.structure_id}
        self.stage.call(self.stage.writer, asking.PutRecord, **record, document={})
        return record | values


def about(request, *names, **values):
    return {"request_id": request.request_id, **{name: getattr(request, name) for name in names}, **values}


def of(invoice, *names, **values):
    return {"invoice_id": invoice.invoice_id, **{name: getattr(invoice, name) for name in names}, **values}


def wanted(invoice):
    return contract.WantedMove(invoice_id=invoice.invoice_id, version=invoice.version, to="SERVICE_FAIT")


#: What each call is asked, and from which side; names after a colon are the same call from the other one.
ASKED = {
    "check_file": ("supplier", lambda world: {"sha256": world.deposit()["sha256"]}),
    "prepare_invoice": ("supplier", lambda world: world.deposit() | {"name": "facture.xml"}),
    "send_invoice": ("supplier", lambda world: of(world.draft(), "version")),
    "delete_draft": ("supplier", lambda world: of(world.draft())),
    "recycle_invoice": ("supplier", lambda world: of(world.back("A_RECYCLER"), "version", comment="x")),
    "move_invoice": ("recipient", lambda world: of(world.sent(), "version", to="SERVICE_FAIT")),
    "save_entry": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id, "entry": ENTRY}),
    "save_entry: draft": ("supplier", lambda world: of(world.entry(), "version", entry=ENTRY)),
    "get_entry": ("supplier", lambda world: of(world.entry())),
    "confirm_entry": ("supplier", lambda world: of(world.entry(), "version")),
    "copy_invoice": ("supplier", lambda world: of(world.entry())),
    "read_pdf": ("supplier", lambda world: {name: world.deposit()[name] for name in ("structure_id", "sha256")}),
    "keep_file": ("supplier", lambda world: world.deposit() | FILE),
    "kept_files": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id, "portal_numbers": []}),
    "process_invoices": ("recipient", lambda world: {"moves": [wanted(world.sent())]}),
    "acknowledge_returns": ("supplier", lambda world: {"invoice_ids": [world.back("SUSPENDUE").invoice_id]}),
    "treat_rejection": ("supplier", lambda world: of(world.back("REJETEE"))),
    "list_returns": ("supplier", lambda world: {}),
    "search_invoices": ("supplier", lambda world: {"side": "issued", "structure_id": world.stage.supplier.structure_id}),
    "search_invoices: received": ("recipient", lambda world: {"side": "received", "structure_id": world.stage.body.structure_id}),
    "search_invoices_of_role": ("supplier", lambda world: {"espace": EMITTED, "structure_id": world.stage.supplier.structure_id}),
    "get_invoice": ("supplier", lambda world: of(world.sent())),
    "get_invoice: draft": ("supplier", lambda world: of(world.draft())),
    "get_invoice: received": ("recipient", lambda world: of(world.sent())),
    "document_file": ("supplier", lambda world: of(world.sent(), kind="original")),
    "document_file: received": ("recipient", lambda world: of(world.sent(), kind="original")),
    "original_files": ("supplier", lambda world: {"invoice_ids": [world.sent().invoice_id]}),
    "original_files: received": ("recipient", lambda world: {"invoice_ids": [world.sent().invoice_id]}),
    "export_invoice": ("supplier", lambda world: of(world.sent(), form="everything")),
    "export_invoice: received": ("recipient", lambda world: of(world.sent(), form="everything")),
    "deposit_flux": ("supplier", lambda world: world.deposit() | {"file_name": "f.xml", "syntaxe_flux": "IN_DP_E1_UBL_INVOICE"}),
    "get_flux": ("supplier", lambda world: {"numero_flux": world.stage.deposit_flux(b"x").numero_flux}),
    "read_flux_report": ("supplier", lambda world: {"numero_flux": world.stage.deposit_flux(b"x").numero_flux}),
    "search_flux": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id}),
    "export_invoices": ("supplier", lambda world: {"side": "issued", "structure_id": world.stage.supplier.structure_id}),
    "export_invoices: received": ("recipient", lambda world: {"side": "received", "structure_id": world.stage.body.structure_id}),
    "export_flux": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id}),
    "export_requests": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id}),
    "export_requests: received": ("recipient", lambda world: {"structure_id": world.stage.body.structure_id}),
    "export_records": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id}),
    "count_work": ("supplier", lambda world: {}),
    "verify_history": ("supplier", lambda world: {}),
    "partners_of_structure": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id}),
    "list_expired": ("supplier", lambda world: {}),
    "propose_elimination": ("supplier", lambda world: {"by": "Alix"}),
    "record_visa": ("supplier", lambda world: {"number": 1, "by": "Noé", "reference": "AD 1", "digest": "0" * 64}),
    "withdraw_elimination": ("supplier", lambda world: {"number": 1, "by": "Alix"}),
    "eliminate_invoices": ("supplier", lambda world: {"number": 1, "by": "Alix"}),
    "list_eliminations": ("supplier", lambda world: {}),
    "get_elimination": ("supplier", lambda world: {"number": 1}),
    "place_hold": ("supplier", lambda world: {"structure_id": world.stage.supplier.structure_id, "reason": "litige", "by": "Alix"}),
    "release_hold": ("supplier", lambda world: {"number": 1, "reason": "jugé", "by": "Alix"}),
    "list_holds": ("supplier", lambda world: {}),
    "save_request": (
        "supplier",
        lambda world: {"structure_id": world.stage.supplier.structure_id, "espace": "essai", "kind": "essai", "cadre": "A1"},
    ),
    "save_request: draft": ("supplier", lambda world: about(world.request(), "version")),
    "send_request": ("supplier", lambda world: about(world.request(), "version")),
    "delete_request": ("supplier", lambda world: about(world.request(), "version")),
    "move_request": ("recipient", lambda world: about(world.sent_request(), "version", to="SERVICE_FAIT")),
    "get_request": ("supplier", lambda world: about(world.sent_request())),
    "get_request: draft": ("supplier", lambda world: about(world.request())),
    "get_request: received": ("recipient", lambda world: about(world.sent_request())),
    "request_file": ("supplier", lambda world: world.file()),
    "request_file: received": ("recipient", lambda world: world.file()),
    "search_requests": ("supplier", lambda world: {"espace": EMITTED, "structure_id": world.stage.supplier.structure_id}),
    "get_dossier": ("supplier", lambda world: {"dossier_id": world.sent_request().dossier_id}),
    "get_dossier: received": ("recipient", lambda world: {"dossier_id": world.sent_request().dossier_id}),
    "count_requests": ("supplier", lambda world: {}),
    "get_record": ("supplier", lambda world: world.record()),
    "put_record": ("supplier", lambda world: world.record(document={"a": 1})),
    "delete_record": ("supplier", lambda world: world.record()),
    "search_records": ("supplier", lambda world: {name: value for name, value in world.record().items() if name != "key"}),
}


#: What somebody who may is told here: the file is no PDF, the engine of these tests makes no files to export, and nothing has been kept
#: for ten years.
BEYOND = {
    "read_pdf": errors.InvoiceRefused,
    "export_invoice": errors.Internal,
    "propose_elimination": errors.NothingExpired,
    **dict.fromkeys(("record_visa", "withdraw_elimination", "eliminate_invoices", "get_elimination", "release_hold"), errors.NotFound),
}


#: A call may be promised before it is kept.
OFFERED = {action: asked for action, asked in ASKED.items() if hasattr(InvoicingService, action.partition(":")[0])}


@pytest.fixture
def everybody(stage):
    stage.hold("process-flux")
    return Everybody(stage)


def method(action):
    return action.partition(":")[0]


def row_of(action):
    """The row of an action: of its own, or that of its call."""
    return TABLE.get(action, TABLE[method(action)])


def outcome(bus, action, values):
    """Ask, and say what came of it; anything but a refusal of rights fails the test."""
    try:
        reply = bus.call(CALLS[method(action)], **values)
    except BEYOND.get(method(action), ()):
        return ALLOWED
    except (errors.Forbidden, errors.ActorMissing):
        return FORBIDDEN
    except errors.NotFound:
        return HIDDEN
    if action == "process_invoices":
        return {None: ALLOWED, errors.Forbidden.code: FORBIDDEN, errors.NotFound.code: HIDDEN}[reply.lines[0].code]
    return ALLOWED


def expected(action, relation):
    return {YES: ALLOWED, OWN: ALLOWED, NO: FORBIDDEN, UNSEEN: HIDDEN}[row_of(action)[relation]]


@pytest.mark.requirement("RS-40")
def test_every_call_has_its_row_and_every_row_its_call():
    offered = {name for name in CALLS if hasattr(InvoicingService, name)}
    assert offered <= set(map(method, TABLE)) == set(CALLS) == set(map(method, ASKED))
    assert {action for action in TABLE if ":" in action} <= set(ASKED)
    assert {name for name, row in TABLE.items() if row[table.ANONYMOUS] == YES} == {
        name for name, call in CALLS.items() if call.anonymous
    }


@pytest.mark.requirement("RS-40")
@pytest.mark.requirement("R101")
@pytest.mark.requirement("R162")
def test_the_whole_table_holds(everybody, caller):
    # A connection for each of them, not for each call: the broker has no thousand to give.
    buses = {side: {name: caller(actor) for name, actor in people.items()} for side, people in everybody.side.items()}
    wrong, tried = [], 0
    for action, (side, ask) in OFFERED.items():
        refused = ask(everybody)
        for relation, bus in buses[side].items():
            wanted = expected(action, relation)
            found = outcome(bus, action, ask(everybody) if wanted == ALLOWED else refused)
            tried += 1
            if found != wanted:
                wrong.append((action, relation, wanted, found))
    assert not wrong
    assert tried == len(OFFERED) * (len(table.RIGHTS.relations) - 1)


@pytest.mark.requirement("RS-40")
def test_a_service_that_acts_for_somebody_has_no_more_than_the_table_says(everybody, caller):
    buses = {
        (side, relation): caller(Actor.service("portal", behalf_of=people[relation]))
        for side, people in everybody.side.items()
        for relation in (table.MODIFICATION, table.STRANGER)
    }
    wrong = []
    for action, (side, ask) in OFFERED.items():
        refused, cell = ask(everybody), row_of(action)[FOR_SOMEBODY]
        for relation in (table.MODIFICATION, table.STRANGER):
            wanted = expected(action, relation if cell == AS_PERSON else FOR_SOMEBODY)
            behalf = buses[side, relation]
            if outcome(behalf, action, ask(everybody) if wanted == ALLOWED else refused) != wanted:
                wrong.append((action, relation))
    assert not wrong


@pytest.mark.requirement("RS-40")
def test_what_awaits_somebody_is_counted_in_his_own_structures_alone(everybody, caller):
    everybody.draft()
    counted = {
        relation: {each.structure_id for each in caller(actor).call(contract.CountWork).counts}
        for relation, actor in everybody.side["supplier"].items()
        if TABLE["count_work"][relation] == OWN
    }
    supplier = everybody.stage.supplier.structure_id
    assert {relation for relation, found in counted.items() if supplier in found} == {
        table.MODIFICATION,
        table.CONSULTATION,
        table.TECHNICAL,
    }
