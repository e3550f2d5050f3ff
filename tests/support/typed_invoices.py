"""Invoices as a person types them, in the dictionary form of the engine: examples, and a Hypothesis strategy."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import strategies as st

from support.invoice_parts import BUYER, SELLER, Party

CENT = Decimal("0.01")
RATES = ("20", "10", "5.5", "2.1")
_LETTERS = st.characters(
    min_codepoint=32, max_codepoint=0x24F, blacklist_characters="\x7f", blacklist_categories=("Cc", "Cs", "Cn")
)
#: Words as people write them: trimmed, one space between two, every XML character among them.
WORDS = st.text(_LETTERS, min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)
NAMES = st.from_regex(r"[A-Za-z0-9+_/-]{1,20}", fullmatch=True)


def party(who: Party) -> dict[str, Any]:
    """A party as the entry page knows it from the directory."""
    return {
        "name": who.name,
        "siret": who.siret,
        "vat": who.vat,
        "address": {"lines": [who.street], "post_code": who.post_code, "city": who.city},
        "country": "FR",
    }


def line(
    name: str = "Ramette A4", quantity: str = "10", price: str = "3.90", rate: str = "20", **more: Any
) -> dict[str, Any]:
    """A line, its amount computed: quantity times price, less its allowances, plus its charges."""
    net = (Decimal(quantity) * Decimal(price)).quantize(CENT, ROUND_HALF_UP)
    net -= sum(Decimal(each["amount"]) for each in more.get("allowances", ()))
    net += sum(Decimal(each["amount"]) for each in more.get("charges", ()))
    category = {"vat_category": "S" if Decimal(rate) else "E", "vat_rate": rate}
    return {"name": name, "quantity": quantity, "unit": "C62", "price": price, "net": str(net), **category, **more}


def typed(lines: list[dict[str, Any]] | None = None, **over: Any) -> dict[str, Any]:
    """An invoice whose VAT and totals follow from its lines, allowances and charges."""
    lines = lines or [line(), line("Maintenance", "3", "85.00"), line("Livre", "2", "12.50", "5.5")]
    allowances, charges = over.get("allowances", []), over.get("charges", [])
    bases: dict[tuple[str, str], Decimal] = {}
    for parts, sign, amount in ((lines, 1, "net"), (allowances, -1, "amount"), (charges, 1, "amount")):
        for part in parts:
            key = (part["vat_category"], part["vat_rate"])
            bases[key] = bases.get(key, Decimal(0)) + sign * Decimal(part[amount])
    exempt = {"exemption": "TVA non applicable, article 293 B du CGI", "exemption_code": "VATEX-FR-FRANCHISE"}
    vat = [
        {
            "category": category,
            "rate": rate,
            "base": str(base.quantize(CENT)),
            "amount": str((base * Decimal(rate) / 100).quantize(CENT, ROUND_HALF_UP)),
            **(exempt if category == "E" else {}),
        }
        for (category, rate), base in bases.items()
    ]
    sums = {
        name: sum((Decimal(each["amount"]) for each in parts), Decimal("0.00"))
        for name, parts in (("less", allowances), ("more", charges))
    }
    total = sum((Decimal(each["net"]) for each in lines), Decimal("0.00"))
    net = total - sums["less"] + sums["more"]
    tax = sum((Decimal(each["amount"]) for each in vat), Decimal("0.00"))
    prepaid = Decimal(over.pop("prepaid", "0.00"))
    invoice = {
        "number": "SAISIE-2026-1",
        "type_code": "380",
        "credit_note": False,
        "issue_date": "2026-10-01",
        "due_date": "2026-10-31",
        "currency": "EUR",
        "cadre": {"code": "S1"},
        "seller": party(SELLER),
        "buyer": party(BUYER),
        "payment": {"means": "30", "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"},
        "lines": lines,
        "vat": vat,
        "totals": {
            "lines": str(total),
            "allowances": str(sums["less"]) if allowances else None,
            "charges": str(sums["more"]) if charges else None,
            "net": str(net),
            "vat": str(tax),
            "gross": str(net + tax),
            "prepaid": str(prepaid) if prepaid else None,
            "due": str(net + tax - prepaid),
        },
    }
    return invoice | over


def credit_note(**over: Any) -> dict[str, Any]:
    """A typed credit note: amounts positive, its invoice named, no payment means."""
    told = {"type_code": "381", "credit_note": True, "number": "AV-2026-1", "payment": {}, "cadre": {"code": "S1"}}
    return typed(**(told | {"preceding": [{"number": "FA-1", "issue_date": "2026-09-01"}]} | over))


def amounts(high: int) -> st.SearchStrategy[str]:
    return st.decimals(min_value=Decimal("0.01"), max_value=high, places=2).map(str)


@st.composite
def _line(draw: st.DrawFn) -> dict[str, Any]:
    quantity = str(draw(st.decimals(min_value=1, max_value=500, places=draw(st.sampled_from([0, 2, 4])))))
    price = str(draw(st.decimals(min_value=1, max_value=2000, places=draw(st.sampled_from([2, 4])))))
    more: dict[str, Any] = {"reason": draw(WORDS)}
    optional = st.none() | WORDS
    return line(
        draw(WORDS),
        quantity,
        price,
        draw(st.sampled_from((*RATES, "0"))),
        unit=draw(st.sampled_from(["C62", "HUR", "DAY", "KGM", "LS"])),
        description=draw(optional),
        note=draw(optional),
        reference=draw(optional),
        order_line=draw(st.none() | NAMES),
        discount=draw(st.none() | st.just("0.50")),
        allowances=draw(st.lists(st.fixed_dictionaries({"amount": st.just("0.25")}).map(more.__or__), max_size=2)),
        charges=draw(st.lists(st.fixed_dictionaries({"amount": amounts(20)}).map(more.__or__), max_size=1)),
        period=draw(st.none() | st.just({"start": "2026-09-01", "end": "2026-09-30"})),
    )


@st.composite
def invoices(draw: st.DrawFn) -> dict[str, Any]:
    """Any invoice or credit note that a person could type and that breaks no rule."""
    lines = draw(st.lists(_line(), min_size=1, max_size=4))
    rate = next((each["vat_category"], each["vat_rate"]) for each in lines)
    of_rate = {"vat_category": rate[0], "vat_rate": rate[1]}
    extra = [{"amount": draw(amounts(30)), "reason": draw(WORDS), **of_rate}] if draw(st.booleans()) else []
    issued = draw(st.dates(date(2026, 9, 1), date(2027, 12, 31)))
    optional = st.none() | NAMES
    build = credit_note if draw(st.booleans()) else typed
    invoice = build(
        lines=lines,
        number=draw(NAMES),
        issue_date=issued.isoformat(),
        due_date=(issued + timedelta(days=draw(st.integers(0, 60)))).isoformat(),
        delivery_date=draw(st.none() | st.just((issued - timedelta(days=3)).isoformat())),
        charges=extra,
        engagement=draw(optional),
        contract=draw(optional),
        payee=draw(st.none() | st.just({"name": "Affacturage du Quai", "identifier": None})),
        profile=draw(st.sampled_from(["en16931", "extended-ctc-fr"])),
    )
    invoice["buyer"] = invoice["buyer"] | {"code_service": draw(optional)}
    invoice["seller"] = invoice["seller"] | {"trading_name": draw(st.none() | WORDS)}
    invoice["payment"] = invoice["payment"] | {"terms": draw(st.none() | WORDS), "reference": draw(st.none() | NAMES)}
    return invoice
