"""A lot of 500 invoices, the largest there may be."""

import pytest
from support.machine import UBL, tar_gz

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SECONDS = 300


@pytest.mark.timeout(900)
def test_a_lot_of_500_invoices_is_integrated_whole(story, new_number):
    numbers = [new_number() for _ in range(500)]
    numero = story.machine.deposit(tar_gz({f"{n}.xml": story.invoice(n) for n in numbers}), "lot.tar.gz", UBL)
    outcome = story.machine.settled(numero, SECONDS)
    assert outcome["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert outcome["listeErreurDP"] == outcome["listeErreurTechnique"] == []
    assert sorted(each["numeroFacture"] for each in story.machine.issued(numeroFluxDepot=numero)) == sorted(numbers)


def test_a_lot_of_501_invoices_is_refused_as_a_whole_in_words(story, new_number):
    number = new_number()
    numero = story.machine.deposit(tar_gz({f"{n}.xml": story.invoice(number) for n in range(501)}), "lot.tar.gz", UBL)
    outcome = story.machine.settled(numero)
    assert outcome["etatCourantDepotFlux"] == "IN_REJETE"
    assert "500" in outcome["listeErreurTechnique"][0]["libelleErreur"]
    assert story.machine.issued(numeroFluxDepot=numero) == []
