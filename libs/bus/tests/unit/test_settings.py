from pathlib import Path

import pytest
from pupitre_bus import settings
from pupitre_bus.settings import SETTINGS, Setting, Settings, WrongSetting


def test_without_any_variable_everything_is_embedded_in_the_state_folder():
    found = Settings(environ={})
    assert found.embedded
    assert found.state == Path("var")
    assert found.keys == Path("var/keys")
    assert found.blobs == "var/blobs"
    assert found.database_uri("invoicing") == f"sqlite:///{Path('var').absolute()}/invoicing.sqlite3"


def test_the_state_folder_moves_what_lies_in_it():
    found = Settings(environ={"PUPITRE_STATE": "/srv/pupitre"})
    assert found.keys == Path("/srv/pupitre/keys")
    assert found.database_uri("identity") == "sqlite:////srv/pupitre/identity.sqlite3"


def test_the_database_of_one_service_comes_before_the_shared_one():
    found = Settings(
        environ={"PUPITRE_DATABASE_URI": "postgresql://h/all", "PUPITRE_INVOICING_DATABASE_URI": "postgresql://h/mine"}
    )
    assert found.database_uri("invoicing") == "postgresql://h/mine"
    assert found.database_uri("identity") == "postgresql://h/all"


def test_an_empty_variable_is_one_that_is_not_set():
    assert Settings(environ={"PUPITRE_STATE": ""}).state == Path("var")


def test_a_wrong_value_is_refused_by_the_name_of_its_variable():
    with pytest.raises(WrongSetting, match="PUPITRE_LOG_LEVEL"):
        Settings(environ={"PUPITRE_LOG_LEVEL": "loud"})


def test_an_undeclared_setting_does_not_exist():
    with pytest.raises(AttributeError, match="PUPITRE_COLOUR"):
        _ = Settings(environ={"PUPITRE_COLOUR": "blue"}).colour


def test_a_misspelt_variable_is_reported():
    environ = {"PUPITRE_STAET": "x", "PUPITRE_INVOICING_DATABASE_URI": "y", "PATH": "z", "PUPITRE_ESPACE_X": "t"}
    assert Settings(environ=environ).unknown(["invoicing"]) == ["PUPITRE_STAET"]


def test_secrets_and_the_passwords_in_addresses_are_never_shown():
    declared = [*SETTINGS, Setting("PUPITRE_MAIL_TOKEN", secret=True)]
    environ = {
        "PUPITRE_MAIL_TOKEN": "canary1",
        "PUPITRE_AMQP_URI": "amqp://bus:canary2@broker:5672//",
        "PUPITRE_DATABASE_URI": "postgresql://p:canary3@db/p",
        "PUPITRE_IDENTITY_DATABASE_URI": "postgresql://p:canary4@db/p",
    }
    shown = Settings(declared, environ).describe(["identity"])
    assert "canary" not in repr(shown)
    assert {line.value for line in shown} >= {"amqp://bus:********@broker:5672//", settings.HIDDEN}


def test_what_is_shown_says_which_values_were_given():
    shown = {line.name: line for line in Settings(environ={"PUPITRE_STATE": "x"}).describe()}
    assert shown["PUPITRE_STATE"].given
    assert not shown["PUPITRE_BLOBS"].given
    assert shown["PUPITRE_BLOBS"].value == "x/blobs"
    assert all(line.help for line in shown.values())


def test_settings_of_several_distributions_are_one(tmp_path, monkeypatch):
    package = tmp_path / "pupitre_kites"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "settings.py").write_text(
        "from pupitre_bus.settings import Setting\n"
        'SETTINGS = [Setting("PUPITRE_KITES", "3", "How many kites fly.", parse=int)]\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert settings.load("pupitre_kites", environ={}).kites == 3
    assert settings.load("pupitre_kites", environ={"PUPITRE_KITES": "5"}).kites == 5


def test_a_setting_must_bear_the_prefix():
    with pytest.raises(ValueError):
        Setting("STATE")


@pytest.mark.parametrize("text, value", [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_switch_is_read_in_the_usual_words(text, value):
    assert settings.boolean(text) is value


def test_a_switch_in_other_words_is_refused():
    with pytest.raises(ValueError):
        settings.boolean("perhaps")
