"""Who takes part in the mémoires of this folder is imported by its name."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pupitre_espace_frais_de_justice import hooks
from pupitre_espaces.testing_desk import Desk

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def desk():
    """A desk on a day that is half a year after the mission."""
    return Desk(hooks, datetime(2024, 9, 2, 9, tzinfo=UTC))
