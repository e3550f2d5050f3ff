"""/cpro/factures/v1: deposit of a flux. The searches are in :mod:`pupitre_portal.api.searches`."""

from typing import Any

from flask import Blueprint, Response, current_app, g, request
from pupitre_contracts import errors, invoicing
from werkzeug.exceptions import RequestEntityTooLarge

from .. import bus, files
from .answers import DONE, compatible, day, success
from .callers import technical_account
from .criteria import Unreadable, body, text
from .encoded_files import decoded

blueprint = Blueprint("cpro_factures", __name__, url_prefix="/cpro/factures/v1")

LONGEST_KEY = 255
_AROUND_FILE = 1_000_000


@blueprint.post("/deposer/flux")
@files.accepts_upload
@compatible
@technical_account
def deposit_flux() -> Response:
    """Store a flux and answer with its number; it is processed afterwards. An ``Idempotency-Key`` header is honoured.

    The receipt is in the header ``Pupitre-Receipt``: members of its own in the body could trouble clients of the real API.
    """
    limit = current_app.extensions["pupitre"].settings.max_upload
    # The limit is the file's: base64 makes four octets of three, and the JSON around it is small.
    request.max_content_length = limit * 4 // 3 + _AROUND_FILE
    asked = body()
    content = _content(asked.get("fichierFlux"))
    if len(content) > limit:
        raise RequestEntityTooLarge()
    stored = files.store(text(asked.get("nomFichier")), content)
    flux = bus.call(
        invoicing.DepositFlux,
        key=idempotency_key(),
        structure_id=g.account.structure_id,
        sha256=stored.sha256,
        size=stored.size,
        file_name=stored.name,
        syntaxe_flux=text(asked.get("syntaxeFlux")) or "",
    ).flux
    answer = success(
        DONE, numeroFluxDepot=flux.numero_flux, dateDepot=day(flux.deposited_at), syntaxeFlux=flux.syntaxe_flux
    )
    answer.headers["Pupitre-Receipt"] = f"sha256={stored.sha256}; at={flux.deposited_at.isoformat(timespec='seconds')}"
    return answer


def _content(encoded: Any) -> bytes:
    try:
        content = decoded(encoded) if isinstance(encoded, str) else b""
    except ValueError:
        content = b""
    if not content:
        raise errors.FluxRefused(
            why_fr="fichierFlux doit contenir le fichier encodé en base64, non vide",
            why_en="fichierFlux must hold the file encoded in base64, not empty",
        )
    return content


def idempotency_key() -> str | None:
    """Return the key of a write, if the client gives one. Raises Unreadable for one that is too long or has odd signs."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Unreadable(
            f"Idempotency-Key : au plus {LONGEST_KEY} caractères ASCII", f"Idempotency-Key: at most {LONGEST_KEY} ASCII characters"
        )
    return key or None
