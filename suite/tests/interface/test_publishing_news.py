"""News by the command line, seen on the pages of the running portal."""

import json
import uuid

import pytest
from support.visitor import Visitor


@pytest.fixture
def texts(tmp_path):
    french, english = tmp_path / "fr.txt", tmp_path / "en.txt"
    french.write_text("Le portail s'arrête.\n\n- samedi <b>soir</b>", "utf-8")
    english.write_text("The portal stops.", "utf-8")
    return ("--text-fr", str(french), "--text-en", str(english))


@pytest.mark.requirement("R006")
def test_an_item_is_published_listed_shown_and_withdrawn(embedded, texts):
    title = f"Maintenance {uuid.uuid4().hex[:6]}"
    words = ("--title-fr", title, "--title-en", "Maintenance", *texts, "--domain", "facturation", "--by", "zoe")
    number = embedded.command("news", "publish", *words).stdout.strip()
    [listed] = [each for each in json.loads(embedded.command("news", "list", "--json").stdout) if each["news_id"] == number]
    assert (listed["title_fr"], listed["author"], listed["domain"]) == (title, "zoe", "facturation")
    assert title in embedded.command("news", "list").stdout

    stranger = Visitor(embedded)
    assert title in stranger.open("/").main
    assert title in stranger.open("/domaines/facturation").main
    assert title not in stranger.open("/domaines/organisation").main
    page = stranger.open(f"/actualites/{number}")
    assert "samedi <b>soir</b>" in page.main
    assert not page.tree.xpath("//main//b")

    assert embedded.command("news", "withdraw", number).stdout == f"{number}  withdrawn\n"
    assert title not in stranger.open("/").main
    assert stranger.open(f"/actualites/{number}").status == 404
    assert "withdrawn" in embedded.command("news", "list").stdout


def test_what_cannot_be_published_or_withdrawn_is_one_line(embedded, texts, tmp_path):
    empty = tmp_path / "vide.txt"
    empty.write_text("", "utf-8")
    titles = ("--title-fr", "A", "--title-en", "B")
    refused = embedded.command("news", "publish", *titles, *texts[:2], "--text-en", str(empty), check=False)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "text_en" in refused.stderr
    assert embedded.command("news", "publish", *titles, *texts, "--from", "demain", check=False).returncode == 2
    unknown = embedded.command("news", "withdraw", str(uuid.uuid4()), check=False)
    assert unknown.returncode == 1
    assert "Not found" in unknown.stderr
