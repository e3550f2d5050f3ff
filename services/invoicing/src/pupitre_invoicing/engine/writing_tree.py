"""Writes business terms as UBL 2.1 or CII D22B: the table of terms read backwards, children put in the order of the schema.

What the table does not say stands here: which of two writings a value takes, what opens a new container, and the elements
that carry no term (tax schemes, currencies, indicators).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from .invoice import CREDIT_NOTE_TYPES
from .syntax import CII, NAMESPACES, UBL
from .terms import Reading, Value
from .terms_table import GROUPS, HEADER, Group, Term
from .writing_order import order

_STEP = re.compile(r"(\w+):(\w+)(?:\[(.*)\])?", re.DOTALL)
_SAID = re.compile(r"(@?[\w:]+(?:/[\w:]+)*)='([^']*)'")
_DENIED = re.compile(r"not\([^()]*\)")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
# A container that holds one value: every value opens its own.
_ONE_EACH = {
    "ubl": (
        "cac:PartyIdentification",
        "cac:BillingReference",
        "cac:CommodityClassification",
        "cac:AdditionalDocumentReference",
    ),
    "cii": ("ram:SpecifiedTaxRegistration", "ram:AdditionalReferencedDocument", "ram:DesignatedProductClassification"),
}
# In a credit note UBL writes these the second way of the table.
_CREDIT = ("BT-3", "BT-9", "BT-11", "BT-129", "BT-130", "BG-25")
_BY_SCHEME = ("BT-29", "BT-46", "BT-60", "BT-71")
#: One payment account, with what is said of it (BG-16, BG-17).
ACCOUNT = ("BT-81", "BT-82", "BT-83", "BT-84", "BT-85", "BT-86")
_PER_ACCOUNT = ("BT-84", "BT-85", "BT-86")
_VAT_POINT = ("BT-7", "BT-8")
# BT-8: the code that UBL takes from UNTDID 2005, and CII from UNTDID 2475.
_VAT_POINT_CODES = {"3": "5", "35": "29", "432": "72"}
_DATES = tuple(
    f"{{{NAMESPACES[prefix]}}}{name}"
    for prefix, name in (("udt", "DateTimeString"), ("udt", "DateString"), ("qdt", "DateTimeString"))
)


class Ambiguous(ValueError):
    """Several values that cannot be told apart once written; `term` says which."""

    def __init__(self, term: str) -> None:
        super().__init__(term)
        self.term = term


def document(reading: Reading, family: str) -> etree._Element:
    """The document that says what `reading` says. Raises Ambiguous for accounts whose parts cannot be matched."""
    credit = family == "ubl" and reading.one("BT-3") in CREDIT_NOTE_TYPES
    writer = _Writer(reading, family, credit)
    writer.write()
    return writer.root


class _Writer:
    def __init__(self, reading: Reading, family: str, credit: bool) -> None:
        self._reading, self._family, self._credit = reading, family, credit
        self._open: dict[tuple[etree._Element, str], etree._Element] = {}
        self.root = _root(family, credit)

    def write(self) -> None:
        self._terms(self.root, HEADER, self._reading, skip=(*ACCOUNT, *(_VAT_POINT if self._family == "cii" else ())))
        self._accounts()
        self._groups(self.root, GROUPS, self._reading)
        (_complete_ubl if self._family == "ubl" else _complete_cii)(self.root, self._reading)
        kind = "cii" if self._family == "cii" else "ubl-creditnote" if self._credit else "ubl-invoice"
        order(kind).sort(self.root)

    def _terms(self, start: etree._Element, terms: Sequence[Term], reading: Reading, skip: Sequence[str] = ()) -> None:
        for term in terms:
            if term.id not in skip:
                for value in reading.all(term.id):
                    self._put(start, term, value)

    def _accounts(self) -> None:
        rows = {term.id: term for term in HEADER}
        for index, account in enumerate(accounts(self._reading)):
            if index:
                self._forget("PaymentMeans")
            for name, value in account.items():
                if not (index and name == "BT-83" and self._family == "cii"):
                    self._put(self.root, rows[name], value)

    def _forget(self, name: str) -> None:
        gone = {key for key in self._open if key[1].partition("[")[0].endswith(name)}
        inside = {id(item) for key in gone for item in self._open[key].iter()}
        self._open = {key: item for key, item in self._open.items() if key not in gone and id(key[0]) not in inside}

    def _groups(self, start: etree._Element, groups: Sequence[Group], reading: Reading) -> None:
        for group in groups:
            steps = self._steps(group, None)
            for part in reading.group(group.id):
                element = self._leaf(start, steps)
                if group.id == "BG-1" and self._family == "ubl":
                    code, text = part.one("BT-21"), part.one("BT-22") or ""
                    element.text = f"#{code}#{text}" if code else text
                    continue
                self._terms(element, group.terms, part)
                self._groups(element, group.groups, part)

    def _put(self, start: etree._Element, term: Term, value: Value) -> None:
        steps = self._steps(term, value)
        if not steps:
            raise Ambiguous(term.id)
        if steps[-1].startswith("@"):
            self._along(start, steps[:-1]).set(steps[-1][1:], value.text)
            return
        if term.id == "BT-111":
            self._forget("TaxTotal") if self._family == "ubl" else None
        leaf = self._leaf(start, steps)
        if term.id == "BT-125":
            leaf.text = value.element.text
            for name in ("mimeCode", "filename"):
                leaf.set(name, value.element.get(name) or "")
            return
        leaf.text = self._text(term.id, value.text)
        if value.scheme:
            leaf.set("listID" if term.id == "BT-158" else "schemeID", value.scheme)

    def _text(self, term: str, text: str) -> str:
        if term == "BT-8":
            codes = _VAT_POINT_CODES if self._family == "cii" else {cii: ubl for ubl, cii in _VAT_POINT_CODES.items()}
            return codes.get(text, text)
        return text

    def _steps(self, row: Term | Group, value: Value | None) -> list[str]:
        alternatives = [each.strip() for each in getattr(row, self._family).split(" | ")]
        index = 0
        if self._family == "ubl" and self._credit and row.id in _CREDIT:
            index = 1
        elif self._family == "cii" and value is not None:
            plain = row.id in _BY_SCHEME and not value.scheme
            other = row.id == "BT-84" and not _IBAN.fullmatch(value.text.replace(" ", "").upper())
            index = int(plain or other)
        chosen = alternatives[index] if index < len(alternatives) else alternatives[0]
        return [] if not chosen else ["."] if chosen == "." else re.findall(r"(?:[^/\[\]]|\[[^\[\]]*\])+", chosen)

    def _leaf(self, start: etree._Element, steps: list[str]) -> etree._Element:
        """A new element at the end of the path, in containers that are shared where they may be."""
        holder = self._along(start, steps[:-1])
        element = _made(holder, steps[-1])
        self._open[holder, steps[-1]] = element
        return element

    def _along(self, start: etree._Element, steps: list[str]) -> etree._Element:
        element = start
        for step in steps:
            found = self._open.get((element, step))
            if found is None or step.partition("[")[0] in _ONE_EACH[self._family]:
                found = _made(element, step)
                self._open[element, step] = found
            element = found
        return element


def accounts(reading: Reading) -> Iterator[dict[str, Value]]:
    """The payment accounts, each with what is said of it. Raises Ambiguous when the parts do not match up."""
    found = {term: reading.all(term) for term in ACCOUNT if reading.all(term)}
    count = max((len(found[term]) for term in _PER_ACCOUNT if term in found), default=1)
    for term, values in found.items():
        if len(values) == count or (term not in _PER_ACCOUNT and len({value.text for value in values}) == 1):
            continue
        raise Ambiguous(term)
    for index in range(count if found else 0):
        yield {term: values[index if len(values) == count else 0] for term, values in found.items()}


def _root(family: str, credit: bool) -> etree._Element:
    if family == "cii":
        spaces = {prefix: NAMESPACES[prefix] for prefix in ("rsm", "qdt", "ram", "udt")}
        return etree.Element(f"{{{CII}}}CrossIndustryInvoice", nsmap=spaces)
    name = "CreditNote" if credit else "Invoice"
    space = f"{UBL}{name}-2"
    return etree.Element(f"{{{space}}}{name}", nsmap={None: space, "cac": NAMESPACES["cac"], "cbc": NAMESPACES["cbc"]})


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _made(holder: etree._Element, step: str) -> etree._Element:
    """A new element of a step such as ``ram:ID[@schemeID='VA']``, made so that it passes the step's own test."""
    match = _STEP.fullmatch(step)
    if match is None:
        raise ValueError(f"not a step that can be written: {step}")
    prefix, name, test = match.groups()
    element = etree.SubElement(holder, f"{{{NAMESPACES[prefix]}}}{name}")
    said = _SAID.search(_DENIED.sub("", test or ""))
    if said is not None:
        where, text = said.groups()
        if where.startswith("@"):
            element.set(where[1:], text)
        else:
            inner = element
            for each in where.split("/"):
                inner = etree.SubElement(inner, _tag(each))
            inner.text = text
    return element


