"""A signed PDF is sent and its verdict read in a real browser, at a desk and on a telephone, whatever names the certificate bears."""

import pytest
from support.browser import DESKTOP, TELEPHONE, person
from support.signed_pdfs import Holder, a_pdf, signed

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)
both_widths = pytest.mark.parametrize("size", [DESKTOP, TELEPHONE], ids=["desk", "telephone"])


@pytest.fixture
def somebody(installation, tmp_path, size):
    with person(installation, tmp_path / "window", size) as window:
        yield window


@embedded
@both_widths
@pytest.mark.requirement("R282")
def test_the_verdict_is_read_and_no_name_is_wider_than_the_window(somebody, tmp_path):
    file = tmp_path / f"{'contrat-de-location-' * 6}.pdf"
    file.write_bytes(signed(a_pdf(), Holder("Établissement" * 4, issuer=Holder("Autorité" * 6, authority=True))))
    somebody.sign_in("fournisseur")
    somebody.open("/domaines/outils")
    somebody.press("Signature électronique")
    somebody.fill("file", str(file))
    somebody.press("Vérifier")
    somebody.sees("Intègre, authenticité non vérifiée")
    somebody.sees("aucune autorité")
    wide, inner = somebody.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= inner, f"the verdict is {wide} px wide on {inner} px"
    somebody.picture("40-signature")
