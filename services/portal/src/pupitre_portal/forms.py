"""The forms of the portal. They only check what can be seen at once: rules and rights are the services' affair.

Labels and messages are French here and translated where they are shown; every form carries an idempotency key made when it is shown.
"""

import io
import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    MultipleFileField,
    PasswordField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import EqualTo, InputRequired, Length, Optional, Regexp, ValidationError

from . import codes
from .languages import N_

_MOTIVE_LENGTH = 2000


def squeezed(value: str | None) -> str | None:
    """Return an identifier without the spaces people type in it."""
    return re.sub(r"\s+", "", value) if value else value


def stripped(value: str | None) -> str | None:
    """Return a text without blanks around it."""
    return value.strip() if value else value


class Needed(InputRequired):
    """Asks for a value, with a message that says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message)


class SignInForm(FlaskForm):
    """Address and password."""

    email = EmailField(
        N_("Adresse électronique"),
        [Needed(N_("Indiquez votre adresse électronique."))],
        filters=[stripped],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField(
        N_("Mot de passe"), [Needed(N_("Indiquez votre mot de passe."))], render_kw={"autocomplete": "current-password"}
    )


class AddressForm(FlaskForm):
    """The sign-in address that a link is to be sent to."""

    email = EmailField(
        N_("Adresse électronique"),
        [Needed(N_("Indiquez votre adresse électronique."))],
        filters=[stripped],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )


class _Names(FlaskForm):
    given_name = StringField(
        N_("Prénom"),
        [Needed(N_("Indiquez votre prénom."))],
        filters=[stripped],
        render_kw={"autocomplete": "given-name"},
    )
    family_name = StringField(
        N_("Nom"), [Needed(N_("Indiquez votre nom."))], filters=[stripped], render_kw={"autocomplete": "family-name"}
    )


class CurrentPassword(FlaskForm):
    """The present password."""

    current = PasswordField(
        N_("Mot de passe actuel"),
        [Needed(N_("Indiquez votre mot de passe actuel."))],
        render_kw={"autocomplete": "current-password"},
    )


_PASSWORD_HINT = N_(
    "Au moins 12 caractères variés, ou une phrase d'au moins 20 caractères. Le collage et les gestionnaires de mots de passe sont admis."
)


class NewPassword(FlaskForm):
    """A password that is chosen, typed twice."""

    password = PasswordField(
        N_("Nouveau mot de passe"),
        [Needed(N_("Choisissez un mot de passe."))],
        description=_PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        N_("Le même mot de passe"),
        [EqualTo("password", message=N_("Les deux mots de passe diffèrent. Tapez deux fois le même."))],
        render_kw={"autocomplete": "new-password"},
    )


class SignUpForm(AddressForm, _Names, NewPassword):
    """Who asks for an account."""


class ActivationForm(FlaskForm):
    """The password of the sign-up, asked for when its link is followed."""

    password = PasswordField(
        N_("Mot de passe choisi à l'inscription"),
        [Needed(N_("Indiquez votre mot de passe."))],
        render_kw={"autocomplete": "current-password"},
    )


class ResetForm(NewPassword):
    """The password that replaces a forgotten one."""


class PasswordForm(CurrentPassword, NewPassword):
    """The password that replaces the present one (R028)."""


class PersonalDataForm(_Names):
    """What a person tells of himself (R021); the service says what is wrong with each field."""

    language = SelectField(N_("Langue des mails"), choices=[SelectChoice("fr", "Français"), SelectChoice("en", "English")])
    contact_email = EmailField(N_("Adresse de contact"), filters=[stripped], render_kw={"autocomplete": "email"})
    notification_email = EmailField(
        N_("Adresse des notifications"),
        description=N_("Vide : l'adresse de contact, à défaut celle de connexion."),
        filters=[stripped],
    )
    phone = TelField(N_("Téléphone professionnel"), filters=[stripped], render_kw={"autocomplete": "tel"})
    mobile = TelField(N_("Téléphone mobile"), filters=[stripped])
    street = StringField(N_("Rue"), filters=[stripped], render_kw={"autocomplete": "street-address"})
    postal_code = StringField(N_("Code postal"), filters=[stripped], render_kw={"autocomplete": "postal-code"})
    city = StringField(N_("Ville"), filters=[stripped], render_kw={"autocomplete": "address-level2"})
    region = StringField(N_("État ou province"), filters=[stripped])
    country = StringField(N_("Pays"), filters=[stripped], render_kw={"autocomplete": "country-name"})
    notify_invoicing = BooleanField(N_("Notification Facturation"))
    notify_news = BooleanField(N_("Notification Actualités"))


def file_chosen(form: FlaskForm, field: Any) -> None:
    if not getattr(field.data, "filename", ""):
        raise ValidationError(N_("Choisissez un fichier."))
    if _is_empty(field.data):
        raise ValidationError(N_("Ce fichier est vide. Choisissez-en un autre."))


def _is_empty(upload: Any) -> bool:
    size = upload.stream.seek(0, io.SEEK_END)
    upload.stream.seek(0)
    return size == 0


def _no_day_before(form: FlaskForm, field: Any) -> None:
    if field.data and form.starts_on.data and field.data < form.starts_on.data:
        raise ValidationError(N_("La fin précède le début."))


class RattachementForm(FlaskForm):
    """Why and for how long somebody wants to be attached to a structure (R102, R105)."""

    comment = TextAreaField(
        N_("Commentaire"),
        [
            Needed(N_("Écrivez au gestionnaire pourquoi vous demandez ce rattachement.")),
            Length(max=_MOTIVE_LENGTH, message=N_("Le commentaire dépasse 2000 caractères.")),
        ],
        filters=[stripped],
    )
    starts_on = DateField(N_("À partir du"), [Optional()], description=N_("Vide : dès l'approbation."))
    ends_on = DateField(N_("Jusqu'au"), [Optional(), _no_day_before], description=N_("Vide : sans limite."))


IDENTIFIER_TYPES = tuple(codes.IDENTIFIER_TYPES.items())


class _Unless:
    """Asks for a value, unless the identifier is of a type that does without."""

    field_flags = {"required": False}  # how wtforms reads it

    def __init__(self, message: str, *types: str) -> None:
        self.message, self.types = message, types

    def __call__(self, form: FlaskForm, field: Any) -> None:
        if not field.data and form.identifier_type.data not in self.types:
            raise ValidationError(self.message)


class _OfPerson:
    """Asks for a value where the structure is a person."""

    field_flags = {"required": False}  # how wtforms reads it

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: FlaskForm, field: Any) -> None:
        if not field.data and form.identifier_type.data == "PARTICULIER":
            raise ValidationError(self.message)


class WishForm(FlaskForm):
    """Which espace somebody asks for, from when on and why; the profiles stand beside it, service by service (R138)."""

    espace = SelectField(N_("Espace"))
    starts_on = DateField(N_("Date d'effet"), [Optional()], description=N_("Vide : dès l'approbation."))
    comment = TextAreaField(
        N_("Commentaire"),
        [Length(max=_MOTIVE_LENGTH, message=N_("Le commentaire dépasse 2000 caractères."))],
        filters=[stripped],
    )


class MandatForm(FlaskForm):
    """Who lets whom deposit, and when (R280)."""

    structure = SelectField(N_("Structure qui donne le mandat"))
    mandataire = StringField(
        N_("Identifiant du mandataire"),
        [Needed(N_("Indiquez l'identifiant de la structure qui déposera."))],
        description=N_("Son SIRET, ou son autre identifiant."),
        filters=[stripped],
    )
    starts_on = DateField(N_("À partir du"), [Needed(N_("Indiquez le premier jour du mandat."))])
    ends_on = DateField(N_("Jusqu'au"), [Optional(), _no_day_before], description=N_("Vide : sans limite."))


class StructureForm(FlaskForm):
    """A private structure to create (R062); organisation checks the identifier by its type (H.1)."""

    type = SelectField(N_("Type de structure"), default="PRIVATE")
    identifier_type = SelectField(N_("Type d'identifiant"))
    identifier = StringField(
        N_("Identifiant"),
        [_Unless(N_("Indiquez l'identifiant de la structure."), "AUTRE", "PARTICULIER")],
        filters=[squeezed],
        description=N_(
            "SIRET : 14 chiffres. UE hors France : numéro de TVA. Hors UE : code du pays en deux lettres, la raison sociale le complète."
            " RIDET : 7 ou 10 chiffres. TAHITI : 6 ou 9 caractères. En cours d'immatriculation et particulier : laissez vide, le portail"
            " donne une référence."
        ),
    )
    name = StringField(N_("Raison sociale"), [_Unless(N_("Indiquez la raison sociale."), "PARTICULIER")], filters=[stripped])
    given_name = StringField(N_("Prénom"), [_OfPerson(N_("Indiquez le prénom."))], filters=[stripped])
    family_name = StringField(N_("Nom"), [_OfPerson(N_("Indiquez le nom."))], filters=[stripped])
    label = StringField(N_("Libellé"), filters=[stripped])
    email = EmailField(N_("Adresse électronique"), filters=[stripped])
    phone = TelField(N_("Téléphone"), filters=[stripped])
    line = StringField(N_("Adresse"), [Needed(N_("Indiquez l'adresse."))], filters=[stripped])
    complement = StringField(N_("Complément d'adresse"), filters=[stripped])
    complement2 = StringField(N_("Second complément d'adresse"), filters=[stripped])
    postal_code = StringField(N_("Code postal"), [Needed(N_("Indiquez le code postal."))], filters=[stripped])
    city = StringField(N_("Ville"), [Needed(N_("Indiquez la ville."))], filters=[stripped])
    non_diffusible = BooleanField(
        N_("Non diffusible INSEE"), description=N_("L'adresse et les coordonnées ne sont montrées qu'aux utilisateurs de la structure.")
    )
    country = StringField(N_("Pays (code à deux lettres)"), [Needed(N_("Indiquez le pays."))], default="FR", filters=[stripped])


class DepositForm(FlaskForm):
    """An invoice file, and in whose name it is deposited."""

    structure = SelectField(
        N_("Structure qui émet la facture"), [Needed(N_("Choisissez la structure qui émet la facture."))]
    )
    file = FileField(
        N_("Fichier de la facture"),
        [file_chosen],
        description=N_("UBL ou CII (XML), ou Factur-X (PDF)."),
        render_kw={"accept": ".xml,.pdf"},
    )


class ValidationForm(FlaskForm):
    """A file to check without depositing it."""

    file = FileField(
        N_("Fichier à contrôler"),
        [file_chosen],
        description=N_("UBL ou CII (XML), ou Factur-X (PDF). Rien n'est déposé ni conservé comme facture."),
        render_kw={"accept": ".xml,.pdf"},
    )


class EmptyForm(FlaskForm):
    """A button."""


class MoveForm(FlaskForm):
    """A change of status; the service says when the motive is compulsory, and so does the page."""

    to = StringField(N_("Nouveau statut"), [Needed(N_("Choisissez le nouveau statut."))])
    motive_code = StringField(N_("Motif codé"))
    mandat_refused = BooleanField(N_("J'atteste que le comptable a refusé le mandat"))
    motive = TextAreaField(
        N_("Motif"), [Length(max=_MOTIVE_LENGTH, message=N_("Le motif dépasse 2000 caractères."))], filters=[stripped]
    )
    comment = TextAreaField(
        N_("Commentaire"),
        [Length(max=_MOTIVE_LENGTH, message=N_("Le commentaire dépasse 2000 caractères."))],
        filters=[stripped],
    )


class CompleteForm(FlaskForm):
    """The answer to a suspension: a comment, files, or both."""

    comment = TextAreaField(
        N_("Commentaire"),
        [Length(max=_MOTIVE_LENGTH, message=N_("Le commentaire dépasse 2000 caractères."))],
        filters=[stripped],
    )
    documents = MultipleFileField(N_("Pièces jointes"))
    kept = SelectMultipleField(N_("Parmi mes pièces jointes"), choices=[], validate_choice=False)

    def __init__(self, *args: Any, shared: list[str] | None = None, **kwargs: Any) -> None:
        """``shared`` are the documents of the structure that were ticked."""
        super().__init__(*args, **kwargs)
        self.shared = shared or []

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for at least one of them."""
        valid = super().validate(extra_validators)
        if not (self.comment.data or self.chosen or self.kept.data or self.shared):
            self.comment.errors = [*self.comment.errors, N_("Écrivez un commentaire ou joignez un fichier.")]
            return False
        empty = [each.filename for each in self.chosen if _is_empty(each)]
        if empty:
            self.documents.errors = [*self.documents.errors, N_("Un des fichiers est vide. Choisissez-en un autre.")]
        return valid and not empty

    @property
    def chosen(self) -> list[Any]:
        """The files that were chosen: browsers send an empty one when there is none."""
        return [each for each in self.documents.data or [] if getattr(each, "filename", "")]


class RecycleForm(FlaskForm):
    """What may be corrected of an invoice to be recycled: where it goes, and nothing else."""

    recipient_siret = StringField(
        N_("SIRET du destinataire"),
        [
            Needed(N_("Indiquez le SIRET du destinataire.")),
            Regexp(r"\d{14}\Z", message=N_("Un SIRET compte 14 chiffres.")),
        ],
        filters=[squeezed],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    code_service = StringField(
        N_("Code service"),
        [Optional(), Length(max=100, message=N_("Le code service est trop long."))],
        filters=[stripped],
    )
    engagement = StringField(
        N_("Numéro d'engagement"),
        [Optional(), Length(max=50, message=N_("Le numéro d'engagement est trop long."))],
        filters=[stripped],
    )
    comment = TextAreaField(
        N_("Commentaire"),
        [Length(max=_MOTIVE_LENGTH, message=N_("Le commentaire dépasse 2000 caractères."))],
        filters=[stripped],
    )