def _add(holder: etree._Element, path: str, text: str) -> None:
    for step in path.split("/"):
        holder = etree.SubElement(holder, _tag(step))
    holder.text = text


def _complete_ubl(root: etree._Element, reading: Reading) -> None:
    currency, accounting = reading.one("BT-5") or "", reading.one("BT-6") or ""
    for element in list(root.iter(etree.Element)):
        name = etree.QName(element).localname
        if name.endswith("Amount"):
            element.set("currencyID", currency)
        elif name in ("TaxCategory", "ClassifiedTaxCategory"):
            _add(element, "cac:TaxScheme/cbc:ID", "VAT")
        elif name == "PartyTaxScheme" and element.find(_tag("cac:TaxScheme")) is None:
            # UBL wants a scheme of every registration; whatever is not VAT is the local one (BT-32).
            _add(element, "cac:TaxScheme/cbc:ID", "VAT" if _of(element, "TaxRepresentativeParty") else "LOC")
        elif name == "AllowanceCharge" and element.find(_tag("cbc:ChargeIndicator")) is None:
            _add(element, "cbc:ChargeIndicator", "false")
    totals = root.findall(_tag("cac:TaxTotal"))
    if reading.one("BT-111") and totals:
        for amount in totals[-1].iter(_tag("cbc:TaxAmount")):
            amount.set("currencyID", accounting)
        if len(totals) > 1:
            for part in totals[-1].findall(_tag("cac:TaxSubtotal")):
                totals[0].append(part)
                for amount in part.iter(_tag("cbc:TaxAmount")):
                    amount.set("currencyID", currency)


