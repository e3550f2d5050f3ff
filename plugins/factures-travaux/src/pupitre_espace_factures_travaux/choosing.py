"""Which cadre is the right one: who deposits, under which contract, at which stage, and who else is in the portal (C)."""

from __future__ import annotations

from dataclasses import dataclass

from pupitre_espaces import Label

from .actors import HOLDER, JOINT, MOA, MOE, SUBCONTRACTOR
from .cadres import BY_CODE

#: The stages of a contract.
MONTHLY, FINAL, GENERAL, TACIT = "mensuel", "final", "general", "tacite"
#: What the paying structure says of its MOA (D.9); "ailleurs" is a structure that has one, outside the portal.
WITH, WITHOUT, ONLY = "avec", "sans", "exclusivement"

_FS = {
    HOLDER: Label("A1, dans Factures émises.", "A1, in Issued invoices."),
    SUBCONTRACTOR: Label("A9, dans Factures émises.", "A9, in Issued invoices."),
    JOINT: Label("A12, dans Factures émises.", "A12, in Issued invoices."),
}
_NOT_WORKS = Label(
    "Sans marché de travaux se référant au CCAG Travaux, la demande se dépose dans Factures émises.",
    "Without a works contract that refers to the CCAG Travaux, the demand is deposited in Issued invoices.",
)
_FEES = Label("Vos honoraires se facturent dans Factures émises (A1).", "Your fees are billed in Issued invoices (A1).")


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to the three questions, and what is known of the structures."""

    who: str
    stage: str
    #: A works contract that refers to the CCAG Travaux: both conditions must hold (D.1).
    works: bool = True
    moe_in_portal: bool = True
    moa: str = WITH


@dataclass(frozen=True, slots=True)
class Advice:
    """The cadre to deposit with, in this espace; None where there is none, and `text` says what to do."""

    code: str | None
    text: Label


def choose(given: Answers) -> Advice:
    """Return the one cadre that fits the answers, or what to do where this espace has none."""
    if not given.works:
        return Advice(None, Label(*(f"{a} {b}" for a, b in _pairs(_NOT_WORKS, _FS.get(given.who, _FEES)))))
    has_moa = given.moa in (WITH, ONLY)
    find = {HOLDER: _holder, MOE: _moe, MOA: _moa}.get(given.who)
    code = find(given, has_moa) if find else _CLAIMS.get((given.who, given.stage))
    if code is None:
        return Advice(None, _NOTHING)
    cadre = BY_CODE[code]
    if not cadre.may_begin:
        pieces = ", ".join(sorted(cadre.after, key=lambda each: int(each[1:])))
        return Advice(
            code,
            Label(
                f"{cadre.label.fr}. Se dépose depuis la pièce qui précède ({pieces}) : ouvrez-la dans son dossier.",
                f"{cadre.label.en}. It is deposited from the document before ({pieces}): open that one in its dossier.",
            ),
        )
    return Advice(code, cadre.help or cadre.label)


_CLAIMS = {
    (SUBCONTRACTOR, MONTHLY): "A10",
    # A sub-contractor's last demand is one like the others: the newer list has no A11.
    (SUBCONTRACTOR, FINAL): "A10",
    (JOINT, MONTHLY): "A13",
    (JOINT, FINAL): "A14",
}
_NOTHING = Label(
    "À cette étape, cet acteur ne dépose pas de pièce : il valide, ou attend celle d'un autre.",
    "At this stage this actor deposits nothing: he validates, or waits for somebody else's document.",
)


def _holder(given: Answers, has_moa: bool) -> str | None:
    if given.stage == MONTHLY:
        return "A4" if given.moe_in_portal else "A5" if has_moa else "A6"
    if given.stage == FINAL:
        return "A7" if given.moe_in_portal else "A8"
    return {GENERAL: "A8", TACIT: "A22"}.get(given.stage)


def _moe(given: Answers, has_moa: bool) -> str | None:
    if given.stage == MONTHLY:
        return "A15" if has_moa else "A16"
    if given.stage == FINAL:
        return "A17" if has_moa else "A18"
    return "A24" if given.stage == TACIT and not has_moa else None


def _moa(given: Answers, has_moa: bool) -> str | None:
    return {MONTHLY: "A19", FINAL: "A20", GENERAL: "A20", TACIT: "A25"}.get(given.stage) if has_moa else None


def _pairs(one: Label, other: Label) -> tuple[tuple[str, str], tuple[str, str]]:
    return ((one.fr, other.fr), (one.en, other.en))
