"""The page of the espace."""

from datetime import date
from zoneinfo import ZoneInfo

from pupitre_espaces import Html, PageContent, PageRequest

PARIS = ZoneInfo("Europe/Paris")
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]

TEXTS = {
    "fr": {
        "title": "Bonjour",
        "greeting": "Bonjour {name} !",
        "nobody": "Bonjour !",
        "today": "Nous sommes le {date}. Vous travaillez pour {structure} (SIRET {siret}).",
    },
    "en": {
        "title": "Hello",
        "greeting": "Hello {name}!",
        "nobody": "Hello!",
        "today": "It is {date}. You are working for {structure} (SIRET {siret}).",
    },
}
BODY = Html('<p class="lead">{greeting}</p>\n<p>{today}</p>')


def greeting(request: PageRequest) -> PageContent:
    """Greet the user, and say for which structure and on which day (in France) he works."""
    context = request.context
    texts = TEXTS[context.language]
    words = texts["greeting"].format(name=context.user.name) if context.user else texts["nobody"]
    today = texts["today"].format(
        date=written(context.clock.now().astimezone(PARIS).date(), context.language),
        structure=context.structure.name,
        siret=context.structure.siret,
    )
    # Html.format escapes both texts: a structure called <b> stays a structure called <b>.
    return PageContent(texts["title"], BODY.format(greeting=words, today=today))


def written(day: date, language: str) -> str:
    """Return a day in words, without the locale of the machine."""
    if language == "fr":
        first = "1er" if day.day == 1 else day.day
        return f"{first} {MONTHS[day.month - 1]} {day.year}"
    return day.isoformat()
