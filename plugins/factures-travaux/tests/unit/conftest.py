"""The contract that these tests play with is imported by its name."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from works_market import Market


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def desk(market):
    return market.desk
