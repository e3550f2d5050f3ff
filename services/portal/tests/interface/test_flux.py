"""Suivi des flux: what a deposit made by a program became, and what to correct in each refused invoice."""

import csv
import io
import uuid

import pytest
from portal_world import NOW, SUPPLIER, TOWN, Bonjour, rights
from pupitre_contracts import errors, flux_report, invoicing, organisation
from pypdf import PdfReader
from support.endorsing_espace import AGENT, HOLDER, Endorsing
from test_exports import sheet_rows

NUMERO = "CPP0011100000000000000001"
PAGE = f"/factures-emises/flux/{NUMERO}"
REPORT = f"{PAGE}/compte-rendu"
FIRST = uuid.UUID(int=77)
FAULT = {
    "technical": False,
    "code": "D-SRV",
    "code_label": "code service absent, inconnu ou fermé",
    "number": "F-9",
    "recipient_siret": "21750001600019",
    "file": "neuf.xml",
    "rule": "PUP-ROUTING-SERVICE-UNKNOWN",
    "term": "BT-10",
    "field": "Code service",
    "value": "ACHATS-9",
    "location": "/Invoice/BuyerReference",
    "message": "Le code service est inconnu.",
    "remedy": "Corrigez le code.",
}
TWICE = FAULT | {
    "code": "D-DBL", "code_label": "numéro de facture déjà utilisé", "rule": "PUP-NUMBER-TAKEN", "term": "BT-1",
    "field": "Numéro de facture",
    "value": "F-10", "location": None, "message": "Le numéro F-10 a déjà été utilisé.", "remedy": None, "first_invoice_id": FIRST,
    "first_flux": "CPP0011100000000000000000",
}


@pytest.fixture
def plugins():
    return [Bonjour(), Endorsing()]


def a_flux(*faults, **changes):
    values = {
        "flux_id": uuid.UUID(int=40),
        "numero_flux": NUMERO,
        "structure_id": SUPPLIER,
        "syntaxe_flux": "IN_DP_E1_UBL_INVOICE",
        "code_interface": "FSO1100A",
        "file_name": "lot.tar.gz",
        "state": "IN_INTEGRE_PARTIEL",
        "state_at": NOW,
        "deposited_at": NOW,
        "total": 3,
        "accepted": 1,
        "refused": 2,
        "errors": [invoicing.FluxError(**fault) for fault in faults],
    }
    return invoicing.Flux(**(values | changes))


def refused(position, name, number, *faults):
    errors_of_it = [invoicing.FluxError(**fault) for fault in faults]
    return flux_report.FluxFile(
        position=position, file_name=name, outcome="refused", number=number, recipient_siret="21750001600019", errors=errors_of_it
    )


ACCEPTED = flux_report.FluxFile(
    position=0, file_name="un.xml", outcome="accepted", number="F-1", invoice_id=uuid.UUID(int=5), portal_number=12, errors=[]
)
FILES = [ACCEPTED, refused(1, "neuf.xml", "F-9", FAULT), refused(2, "dix.xml", "F-10", TWICE)]
CODES = [flux_report.CodeCount(code="D-SRV", label="code service absent, inconnu ou fermé", count=1)]


def answer(bus, *faults, files=FILES, total=None, **changes):
    bus.answers[flux_report.ReadFluxReport] = {
        "flux": a_flux(*faults, **changes), "files": files, "total": len(files) if total is None else total, "codes": CODES,
    }


def show(browser, bus, *faults, query="", **changes):
    answer(bus, *faults, **changes)
    return browser.get(PAGE + query).get_data(as_text=True)


def test_the_list_shows_each_flux_with_its_state_in_words(browser, bus):
    bus.answers[invoicing.SearchFlux] = {"flux": [a_flux()], "total": 60}
    page = browser.get("/factures-emises/flux?page=2").get_data(as_text=True)
    assert bus.requests(invoicing.SearchFlux)[0].page == 2
    assert f'href="{PAGE}"' in page
    assert "Intégré partiellement" in page
    assert "IN_INTEGRE_PARTIEL" not in page
    assert "Page 2 sur 3" in page


def test_the_list_narrows_to_one_structure_and_forgives_nonsense(browser, bus):
    bus.answers[invoicing.SearchFlux] = {"flux": [], "total": 0}
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(), rights(TOWN, name="Ville")]}
    browser.get(f"/factures-emises/flux?structure={TOWN}")
    browser.get("/factures-emises/flux?structure=toutes")
    assert [request.structure_id for request in bus.requests(invoicing.SearchFlux)] == [TOWN, None]


def test_a_refused_invoice_is_shown_with_its_code_field_value_rule_and_remedy(browser, bus):
    page = show(browser, bus)
    for words in (
        "Facture F-9", "neuf.xml", "D-SRV", "code service absent, inconnu ou fermé", "Le code service est inconnu.", "Corrigez le code.",
        "Code service", "ACHATS-9", "PUP-ROUTING-SERVICE-UNKNOWN", "BT-10", "/Invoice/BuyerReference",
    ):
        assert words in page
    assert f"flux={NUMERO}" in page


