"""The espace of a stranger: written by the command, installed, opened by gestionnaires, used, taken away, and brought back."""

import subprocess

import pytest
from support.repository import ROOT
from support.story import Story
from support.strange_espaces import installed

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEY = "essai"


def unchanged() -> str:
    """What git says of the files outside plugins/: adding and removing an espace touches none."""
    return subprocess.run(
        ["git", "status", "--porcelain", "--", ".", ":!plugins"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.requirement("R130")
@pytest.mark.requirement("R133")
def test_an_espace_comes_works_goes_and_comes_back_and_nothing_of_ours_changes(embedded_installation, tmp_path):
    before = unchanged()
    installation = embedded_installation()
    installation.command("espaces", "new", KEY, "--title", "Essai", "--title-en", "Trial", "--into", str(tmp_path))
    without = installation.environment.get("PYTHONPATH", "")
    found = installed(tmp_path / KEY, tmp_path / "site")
    installation.environment["PYTHONPATH"] = found
    story = Story(installation.start())
    supplier, town = story.visitor(story.supplier), story.visitor(story.easy)

    # Nobody has it before a gestionnaire opens it; then its tab is there.
    assert supplier.open(f"/espaces/{KEY}/").status == 403
    for visitor, party in ((supplier, story.supplier), (town, story.easy)):
        structure = visitor.open(visitor.open("/structures/").link(party.name))
        assert visitor.submit(structure.form(f"/espaces/{KEY}/ouverture")).status == 200
    assert "Essai" in supplier.open("/").text
    assert "0 demande(s)" in supplier.open(f"/espaces/{KEY}/").main

    # A request that cannot be sent says why; mended, it goes to the town, which answers.
    listing = supplier.open(f"/espaces/{KEY}/demandes")
    form = supplier.open(listing.link("/demandes/nouvelle")).form("/demandes/nouvelle")
    draft = supplier.submit(form, **{"form.subject": "Chaises", "form.amount": "10000,01", "party.decider": story.easy.siret})
    assert "Le montant dépasse 10 000 €." in draft.main
    assert story.easy.name in draft.main
    checked = supplier.submit(draft.form("/saisie"), **{"form.amount": "120", "action": "confirm"})
    sent = supplier.submit(checked.form("/confirmation"))
    assert sent.status == 200, sent.text
    received = town.open(town.open(f"/espaces/{KEY}/demandes").link("DEM-"))
    assert "Chaises" in received.main
    assert town.submit(town.open(received.link("vers=SERVICE_FAIT")).form("/passage")).status == 200
    address = sent.url.split("?")[0].removesuffix("/envoi")
    assert "Service fait" in supplier.open(address).main
    assert "1 demande(s)" in supplier.open(f"/espaces/{KEY}/").main

    # Taken away: its requests are read, nothing else of it is there, and everything else works.
    assert installation.stop() == 0
    installation.environment["PYTHONPATH"] = without
    installation.start()
    left = supplier.open(address)
    assert left.status == 200, left.text
    assert "Chaises" in left.main
    assert "n'est plus installé" in supplier.open(f"/espaces/{KEY}/demandes?onglet=tout").main
    assert supplier.open(f"/espaces/{KEY}/").status == 404
    assert supplier.open("/factures-emises/").status == 200
    assert story.sent(supplier, "SANS-ESSAI")
    assert installation.command("verify").returncode == 0

    # Brought back, it goes on where it was.
    assert installation.stop() == 0
    installation.environment["PYTHONPATH"] = found
    installation.start()
    assert "1 demande(s)" in supplier.open(f"/espaces/{KEY}/").main
    assert unchanged() == before
