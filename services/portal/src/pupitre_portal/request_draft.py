"""The page on which a request is typed: what it shows of a draft, and what is kept of what was typed there."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from pupitre_contracts import bank_details, directory, errors
from pupitre_contracts import requests as calls
from pupitre_espaces import Cadre, RequestKind, forms
from werkzeug.exceptions import NotFound

from . import attachments, bus, done, espace_visit, files, kinds, request_form
from .errors import message
from .espace_visit import Visit
from .forms import squeezed
from .languages import current
from .request_form import Typed

LARGEST_FILE = 10_000_000
#: The header by which the page that keeps itself says that it does.
AUTOSAVE = "X-Pupitre-Autosave"
#: Refusals after which the page is shown again with everything that was typed.
TO_CORRECT = (errors.Invalid, errors.NotFound, errors.EspaceSilent, errors.TransitionForbidden)


@dataclass(frozen=True)
class Draft:
    """A draft that can be typed on: the request, with its kind and cadre, which a plugin brings."""

    request: Any
    kind: RequestKind
    cadre: Cadre


def get(seen: Visit, request_id: uuid.UUID) -> Any:
    """Return a request that is seen in the espace. Errors: not-found for one of another espace."""
    return in_espace(seen.key, request_id)


def in_espace(key: str, request_id: uuid.UUID) -> Any:
    """Return a request that an espace brings, or in which somebody works there. Errors: not-found for any other."""
    found = bus.call(calls.GetRequest, request_id=request_id, language=current()).request
    if key != found.espace and all(each.espace != key for each in found.parties):
        raise errors.NotFound(what=f"request {request_id}")
    return found


def draft_of(found: Any) -> Draft | None:
    """Return a draft with its kind; None when it cannot be typed on: it was sent, is another's, or its plugin is away."""
    kind = kinds.find(found.espace, found.kind)
    if kind is None or found.plugin_away or not found.can_edit:
        return None
    cadre = next((each for each in kind.cadres if each.code == found.cadre), None)
    return Draft(found, kind, cadre) if cadre else None


def page(
    seen: Visit,
    kind: RequestKind,
    cadre: Cadre,
    typed: Typed,
    *,
    of: str,
    structure_id: uuid.UUID,
    found: Any = None,
    findings: Any = (),
    refusal: errors.PupitreError | None = None,
    is_conflict: bool = False,
) -> str:
    """Render the page of a draft, or of a request that is not kept yet (`found` None)."""
    number = line_page()
    faults = request_form.told(findings)
    known = found.parties if found else ()
    described = forms.describe(kind.form)
    count = max(typed.lines, default=0)
    return render_template(
        "request_draft.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        kind=kind,
        cadre=cadre,
        of=of,
        found=found,
        structure=next((each for each in seen.structures if each.structure_id == structure_id), None),
        typed=typed,
        inputs=request_form.inputs(kind, typed, faults),
        actors=request_form.actors(kind, cadre, typed, known, faults, request.args.get("plus", "")),
        rows=request_form.rows(kind, typed, faults, number, _empty_rows()) if found or not kind.lines_after_form else [],
        line_page=number,
        line_pages=request_form.pages(count),
        line_count=count,
        faults=faults,
        findings=findings,
        blocking=[each for each in findings if each.severity == "error"],
        input_of=request_form.input_of,
        page_of_line=lambda line: (int(line) - 1) // request_form.LINES_SHOWN + 1,
        autosave=AUTOSAVE,
        is_worked_out=request_form.is_worked_out(kind),
        checked=request.args.get("controle") == "1" or refusal is not None,
        accounts=_accounts(structure_id) if any(each.suggests == forms.BANK_DETAILS for each in described) else [],
        services=_services(kind, known) if refusal is None else [],
        refusal=refusal,
        refusal_text=message(refusal) if refusal else "",
        is_conflict=is_conflict,
        done=done.said(),
    )


def line_page() -> int:
    """Return the page of lines that the address asks for."""
    text = request.args.get("lignes", "1")
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:4]) <= calls.MOST_LINES else 1


def values_of(kind: RequestKind, typed: Typed) -> dict[str, Any]:
    """Return what was typed as SaveRequest takes it, but for the lines."""
    number = {"number": typed.number} if kind.numbering == "typed" else {}
    return {"form": typed.form, "parties": typed.named(), "language": current(), **number}


def new_files() -> list[calls.NewRequestFile]:
    """Return the files that came with the form, in the blob store. Errors: invalid, in the visitor's language."""
    line = request.form.get("document_line", "")
    designation = request.form.get("designation", "").strip()[: attachments.rules.DESIGNATION_LENGTH]
    about: dict[str, Any] = {"designation": designation} if designation else {}
    if line.isascii() and line.isdecimal() and 0 < int(line) <= calls.MOST_LINES:
        about["line"] = int(line)
    return stored_files(about)


def stored_files(about: dict[str, Any]) -> list[calls.NewRequestFile]:
    """Return the files that came with the request, in the blob store; `about` is what is said of each. Errors: invalid."""
    stored = []
    for upload in request.files.getlist("documents"):
        if upload.filename:
            attachments.check(upload, LARGEST_FILE)
            kept = files.store_upload(upload)
            stored.append(calls.NewRequestFile(name=kept.name, mime=kept.mime, size=kept.size, sha256=kept.sha256, **about))
    return stored


def ticked_files(found: Any) -> list[uuid.UUID]:
    """Return the files that were ticked to be taken away."""
    ticked = request.form.getlist("remove_document")
    return [each.document_id for each in found.documents if str(each.document_id) in ticked and not each.made]


def cadre_of(kind: RequestKind, code: str) -> Cadre:
    """Return a cadre. Ends the request with 404 for one that the kind has not."""
    try:
        return kind.cadre(code)
    except KeyError:
        raise NotFound from None


def party_named(role: str) -> calls.NamedParty | None:
    """Return the structure that a form names for a role; None where it names nobody."""
    siret = squeezed(request.form.get(f"party.{role}", "")) or ""
    service = request.form.get(f"service.{role}", "").strip()[:100]
    about = {"code_service": service} if service else {}
    return calls.NamedParty(role=role, identifier=siret[:40], **about) if siret else None


def _empty_rows() -> int | None:
    """Return how many empty rows the address asks for, None where it does not."""
    text = request.args.get("vides", "")
    return min(int(text), request_form.LINES_SHOWN) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def _accounts(structure_id: uuid.UUID) -> list[str]:
    """Return the names of the structure's bank details (R086); none where the user does not see them."""
    try:
        return [each.name for each in bus.call(bank_details.ListBankDetails, structure_id=structure_id).bank_details]
    except errors.PupitreError:
        return []


def _services(kind: RequestKind, known: Any) -> list[tuple[str, Any]]:
    """Return the services that may be named, by role, of the first party that names one: the page asks the annuaire once."""
    for party in known:
        role = kind.role(party.role)
        if role.has_service and not role.several:
            try:
                entry = bus.call(directory.GetDirectoryEntry, identifier=party.identifier).entry
            except errors.PupitreError:
                return []
            return [(party.role, each) for each in entry.services or [] if each.active]
    return []
