import pytest
from support.browser import TELEPHONE, person
from support.story import Story


@pytest.fixture
def story(installation) -> Story:
    return Story(installation)


@pytest.fixture
def at_a_desk(installation, tmp_path):
    """Two people with a window each: the supplier's, then the recipient's."""
    with (
        person(installation, tmp_path / "supplier") as supplier,
        person(installation, tmp_path / "recipient") as recipient,
    ):
        yield supplier, recipient


@pytest.fixture
def with_a_telephone(installation, tmp_path):
    with person(installation, tmp_path / "telephone", TELEPHONE) as somebody:
        yield somebody
