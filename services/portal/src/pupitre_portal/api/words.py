"""Sentences for programs: in French, or in English where ``?lang=`` or Accept-Language asks for it."""

from flask import request
from pupitre_contracts import errors

from ..errors import SERVICE_NAMES
from ..languages import LANGUAGES, translations


def language() -> str:
    """Return the language that the caller reads: ``fr`` or ``en``."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(list(LANGUAGES)) or "fr"


def either(french: str, english: str) -> str:
    """Choose between a sentence and its translation."""
    return english if language() == "en" else french


def of(error: errors.PupitreError) -> str:
    """Return an error's text, with the services called by names that people know."""
    service = error.details.get("service")
    if service in SERVICE_NAMES:
        name = translations(language()).gettext(SERVICE_NAMES[service])
        error = type(error)(**{**error.details, "service": name})
    return error.message(language())
