"""« Compte technique »: the technical accounts of a structure, for its gestionnaire principal (R233 to R239).

Secrets are on one page only, the answer to the form that made them: it is neither kept by browsers nor shown again when it is reloaded.
"""

import json
import uuid
from collections import Counter
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from pupitre_contracts import errors, identity, organisation, technical_accounts
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import Length, ValidationError

from . import bus, done, files, formats, navigation
from .errors import message
from .languages import N_, gettext
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("technical", __name__)

KINDS = {"password": N_("mot de passe"), "client_secret": N_("secret d'application")}
REQUESTS = {
    "reinitialisation": N_("Réinitialisation du mot de passe d'un compte technique"),
    "creation": N_("Création d'un compte technique"),
}
OVERLAPS = (1, 7, 14, 30)
_PLACE = "/structures/<uuid:structure_id>/comptes-techniques"


class RequestForm(FlaskForm):
    """The request of R237: what is wanted, for which structure, of which technical account."""

    demande = SelectField(N_("Type de demande"))
    structure = SelectField(N_("Structure"))
    account = SelectField(N_("Compte technique"), description=N_("Pour une réinitialisation."))
    label = StringField(
        N_("Libellé"),
        [Length(max=100, message=N_("Le libellé dépasse 100 caractères."))],
        description=N_("Pour une création : à quoi ou à qui servira ce compte."),
    )

    def validate_account(self, field: Any) -> None:
        """Ask for an account of that structure where one is to be reset."""
        if self.demande.data != "reinitialisation":
            return
        if not field.data:
            raise ValidationError(N_("Choisissez le compte technique à réinitialiser."))
        if self.owners.get(field.data) != self.structure.data:
            raise ValidationError(N_("Ce compte technique n'est pas de la structure choisie."))


@blueprint.route("/raccordements/compte-technique", methods=["GET", "POST"])
@signed_in
def ask() -> Any:
    """Create a technical account or reset one, for any structure that the user manages (R237, R239)."""
    structures = [each for each in navigation.rights() if each.role == "GP"]
    accounts = _accounts([each.structure_id for each in structures]) if structures else []
    form = _request_form(structures, accounts)
    if form.validate_on_submit():
        structure_id = uuid.UUID(form.structure.data)
        if form.demande.data == "creation":
            return _created(structure_id, form.label.data)
        # The version that the form was shown for: sent again, it resets nothing a second time.
        version = form_version(f"version-{form.account.data}")
        return _renewed(structure_id, uuid.UUID(form.account.data), ["password"], 0, version)
    in_use = [each for each in accounts if each.active]
    counts = Counter(each.account.structure_id for each in in_use)
    shown = render_template("technical_ask.html", form=form, structures=structures, accounts=in_use, counts=counts)
    return shown, 422 if form.errors else 200


def _request_form(structures: list[Any], accounts: list[Any]) -> RequestForm:
    form = RequestForm()
    form.demande.choices = [SelectChoice(code, gettext(label)) for code, label in REQUESTS.items()]
    form.structure.choices = [SelectChoice(str(each.structure_id), f"{each.name} ({each.identifier})") for each in structures]
    names = {each.structure_id: each.name for each in structures}
    form.account.choices = [SelectChoice("", gettext("aucun"))] + [
        SelectChoice(
            str(each.account.technical_account_id),
            " - ".join(filter(None, (names[each.account.structure_id], each.account.login, each.account.label))),
        )
        for each in accounts
        if each.active
    ]
    form.owners = {str(each.account.technical_account_id): str(each.account.structure_id) for each in accounts}
    return form


@blueprint.get(_PLACE)
@signed_in
def listing(structure_id: uuid.UUID) -> str:
    """List the technical accounts of a structure with what can be done to each."""
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    return render_template(
        "technical_accounts.html",
        structure=structure,
        accounts=_accounts([structure_id]),
        kinds=KINDS,
        overlaps=OVERLAPS,
        now=formats.now(),
        done=done.said(),
    )


