"""French is written in the pages; nothing of it may be without English."""

import io
import re
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from pupitre_portal import languages

PACKAGE = Path(str(resources.files("pupitre_portal")))
METHODS = [("**.py", "python"), ("templates/**.*", "jinja2.ext.babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def placeholders(text):
    return sorted(re.findall(r"%\((\w+)\)s", text))


@pytest.fixture(scope="module")
def written():
    """Every sentence of the portal, and where it is written."""
    return {
        message: f"{file}:{line}" for file, line, message, _, _ in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS)
    }


@pytest.fixture(scope="module")
def english():
    return read_po(io.BytesIO((PACKAGE / "translations" / "en.po").read_bytes()), locale="en")


def test_no_sentence_lacks_its_english(written, english):
    missing = []
    for message, where in written.items():
        entry = english.get(message[0] if isinstance(message, tuple) else message)
        if entry is None or not all(entry.string if isinstance(entry.string, tuple) else [entry.string]):
            missing.append(f"{where}: {message}")
    assert not missing


def test_no_english_is_left_of_a_sentence_that_is_gone(written, english):
    known = {message[0] if isinstance(message, tuple) else message for message in written}
    assert not [
        entry.id
        for entry in english
        if entry.id and (entry.id[0] if isinstance(entry.id, tuple) else entry.id) not in known
    ]


def test_the_english_has_the_placeholders_of_the_french(english):
    for entry in english:
        if entry.id:
            ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
            strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            assert {tuple(placeholders(text)) for text in (*ids, *strings)} == {tuple(placeholders(ids[0]))}, entry.id


def test_no_template_holds_words_outside_the_catalogue():
    outside = []
    for template in (PACKAGE / "templates").glob("*.html"):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", template.read_text("utf-8"), flags=re.DOTALL)
        words = re.findall(r">([^<>]*[A-Za-zÀ-ÿ]{2}[^<>]*)<", text.replace("&gt;", " "))
        outside += [
            f"{template.name}: {word.strip()}" for word in words if word.strip() not in ("Pupitre", "- Pupitre")
        ]
    assert not outside


@pytest.mark.parametrize(
    "number, french, english",
    [
        (0, "0 demande en attente", "0 requests waiting"),
        (1, "1 demande en attente", "1 request waiting"),
        (2, "2 demandes en attente", "2 requests waiting"),
    ],
)
def test_plurals_follow_each_language(number, french, english):
    app = Flask(__name__)
    for language, expected in (("fr", french), ("en", english)):
        with app.test_request_context(f"/?lang={language}"):
            assert languages.ngettext("%(num)s demande en attente", "%(num)s demandes en attente", number) == expected
