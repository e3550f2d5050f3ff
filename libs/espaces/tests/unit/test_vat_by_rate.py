"""What of a request is taxed at which rate: read from fields of the form or of the lines, and refused where it does not add up."""

from decimal import Decimal

import marshmallow
import pytest
from espace_kinds import NAME, a_kind, a_plugin
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espaces import Amounts, Completed, Exemption, Label, Payment, VatAt, VatOfLines, forms
from pupitre_espaces.testing import a_structure
from pupitre_espaces.testing_desk import Desk
from pupitre_espaces.vat import check

BY_FIELDS = Payment(
    "claimant",
    "payer",
    vat=(
        VatAt(Decimal(20), "at_20", "vat_20"),
        VatAt(Decimal("5.5"), "at_5_5"),
        VatAt(Decimal(0), "owed", exemption=Exemption(Label("Autoliquidation", "Reverse charge"), "VATEX-EU-AE")),
    ),
)
BY_LINES = Payment("claimant", "payer", vat=VatOfLines("rate", "net", "vat"))
MONEY = st.decimals(-(10**9), 10**9, places=2)
RATES = {each: Label(each, each) for each in ("20", "5.5", "0")}


class Parts(marshmallow.Schema):
    at_20, vat_20, at_5_5, owed = (forms.money(NAME, least=None) for _ in range(4))


class RatedLine(marshmallow.Schema):
    rate = forms.choice(NAME, RATES)
    net = forms.money(NAME, least=None)
    vat = forms.money(NAME, least=None)


def shown(parts):
    return [(each.category, each.rate, each.base, each.vat) for each in parts]


def amounts(net, vat):
    return Amounts(Decimal(net), Decimal(vat), Decimal(net) + Decimal(vat))


def test_each_rate_has_its_base_and_its_vat_typed_or_computed():
    form = {"at_20": Decimal("100.00"), "vat_20": Decimal("20.01"), "at_5_5": Decimal("0.10"), "owed": Decimal("7.00")}
    assert shown(BY_FIELDS.parts(form, ())) == [
        ("S", Decimal(20), Decimal("100.00"), Decimal("20.01")),
        ("S", Decimal("5.5"), Decimal("0.10"), Decimal("0.01")),  # 0.0055, rounded half up
        ("AE", Decimal(0), Decimal("7.00"), Decimal("0.00")),
    ]


def test_a_request_that_says_nothing_of_rates_has_no_parts():
    assert BY_FIELDS.parts({"at_20": None, "at_5_5": Decimal("0.00")}, ()) == ()
    assert BY_LINES.parts({}, [{"rate": "20"}, {"net": Decimal("1.00")}]) == ()
    assert Payment("claimant", "payer").parts({"at_20": Decimal("5.00")}, [{"rate": "20", "net": Decimal("5.00")}]) == ()


@given(st.lists(st.tuples(st.sampled_from(sorted(RATES)), MONEY, MONEY), max_size=8))
def test_parts_of_lines_lose_no_cent_and_name_no_rate_that_no_line_has(typed):
    lines = [dict(zip(("rate", "net", "vat"), each, strict=True)) for each in typed]
    parts = BY_LINES.parts({}, lines)
    assert sum(each.base for each in parts) == sum(net for _, net, _ in typed)
    assert sum(each.vat for each in parts) == sum(vat for _, _, vat in typed)
    assert {each.rate for each in parts} <= {Decimal(rate) for rate, _, _ in typed}
    assert len({each.rate for each in parts}) == len(parts)


@given(MONEY, MONEY, MONEY, MONEY, MONEY)
def test_only_parts_that_make_up_the_amounts_pass(base, vat, other, net, whole_vat):
    form = {"at_20": base, "vat_20": vat, "owed": other}
    parts = BY_FIELDS.parts(form, ())
    faults = list(check(parts, amounts(net, whole_vat)))
    adds_up = not parts or (base + other == net and vat == whole_vat and abs(vat - base / 5) < 1)
    assert (not faults) == adds_up
    right = {"at_20": base, "vat_20": (base / 5).quantize(Decimal("0.01")), "owed": other}
    assert not list(check(BY_FIELDS.parts(right, ()), amounts(base + other, right["vat_20"])))


@pytest.mark.parametrize(
    "form, net, vat, said",
    [
        ({"at_20": "10.00", "vat_20": "2.00"}, "10.01", "2.00", "parts by rate of VAT make 10.00 EUR, not 10.01"),
        ({"at_20": "10.00", "vat_20": "2.00"}, "10.00", "2.01", "VAT by rate make 2.00 EUR, not 2.01"),
        ({"at_20": "10.00", "vat_20": "3.00"}, "10.00", "3.00", "VAT at 20 % is 3.00 EUR on a base of 10.00"),
        ({"vat_20": "0.99"}, "0.00", "0.99", None),
    ],
)
def test_what_does_not_add_up_is_said_in_both_languages(form, net, vat, said):
    found = list(check(BY_FIELDS.parts({name: Decimal(each) for name, each in form.items()}, ()), amounts(net, vat)))
    assert [(each.rule, each.severity, each.term) for each in found] == [("vat-by-rate", "error", "vat")] * bool(said)
    assert all(said in each.message.en and each.message.fr != each.message.en and each.remedy.fr for each in found)


def a_rated_kind(complete):
    return a_kind(form=Parts, line=RatedLine, payment=BY_LINES, complete=complete)


def drafted(complete, *lines):
    desk = Desk(a_plugin(a_rated_kind(complete)))
    return desk.errors(desk.save("claim", "C1", a_structure(), lines=lines, parties={"checker": a_structure(id="c")}))


def test_a_request_whose_parts_do_not_add_up_is_not_sent():
    lines = [{"rate": "20", "net": "100.00", "vat": "20.00"}, {"rate": "5.5", "net": "10.00", "vat": "0.55"}]
    assert drafted(lambda draft: Completed(draft.form, draft.lines, amounts("110.00", "20.55")), *lines) == []
    wrong = drafted(lambda draft: Completed(draft.form, draft.lines, amounts("110.00", "22.00")), *lines)
    assert wrong == ["vat-by-rate vat"]


@pytest.mark.parametrize("line", [{"rate": "20", "net": 100.5}, {"rate": "101", "net": Decimal(1)}, {"rate": "x", "net": Decimal(1)}])
def test_an_espace_that_fills_in_what_is_no_rate_or_no_amount_is_the_one_that_is_ill(line):
    with pytest.raises(Exception, match="essai"):
        drafted(lambda draft: Completed(draft.form, (line,)), {"rate": "20"})


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: VatAt(Decimal(101), "x"), "percentage"),
        (lambda: VatAt(20, "x"), "Decimal"),
        (lambda: VatAt(Decimal(20), "x", exemption=Exemption(NAME)), "no exemption"),
        (lambda: Payment("claimant", "payer", vat=VatAt(Decimal(20), "x")), "a tuple"),
        (lambda: Payment("claimant", "payer", vat=("x",)), "holds VatAt"),
        (lambda: a_kind(payment=Payment("claimant", "payer", vat=(VatAt(Decimal(20), "x"),))), "form has no field x"),
        (lambda: a_kind(payment=BY_LINES), "lines have no field net, rate, vat"),
        (lambda: a_kind(line=None, payment=BY_LINES), "lines have no field"),
    ],
)
def test_a_payment_names_rates_and_fields_that_there_are(make, said):
    with pytest.raises(ValueError, match=said):
        make()