def _of(element: etree._Element, name: str) -> bool:
    holder = element.getparent()
    return holder is not None and etree.QName(holder).localname == name


def _complete_cii(root: etree._Element, reading: Reading) -> None:
    currency, accounting = reading.one("BT-5") or "", reading.one("BT-6") or ""
    for element in list(root.iter(etree.Element)):
        name = etree.QName(element).localname
        if element.tag in _DATES:
            element.set("format", "102")
            element.text = (element.text or "").replace("-", "")
        elif name in ("ApplicableTradeTax", "CategoryTradeTax"):
            _add(element, "ram:TypeCode", "VAT")
        elif name == "SpecifiedProcuringProject":
            _add(element, "ram:Name", "Project reference")  # mandatory in the schema, without a term
        elif name == "AppliedTradeAllowanceCharge":
            _add(element, "ram:ChargeIndicator/udt:Indicator", "false")
        elif name == "ID" and _of(element, "SpecifiedTaxRegistration") and element.get("schemeID") is None:
            element.set("schemeID", "VA")
    sums = root.findall(f".//{_tag('ram:TaxTotalAmount')}")
    for index, amount in enumerate(sums):
        amount.set("currencyID", accounting if index or not reading.one("BT-110") else currency)
    deal = root.find(_tag("rsm:SupplyChainTradeTransaction"))
    if deal is not None and deal.find(_tag("ram:ApplicableHeaderTradeDelivery")) is None:
        etree.SubElement(deal, _tag("ram:ApplicableHeaderTradeDelivery"))
    for line in root.iter(_tag("ram:IncludedSupplyChainTradeLineItem")):
        for name in ("ram:SpecifiedTradeProduct", "ram:SpecifiedLineTradeAgreement", "ram:SpecifiedLineTradeDelivery"):
            if line.find(_tag(name)) is None:
                etree.SubElement(line, _tag(name))
    _vat_point(root, reading)


def _vat_point(root: etree._Element, reading: Reading) -> None:
    """When VAT falls due is said once in EN 16931, and in CII in each rate of the breakdown."""
    path = f".//{_tag('ram:ApplicableHeaderTradeSettlement')}/{_tag('ram:ApplicableTradeTax')}"
    code, day = reading.one("BT-8"), reading.one("BT-7")
    for tax in root.findall(path):
        if day:
            _add(tax, "ram:TaxPointDate/udt:DateString", day.replace("-", ""))
            tax[-1][0].set("format", "102")
        if code:
            _add(tax, "ram:DueDateTypeCode", _VAT_POINT_CODES.get(code, code))
