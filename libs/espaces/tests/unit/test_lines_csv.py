"""Lines from a CSV file: good ones are kept, each bad one is named with its row, its field and the reason."""

from decimal import Decimal

import pytest
from espace_kinds import Line, a_kind, a_plugin
from pupitre_espaces import lines_csv
from pupitre_espaces.host import EspaceSilent
from pupitre_espaces.requests import MOST_LINES
from pupitre_espaces.testing import a_host

HEAD = "Volume (hl);Carburant;Livré le\n"


def test_the_template_is_what_is_read():
    assert lines_csv.template(Line, "fr").strip() == HEAD.strip()
    assert lines_csv.columns(Line) == ("volume", "fuel", "on")
    assert lines_csv.read(Line, lines_csv.template(Line, "en").encode()).lines == ()


def test_two_bad_lines_of_three_hundred_are_named_and_the_rest_is_kept():
    rows = [f"{number},5;GNR;2024-01-{number % 28 + 1:02}" for number in range(1, 301)]
    rows[9], rows[199] = "beaucoup;GNR;2024-01-10", "12;EAU;2024-01-10"
    imported = lines_csv.read(Line, (HEAD + "\n".join(rows)).encode())
    assert len(imported.lines) == 298
    assert [(row, findings[0].term) for row, findings in imported.refused] == [(11, "11.volume"), (201, "201.fuel")]
    assert imported.refused[0][1][0].message.fr == "Ligne 11, Volume (hl) : Ce n'est pas un nombre accepté ici."


@pytest.mark.parametrize(
    "text",
    [HEAD + "1;GNR;\n", "volume,fuel\n1,GNR\n", "FUEL\tvolume (HL)\nGNR\t1\n", "\ufeff" + HEAD + "1;GNR\n\n;;\n"],
)
def test_separators_heads_marks_and_empty_rows(text):
    assert lines_csv.read(Line, text.encode()).lines[0] == {"volume": Decimal(1), "fuel": "GNR"}


def test_a_file_of_an_old_spreadsheet_is_read():
    assert lines_csv.read(Line, (HEAD + "2;GNR;").encode("cp1252")).lines[0]["volume"] == Decimal(2)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "fuel, volume"),
        (b"Carburant\nGNR\n", "volume"),
        (b"x" * (lines_csv.LARGEST + 1), "2 Mo"),
        ((HEAD + "1;GNR;\n" * (MOST_LINES + 1)).encode(), str(MOST_LINES)),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, said):
    imported = lines_csv.read(Line, content)
    assert said in imported.fault.fr
    assert imported.lines == ()


def test_a_host_imports_lines_behind_its_walls():
    kind = a_kind()
    host = a_host(a_plugin(kind))
    assert len(host.import_lines("essai", kind, (HEAD + "1;GNR;").encode()).lines) == 1
    with pytest.raises(EspaceSilent):
        host.import_lines("autre", kind, b"")
    with pytest.raises(ValueError):
        host.import_lines("essai", a_kind(line=None), b"")
