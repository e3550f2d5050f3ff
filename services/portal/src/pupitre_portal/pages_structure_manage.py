"""« Gérer une structure »: consult, modify, activate, inactivate, bring in line with the INSEE register (R066 to R072)."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from pupitre_contracts import errors, organisation, structures
from werkzeug.exceptions import NotFound as NoSuchPage

from . import bus, done, navigation
from .errors import message
from .forms import EmptyForm
from .forms_structures import (
    GeneralDataForm,
    ParametersForm,
    PublicStructureForm,
    ReplaceIdentifierForm,
    StateForm,
)
from .languages import N_, gettext
from .pages_sign_up import show_faults
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("structure_manage", __name__, url_prefix="/structures")

KIND_LABELS = {"CREATION": N_("Création"), "ACTIVATION": N_("Activation"), "INACTIVATION": N_("Inactivation")}
FIELD_LABELS = {
    "name": N_("Raison sociale"),
    "line": N_("Adresse"),
    "complement": N_("Complément d'adresse"),
    "postal_code": N_("Code postal"),
    "city": N_("Ville"),
}
_FLAGS = ("requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported")


def sheet(structure_id: uuid.UUID) -> Any:
    """Return a structure as its own people see it. Errors: not-found for everybody else."""
    return bus.call(structures.GetStructureSheet, structure_id=structure_id)


@blueprint.get("/<uuid:structure_id>/gestion")
@signed_in
def show(structure_id: uuid.UUID) -> str:
    """Show the structure's data, what may be done, and what was asked about it."""
    found = sheet(structure_id)
    return render_template(
        "structure_manage.html",
        sheet=found,
        structure=found.structure,
        kinds=KIND_LABELS,
        form=EmptyForm(formdata=None),
        user_email=g.user.email,
        done=done.said(),
    )


@blueprint.route("/<uuid:structure_id>/gestion/donnees", methods=["GET", "POST"])
@signed_in
def change(structure_id: uuid.UUID) -> Any:
    """Change the general data (R067)."""
    structure = _kept(structure_id).structure
    form = GeneralDataForm(data=structure.values)

    def save() -> None:
        texts = {name: form[name].data or None for name in ("label", "email", "phone", "rcs_number", "vat_number")}
        bus.call(
            structures.ChangeStructure,
            key=form_key(),
            structure_id=structure_id,
            version=form_version(),
            non_diffusible=form.non_diffusible.data,
            **texts,
        )
        done.say(gettext("Les données de la structure sont enregistrées."))

    return _answered("structure_change.html", structure, form, save)


@blueprint.route("/<uuid:structure_id>/gestion/parametres", methods=["GET", "POST"])
@signed_in
def parameters(structure_id: uuid.UUID) -> Any:
    """Change what a public body demands of invoices (R070, R072)."""
    structure = _kept(structure_id).structure
    if structure.type != "PUBLIC":
        raise NoSuchPage
    form = ParametersForm(data={**structure.parameters.values, "moa_presence": structure.parameters.moa_presence or ""})

    def save() -> None:
        wanted = organisation.Parameters(
            **{name: form[name].data for name in _FLAGS},
            receives_edi=structure.parameters.receives_edi,
            moa_presence=form.moa_presence.data or None,
        )
        bus.call(
            organisation.SetParameters,
            key=form_key(),
            structure_id=structure_id,
            parameters=wanted,
            version=form_version(),
        )
        done.say(gettext("Les paramètres sont enregistrés : ils valent pour les prochains dépôts."))

    return _answered("structure_parameters.html", structure, form, save)


@blueprint.route("/<uuid:structure_id>/gestion/identifiant", methods=["GET", "POST"])
@signed_in
def replace_identifier(structure_id: uuid.UUID) -> Any:
    """Give a structure in course of registration its SIRET."""
    structure, form = _kept(structure_id).structure, ReplaceIdentifierForm()
    if structure.identifier_type != "AUTRE":
        raise NoSuchPage

    def save() -> None:
        bus.call(structures.ReplaceIdentifier, key=form_key(), structure_id=structure_id, siret=form.siret.data)
        done.say(gettext("La structure porte maintenant son SIRET."))

    return _answered("structure_identifier.html", structure, form, save)


@blueprint.route("/<uuid:structure_id>/gestion/etat", methods=["GET", "POST"])
@signed_in
def state(structure_id: uuid.UUID) -> Any:
    """Activate or inactivate the structure, at once or by the operator's decision (R069)."""
    structure, form = _kept(structure_id).structure, StateForm()
    wanted = "INACTIVE" if structure.active else "ACTIVE"

    def save() -> None:
        motive = {"motive": form.motive.data} if form.motive.data else {}
        asked = bus.call(structures.AskStructureState, key=form_key(), structure_id=structure_id, wanted=wanted, **motive).request
        if asked.state == "DEMANDE":
            done.say(gettext("Demande n° %(number)s envoyée : l'exploitant de la plateforme décide.", number=asked.number))
        elif wanted == "ACTIVE":
            done.say(gettext("La structure est active."))
        else:
            done.say(gettext("La structure est inactive : elle ne reçoit plus de facture et n'en dépose plus."))

    return _answered("structure_state.html", structure, form, save)


