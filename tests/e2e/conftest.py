import pytest
from support.espaces import Sandbox
from support.installation import Installation
from support.story import Story


@pytest.fixture(scope="session")
def story(installation) -> Story:
    """The cast of the shared installation."""
    return Story(installation)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory) -> Sandbox:
    """An embedded installation of its own, in which time passes when a test says so: tests of it take the day as it is."""
    folder = tmp_path_factory.mktemp("sandbox")
    rates = Sandbox.rates_of_any_year(folder / "rates.toml")
    dume = folder / "dume.toml"
    lines = ["[[services]]", 'url = "https://dume.exemple.invalid/"', 'fr = "Service DUME d\'essai"', 'en = "Trial DUME service"', ""]
    dume.write_text("\n".join(lines), "utf-8")
    extra = {
        "PUPITRE_CLOCK_FILE": str(folder / "days"),
        "PUPITRE_ESPACE_DUME_DATA": str(dume),
        "PUPITRE_ESPACE_REMBOURSEMENT_TIC_DATA": str(rates),
    }
    made = Installation(folder / "state", extra=extra)
    yield Sandbox(made.start(), folder / "days")
    made.close()
