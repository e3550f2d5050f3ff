"""/api/v1/flux: what became of each file of a flux, as the page says it."""

import uuid

import pytest
from machine_world import ACCOUNT, BEARER, NUMERO, a_flux, an_error
from pupitre_contracts import errors, flux_report, invoicing

FIRST = uuid.UUID(int=77)
FAULT = an_error(code="D-DBL", code_label="déjà utilisé", field="Numéro de facture", term="BT-1", value="F-1", first_invoice_id=FIRST)


@pytest.fixture
def ask(http, bus):
    file = flux_report.FluxFile(position=3, file_name="f7.xml", outcome="refused", number="F-1", errors=[FAULT])
    code = flux_report.CodeCount(code="D-DBL", label="déjà utilisé", count=205)
    bus.answers[flux_report.ReadFluxReport] = {"flux": a_flux(refused=205), "files": [file], "total": 205, "codes": [code]}

    def get(query="", headers=None):
        return http.get(f"/api/v1/flux/{NUMERO}{query}", headers={"Authorization": f"Bearer {BEARER}"} if headers is None else headers)

    return get


def test_the_report_has_code_field_value_rule_and_remedy_of_each_refused_file(ask, bus):
    answer = ask("?lang=en")
    assert answer.status_code == 200
    found = answer.json
    assert (found["numero_flux"], found["refused"], found["total"], found["next_page"]) == (NUMERO, 205, 205, 2)
    assert found["codes"] == [{"code": "D-DBL", "label": "déjà utilisé", "count": 205}]
    [file] = found["files"]
    assert (file["position"], file["file_name"], file["outcome"], file["number"]) == (3, "f7.xml", "refused", "F-1")
    [fault] = file["errors"]
    assert {name: fault[name] for name in ("code", "field", "term", "value", "rule", "remedy", "first_invoice_id")} == {
        "code": "D-DBL", "field": "Numéro de facture", "term": "BT-1", "value": "F-1", "rule": "BR-CL-04", "remedy": "Écrivez EUR.",
        "first_invoice_id": str(FIRST),
    }
    assert bus.requests(flux_report.ReadFluxReport)[0].language == "en"


def test_the_last_page_has_no_next(ask):
    assert ask("?page=3").json["next_page"] is None


def test_filters_and_pages_are_handed_on(ask, bus):
    assert ask("?outcome=refused&code=D-DBL&text=f7&page=2&page_size=50").status_code == 200
    [asked] = bus.requests(flux_report.ReadFluxReport)
    assert (asked.outcome, asked.code, asked.text, asked.page, asked.page_size) == ("refused", "D-DBL", "f7", 2, 50)


@pytest.mark.parametrize("query", ["?page=0", "?page_size=101", "?page=x", "?outcome=rien"])
def test_nonsense_is_refused_by_its_name(ask, query):
    answer = ask(query)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_who_has_no_token_gets_nothing(ask):
    answer = ask(headers={})
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_the_flux_of_others_is_not_found(ask, bus):
    bus.answers[flux_report.ReadFluxReport] = errors.NotFound(what=f"flux {NUMERO}")
    assert ask().status_code == 404


@pytest.fixture
def deposit(http):
    def post(content, query="?name=lot.tar.gz", **headers):
        return http.post(f"/api/v1/flux{query}", data=content, headers={"Authorization": f"Bearer {BEARER}", **headers})

    return post


def test_a_flux_larger_than_an_upload_is_deposited_as_it_comes(deposit, bus, blobs):
    content = b"\x1f\x8b" + b"x" * 1_500_000  # five times what this portal takes as an upload
    answer = deposit(content, **{"Idempotency-Key": "once"})
    assert answer.status_code == 201
    assert answer.json["numero_flux"] == NUMERO
    [asked] = bus.requests(invoicing.DepositFlux)
    assert (asked.size, asked.file_name, asked.syntaxe_flux) == (len(content), "lot.tar.gz", "FLUX_MIXTE")
    assert blobs.kept[asked.sha256] == content
    assert (answer.json["sha256"], asked.structure_id) == (asked.sha256, ACCOUNT.structure_id)


def test_the_syntax_may_be_named(deposit, bus):
    deposit(b"<Invoice/>", "?name=f.xml&syntaxe=IN_DP_E1_UBL_INVOICE")
    assert bus.requests(invoicing.DepositFlux)[0].syntaxe_flux == "IN_DP_E1_UBL_INVOICE"


def test_an_empty_flux_and_one_beyond_the_limit_are_refused(deposit, bus, monkeypatch):
    assert deposit(b"").status_code == 422
    monkeypatch.setattr("pupitre_portal.files.FLUX_LIMIT", 1000)
    assert deposit(b"x" * 2000).status_code == 413
    assert bus.requests(invoicing.DepositFlux) == []


def test_a_flux_without_a_token_is_not_read(http, blobs):
    assert http.post("/api/v1/flux?name=a.xml", data=b"<a/>").status_code == 401
    assert blobs.kept == {}
