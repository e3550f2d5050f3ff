"""A farm, the service that examines its requests, and one delivery."""

from pupitre_espaces import Attachment, Party
from pupitre_espaces.testing import a_structure

FARM = a_structure(id="f", name="GAEC des Prés")
OFFICE = a_structure(id="o", name="DDFiP de la Creuse", siret="17230001600019", type="public")
FORM = {"year": "2023", "bank_details": "Compte courant", "attested": "on"}
LINE = {"invoice": "F-1", "delivered": "2023-05-02", "fuel": "GNR", "volume": "12,5"}
RIB = Attachment("rib.pdf", "application/pdf", 100)
INVOICES = Attachment("factures.pdf", "application/pdf", 100)


def a_request(desk, lines=(LINE,), attachments=(RIB, INVOICES), parties=None, maker=FARM, **form):
    """Keep a request with these changes to its form."""
    named = {"instructeur": Party("instructeur", OFFICE, "TIC")} if parties is None else parties
    return desk.save("demande", "A21", maker, form=FORM | form, lines=lines, parties=named, attachments=attachments)


def warnings(request):
    """Return the rules of the warnings on a request."""
    return [each.rule for each in request.findings if each.severity == "warning"]
