"""Engagements: who issues, who answers, and what is followed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from pupitre_espace_engagements import hooks, kinds, rules
from pupitre_espaces import Amounts, Label, Party, Ports, RequestView
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.passages import WrongMotive
from pupitre_espaces.testing import a_context, a_host, a_request, a_structure, problems_of
from pupitre_espaces.testing_desk import Desk

STATE = a_structure(id="s", name="DRAC", siret="11004601800013", type="public")
TOWN = a_structure(id="t", name="Ville de Lille", siret="21590350100017", type="public")
SUPPLIER = a_structure()
FORM = {"type": "BON_DE_COMMANDE", "subject": "Chaises", "issued_on": "2024-03-01", "net": "100,00", "vat": "20,00"}


@pytest.fixture
def desk():
    return Desk(hooks)


def an_engagement(desk, maker=STATE, number="E-88", form=FORM, **changes):
    return desk.save("engagement", "EJ", maker, form=form, number=number, parties={"supplier": SUPPLIER}, **changes)


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_the_state_sends_and_the_supplier_takes_into_account(desk):
    engagement = desk.send(an_engagement(desk))
    assert desk.work_of("supplier") == [engagement]
    desk.move(engagement, "supplier", "PRIS_EN_COMPTE")
    assert desk.work_of("issuer") == []
    desk.move(engagement, "issuer", "SOLDE")
    assert engagement.completed.amounts.gross == Decimal("120.00")


def test_a_refusal_has_a_motive(desk):
    engagement = desk.send(an_engagement(desk))
    with pytest.raises(WrongMotive):
        desk.move(engagement, "supplier", "REFUSE", motive=" ")
    desk.move(engagement, "supplier", "REFUSE", motive="Plus fabriqué")
    for role, to in (("supplier", "PRIS_EN_COMPTE"), ("issuer", "SOLDE"), ("issuer", "INACTIF")):
        with pytest.raises(NoPassage):
            desk.move(engagement, role, to, motive="x")


@pytest.mark.parametrize(
    "maker, form, number, wrong",
    [
        (TOWN, FORM, "E-1", ["issuer"]),
        (STATE, FORM, "x" * 51, ["number-length number"]),
        (STATE, FORM | {"starts_on": "2024-05-01", "ends_on": "2024-04-01"}, "E-1", ["dates ends_on"]),
        (STATE, FORM | {"type": "TROC"}, "E-1", ["form-format type"]),
        (STATE, FORM | {"invoice_siret": "123"}, "E-1", ["form-format invoice_siret"]),
    ],
)
def test_what_keeps_an_engagement_from_being_sent(desk, maker, form, number, wrong):
    assert desk.errors(an_engagement(desk, maker, number, form)) == wrong


def test_lines_that_do_not_make_the_sum_are_a_warning_only(desk):
    engagement = an_engagement(desk, lines=[{"designation": "Chaise", "quantity": "3", "price": "33,33"}])
    assert desk.errors(engagement) == []
    assert [each.rule for each in engagement.findings] == ["lines-sum"]
    assert engagement.completed.lines[0]["amount"] == Decimal("99.99")


def test_who_issues_is_data_with_dates(monkeypatch, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[issuers]]\nwho = "state"\nstate = ["1"]\nuntil = 2024-12-31\n[[issuers]]\nwho = "all"\nfrom = 2025-01-01\n'
    )
    monkeypatch.setenv(rules.SETTING, str(path))
    assert not rules.may_issue(TOWN, date(2024, 12, 31))
    assert rules.may_issue(TOWN, date(2025, 1, 1))
    assert rules.may_issue(STATE, date(2024, 1, 1))
    assert not rules.may_issue(SUPPLIER, date(2025, 1, 1))
    assert rules.opens_after(date(2025, 1, 1)) == ""


@pytest.mark.parametrize("text", ["x", '[[issuers]]\nwho = "everybody"\n', "[[issuers]]\nfrom = 2024-01-01\n"])
def test_wrong_data_are_named_and_leave_the_espace_ill(monkeypatch, tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    monkeypatch.setenv(rules.SETTING, str(path))
    host = a_host(hooks, "invoicing")
    assert host.kinds() == {}
    [(key, well, detail)] = host.health()
    assert (key, well) == ("engagements", False)
    assert rules.SETTING in detail


@pytest.mark.parametrize("kind, paid, waits", [("private", 0, True), ("private", 1, False), ("public", 0, False)])
def test_a_supplier_waits_for_his_first_payment(kind, paid, waits):
    invoices = SimpleNamespace(
        count=lambda side, status: paid if (side, status) == ("issued", "MISE_EN_PAIEMENT") else 99
    )
    context = a_context(structure=a_structure(type=kind), ports=Ports(invoices=invoices))
    [(_, told)] = a_host(hooks).call("espace_waits", context=context)
    assert bool(told) is waits


def test_the_page_compares_what_is_committed_and_what_is_invoiced():
    at = datetime(2024, 3, 1, tzinfo=UTC)
    amounts = Amounts(Decimal("100.00"), Decimal("20.00"), Decimal("120.00"))
    parties = (Party("issuer", STATE), Party("supplier", SUPPLIER))
    view = RequestView(
        id=None, number="E-<88>", espace="engagements", kind="engagement", cadre="EJ", status="PRIS_EN_COMPTE",
        status_label=Label("a", "b"), sent_at=at, status_at=at, dossier=None, parties=parties, form={}, amounts=amounts,
    )  # fmt: skip
    invoices = [
        SimpleNamespace(gross=Decimal("90.00"), currency="EUR", status="MANDATEE"),
        SimpleNamespace(gross=Decimal("40.00"), currency="EUR", status="DEPOSEE"),
        SimpleNamespace(gross=Decimal("7000"), currency="JPY", status="DEPOSEE"),
    ]
    refused = SimpleNamespace(gross=Decimal("500.00"), currency="EUR", status="REJETEE")
    ports = Ports(
        requests=SimpleNamespace(search=lambda **asked: (view,) if asked["status"] == "PRIS_EN_COMPTE" else ()),
        invoices=SimpleNamespace(
            search=lambda side, engagement, limit: (*invoices, refused) if side == "issued" else ()
        ),
    )
    body = a_host(hooks).page("engagements", "suivi", a_request("engagements", ports=ports)).body
    assert "130,00" in body
    assert "-10,00" in body
    assert "7\u202f000,00\u00a0JPY" in body
    assert "dépassé" in body
    assert "E-&lt;88&gt;" in body


def test_the_card_is_there_only_when_something_waits():
    for waiting, cards in ((0, 0), (3, 1)):
        context = a_context(ports=Ports(requests=SimpleNamespace(count=lambda to_do, waiting=waiting: waiting)))
        [(_, found)] = a_host(hooks).call("espace_cards", context=context)
        assert len(found) == cards


def test_the_statuses_have_names():
    assert {kinds.LIFECYCLE.label(each).fr for each in kinds.LIFECYCLE.statuses} >= {"Pris en compte", "Soldé"}
