"""The structures and people of the requests of the tests, and what they do, through the bus."""

from pupitre_contracts import requests as contract
from request_plugin import ESPACE, RECEIVED, SUPPORT


class Desk:
    """A supplier who asks, a maître d'œuvre, and a commune that answers; each with somebody who may do everything there."""

    MOE = "90000005000010"

    def __init__(self, stage):
        self.stage, world = stage, stage.world
        self.maker = world.user((stage.supplier, ESPACE, "MODIFICATION"), name="Anouk")
        self.reader = world.user((stage.supplier, ESPACE, "CONSULTATION"), name="Lectrice")
        self.agent = stage.agent
        self.watcher = world.user((stage.body, RECEIVED, "CONSULTATION"), name="Témoin")
        self.moe = world.structure(self.MOE, "Atelier du Plan")
        self.architect = world.user((self.moe, ESPACE, "MODIFICATION"), name="Rose")
        self.support = world.structure(SUPPORT, "Support de la plateforme", public=True)
        self.helper = world.user((self.support, ESPACE, "MODIFICATION"), name="Aide")
        self.stranger = stage.stranger

    def call(self, actor, call, **values):
        return self.stage.call(actor, call, **values)

    def draft(self, actor=None, **values):
        """Keep a draft of a simple request that can be sent."""
        return self.save(
            actor,
            **{
                "structure_id": self.stage.supplier.structure_id,
                "espace": ESPACE,
                "kind": "aide",
                "cadre": "A21",
                "form": {"year": 2025, "subject": "Semences"},
                "lines": [{"volume": "2,5"}],
                "parties": [self.named("instructeur", self.stage.BUYER, "VOIRIE")],
                **values,
            },
        )

    def piece(self, number="P-1", **values):
        """Keep a draft of the first piece of a dossier."""
        return self.draft(
            **{
                "kind": "marche",
                "cadre": "A4",
                "number": number,
                "form": {"net": "100.00", "vat": "20.00"},
                "lines": [],
                "parties": [self.named("moe", self.MOE), self.named("moa", self.stage.BUYER, "VOIRIE")],
                **values,
            }
        )

    def next_piece(self, previous, number="P-2", **values):
        """Keep a draft of the piece that the maître d'œuvre deposits from the first."""
        return self.draft(
            self.architect,
            **{
                "structure_id": self.moe.structure_id,
                "kind": "marche",
                "cadre": "A7",
                "number": number,
                "previous_id": previous.request_id,
                "form": {"net": "100.00", "vat": "20.00"},
                "lines": [],
                "parties": [],
                **values,
            },
        )

    def named(self, role, identifier, code_service=None):
        return contract.NamedParty(role=role, identifier=identifier, code_service=code_service)

    def save(self, actor=None, **values):
        return self.call(actor or self.maker, contract.SaveRequest, **values).request

    def send(self, draft, actor=None, **values):
        values = {"request_id": draft.request_id, "version": draft.version, **values}
        return self.call(actor or self.maker, contract.SendRequest, **values).request

    def sent(self, **values):
        return self.send(self.draft(**values))

    def move(self, request, to, actor, **values):
        values = {"request_id": request.request_id, "version": request.version, "to": to, **values}
        return self.call(actor, contract.MoveRequest, **values).request

    def get(self, request, actor):
        return self.call(actor, contract.GetRequest, request_id=request.request_id).request

    def list(self, actor, espace=ESPACE, **values):
        return self.call(actor, contract.SearchRequests, espace=espace, **values)

    def file(self, name="bon.pdf", content=b"%PDF-1.4 bon", **values):
        stored = self.stage.blobs.put(content)
        return contract.NewRequestFile(name=name, mime="application/pdf", size=len(content), sha256=stored, **values)
