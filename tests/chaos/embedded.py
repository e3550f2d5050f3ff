"""The embedded run as the harness needs it: the demonstration's structures in the place of its own."""

import json
import uuid

import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.database import Database
from support.invoice_factory import Party

from .cluster import Cluster
from .world import Member, World


class EmbeddedWorld:
    """Who is who in the demonstration, from ``demo.json`` and the structures' own database."""

    def __init__(self, cluster: Cluster) -> None:
        demo = json.loads((cluster.state / "demo.json").read_text())
        ids = self._structures(cluster)
        names = {each["siret"]: each["name"] for persona in demo["personas"] for each in persona["structures"]}
        self._persons = {
            each["siret"]: persona
            for persona in demo["personas"]
            if persona["role"] == "GP"
            for each in persona["structures"]
        }
        self._people: dict[uuid.UUID, int] = {}
        for persona in demo["personas"]:
            for each in persona["structures"]:
                self._people[ids[each["siret"]]] = self._people.get(ids[each["siret"]], 0) + 1
        easy = [each for each in demo["public_structures"] if not each["requires_service"]]
        self.world = World(
            # Of the story of invoices: who plays in the espaces comes after its two suppliers, and after its body that demands nothing.
            tuple(self._member(each["structure"], names, ids, each) for each in demo["technical_accounts"][:2]),
            tuple(self._member(each["siret"], names, ids) for each in easy[:1]),
        )

    def readers(self, structure_id: uuid.UUID) -> int:
        """How many users of a structure get its mails."""
        return self._people.get(structure_id, 0)

    @staticmethod
    def _structures(cluster: Cluster) -> dict[str, uuid.UUID]:
        database = Database(cluster.database_uri("organisation"), "organisation")
        try:
            with database.reading() as db:
                rows = db.execute(sa.text("SELECT identifier, structure_id FROM structure"))
                return {identifier: uuid.UUID(str(key)) for identifier, key in rows}
        finally:
            database.close()

    def _member(
        self, siret: str, names: dict[str, str], ids: dict[str, uuid.UUID], account: dict[str, str] | None = None
    ) -> Member:
        actor = Actor("technical", siret, names[siret], ids[siret])
        return Member(Party(siret, names[siret]), ids[siret], actor, account, self._persons[siret])