def test_a_sent_invoice_is_led_to_and_so_is_the_first_one_of_a_number(browser, bus):
    page = show(browser, bus, query="?resultat=toutes")
    assert f'href="/factures-emises/{uuid.UUID(int=5)}"' in page
    assert f'href="/factures-emises/{FIRST}"' in page
    assert 'href="/factures-emises/flux/CPP0011100000000000000000"' in page


def test_the_refused_come_first_and_the_filters_ask_for_the_others(browser, bus):
    answer(bus, total=60)
    asked = [
        ("", ("refused", None, None, 1)),
        ("?resultat=toutes", (None, None, None, 1)),
        ("?code=D-SRV&page=2", (None, "D-SRV", None, 2)),
        ("?recherche=+neuf+&resultat=accepted", ("accepted", None, "neuf", 1)),
        ("?code=%27x&resultat=rien", (None, None, None, 1)),
    ]
    for query, _ in asked:
        assert browser.get(PAGE + query).status_code == 200
    requests = bus.requests(flux_report.ReadFluxReport)
    assert [(each.outcome, each.code, each.text, each.page) for each in requests] == [wanted for _, wanted in asked]
    assert {each.page_size for each in requests} == {25}


def test_a_page_of_500_refused_invoices_is_one_of_20_and_keeps_its_filters(browser, bus):
    page = show(browser, bus, query="?code=D-SRV&page=3", files=FILES[1:2] * 25, total=500)
    assert "Page 3 sur 20" in page
    assert "code=D-SRV" in page.partition("rel=\"next\"")[2].partition(">")[0]
    assert page.count('class="flux-file') == 25


def test_a_file_with_many_problems_shows_some_and_says_where_the_others_are(browser, bus):
    page = show(browser, bus, files=[refused(0, "a.xml", "F-1", *[FAULT] * 45)])
    assert page.count("Corrigez le code.") == 20
    assert "25 autres problèmes" in page


def _said(rows):
    names = ("Fichier", "Numéro de facture", "Résultat", "Code", "Donnée", "Valeur lue", "Règle")
    return [tuple(row[name] for name in names) for row in rows]


EXPECTED = [
    ("un.xml", "F-1", "envoyée", "", "", "", ""),
    ("neuf.xml", "F-9", "refusée", "D-SRV", "Code service", "ACHATS-9", "PUP-ROUTING-SERVICE-UNKNOWN"),
    ("dix.xml", "F-10", "refusée", "D-DBL", "Numéro de facture", "F-10", "PUP-NUMBER-TAKEN"),
]


def test_the_report_is_a_csv_of_every_file_and_problem(browser, bus):
    answer(bus)
    given = browser.get(f"{REPORT}.csv")
    rows = list(csv.DictReader(io.StringIO(given.data.decode("utf-8-sig")), delimiter=";"))
    assert _said(rows) == EXPECTED
    assert rows[2]["Première facture"] == str(FIRST)


def test_the_report_is_a_sheet_with_the_same_cells(browser, bus):
    answer(bus)
    rows = sheet_rows(browser.get(f"{REPORT}.xlsx"))
    found = [dict(zip(rows[0], (str(cell or "") for cell in row), strict=True)) for row in rows[1:]]
    assert _said(found) == EXPECTED


def test_no_text_of_a_file_is_a_formula_in_the_report(browser, bus):
    answer(bus, files=[refused(0, "=cmd|' /C calc'!A0.xml", "+F-1", FAULT | {"value": "@SUM(A1)"})])
    row = next(csv.DictReader(io.StringIO(browser.get(f"{REPORT}.csv").data.decode("utf-8-sig")), delimiter=";"))
    assert (row["Fichier"][:2], row["Numéro de facture"], row["Valeur lue"]) == ("'=", "'+F-1", "'@SUM(A1)")


def test_the_report_is_a_pdf_with_every_file(browser, bus):
    answer(bus)
    given = browser.get(f"{REPORT}.pdf")
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(given.data)).pages)
    assert given.mimetype == "application/pdf"
    for words in (
        "F-9 – neuf.xml", "D-SRV – Code service", "ACHATS-9", "Corrigez le code.", "F-10 – dix.xml", "D-DBL", "Envoyées (1)",
        "F-1 – un.xml",
    ):
        assert words in text


def test_the_files_of_a_report_are_read_to_the_end_with_the_filters_of_the_page(browser, bus):
    answer(bus, files=FILES, total=6)
    for kind in ("csv", "xlsx", "pdf"):
        assert browser.get(f"{REPORT}.{kind}?resultat=refused").data
    requests = bus.requests(flux_report.ReadFluxReport)
    assert [(each.page, each.outcome) for each in requests] == [(1, "refused"), (2, "refused")] * 3


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_the_report_of_somebody_else_is_not_found(browser, bus, kind):
    bus.answers[flux_report.ReadFluxReport] = errors.NotFound(what=f"flux {NUMERO}")
    assert browser.get(f"{REPORT}.{kind}").status_code == 404


