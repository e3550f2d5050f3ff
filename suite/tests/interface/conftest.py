"""Installations that the tests of one module share: starting one costs more than most of what is asked of it."""

import os

import pytest
from plugins.distributions import install
from support.installation import Installation, servers


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """An embedded installation that runs; who uses it leaves it running."""
    made = Installation(tmp_path_factory.mktemp("embedded") / "state")
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture(scope="module")
def distributed(tmp_path_factory):
    """An installation on RabbitMQ and PostgreSQL that runs; who uses it leaves it running."""
    with servers("servers") as variables:
        made = Installation(tmp_path_factory.mktemp("distributed") / "state", variables)
        try:
            yield made.start()
        finally:
            made.close()


@pytest.fixture
def stopped(tmp_path):
    """Makes installations that are not started, with further variables of their environment."""
    return lambda **extra: Installation(tmp_path / "state", extra=extra)


@pytest.fixture
def with_plugins(tmp_path):
    """Gives a PYTHONPATH on which hostile plugins are installed, by name."""

    def path(*names):
        folder = tmp_path / "plugins"
        folder.mkdir()
        return os.pathsep.join(filter(None, (str(install(folder, *names)), os.environ.get("PYTHONPATH"))))

    return path
