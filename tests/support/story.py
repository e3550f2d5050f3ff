"""The demonstration's cast, found in ``demo.json``: a supplier, a public body that demands nothing, and one that demands everything."""

from functools import cached_property
from typing import Any

from support.installation import Installation
from support.invoice_e1 import e1
from support.invoice_factory import Party, cii, facturx, ubl
from support.machine import Machine
from support.visitor import Page, Visitor

BUILDERS = {
    "ubl": (ubl, "application/xml", "xml"),
    "cii": (cii, "application/xml", "xml"),
    "facturx": (facturx, "application/pdf", "pdf"),
    "e1": (e1, "application/xml", "xml"),
}


class Story:
    """Who is who in an installation, and what they do again and again."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._visitors: dict[str, Visitor] = {}
        self.supplier = self._party(installation.demo["technical_accounts"][0]["structure"])
        self.other_supplier = self._party(installation.demo["technical_accounts"][1]["structure"])
        self.easy = self._party(installation.public_structure(requires_service=False)["siret"])
        self.strict = self._party(installation.public_structure(requires_service=True)["siret"])

    def _party(self, siret: str) -> Party:
        structures = [each for persona in self.installation.demo["personas"] for each in persona["structures"]]
        return Party(siret, next(each["name"] for each in structures if each["siret"] == siret))

    def people(self, party: Party) -> list[dict[str, Any]]:
        """The personas of a structure."""
        personas = self.installation.demo["personas"]
        return [each for each in personas if party.siret in {structure["siret"] for structure in each["structures"]}]

    def visitor(self, party: Party, role: str = "GP") -> Visitor:
        """Somebody of a structure, signed in once for all: its gestionnaire, or (US) its user."""
        key = next(each["key"] for each in self.people(party) if each["role"] == role)
        if key not in self._visitors:
            self._visitors[key] = Visitor.signed_in(self.installation, key)
        return self._visitors[key]

    def newcomer(self, party: Party) -> Visitor:
        """The gestionnaire of a structure, signed in anew: what he chooses stays out of the other tests."""
        return Visitor.signed_in(self.installation, next(each["key"] for each in self.people(party) if each["role"] == "GP"))

    @cached_property
    def machine(self) -> Machine:
        """The supplier's technical account."""
        return Machine.of(self.installation, self.supplier.siret)

    def invoice(self, number: str, kind: str = "ubl", **parts: Any) -> bytes:
        """A valid invoice of the supplier to the body that demands nothing, but for ``parts``."""
        builder = BUILDERS[kind][0]
        return builder(**{"number": number, "seller": self.supplier, "buyer": self.easy, **parts})

    def deposit_on_page(self, visitor: Visitor, content: bytes, number: str, kind: str = "ubl") -> Page:
        """Hand a file in on the page and return what comes back: the draft, or the reasons of its refusal."""
        _, mime, extension = BUILDERS[kind]
        form = visitor.open("/factures-emises/depot").form("/depot")
        return visitor.submit(form, files={"file": (f"{number}.{extension}", content, mime)})

    def send(self, visitor: Visitor, draft: Page) -> Page:
        """Confirm a draft, as its page offers, and return the summary."""
        return visitor.submit(visitor.open(draft.link("/confirmation")).form("/envoi"))

    def sent(self, visitor: Visitor, number: str, **parts: Any) -> str:
        """Deposit, confirm and send an invoice; return its identifier."""
        draft = self.deposit_on_page(visitor, self.invoice(number, **parts), number)
        assert draft.status == 200, draft.text
        recap = self.send(visitor, draft)
        assert recap.status == 200, recap.text
        return identifier_in(draft.url)


def identifier_in(address: str) -> str:
    """The invoice's identifier in the address of its page."""
    return address.split("?", maxsplit=1)[0].rstrip("/").rsplit("/", 1)[1]
