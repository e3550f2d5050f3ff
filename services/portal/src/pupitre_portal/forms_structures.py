"""Forms about a structure's own affairs. They only check what can be seen at once: rules and rights are organisation's affair."""

from typing import Any

from flask_wtf import FlaskForm
from pupitre_contracts import errors
from pupitre_contracts.document_values import STRUCTURE_BYTES
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError

from . import attachments
from .forms import IDENTIFIER_TYPES, Needed, squeezed, stripped
from .languages import N_, gettext

_MOTIVE = Length(max=2000, message=N_("Le motif dépasse 2000 caractères."))
MOA_LABELS = {
    "": N_("Non précisée"),
    "SANS_MOA": N_("Structure sans MOA"),
    "AVEC_MOA": N_("Structure avec MOA"),
    "EXCLUSIVEMENT_MOA": N_("Structure exclusivement MOA"),
}


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


class BankDetailsForm(FlaskForm):
    """An account to be paid on, block by block (R088); organisation checks lengths and keys."""

    name = StringField(N_("Nom des coordonnées"), [Needed(N_("Donnez un nom à ces coordonnées."))], filters=[stripped])
    kind = SelectField(N_("Type de coordonnées"))
    country = StringField(N_("Pays (code à deux lettres)"), filters=[stripped], default="FR")
    iban_key = StringField(N_("Clé IBAN"), filters=[stripped], description=N_("2 chiffres."))
    national = StringField(
        N_("Partie nationale de l'IBAN"),
        filters=[stripped],
        description=N_("France : 23 caractères (banque, guichet, compte, clé RIB). Sans espace."),
    )
    bic = StringField(N_("BIC"), filters=[stripped], description=N_("8 ou 11 caractères."))
    bank = StringField(N_("Code banque"), filters=[stripped], description=N_("5 chiffres."))
    branch = StringField(N_("Code guichet"), filters=[stripped], description=N_("5 chiffres."))
    number = StringField(N_("Numéro de compte"), filters=[stripped], description=N_("11 caractères."))
    rib_key = StringField(N_("Clé RIB"), filters=[stripped], description=N_("2 chiffres."))
    is_factored = BooleanField(N_("Affactureur"))
    factor_name = StringField(N_("Raison sociale de l'affactureur"), filters=[stripped])
    factor_country = StringField(N_("Pays de l'affactureur"), filters=[stripped], default="FR")
    factor_identifier_type = SelectField(N_("Type d'identifiant de l'affactureur"))
    factor_identifier = StringField(N_("Identifiant de l'affactureur"), filters=[squeezed])
    file = FileField(N_("Fichier du RIB"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(kind, kind) for kind in ("IBAN", "RIB")]
        self.factor_identifier_type.choices = [SelectChoice(code, gettext(label)) for code, label in IDENTIFIER_TYPES]

    def has_file(self) -> bool:
        """Tell whether a file was chosen: browsers send an empty one when there is none."""
        return bool(getattr(self.file.data, "filename", ""))

    def validate_file(self, field: Any) -> None:
        """Refuse a file that is too large or not what its name says, beside the field."""
        if self.has_file():
            try:
                attachments.check(field.data, STRUCTURE_BYTES)
            except errors.Invalid as error:
                raise ValidationError(error.details["fields"]["file"][0]) from error
