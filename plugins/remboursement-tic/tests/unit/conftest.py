"""Who takes part in the requests of this folder is imported by its name."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pupitre_espace_remboursement_tic import hooks
from pupitre_espaces.testing_desk import Desk

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def desk():
    """A desk on a day when the campaign of 2023 is open."""
    return Desk(hooks, datetime(2024, 3, 15, 9, tzinfo=UTC))
