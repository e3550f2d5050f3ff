"""Every process killed while a lot is being processed: started again, the outcome is the one of a quiet day."""

from collections import Counter

import pytest
from support import mailbox
from support.installation import until
from support.machine import UBL, tar_gz
from support.story import Story

pytestmark = [pytest.mark.faults, pytest.mark.slow]

INVOICES = 500
SECONDS = 300


@pytest.mark.timeout(900)
def test_a_lot_killed_halfway_ends_whole_with_each_invoice_and_each_mail_once(own_installation):
    own_installation.start()
    story = Story(own_installation)
    numbers = [f"LOT-{n:03d}" for n in range(INVOICES)]
    numero = story.machine.deposit(tar_gz({f"{n}.xml": story.invoice(n) for n in numbers}), "lot.tar.gz", UBL)
    until(lambda: story.machine.count(numero) >= INVOICES // 2 - 50, SECONDS, "about half the invoices", pause=0.3)
    own_installation.kill()

    own_installation.start()
    machine = Story(own_installation).machine
    assert 0 < machine.count(numero) < INVOICES, "killed too early or too late to show anything"
    outcome = machine.settled(numero, SECONDS)
    assert outcome["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert outcome["listeErreurDP"] == outcome["listeErreurTechnique"] == []
    assert sorted(each["numeroFacture"] for each in machine.issued(numeroFluxDepot=numero)) == numbers

    expected = _mails_expected(story, numbers)
    until(lambda: len(_mails(own_installation)) >= expected, SECONDS, f"{expected} mails", pause=1)
    mails = _mails(own_installation)
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == expected
    assert set(Counter((mail["To"], mail["Subject"]) for mail in mails).values()) == {1}

    verified = own_installation.command("verify")
    assert verified.returncode == 0, verified.stdout
    assert own_installation.stop() == 0


def _mails(installation):
    return [
        mail for mail in mailbox.mails(installation.state) if "LOT-" in mail["Subject"] or "Flux" in mail["Subject"]
    ]


def _mails_expected(story, numbers):
    """Each invoice is told to everybody of both structures; the end of the flux to everybody of the supplier's."""
    suppliers, recipients = len(story.people(story.supplier)), len(story.people(story.easy))
    return len(numbers) * (suppliers + recipients) + suppliers