def test_a_problem_of_the_flux_itself_stands_apart(browser, bus):
    technical = {"technical": True, "rule": "PUP-FLUX-LOST", "message": "Le fichier est introuvable."}
    answer(bus, technical, state="IN_REJETE", accepted=0, refused=0, total=0, files=[])
    bus.answers[flux_report.ReadFluxReport]["flux"] = a_flux(technical, state="IN_REJETE", accepted=0, refused=0, total=None)
    page = browser.get(PAGE).get_data(as_text=True)
    assert "Problèmes du flux lui-même" in page
    assert "facture par facture" not in page
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{REPORT}.csv").data.decode("utf-8-sig")), delimiter=";"))
    assert [(row["Résultat"], row["Règle"]) for row in rows] == [("flux rejeté", "PUP-FLUX-LOST")]


@pytest.mark.parametrize(
    "state, words",
    [
        ("IN_INTEGRE", "toutes les factures du flux sont envoyées"),
        ("IN_INTEGRE_PARTIEL", "ne les redéposez pas"),
        ("IN_REJETE", "déposez un nouveau flux"),
        ("IN_INCIDENTE", "Déposez le flux de nouveau"),
        ("IN_EN_COURS_TRAITEMENT_CPP", "Actualiser"),
    ],
)
def test_each_state_says_what_to_do(browser, bus, state, words):
    assert words in show(browser, bus, state=state)


def test_somebody_elses_flux_is_not_found(browser, bus):
    bus.answers[flux_report.ReadFluxReport] = errors.NotFound(what=f"flux {NUMERO}")
    answer = browser.get(PAGE)
    assert answer.status_code == 404
    assert f"le flux {NUMERO}" in answer.get_data(as_text=True)


def test_the_invoices_of_a_flux_are_searched_by_its_number(browser, bus):
    browser.get(f"/factures-emises/?onglet=tout&flux={NUMERO}")
    assert bus.requests(invoicing.SearchInvoices)[0].numero_flux == NUMERO


def test_a_flux_is_shown_in_english_when_asked(browser, bus):
    page = show(browser, bus, query="?lang=en")
    assert "Integrated in part" in page
    assert "Value read" in page or "value read" in page
    assert bus.requests(flux_report.ReadFluxReport)[0].language == "en"


DEPOSIT = "/factures-emises/flux/depot"


def test_a_flux_is_deposited_by_a_person_and_its_page_is_shown(browser, bus, blobs):
    bus.answers[invoicing.DepositFlux] = {"flux": a_flux()}
    answer(bus)
    content = b"PK" + b"x" * 2_000_000
    data = {"structure": str(SUPPLIER), "syntaxe": "FLUX_MIXTE", "file": (io.BytesIO(content), "lot.zip")}
    given = browser.post(DEPOSIT, data, content_type="multipart/form-data")
    assert (given.status_code, given.headers["Location"]) == (302, PAGE)
    [asked] = bus.requests(invoicing.DepositFlux)
    assert (asked.structure_id, asked.syntaxe_flux, asked.file_name, asked.size) == (SUPPLIER, "FLUX_MIXTE", "lot.zip", len(content))
    assert blobs.kept[asked.sha256] == content


def test_who_validates_the_invoices_of_a_flux_is_named_on_its_page_by_role(browser, bus):
    page = browser.get(DEPOSIT).get_data(as_text=True)
    assert f"parties-{HOLDER}" in page
    assert "X9" in page
    bus.answers[invoicing.DepositFlux] = {"flux": a_flux()}
    answer(bus)
    named = {f"parties-{HOLDER}": "900 000 050 00014", f"parties-{AGENT}": ""}
    data = {"structure": str(SUPPLIER), "syntaxe": "FLUX_MIXTE", "file": (io.BytesIO(b"PKx"), "lot.zip"), **named}
    assert browser.post(DEPOSIT, data, content_type="multipart/form-data").status_code == 302
    assert bus.requests(invoicing.DepositFlux)[0].parties == [invoicing.NamedParty(role=HOLDER, identifier="90000005000014")]


def test_a_flux_without_a_file_is_asked_for_one(browser, bus):
    given = browser.post(DEPOSIT, {"structure": str(SUPPLIER), "syntaxe": "FLUX_MIXTE"})
    assert given.status_code == 422
    assert bus.requests(invoicing.DepositFlux) == []


def test_who_may_only_read_is_not_offered_the_deposit_of_a_flux(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(profile="CONSULTATION")]}
    bus.answers[invoicing.SearchFlux] = {"flux": [], "total": 0}
    assert DEPOSIT not in browser.get("/factures-emises/flux").get_data(as_text=True)
    assert browser.get(DEPOSIT).status_code == 403
