"""Following flux and qualifying files."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from pupitre_espace_suivi_des_flux import hooks, qualifying, texts
from pupitre_espaces import Download, PageRequest, PortRefused, Ports, UploadedFile
from pupitre_espaces.ports import FluxFault, FluxView, Verdict
from pupitre_espaces.testing import a_context, a_host, a_structure, operate, problems_of
from pupitre_espaces.testing_desk import Desk

NUMERO = "CPP000000000000001"
FLUX = FluxView(
    NUMERO,
    "IN_INTEGRE_PARTIEL",
    "IN_DP_E1_UBL_INVOICE",
    "<lot>.zip",
    datetime(2024, 3, 1, 23, 30, tzinfo=UTC),
    10,
    8,
    2,
)
FAULT = FluxFault(
    "D-SRV", "Service", "BT-10", "=1+1", "PUP-SERVICE", "Code service inconnu", "Corrigez-le", "F-1", "f1.xml"
)


class Flux:
    def search(self, *, limit=50, after=""):
        return () if after else (FLUX,) * min(limit, 50)

    def faults(self, numero):
        if numero != NUMERO:
            raise PortRefused("not-found", "no such flux")
        return (FAULT,)

    def check(self, name, content):
        if content == b"late":
            raise PortRefused("unavailable", "invoicing does not answer")
        return {
            b"good": Verdict("valid", None, "UBL", "EN 16931", ()),
            b"warn": Verdict("valid", None, "UBL", "EN 16931", (("BR-FR-1", "warning", "Attention <b>", "Rien"),)),
            b"bad": Verdict("invalid", "schematron", "CII", None, (("BR-01", "error", "Manque", "Ajoutez"),)),
        }.get(content, Verdict("error", None, None, None, ()))


def visit(slug, language="fr", method="page", profile="CONSULTATION", query=None, content=None):
    files = {"file": UploadedFile("<f>.xml", "application/xml", content)} if content is not None else {}
    context = a_context(language, ports=Ports(flux=Flux()))
    request = PageRequest(
        context, profile, lambda to: f"/espaces/suivi-des-flux/{to}?structure=1", query=query or {}, files=files
    )
    return getattr(a_host(hooks), method)("suivi-des-flux", slug, request)


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_the_list_shows_each_flux_at_the_time_of_france_and_leads_to_its_report():
    body = visit("").body
    assert "Intégré partiellement" in body
    assert "2024-03-02 00:30" in body
    assert "&lt;lot&gt;.zip" in body
    assert f'href="/espaces/suivi-des-flux/compte-rendu?structure=1&numero={NUMERO}"' in body.replace("&amp;", "&")
    assert "Suivants" in body
    assert "Aucun flux" in visit("", query={"after": NUMERO}).body


def test_the_report_names_the_field_the_value_and_the_remedy():
    body = visit("compte-rendu", query={"numero": NUMERO}).body
    for word in ("F-1", "D-SRV", "BT-10", "=1+1", "Code service inconnu", "Corrigez-le"):
        assert word in body


def test_a_foreign_or_unknown_flux_is_not_there():
    assert visit("compte-rendu", query={"numero": "CPP9"}).status == 404
    assert visit("compte-rendu").status == 404


def test_the_report_as_a_file_holds_no_formula():
    answer = visit("compte-rendu", query={"numero": NUMERO, "format": "csv"})
    assert type(answer) is Download
    assert "'=1+1" in answer.content.decode("utf-8-sig")
    assert answer.name == f"{NUMERO}.csv"


@pytest.mark.parametrize(
    "content, state, words",
    [
        (b"good", "QP_RECEVABLE", ["Aucune remarque", "UBL EN 16931"]),
        (b"warn", "QP_RECEVABLE_AVEC_ERREUR", ["BR-FR-1", "Attention &lt;b&gt;"]),
        (b"bad", "QP_IRRECEVABLE", ["BR-01", "Ajoutez", "les règles métier"]),
    ],
)
def test_a_test_file_gets_a_report_of_conformity(content, state, words):
    answer = visit("qualification", method="submit", content=content)
    assert answer.status == 200
    assert texts.STATES[state].fr in answer.body
    assert "&lt;f&gt;.xml" in answer.body
    for word in words:
        assert word in answer.body


@pytest.mark.parametrize("content, status", [(None, 422), (b"", 422), (b"late", 422), (b"?", 503)])
def test_what_cannot_be_checked_says_why_and_offers_the_form_again(content, status):
    answer = visit("qualification", method="submit", content=content)
    assert answer.status == status
    assert 'type="file"' in answer.body
    assert "alert-danger" in answer.body


def test_the_dashboard_counts():
    body = visit("tableau-de-bord", "en").body
    assert "Of the last 50 flux: 400 invoices accepted, 100 refused (80 % accepted)." in body
    assert "D-SRV Service" in body
    empty = a_context(ports=Ports(flux=SimpleNamespace(search=lambda limit: ())))
    request = PageRequest(empty, "CONSULTATION", lambda to: f"/{to}")
    assert "Rien à compter" in a_host(hooks).page("suivi-des-flux", "tableau-de-bord", request).body


def test_an_error_is_never_admissible():
    assert qualifying.state_of(Verdict("error", None, None, None, ())) == "QP_IRRECEVABLE"


def processed(accepted, refused):
    return {
        "flux_id": uuid4(),
        "numero_flux": NUMERO,
        "structure_id": "3f1c",
        "state": "IN_INTEGRE_PARTIEL",
        "accepted": accepted,
        "refused": refused,
    }


def test_each_processed_flux_is_counted_once_in_its_month_in_france():
    desk, structure, same = Desk(hooks, datetime(2024, 2, 29, 23, 30, tzinfo=UTC)), a_structure(), uuid4()
    for _ in range(2):
        desk.fire("flux.processed.v1", structure, id=same, **processed(8, 2))
    desk.fire("flux.processed.v1", structure, **processed(5, 0))
    desk.clock.time = datetime(2024, 4, 1, 9, tzinfo=UTC)
    desk.fire("flux.processed.v1", structure, **processed(1, 1))
    ports = Ports(flux=Flux(), records=desk.records(structure))
    march = {"month": "2024-03", "flux": 2, "accepted": 13, "refused": 2}
    told = operate(hooks, "read-board", ports=ports)
    assert told["months"] == [{"month": "2024-04", "flux": 1, "accepted": 1, "refused": 1}, march]
    assert (told["flux"], told["states"]) == (50, {"IN_INTEGRE_PARTIEL": 50})
    request = PageRequest(a_context(ports=ports), "CONSULTATION", lambda to: f"/espaces/suivi-des-flux/{to}")
    body = a_host(hooks).page("suivi-des-flux", "tableau-de-bord", request).body
    assert '<th scope="row">2024-03</th><td class="text-end">2</td><td class="text-end">13</td>' in body


def test_who_may_not_read_what_the_espace_keeps_sees_the_board_without_months():
    assert "Par mois" not in visit("tableau-de-bord").body
