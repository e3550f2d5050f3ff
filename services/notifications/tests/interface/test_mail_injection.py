"""What comes from outside into a mail begins no header of its own (RS-66)."""

import pytest
import sqlalchemy as sa
from pupitre_bus.testing import wait_until
from pupitre_contracts import identity
from test_mails import FANNY, MEMBERS, SUPPLIER, a_move, mails_in, publish, settings  # noqa: F401 - fixtures

pytestmark = pytest.mark.requirement("RS-66")
INJECTED = "everyone@d.invalid"


def states(bench):
    """Each mail's recipient and what became of it."""
    database = bench.database("notifications")
    try:
        with database.reading() as db:
            return dict(db.execute(sa.text("SELECT to_address, state FROM mail")).all())
    finally:
        database.close()


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
def test_an_invoice_number_with_a_line_break_stays_within_the_subject(publish, bench, break_):  # noqa: F811
    publish(a_move("SUSPENDUE", motive="Motif", number=f"F-1{break_}Bcc: {INJECTED}"))
    wait_until(lambda: mails_in(bench.backend.folder))
    (mail,) = mails_in(bench.backend.folder)
    assert mail["Bcc"] is None
    assert "F-1 Bcc" in mail["Subject"]


def test_an_address_with_a_line_break_is_given_up_and_never_sent_and_the_others_go(publish, bench, monkeypatch):  # noqa: F811
    injected = identity.User(**{**FANNY.values, "notification_email": f"f@d.invalid\nBcc: {INJECTED}"})
    monkeypatch.setitem(MEMBERS, (SUPPLIER, "factures-emises"), [injected])
    monkeypatch.setattr("test_mails.FANNY", injected)
    publish(a_move("MISE_A_DISPOSITION", by="system"))
    wait_until(lambda: set(states(bench).values()) == {"sent", "failed"})
    assert {state: to for to, state in states(bench).items()}["failed"] == f"f@d.invalid\nBcc: {INJECTED}"
    (mail,) = mails_in(bench.backend.folder)
    assert mail["To"] == "alan@demo.invalid"
    assert not [each for each in bench.backend.folder.rglob("*") if each.is_file() and INJECTED in each.name]
