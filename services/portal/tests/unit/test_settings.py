"""The portal's settings."""

import pytest
from pupitre_bus.settings import WrongSetting, load
from pupitre_portal.server import secret_key_in
from pupitre_portal.settings import Options


def test_the_settings_are_read_from_the_environment(tmp_path):
    environ = {
        "PUPITRE_HTTP": "0.0.0.0:8080",
        "PUPITRE_DEMO": "1",
        "PUPITRE_STATE": str(tmp_path),
        "PUPITRE_COOKIE_SECURE": "1",
    }
    options = Options.read(load("pupitre_portal", environ=environ), "clef")
    assert (options.host, options.port, options.demo, options.cookie_secure) == ("0.0.0.0", 8080, True, True)  # noqa: S104
    assert (options.secret_key, options.demo_file) == ("clef", tmp_path / "demo.json")


def test_the_configured_key_comes_first_and_is_never_shown():
    settings = load("pupitre_portal", environ={"PUPITRE_SECRET_KEY": "configuree"})
    assert Options.read(settings, "autre").secret_key == "configuree"
    assert "configuree" not in {line.value for line in settings.describe()}


@pytest.mark.parametrize("address", ["8000:", "hote", "hote:port"])
def test_an_address_that_is_none_is_refused_by_name(address):
    with pytest.raises(WrongSetting, match="PUPITRE_HTTP"):
        load("pupitre_portal", environ={"PUPITRE_HTTP": address})


def test_the_key_made_at_the_first_start_is_kept_for_its_owner_alone(tmp_path):
    key = secret_key_in(tmp_path / "keys")
    assert len(key) >= 48
    assert secret_key_in(tmp_path / "keys") == key
    assert (tmp_path / "keys" / "portal.secret").stat().st_mode & 0o077 == 0
