"""The accounts that a structure is paid on: list, add, change, view the RIB file, take out of use (R086 to R089)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import bank_details, errors
from pupitre_contracts.document_values import STRUCTURE_BYTES
from werkzeug.wrappers import Response

from . import bus, done, files
from .errors import faults_of, message
from .forms_structures import BankDetailsForm
from .languages import gettext
from .pages_structure_manage import sheet
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("bank_details", __name__, url_prefix="/structures/<uuid:structure_id>/coordonnees-bancaires")

#: The blocks of each kind of account, and the fields of the form that hold them.
_BLOCKS = {
    "IBAN": {"key": "iban_key", "national": "national", "bic": "bic"},
    "RIB": {"bank": "bank", "branch": "branch", "number": "number", "key": "rib_key"},
}
_FACTOR = ("name", "country", "identifier_type", "identifier")


@blueprint.get("/")
@signed_in
def listing(structure_id: uuid.UUID) -> str:
    """List them, masked; whoever may change the structure's data has the actions."""
    found = sheet(structure_id)
    kept = bus.call(bank_details.ListBankDetails, structure_id=structure_id).bank_details
    return render_template(
        "bank_details.html", structure=found.structure, may_modify=found.may_modify, kept=kept, done=done.said()
    )


@blueprint.route("/creation", methods=["GET", "POST"])
@signed_in
@files.accepts_upload
def create(structure_id: uuid.UUID) -> Any:
    """Keep one more account."""
    return _answered(_kept(structure_id), BankDetailsForm(), None)


@blueprint.route("/<uuid:bank_details_id>", methods=["GET", "POST"])
@signed_in
@files.accepts_upload
def change(structure_id: uuid.UUID, bank_details_id: uuid.UUID) -> Any:
    """Change an account; without another file, the present one stays."""
    structure, present = _kept(structure_id), _whole(structure_id, bank_details_id)
    return _answered(structure, BankDetailsForm(data=_as_form(present)), present)


@blueprint.get("/<uuid:bank_details_id>/fichier")
@signed_in
def file(structure_id: uuid.UUID, bank_details_id: uuid.UUID) -> Any:
    """Send the RIB file."""
    kept = _whole(structure_id, bank_details_id).file
    return files.download(kept.name, kept.mime, kept.sha256)


@blueprint.route("/<uuid:bank_details_id>/suppression", methods=["GET", "POST"])
@signed_in
def remove(structure_id: uuid.UUID, bank_details_id: uuid.UUID) -> Any:
    """Take an account out of use, once that is confirmed."""
    structure, present = _kept(structure_id), _whole(structure_id, bank_details_id)
    if request.method == "GET":
        return render_template("bank_details_removal.html", structure=structure, details=present)
    bus.call(bank_details.RemoveBankDetails, key=form_key(), structure_id=structure_id, bank_details_id=bank_details_id)
    done.say(gettext("Les coordonnées bancaires %(name)s ne servent plus.", name=present.name))
    return redirect(url_for("bank_details.listing", structure_id=structure_id))


def _answered(structure: Any, form: BankDetailsForm, present: Any) -> Any:
    version, refusal, status = present.version if present else None, None, 200
    if form.is_submitted() and present:
        version = form_version()
    if form.validate_on_submit():
        try:
            return _saved(structure, form, present, version)
        except errors.Invalid as error:
            refusal = _show(form, error)
        except errors.BankDetailsExist as error:
            form.name.errors = [message(error)]
        except (errors.Conflict, errors.TooManyKept) as error:
            refusal, status = message(error), error.status
    status = status if status != 200 else 422 if form.errors or refusal else 200
    values = {"structure": structure, "form": form, "present": present, "version": version, "refusal": refusal}
    return render_template("bank_details_form.html", **values, most=STRUCTURE_BYTES), status


def _saved(structure: Any, form: BankDetailsForm, present: Any, version: int | None) -> Response:
    values: dict[str, Any] = {"name": form.name.data or "", "account": _account(form)}
    if form.is_factored.data:
        values["factor"] = bank_details.Factor(**{name: form[f"factor_{name}"].data or "" for name in _FACTOR})
    if form.has_file():
        stored = files.store(form.file.data.filename, form.file.data.stream.read())
        values["file"] = bank_details.AccountFile(name=stored.name, mime=stored.mime, size=stored.size, sha256=stored.sha256)
    if present is None:
        bus.call(bank_details.AddBankDetails, key=form_key(), structure_id=structure.structure_id, **values)
    else:
        named = {"structure_id": structure.structure_id, "bank_details_id": present.bank_details_id, "version": version}
        bus.call(bank_details.ChangeBankDetails, key=form_key(), **named, **values)
    done.say(gettext("Les coordonnées bancaires %(name)s sont enregistrées.", name=values["name"]))
    return redirect(url_for("bank_details.listing", structure_id=structure.structure_id))


def _account(form: BankDetailsForm) -> bank_details.Account:
    blocks = {name: form[field].data or "" for name, field in _BLOCKS[form.kind.data].items()}
    return bank_details.Account(kind=form.kind.data, country=form.country.data or "", **blocks)


def _show(form: BankDetailsForm, error: errors.Invalid) -> str | None:
    """Put what the service found wrong beside the block of the form that holds it."""
    fields = _BLOCKS[form.kind.data]
    for name, faults in faults_of(error).items():
        field = fields.get(name, name)
        if field in form:
            form[field].errors = faults
    return None if form.errors else message(error)


def _as_form(present: Any) -> dict[str, Any]:
    account, factor = present.account, present.factor
    blocks = {field: getattr(account, name) for name, field in _BLOCKS[present.kind].items()}
    of_factor = {f"factor_{name}": getattr(factor, name) for name in _FACTOR} if factor else {}
    return {"name": present.name, "kind": present.kind, "country": account.country, "is_factored": bool(factor), **blocks, **of_factor}


def _whole(structure_id: uuid.UUID, bank_details_id: uuid.UUID) -> Any:
    return bus.call(bank_details.GetBankDetails, structure_id=structure_id, bank_details_id=bank_details_id).bank_details


def _kept(structure_id: uuid.UUID) -> Any:
    found = sheet(structure_id)
    if not found.may_modify:
        raise errors.Forbidden(needed="organisation, MODIFICATION")
    return found.structure
