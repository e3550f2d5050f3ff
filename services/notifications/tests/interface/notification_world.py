"""People, structures and services around notifications, for tests of what is sent by the clock."""

import decimal
import uuid

from pupitre_contracts import communication, identity, invoicing, organisation

SUPPLIER, OTHER_SUPPLIER, STRANGER, TOWN = (uuid.uuid4() for _ in range(4))
NAMES = {SUPPLIER: "Papeterie", OTHER_SUPPLIER: "Imprimerie", STRANGER: "Boulangerie", TOWN: "Commune"}


def a_user(name, **changes):
    values = {"user_id": uuid.uuid4(), "email": f"{name.lower()}@demo.invalid", "given_name": name, "family_name": "L", "language": "fr"}
    return identity.User(**(values | {"notify_invoicing": True, "notify_news": True} | changes))


class World:
    """What the services that notifications asks would answer; a test changes it as it goes."""

    def __init__(self):
        self.fanny = a_user("Fanny")
        self.omar = a_user("Omar")
        self.alan = a_user("Alan", language="en")
        self.eve = a_user("Eve")
        self.users = {user.user_id: user for user in (self.fanny, self.omar, self.alan, self.eve)}
        #: structure, espace -> {user: profile}
        self.habilitations = {
            (SUPPLIER, "factures-emises"): {self.fanny.user_id: "MODIFICATION"},
            (OTHER_SUPPLIER, "factures-emises"): {self.fanny.user_id: "MODIFICATION", self.omar.user_id: "CONSULTATION"},
            (STRANGER, "factures-emises"): {self.eve.user_id: "MODIFICATION"},
            (TOWN, "factures-recues"): {self.alan.user_id: "MODIFICATION"},
        }
        self.partners = {TOWN: [SUPPLIER, OTHER_SUPPLIER]}

    def change(self, user, **changes):
        self.users[user.user_id] = identity.User(**(self.users[user.user_id].values | changes))

    def start(self, fake_service):
        fake_service(
            "organisation",
            {
                organisation.MembersOfEspace: self._members,
                organisation.RightsOfActor: self._rights,
                organisation.FindStructures: self._structures,
                organisation.GetStructure: self._structure,
            },
        )
        fake_service(
            "identity",
            {
                identity.UsersByIds: lambda request, scope: {
                    "users": [self.users[each] for each in request.user_ids if each in self.users]
                },
                communication.NewsReaders: self._news_readers,
            },
        )

    def source(self):
        """Invoicing: publishes events, and knows who has sent invoices to whom."""
        from pupitre_bus import Service, rpc

        world = self

        class Source(Service):
            name = "invoicing"

            @rpc(invoicing.PartnersOfStructure)
            def partners(self, request, scope):
                found = sorted(each for each in world.partners[request.structure_id] if request.after is None or each > request.after)
                return invoicing.PartnersOfStructure.Reply(structure_ids=found[:1])

        return Source

    def _members(self, request, scope):
        return {
            "structures": [
                {"structure_id": each, "user_ids": list(self.habilitations.get((each, request.espace), {}))}
                for each in request.structure_ids
            ]
        }

    def _rights(self, request, scope):
        found = {}
        for (structure_id, espace), users in self.habilitations.items():
            if request.actor_id in users:
                found.setdefault(structure_id, []).append({"espace": espace, "profile": users[request.actor_id]})
        return {
            "structures": [
                {
                    "structure_id": structure_id,
                    "portal_number": 1,
                    "identifier": "12345678200010",
                    "name": NAMES[structure_id],
                    "type": "PUBLIC" if structure_id == TOWN else "PRIVATE",
                    "role": "US",
                    "espaces": [organisation.EspaceRight(**each) for each in espaces],
                }
                for structure_id, espaces in found.items()
            ]
        }

    def _structures(self, request, scope):
        found = [self._summary(each) for each in request.structure_ids]
        return {"structures": found, "total": len(found)}

    def _structure(self, request, scope):
        values = self._summary(request.structure_id).values
        extra = {"address": organisation.Address(), "parameters": organisation.Parameters(), "services": [], "espaces": []}
        return {"structure": organisation.Structure(**values, **extra)}

    @staticmethod
    def _summary(structure_id):
        return organisation.StructureSummary(
            structure_id=structure_id,
            portal_number=1,
            identifier_type="SIRET",
            identifier="12345678200010",
            name=NAMES[structure_id],
            type="PUBLIC" if structure_id == TOWN else "PRIVATE",
            active=True,
        )

    def _news_readers(self, request, scope):
        wanted = sorted((each for each in self.users.values() if each.notify_news), key=lambda each: each.user_id)
        return {"users": [each for each in wanted if request.after is None or each.user_id > request.after][:2]}


def a_move(status_to, **over):
    values = {
        "invoice_id": uuid.uuid4(),
        "portal_number": 1,
        "number": "F-2026-1",
        "status_from": "MISE_A_DISPOSITION",
        "status_to": status_to,
        "by": "recipient",
        "actor": "user:x",
        "supplier_structure_id": SUPPLIER,
        "supplier_name": NAMES[SUPPLIER],
        "recipient_structure_id": TOWN,
        "recipient_name": NAMES[TOWN],
        "currency": "EUR",
        "gross": decimal.Decimal("120.00"),
        **over,
    }
    return invoicing.InvoiceMoved(**values)
