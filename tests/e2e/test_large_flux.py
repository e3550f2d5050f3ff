"""A flux of a gigabyte: it comes in and is cut up in memory that does not grow with it."""

import os
import zipfile

import pytest
import requests

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

MIB = 1024 * 1024
MOST_GROWTH = 700 * MIB
"""Of all processes together: each of two workers may hold one file of a lot, and a file is at most 120 MB."""


@pytest.fixture(scope="module")
def lot(tmp_path_factory, story):
    """A zip of just less than 1 GB: one good invoice among files that no archive makes smaller."""
    path = tmp_path_factory.mktemp("lot") / "large.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(9):
            with archive.open(f"{number}.bin", "w") as entry:
                for _ in range(105):
                    entry.write(os.urandom(MIB))
        archive.writestr("bonne.xml", story.invoice("LARGE-1"))
    yield path
    path.unlink()


def test_a_flux_of_a_gigabyte_is_deposited_and_processed_in_memory_that_does_not_grow_with_it(installation, story, lot):
    assert 900 * MIB < lot.stat().st_size < 1_000_000_000
    story.machine.settled(story.machine.deposit(story.invoice("LARGE-0"), "a.xml", "IN_DP_E1_UBL_INVOICE"))
    before = installation.memory()
    with lot.open("rb") as body:
        answer = requests.post(
            f"{installation.base_url}/api/v1/flux?name=large.zip", data=body, headers=story.machine.headers, timeout=300
        )
    assert answer.status_code == 201, answer.text
    assert installation.memory() - before < MOST_GROWTH
    outcome = story.machine.settled(answer.json()["numero_flux"], 600)
    assert outcome["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    assert len(outcome["listeErreurDP"]) == 9
    assert [each["numeroFacture"] for each in story.machine.issued(numeroFluxDepot=answer.json()["numero_flux"])] == ["LARGE-1"]
    assert installation.memory() - before < MOST_GROWTH
