"""A body for each test."""

import sys
from pathlib import Path

import pytest

# The folder is no package: this is how what stands beside this file is found.
sys.path.insert(0, str(Path(__file__).parent))
from validation_body import Body


@pytest.fixture
def body():
    return Body()
