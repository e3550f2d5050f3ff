"""The pages that plugins bring, inside the portal's layout; an espace that does not answer is named, and nothing else suffers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_espaces import Download, Html, Page, PageContent, PageRequest, PortRefused, Redirect, UploadedFile
from pupitre_espaces.host import EspaceSilent, PageUnknown
from pupitre_paper import orders

from . import attachments, done, espace_visit, files, invoice_cadres, kinds
from . import errors as error_pages
from .espace_visit import Visit
from .languages import current, gettext
from .sessions import signed_in

blueprint = Blueprint("espaces", __name__, url_prefix="/espaces")

LARGEST_FILE = 10_000_000
#: How an answer ends that a service refused; what else a port refuses is a conflict with what is there.
_STATUS_OF = {each.code: each.status for each in (errors.Forbidden, errors.NotFound, errors.Invalid, errors.Unavailable, errors.TimedOut)}
#: Fields of a form that are the portal's: the plugin does not see them.
_OF_THE_PORTAL = frozenset({"csrf_token", "idempotency_key"})


@blueprint.get("/<key>/", defaults={"slug": ""})
@blueprint.get("/<key>/<slug>")
@signed_in
def page(key: str, slug: str) -> Any:
    """Show a page of an espace for one structure that opened it and where the user has a habilitation in it (R001). An espace without
    pages begins with its requests."""
    seen = _visit(key)
    return _answered(seen, slug, lambda pages: _pages_or_requests(seen, slug, pages, _asked(seen, {}, {})))


@blueprint.post("/<key>/", defaults={"slug": ""})
@blueprint.post("/<key>/<slug>")
@signed_in
@files.accepts_page_form
def submit(key: str, slug: str) -> Any:
    """Hand a form to the page that it was shown on. Errors: forbidden for who may only look, unless the form is open to readers."""
    seen = _visit(key)
    return _answered(seen, slug, lambda pages: _submitted(seen, slug, pages))


def _visit(key: str) -> Visit:
    brought = {each.key for each in current_app.extensions["pupitre"].espaces.catalogue()}
    if key not in brought | kinds.places() | invoice_cadres.places():
        abort(404)
    return espace_visit.visit(key)


def _pages_or_requests(seen: Visit, slug: str, pages: tuple[Page, ...], asked: PageRequest) -> Any:
    if not pages and not slug and espace_visit.has_requests(seen.key):
        return redirect(url_for("requests.listing", key=seen.key, structure=request.args.get("structure")))
    if not pages and not slug and seen.key in invoice_cadres.places():
        return redirect(url_for("validating.listing", key=seen.key, structure=request.args.get("structure")))
    return current_app.extensions["pupitre"].espaces.page(seen.key, slug, asked)


def _submitted(seen: Visit, slug: str, pages: tuple[Page, ...]) -> Any:
    wanted = next((each for each in pages if slug in ("", each.slug)), None)
    if wanted is not None and wanted.submit is not None and not (wanted.open_to_readers or seen.may_act):
        raise errors.Forbidden(needed=espace_visit.MODIFICATION)
    form = {name: request.form.getlist(name)[-1] for name in request.form if name not in _OF_THE_PORTAL}
    uploads = {name: uploaded for name in request.files if (uploaded := _uploaded(request.files.getlist(name)[-1])) is not None}
    return current_app.extensions["pupitre"].espaces.submit(seen.key, slug, _asked(seen, form, uploads))


def _answered(seen: Visit, slug: str, ask: Callable[[tuple[Page, ...]], Any]) -> Any:
    """Turn what a page answers, or that it does not, into what the visitor gets."""
    pages: tuple[Page, ...] = ()
    try:
        pages = espace_visit.pages_of(seen)
        answer = ask(pages)
    except PageUnknown:
        abort(404)
    except EspaceSilent as error:
        return espace_visit.silent(error)
    except PortRefused as refused:
        return error_pages.page(_STATUS_OF.get(refused.code, 409), str(refused), gettext("Refusé"))
    if isinstance(answer, Download):
        return files.attachment(answer.name, answer.mime, _content(answer))
    if isinstance(answer, Redirect):
        return _redirected(seen, answer)
    return _shown(seen, slug, pages, answer) if isinstance(answer, PageContent) else answer


def _content(download: Download) -> bytes:
    """Return the octets of what a page gives; a document is drawn first. Errors: service-unavailable."""
    if isinstance(download.content, bytes):
        return download.content
    return current_app.extensions["pupitre"].draw(orders.document_of(download.content.order()))


def _shown(seen: Visit, slug: str, pages: tuple[Page, ...], content: PageContent) -> Any:
    """Render a page in the portal's layout, or alone where the bubble's panel asks for it."""
    template = "espace_panel.html" if is_panel() else "espace.html"
    own = {"menu_of_espace": espace_visit.menu_of(seen, slug, pages)} if not is_panel() else {}
    return render_template(template, content=content, visit=seen, done=done.said(), **own), content.status


def is_panel() -> bool:
    """Whether the page is asked for by the bubble, to be shown in its panel."""
    return request.args.get("panel") == "1"


def _redirected(seen: Visit, answer: Redirect) -> Response:
    if answer.message is not None:
        done.say(answer.message.text(current()))
    own = {"structure": str(seen.structure.structure_id)} | ({"panel": "1"} if is_panel() else {})
    return redirect(f"{url_for('espaces.page', key=seen.key, slug=answer.slug)}?{urlencode({**answer.query, **own})}")


def _asked(seen: Visit, form: dict[str, str], uploads: dict[str, UploadedFile]) -> PageRequest:
    return PageRequest(
        espace_visit.context_for(seen.key, seen.structure),
        seen.profile,
        _addresses(seen),
        {name: values[-1] for name, values in request.args.to_dict(flat=False).items()},
        form,
        uploads,
        Html(render_template("form_mark.html")),
    )


def _addresses(seen: Visit) -> Callable[[str], str]:
    """Return what makes the links between the pages of an espace: each keeps the structure that they are shown for."""
    return lambda slug: url_for("espaces.page", key=seen.key, slug=slug, structure=seen.structure.structure_id)


def _uploaded(upload: Any) -> UploadedFile | None:
    """Return a file that came with a form, None where none was chosen. Errors: invalid for one that is too large or that the
    antivirus names."""
    if not upload.filename:
        return None
    content = upload.stream.read(LARGEST_FILE + 1)
    fault = attachments.named(content) if len(content) <= LARGEST_FILE else gettext("Ce fichier dépasse 10 Mo.")
    if fault is not None:
        raise errors.Invalid(what="fichier", fields={"file": [fault]})
    return UploadedFile(files.clean_name(upload.filename), upload.mimetype or "application/octet-stream", content)
