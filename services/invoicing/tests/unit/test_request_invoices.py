"""The invoice that a request becomes, whatever its amounts: no cent is lost between its lines, its recapitulation and its totals."""

import datetime
from decimal import Decimal
from types import SimpleNamespace

import marshmallow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts import errors
from pupitre_espaces import Label, Payment, VatAt, VatOfLines, forms
from pupitre_invoicing import request_invoices

RATES = ("20", "10", "8.5", "5.5", "2.1", "0")
MONEY = st.decimals(-(10**8), 10**8, places=2)
PARTS = st.dictionaries(st.sampled_from(RATES), MONEY, max_size=len(RATES))
CENT = Decimal("0.01")


def name_of(rate):
    return f"at_{rate.replace('.', '_')}"


def fields(*names):
    return marshmallow.Schema.from_dict({each: forms.money(Label(each, each), least=None) for each in names})


def a_structure(name):
    address = SimpleNamespace(line="1 rue du Port", complement=None, complement2=None, postal_code="29000", city="Quimper", country="FR")
    return SimpleNamespace(
        name=name, siret="12345678200010", identifier="12345678200010", identifier_type="SIRET", vat_number=None, address=address
    )


def invoice_of(payment, row, *, form=fields(*map(name_of, RATES)), line=None):
    kind = SimpleNamespace(payment=payment, label=Label("Acompte", "Account"), form=form, line=line)
    known = SimpleNamespace(kind=kind, cadre=lambda code: SimpleNamespace(label=Label(code, code)))
    row = {"number": "A-1", "cadre": "A4", "dossier_number": None, "form": {}, "lines": [], **row}
    values = forms.load(form, row["form"])
    day = datetime.date(2026, 12, 1)
    return request_invoices.invoice_of(known, row, values, a_structure("Paid"), a_structure("Payer"), day, row["gross"])


def amounts(net, vat):
    return {"net": net, "vat": vat, "gross": net + vat}


def sums(invoice):
    return [sum((Decimal(each[name]) for each in rows), Decimal(0)) for rows, name in (
        (invoice["lines"], "net"), (invoice["vat"], "base"), (invoice["vat"], "amount")
    )]


def assert_whole(invoice, net, vat):
    assert sums(invoice) == [net, net, vat]
    totals = {name: Decimal(invoice["totals"][name]) for name in ("lines", "net", "vat", "gross", "due")}
    assert totals == {"lines": net, "net": net, "vat": vat, "gross": net + vat, "due": net + vat}
    for line in invoice["lines"]:
        assert Decimal(line["quantity"]) * Decimal(line["price"]) == Decimal(line["net"])
        assert Decimal(line["price"]) >= 0


def taxed(base, rate):
    return (base * Decimal(rate) / 100).quantize(CENT, "ROUND_HALF_UP")


@given(PARTS)
def test_parts_of_the_form_make_the_invoice_to_the_cent(parts):
    payment = Payment("a", "b", vat=tuple(VatAt(Decimal(each), name_of(each)) for each in RATES))
    net, vat = sum(parts.values(), Decimal(0)), sum((taxed(base, rate) for rate, base in parts.items()), Decimal(0))
    form = {name_of(rate): str(base) for rate, base in parts.items()}
    invoice = invoice_of(payment, {"form": form, **amounts(net, vat)})
    assert_whole(invoice, net, vat)
    told = {rate for rate, base in parts.items() if base}
    assert {each["rate"] for each in invoice["vat"]} == (told or {None})


class Line(marshmallow.Schema):
    rate = forms.choice(Label("Taux", "Rate"), {each: Label(each, each) for each in RATES})
    net, vat = (forms.money(Label("Montant", "Amount"), least=None) for _ in range(2))


@given(st.lists(st.tuples(st.sampled_from(RATES), MONEY), max_size=20))
def test_lines_with_a_rate_each_make_the_invoice_to_the_cent(typed):
    lines = [{"rate": rate, "net": str(net), "vat": str(taxed(net, rate))} for rate, net in typed]
    net, vat = (sum((Decimal(each[name]) for each in lines), Decimal(0)) for name in ("net", "vat"))
    invoice = invoice_of(Payment("a", "b", vat=VatOfLines("rate", "net", "vat")), {"lines": lines, **amounts(net, vat)}, line=Line)
    assert_whole(invoice, net, vat)
    assert {each["rate"] for each in invoice["vat"]} <= {rate for rate, _ in typed} | {None}


@given(MONEY, MONEY)
def test_a_request_that_does_not_say_is_one_line(net, vat):
    invoice = invoice_of(Payment("a", "b"), amounts(net, vat))
    assert_whole(invoice, net, vat)
    assert len(invoice["lines"]) == len(invoice["vat"]) == 1


def test_parts_that_no_longer_make_up_the_amounts_make_no_invoice():
    payment = Payment("a", "b", vat=(VatAt(Decimal(20), "at_20"),))
    with pytest.raises(errors.Invalid) as caught:
        invoice_of(payment, {"form": {"at_20": "10.00"}, **amounts(Decimal("11.00"), Decimal("2.00"))})
    assert "10.00" in str(caught.value.details)
