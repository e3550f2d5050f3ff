"""News as the portal shows them: a few beside other things, never in their way; and their plain text as paragraphs and lists."""

from typing import Any

from flask import Flask
from pupitre_contracts import communication, errors
from pupitre_espaces import Html

from . import bus
from .errors import message
from .languages import current


def latest(most: int, domain: str | None = None) -> tuple[list[Any], str]:
    """Return the newest news, of a domain or of all, and what to say when they cannot be had."""
    try:
        wanted = {"domain": domain} if domain else {}
        return bus.call(communication.ListNews, page_size=most, **wanted).news, ""
    except errors.PupitreError as error:
        return [], message(error)


def title(item: Any) -> str:
    return item.title_en if current() == "en" else item.title_fr


def text(item: Any) -> str:
    return item.text_en if current() == "en" else item.text_fr


def paragraphs(plain: str) -> Html:
    """Return plain text as markup: a blank line ends a paragraph, lines that begin with a hyphen make a list; all else is escaped."""
    blocks = []
    for block in plain.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        while lines:
            listed = lines[0].startswith("- ")
            end = next((at for at, line in enumerate(lines) if line.startswith("- ") != listed), len(lines))
            run, lines = lines[:end], lines[end:]
            if listed:
                blocks.append(Html("<ul>{}</ul>").format(Html("").join(Html("<li>{}</li>").format(line[2:]) for line in run)))
            else:
                blocks.append(Html("<p>{}</p>").format(Html("<br>").join(run)))
    return Html("\n").join(blocks)


def init_app(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(news_title=title, news_text=text, paragraphs=paragraphs)
