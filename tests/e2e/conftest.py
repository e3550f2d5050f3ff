import pytest
from support.story import Story


@pytest.fixture(scope="session")
def story(installation) -> Story:
    """The cast of the shared installation."""
    return Story(installation)
