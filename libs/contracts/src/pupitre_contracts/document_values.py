"""Documents that a person or a structure keeps on the portal for reuse (R090, R091): what may be kept, and how it is told of.

The bytes lie in the blob store; the row that names their SHA-256 is what keeps them there.
"""

from marshmallow import validate
from marshmallow.exceptions import ValidationError

from .message import Message, fields

_EXTENSIONS = (
    "bmp gif fax odt ppt tiff tif xls xlsx xlc xlm bz2 gz gzip tgz zip jpeg jpg png svg p7s rtf txt xml csv pdf "
    "xhtml html htm doc docx odp ods pps pptx"
)
#: Types of file that are taken (H.8); the portal compares the content with the extension as well.
EXTENSIONS = frozenset(_EXTENSIONS.split())
#: The largest file of a person (R091) and of a structure (R090), in octets: 1 Mo is a million of them.
ACCOUNT_BYTES, STRUCTURE_BYTES = 10_000_000, 4_000_000
NAME_LENGTH, DESIGNATION_LENGTH = 50, 100
#: How many a person or a structure may keep.
MOST_DOCUMENTS = 200

TYPES = (
    "JUSTIFICATIF", "BON_COMMANDE", "BON_LIVRAISON", "CONTRAT", "DETAIL_PRIX", "ATTESTATION", "COORDONNEES_BANCAIRES",
    "IMMATRICULATION", "POUVOIR", "AUTRE",
)  # fmt: skip
"""The list from which the type of a document is chosen (R092)."""


def checked_name(name: str) -> None:
    """Refuse a file name that is too long, has no known extension, or holds what a name may not (H.8)."""
    stem, dot, extension = name.rpartition(".")
    if len(name) > NAME_LENGTH:
        raise ValidationError(f"nom de plus de {NAME_LENGTH} caractères / name of more than {NAME_LENGTH} characters")
    if not (stem and dot) or extension.lower() not in EXTENSIONS:
        raise ValidationError(f"type de fichier non admis : « .{extension} » / type of file not taken: “.{extension}”")
    if any(not sign.isprintable() or sign in "/\\" for sign in name):
        raise ValidationError("signe interdit dans le nom / sign not allowed in the name")


def checked_designation(text: str) -> None:
    if not text.strip():
        raise ValidationError("à renseigner / needed")
    if len(text) > DESIGNATION_LENGTH:
        raise ValidationError(
            f"plus de {DESIGNATION_LENGTH} caractères / more than {DESIGNATION_LENGTH} characters"
        )


def size_field(most: int) -> fields.Integer:
    """A size from 1 octet to ``most``."""
    wrong = f"de 1 octet à {most // 1_000_000} Mo / from 1 byte to {most // 1_000_000} MB"
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, most, error=wrong))


def sha256_field() -> fields.String:
    """The name of the content in the blob store."""
    return fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class KeptDocument(Message):
    """A document that is kept for reuse. ``version`` counts the changes of its designation and type."""

    document_id = fields.UUID(required=True)
    designation = fields.String(required=True)
    type = fields.Choice(*TYPES, required=True)
    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    added_at = fields.Instant(required=True)
    version = fields.Integer(required=True)
