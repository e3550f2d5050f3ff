"""The forms about the life of an account: second factor, secret question, reactivation, and writing to the support."""

from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import Length

from .forms import CurrentPassword, Needed, NewPassword, stripped
from .languages import N_

_CODE_KEYWORDS = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"}


class CurrentPasswordForm(CurrentPassword):
    """The present password, before something of the sign-in changes."""


class CodeForm(FlaskForm):
    """The code of an authenticator, or where one signs in a recovery code."""

    code = StringField(
        N_("Code"), [Needed(N_("Indiquez le code."))], filters=[stripped], render_kw=_CODE_KEYWORDS
    )


class AnswerForm(FlaskForm):
    """The answer to the secret question, beside a link of a mail."""

    answer = StringField(
        N_("Réponse à la question secrète"),
        [Needed(N_("Répondez à la question secrète."))],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )


class ResetWithAnswerForm(AnswerForm, NewPassword):
    """A forgotten password where secret questions are the policy."""


class _Question(FlaskForm):
    question = StringField(
        N_("Nouvelle question secrète"),
        [Needed(N_("Écrivez une question.")), Length(max=200, message=N_("La question dépasse 200 caractères."))],
        filters=[stripped],
    )
    new_answer = StringField(
        N_("Nouvelle réponse"),
        [Needed(N_("Écrivez la réponse."))],
        description=N_("Majuscules, accents et espaces ne comptent pas. Elle n'est jamais affichée."),
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )


class QuestionForm(CurrentPassword, _Question):
    """Another secret question (R029)."""


class ReactivationForm(NewPassword):
    """The new password of an account that is reactivated (R055)."""


class ReactivationWithQuestionForm(NewPassword, _Question):
    """The same, where secret questions are the policy and the account has none yet."""


class ReactivationWithAnswerForm(AnswerForm, NewPassword, _Question):
    """The same, for an account that has a secret question."""


class SupportForm(FlaskForm):
    """A sollicitation to the support, signed in or not (R056)."""

    name = StringField(
        N_("Votre nom"), [Needed(N_("Indiquez votre nom."))], filters=[stripped], render_kw={"autocomplete": "name"}
    )
    email = EmailField(
        N_("Adresse pour la réponse"),
        [Needed(N_("Indiquez votre adresse électronique."))],
        filters=[stripped],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
    message = TextAreaField(
        N_("Votre demande"),
        [
            Needed(N_("Écrivez votre demande.")),
            Length(max=5000, message=N_("La demande dépasse 5000 caractères.")),
        ],
        description=N_("N'écrivez jamais votre mot de passe."),
        filters=[stripped],
    )
