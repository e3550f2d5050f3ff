"""Files of structures: each fault is told with its line, its column, the reason and the remedy, and the rest is delivered (R065)."""

from collections import Counter
from types import SimpleNamespace

import pytest
from pupitre import structure_files, structure_import
from pupitre_contracts import directory, errors

GOOD = "20007104100046;Mairie;44000;Nantes"
HEAD = "identifier;name;postal_code;city"


class Organisation:
    """Takes all deliveries, and refuses what it is told to."""

    def __init__(self):
        self.delivered, self.keys, self.troubles, self.refused = [], [], [], []

    def call(self, call, *, idempotency_key, structures):
        self.keys.append(idempotency_key)
        if self.troubles:
            raise self.troubles.pop()
        self.delivered.append(call.Request(structures=structures).structures)
        counts = {"created": len(structures), "changed": 0, "unchanged": 0, "services_created": 0, "services_changed": 0}
        return SimpleNamespace(**counts, refused=self.refused)


@pytest.fixture
def organisation():
    return Organisation()


@pytest.fixture
def deliver(tmp_path, organisation):
    """Write a file, deliver it, and return (the faults in words, all structures delivered)."""

    def run(text, encoding="utf-8"):
        file = tmp_path / "structures.csv"
        file.write_bytes(text.encode(encoding))
        faults = list(structure_import.deliver(organisation, structure_files.read(file), Counter()))
        return [str(fault) for fault in faults], [each for one in organisation.delivered for each in one]

    return run


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_any_usual_delimiter_and_a_mark_at_the_beginning_are_understood(deliver, delimiter, encoding):
    faults, (structure,) = deliver(f"{HEAD}\n{GOOD}\n".replace(";", delimiter), encoding)
    assert faults == []
    assert (structure.identifier, structure.name, structure.city, structure.active) == ("20007104100046", "Mairie", "Nantes", None)


def test_flags_days_services_and_guarded_cells_are_read(deliver):
    text = (
        "identifier;name;active;requires_service;code_service;service_label;service_starts_on;service_ends_on;service_active;change\n"
        "200 071 041 00046;'=Mairie;oui;FALSE;A;'+Un;2024-01-31;31/12/2030;non;7\n"
        "20007104100046;'=Mairie;oui;FALSE;B;;;;;8\n"
        "\n"
        "73282932000074;École;;;;;;;;\n"
    )
    faults, (mairie, ecole) = deliver(text)
    assert faults == []
    assert (mairie.name, mairie.active, mairie.requires_service) == ("=Mairie", True, False)
    first, second = mairie.services
    assert (first.code, first.label, first.active) == ("A", "+Un", False)
    assert (str(first.starts_on), str(first.ends_on)) == ("2024-01-31", "2030-12-31")
    assert (second.code, second.label, second.active) == ("B", None, None)
    assert (ecole.name, ecole.services) == ("École", None)


@pytest.mark.requirement("R065")
@pytest.mark.parametrize(
    "line, place, why, remedy",
    [
        ("73282932000074;École;29200", "line 3: line:", "3 cells where the first line names 4", "one cell for each column"),
        (GOOD, None, None, None),
        ("73282932000074;École;29200;Brest\n" + GOOD, "line 4: identifier:", "on line 2 already", "one after the other"),
        (GOOD.replace("Nantes", "Rennes"), "line 3: city:", "another value than on line 2", "the same on every line"),
    ],
)
def test_a_faulty_line_is_told_and_the_others_are_delivered(deliver, line, place, why, remedy):
    faults, delivered = deliver(f"{HEAD}\n{GOOD}\n{line}\n")
    if place is None:
        assert (faults, len(delivered)) == ([], 1)
        return
    (fault,) = faults
    assert fault.startswith(place)
    assert why in fault and remedy in fault


@pytest.mark.parametrize(
    "cells, place, why",
    [
        ("peut-être;A;;", "line 2: active:", "neither true nor false"),
        ("oui;A;hier;", "line 2: service_starts_on:", "no date"),
        ("oui;A;31/02/2026;", "line 2: service_starts_on:", "no date"),
        ("oui;;2026-01-01;", "line 2: code_service:", "tells of a service"),
        ("oui;A;;x", "line 2: service_active:", "neither true nor false"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(deliver, cells, place, why):
    faults, delivered = deliver(f"identifier;active;code_service;service_starts_on;service_active\n20007104100046;{cells}\n")
    assert delivered == []
    assert faults[0].startswith(place) and why in faults[0]


def test_what_organisation_refuses_is_told_with_the_line_of_the_service_to_blame(deliver, organisation):
    words = {"why_fr": "a", "why_en": "too long", "remedy_fr": "b", "remedy_en": "shorten it"}
    organisation.refused = [
        directory.ImportRefusal(position=1, service_position=1, field="code_service", **words),
        directory.ImportRefusal(position=0, field="name", **words),
    ]
    text = "identifier;code_service\n20007104100046;\n73282932000074;A\n73282932000074;B\n"
    faults, _ = deliver(text)
    assert faults == ["line 4: code_service: too long; shorten it", "line 2: name: too long; shorten it"]


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "is empty"),
        ("identifier;siret\n", "unknown column(s) 'siret'"),
        ("identifier;name;name\n", "named twice: name"),
        ("name\n", "no column “identifier”"),
        ("identifier;service_label\n", "no column “code_service”"),
        (f'{HEAD}\n20007104100046;"Mairie;44000;Nantes\n', "quotation mark"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(deliver, text, why):
    with pytest.raises(structure_files.FileWrong, match=why.replace("(", r"\(").replace(")", r"\)")):
        deliver(text)


def test_a_file_in_another_encoding_says_so(deliver):
    with pytest.raises(structure_files.FileWrong, match="save the file as CSV UTF-8"):
        deliver(f"{HEAD}\n20007104100046;École;44000;Nantes\n", "latin-1")


def test_deliveries_are_bounded_and_a_lost_answer_is_asked_for_with_the_same_key(deliver, organisation, monkeypatch):
    monkeypatch.setattr(structure_import, "MOST_STRUCTURES", 2)
    organisation.troubles = [errors.TimedOut(service="organisation")]
    faults, delivered = deliver("identifier\n" + "".join(f"{number}\n" for number in range(5)))
    assert (faults, [len(each) for each in organisation.delivered], len(delivered)) == ([], [2, 2, 1], 5)
    assert organisation.keys[0] == organisation.keys[1]
    assert len(set(organisation.keys)) == 3


def test_the_summary_says_when_nothing_changed():
    assert structure_import.summary(Counter(unchanged=3)) == "nothing to change: 3 structure(s) are as the file says"
    assert structure_import.summary(Counter(created=1, services_created=2)).startswith("1 created, 0 changed")
