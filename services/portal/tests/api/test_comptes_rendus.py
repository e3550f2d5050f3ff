"""What became of a flux: as data, and as a page to read."""

import base64
import io

import pytest
from machine_world import NUMERO, a_flux, an_error
from pupitre_contracts import errors, flux_report, invoicing
from pupitre_paper import page
from pupitre_portal.api import compte_rendu
from pypdf import PdfReader

BRIEF, DETAILED = "transverses/v1/consulterCR", "transverses/v1/consulterCRDetaille"


def read(pdf):
    """The text of a PDF, its lines joined."""
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def drawn(flux, files, language):
    return page.drawn(compte_rendu.document_of(flux, files, language))


def a_file(*problems, **changes):
    values = {"position": 0, "file_name": "f7.xml", "outcome": "refused" if problems else "accepted", "number": "F-2026-7"}
    return flux_report.FluxFile(**(values | {"errors": list(problems)} | changes))


def report(bus, *files, **changes):
    bus.answers[flux_report.ReadFluxReport] = {"flux": a_flux(**changes), "files": list(files), "total": len(files), "codes": []}


@pytest.mark.parametrize("more", [{}, {"syntaxeFlux": "IN_DP_E2_CII_FACTURX", "dateDepot": "2026-01-15"}])
def test_the_state_of_a_flux_has_the_members_that_clients_read(machine, bus, more):
    report(bus, a_file())
    found = machine.ask(BRIEF, {"numeroFluxDepot": NUMERO, **more})
    pdf = base64.b64decode(found.pop("fichierCR"), validate=True)
    assert found == {
        "codeRetour": 0, "libelle": "TRA_MSG_00.000", "codeAppliPartenaire": "PUPITRE", "codeInterfaceFlux": "FSO1117A",
        "dateDepotFlux": "2026-01-15T00:30:12.345+01:00", "dateHeureEtatCourantFlux": "2026-03-15T10:30:12.000+01:00",
        "etatCourantFlux": "IN_INTEGRE", "nomFichierFlux": "lot.tar.gz", "numeroFluxDepot": NUMERO}
    assert pdf.startswith(b"%PDF-")
    assert NUMERO in read(pdf)
    assert "f7.xml" in read(pdf)
    assert bus.requests(flux_report.ReadFluxReport)[0].language == "fr"


def test_the_errors_of_a_flux_are_told_one_by_one(machine, bus):
    problems = [
        an_error(technical=True, number=None, file=None, rule="PUP-LOT-UNREADABLE", message="Archive illisible.", remedy=None),
        an_error(code="D-DON", field="Devise", value="EURO"), an_error(number=None, recipient_siret=None, supplier_identifier=None)]
    bus.answers[invoicing.GetFlux] = {"flux": a_flux(state="IN_REJETE", errors=problems, accepted=0, refused=2)}
    found = machine.ask(DETAILED, {"numeroFluxDepot": NUMERO})
    words = "BR-CL-04: La devise EURO n'existe pas. Écrivez EUR."
    assert found == {
        "codeRetour": 0, "libelle": "TRA_MSG_00.000", "codeInterfaceDepotFlux": "FSO1117A",
        "dateDepotFlux": "2026-01-15T00:30:12.345+01:00", "dateHeureEtatCourantFlux": "2026-03-15T10:30:12.000+01:00",
        "etatCourantDepotFlux": "IN_REJETE", "nomFichier": "lot.tar.gz",
        "listeErreurDP": [
            {"identifiantDestinataire": "21750001600019", "identifiantFournisseur": "12345678200010",
             "libelleErreurDP": "BR-CL-04: [D-DON] Devise = « EURO » – La devise EURO n'existe pas. Écrivez EUR.", "numeroDP": "F-2026-7"},
            {"libelleErreurDP": words, "numeroDP": "f7.xml"}],
        "listeErreurTechnique": [{"codeErreur": "PUP-LOT-UNREADABLE", "libelleErreur": "Archive illisible.", "natureErreur": "TECHNIQUE"}]}


def test_a_flux_without_errors_has_empty_lists(machine):
    found = machine.ask(DETAILED, {"numeroFluxDepot": NUMERO})
    assert (found["listeErreurDP"], found["listeErreurTechnique"]) == ([], [])


