import sys

import pytest
from plugins.distributions import install


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs hostile plugins beside what is installed already, and forgets them afterwards."""
    before = set(sys.modules)

    def put(*names):
        monkeypatch.syspath_prepend(install(tmp_path, *names))

    yield put
    for name in set(sys.modules) - before:
        if name.startswith("hostile_"):
            del sys.modules[name]
