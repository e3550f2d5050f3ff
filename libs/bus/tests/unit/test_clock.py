"""The clock of the sandbox: time passes when a file is written, and never comes back."""

import datetime
import os

import pytest
from pupitre_bus.clock import MovedClock
from pupitre_bus.runner import deployment_from
from pupitre_bus.settings import Settings, WrongSetting

DAY = datetime.timedelta(days=1)


@pytest.fixture
def write(tmp_path):
    """Write the file, each time as if it were later, however coarse the times of the disk are."""
    file, times = tmp_path / "clock", iter(range(1, 100))

    def write(text):
        file.write_text(text)
        at = next(times) * 10**9
        os.utime(file, ns=(at, at))
        return file

    return write


def ahead(clock):
    return round((clock.now() - datetime.datetime.now(datetime.UTC)) / DAY, 3)


def test_without_a_file_it_is_the_machines_clock(tmp_path):
    assert ahead(MovedClock(tmp_path / "clock")) == 0


def test_it_runs_ahead_by_the_days_of_the_file_whenever_it_is_written(write):
    clock = MovedClock(write("15.5\n"))
    assert ahead(clock) == 15.5
    write("31")
    assert (ahead(clock), clock.now().tzinfo) == (31, datetime.UTC)


@pytest.mark.parametrize("text", ["3", "-40", "", "demain", "nan", "inf", "1e300"])
def test_it_never_goes_back_and_what_is_no_number_of_days_moves_nothing(write, text):
    clock = MovedClock(write("31"))
    assert ahead(clock) == 31
    write(text)
    assert ahead(clock) == 31


def test_a_file_that_is_taken_away_moves_nothing(write):
    clock = MovedClock(file := write("31"))
    assert ahead(clock) == 31
    file.unlink()
    assert ahead(clock) == 31


def test_an_embedded_installation_has_the_clock_that_its_setting_names(write, tmp_path):
    environment = {"PUPITRE_CLOCK_FILE": str(write("31")), "PUPITRE_STATE": str(tmp_path)}
    assert ahead(deployment_from(Settings(environ=environment)).clock) == 31
    assert ahead(deployment_from(Settings(environ={"PUPITRE_STATE": str(tmp_path)})).clock) == 0


def test_processes_on_a_broker_do_not_move_theirs(write):
    environment = {"PUPITRE_CLOCK_FILE": str(write("31")), "PUPITRE_AMQP_URI": "amqp://127.0.0.1/none"}
    with pytest.raises(WrongSetting, match="embedded demonstration alone"):
        deployment_from(Settings(environ=environment))
