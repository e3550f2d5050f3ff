"""The two languages of the portal: French is written in the pages, English in ``translations/en.po``.

The catalogue is read as text when the process starts: nothing has to be compiled, and a test refuses a sentence without English.
"""

import functools
import io
from importlib import resources

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, request

LANGUAGES = {"fr": "Français", "en": "English"}
COOKIE = "pupitre_langue"
_LOCALES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}


@functools.cache
def translations(language: str) -> NullTranslations:
    """Return the catalogue of a language; French is its own."""
    if language == "fr":
        return NullTranslations()
    source = resources.files(__package__).joinpath("translations", f"{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def current() -> str:
    """Return the language of the request: asked for in the address, chosen before, the account's own, what
    a program accepts, or French."""
    user = g.get("user")
    spoken = request.accept_languages.best_match(LANGUAGES) if _asked_by_a_program() else None
    for candidate in (request.args.get("lang"), request.cookies.get(COOKIE), user.language if user else None, spoken):
        if candidate in LANGUAGES:
            return candidate
    return "fr"


def _asked_by_a_program() -> bool:
    return request.path.startswith(("/api/", "/cpro/"))


def locale() -> Locale:
    """Return the locale that amounts and dates are written in."""
    return _LOCALES[current()]


def gettext(text: str, **values: object) -> str:
    """Return a sentence in the language of the request, with ``values`` put in. The result is text, not markup."""
    translated = translations(current()).gettext(text)
    return translated % values if values else translated


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """Return the sentence that fits ``number``, which it may quote as ``%(num)s``."""
    return plural_form(singular, plural, number) % {"num": number, **values}


def N_(text: str) -> str:  # noqa: N802  # the customary name, which the extraction of sentences looks for
    """Mark a sentence for translation where it is written; it is translated where it is shown."""
    return text


def remember(response: Response) -> Response:
    """Keep the language asked for in the address for the visits to come."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and not _asked_by_a_program():
        secure = request.is_secure or bool(response.headers.get("Strict-Transport-Security"))
        response.set_cookie(COOKIE, asked, max_age=365 * 86400, httponly=True, samesite="Lax", secure=secure)
    return response


def init_app(app: Flask) -> None:
    """Give the templates their ``_`` and keep the visitor's choice."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(
        lambda text: translations(current()).gettext(text),
        plural_form,
        newstyle=True,
    )
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, language=current)
    app.jinja_env.filters["tr"] = gettext
    app.after_request(remember)


def plural_form(singular: str, plural: str, number: int) -> str:
    """Return the form that fits ``number`` with its placeholders still in; French counts zero as singular."""
    if current() == "fr":
        return singular if number in (0, 1) else plural
    return translations(current()).ngettext(singular, plural, number)
