"""What the assistant understands: five intents, recognised by their words, each led from the question to its end (R254)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from pupitre_espaces import Label

PASSWORD, ACTIVATION, INVOICE, TRAINING, STRUCTURE, UNKNOWN = (
    "password",
    "activation",
    "invoice",
    "training",
    "structure",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that people come for: `suggestion` is the button that asks for it, `words` what it is recognised by."""

    key: str
    suggestion: Label
    words: tuple[str, ...]


INTENTS = (
    Intent(
        PASSWORD,
        Label("J'ai oublié mon mot de passe", "I forgot my password"),
        ("mot de passe", "mdp", "password", "oublie", "forgot", "reinitialis", "reset"),
    ),
    Intent(
        ACTIVATION,
        Label("Je n'ai pas reçu mon lien d'activation", "I did not get my activation link"),
        ("activation", "lien", "activer mon compte", "link", "confirmation", "mail d'inscription"),
    ),
    Intent(
        INVOICE,
        Label("Où en est ma facture ?", "Where is my invoice?"),
        ("facture", "invoice", "paiement", "payment", "paye", "paid", "statut", "status", "suivre", "ou en est"),
    ),
    Intent(
        TRAINING,
        Label("M'inscrire à une formation", "Register for a training"),
        ("formation", "training", "webinaire", "webinar", "inscrire a une formation", "apprendre"),
    ),
    Intent(
        STRUCTURE,
        Label("Activer ou désactiver une structure publique", "Activate or inactivate a public structure"),
        (
            "structure",
            "inactiver",
            "desactiver",
            "inactivate",
            "deactivate",
            "reactiver la structure",
            "activer une structure",
            "siret",
        ),
    ),
)
_NUMBER = re.compile(
    r"(?:facture|invoice|num[eé]ro|number|n°|no\.?)\s*(?:n°|num[eé]ro|number|no\.?)?\s*[:=]?\s*([A-Za-z0-9][\w./-]{1,49})",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Za-z]{0,6}[-_./]?\d[\w./-]{1,45}")


def recognise(text: str) -> str:
    """Return the key of the intent whose words weigh most in a text; UNKNOWN when none is named."""
    plain = plainly(text)
    weights = {each.key: sum(len(word) for word in each.words if word in plain) for each in INTENTS}
    best = max(weights, key=lambda key: weights[key])
    return best if weights[best] else UNKNOWN


def number_in(text: str) -> str | None:
    """Return the number of an invoice that a text names; one without a digit is no number."""
    named = _NUMBER.search(text)
    if named and any(each.isdigit() for each in named[1]):
        return named[1].rstrip(".,;?!")
    code = _CODE.search(text)
    return code[0].rstrip(".,;?!") if code else None


def plainly(text: Any) -> str:
    """Return a text in lower case and without accents."""
    parts = unicodedata.normalize("NFKD", str(text).casefold())
    return "".join(each for each in parts if not unicodedata.combining(each)).replace("\u2019", "'")
