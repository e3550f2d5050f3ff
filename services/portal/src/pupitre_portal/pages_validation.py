"""Have a file checked without depositing it, and without signing in where the site allows it."""

from typing import Any

from flask import Blueprint, current_app, g, render_template
from pupitre_contracts import errors, invoicing

from . import bus, files, invoice_view
from .forms import ValidationForm
from .languages import current

blueprint = Blueprint("validation", __name__)


@blueprint.route("/validation", methods=["GET", "POST"])
@files.accepts_upload
def check() -> Any:
    """Show the form, or the report on a file; the file stays a candidate for sweeping, no invoice is made of it."""
    if g.user is None and not current_app.extensions["pupitre"].settings.open_validation:
        raise g.session_trouble or errors.ActorMissing()
    form = ValidationForm()
    if not form.validate_on_submit():
        return render_template("validation.html", form=form, report=None), 422 if form.errors else 200
    stored = files.store_upload(form.file.data)
    report = bus.call(
        invoicing.CheckFile, sha256=stored.sha256, name=stored.name, content_type=stored.mime, language=current()
    ).report
    return render_template(
        "validation.html", form=form, report=report, name=stored.name, readable=invoice_view.read({}, report.terms)
    )
