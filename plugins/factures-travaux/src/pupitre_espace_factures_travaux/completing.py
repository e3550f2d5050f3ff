"""What the espace says of a draft: values taken over from the document before, totals, the amounts of each stage, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import marshmallow
from pupitre_espaces import Amounts, Completed, Finding, RequestDraft, forms
from pupitre_espaces.lifecycle import PARIS

from . import dossier_rules, numbering, structure_rules
from .delays import Delays
from .findings import say
from .piece_forms import FINAL_SUM, MONTHLY_SUM, OF_ONE_DOCUMENT, PARTS, FinalPiece, MonthlyPiece

_CENT = Decimal("0.01")
#: The highest rate of VAT, and the most that may be retained (CCP R. 2191-33).
_HIGHEST_VAT, _MOST_RETAINED = Decimal("0.20"), Decimal("0.05")


def monthly(draft: RequestDraft, known: tuple[Delays, ...]) -> Completed:
    """Return the word of the espace on an account during the contract; `known` are the delays of the data."""
    return _complete(draft, known, MonthlyPiece, MONTHLY_SUM)


def final(draft: RequestDraft, known: tuple[Delays, ...]) -> Completed:
    """Return the word of the espace on an account at the end of the contract; `known` are the delays of the data."""
    return _complete(draft, known, FinalPiece, FINAL_SUM)


def taken_over(draft: RequestDraft, schema: type[marshmallow.Schema]) -> dict[str, Any]:
    """Return what was typed, and in its absence what the document before says: whoever admits its amounts has nothing to type."""
    previous = draft.previous
    before = previous.form if previous is not None else {}
    # A corrected document of one's own says what the refused one said; the next actor has reasons of his own.
    left = {"emise_le"} if previous is not None and previous.cadre == draft.cadre else OF_ONE_DOCUMENT
    texts = {
        name: value if isinstance(value, str | bool) else str(value)
        for name, value in before.items()
        if value is not None and name not in left
    }
    return {"emise_le": draft.clock.now().astimezone(PARIS).date(), **forms.read(schema, texts)[0], **draft.form}


def total(form: Mapping[str, Any], signs: Mapping[str, int]) -> Amounts | None:
    """Return net, VAT and gross; None as long as the works or the VAT are not typed."""
    if form.get("travaux") is None or form.get("tva") is None:
        return None
    net = sum((form[name] * sign for name, sign in signs.items() if form.get(name) is not None), Decimal(0)).quantize(
        _CENT
    )
    vat = form["tva"].quantize(_CENT)
    return Amounts(net, vat, net + vat)


def vat_of_parts(form: Mapping[str, Any]) -> Decimal | None:
    """Return the VAT of the parts by rate; None where the net total is not divided."""
    parts = [each.of(form) for each in PARTS if form.get(each.base) is not None]
    return sum((each.vat for each in parts), Decimal("0.00")) if parts else None


def _complete(
    draft: RequestDraft, known: tuple[Delays, ...], schema: type[marshmallow.Schema], signs: Mapping[str, int]
) -> Completed:
    form = taken_over(draft, schema)
    if draft.form.get("tva") is None and (vat := vat_of_parts(form)) is not None:
        # Who divides the net total anew has not to type the VAT, nor to delete that of the document before.
        form["tva"] = vat
    amounts = total(form, signs)
    if amounts is not None:
        retained = form.get("retenue") or Decimal(0)
        form |= {"net": amounts.net, "ttc": amounts.gross, "a_payer": (amounts.gross - retained).quantize(_CENT)}
    form |= dossier_rules.stages(draft, amounts)
    whole = replace(draft, form=form)
    findings = [*structure_rules.check(whole), *dossier_rules.check(whole, amounts, known), *_plausible(form, amounts)]
    return Completed(form, amounts=amounts, findings=findings, number=numbering.propose(draft))


def _plausible(form: Mapping[str, Any], amounts: Amounts | None) -> Iterable[Finding]:
    if amounts is None:
        return
    highest = (abs(amounts.net) * _HIGHEST_VAT).quantize(_CENT, ROUND_HALF_UP) + _CENT
    if abs(amounts.vat) > highest:
        yield say(
            "tva-elevee",
            "warning",
            ("La TVA dépasse 20 % du total HT.", "The VAT is more than 20 % of the net total."),
            ("Vérifiez la TVA.", "Check the VAT."),
            "tva",
        )
    if (form.get("retenue") or 0) > (abs(amounts.gross) * _MOST_RETAINED).quantize(_CENT, ROUND_HALF_UP):
        yield say(
            "retenue-elevee",
            "warning",
            ("La retenue de garantie dépasse 5 % du total TTC.", "The retention is more than 5 % of the gross total."),
            ("Vérifiez-la : 5 % au plus.", "Check it: 5 % at most."),
            "retenue",
        )
