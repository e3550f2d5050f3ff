import sys

import pytest
from plugins.distributions import install
from pupitre_espaces import discovery

EXAMPLE, HOSTILE = "pupitre-espace-bonjour", "espace-hostile-"


@pytest.fixture(autouse=True)
def bonjour_alone(monkeypatch):
    """Of the espaces of this repository the tests see the example alone: which others are installed is nothing to them."""
    found = discovery.installed

    def seen():
        return [each for each in found() if each.distribution == EXAMPLE or each.distribution.startswith(HOSTILE)]

    monkeypatch.setattr(discovery, "installed", seen)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs hostile plugins beside the example, and forgets them afterwards."""
    before = set(sys.modules)

    def put(*names):
        monkeypatch.syspath_prepend(install(tmp_path, *names))
        return tmp_path

    yield put
    for name in set(sys.modules) - before:
        if name.startswith("hostile_"):
            del sys.modules[name]
