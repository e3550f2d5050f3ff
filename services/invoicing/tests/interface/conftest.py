"""The service on both buses, with a fake organisation and, where the engine is not the subject, a fake engine."""

import contextlib
import datetime
import io
import json
import sys
import tarfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pupitre_bus import leases, settings
from pupitre_bus.actors import Actor
from pupitre_bus.blobs import BlobStore
from pupitre_bus.testing import wait_until
from pupitre_bus.write_once import WriteOnce
from pupitre_contracts import account_documents, errors, organisation, structure_documents
from pupitre_contracts import invoicing as contract
from pupitre_espaces.host import Host
from pupitre_invoicing import resources as means
from pupitre_bus.sealing import KeySealer
from pupitre_invoicing.service import InvoicingService
from support import invoice_factory as factory
from support.fake_engine import FakeEngine
from support.real_engine import RealEngine

# The folder is no package: this is how the fakes beside this file are found.
sys.path.insert(0, str(Path(__file__).parent))
from fake_accounts import FakeAccounts

EMITTED, RECEIVED = "factures-emises", "factures-recues"


class World:
    """The structures and rights that the fake organisation knows; tests change them as they go."""

    def __init__(self) -> None:
        self.structures: dict[uuid.UUID, organisation.Structure] = {}
        self.rights: dict[str, list[organisation.StructureRights]] = {}
        self.mandants: dict[str, list[organisation.Mandant]] = {}
        self.calls: list[str] = []
        #: In whose name a structure was read.
        self.asked_for_structures: list[str] = []
        self.accounts = FakeAccounts()
        self.kept: set[str] = set()
        self.own: set[str] = set()

    def structure(
        self, identifier: str, name: str, *, public: bool = False, services: Any = (), **parameters: Any
    ) -> Any:
        """Add a structure; ``services`` are (code, active, requires_engagement)."""
        made = organisation.Structure(
            structure_id=parameters.pop("structure_id", None) or uuid.uuid4(),
            portal_number=len(self.structures) + 1,
            identifier_type="SIRET",
            identifier=identifier,
            siret=identifier,
            name=name,
            type="PUBLIC" if public else "PRIVATE",
            active=parameters.pop("active", True),
            address=organisation.Address(line="1 quai Sud", postal_code=parameters.pop("postal_code", "33000"), city="Bordeaux"),
            parameters=organisation.Parameters(**parameters),
            services=[_service(number, *each) for number, each in enumerate(services, 1)],
            espaces=[EMITTED, RECEIVED, "controles"] if public else [EMITTED, "controles"],
        )
        self.structures[made.structure_id] = made
        return made

    def user(self, *rights: tuple[Any, str, str], name: str = "Camille Durand", limited: Any = None) -> Actor:
        """Make a user with (structure, espace, profile); an empty espace attaches him without any habilitation."""
        actor = Actor("user", str(uuid.uuid4()), name)
        self.grant(actor, *rights, limited=limited)
        return actor

    def grant(self, actor: Actor, *rights: tuple[Any, str, str], limited: Any = None) -> None:
        by_structure: dict[uuid.UUID, list[organisation.EspaceRight]] = {}
        for structure, espace, profile in rights:
            espaces = by_structure.setdefault(structure.structure_id, [])
            if espace:
                espaces.append(organisation.EspaceRight(espace=espace, profile=profile, structure_service_ids=limited))
        self.rights[actor.id] = [self._rights(structure_id, espaces) for structure_id, espaces in by_structure.items()]

    def _rights(self, structure_id: uuid.UUID, espaces: list[organisation.EspaceRight]) -> organisation.StructureRights:
        each = self.structures[structure_id]
        return organisation.StructureRights(
            structure_id=structure_id,
            portal_number=each.portal_number,
            identifier=each.identifier,
            name=each.name,
            type=each.type,
            role="US",
            espaces=espaces,
        )

    def replies(self) -> dict[Any, Callable]:
        return {
            organisation.RightsOfActor: self._answer_rights,
            organisation.GetStructure: self._answer_structure,
            organisation.EspacesOfStructures: self._answer_espaces,
            organisation.ResolveRecipients: self._answer_recipients,
            organisation.FindStructures: self._answer_search,
            **self.accounts.replies(),
            structure_documents.CitedFiles: lambda request, scope: {"cited": sorted(self.kept & set(request.names))},
        }

    def replies_of_identity(self) -> dict[Any, Callable]:
        return {account_documents.CitedAccountFiles: lambda request, scope: {"cited": sorted(self.own & set(request.names))}}

    def _answer_rights(self, request: Any, scope: Any) -> Any:
        self.calls.append("rights_of_actor")
        asked = str(request.actor_id)
        return {"structures": self.rights.get(asked, []), "mandants": self.mandants.get(asked, [])}

    def give_mandat(self, mandant: Any, mandataire: Any, actor: Actor) -> None:
        """Let the users of ``mandataire``, of whom the actor is one, deposit for ``mandant``."""
        names = {name: getattr(mandant, name) for name in ("structure_id", "identifier", "name")}
        self.mandants[actor.id] = [organisation.Mandant(mandataire_id=mandataire.structure_id, **names)]

    def _answer_structure(self, request: Any, scope: Any) -> Any:
        self.asked_for_structures.append(scope.actor.origin.name)
        if request.structure_id not in self.structures:
            raise errors.NotFound(what="structure")
        return {"structure": self.structures[request.structure_id]}

    def _answer_espaces(self, request: Any, scope: Any) -> Any:
        known = [self.structures[each] for each in request.structure_ids if each in self.structures]
        return {"structures": [{"structure_id": each.structure_id, "espaces": each.espaces} for each in known]}

    def _answer_recipients(self, request: Any, scope: Any) -> Any:
        self.calls.append("resolve_recipients")
        by_siret = {each.siret: each for each in self.structures.values()}
        resolved = []
        for each in request.recipients:
            same = [self._summary(other) for siret, other in by_siret.items() if siret[:9] == each.siret[:9]]
            found = by_siret.get(each.siret)
            resolved.append(
                organisation.ResolvedRecipient(
                    siret=each.siret, code_service=each.code_service, structure=found, suggestions=[] if found else same
                )
            )
        return {"recipients": resolved}

    def _answer_search(self, request: Any, scope: Any) -> Any:
        def matches(identifier: str) -> bool:
            return any(
                identifier.startswith(wanted[:-1]) if wanted.endswith("*") else identifier == wanted
                for wanted in request.identifiers
            )

        found = [self._summary(each) for each in self.structures.values() if matches(each.identifier)]
        return {"structures": found, "total": len(found)}

    def _summary(self, each: organisation.Structure) -> organisation.StructureSummary:
        return organisation.StructureSummary(
            **{name: each.values[name] for name in organisation.StructureSummary.declared}
        )


