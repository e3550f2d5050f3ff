"""Documents kept for reuse, a person's and a structure's alike (R090 to R092): the form, what is taken, and how it goes out again.

What a file is, its content says: the extension only has to agree. Nothing of it is opened, run or shown here, and it goes out as an
attachment that no browser renders.
"""

import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response, current_app
from flask_wtf import FlaskForm
from pupitre_bus.antivirus import TooLarge
from pupitre_contracts import account_documents, document_content, errors
from pupitre_contracts import document_values as rules
from werkzeug.datastructures import FileStorage
from wtforms import FileField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, ValidationError

from . import bus, files
from .forms import Needed
from .languages import N_, gettext

TYPE_LABELS = {
    "JUSTIFICATIF": N_("Justificatif"),
    "BON_COMMANDE": N_("Bon de commande"),
    "BON_LIVRAISON": N_("Bon de livraison"),
    "CONTRAT": N_("Contrat ou marché"),
    "DETAIL_PRIX": N_("Détail de prix"),
    "ATTESTATION": N_("Attestation fiscale ou sociale"),
    "COORDONNEES_BANCAIRES": N_("Coordonnées bancaires"),
    "IMMATRICULATION": N_("Extrait d'immatriculation"),
    "POUVOIR": N_("Délégation ou pouvoir"),
    "AUTRE": N_("Autre"),
}

_OFFERED = 100
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class DocumentForm(FlaskForm):
    """What a document is called and what it is (R092)."""

    designation = StringField(
        N_("Désignation"),
        [
            Needed(N_("Indiquez une désignation.")),
            Length(max=rules.DESIGNATION_LENGTH, message=N_("La désignation dépasse 100 caractères.")),
        ],
        filters=[lambda value: " ".join(value.split()) if value else value],
    )
    type = SelectField(N_("Type de pièce"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type.choices = [SelectChoice(code, gettext(label)) for code, label in TYPE_LABELS.items()]


class NewDocumentForm(DocumentForm):
    """A document to add, of at most ``most`` octets; what is wrong with the file is said beside it."""

    file = FileField(N_("Fichier"))

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most

    def validate_file(self, field: Any) -> None:
        """Refuse what is not taken, with the remedy."""
        if not getattr(field.data, "filename", ""):
            raise ValidationError(N_("Choisissez un fichier."))
        try:
            check(field.data, self.most)
        except errors.Invalid as error:
            raise ValidationError(error.details["fields"]["file"][0]) from error

    def stored(self) -> files.Stored:
        """Put the file into the blob store, before the row that cites it is written."""
        return files.store(self.file.data.filename, self.file.data.stream.read())


def check(upload: FileStorage, most: int) -> None:
    """Raise Invalid (field ``file``, in the visitor's language) for a file that may not be kept; leaves its stream at the beginning."""
    size = upload.stream.seek(0, io.SEEK_END)
    upload.stream.seek(0)
    fault = _fault(files.clean_name(upload.filename), size, most)
    if fault is None:
        fault = content_fault(files.clean_name(upload.filename), upload.stream.read())
        upload.stream.seek(0)
    if fault is not None:
        raise errors.Invalid(what="fichier", fields={"file": [fault]})


def _fault(name: str, size: int, most: int) -> str | None:
    if size == 0:
        return gettext("Ce fichier est vide. Choisissez-en un autre.")
    if size > most:
        return gettext("Ce fichier dépasse %(most)s Mo. Réduisez-le ou choisissez-en un autre.", most=most // 1_000_000)
    if len(name) > rules.NAME_LENGTH:
        return gettext("Le nom du fichier dépasse 50 caractères, extension comprise. Renommez-le.")
    if "." not in name or document_content.extension_of(name) not in rules.EXTENSIONS:
        return gettext("Ce type de fichier n'est pas admis. Extensions admises : %(known)s.", known=", ".join(sorted(rules.EXTENSIONS)))
    return None


def content_fault(name: str, content: bytes) -> str | None:
    """Return what is wrong with the content of a file of that name, or None: it must be what its extension says, and bring no macro."""
    fault = document_content.fault(name, content)
    if fault == "macro":
        return gettext("Ce document contient des macros. Enregistrez-le sans macros, puis recommencez.")
    if fault is not None:
        extension = document_content.extension_of(name)
        return gettext("Le contenu de ce fichier n'est pas celui d'un fichier .%(extension)s. Choisissez-en un autre.", extension=extension)
    return named(content)


def named(content: bytes) -> str | None:
    """Return what the antivirus has against a file, or None. Errors: service-unavailable when it does not answer."""
    try:
        named = current_app.extensions["pupitre"].antivirus.scan(content)
    except TooLarge:
        return gettext("Ce fichier est trop gros pour l'antivirus. Réduisez-le ou choisissez-en un autre.")
    if named is None:
        return None
    return gettext("L'antivirus reconnaît « %(name)s » dans ce fichier : il n'est pas conservé. Vérifiez votre poste.", name=named)


def offered_to_user() -> list[Any]:
    """Return the documents that the user keeps, to be chosen from where files are asked for; none while identity does not answer."""
    try:
        return bus.call(account_documents.ListAccountDocuments, page_size=_OFFERED).documents
    except (errors.Unavailable, errors.TimedOut, errors.Internal):
        return []


def kept_by_user(identifiers: Iterable[str] | None) -> list[Any]:
    """Return those of the user's documents that were chosen. Errors: not-found when one is not his, or not any more."""
    wanted = {uuid.UUID(text) for text in identifiers or [] if _IDENTIFIER.fullmatch(text)}
    if not wanted:
        return []
    found = bus.call(account_documents.ListAccountDocuments, document_ids=sorted(wanted)).documents
    if len(found) < len(wanted):
        raise errors.NotFound(what="document")
    return found


def download(document: Any) -> Response:
    """Send one document as an attachment. Errors: not-found when its content is not there."""
    return files.download(document.name, document.mime, document.sha256)


def zipped(name: str, documents: Sequence[Any]) -> Response:
    """Send documents in one zip, written while it is sent: one of them is in memory at a time. Errors: not-found."""
    blobs = current_app.extensions["pupitre"].blobs
    missing = [document for document in documents if not blobs.exists(document.sha256)]
    if missing or not documents:
        raise errors.NotFound(what=missing[0].name if missing else "document")
    response = Response(_zip(blobs, documents), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _zip(blobs: Any, documents: Iterable[Any]) -> Iterator[bytes]:
    written = _Written()
    taken: set[str] = set()
    # Not compressed: most of these files are already, and the process that sends them has others to serve.
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for document in documents:
            archive.writestr(_free_name(document.name, taken), blobs.get(document.sha256))
            yield written.taken()
    yield written.taken()


def _free_name(name: str, taken: set[str]) -> str:
    stem, dot, extension = name.rpartition(".")
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem} ({number}){dot}{extension}"
    taken.add(free.casefold())
    return free


class _Written(io.RawIOBase):
    """What was written to it since it was last asked: the archive goes out piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = b"".join(self._pieces), []
        return pieces