@pytest.mark.parametrize("path", [BRIEF, DETAILED])
@pytest.mark.parametrize("body", [{}, {"numeroFluxDepot": None}, {"numeroFluxDepot": "CPP0011100000000000999999"}])
def test_an_unknown_flux_is_a_business_error(machine, bus, path, body):
    bus.answers[invoicing.GetFlux] = bus.answers[flux_report.ReadFluxReport] = errors.NotFound(what="flux")
    answer = machine.post(path, body)
    assert (answer.status_code, answer.json) == (200, {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"})


def test_the_errors_are_asked_for_in_the_language_of_the_caller(machine, bus):
    machine.ask(DETAILED, {"numeroFluxDepot": NUMERO}, headers={"Accept-Language": "en-GB"})
    assert bus.requests(invoicing.GetFlux)[0].language == "en"


FAULT = {"code": "D-DON", "field": "Devise", "term": "BT-5", "value": "EURO"}


@pytest.mark.parametrize("language, words", [
    ("fr", ("Compte rendu du flux", "rejeté (IN_REJETE)", "2026-01-15 00:30", "Facture F-2026-7 – f7.xml", "À corriger",
            "valeur lue : « EURO »", "Que faire : Écrivez EUR.", "Règle BR-CL-04")),
    ("en", ("Compte rendu of the flux", "rejected (IN_REJETE)", "2026-01-15 00:30", "Invoice F-2026-7 – f7.xml", "To correct",
            "value read: “EURO”", "What to do: Écrivez EUR.", "Rule BR-CL-04"))])
def test_the_page_says_what_became_of_the_flux_and_what_to_correct(language, words):
    flux = a_flux(state="IN_REJETE", accepted=0, refused=1)
    text = read(drawn(flux, [a_file(an_error(**FAULT))], language))
    for expected in (*words, NUMERO, "lot.tar.gz", "D-DON – Devise", "La devise EURO n'existe pas."):
        assert expected in text


def test_the_page_says_what_is_wrong_with_the_flux_itself():
    technical = an_error(technical=True, number=None, file=None, code="F-SYN", rule="PUP-LOT-UNREADABLE", message="Archive illisible.")
    text = read(drawn(a_flux(state="IN_REJETE", errors=[technical]), [], "fr"))
    assert "F-SYN" in text
    assert "Archive illisible." in text


@pytest.mark.parametrize("state", ["IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP", "IN_EN_COURS_TRAITEMENT_CPP", "IN_NOUVEAU"])
def test_a_flux_that_waits_has_a_page_that_says_so(state):
    text = read(drawn(a_flux(state=state, total=None), [a_file(outcome="pending", number=None)], "fr"))
    assert state in text
    assert "En attente (1)" in text


def test_the_same_flux_gives_the_same_octets():
    assert drawn(a_flux(), [a_file()], "fr") == drawn(a_flux(), [a_file()], "fr")


def test_one_file_cannot_fill_the_report_however_many_its_problems():
    files = [a_file(*[an_error(message="W" * 5000)] * 200, file_name="x" * 255), a_file(position=1, number="F-2026-8")]
    text = drawn(a_flux(accepted=1, refused=1), files, "fr")
    assert "180 autres problèmes" in read(text)
    assert "F-2026-8" in read(text)
    assert len(PdfReader(io.BytesIO(text)).pages) <= 15


def test_every_refused_invoice_of_500_is_in_the_report():
    files = [a_file(an_error(), position=n, number=f"F-{n:04}", file_name=f"{n:04}.xml") for n in range(500)]
    text = read(drawn(a_flux(accepted=0, refused=500), files, "fr"))
    assert all(f"F-{n:04} – {n:04}.xml" in text for n in range(500))


@pytest.mark.parametrize("text", ["<b>&amp;</b> (a\\) %PDF", "Ωμέγα 東京 \U0001f600", "\x00\x1b\u202e\ud800", "   "])
def test_no_text_of_a_file_breaks_the_page(text):
    pdf = drawn(a_flux(file_name=f"nom {text}.xml"), [a_file(an_error(message=text or "-", value=text), file_name=text)], "fr")
    assert "nom" in read(pdf)
    assert b"/JavaScript" not in pdf