def _service(number: int, code: str, active: bool = True, requires_engagement: bool = False) -> Any:
    return organisation.StructureService(
        structure_service_id=uuid.uuid4(),
        portal_number=number,
        code=code,
        label=code,
        active=active,
        starts_on=datetime.date(2020, 1, 1),
        requires_engagement=requires_engagement,
    )


def invoice_file(number: str = "F-1", *, seller: str | None, recipient: str | None, **changes: Any) -> bytes:
    """A file that the fake engine reads as a valid invoice."""
    invoice = {
        "number": number,
        "type_code": "380",
        "credit_note": False,
        "issue_date": "2026-10-01",
        "currency": "EUR",
        "cadre": {"code": "S1", "cadre": "A1"},
        "engagement": None,
        "contract": None,
        "seller": {"name": "Fournitures du Quai", "siret": seller, "siren": seller[:9] if seller else None},
        "buyer": {"name": "Exempleville", "siret": recipient, "code_service": changes.pop("code_service", None)},
        "totals": {"net": "100.00", "vat": "20.00", "gross": "120.00", "due": changes.pop("due", "120.00")},
    }
    outer = {name: changes.pop(name) for name in ("verdict", "stage", "findings", "format", "terms") if name in changes}
    return json.dumps({**outer, "invoice": {**invoice, **changes}}).encode()