@blueprint.post("/<uuid:structure_id>/gestion/sirene")
@signed_in
def update(structure_id: uuid.UUID) -> Any:
    """Bring raison sociale and address in line with the INSEE register (R066)."""
    try:
        reply = bus.call(structures.UpdateFromSirene, key=form_key(), structure_id=structure_id)
    except (errors.SireneUnavailable, errors.SireneUnknown, errors.Invalid) as error:
        done.say(message(error))
    else:
        changed = ", ".join(gettext(FIELD_LABELS[each.field]) for each in reply.changes)
        said = gettext("Mis à jour depuis la base INSEE : %(fields)s.", fields=changed) if changed else None
        said = said or gettext("La structure est conforme à la base INSEE : rien n'a changé.")
        closed = gettext("Cet établissement y est fermé : la structure peut être inactivée.")
        done.say(f"{said} {closed}" if reply.sirene_state == "FERME" else said)
    return redirect(url_for("structure_manage.show", structure_id=structure_id))


@blueprint.post("/<uuid:structure_id>/gestion/demandes/<uuid:request_id>/<any(UP, DOWN):rating>")
@signed_in
def rate(structure_id: uuid.UUID, request_id: uuid.UUID, rating: str) -> Any:
    """Keep the requester's thumb (R069)."""
    bus.call(structures.RateStructureRequest, key=form_key(), request_id=request_id, rating=rating)
    done.say(gettext("Merci de votre avis."))
    return redirect(url_for("structure_manage.show", structure_id=structure_id))


@blueprint.route("/demande-publique", methods=["GET", "POST"])
@signed_in
def ask_public() -> Any:
    """Ask the operator for a public structure that the portal does not know, and see what became of one's requests (R068)."""
    form, refusal = PublicStructureForm(), None
    if form.validate_on_submit():
        place = {name: form[name].data for name in ("line", "complement", "postal_code", "city") if form[name].data}
        try:
            asked = bus.call(
                structures.AskPublicStructure,
                key=form_key(),
                identifier=form.identifier.data,
                name=form.name.data,
                address=organisation.Address(**place),
                motive=form.motive.data,
            ).request
        except errors.IdentifierWrong as error:
            form.identifier.errors = [message(error)]
        except (errors.StructureExists, errors.RequestPointless) as error:
            refusal = message(error)
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        else:
            done.say(gettext("Demande n° %(number)s envoyée : l'exploitant de la plateforme décide.", number=asked.number))
            return redirect(url_for("structure_manage.ask_public"))
    requests = bus.call(structures.ListStructureRequests, page_size=25).requests
    shown = render_template(
        "structure_ask_public.html", form=form, refusal=refusal, requests=requests, kinds=KIND_LABELS, done=done.said()
    )
    return shown, 422 if form.errors or refusal else 200


@blueprint.get("/facture-hors-portail")
@signed_in
def outside_notice() -> str:
    """Show the letter that tells an issuer to invoice on the portal, before its invoice may be rejected (R076)."""
    own = [each for each in navigation.rights() if each.type == "PUBLIC"]
    name, siret = (own[0].name, own[0].identifier) if own else ("…", "…")
    return render_template("notice_rejection.html", paragraphs=[line.format(name=name, siret=siret) for line in _LETTER])


#: A letter in the language of the law, to be completed by hand: it is not translated.
_LETTER = (
    "Objet : facture n° … du …, reçue hors du portail de facturation",
    "Madame, Monsieur,",
    "Nous avons reçu, par un autre moyen que le portail de facturation, la facture citée en objet, adressée à {name} (SIRET {siret}).",
    "Les titulaires et sous-traitants admis au paiement direct de contrats conclus avec les personnes publiques transmettent leurs factures"
    " sous forme électronique, au moyen du portail de facturation (code de la commande publique, articles L. 2192-1 et suivants).",
    "En application de l'article R. 2192-3 du même code, nous vous informons de cette obligation et vous invitons à vous y conformer en"
    " déposant cette facture sur le portail. À défaut, elle ne pourra pas être traitée et sera rejetée.",
    "La date de réception qui fait courir le délai de paiement est celle de la mise à disposition de la facture sur le portail.",
    "Veuillez agréer, Madame, Monsieur, l'expression de nos salutations distinguées.",
)


def _kept(structure_id: uuid.UUID) -> Any:
    """Return the sheet of a structure that the user may change. Errors: not-found, forbidden."""
    found = sheet(structure_id)
    if not found.may_modify:
        raise errors.Forbidden(needed="organisation, MODIFICATION")
    return found


def _answered(template: str, structure: Any, form: Any, save: Callable[[], None]) -> Any:
    """Show the form or do what it asks; a refusal is said beside it, with nothing of what was typed lost."""
    version, refusal, status = structure.version, None, 200
    if form.is_submitted() and "version" in request.form:
        version = form_version()
    if form.validate_on_submit():
        try:
            save()
        except errors.IdentifierWrong as error:
            form.siret.errors = [message(error)]
        except errors.MotiveNeeded as error:
            form.motive.errors = [message(error)]
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        except (errors.Conflict, errors.RequestPointless, errors.StructureStateSame, errors.StructureExists) as error:
            refusal, status = message(error), error.status
        else:
            return redirect(url_for("structure_manage.show", structure_id=structure.structure_id))
    status = status if status != 200 else 422 if form.errors or refusal else 200
    return render_template(template, structure=structure, form=form, version=version, refusal=refusal), status
