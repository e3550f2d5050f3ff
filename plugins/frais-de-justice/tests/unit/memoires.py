"""An interpreter, two courts, and a mémoire that can be sent."""

from itertools import count

from pupitre_espaces import Attachment, Party
from pupitre_espaces.testing import a_structure

INTERPRETER = a_structure(id="i", name="Atelier de traduction")
COURT = a_structure(id="c", name="Tribunal judiciaire de Guéret", siret="17230002600018", type="public")
OTHER_COURT = a_structure(id="d", name="Tribunal judiciaire de Limoges", siret="17870002600013", type="public")
FORM = {
    "legal_aid": "NON",
    "consignation": "NON",
    "heard": "NON",
    "prefecture": "NON",
    "category": "TRADUCTEUR",
    "issued": "2024-09-01",
    "procedure": "PENALE",
    "case_number": "24/00123",
    "prescriber": "OPJ",
    "decided": "2024-02-28",
    "mission_start": "2024-03-01",
    "mission_end": "2024-03-04",
}
LINE = {"service": "TRAD_ORAL", "quantity": "3"}
FILES = (
    Attachment("requisition.pdf", "application/pdf", 100),
    Attachment("scan.pdf", "application/pdf", 100, designation="Attestation de mission"),
    Attachment("option.pdf", "application/pdf", 100),
)
_NUMBERS = count(1)


def a_memoire(desk, lines=(LINE,), attachments=FILES, parties=None, maker=INTERPRETER, number=None, **form):
    """Keep a mémoire with these changes to its header."""
    named = {"juridiction": Party("juridiction", COURT, "GREFFE")} if parties is None else parties
    return desk.save(
        "memoire", "A3", maker, form=FORM | form, lines=lines, parties=named, attachments=attachments,
        number=f"M-{next(_NUMBERS)}" if number is None else number,
    )  # fmt: skip


def warnings(memoire):
    """Return the rules of the warnings on a mémoire."""
    return [each.rule for each in memoire.findings if each.severity == "warning"]


def line_file(name, line=1, designation=None):
    """Return a file that is attached to a line."""
    return Attachment(name, "application/octet-stream", 100, line=line, designation=designation)
