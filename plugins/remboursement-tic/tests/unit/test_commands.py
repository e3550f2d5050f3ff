"""What the operator asks of the rates on the command line."""

from pathlib import Path

import pytest
from pupitre_espace_remboursement_tic import hooks, reference
from pupitre_espaces import CommandFailed
from pupitre_espaces.testing import run_command

OURS = (Path(reference.__file__).parent / "rates.toml").read_text(encoding="utf-8")


def test_the_rates_of_a_year_are_those_that_the_page_shows():
    told = run_command(hooks, "rates", {"year": 2023})
    assert [line.split()[0] for line in told] == [fuel for fuel, _, _, _ in reference.load().rates_of(2023)]
    assert "GNR              2023-01-01 to 2023-12-31  14.96 EUR per HL" in told
    assert [line for line in run_command(hooks, "rates", {"year": 2020}) if line.endswith("(not confirmed)")]


def test_a_year_without_rates_is_said_to_have_none():
    with pytest.raises(CommandFailed, match="no rate holds in 1999"):
        run_command(hooks, "rates", {"year": 1999})


def test_a_file_is_checked_as_the_espace_checks_it(tmp_path):
    ours = tmp_path / "rates.toml"
    ours.write_text(OURS, encoding="utf-8")
    said = run_command(hooks, "check-data", {"file": ours})
    assert said[0] == f"{ours}: all well, {len(reference.load().fuels)} fuels"
    assert said[1] == "not confirmed: GNR 2020"
    assert reference.DATA in said[-1]


@pytest.mark.parametrize(
    "change, reason",
    [
        (("[fuels.GNR]", "[fuels.GNR"), "it will not do: .*rates.toml"),
        (('units = ["HL", "L"]', 'units = ["HL", "GALLON"]'), "unknown units GALLON"),
    ],
)
def test_a_file_that_would_make_the_espace_ill_is_refused_with_the_reason(tmp_path, change, reason):
    ours = tmp_path / "rates.toml"
    ours.write_text(OURS.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CommandFailed, match=reason):
        run_command(hooks, "check-data", {"file": ours})


def test_data_that_are_wrong_are_named_by_the_command_too(tmp_path, monkeypatch):
    monkeypatch.setenv(reference.DATA, str(tmp_path / "rien.toml"))
    with pytest.raises(CommandFailed, match=reference.DATA):
        run_command(hooks, "rates", {"year": 2023})
