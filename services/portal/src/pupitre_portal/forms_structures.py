"""Forms about a structure's own affairs. They only check what can be seen at once: rules and rights are organisation's affair."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, EmailField, SelectChoice, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from .forms import Needed, squeezed
from .languages import N_, gettext

_MOTIVE = Length(max=2000, message=N_("Le motif dépasse 2000 caractères."))
MOA_LABELS = {
    "": N_("Non précisée"),
    "SANS_MOA": N_("Structure sans MOA"),
    "AVEC_MOA": N_("Structure avec MOA"),
    "EXCLUSIVEMENT_MOA": N_("Structure exclusivement MOA"),
}


def stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class GeneralDataForm(FlaskForm):
    """What a structure's people may change of its general data (R067)."""

    label = StringField(N_("Libellé"), filters=[stripped], description=N_("Complète la raison sociale, par exemple le nom d'usage."))
    email = EmailField(
        N_("Adresse électronique"), filters=[stripped], description=N_("Pour information : aucun mail n'y est envoyé.")
    )
    phone = TelField(N_("Téléphone"), filters=[stripped])
    rcs_number = StringField(N_("Numéro RCS"), filters=[stripped])
    vat_number = StringField(N_("Numéro de TVA intracommunautaire"), filters=[squeezed])
    non_diffusible = BooleanField(N_("Non diffusible INSEE"))


class ParametersForm(FlaskForm):
    """What a public body demands of invoices (R070) and whether a MOA works on the portal (R072)."""

    requires_service = BooleanField(N_("Le code service doit être renseigné par le fournisseur"))
    requires_engagement = BooleanField(N_("Le numéro d'engagement doit être renseigné par le fournisseur"))
    requires_service_or_engagement = BooleanField(N_("Le numéro d'engagement ou le code service est obligatoire"))
    payment_not_reported = BooleanField(N_("Le statut « Mise en paiement » n'est pas remonté au fournisseur"))
    moa_presence = SelectField(N_("Présence MOA"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moa_presence.choices = [SelectChoice(code, gettext(label)) for code, label in MOA_LABELS.items()]


class StateForm(FlaskForm):
    """Why a structure is to be activated or inactivated (R069)."""

    motive = TextAreaField(
        N_("Motif"),
        [_MOTIVE],
        filters=[stripped],
        description=N_("Nécessaire lorsque la base SIRENE ne confirme pas la demande : l'exploitant décide alors."),
    )


class ReplaceIdentifierForm(FlaskForm):
    """The SIRET of a structure that was in course of registration."""

    siret = StringField(N_("SIRET"), [Needed(N_("Indiquez le SIRET reçu."))], filters=[squeezed])


def _no_day_before(form: FlaskForm, field: Any) -> None:
    if field.data and form.starts_on.data and field.data < form.starts_on.data:
        raise ValidationError(N_("La fin précède le début."))


class ServiceForm(FlaskForm):
    """A service of a structure (R081); its code is only asked for when it is created."""

    label = StringField(N_("Libellé"), [Needed(N_("Indiquez le libellé du service."))], filters=[stripped])
    description = TextAreaField(N_("Description"), filters=[stripped])
    starts_on = DateField(N_("Date de début d'activation"), [Needed(N_("Indiquez depuis quand le service est actif."))])
    ends_on = DateField(N_("Date de fin d'activation"), [Optional(), _no_day_before], description=N_("Vide : sans limite."))
    requires_engagement = BooleanField(N_("Le numéro d'engagement est obligatoire pour ce service"))


class NewServiceForm(ServiceForm):
    """A service to create."""

    code = StringField(
        N_("Code service"),
        [Needed(N_("Indiquez le code du service.")), Length(max=100, message=N_("Le code service est trop long."))],
        filters=[stripped],
        description=N_("Unique dans la structure ; il ne change plus : les factures le citent."),
    )


class PublicStructureForm(FlaskForm):
    """A public structure that the operator is asked to create (R068)."""

    identifier = StringField(N_("SIRET"), [Needed(N_("Indiquez le SIRET de la structure."))], filters=[squeezed])
    name = StringField(N_("Raison sociale"), [Needed(N_("Indiquez la raison sociale."))], filters=[stripped])
    line = StringField(N_("Adresse"), [Needed(N_("Indiquez l'adresse."))], filters=[stripped])
    complement = StringField(N_("Complément d'adresse"), filters=[stripped])
    postal_code = StringField(N_("Code postal"), [Needed(N_("Indiquez le code postal."))], filters=[stripped])
    city = StringField(N_("Ville"), [Needed(N_("Indiquez la ville."))], filters=[stripped])
    motive = TextAreaField(
        N_("Motif"),
        [Needed(N_("Écrivez à l'exploitant pourquoi cette structure doit être créée.")), _MOTIVE],
        filters=[stripped],
    )
