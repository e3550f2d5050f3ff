"""The greeting of a start survives services that are busy: what it loads is tried again."""

import pytest
from pupitre import running
from pupitre_bus.settings import Settings
from pupitre_contracts import errors


@pytest.fixture
def greet(monkeypatch, tmp_path):
    """Greets with a demonstration whose loading meets the given errors, and returns how often it was tried."""
    monkeypatch.setattr(running, "GREETING_PAUSES", (0.001, 0.002, 0.003))

    def play(*faults):
        tries, left = [], list(faults)

        def loading(bus, settings):
            tries.append(1)
            if left:
                raise left.pop(0)
            return "welcome"

        monkeypatch.setattr(running, "_greeting", loading)
        greeting = running.Greeting.__new__(running.Greeting)
        greeting._settings = Settings(environ={"PUPITRE_STATE": str(tmp_path)})
        monkeypatch.setattr(running.operator_bus, "client", NoBus)
        greeting._greet()
        return len(tries)

    return play


class NoBus:
    def __init__(self, *_):
        pass

    def __enter__(self):
        return None

    def __exit__(self, *_):
        return False


def test_a_busy_service_is_asked_again(greet, capsys):
    assert greet(errors.TimedOut(service="identity"), errors.Unavailable(service="identity")) == 3
    assert capsys.readouterr().out == "welcome\n"


def test_it_gives_up_in_the_end_and_says_so(greet, caplog):
    assert greet(*[errors.TimedOut(service="identity")] * 9) == 3
    assert "tried again at the next start" in caplog.text


def test_another_fault_is_not_repeated(greet, caplog):
    assert greet(ValueError("broken")) == 1
    assert "could not be loaded" in caplog.text
