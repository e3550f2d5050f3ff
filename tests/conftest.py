"""What the tests of the whole share: running installations, one per backend for all tests that leave it usable, and invoices."""

import itertools
import uuid
from collections.abc import Callable, Iterator

import pytest

BACKENDS = ("embedded", pytest.param("servers", marks=[pytest.mark.rabbitmq, pytest.mark.postgres]))
_numbers = itertools.count(1)


@pytest.fixture(scope="session", params=BACKENDS)
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """The shared installation of one backend. A test that uses it leaves it running and well.

    On servers every service has accounts of its own: a right that is missing fails the test that needs it.
    """
    yield from _installed(request.param, tmp_path_factory.mktemp(f"shared-{request.param}"))


@pytest.fixture(params=BACKENDS)
def own_installation(request: pytest.FixtureRequest, tmp_path) -> Iterator:
    """A new installation, not yet started, for a test that stops or kills it."""
    from support.installation import Installation, servers

    with servers(request.param) as variables:
        made = Installation(tmp_path / "state", variables)
        yield made
        made.close()


@pytest.fixture
def embedded_installation(tmp_path) -> Iterator[Callable]:
    """Makes an embedded installation, not yet started, with further variables of its environment."""
    from support.installation import Installation

    made = []

    def make(**extra: str):
        made.append(Installation(tmp_path / f"state-{len(made)}", extra=extra))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def new_number() -> Callable[[], str]:
    """Gives invoice numbers that no other test of this run uses."""
    run = uuid.uuid4().hex[:6].upper()
    return lambda: f"T{run}-{next(_numbers)}"


def _installed(backend: str, folder) -> Iterator:
    from support.accounts import servers
    from support.installation import Installation

    with servers(backend, folder) as variables:
        made = Installation(folder / "state", variables)
        try:
            yield made.start()
        finally:
            made.close()