def lot(files: dict[str, bytes]) -> bytes:
    """A tar.gz of files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


class Stage:
    """A supplier, two public bodies, their users, and the running service."""

    SELLER, BUYER, STRICT = "90000001000012", "90000002000019", "90000003000016"

    def __init__(self, bench: Any, world: World, engine: Any, blobs: BlobStore, service: Any) -> None:
        self.bench, self.world, self.engine, self.blobs, self.service = bench, world, engine, blobs, service
        self.host = bench.start(service)
        self.supplier = world.structure(self.SELLER, "Fournitures du Quai")
        self.body = world.structure(
            self.BUYER, "Commune d'Exempleville", public=True, services=[("VOIRIE",), ("CLOS", False)]
        )
        self.writer = world.user((self.supplier, EMITTED, "MODIFICATION"))
        self.reader = world.user((self.supplier, EMITTED, "CONSULTATION"), name="Lectrice")
        self.agent = world.user((self.body, RECEIVED, "MODIFICATION"), name="Agent")
        self.stranger = world.user(name="Inconnu")

    def restart(self) -> Any:
        """Start the service again on its databases."""
        return self.bench.start(self.service)

    def file(self, number: str = "F-1", **changes: Any) -> bytes:
        return invoice_file(number, **{"seller": self.SELLER, "recipient": self.BUYER, **changes})

    def call(self, actor: Actor, call: Any, **values: Any) -> Any:
        return self.bench.caller(actor).call(call, **values)

    def prepare(self, content: bytes, actor: Actor | None = None, name: str = "facture.xml", **values: Any) -> Any:
        return self.call(
            actor or self.writer,
            contract.PrepareInvoice,
            **{
                "structure_id": self.supplier.structure_id,
                "sha256": self.blobs.put(content),
                "size": len(content),
                "name": name,
                **values,
            },
        )

    def send(self, invoice: Any, actor: Actor | None = None, **values: Any) -> Any:
        return self.call(
            actor or self.writer, contract.SendInvoice, invoice_id=invoice.invoice_id, version=invoice.version, **values
        ).invoice

    def sent(self, number: str = "F-1", **changes: Any) -> Any:
        return self.send(self.prepare(self.file(number, **changes)).invoice)

    def move(self, invoice: Any, to: str, actor: Actor, **values: Any) -> Any:
        return self.call(
            actor,
            contract.MoveInvoice,
            **{"invoice_id": invoice.invoice_id, "version": invoice.version, "to": to, **values},
        ).invoice

    def get(self, invoice: Any, actor: Actor) -> Any:
        return self.call(actor, contract.GetInvoice, invoice_id=invoice.invoice_id).invoice

    def deposit_flux(self, content: bytes, actor: Actor | None = None, **values: Any) -> Any:
        return self.call(
            actor or self.writer,
            contract.DepositFlux,
            **{
                "structure_id": self.supplier.structure_id,
                "sha256": self.blobs.put(content),
                "size": len(content),
                "file_name": "lot.tar.gz",
                "syntaxe_flux": "IN_DP_E1_UBL_INVOICE",
                **values,
            },
        ).flux

    def flux(self, flux: Any, actor: Actor | None = None, language: str = "fr") -> Any:
        return self.call(actor or self.writer, contract.GetFlux, numero_flux=flux.numero_flux, language=language).flux

    def hold(self, timer: str) -> None:
        """Keep a timer from running, however far the clock is moved: the test does its work, when it wants it done."""
        database = self.bench.database("invoicing")
        wait_until(lambda: leases.acquire(database, timer, "test", 10**9))
        database.close()

    def scope(self) -> Any:
        """A scope of the running service itself, as a timer has it."""
        scope = self.host.runtime("invoicing").scope(actor=Actor.service("invoicing"))
        scope.see_all()
        return scope

    def rows(self, statement: str) -> list[Any]:
        """Read the service's database by hand."""
        database = self.bench.database("invoicing")
        try:
            with database.reading() as db:
                return list(db.execute(sa.text(statement)).mappings())
        finally:
            database.close()


@pytest.fixture
def make_lot() -> Callable[[dict[str, bytes]], bytes]:
    return lot


@pytest.fixture
def ended(stage: Stage) -> Callable[..., Any]:
    """Waits for the end of a flux and gives it; a machine busy with the lot itself is asked again."""

    def wait(flux: Any, language: str = "fr", timeout: float = 120) -> Any:
        def read() -> Any:
            with contextlib.suppress(errors.TimedOut):
                seen = stage.flux(flux, language=language)
                return seen if not seen.state.endswith("_CPP") else None

        return wait_until(read, timeout=timeout, every=0.1)

    return wait


@pytest.fixture
def make_file() -> Callable[..., bytes]:
    """Files of the stage's supplier for the stage's recipient."""

    def make(number: str, **changes: Any) -> bytes:
        return invoice_file(number, **{"seller": Stage.SELLER, "recipient": Stage.BUYER, **changes})

    return make


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def real_engine():
    engine = RealEngine(size=2)
    yield engine
    engine.pool.close()


@pytest.fixture
def parties(stage):
    """The seller and the recipient of the stage, as the invoice factory wants them."""
    return {
        "seller": factory.Party(stage.SELLER, "Fournitures du Quai"),
        "buyer": factory.Party(stage.BUYER, "Commune d'Exempleville"),
    }


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def plugins() -> list[Any]:
    """The espaces of the test."""
    return []


@pytest.fixture
def declared_guards() -> set[str]:
    """Espaces that are installed, guard passages, and may be impossible to load."""
    return set()


@pytest.fixture
def platform_siret() -> str:
    """The SIRET of the operator's structure; a test that needs one overrides it."""
    return ""


@pytest.fixture
def stage(
    bench: Any, world: World, engine: Any, plugins: list[Any], declared_guards: set[str], platform_siret: str, backend: Any,
    fake_service: Callable,
) -> Stage:  # fmt: skip
    """The running service on one backend, with a fake organisation and the engine of the test."""
    bench.settings = settings.load("pupitre_invoicing", environ={"PUPITRE_STATE": str(backend.folder)})
    blobs = BlobStore.from_uri(backend.folder / "blobs")

    class Tested(InvoicingService):
        @staticmethod
        def build_resources(found: Any) -> means.Resources:
            return means.Resources(
                blobs=blobs,
                engine=engine,
                espaces=Host("invoicing", discover=False, plugins=plugins, guards=declared_guards),
                workers=2,
                sealer=KeySealer.from_file(Path(backend.keys) / "invoicing.key"),
                anchors=WriteOnce.from_uri(backend.folder / "anchors"),
                platform_siret=platform_siret,
            )

    fake_service("organisation", world.replies())
    fake_service("identity", world.replies_of_identity())
    return Stage(bench, world, engine, blobs, Tested)