@blueprint.post(_PLACE)
@signed_in
def create(structure_id: uuid.UUID) -> Any:
    """Create an account and show its secrets, this once."""
    return _created(structure_id, request.form.get("label", "").strip()[:100])


@blueprint.post(f"{_PLACE}/<uuid:account_id>/renouvellement")
@signed_in
def renew(structure_id: uuid.UUID, account_id: uuid.UUID) -> Any:
    """Replace secrets and show the new ones, this once; without an overlap the former ones are refused at once."""
    kinds = [kind for kind in request.form.getlist("kind") if kind in KINDS]
    days = request.form.get("overlap_days", "0")
    if not kinds or not (days.isascii() and days.isdecimal() and len(days) < 4):
        done.say(gettext("Choisissez ce qui est à renouveler : rien n'a été fait."))
        return redirect(url_for("technical.listing", structure_id=structure_id))
    return _renewed(structure_id, account_id, kinds, int(days), form_version())


@blueprint.post(f"{_PLACE}/<uuid:account_id>/revocation")
@signed_in
def revoke(structure_id: uuid.UUID, account_id: uuid.UUID) -> Any:
    """End an account for good, once that is confirmed."""
    if request.form.get("confirmation") != "oui":
        done.say(gettext("Cochez la case pour confirmer : rien n'a été fait."))
    else:
        call = technical_accounts.RevokeTechnicalAccount
        bus.call(call, key=form_key(), technical_account_id=account_id, version=form_version())
        done.say(gettext("Le compte technique est révoqué : il n'ouvre plus rien."))
    return redirect(url_for("technical.listing", structure_id=structure_id))


@blueprint.post(f"{_PLACE}/<uuid:account_id>/export")
@signed_in
def export(structure_id: uuid.UUID, account_id: uuid.UUID) -> Response:
    """Give the connection data that the page before shows as a file, once (R238). Errors: identity.already-exported."""
    secrets = {kind: request.form[kind] for kind in KINDS if request.form.get(kind)}
    taken = bus.call(technical_accounts.TakeConnectionData, key=form_key(), technical_account_id=account_id, **secrets)
    portal = request.url_root.rstrip("/")
    data = {
        "login": taken.account.login,
        "client_id": taken.account.client_id,
        **secrets,
        "expires_at": taken.secret_expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "token_url": f"{portal}/api/oauth/token",
        "api_url": f"{portal}/cpro",
    }
    name = f"compte-technique-{taken.account.portal_number}.json"
    return files.attachment(name, "application/json", json.dumps(data, ensure_ascii=False, indent=2).encode())


def _accounts(structure_ids: list[uuid.UUID]) -> list[Any]:
    return bus.call(technical_accounts.ListTechnicalAccounts, structure_ids=structure_ids).accounts


def _created(structure_id: uuid.UUID, label: str | None) -> Any:
    made = bus.call(identity.CreateTechnicalAccount, key=form_key(), structure_id=structure_id, label=label or "")
    return _secrets(structure_id, made, gettext("Le compte technique est créé."))


def _renewed(structure_id: uuid.UUID, account_id: uuid.UUID, kinds: list[str], overlap_days: int, version: int) -> Any:
    try:
        made = bus.call(
            technical_accounts.RenewTechnicalSecrets,
            key=form_key(),
            technical_account_id=account_id,
            kinds=kinds,
            overlap_days=overlap_days,
            version=version,
        )
    except errors.Conflict as error:
        # As when the page with the secrets is loaded again: they are not shown twice, and none is replaced unasked.
        done.say(message(error))
        return redirect(url_for("technical.listing", structure_id=structure_id))
    return _secrets(structure_id, made, gettext("Le compte technique est renouvelé."))


def _secrets(structure_id: uuid.UUID, made: Any, said: str) -> str:
    shown = {kind: getattr(made, kind) for kind in KINDS if getattr(made, kind)}
    until = made.values.get("former_until")
    return render_template(
        "technical_secrets.html", structure_id=structure_id, made=made, shown=shown, said=said, former_until=until
    )
